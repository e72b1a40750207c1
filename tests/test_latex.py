"""Characters and markup in LaTeX. What each reader makes of them was measured: see the docs."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given

from refbase.latex import literal, rich, text, title
from refbase.text import plain
from strategies import texts


def said(write: object, rich: str) -> tuple[str, list[str]]:
    told: list[str] = []
    return write(rich, told.append), told  # type: ignore[operator]


@pytest.mark.parametrize(
    ("rich", "latex"),
    [
        ("5% & #1 a_b $5", r"5\% \& \#1 a\_b \$5"),
        ("{pair {inner}}", r"\{pair \{inner\}\}"),
        ("p <0.05 and >2", "p <0.05 and >2"),
        ("a^b | 'x' `y` \"z\" [1] = @", "a^b | 'x' `y` \"z\" [1] = @"),
        ("Greek β, ±5 ≥ 3 × 10² – µg… ½ é ﬁ", "Greek β, ±5 ≥ 3 × 10² – µg… ½ é ﬁ"),
    ],
)
def test_text_is_utf8_with_escapes(rich: str, latex: str) -> None:
    assert said(text, rich) == (latex, [])


@pytest.mark.parametrize(
    ("rich", "latex", "message"),
    [
        ("~50,000", "∼50,000", "'~' has no form that all readers of BibTeX know; written '∼'"),
        ("C:\\x\\", "C:＼x＼", "'\\' has no form that all readers of BibTeX know; written '＼'"),
        ("$5 or $6", "＄5 or ＄6", "'$' has no form that all readers of BibTeX know; written '＄'"),
        ("a } b", "a ｝ b", "'}' has no form that all readers of BibTeX know; written '｝'"),
        (
            "a { b {c}",
            r"a ｛ b \{c\}",
            "'{' has no form that all readers of BibTeX know; written '｛'",
        ),
    ],
)
def test_what_no_form_suits_is_written_as_a_look_alike_and_told(
    rich: str, latex: str, message: str
) -> None:
    assert said(text, rich) == (latex, [message])


@pytest.mark.parametrize("character", "\\${}")
def test_a_look_alike_folds_to_the_character_it_stands_for(character: str) -> None:
    written = text(character * 3)[0]
    assert written != character
    assert unicodedata.normalize("NFKC", written) == character


@pytest.mark.parametrize(
    ("rich", "latex"),
    [
        ("a--b", "a-{}-b"),
        ("a---b", "a-{}-{}-b"),
        ("3''-O-methyl", "3'{}'-O-methyl"),
        ("``x", "`{}`x"),
        ("what?!", "what?{}!"),
        ("HOTEL", "HOTE{}L"),
        ("x^^41", "x^{}^41"),
    ],
)
def test_characters_that_readers_would_join_are_kept_apart(rich: str, latex: str) -> None:
    assert text(rich) == latex


@pytest.mark.parametrize(
    ("rich", "latex"),
    [
        ("<i>in vitro</i> <b>b</b> <sc>s</sc>", r"\textit{in vitro} \textbf{b} \textsc{s}"),
        ("H<sub>2</sub>O Ca<sup>2+</sup>", "H₂O Ca²⁺"),
        ("5<sup>th</sup> X<sub>max</sub>", r"5$^{\textrm{th}}$ X$_{\textrm{max}}$"),
        ("<i>Q</i><sub>10</sub>", r"\textit{Q}₁₀"),
        ("<i>TEL-AML1</i>", r"\textit{TE}\textit{L-AML1}"),
        ('<span class="nocase">lioresal</span>', "{lioresal}"),
        ("a <i>b", "a <i>b"),
    ],
)
def test_markup(rich: str, latex: str) -> None:
    assert text(rich) == latex


def test_no_brace_stands_inside_markup_because_zotero_ends_it_there() -> None:
    latex, told = said(text, "{a} <i>b {c} d</i>")
    assert latex == r"｛a｝ \textit{b ｛c｝ d}"
    assert len(told) == 2


def test_markup_within_markup_keeps_the_inner_one_and_says_so() -> None:
    assert said(text, "<i>a<sub>2</sub>b</i>") == (
        r"\textit{a}₂\textit{b}",
        ["markup within markup is not written"],
    )


def test_several_lines_become_one() -> None:
    assert text("one\n\n@article{two\r\n three\x00 ") == "one @article｛two three"


@pytest.mark.parametrize(
    ("rich", "latex"),
    [
        ("Baclofen in the United States", "Baclofen in the {United} {States}"),
        ("DNA and mRNA", "{DNA} and {mRNA}"),
        ("mTOR at pH 7", "{mTOR} at {pH} 7"),
        ("A U.S. trial: The end (Lioresal)", "A {U.S.} trial: {The} end ({Lioresal})"),
        (
            "5-HT, β-Blockers and Garabedian-Ruffalo’s",
            "{5-HT}, {β-Blockers} and {Garabedian-Ruffalo’s}",
        ),
        ("Éa Éa CO₂", "Éa {Éa} {CO₂}"),
        ("<i>E. coli</i> <i>in vitro</i>", r"\textit{E. coli} \textit{in vitro}"),
        ("On <i>E. coli</i>", r"On {{\textit{E. coli}}}"),
        ("<b>A B</b> c", r"{{\textbf{A B}}} c"),
        ("H<sub>2</sub>O R&D A_B", r"{H₂O} {R}\&{D} {A}\_{B}"),
        ('On <span class="nocase">Lioresal</span>', "On {Lioresal}"),
        ("« Le Monde »", "« Le {Monde} »"),
    ],
)
def test_each_word_of_a_title_with_a_capital_behind_the_first_word_is_braced(
    rich: str, latex: str
) -> None:
    assert title(rich) == latex


def test_in_a_name_nothing_is_markup() -> None:
    assert literal("<i>A</i> & {B") == r"<i>A</i> \& ｛B"


def depths(latex: str) -> list[int]:
    """How deep BibTeX stands in braces behind each character: to it a backslash means nothing."""
    depth = 0
    return [depth := depth + (c == "{") - (c == "}") for c in latex]


@pytest.mark.parametrize("write", [text, title, literal])
@given(rich=texts)
def test_braces_are_always_paired_and_nothing_ends_in_a_backslash(write: object, rich: str) -> None:
    latex, _ = said(write, rich)
    assert min(depths(latex), default=0) >= 0
    assert not depths(latex) or depths(latex)[-1] == 0
    assert not latex.endswith("\\")
    assert "\n" not in latex


@given(rich=texts)
def test_no_letter_is_lost(rich: str) -> None:
    letters = [c for c in unicodedata.normalize("NFKC", plain(rich)) if c.isalnum()]
    latex = text(rich)
    for macro in (r"\textit", r"\textbf", r"\textsc", r"\textrm"):
        latex = latex.replace(macro, "")
    assert [c for c in unicodedata.normalize("NFKC", latex) if c.isalnum()] == letters


# ------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"{\"U}ber \'{e} \'e {\'\i} \v{C} \H o \c{c} \aa{} {\ss} \o", "Über é é í Č ő ç å ß ø"),
        (r"{DNA} in the {{U.S.}}", "DNA in the U.S."),
        (r"\& \% \# \_ \$ \{x\}", "& % # _ $ {x}"),
        (r"\emph{a \textbf{b} c} {\it d} \textsc{e}", "<i>a <b>b</b> c</i> <i>d</i> <sc>e</sc>"),
        (r"CO$_2$ 10$^{-3}$ 5$^{\textrm{th}}$", "CO<sub>2</sub> 10<sup>−3</sup> 5<sup>th</sup>"),
        (r"n\textsuperscript{th} {\ensuremath{_2}}", "n<sup>th</sup> <sub>2</sub>"),
        (r"$\alpha$-blocker, \ensuremath{\geq}5 $\pm$ 1, 5$^\circ$C", "α-blocker, ≥5 ± 1, 5°C"),
        ("1--2 --- ``x'' -{}-", "1–2 — “x” --"),
        (r"a~b\,c\ d \~{}50", "a b c d ~50"),
        ("$5 alone, a^b_c", "$5 alone, a^b_c"),
        (r"\textit x \sqrt{2}", "<i>x</i> √2"),
    ],
)
def test_latex_is_read_as_rich_text(latex: str, expected: str) -> None:
    assert said(rich, latex) == (expected, [])


def test_an_unknown_macro_stays_and_is_told() -> None:
    read, told = said(rich, r"\foo{a {B}} \bar c \;")
    assert read.rstrip() == r"\foo{a B} \bar c"
    assert told == [
        f"the LaTeX macro '\\{name}' is not known; it stays as it is" for name in ("foo", "bar")
    ]


@pytest.mark.parametrize(
    "latex", ["}", "{", "\\", "$", "\\emph", "\\emph{", "{\\it", "$^", "\\'", "}{"]
)
def test_what_is_not_closed_ends_with_the_text(latex: str) -> None:
    assert rich(f"a {latex}").startswith("a")


@given(texts)
def test_what_was_written_is_read_and_then_stays(characters: str) -> None:
    once = rich(text(characters))
    assert rich(text(once)) == once
    assert plain(rich(title(characters))) == plain(once)


def test_the_forms_of_other_programs(corpora: Path) -> None:
    """301 forms of 125 characters that were measured; a few are another character to TeX."""
    forms = json.loads((corpora.parent / "schemas" / "latexforms.json").read_text("utf-8"))
    elsewhere = set("ț∼‘’")
    for character, measured in forms.items():
        for form in [*measured["both"], *(other[0] for other in measured["not"])]:
            if character in elsewhere or form in (r"{\'{u}}", r"$\mu$"):
                continue
            read = plain(unicodedata.normalize("NFKC", rich(form)))
            assert read == unicodedata.normalize("NFKC", character), form
