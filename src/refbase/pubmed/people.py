"""Lists of contributors: persons, groups, and what publishers put in the place of either."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from refbase.identifiers import orcid
from refbase.pubmed.draft import Draft
from refbase.pubmed.markup import SHORT, all_tidy, leaf, text, tidy
from refbase.values import ET_AL, Name, dotted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_GENERATIONS = frozenset("jr sr ii iii iv 2nd 3rd 4th 5th 6th".split())
Said = dict[str, str]
"""The texts of an author's elements by their names."""
_WORDS = re.compile(r"[\s\-‐.]+")


def contributors(draft: Draft, authors: Element | None) -> tuple[Name, ...]:
    """The contributors in their order; `ET_AL` stands last where NLM or the source cut the list.

    Spellings that a correction took back (`ValidYN="N"`) are left out.
    """
    if authors is None:
        return ()
    valid = [author for author in authors[:] if author.get("ValidYN") != "N"]
    listed = [{child.tag: child.text or "" for child in author[:]} for author in valid]
    families = all_tidy([said.get("LastName", "") for said in listed])
    names = []
    for author, said, family in zip(valid, listed, families, strict=True):
        if name := _contributor(draft, author, said, family):
            names.append(name)
    if names and authors.get("CompleteYN") == "N":
        names.append(ET_AL)
    return tuple(names)


# Most authors have none of these
_MORE = frozenset(("CollectiveName", "Identifier", "Suffix"))


def _contributor(draft: Draft, author: Element, said: Said, family: str) -> Name | None:
    given, odd = _given(said.get("ForeName", ""), said.get("Initials", ""))
    if given and not odd and family[:1].isupper() and _MORE.isdisjoint(said):
        return Name(family, given)
    if "CollectiveName" in said:
        group = next(text(child) for child in author if child.tag == "CollectiveName")
        return Name(literal=group) if group else None
    if not family:
        whole = tidy(said.get("ForeName")) or tidy(said.get("Initials"))
        return Name(literal=whole) if whole else None
    if not given and " " in family:
        draft.report("odd-name", f"'{family}' stands as a surname, without given name; kept whole")
        return Name(literal=family)
    suffix = _generation(draft, family, tidy(said["Suffix"])) if "Suffix" in said else ""
    name = person(family, given, suffix)
    if odd:
        _list(draft, "initials", name, odd)
    if "Identifier" in said:
        _orcids(draft, author, name)
    return name


def person(family: str, given: str, suffix: str) -> Name:
    """A person, whose surname may begin with particles. Most do not, and are quicker made."""
    if suffix or not family[:1].isupper():
        return Name.person(family, given, suffix)
    return Name(family, given)


def _given(fore: str, initials: str) -> tuple[str, str]:
    """The given name, and the initials where they do not follow from it.

    >>> _given("Rutger Jan", "RJ"), _given("R J", "RJ"), _given("Iu Sh", "IuSh")
    (('Rutger Jan', ''), ('R. J.', ''), ('Iu Sh', 'IuSh'))
    """
    short = len(fore) + len(initials) < SHORT
    return _known_given(fore, initials) if short else _read_given(fore, initials)


def _read_given(fore: str, initials: str) -> tuple[str, str]:
    fore, initials = tidy(fore), tidy(initials)
    only_initials = not fore or (initials.isupper() and fore.replace(" ", "") == initials)
    follow = not fore or not initials or initials in (fore[0], _initials(fore))
    return dotted(initials) if only_initials else fore, "" if follow else initials


_known_given = lru_cache(maxsize=4096)(_read_given)


def _initials(given: str) -> str:
    return "".join(word[:1] for word in _WORDS.split(given))


def _list(draft: Draft, what: str, name: Name, value: str) -> None:
    """Keep what a name cannot hold: an ORCID, initials that do not follow from the given name."""
    draft.custom.setdefault(what, []).append({"author": name.inverted, what: value})


def _generation(draft: Draft, family: str, suffix: str) -> str:
    """MEDLINE's generations; publishers put degrees into the same place."""
    if not suffix or suffix.rstrip(".").lower() in _GENERATIONS:
        return suffix
    draft.report("odd-name", f"'{suffix}' behind '{family}' is no generation; left out")
    return ""


def _orcids(draft: Draft, author: Element, name: Name) -> None:
    for child in author:
        if child.tag == "Identifier" and child.get("Source") == "ORCID":
            said = leaf(child)
            if number := orcid(said):
                _list(draft, "orcid", name, number)
            else:
                draft.report("bad-identifier", f"'{said}' is no ORCID; left out")
