r"""A BibTeX file cut into its entries, one at a time, whatever its size.

What is an entry, a comment or a fault is for bibtexparser's splitter to say. To it, a line that
begins with `@word{` begins a new block wherever it stands, even inside a brace that was never
closed: so a file can be cut in front of each such line, and a fault spoils one entry. Entries
without anything unusual in them are read by one regular expression, ten times as fast; a test
holds both equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from refbase.errors import Diagnostic, Severity, Span
from refbase.formats.base import Input
from refbase.model import Parsed

Fields = list[tuple[str, str]]


@dataclass(slots=True)
class Block:
    """One entry as it stands in the file: its type and the names of its fields in lower case,
    their values with macros replaced but in LaTeX. Of a `tidy` one, `text.clean` leaves each
    value alone; one that is `alone` has no field that names another entry."""

    type: str
    key: str
    fields: Fields
    raw: str
    span: Span
    diagnostics: dict[Diagnostic, None] = field(default_factory=dict)
    tidy: bool = False
    alone: bool = False

    def report(self, code: str, message: str, severity: Severity = Severity.WARNING) -> None:
        self.diagnostics[Diagnostic(code, message, self.span, severity)] = None

    def get(self, name: str) -> str:
        return next((value for known, value in self.fields if known == name), "")


def blocks(source: Input) -> Iterator[Block | Parsed]:
    """The entries of a file in its order, and findings about what is none.

    `@string` is taken where it is used; comments and `@preamble` belong to no reference and are
    told.
    """
    strings = dict(_MONTHS)
    following = 1
    for text, is_last in _pieces(source):
        raw = text.strip()
        line, following = following, following + text.count("\n")
        if plain := _plain(text):
            entry_type, key, names, values = plain
            # What is long is counted once
            first = line + text.count("\n", 0, text.find("@"))
            span = source.span(first, following - text.count("\n", text.rfind("}")))
            block = Block(entry_type.lower(), key, [], raw, span)
            _fill_plain(block, names, values, strings)
            yield block
        elif raw:
            # bibtexparser is loaded only now: that takes longer than most files do
            from refbase.formats.bibtex.unusual import split

            yield from split(text, source, line, strings, is_last)


# ----------------------------------------------------------------------------------- cutting

# Of a pattern that begins with one character, `re` looks for that first: eight times as fast,
# and an `@` is rarer than the end of a line
_AT = re.compile(r"@\w*+[ \t]*+[{(]")
_PERHAPS_START = re.compile(r"[^\S\n]*(@\w*[ \t]*)?\Z")


def _pieces(source: Input) -> Iterator[tuple[str, bool]]:
    """The text from each start of a block to the next, and whether it is the last one."""
    buffer = ""
    for _, more in source.pieces():
        last_line = buffer.rfind("\n") + 1
        # A long line is not searched twice
        scan = last_line - 1 if _PERHAPS_START.match(buffer, last_line) else len(buffer)
        buffer += more
        begin = 0
        for end in _starts(buffer, max(scan, 0)):
            yield buffer[begin:end], False
            begin = end
        buffer = buffer[begin:]
    yield buffer, True


def _starts(buffer: str, scan: int) -> Iterator[int]:
    """Where a line begins that begins a block. What begins the buffer needs not be found: nothing
    stands in front of it."""
    for found in _AT.finditer(buffer, scan):
        at = found.start()
        # No further back than to the last one, lest a long line take for ever
        end = buffer.rfind("\n", scan, at) + 1
        if end and (end == at or buffer[end:at].isspace()):
            yield end
        scan = at


# ------------------------------------------------------------------------------ plain entries

# As the splitter counts braces: one behind a backslash is none.
_FLAT = r"[^{}\\]++|\\++[{}]?"
_BRACED = rf"\{{(?:{_FLAT})*+\}}"
for _ in range(3):
    _BRACED = rf"\{{(?:{_FLAT}|{_BRACED})*+\}}"
# No macro or number is longer, and no name of a field; what is goes the long way
_PLAIN_VALUE = rf'(?:{_BRACED}|"[^"{{}}\\]*+"|\w{{1,1000}}+)'
_PLAIN_NAME = r"[a-zA-Z][\w:+.-]{0,50}+"
_NAME = r"[a-zA-Z][\w:+.-]*+"
_HEAD = re.compile(
    r"\s*+@([a-z]++)(?<!@comment)(?<!@string)(?<!@preamble)[ \t]*+\{"
    r'\s*+([^\s,={}"]*+)\s*+,',
    re.IGNORECASE,
)
# All fields at once, and whatever stands behind the last one
_FIELDS = re.compile(
    rf"\s*+({_PLAIN_NAME})\s*+=\s*+({_PLAIN_VALUE})\s*+(?:,|(?=\}}))|(.+)", re.DOTALL
)
_Plain = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def _plain(text: str) -> _Plain | None:
    """Type and key of an entry in which nothing is unusual, and the names and values of its
    fields."""
    head = _HEAD.match(text)
    if not head:
        return None
    *fields, (_, _, rest) = _FIELDS.findall(text, head.end()) or [("", "", "")]
    if rest.strip() != "}":
        return None
    names, values, _ = zip(*fields, strict=True) if fields else ((), (), ())
    return head[1], head[2], names, values


# ------------------------------------------------------------------------------------- values

_MONTHS = {
    month[:3].lower(): month
    for month in (
        "January February March April May June July August September October November December"
    ).split()
}
# A few lines of `@string{b = a # a}` could otherwise fill any memory
LONGEST_STRING, _LONGEST_VALUE = 5_000, 100_000
_BRACE = re.compile(r"(?<!\\)[{}]")
_BRACE_OR_QUOTE = re.compile(r'(?<!\\)[{}"]')
_BARE = re.compile(r'[^\s#{}"]+')
_BLANK = re.compile(r"[\s#]*")
_NEXT_FIELD = re.compile(rf"\s*({_NAME})\s*=\s*")


def _fill_plain(
    block: Block, names: tuple[str, ...], values: tuple[str, ...], strings: dict[str, str]
) -> None:
    """As `fill`, where a value is known to be one part, and the brace or quotation mark that
    begins it to close at its end."""
    known = len(names) < _MANY_FIELDS
    lowered, block.alone = _lowered(names) if known else _lowered.__wrapped__(names)
    said = [
        value[1:-1].strip() if value[0] in '{"' else _macro(block, value, strings).strip()
        for value in values
    ]
    block.fields = list(zip(lowered, said, strict=True))
    block.tidy = _is_tidy(said)


# No entry has so many; and of what has, nothing is remembered
_MANY_FIELDS = 100


@lru_cache(maxsize=1024)
def _lowered(names: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """The names in lower case, and whether no field of them names another entry. The entries of
    a file have few different sets."""
    lowered = tuple([name.lower() for name in names])
    return lowered, PARENT_FIELDS.isdisjoint(lowered)


PARENT_FIELDS = frozenset(("crossref", "xdata"))


def _is_tidy(values: Sequence[str]) -> bool:
    """Asked of all values at once: that is much quicker than one by one."""
    together = "".join(values)
    if "  " in together or "\n" in together or "\t" in together:
        return False
    # Of ASCII, `Input` lets nothing else through that cannot be printed
    return together.isascii() or "".join([v for v in values if not v.isascii()]).isprintable()


def fill(block: Block, fields: Fields, strings: dict[str, str]) -> None:
    """Add the fields to the block: no more delimiters, macros replaced."""
    for name, value in fields:
        if value[:1] == "{" and _closing(value, 0) == len(value):
            block.fields.append((name.lower(), value[1:-1]))
        else:
            _assemble(block, name, value, strings)


def _closing(value: str, start: int) -> int:
    """The place behind the brace or quotation mark that closes the one at `start`."""
    if value[start] == "{" and value.find("{", start + 1) < 0:
        end = value.find("}", start)
        if value[end - 1] != "\\":
            return end + 1 if end > 0 else len(value)
    depth, quoted = 0, value[start] == '"'
    for found in (_BRACE_OR_QUOTE if quoted else _BRACE).finditer(value, start + quoted):
        depth += {"{": 1, "}": -1, '"': 0}[found[0]]
        if depth <= 0 and (not quoted or found[0] == '"'):
            return found.end()
    return len(value)


def _assemble(block: Block, name: str, value: str, strings: dict[str, str]) -> None:
    """A value of several parts: `"5~" # mar`. Where a comma was forgotten, several fields."""
    parts: list[str] = []
    position = end = length = 0
    while (position := _after_blank(value, position)) < len(value):
        if parts and "#" not in value[end:position]:
            following = _NEXT_FIELD.match(value, position)
            block.report("missing-comma", f"something is missing in or behind '{name}'")
            if following:
                block.fields.append((name.lower(), "".join(parts)))
                name, position, parts = following[1], following.end(), []
                continue
        bare = _BARE.match(value, position)
        end = bare.end() if bare else max(_closing(value, position), position + 1)
        part = _macro(block, bare[0], strings) if bare else value[position + 1 : end - 1]
        length += len(part) if bare else 0
        if length > _LONGEST_VALUE:
            block.report("too-long", f"the macros in '{name}' make too long a text; it was cut")
            break
        parts.append(part)
        position = end
    block.fields.append((name.lower(), "".join(parts)))


def _after_blank(value: str, position: int) -> int:
    found = _BLANK.match(value, position)
    return found.end() if found else position


def _macro(block: Block, name: str, strings: dict[str, str]) -> str:
    if name.isdecimal():
        return name
    if name.lower() not in strings:
        block.report("unknown-string", f"no @string of the name '{name}'; its name is kept")
    return strings.get(name.lower(), name)
