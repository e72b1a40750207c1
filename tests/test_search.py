"""Queries as people type them: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase import search
from refbase.errors import UsageError
from refbase.search import All, Condition, Either, Not, Words


def words(*texts: str, field: str = "", prefix: bool = False) -> Words:
    return Words(texts, field, prefix)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("liver", words("liver")),
        ("Slettebø", words("slettebo")),
        ("hepat*", words("hepat", prefix=True)),
        ('"liver injury"', words("liver", "injury")),
        ('"liver inj"*', words("liver", "inj", prefix=True)),
        ("10.5555/Example.1", words("10", "5555", "example", "1")),
        ("liver injury", All((words("liver"), words("injury")))),
        ("a OR b", Either((words("a"), words("b")))),
        ("a b OR c", Either((All((words("a"), words("b"))), words("c")))),
        ("a (b OR c)", All((words("a"), Either((words("b"), words("c")))))),
        ("or Or", All((words("or"), words("or")))),
        ("-liver", Not(words("liver"))),
        ("-(a OR b)", Not(Either((words("a"), words("b"))))),
        ("x-ray", words("x", "ray")),
        ("author:bass", words("bass", field="contributors")),
        ('Author:"Bass B"', words("bass", "b", field="contributors")),
        ("journal:gut*", words("gut", field="container", prefix=True)),
        ("year:1990..2000", Condition("year", (1990, 2000))),
        ("year:1990", Condition("year", (1990, 1990))),
        ("year:..1990", Condition("year", (None, 1990))),
        ("missing:pmid", Condition("missing", "PMID")),
        ("missing:annotation", Condition("missing", "annotation")),
        ("type:CHAPTER", Condition("type", "chapter")),
        ("retracted:yes", Condition("retracted", True)),
        ('bibliography:"Two words"', Condition("bibliography", "Two words")),
        ("-missing:doi", Not(Condition("missing", "DOI"))),
        ("A & B", All((words("a"), words("b")))),
    ],
)
def test_what_a_query_means(typed: str, meant: search.Query) -> None:
    assert search.parse(typed) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "no word"),
        ("&", "no word"),
        ('liver "injury', "character 7: this quotation mark is never closed"),
        ("(liver", "character 1: this '(' is never closed"),
        ("liver)", "character 6: nothing is open"),
        ("liver OR", "character 7: OR stands between"),
        ("OR liver", "character 1: OR stands between"),
        ("(-)", "character 2"),
        ("a -(", "character 4"),
        ("foo:bar", "character 1: 'foo:' is not known"),
        ("year:abc", "character 6: 'abc' is neither a year"),
        ("a missing:nothing", "character 11: 'nothing' is not a CSL variable"),
        ("type:thing", "character 6: 'thing' is not a CSL type"),
        ("retracted:maybe", "character 11: 'maybe' is neither yes nor no"),
        ("author:(a b)", "character 1: nothing follows 'author:'"),
        ('tag:""', "character 5: nothing stands between"),
        ("(" * 30 + "a" + ")" * 30, "character 21: too many '('"),
        ("word " * 101, "more than 100 words"),
    ],
)
def test_what_is_typed_wrong_is_told_with_its_place(typed: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        search.parse(typed)
    assert said in caught.value.message


@given(st.text(alphabet=st.sampled_from('ab -*"():OR' + "éß漢١'\\%\x00") | st.characters()))
def test_whatever_is_typed_is_a_query_or_a_clear_error(typed: str) -> None:
    with suppress(UsageError):
        assert search.parse(typed)


@given(st.text())
def test_words_hold_letters_and_digits_only(text: str) -> None:
    for word in search.terms(text):
        assert word.isalnum()
        assert word == word.casefold()


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_english_is_cut_like_everything_else(text: str) -> None:
    assert search.terms(text) == search.terms(text + " é")[:-1]
