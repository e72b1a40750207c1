"""Text and rich text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase.text import clean, fold, has_forbidden, plain, printable, render, words

TAGS = {name: (f"[{name}", f"{name}]") for name in ("i", "b", "sup", "sub", "sc", "nocase")}


@pytest.mark.parametrize(
    ("rich", "written"),
    [
        ("CO<sub>2</sub>", "CO[sub2sub]"),
        ("<i>in <b>vivo</b></i>", "[iin [bvivob]i]"),
        ('<span class="nocase">DNA</span>', "[nocaseDNAnocase]"),
        ('<span style="font-variant:small-caps;">x</span>', "[scxsc]"),
        ("p<0.05 and >5", "p<0.05 and >5"),
        ("a <i>b", "a <i>b"),
        ("a</i> b", "a</i> b"),
        ("<i>a<b>c</i></b>", "[ia<b>ci]</b>"),
        ("<sub>x <i>y</sub>", "[subx <i>ysub]"),
        ("<script>x</script>", "<script>x</script>"),
        ("<i></i>", "[ii]"),
    ],
)
def test_only_paired_markup_is_markup(rich: str, written: str) -> None:
    assert render(rich, str, TAGS) == written


@given(st.text())
def test_text_without_markup_is_what_it_is(text: str) -> None:
    assert render(text, str, {}) == (text if "</" not in text else plain(text))


@given(st.text())
def test_printable_text_is_nfc_and_holds_nothing_forbidden(text: str) -> None:
    shown = printable(text)
    assert not has_forbidden(shown)
    assert unicodedata.is_normalized("NFC", shown)
    assert printable(shown) == shown


@given(st.text())
def test_folded_text_is_ascii(text: str) -> None:
    assert fold(text).isascii()


def test_clean_keeps_one_line() -> None:
    assert clean(" a\t b\r\nc\x00d ") == "a b cd"


def test_words_are_for_comparing() -> None:
    assert words("Étude de l’<i>Example</i>: β") == ["etude", "de", "l", "example"]
