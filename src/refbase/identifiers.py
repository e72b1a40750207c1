"""Identifiers of the works librarians cite (PMID, PMCID, DOI, ISBN, ISSN) and of people (ORCID).

Each is read from any of the spellings people paste (`PMID: 123`, a PubMed or DOI address,
`PMC123.1`), brought to one spelling, and checked as far as it can be without asking anybody.
What cannot be an identifier gives None: the caller keeps the text and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

# PubMed answers `-1` with PMID 1 and drops leading zeros, so what is not exactly a number of
# one to nine digits must never be sent or stored as a PMID.
_PMID = re.compile(r"(?:PMID:?\s*|(?:https?://)?\S*pubmed\S*/)?0*([1-9][0-9]{0,8})/?", re.I)
_PMCID = re.compile(
    r"(?:PMCID:?\s*|(?:https?://)?\S*/)?PMC\s?0*([1-9][0-9]{0,8})(?:\.[0-9]+)?/?", re.I
)
# No address of PubMed is longer; what is would only keep the patterns busy
_LONGEST = 300
_DOI = re.compile(r"(?:doi:?\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)?(10\.[0-9]{4,9}/\S+)", re.I)


def pmid(text: str) -> str | None:
    """The PMID that a text stands for, digits only.

    >>> pmid("PMID: 0123"), pmid("https://pubmed.ncbi.nlm.nih.gov/15390328/"), pmid("-1")
    ('123', '15390328', None)
    """
    found = _PMID.fullmatch(text.strip()) if len(text) < _LONGEST else None
    return found[1] if found else None


def pmcid(text: str) -> str | None:
    """The PMCID that a text stands for, always with `PMC` in front, without a version.

    >>> pmcid("pmc2424842"), pmcid("PMC7900001.1"), pmcid("2424842")
    ('PMC2424842', 'PMC7900001', None)
    """
    found = _PMCID.fullmatch(text.strip()) if len(text) < _LONGEST else None
    return f"PMC{found[1]}" if found else None


def doi(text: str) -> str | None:
    """The DOI that a text stands for, without `doi:` or an address in front, case as written.

    DOIs hold almost any character (`10.1016/0378-5122(79)90015-x`); two that differ only in
    case are the same DOI, so compare with `str.lower`.

    >>> doi("https://doi.org/10.5555/Example.1"), doi("doi: 10.5555/x"), doi("10.5/x")
    ('10.5555/Example.1', '10.5555/x', None)
    """
    text = text.strip()
    found = _DOI.fullmatch(text)
    if not found:
        return None
    return unquote(found[1]) if "doi.org/" in text.lower() else found[1]


def isbn(text: str) -> str | None:
    """The ISBN that a text stands for, without hyphens, if its check digit is right.

    >>> isbn("978-0-7817-1952-0"), isbn("0-306-40615-2"), isbn("0-306-40615-3")
    ('9780781719520', '0306406152', None)
    """
    digits = re.sub(r"(?i)^isbn(?:-1[03])?:?|[\s\-‐–]", "", text.strip()).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        total = sum((10 - i) * _digit(c) for i, c in enumerate(digits))
        return digits if total % 11 == 0 else None
    if re.fullmatch(r"97[89][0-9]{10}", digits):
        total = sum((1 + 2 * (i % 2)) * int(c) for i, c in enumerate(digits))
        return digits if total % 10 == 0 else None
    return None


def issn(text: str) -> str | None:
    """The ISSN that a text stands for, `NNNN-NNNC`, if its check digit is right.

    >>> issn("ISSN 00165085"), issn("0016-5084")
    ('0016-5085', None)
    """
    digits = re.sub(r"(?i)^issn:?|[\s\-‐–]", "", text.strip()).upper()
    if not re.fullmatch(r"[0-9]{7}[0-9X]", digits):
        return None
    if sum((8 - i) * _digit(c) for i, c in enumerate(digits)) % 11:
        return None
    return f"{digits[:4]}-{digits[4:]}"


def orcid(text: str) -> str | None:
    """The ORCID that a text stands for, in four groups, if its check digit (ISO 7064, MOD 11-2)
    is right.

    >>> orcid("https://orcid.org/0000000218250097"), orcid("0000-0002-1825-0098")
    ('0000-0002-1825-0097', None)
    """
    bare = r"(?i)^(?:https?://)?(?:www\.)?(?:orcid\.org)?/*|[\s\-]"
    digits = re.sub(bare, "", text).upper()
    if not re.fullmatch(r"[0-9]{15}[0-9X]", digits):
        return None
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    if "0123456789X"[(12 - total % 11) % 11] != digits[-1]:
        return None
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


def _digit(character: str) -> int:
    return 10 if character == "X" else int(character)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of identifier: the CSL variable that holds it, how to read it, where it leads."""

    variable: str
    parse: Callable[[str], str | None]
    url: str


SCHEMES: dict[str, Scheme] = {
    "PMID": Scheme("PMID", pmid, "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    "PMCID": Scheme("PMCID", pmcid, "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
    "DOI": Scheme("DOI", doi, "https://doi.org/{}"),
    "ISBN": Scheme("ISBN", isbn, ""),
    "ISSN": Scheme("ISSN", issn, ""),
}


def url(scheme: str, value: str) -> str:
    """The address at which a reader finds the work, or an empty string.

    >>> url("PMCID", "PMC2424842")
    'https://pmc.ncbi.nlm.nih.gov/articles/PMC2424842/'
    """
    return SCHEMES[scheme].url.format(value)


def recognise(text: str) -> tuple[str, str] | None:
    """Which identifier a pasted text is, as (scheme, value); None if it looks like none.

    A bare number is taken for a PMID; an ISSN needs its name or its hyphen.

    >>> recognise("PMC2424842"), recognise("15390328"), recognise("Gut 1986; 87-90.")
    (('PMCID', 'PMC2424842'), ('PMID', '15390328'), None)
    """
    for name in ("PMCID", "DOI", "PMID", "ISSN", "ISBN"):
        value = SCHEMES[name].parse(text)
        if value and not (name == "ISSN" and "-" not in text and "issn" not in text.lower()):
            return name, value
    return None
