"""Is this the same work? Asked when a file is read, so that a reference gets a new record and
not a twin, and before anything that PubMed answers is believed.

An identifier alone decides nothing: in real chapters one PMID is printed on two letters by two
people, and digits get lost. So equal identifiers must be borne out by what else is known, and
titles that agree are never enough: a letter and its reply share one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import blake2b

from refbase.agreement import agree
from refbase.model import Reference
from refbase.text import fold, words
from refbase.values import first_page

IDENTIFIERS = ("PMID", "PMCID", "DOI")
_ALIKE, _UNLIKE = 0.8, 0.4


@dataclass(frozen=True, slots=True)
class Verdict:
    """`certain`: the same work. `doubtful`: a person must look. Neither: two works."""

    certain: bool = False
    doubtful: bool = False
    reasons: tuple[str, ...] = ()


def same_work(a: Reference, b: Reference) -> Verdict:
    """Whether two references describe one work, and why.

    >>> one = Reference("book", {"PMID": "1", "title": "Example of a work"})
    >>> same_work(one, Reference("book", {"PMID": "1", "title": "Example of a wurk"})).certain
    True
    >>> same_work(one, Reference("book", {"PMID": "1", "title": "Quite another thing"}))
    Verdict(certain=False, doubtful=True, reasons=('same PMID', 'different title'))
    """
    shared = [name for name in IDENTIFIERS if _identifier(a, name) and _agree_on(name, a, b)]
    other = [name for name in IDENTIFIERS if _differ_in(name, a, b)]
    evidence = _evidence(a, b)
    alike = [name for name, agrees in evidence.items() if agrees]
    unlike = [name for name, agrees in evidence.items() if agrees is False]
    reasons = (
        *(f"same {name}" for name in (*shared, *alike)),
        *(f"different {name}" for name in (*other, *unlike)),
    )
    if shared:
        # Two letters on one page share all but their authors, and chapters mix up their PMIDs
        contradicted = bool(other) or "author" in unlike or len(unlike) > len(alike)
        return Verdict(not contradicted, contradicted, reasons)
    same_print = bool(mark := fingerprint(a)) and mark == fingerprint(b)
    if same_print and not other and not unlike:
        return Verdict(True, False, reasons)
    return Verdict(False, same_print or (not other and len(alike) > 3 and not unlike), reasons)


def borne_out(printed: Reference, found: Reference) -> Verdict:
    """Whether the record that a printed identifier led to is the work that the citation prints.

    Digits get lost, numbers get swapped, and the next number is often that of the next letter on
    the page. So the title and the authors must agree, and no more than one sign of where it
    stands may speak against it: chapters misprint a page or a volume, but not both. Where nothing
    is printed but the identifier, nothing speaks against it.

    >>> printed = Reference("article-journal", {"PMID": "1", "title": "One example", "page": "3"})
    >>> found = Reference("article-journal", {"PMID": "1", "title": "A letter", "page": "77"})
    >>> borne_out(printed, found).doubtful
    True
    """
    other = [name for name in IDENTIFIERS[1:] if _differ_in(name, printed, found)]
    signs = _signs(printed, found)
    notice = bool(_NOTICE.search(_told(printed))) != bool(_NOTICE.search(_told(found)))
    reasons = (
        *(f"different {name}" for name in (*other, *_named(signs, False))),
        *(["one is a notice or a reply"] if notice and printed.title else []),
        *(f"same {name}" for name in _named(signs, True)),
    )
    bare = not any(name in printed.variables for name in _COMPARED)
    certain = bare or (not (other or notice) and _enough(signs))
    return Verdict(certain, not certain, reasons)


def recognised(printed: Reference, found: Reference) -> Verdict:
    """Whether what a search found is the work that was printed. Nobody named its number, so all
    must agree: title, author, year, page, and the volume or the journal. What agrees in part is
    doubtful; another title or other authors are another work.
    """
    verdict, signs = borne_out(printed, found), _signs(printed, found)
    needed = (signs[name] for name in ("title", "author", "year", "page"))
    agreed = all(needed) and bool(signs["volume"] or signs["container"])
    certain = verdict.certain and agreed and not _named(signs, False)
    possible = signs["title"] is not False and signs["author"] is not False
    return Verdict(certain, possible and not certain, verdict.reasons)


_COMPARED = ("title", "author", "editor", "container-title", "page", "volume")
_NUMERALS = re.compile(r"\b(?:\d+|[ivx]+)\b")
_NOTICE = re.compile(
    r"\b(?:errat(?:um|a)|corrigend(?:um|a)|retraction|reply|replies|response to|comments? on)\b"
)


def _signs(printed: Reference, found: Reference) -> dict[str, bool | None]:
    signs = _evidence(printed, found) | {"container": agree("container-title", printed, found)}
    if _NUMERALS.findall(_told(printed)) != _NUMERALS.findall(_told(found)) and signs["title"]:
        signs["title"] = None  # part I and part II
    return signs


def _told(reference: Reference) -> str:
    return " ".join(words(reference.title))


def _named(signs: Mapping[str, bool | None], value: bool) -> list[str]:
    return [name for name, sign in signs.items() if sign is value]


def _enough(signs: Mapping[str, bool | None]) -> bool:
    against = len(_named(signs, False))
    if signs["author"] is False or signs["title"] is False:
        return False
    if signs["title"] and signs["author"]:
        return against <= 1
    place = [name for name in ("year", "volume", "page", "container") if signs[name]]
    if signs["title"]:
        return not against and len(place) > 1  # a work without an author
    # A title in another language: all that is known of the place must agree
    return not against and len(place) > 2 and "page" in place


def fingerprint(reference: Reference) -> str:
    """A mark that two descriptions share only if they are of one work: title, year, first author,
    and where it begins. Empty where too little is known to be sure.

    A DOI or a PMID is not part of it, so that a bare citation meets its enriched twin; compare
    with `same_work` before believing it.
    """
    title = words(reference.title)
    author = _author(reference)
    place = first_page(reference.text("page")) or " ".join(words(reference.container_title))
    if not (title and author and reference.year and place):
        return ""
    parts = (" ".join(title), author, str(reference.year), fold(place))
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _identifier(reference: Reference, name: str) -> str:
    return reference.text(name).lower()


def _agree_on(name: str, a: Reference, b: Reference) -> bool:
    return _identifier(a, name) == _identifier(b, name)


def _differ_in(name: str, a: Reference, b: Reference) -> bool:
    return bool(_identifier(a, name) and _identifier(b, name)) and not _agree_on(name, a, b)


def _evidence(a: Reference, b: Reference) -> dict[str, bool | None]:
    """For each of five signs: the same (True), different (False), or unknown or unclear (None)."""
    return {
        "title": _titles(a, b),
        "author": _authors(a, b),
        "year": _years(a, b),
        "volume": _equal(a.text("volume"), b.text("volume")),
        "page": _equal(first_page(a.text("page")), first_page(b.text("page"))),
    }


def _equal(a: str, b: str) -> bool | None:
    return fold(a) == fold(b) if a and b else None


def _years(a: Reference, b: Reference) -> bool | None:
    """Print and electronic publication often fall a year apart: that speaks neither way."""
    if a.year is None or b.year is None or abs(a.year - b.year) == 1:
        return None
    return a.year == b.year


def _titles(a: Reference, b: Reference) -> bool | None:
    ours, theirs = set(words(a.title)), set(words(b.title))
    if not (ours and theirs):
        return None
    common = len(ours & theirs)
    if common >= _ALIKE * max(len(ours), len(theirs)) or (
        common > 2 and not (ours - theirs and theirs - ours)
    ):
        return True
    return False if common < _UNLIKE * min(len(ours), len(theirs)) else None


def _authors(a: Reference, b: Reference) -> bool | None:
    """Whether the first authors agree; different only if the lists have nobody in common."""
    ours, theirs = _surnames(a), _surnames(b)
    if not (ours and theirs):
        return None
    if _spelt_alike(ours[0], theirs[0]):
        return True
    common = any(_spelt_alike(one, other) for one in ours for other in theirs)
    return None if common else False


def _surnames(reference: Reference) -> list[str]:
    """Of the first few people: a list of a thousand would be compared with a thousand."""
    people = reference.names("author") or reference.names("editor")
    return [fold(name.family) for name in people[:20] if name.family]


def _spelt_alike(one: str, other: str) -> bool:
    """Equal but for a lost or wrong letter or two: `sletteb`, `slettebo`."""
    return one == other or SequenceMatcher(None, one, other).ratio() > _ALIKE


def _author(reference: Reference) -> str:
    """The surname of the first author, or the name of the body, or of the first editor."""
    for role in ("author", "editor"):
        for name in reference.names(role)[:1]:
            return " ".join(words(name.literal or name.family))
    return ""
