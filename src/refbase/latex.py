r"""Rich text as LaTeX for bibliography files, in the few forms that all their readers decode; and
LaTeX as rich text, in the many forms that are met (`rich`).

Five readers were measured (Zotero, pandoc, Better BibTeX, citation-js, biblatex-csl-converter).
They agree on UTF-8 text with `\& \% \# \_ \$ \{ \}`, on `\textit`, and on little else: a macro
for any other character is left standing by one of them. So a character is written as itself; the
five that have no common form are replaced by one that looks alike, and `tell` is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from refbase.text import is_line, plain, printable, render

Tell = Callable[[str], None]
"""Told what could not be written as it is."""


def ignore(message: str) -> None:
    """The `Tell` of those who do not want to know."""


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
    if not (is_line(rich) or rich.isprintable()):
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
    for place in (*lone, *opened):
        stand_in = _replaced(rich[place], rich[place], tell)
        rich = rich[:place] + stand_in + rich[place + 1 :]
    return rich


def _escaped(settled: str) -> str:
    for character, form in _ESCAPES:
        if character in settled:
            settled = settled.replace(character, form)
    return _JOINT.sub(r"\g<0>{}", settled) if _has_any(settled, _JOINED) else settled


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


# ----------------------------------------------------------------------------------- reading


def rich(latex: str, tell: Tell = ignore) -> str:
    r"""LaTeX as rich text: accents and macros as characters, `\emph` and the like as markup.

    Braces that only protect capitals go. A macro that is not known stays as it is written, and
    `tell` is told.

    >>> rich(r"{\"U}ber \textit{E. coli}, {CO}$_2$ \& 5\,\% of {\ss} -- \foo{x}")
    'Über <i>E. coli</i>, CO<sub>2</sub> & 5 % of ß – \\foo{x}'
    """
    if not has_macros(latex):
        return latex
    # Most texts hold nothing but these: twenty times as fast
    short = _ACCENTED.sub(_accented, latex) if "{\\" in latex else latex
    for escape, character in _COMMON:
        if escape in short:
            short = short.replace(escape, character)
    if not _has_any(short, _MACROS_BUT_BRACES) and short.count("{") == short.count("}"):
        return short.replace("{", "").replace("}", "")
    return _Decoder(tell).decoded(latex)


# An accent as most programs write it, `{\"o}`, and what is one character in Unicode
_ACCENTED = re.compile(r"""\{\\(["'`^~])([A-Za-z])\}""")


@lru_cache(maxsize=256)
def _with_accent(accent: str, letter: str) -> str:
    return unicodedata.normalize("NFC", letter + _ACCENTS[accent])


def _accented(found: re.Match[str]) -> str:
    return _with_accent(found[1], found[2])


_COMMON = [(escape, escape[1]) for escape in (r"\&", r"\%", r"\#", r"\_")]
# What is not itself in LaTeX, each with the character by which it is found fastest
_MACROS_BUT_BRACES = {
    "\\": ("\\",), "$": ("$",), "~": ("~",), "-": ("--",), "`": ("``", "!`", "?`"), "'": ("''",),
}  # fmt: skip


def has_macros(latex: str) -> bool:
    """Whether any character of the text is LaTeX, and not only itself."""
    return (
        "{" in latex
        or "\\" in latex
        or ("-" in latex and "--" in latex)
        or "}" in latex
        or "$" in latex
        or "~" in latex
        or ("'" in latex and "''" in latex)
        or ("`" in latex and ("``" in latex or "!`" in latex or "?`" in latex))
    )


def _has_any(text: str, signs: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether one of the signs, listed by one of their characters, is in the text.

    Looking for one character is twenty times as fast as any other search.
    """
    for character, listed in signs.items():
        if character in text:
            for sign in listed:
                if sign in text:
                    return True
    return False


_TOKEN = re.compile(
    r"\\([a-zA-Z]+)\*?\s*|\\(.)|([{}$^_~])|(---?|``|''|!`|\?`)|[^\\{}$^_~`'!?-]+|.", re.DOTALL
)
_LIGATURES = {"--": "–", "---": "—", "``": "“", "''": "”", "!`": "¡", "?`": "¿"}
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328", "b": "\u0331", "t": "\u0361",
}  # fmt: skip
# An accent on nothing: `\~{}` is how many write a tilde, `\^{}` a caret
_ALONE = {"\u0300": "`", "\u0301": "´", "\u0302": "^", "\u0303": "~", "\u0308": "¨"}
_DOTLESS = {"ı": "i", "ȷ": "j"}
_SYMBOLS = {
    **{character: character for character in "&%$#_{}"},
    **dict.fromkeys(" \n,;:\\", " "),
    **dict.fromkeys("!/-@*()[]", ""),
    "|": "‖",
}


class _Wrap(NamedTuple):
    """What a macro puts around its argument; `single`: the argument may be one bare character."""

    opening: str = ""
    closing: str = ""
    math: bool = False
    single: bool = True


def _wraps() -> dict[str, _Wrap]:
    tags = {
        "i": "textit emph textsl mathit",
        "b": "textbf mathbf",
        "sc": "textsc",
        "sup": "textsuperscript textsu",
        "sub": "textsubscript textsu",
    }
    plain_ones = "textrm text textnormal textup textmd texttt textsf mbox hbox uline url path"
    wraps = {
        macro: _Wrap(f"<{tag}>", f"</{tag}>")
        for tag, macros in tags.items()
        for macro in macros.split()
    }
    wraps |= dict.fromkeys(plain_ones.split(), _Wrap())
    wraps |= dict.fromkeys("ensuremath mathrm mathsf mathcal mathbb".split(), _Wrap(math=True))
    return {**wraps, "enquote": _Wrap("“", "”"), "mkbibquote": _Wrap("“", "”")}


_WRAPS = _wraps()
_SCRIPT_WRAPS = {"^": _Wrap("<sup>", "</sup>", True), "_": _Wrap("<sub>", "</sub>", True)}
_DECLARATIONS = {
    **dict.fromkeys("it itshape em sl slshape".split(), "i"),
    **dict.fromkeys("bf bfseries".split(), "b"),
    **dict.fromkeys("sc scshape".split(), "sc"),
}
_SILENT = frozenset(
    """
    rm rmfamily tt ttfamily sf sffamily normalfont upshape mdseries tiny scriptsize footnotesize
    small normalsize large Large protect relax noindent ignorespaces unskip left right limits
    displaystyle textstyle nolinkurl nobreak allowbreak newblock
    """.split()
)
_CHARACTERS = dict(
    pair.split()
    for line in r"""
        ss ß, SS ẞ, ae æ, AE Æ, oe œ, OE Œ, o ø, O Ø, l ł, L Ł, aa å, AA Å, i ı, j ȷ, dh ð, DH Ð
        dj đ, DJ Đ, th þ, TH Þ, ng ŋ, NG Ŋ, imath ı, jmath ȷ
        alpha α, beta β, gamma γ, delta δ, epsilon ε, varepsilon ε, zeta ζ, eta η, theta θ
        vartheta ϑ, iota ι, kappa κ, lambda λ, lamda λ, mu μ, nu ν, xi ξ, omicron ο, pi π, rho ρ
        sigma σ, varsigma ς, tau τ, upsilon υ, phi φ, varphi φ, chi χ, psi ψ, omega ω
        Gamma Γ, Delta Δ, Theta Θ, Lambda Λ, Xi Ξ, Pi Π, Sigma Σ, Upsilon Υ, Phi Φ, Psi Ψ, Omega Ω
        textalpha α, textbeta β, textgamma γ, textdelta δ, textmu µ, textmugreek μ
        pm ±, textpm ±, mp ∓, times ×, texttimes ×, div ÷, textdiv ÷, cdot ·, ast ∗, star ⋆
        geq ≥, ge ≥, leq ≤, le ≤, textgreaterequal ≥, textlessequal ≤, approx ≈, sim ∼, simeq ≃
        neq ≠, ne ≠, equiv ≡, propto ∝, infty ∞, sqrt √, partial ∂, sum ∑, prod ∏, in ∈, gg ≫, ll ≪
        to →, rightarrow →, textrightarrow →, leftarrow ←, textleftarrow ←, leftrightarrow ↔
        Rightarrow ⇒, uparrow ↑, textuparrow ↑, downarrow ↓, textdownarrow ↓, circ ∘, prime ′
        textminus −, textendash –, textemdash —, textquoteleft ‘, textquoteright ’, lq ‘, rq ’
        textquotedblleft “, textquotedblright ”, quotedblbase „, quotesinglbase ‚
        textquotedbl ", textquotesingle ', textasciigrave `, guillemotleft «, guillemotright »
        guilsinglleft ‹, guilsinglright ›, textellipsis …, ldots …, dots …, cdots ⋯
        textperiodcentered ·, textbullet •, bullet •, textsection §, S §, textparagraph ¶, P ¶
        textdagger †, dag †, textdaggerdbl ‡, ddag ‡, textcopyright ©, copyright ©
        textregistered ®, texttrademark ™, textdegree °, degree °, textcelsius ℃, celsius ℃
        textonehalf ½, textonequarter ¼, textthreequarters ¾, textonesuperior ¹
        texttwosuperior ², textthreesuperior ³, textordmasculine º, textordfeminine ª
        textexclamdown ¡, textquestiondown ¿, textsterling £, pounds £, texteuro €, euro €
        textyen ¥, textcent ¢, textperthousand ‰, textless <, textgreater >, lt <, gt >
        textbar |, textbackslash \, textasciitilde ~, textasciicircum ^, textunderscore _
        textbraceleft {, textbraceright }, lbrace {, rbrace }, textdollar $, textnumbersign #
        textampersand &, textpercent %, slash /, textasteriskcentered *, textasteriskcentred *
        TeX TeX, LaTeX LaTeX, log log, ln ln, min min, max max, sin sin, cos cos, exp exp
    """.strip().splitlines()
    for pair in line.split(", ")
) | dict.fromkeys("quad qquad space thinspace enspace nobreakspace newline par".split(), " ")


class _Group:
    """What stands between two braces: the ends of its markup, and the mode outside."""

    __slots__ = ("closing", "math")

    def __init__(self, closing: str, math: bool) -> None:
        self.closing, self.math = closing, math


class _Decoder:
    """Reads LaTeX from left to right. `accent` and `wrap` wait for what follows them."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.out: list[str] = []
        self.groups = [_Group("", False)]
        self.math, self.accent = False, ""
        self.wrap: _Wrap | None = None
        self.dollars = 0

    def decoded(self, latex: str) -> str:
        tokens = list(_TOKEN.finditer(latex))
        self.dollars = sum(token[3] == "$" for token in tokens)
        for token in tokens:
            word, symbol, sign, ligature = token.groups()
            if word:
                self._macro(word, token[0])
            elif symbol:
                self._symbol(symbol)
            elif sign:
                self._sign(sign)
            else:
                self._text(_LIGATURES[ligature] if ligature and not self.math else token[0])
        while len(self.groups) > 1:
            self._close()
        self._end_group(self.groups[0])
        decoded = unicodedata.normalize("NFC", "".join(self.out))
        return decoded.replace("<sup>∘</sup>", "°")

    def _text(self, characters: str) -> None:
        if self.math:
            characters = characters.replace("-", "−")
        if self.accent or self.wrap:
            characters = characters.lstrip(" ")
            if not characters:
                return
            characters = self._finished(characters)
        self.out.append(characters)

    def _finished(self, characters: str) -> str:
        """The characters, the first of them with the accent and the markup that waited for it."""
        first, rest = characters[0], characters[1:]
        if self.accent:
            first, self.accent = _DOTLESS.get(first, first) + self.accent, ""
        if self.wrap and self.wrap.single:
            first = self.wrap.opening + first + self.wrap.closing
        self.wrap = None
        return first + rest

    def _macro(self, word: str, raw: str) -> None:
        if word in _CHARACTERS:
            self._text(_CHARACTERS[word])
        elif word in _ACCENTS:
            self.accent = _ACCENTS[word]
        elif word in _WRAPS:
            outer, inner = self.wrap or _Wrap(), _WRAPS[word]
            self.wrap = _Wrap(
                outer.opening + inner.opening, inner.closing + outer.closing, inner.math
            )
        elif word in _DECLARATIONS:
            tag, group = _DECLARATIONS[word], self.groups[-1]
            self.out.append(f"<{tag}>")
            group.closing = f"</{tag}>{group.closing}"
        elif word not in _SILENT:
            self.tell(f"the LaTeX macro '\\{word}' is not known; it stays as it is")
            self.out.append(raw)
            self.wrap = _Wrap("{", "}", single=False)

    def _symbol(self, symbol: str) -> None:
        if symbol in _ACCENTS:
            self.accent = _ACCENTS[symbol]
        elif symbol in "()":
            self.math = symbol == "("
        elif symbol in _SYMBOLS:
            self._text(_SYMBOLS[symbol])
        else:
            self.tell(f"the LaTeX macro '\\{symbol}' is not known; it stays as it is")
            self._text(f"\\{symbol}")

    def _sign(self, sign: str) -> None:
        if sign == "{":
            wrap = self.wrap or _Wrap()
            self.out.append(wrap.opening)
            self.groups.append(_Group(wrap.closing, self.math))
            self.math, self.wrap = self.math or wrap.math, None
        elif sign == "}" and len(self.groups) > 1:
            self._close()
        elif sign == "$" and (self.math or self.dollars > 1):
            self.dollars -= 1
            self.math, self.wrap = not self.math, None
        elif sign == "~":
            self._text(" ")
        elif self.math and sign in _SCRIPT_WRAPS:
            self.wrap = _SCRIPT_WRAPS[sign]
        else:
            self._text(sign)

    def _close(self) -> None:
        group = self.groups.pop()
        self._end_group(group)
        self.math = group.math

    def _end_group(self, group: _Group) -> None:
        self.out.append(_ALONE.get(self.accent, ""))
        self.accent, self.wrap = "", None
        self.out.append(group.closing)
