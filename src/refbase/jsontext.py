"""JSON as refbase reads and writes it: no file brings us down.

The standard library takes `NaN`, numbers that no float holds, half surrogates and any depth of
nesting, and trips over them later, in the database or when they are written again.
"""

from __future__ import annotations

import json
import math
from typing import Any

from refbase.text import has_forbidden, is_printable, printable

DEPTH = 100
"""How deeply a value may be nested. A citation needs five levels."""
_DIGITS = 1000
_READABLE = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def dumps(value: Any) -> str:
    """A value as one line of JSON, in plain UTF-8; what UTF-8 cannot hold is escaped.

    >>> dumps({"family": "Müller"}), dumps("\\ud800")
    ('{"family": "Müller"}', '"\\\\ud800"')
    """
    if isinstance(value, str) and '"' not in value and "\\" not in value and is_printable(value):
        return f'"{value}"'
    written = _READABLE.encode(value)
    if written.isascii() or not has_forbidden(written):
        return written
    return json.dumps(value, allow_nan=False)


def loads(text: str) -> Any:
    """The value of a JSON text; `ValueError` says why it is none.

    Numbers that would not be the same again (`1e999`, `NaN`, thousands of digits) stay text.

    >>> loads('[1, 1e999, NaN, "a\\\\u0000b"]')
    [1, '1e999', 'NaN', 'ab']
    """
    try:
        value = _DECODER.decode(text)
        return _cleaned(value, DEPTH) if _may_be_unclean(text) else value
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as fault:
        before = text[: fault.pos][-20:]
        raise ValueError(f"{fault.msg} behind {before!r}" if before else fault.msg) from None


def load_at(text: str, start: int) -> tuple[Any, int] | None:
    """The value that begins at a place of a longer text, as `loads` gives it, and the place
    behind it; None if that is none, or does not end within the text.

    >>> load_at('[{"id": 1}, {"id": 2}]', 12), load_at('[{"id": 1', 1)
    (({'id': 2}, 21), None)
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
        written = text[start:end]
        return (_cleaned(value, DEPTH) if _may_be_unclean(written) else value), end
    except (RecursionError, ValueError):
        return None


def _may_be_unclean(text: str) -> bool:
    """Only escapes smuggle in what the decoder of the file has already taken out."""
    return "\\u" in text or text.count("[") + text.count("{") > DEPTH


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


def _float(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=str)


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return printable(value)
    if not depth and isinstance(value, list | dict):
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [_cleaned(member, depth - 1) for member in value]
    if isinstance(value, dict):
        return {printable(key): _cleaned(member, depth - 1) for key, member in value.items()}
    return value
