"""Made-up references of every shape, for properties: hypothesis strategies."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from refbase.model import Dossier, Entry, Record, Reference, Source, Value
from refbase.text import clean, printable
from refbase.values import ET_AL, Date, Name, possible
from refbase.vocab import DATES, NAMES, NUMBERS, TEXTS, TYPES

# What breaks files: markup, separators, tags of RIS, comments, escapes, several scripts
_HOSTILE = st.sampled_from(
    [
        "ER  - ", "TY  - JOUR", "\nER  - \n", "@article{x,", "}", "{", "\\", '"', "],[", "%", "~",
        "&lt;", "&copy", "<i>", "</i>", "<script>", "p <0.05", "; ", ", ", " and ", "$", "#", "_",
        "β", "日本", "é", "\u2028", "\x85", "\t", "\ufeff", "PMID: 1", "annote: x", "Edition: 2",
    ]
)  # fmt: skip
_CHARACTERS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
texts = (
    st.lists(_HOSTILE | _CHARACTERS, min_size=1, max_size=4)
    .map(lambda parts: printable("".join(parts)))
    .filter(clean)
)
one_line = texts.map(clean).filter(bool)

_part = st.sampled_from("Ploeg Müller O’Brien Smith-Jones Li de Gaulle Ng".split()) | one_line


def named(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Name]:
    """Names of these parts and no others: of a tuple, `builds` makes up what it is not told."""
    return st.fixed_dictionaries(parts).map(lambda drawn: Name(**drawn))


persons = named(
    family=_part,
    given=st.sampled_from(["", "R. J.", "John", "K.-M."]) | one_line,
    particle=st.sampled_from(["", "", "van der", "d'", "Van"]),
    dropping_particle=st.sampled_from(["", "", "de"]),
    suffix=st.sampled_from(["", "", "Jr.", "III"]),
    flags=st.sampled_from([(), (("comma-suffix", True),)]),
)
groups = named(
    literal=st.sampled_from(["Example Network", "University of Example, Department X"]) | one_line
)
_one_name = (persons | groups).filter(lambda name: name != ET_AL)
names = st.builds(
    lambda listed, cut: (*listed, *cut),
    st.lists(_one_name, min_size=1, max_size=4),
    st.sampled_from([(), (), (ET_AL,)]),
)

_parts = st.one_of(
    st.tuples(st.integers(1, 9999)),
    st.tuples(st.integers(1500, 2100), st.integers(1, 12)),
    st.tuples(st.integers(1500, 2100), st.integers(1, 12), st.integers(1, 31)).filter(possible),
    st.tuples(st.integers(1500, 2100), st.sampled_from([21, 22, 23, 24, 33, 34, 35, 36])),
)
dates = st.one_of(
    st.builds(Date, start=_parts, end=st.just(()) | _parts, circa=st.booleans()),
    st.builds(Date, literal=st.sampled_from(["in press", "n.d.", "2015 in press"]) | one_line),
)

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(-1e9, 1e9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
custom = st.dictionaries(texts.filter(lambda key: key != "et-al"), _json, max_size=3)


@st.composite
def references(draw: st.DrawFn, values: st.SearchStrategy[str] = texts) -> Reference:
    """A reference with some variables of every kind, an `annote` never: that is an entry's. No
    two texts are alike: a reader of RIS takes the second for a repetition of the first."""
    variables: dict[str, Value] = {}
    kinds: tuple[tuple[list[str], st.SearchStrategy[Any]], ...] = (
        (NAMES, names),
        (DATES, dates),
        ([*NUMBERS, *(name for name in TEXTS if name != "annote")], values),
        (["title", "container-title", "PMID", "note", "keyword"], values),
    )
    for known, value in kinds:
        for variable in draw(st.lists(st.sampled_from(known), max_size=4, unique=True)):
            variables[variable] = draw(value)
    said = [clean(text) for text in variables.values() if isinstance(text, str)]
    assume(len(said) == len(set(said)))
    return Reference(draw(st.sampled_from(sorted(TYPES))), variables, draw(custom))


keys = st.from_regex(r"[a-z]{2,9}[0-9]{4}[a-z]{0,3}", fullmatch=True)
entries = st.builds(
    Entry,
    bibliography=st.sampled_from(["", "Example"]),
    position=st.integers(0, 99),
    citation=st.just("") | texts,
    annotation=st.just("") | texts,
)
sources = st.builds(
    Source,
    kind=st.sampled_from(["file", "pubmed", "person"]),
    name=texts,
    checksum=st.just("0" * 64),
    time=st.just("2026-11-23T12:00:00Z"),
)
records = st.builds(
    Record, source=sources, reference=references(), raw=texts, line=st.integers(0, 999)
)
dossiers = st.builds(
    Dossier,
    reference=references(),
    key=keys,
    entries=st.lists(entries, max_size=2).map(tuple),
    tags=st.lists(one_line, max_size=2, unique=True).map(tuple),
    records=st.lists(records, max_size=1).map(tuple),
)
