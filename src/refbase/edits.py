"""What a person says of a reference: read from `var=value`, or from its text in an editor.

Only what was said is kept, never the rest of the reference: a later correction by PubMed or
another file must still reach what the person did not speak of. That a variable is unknown can
be said as well (`volume=`), and is a statement like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from refbase.cells import parse_value
from refbase.errors import UsageError
from refbase.identifiers import SCHEMES
from refbase.jsontext import dumps, loads
from refbase.merge import ABSENT
from refbase.model import Reference, Value
from refbase.text import clean, printable
from refbase.values import Date
from refbase.vocab import ALIASES, TYPES, VARIABLES

UNKNOWN_TYPE = "document"
KEY = "citation-key"
# What people call variables that CSL has another name for
_NAMES = {
    **{name.lower(): name for name in VARIABLES},
    **{name.lower(): variable for name, variable in ALIASES.items()},
    "authors": "author",
    "date": "issued",
    "journal": "container-title",
    "keywords": "keyword",
    "pages": "page",
    "year": "issued",
    "type": "type",
    "key": KEY,
    KEY: KEY,
}
_ELSEWHERE = {
    "annote": "an annotation belongs to a bibliography: `refbase annotate`",
    "annotation": "`refbase annotate`",
    "tag": "`refbase tag KEY +name`",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person says: values, variables that they say are unknown, and a new citation key."""

    values: Mapping[str, Value] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    key: str = ""

    @property
    def reference(self) -> Reference:
        """The statement as the reference of a person's record (see `refbase.merge`)."""
        variables = {name: value for name, value in self.values.items() if name != "type"}
        kind = self.values.get("type", UNKNOWN_TYPE)
        custom = {ABSENT: list(self.absent)} if self.absent else {}
        return Reference(str(kind), variables, custom)


def parse(assignments: Iterable[str]) -> Statement:
    """What `var=value` texts say; what cannot be true is a `UsageError`.

    Values are written as in a table (`refbase.cells`); the name of a variable is CSL's, in any
    case, with `_` or `-`, or what everybody calls it (`journal`, `pages`).

    >>> said = parse(["issued=1999-03", "Journal=Example J", "volume="])
    >>> said.values["issued"].start, said.values["container-title"], said.absent
    ((1999, 3), 'Example J', ('volume',))
    """
    values: dict[str, Value] = {}
    absent: list[str] = []
    key = ""
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise UsageError(
                f"'{assignment}' says nothing", "write variable=value, for example issued=1999-03"
            )
        variable, text = _variable(name.strip()), printable(text).strip()
        if variable in values or variable in absent:
            raise UsageError(f"'{variable}' is given twice")
        if variable == KEY:
            key = _key(text)
        elif text:
            values[variable] = _value(variable, text)
        else:
            absent.append(variable)
    return Statement(values, tuple(absent), key)


def between(old: Reference, new: Reference) -> Statement:
    """What must be said to make one state of a reference the other, the type and the variables.

    >>> work = Reference("book", {"title": "Exmple", "volume": "1"})
    >>> between(work, Reference("book", {"title": "Example"}))
    Statement(values={'title': 'Example'}, absent=('volume',), key='')
    """
    before, after = _whole(old), _whole(new)
    return Statement(
        {name: value for name, value in after.items() if before.get(name) != value},
        tuple(name for name in before if name not in after),
    )


def _whole(reference: Reference) -> dict[str, Value]:
    kind: dict[str, Value] = {} if reference.type == UNKNOWN_TYPE else {"type": reference.type}
    return kind | dict(reference.variables)


# ------------------------------------------------------------------------------- one value


def _variable(name: str) -> str:
    folded = name.lower().replace("_", "-")
    if folded in _ELSEWHERE:
        raise UsageError(f"'{name}' is not edited here", _ELSEWHERE[folded])
    if folded not in _NAMES:
        raise UsageError(f"'{name}' is not a CSL variable", "for example: title, issued, PMID")
    return _NAMES[folded]


def _value(variable: str, text: str) -> Value:
    if variable == "type":
        return _type(text)
    value = parse_value(variable, text, lambda code, message: None)
    if not value:
        raise UsageError(f"'{text}' is no {variable}", _example(variable))
    return _checked(variable, value)


def _checked(variable: str, value: Value) -> Value:
    """The value, if it can be one: an identifier in its one spelling, a date that is a date."""
    if isinstance(value, Date) and any(map(str.isdigit, value.literal)):
        hint = "1999, 1999-03-31, 1998-12/1999-01, 1999~ (about), or words: in press"
        raise UsageError(f"{variable}: '{value.literal}' is no date", hint)
    if variable in SCHEMES and isinstance(value, str):
        found = SCHEMES[variable].parse(value)
        if not found:
            raise UsageError(f"'{value}' is no {variable}", _example(variable))
        return found
    return value


def _type(text: str) -> str:
    if text not in TYPES:
        raise UsageError(f"'{text}' is not a CSL type", ", ".join(sorted(TYPES)))
    if text == UNKNOWN_TYPE:
        raise UsageError("'document' means that the type is not known", "write type= for that")
    return text


def _key(text: str) -> str:
    key = clean(text)
    if not key or " " in key:
        raise UsageError(f"'{text}' is no citation key", "one word without blanks")
    return key


_EXAMPLES = {
    "PMID": "for example 15390328",
    "PMCID": "for example PMC2424842",
    "DOI": "for example 10.5555/example",
    "ISBN": "its check digit is wrong, or it has too few digits",
    "ISSN": "its check digit is wrong, or it has too few digits",
}


def _example(variable: str) -> str:
    return _EXAMPLES.get(variable, "")


# ------------------------------------------------------------------------------- a text


def to_text(reference: Reference, key: str) -> str:
    """The reference for an editor: CSL-JSON, one variable a line.

    What CSL has no variable for is left out: a person can neither judge nor mend it there.
    """
    item = reference.to_csl()
    cut = item.pop("custom", {}).get("et-al")
    kind = item.pop("type")
    shown = {KEY: key, "type": kind, **item, **({"custom": {"et-al": cut}} if cut else {})}
    lines = ",\n".join(f"  {dumps(name)}: {dumps(value)}" for name, value in shown.items())
    return f"{{\n{lines}\n}}\n"


def from_text(text: str, old: Reference, key: str) -> Statement:
    """What somebody said by changing the text that `to_text` gave; `ValueError` tells the line
    where it is no longer one, `UsageError` the value that cannot be."""
    item = _item(text)
    faults: list[str] = []
    custom = item.get("custom")
    if isinstance(custom, Mapping) and custom.keys() - {"et-al"}:
        faults.append(f"'{min(custom.keys() - {'et-al'})}' of custom is not edited here")
    new = Reference.from_csl(item, lambda code, message: faults.append(message))
    if faults:
        raise UsageError("; ".join(faults), "names and kinds of variables: CSL 1.0.2")
    statement = between(old, new)
    values = {name: _said(name, value) for name, value in statement.values.items()}
    renamed = _key(str(item.get(KEY) or key))
    return Statement(values, statement.absent, renamed if renamed != key else "")


def _said(variable: str, value: Value) -> Value:
    if variable in _ELSEWHERE:
        raise UsageError(f"'{variable}' is not edited here", _ELSEWHERE[variable])
    return _checked(variable, value)


def _item(text: str) -> dict[str, Any]:
    try:
        json.loads(text)
    except json.JSONDecodeError as fault:
        raise ValueError(f"line {fault.lineno}: {fault.msg}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    item = loads(text)
    if not isinstance(item, dict):
        raise ValueError("not a CSL-JSON object, which stands in { }")  # noqa: TRY004
    return item
