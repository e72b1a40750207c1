"""What it is called, and where it appeared: the part between the names and the imprint."""

from __future__ import annotations

import re

from refbase.citation.imprints import LANGUAGES

_BOUNDARY = re.compile(r"(?<=[.?!\]])\s+(?=\S)|(?<=[a-z)\]]\.)(?=[A-Z][a-z])")
_SMALL = frozenset("of the and & in for on de der la et und di du des".split())
_LANGUAGE = re.compile(r"\s*\[(?:Article in\s+)?(" + "|".join(LANGUAGES) + r")\.?\]\.?$")
_GLUED = re.compile(r"\w*[a-z]{3}\((?=[A-Za-z]{3,})[^)]*\)")
_QUOTED = re.compile(r"[‘“\"'](.+?)[.,]?[’”\"'][.,]?\s+([^\W\d_a-z][^‘’“”\"]*)")
_BY_COMMA = re.compile(r"(.+[^\s,]),\s+([^\W\d_a-z][^,]*)")
# A title keeps the full stop of an abbreviation that ends it: "... in the U.S."
_ABBREVIATION = re.compile(r"(?:\b[A-Za-z]\.){2,}$")
_ABBREVIATED = re.compile(r"(?<=[.?!\]])\s+([A-Z][a-z]{0,4})\.$")
# So many words no container title has; a longer one is a sentence of the title.
_MOST_WORDS = 16


def split(text: str, commas: bool = False) -> tuple[str, str, str]:
    """Title, container title, and a problem or an empty string. `commas` tells that a comma
    stands between them, as in the style of Elsevier and the IEEE.

    >>> split("Baclofen in stroke. A trial. Example J. ")
    ('Baclofen in stroke. A trial', 'Example J', '')
    >>> split("[Toxic hepatitis] Example Rev")
    ('[Toxic hepatitis]', 'Example Rev', '')
    >>> split("Death, damage and disease, Ex. J. Med. ", commas=True)
    ('Death, damage and disease', 'Ex. J. Med', '')
    """
    text = text.strip().rstrip(",;:").strip()
    if quoted := _QUOTED.fullmatch(text):
        return quoted[1], quoted[2].removesuffix("."), ""
    if commas and (found := _BY_COMMA.fullmatch(text)):
        return found[1], found[2].removesuffix("."), ""
    if not _ABBREVIATION.search(text):
        text = text.removesuffix(".").rstrip()
    for boundary in reversed(list(_BOUNDARY.finditer(text))):
        container = text[boundary.end() :]
        if _is_container(container):
            start = _abbreviated(text, boundary.start())
            return _title(text[:start]), text[start:].lstrip(), ""
    return _without_boundary(text)


def _is_container(text: str) -> bool:
    """Whether a sentence can be the name of a journal."""
    words = text.split()
    return (
        (text[0].isupper() or text[0].isdigit())
        and len(words) <= _MOST_WORDS
        and text[-1] not in "?!"
        and not re.search(r"\[(?!\w{1,3}\]$)", text)  # but: Virchows Arch [1]
    )


def _abbreviated(text: str, end: int) -> int:
    """Where a journal begins whose words are abbreviated with full stops: `Proc. Natl. Acad.`

    One word of five letters may as well be the last sentence of the title; a shorter one, or
    two of them, is not.
    """
    start, pieces = end, []
    while piece := _ABBREVIATED.search(text[:start]):
        start = piece.start()
        pieces.append(piece[1])
    return start if len(pieces) > 1 or (pieces and len(pieces[0]) < 5) else end


def _title(text: str) -> str:
    text = text.strip()
    return text if _ABBREVIATION.search(text) else text.removesuffix(".").rstrip()


def _without_boundary(text: str) -> tuple[str, str, str]:
    """Without a full stop the journal begins where all the words behind have capitals."""
    words = text.split(" ")
    start = len(words)
    while start and (words[start - 1] in _SMALL or _has_capital(words[start - 1])):
        start -= 1
    while start < len(words) and words[start] in _SMALL:
        start += 1
    title, container = " ".join(words[:start]), " ".join(words[start:])
    if not title or not container:
        return "", text, ""
    return title, container, f"no full stop in front of '{container}'"


def _has_capital(word: str) -> bool:
    return word.lstrip("(")[:1].isupper()


def language(title: str) -> tuple[str, str]:
    """The title without the language printed behind it, and the language.

    >>> language("[Liver damage] [Article in Polish]")
    ('[Liver damage]', 'pl')
    """
    found = _LANGUAGE.search(title)
    return (title[: found.start()], LANGUAGES[found[1]]) if found else (title, "")


def missing_blanks(title: str) -> list[str]:
    """The words of a title to which a bracket is glued: `Lioresal(baclofen)`."""
    return [found[0] for found in _GLUED.finditer(title)]
