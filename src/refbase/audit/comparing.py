"""A citation as it was printed against PubMed's record of the work, variable by variable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from refbase import identifiers
from refbase.agreement import agree, bare
from refbase.audit.findings import Finding
from refbase.cells import format_value
from refbase.model import Record, Reference
from refbase.notices import notices
from refbase.text import fold
from refbase.values import ET_AL, Name

AGREE, DIFFER, UNKNOWN = "agree", "differ", "unknown"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One printed variable against PubMed: `agree`, `differ`, or `unknown` where one of the two
    says nothing. `place` is where it is printed."""

    key: str
    variable: str
    verdict: str
    printed: str
    known: str
    place: str


def compare(
    key: str, printed: Record, pubmed: Record, settled: Iterable[str] = ()
) -> Iterator[Comparison]:
    """Every variable that a citation prints, but those that a person has settled."""
    place = f"{printed.source.name}, line {printed.line}" if printed.line else printed.source.name
    ours, theirs = printed.reference, pubmed.reference
    for variable, agrees in COMPARED.items():
        if variable not in settled:
            verdict = {True: AGREE, False: DIFFER, None: UNKNOWN}[agrees(variable, ours, theirs)]
            said, known = _shown(ours, variable), _shown(theirs, variable)
            yield Comparison(key, variable, verdict, said, known, place)


def findings(compared: Iterable[Comparison], pubmed: Record) -> Iterator[Finding]:
    """The differences among comparisons."""
    for one in compared:
        if one.verdict == DIFFER:
            identifier = one.variable in ("PMCID", "DOI")
            yield Finding(
                "identifier-differs" if identifier else f"{one.variable}-differs",
                one.key,
                f"{one.place} prints '{one.printed}', PubMed has '{one.known}'",
                variable=one.variable,
                source=_source(pubmed),
                printed=one.printed,
                known=one.known,
            )


def _source(pubmed: Record) -> str:
    return f"PubMed, {pubmed.source.time[:10]}" if pubmed.source.time else "PubMed"


def _shown(reference: Reference, variable: str) -> str:
    value = reference.variables.get(variable, "")
    if variable == "issued":
        return str(reference.year or format_value(value))
    return format_value(value)


# ------------------------------------------------------------------- what agreement means


def _titles(variable: str, ours: Reference, theirs: Reference) -> bool | None:
    one, other = ours.text(variable), theirs.text(variable)
    return bare(fold(one)) == bare(fold(other)) if one and other else None


def _identifiers(variable: str, ours: Reference, theirs: Reference) -> bool | None:
    one, other = ours.text(variable), theirs.text(variable)
    return one.lower() == other.lower() if one and other else None


def _people(variable: str, ours: Reference, theirs: Reference) -> bool | None:
    """Whether the lists name the same people, as far as both go; of given names the initials,
    as far as both have them. Accents, which citations drop, do not count."""
    one, other = ours.names(variable), theirs.names(variable)
    if not (one and other):
        return None
    cut = ET_AL in (one[-1], other[-1])
    one, other = (tuple(n for n in names if n != ET_AL) for names in (one, other))
    shortest = min(len(one), len(other))
    if len(one) != len(other) and not (cut and shortest):
        return False
    return all(_one_person(a, b) for a, b in zip(one[:shortest], other[:shortest], strict=True))


def _one_person(one: Name, other: Name) -> bool:
    if one.literal or other.literal:
        return _letters(one.literal or one.nlm) == _letters(other.literal or other.nlm)
    if _letters(one.surname) != _letters(other.surname):
        return False
    ours, theirs = _initials(one), _initials(other)
    return ours.startswith(theirs) or theirs.startswith(ours)


def _letters(text: str) -> str:
    return bare(fold(text)).replace(" ", "")


def _initials(name: Name) -> str:
    """`Jean-Paul`, `J.-P.` and `JP` alike."""
    parts = bare(fold(name.given)).split()
    if len(parts) == 1 and name.given.isupper():
        return parts[0]
    return "".join(part[0] for part in parts)


COMPARED: dict[str, Callable[[str, Reference, Reference], bool | None]] = {
    "author": _people,
    "title": _titles,
    "container-title": agree,
    "issued": agree,
    "volume": agree,
    "issue": agree,
    "page": agree,
    "PMCID": _identifiers,
    "DOI": _identifiers,
}
"""What is compared, and how."""


# ------------------------------------------------------------------- what PubMed knows more


def untold(key: str, pubmed: Record, printed: Sequence[Record]) -> Iterator[Finding]:
    """Retractions, corrections and updates with the way to the notice; what the citation leaves
    out."""
    for notice in notices(pubmed.reference):
        yield Finding(notice.kind, key, str(notice), source=_source(pubmed))
    if not printed:
        return
    known = pubmed.reference.pmcid
    if known and not any(record.reference.pmcid for record in printed):
        message = f"{known} is not in the citation: {identifiers.url('PMCID', known)}"
        yield Finding("pmc-not-linked", key, message, variable="PMCID", source=_source(pubmed))
    full = pubmed.reference.authors
    if full and full[-1] != ET_AL and all(_is_cut(record) for record in printed):
        message = f"PubMed names {len(full)} authors"
        yield Finding("cut-names", key, message, variable="author", source=_source(pubmed))


def _is_cut(record: Record) -> bool:
    return record.reference.authors[-1:] == (ET_AL,)
