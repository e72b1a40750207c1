r"""Rich text as LaTeX, in the few forms that all readers of bibliography files decode.

Five readers were measured (Zotero, pandoc, Better BibTeX, citation-js, biblatex-csl-converter).
They agree on UTF-8 text with `\& \% \# \_ \$ \{ \}`, on `\textit`, and on little else: a macro
for any other character is left standing by one of them. So a character is written as itself; the
five that have no common form are replaced by one that looks alike, and `tell` is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from refbase.latex.common import Tell, has_any, ignore
from refbase.text import is_printable, plain, printable, render

_ESCAPES = [(character, f"\\{character}") for character in "&%#_${}"]

# Look-alikes whose compatibility decomposition (NFKC) is the character that they stand for, so
# that a search that folds text still finds it; but `∼` for `~`, which every reader measured.
_STAND_INS = {"~": "∼", "\\": "＼", "$": "＄", "{": "｛", "}": "｝"}

# What TeX, and Zotero's import more widely, joins into one character: `--` becomes a dash, `TEL`
# the telephone sign. An empty group keeps it apart. By first character: most texts lack it.
_JOINED = {
    "-": ("--",),
    "'": ("''",),
    "`": ("``",),
    "!": ("!!", "!?", "!`"),
    "?": ("?!", "?`"),
    "^": ("^^",),
    "T": ("TEL",),
}
_JOINT = re.compile(r"-(?=-)|'(?=')|`(?=`)|!(?=[!?`])|\?(?=[!`])|\^(?=\^)|TE(?=L)")

# One search that most texts pass. An alternation of plain strings is what `re` scans
# fastest: five times a character class on a title.
_SPECIAL = re.compile("|".join(map(re.escape, [*"&%#_${}~\\<", *chain(*_JOINED.values())])))

_BREAKS = re.compile(r" *[\t-\r\x85\u2028\u2029][\t-\r\x85\u2028\u2029 ]*")
_WORD = re.compile(r"(?:[^\W_]\.){2,}|[^\W_]+(?:[-'’.][^\W_]+)*")


def text(rich: str, tell: Tell = ignore) -> str:
    r"""Rich text in LaTeX.

    >>> text("<i>E. coli</i> & CO<sub>2</sub> on the 5<sup>th</sup> day: ~5%, p<0.05")
    '\\textit{E. coli} \\& CO₂ on the 5$^{\\textrm{th}}$ day: ∼5\\%, p<0.05'
    """
    # On a long text the search costs more than all that it could save
    if len(rich) < _LONG and is_plain(rich):
        return rich
    rich = _settled(rich, tell)
    if "</" not in rich:
        return _escaped(rich)
    return "".join(
        _marked(_escaped(run), marks[-1]) if marks else _escaped(run)
        for run, marks in _runs(rich, tell)
    )


def title(rich: str, tell: Tell = ignore) -> str:
    r"""A title in LaTeX whose capitals survive a style, or pandoc, that sets it in lower case.

    Each word with a capital is put in braces; the first word only for a capital behind its
    first letter.

    >>> title("Baclofen in the U.S.: the GABA receptor of <i>E. coli</i>")
    'Baclofen in the {U.S.}: the {GABA} receptor of {{\\textit{E. coli}}}'
    """
    if is_plain(rich):
        return _protected(rich, first=True)
    # The word in which such digits stand is one, and is one again when it is read
    rich = _SCRIPT.sub(lambda found: found[2].translate(_SCRIPTS[found[1]]), _settled(rich, tell))
    if "</" not in rich:
        return _protected(_escaped(rich), first=True)
    out: list[str] = []
    for run, marks in _runs(rich, tell):
        first = not any(map(_WORD.search, out))
        latex = _escaped(run)
        if not marks:
            out.append(_protected(latex, first))
        elif _protected(latex, first) == latex or marks[-1] in ("sup", "sub", "nocase"):
            out.append(_marked(latex, marks[-1]))
        else:
            # Twice: what stands in single braces and begins with a macro, BibTeX does change
            out.append(f"{{{{{_marked(latex, marks[-1])}}}}}")
    return "".join(out)


def literal(characters: str, tell: Tell = ignore) -> str:
    r"""Text in LaTeX in which nothing is markup, for names.

    >>> literal("Smith & <i>Sons</i>")
    'Smith \\& <i>Sons</i>'
    """
    return characters if is_plain(characters) else _escaped(_settled(characters, tell))


_LONG = 200


def is_plain(characters: str) -> bool:
    """Whether a text stands in LaTeX as it is."""
    return characters.isprintable() and not _SPECIAL.search(characters)


def _settled(rich: str, tell: Tell) -> str:
    """One line, of characters that can be written.

    One line, because of two paragraphs pandoc repeats what stands in quotation marks, Zotero
    makes one, and bibtexparser takes an `@` that begins a line for the next entry.
    """
    if not is_printable(rich):
        rich = _BREAKS.sub(" ", printable(rich)).strip()
    for character in "~\\":
        if character in rich:
            rich = _replaced(rich, character, tell)
    if "$" in rich and rich.count("$") > 1:
        # Zotero takes what stands between two of them for a formula and strips them
        rich = _replaced(rich, "$", tell)
    if "{" in rich or "}" in rich:
        rich = _paired(rich, tell)
    return rich


def _replaced(rich: str, character: str, tell: Tell) -> str:
    stand_in = _STAND_INS[character]
    tell(f"'{character}' has no form that all readers of BibTeX know; written '{stand_in}'")
    return rich.replace(character, stand_in)


def _paired(rich: str, tell: Tell) -> str:
    r"""Without the braces that lack a partner: BibTeX and biber count `\{` too.

    In text with markup all go: Zotero's import ends `\textit{` at the first brace it meets.
    """
    lone: list[int] = []
    opened: list[int] = []
    for place, character in enumerate(rich):
        if character == "{":
            opened.append(place)
        elif character == "}":
            if opened:
                opened.pop()
            else:
                lone.append(place)
    if "<" in rich and plain(rich) != rich:
        for character in "{}":
            if character in rich:
                rich = _replaced(rich, character, tell)
        return rich
    characters = list(rich)
    for place in (*lone, *opened):
        characters[place] = _replaced(rich[place], rich[place], tell)
    return "".join(characters)


def _escaped(settled: str) -> str:
    for character, form in _ESCAPES:
        if character in settled:
            settled = settled.replace(character, form)
    return _JOINT.sub(r"\g<0>{}", settled) if has_any(settled, _JOINED) else settled


_MACROS = {
    "i": ("\\textit{", "}"),
    "b": ("\\textbf{", "}"),
    "sc": ("\\textsc{", "}"),
    "sup": ("$^{\\textrm{", "}}$"),
    "sub": ("$_{\\textrm{", "}}$"),
    "nocase": ("{", "}"),
}
_SCRIPTS = {
    "sup": str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ"),
    "sub": str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
}
_SCRIPT = re.compile(r"<(su[bp])>([0-9+\-−=()]+)</\1>")


def _marked(latex: str, mark: str) -> str:
    """One run in its markup; digits and signs above and below the line have characters."""
    script = _SCRIPTS.get(mark, {})
    if script and all(ord(character) in script for character in latex):
        return latex.translate(script)
    opening, closing = _MACROS[mark]
    # No empty group may stand inside: Zotero's import ends `\textit{` at the first brace it meets
    return "".join(f"{opening}{piece}{closing}" for piece in latex.split("{}"))


_SEPARATED = {mark: (f"\0{mark}\0", f"\0/{mark}\0") for mark in _MACROS}


def _runs(rich: str, tell: Tell) -> Iterator[tuple[str, tuple[str, ...]]]:
    r"""Rich text in pieces, each with its markup. Only the innermost can be written: Zotero's
    import does not know `\textit{\textbf{...}}`."""
    marks: list[str] = []
    for place, piece in enumerate(render(rich, str, _SEPARATED).split("\0")):
        if not place % 2:
            if len(marks) > 1:
                tell("markup within markup is not written")
            if piece:
                yield piece, tuple(marks)
        elif piece[0] == "/":
            marks.pop()
        else:
            marks.append(piece)


def _protected(latex: str, first: bool) -> str:
    """Every word with a capital in braces; in front of them all there may be a first word."""
    if first and latex[1:] == latex[1:].lower():
        return latex

    def braced(found: re.Match[str]) -> str:
        nonlocal first
        word = found[0]
        tail, first = (word[1:] if first else word), False
        return word if tail == tail.lower() else f"{{{word}}}"

    # No word holds a blank, so what has no capital need not be searched, but for the first one
    return " ".join(
        [
            part if not first and part == part.lower() else _WORD.sub(braced, part)
            for part in latex.split(" ")
        ]
    )
