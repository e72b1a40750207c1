"""LaTeX as rich text, in the many forms that are met in bibliography files."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from refbase.latex.common import Tell, has_any, ignore


def rich(latex: str, tell: Tell = ignore) -> str:
    r"""LaTeX as rich text: accents and macros as characters, `\emph` and the like as markup.

    Braces that only protect capitals go. A macro that is not known stays as it is written, and
    `tell` is told.

    >>> rich(r"{\"U}ber \textit{E. coli}, {CO}$_2$ \& 5\,\% of {\ss} -- \foo{x}")
    'Über <i>E. coli</i>, CO<sub>2</sub> & 5 % of ß – \\foo{x}'
    """
    if not has_macros(latex):
        return latex
    short = plainly(latex)
    return _Decoder(tell).decoded(latex) if short is None else short


def plainly(latex: str) -> str | None:
    """The text, if its LaTeX is nothing but accents as most programs write them, escapes and
    braces, as in most texts: twenty times as fast."""
    short = accented(latex)
    if "\\" in short:
        start, *escaped = short.split("\\")
        for text in escaped:
            if text[:1] not in _ESCAPED:
                return None
        short = "".join([start, *escaped])
    if has_any(short, _OTHER_SIGNS):
        return None
    return short.replace("{", "").replace("}", "") if _is_balanced(short) else None


def _is_balanced(text: str) -> bool:
    """Whether each brace is closed, and none before it is opened."""
    depth = 0
    *closed, last = text.split("}")
    for part in closed:
        depth += part.count("{") - 1
        if depth < 0:
            return False
    return depth + last.count("{") == 0


def accented(latex: str) -> str:
    r"""The text, its accents that are written `{\"o}` as characters, perhaps not in NFC."""
    return _ACCENTED.sub(_accented, latex) if "{\\" in latex else latex


# An accent as most programs write it, `{\"o}`, and what is one character in Unicode
_ACCENTED = re.compile(r"""\{\\(["'`^~])([A-Za-z])\}""")


@lru_cache(maxsize=256)
def _with_accent(accent: str, letter: str) -> str:
    return unicodedata.normalize("NFC", letter + _ACCENTS[accent])


def _accented(found: re.Match[str]) -> str:
    return _with_accent(found[1], found[2])


_ESCAPED = frozenset("&%#_")
# What is not itself in LaTeX, each with the character by which it is found fastest
_OTHER_SIGNS = {
    "$": ("$",), "~": ("~",), "-": ("--",), "`": ("``", "!`", "?`"), "'": ("''",),
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
