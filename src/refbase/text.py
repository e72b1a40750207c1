"""Text as citations hold it: Unicode, and CSL rich text in titles and notes.

Rich text is a plain string in which exactly these are markup, where they are properly nested:
`<i> <b> <sup> <sub> <sc>`, `<span class="nocase">` and
`<span style="font-variant:small-caps;">` with their ends. Any other `<` is the character:
`p <0.05` means what it says. Source: CSL 1.0.2 specification, "Rich text markup within fields".
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache

_TAG = re.compile(
    r"<(?:(/)?(i|b|sup|sub|sc|span)"
    r'|span (?:class="(nocase)"|style="font-variant:\s*(small-caps);?"))>'
)
_SPACE = re.compile(r"\s+")
# Not in any text: C0 and C1 controls but tab, newline, return and NEL; surrogates (no UTF-8
# exists for them); the two noncharacters at the end of the basic plane.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
# Letters that no Unicode decomposition takes apart, for keys and comparisons in ASCII.
_FOLDED = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L",
        "ħ": "h", "Ħ": "H", "ı": "i", "ĸ": "k", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T",
        "’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "“": '"', "”": '"',
    }
)  # fmt: skip


def unescaped(text: str) -> str:
    """Text in which HTML's character references have become characters.

    >>> unescaped("R&amp;D &#945; &nosuch;")
    'R&D α &nosuch;'
    """
    if "&" not in text:
        return text
    # Two thousand names, which most texts do without
    import html

    return html.unescape(text)


def clean(text: str) -> str:
    """One line of text in NFC: white space collapsed, forbidden characters out.

    >>> clean("  Lipscomb\\n DJ\\x00 ")
    'Lipscomb DJ'
    """
    if len(text) <= _SHORT and text.isascii():
        # Most texts by far: no more than this is asked of them
        if text.isprintable() and "  " not in text:
            return text.strip()
    elif is_line(text):
        return text.strip()
    return _SPACE.sub(" ", printable(text)).strip()


def is_line(text: str) -> bool:
    """Whether `clean` would only strip the text. Of all spaces, Python prints U+0020 alone.

    >>> is_line("Lipscomb DJ "), is_line("Lipscomb  DJ"), is_line("Lipscomb\xa0DJ")
    (True, False, False)
    """
    if _SHORT < len(text) < _HUGE:
        return _is_long_line(text)
    return text.isprintable() and "  " not in text and composed(text) is text


# An abstract is asked about by its reader and again by the writer, as the very same string,
# whose hash is known by then. A text of megabytes is not worth keeping for that.
_SHORT, _HUGE = 100, 20_000


def are_lines(texts: list[str]) -> bool:
    """Whether `clean` would leave every text as it is, which is sooner known of all at once.

    >>> are_lines(["Lipscomb", "DJ"]), are_lines(["Lipscomb ", "DJ"])
    (True, False)
    """
    return [*map(str.strip, texts)] == texts and _is_one_line("|".join(texts))


def _is_one_line(text: str) -> bool:
    if "  " in text:
        return False
    odd = _odd(text)
    if not odd.isprintable():
        return False
    return is_composed(odd.encode("utf-8", "surrogatepass")) or composed(text) is text


_is_long_line = lru_cache(maxsize=64)(_is_one_line)


def is_printable(text: str) -> bool:
    """`text.isprintable()`, which takes its time over a long text.

    >>> is_printable("p = 5 µg " * 100), is_printable("two\\nlines " * 100)
    (True, False)
    """
    return text.isprintable() if len(text) <= _SHORT else _odd(text).isprintable()


# With these bytes begins every character that may become one with the letter before it
_COMPOSING = re.compile(rb"[\xcc\xcd\xd9-\xdf\xe0\xe1\xe3\xea-\xf4]")


def is_composed(beyond: bytes) -> bool:
    """Whether a text surely is in NFC, told from what it holds beyond ASCII, in UTF-8. What is
    ASCII changes nothing in what follows it, unless that becomes one with it."""
    return beyond.isascii() or (
        not _COMPOSING.search(beyond) and unicodedata.is_normalized("NFC", beyond.decode())
    )


_USUAL = bytes(range(0x20, 0x7F))


def _odd(text: str) -> str:
    """What is left of a text without the characters that ASCII prints."""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _USUAL)
    return rest.decode("utf-8", "surrogatepass") if rest else ""


def printable(text: str) -> str:
    """The text in NFC without the characters that no file format and no database can hold."""
    if len(text) > _SHORT:
        if is_line(text):
            return text
    elif text.isascii() and text.isprintable():
        # Most texts by far, as in `clean`
        return text
    # What is printable to Python holds nothing forbidden; that is quicker to ask
    if not is_printable(text):
        text = _FORBIDDEN.sub("", text)
    return composed(text)


def composed(text: str) -> str:
    """The text in NFC: an accent and its letter are one character where there is one."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def has_forbidden(text: str) -> bool:
    """Whether the text holds characters that `printable` takes out."""
    return not is_printable(text) and _FORBIDDEN.search(text) is not None


def fold(text: str) -> str:
    """Plain lower-case ASCII for comparing and for citation keys: accents off, letters kept.

    >>> fold("Jevtović Dj, Slettebø"), fold("d’Émden")
    ('jevtovic dj, slettebo', "d'emden")
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_FOLDED))
        text = text.encode("ascii", "ignore").decode()
    return text.lower()


def unaccented(text: str) -> str:
    """Letters without accents, as searching wants them: any script, any case.

    >>> unaccented("Jevtović, β-Blocker")
    'Jevtovic, β-Blocker'
    """
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The words of a text, folded, for comparing titles: letters and digits only.

    >>> words("CO<sub>2</sub>-induced β-blockade: <5%")
    ['co2', 'induced', 'blockade', '5']
    """
    return re.findall(r"[a-z0-9]+", fold(plain(text)))


def plain(rich: str) -> str:
    """Rich text without its markup.

    >>> plain("<i>E. coli</i> O157, p<0.05")
    'E. coli O157, p<0.05'
    """
    return render(rich, str, {})


def render(rich: str, text: Callable[[str], str], tags: Mapping[str, tuple[str, str]], /) -> str:
    """Rich text in another notation: `text` writes the characters, `tags` the markup.

    The keys of `tags` are `i b sup sub sc nocase`; markup that has no key is left out. A tag
    without its partner is text like any other.

    >>> render("a<sup>2</sup> <b", str.upper, {"sup": ("^{", "}")})
    'A^{2} <B'
    """
    if "</" not in rich:
        return text(rich)
    out: list[str] = []
    start = 0
    for position, end, mark in _markup(rich):
        if position > start:
            out.append(text(rich[start:position]))
        name, opening = mark
        if name in tags:
            out.append(tags[name][0 if opening else 1])
        start = end
    if start < len(rich):
        out.append(text(rich[start:]))
    return "".join(out)


def _markup(rich: str) -> list[tuple[int, int, tuple[str, bool]]]:
    """The tags of a rich text that have a partner: (start, end, (name, is it an opening)).

    An end closes the nearest tag of its name; what was opened since then has no partner.
    """
    marks: list[tuple[int, int, tuple[str, bool]]] = []
    unclosed: list[tuple[str, str, int, int]] = []
    waiting: Counter[str] = Counter()
    for found in _TAG.finditer(rich):
        closing, element, nocase, small = found.groups()
        if not closing:
            name = "nocase" if nocase else "sc" if small else element
            if name != "span":
                unclosed.append((element or "span", name, found.start(), found.end()))
                waiting[element or "span"] += 1
            continue
        while waiting[element]:
            opened, name, start, end = unclosed.pop()
            waiting[opened] -= 1
            if opened == element:
                marks += [(start, end, (name, True)), (found.start(), found.end(), (name, False))]
                break
    return sorted(marks)
