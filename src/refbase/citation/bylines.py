"""Who wrote it: the names with which a citation begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from refbase.citation import dotted
from refbase.values import ET_AL, Name, undotted

# What may stand in lower case inside a surname; any other word in lower case makes a title.
_PARTICLES = frozenset(
    """
    a af al av bin d da das de degli dei del della den der des di do dos du e el en het i ibn l
    la las le les lo los op san st t te ten ter und v van vd ver vom von y zu zum zur
    """.split()
)
# The same tied to the surname: `de-la-Cruz`, `deLemos`; one letter alone is no particle there.
_TIED = re.compile(
    rf"(?:(?:{'|'.join(sorted((p for p in _PARTICLES if len(p) > 1), key=len, reverse=True))})"
    r"(?:-|(?=[A-ZÀ-ÖØ-Þ])))+"
)
_GROUP = re.compile(
    r"\b(?:academy|agency|alliance|association|authority|board|cent(?:er|re)s?|club|coalition|"
    r"collaborat(?:ion|ors|ive)|college|commission|committee|conference|consortium|council|"
    r"department|editors|federation|foundation|group|groupe|initiative|institutes?|"
    r"investigators|members|ministry|networks?|office|organi[sz]ation|panel|practitioners|"
    r"program(?:me)?|project|task force|"
    r"registry|researchers|service|society|study|team|trialists|union|university)\b",
    re.I,
)
_CONNECTOR = re.compile(r"(?:(?:and|for|on behalf of|from|with)\s+)+(?:the\s+)?", re.I)
# Most names look like this, and need no closer look
_PLAIN = re.compile(r"[A-Z][a-z]+(?:-[A-Z][a-z]+)? [A-Z]{1,3}")
_GENERATION = re.compile(r"(?:jr|sr|[IV]{2,3}|[2-9](?:nd|rd|th))\.?", re.I)
# The end of the list: "et al" or "eds" with their signs, the year of a PLOS citation, or a sign.
_END = re.compile(
    r",?\s*\b(?P<cut>et\.? al|and others)\b\.?\s*(?P<after>[;,:]?)"
    r"|,?\s*\(?\b(?P<editors>eds?|editors?)\b\.?\)?[.,:]?"
    r"|\s*(?=\((?:1[6-9]|20)\d\d)"
    r"|(?P<sign>(?<!\bSt)[.;:])(?=\s|$|[^\W\d_]|\[)"
)
# What stands in a list of names is one, though it looks odd: `O ldziej S`, `Juan-Wu n`
_NEARLY = re.compile(r"[^\W\d_a-z][^\d.;:()]{0,40}\s[^\W\d_]{1,3}")
_CUT = re.compile(r"[,;]?\s*\b(?:et\.? al|and others)\b\.?\s*")
_GROUPS = re.compile(r"\s*((?:[^.]|\.(?=\S))+)(?:\.|$)")


@dataclass(frozen=True, slots=True)
class Byline:
    """The names, their role, where in the text they end, and those that are no plain names.

    `given_first` tells the style: `J.A. Doe, K. Roe`.
    """

    names: tuple[Name, ...] = ()
    role: str = "author"
    end: int = 0
    odd: tuple[str, ...] = ()
    given_first: bool = False


@lru_cache(maxsize=8)  # each layout that is tried asks again
def read(text: str) -> Byline:
    """The names at the beginning of a citation; none where it begins with its title.

    >>> byline = read("Lee W, vd Burg W, et al.; Example Study Group. A title. Lancet")
    >>> [name.inverted for name in byline.names], byline.end
    (['Lee, W.', 'vd Burg, W.', 'Example Study Group', 'et al.'], 46)
    >>> read("Drugs for lipids. Treat Guidel Med Lett 2014;12(137):1-6.").names
    ()
    """
    if printed := dotted.read(text):
        return _with_body(text, printed)
    found = _END.search(text)
    if not found:
        return Byline()
    persons = _persons(list(_listed(text[: found.start()])))
    if persons is None:
        return _only_body(text, found)
    names, odd = persons
    end = found.end()
    groups: list[Name] = []
    if found["sign"] == ";" or found["after"] in (";", ","):
        groups, end = _groups(text, end)
    elif found["cut"] and not found["after"]:
        groups, end = _group_sentence(text, end)
    cut = [ET_AL] if found["cut"] else []
    role = "editor" if found["editors"] else "author"
    return Byline((*names, *groups, *cut), role, end, tuple(odd))


_LAST_BODY = re.compile(r"\s*(?:(?:and|&)\s+)?([^\W\d_a-z][^.,;()]{2,120}?)(?:[.,]|(?=\s\())")


def _with_body(text: str, printed: dotted.Names) -> Byline:
    """Names with full stops, and the body that may be the last of them."""
    names, end = printed.names, printed.end
    last = _LAST_BODY.match(text, end) if text[end - 1] in ",;" else None
    if last and _GROUP.search(last[1]) and (_is_body(last[1]) or len(last[1].split()) < 4):
        names, end = (*names, _group(last[1])), last.end()
    role = "editor" if printed.editors else "author"
    return Byline(names, role, end, given_first=printed.given_first)


_DATED = re.compile(r"\s*\((?:1[6-9]|20)\d\d[a-z]?\)")


def _only_body(text: str, found: re.Match[str]) -> Byline:
    """A body that is the only author, in front of a full stop or a year."""
    end = found.end() - 1 if found["sign"] else found.end()
    if _DATED.match(text, end) and _is_body(text[:end]):
        return Byline((_group(text[:end]),), "author", end)
    stop = text.find(".", end) if found["editors"] else end
    return _body(text, stop + 1) if text[stop : stop + 1] == "." else Byline()


_AND = re.compile(r"(?:^|\s)(?:and|&)\s")


def _listed(text: str) -> Iterator[str]:
    """The items between the commas. `and` joins two persons; in the name of a body it stays."""
    for item in text.split(","):
        pair = _AND.split(item)
        if len(pair) > 1 and _GROUP.search(item) and not is_person(pair[0].strip()):
            yield item
        else:
            yield from pair


def _persons(items: list[str]) -> tuple[list[Name], list[str]] | None:
    """The names between the commas, and the odd ones among them; None if it is no such list."""
    names: list[Name] = []
    odd: list[str] = []
    items = [item.strip().removesuffix(".") for item in items if item.strip()]
    plain = [is_person(item) for item in items]
    several = sum(plain) * 2 >= len(items) > 2
    for place, item in enumerate(items):
        if plain[place]:
            names.append(Name.from_nlm(item))
        elif odd and odd[-1] == names[-1].surname and not names[-1].given and _is_initials(item):
            names[-1] = Name.from_nlm(f"{odd.pop()} {item}")  # Zimmerman, HJ.
        elif names and names[-1].given and _is_initials(item) and item.isupper():
            last = f"{names[-1].surname} {undotted(names[-1].given)}{item}"  # Zapata R, A, ...
            names[-1] = Name.from_nlm(last)
            odd.append(f"{last[: -len(item)]}, {item}")
        elif names and _GROUP.search(item):
            names.append(_group(item))
        elif _is_surname(item):
            names.append(Name.person(item))
            odd.append(item)
        elif several and _NEARLY.fullmatch(item):
            names.append(Name.from_nlm(item))
            odd.append(item)
        elif names and _GROUP.search(rest := ", ".join(items[place:])):
            names.append(_group(rest))  # a body with commas in its name
            break
        else:
            return None
    return (names, odd) if any(name.given for name in names) else None


def is_person(item: str) -> bool:
    """Whether a text is a surname with initials, as NLM prints names.

    >>> [is_person(x) for x in ("From A", "vd Burg W", "Bowers MB Jr", "Jevtović Dj")]
    [True, True, True, True]
    >>> [is_person(x) for x in ("Vitamin", "Update on vitamin E", "Study Group A")]
    [False, False, False]
    """
    if _PLAIN.fullmatch(item):
        return not _GROUP.search(item)
    words = item.split()
    if len(words) > 2 and _GENERATION.fullmatch(words[-1]) and _is_initials(words[-2]):
        words.pop()
    return (
        len(words) > 1
        and _is_initials(words[-1])
        and _is_surname(" ".join(words[:-1]))
        and not _GROUP.search(item)
    )


def _is_initials(word: str) -> bool:
    """`RJ`, `M-P`; and the mixed `PhI`, `Dj`, `RMcL`."""
    letters = word.replace("-", "")
    if not letters.isalpha() or not letters[0].isupper() or len(letters) > 5:
        return False
    capitals = sum(letter.isupper() for letter in letters)
    return capitals == len(letters) or len(letters) == 2 or (capitals > 1 and len(letters) < 5)


def _is_surname(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= 6
        and not any(character.isdigit() for character in text)
        and _capital(words[-1])
        and all(_capital(word) or word.strip("'’").lower() in _PARTICLES for word in words)
        and not _GROUP.search(text)
    )


def _capital(word: str) -> bool:
    """Whether a word begins with a capital, behind an elision or a particle as well."""
    bare = re.sub(r"^[^\W\d_]{1,2}['’]|^['’]", "", word)
    if tied := _TIED.match(bare):
        bare = bare[tied.end() :]
    return bare[:1].isupper() and all(c.isalpha() or c in "-'’.‐" for c in bare)


def _group(text: str) -> Name:
    """A body of people, without the words that only tie it to the names before."""
    text = text.strip()
    tie = _CONNECTOR.match(text)
    return Name(literal=text[tie.end() :] if tie else text)


def _groups(text: str, start: int) -> tuple[list[Name], int]:
    """What stands behind a semicolon, up to the full stop: bodies, now and then a person."""
    found = _GROUPS.match(text, start)
    if not found:
        return [], start
    listed, cut, rest = _CUT.sub("\n", found[1], count=1).partition("\n")
    items = [item.strip() for item in f"{listed};{rest}".split(";") if item.strip(" ,")]
    names = [Name.from_nlm(i) if is_person(i) else _group(i) for i in items]
    return [*names, ET_AL] if cut else names, found.end()


def _group_sentence(text: str, start: int) -> tuple[list[Name], int]:
    """`et al. Example Study Group. The title. Lancet`: a body in a sentence of its own."""
    found = _GROUPS.match(text, start)
    if found and _is_body(found[1]) and ". " in text[found.end() :]:
        return [_group(found[1])], found.end()
    return [], start


def _is_body(text: str) -> bool:
    """Whether a sentence is the name of a body: it says so, and it has capitals like a name."""
    words = [word for word in text.split() if len(word) > 3]
    return bool(_GROUP.search(text)) and all(word[:1].isupper() for word in words)


def _body(text: str, end: int) -> Byline:
    """A body that stands as the only author, with a title and more behind it."""
    sentence = text[: end - 1]
    if not _is_body(sentence) or text.count(". ", end) < 1:
        return Byline()
    names = [_group(sentence)]
    found = _GROUPS.match(text, end)
    if found and ";" in found[1] and _is_body(found[1]):
        more, end = _groups(text, end)
        names += more
    return Byline(tuple(names), "author", end)
