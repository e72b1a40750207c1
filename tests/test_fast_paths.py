"""What is done in a shorter way for the ordinary case is the same as the long way, always."""

from __future__ import annotations

import io
import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import strategies
from refbase import latex, model, text
from refbase.errors import Diagnostic
from refbase.formats import base, csljson
from refbase.formats.base import Input, WriteOptions
from refbase.formats.bibtex import blocks, fields, people
from refbase.formats.bibtex import reader as bibtex_reader
from refbase.formats.ris import blocks as ris_blocks
from refbase.formats.ris import reader as ris_reader
from refbase.formats.ris import writer as ris_writer
from refbase.jsontext import load_at, loads
from refbase.model import Dossier, Parsed, Reference
from refbase.values import Date, Name

# Enough to be long for every path that asks for the length
_PIECES = st.sampled_from(
    [
        " ", "  ", "\xa0", "\t", "\n", "\x00", "\x85", "\u2028", "e\u0301", "é", "α", "\ufffe", "ﬁ",
        "a", "Example", "GABA", "TEL", "--", "''", "``", "!`", "?", "%", "&", "&lt;", "{", "}",
        "\\", "$", "~", "<i>", "</i>", "<", ",", ", ", " and ", "And", "-", "E.coli", "U.S.", "'",
        " example" * 30,
    ]
)  # fmt: skip
texts = st.lists(_PIECES, max_size=8).map("".join)
lines = texts.map(text.clean)


@given(texts)
def test_a_clean_text(said: str) -> None:
    careful = text._FORBIDDEN.sub("", said)
    careful = unicodedata.normalize("NFC", careful)
    assert text.printable(said) == careful
    assert text.clean(said) == re.sub(r"\s+", " ", careful).strip()


@given(texts)
def test_latex_of_a_text(said: str) -> None:
    careful = "".join(
        latex._marked(latex._escaped(run), marks[-1]) if marks else latex._escaped(run)
        for run, marks in latex._runs(latex._settled(said, latex.ignore), latex.ignore)
    )
    assert latex.text(said) == careful
    if latex.is_plain(said):
        assert latex.text(said) == latex.literal(said) == said


@given(lines, st.booleans())
def test_capitals_in_a_title(said: str, first: bool) -> None:
    place = 0

    def braced(found: re.Match[str]) -> str:
        nonlocal place
        place += 1
        word = found[0]
        tail = word[1:] if first and place == 1 else word
        return word if tail == tail.lower() else f"{{{word}}}"

    plain = first and said[1:] == said[1:].lower()
    assert latex._protected(said, first) == (said if plain else latex._WORD.sub(braced, said))


@given(texts)
def test_whether_a_text_holds_latex(said: str) -> None:
    sign = re.search(r"\\|\{|\}|\$|~|--|``|''|!`|\?`", said)
    assert latex.has_macros(said) == (sign is not None)
    if not sign:
        assert latex._Decoder(latex.ignore).decoded(said) == unicodedata.normalize("NFC", said)


_parts = lines | st.sampled_from(["Example", "Ann B.", "Müller", "Anderson", " Example", "de"])
persons = st.builds(Name, family=_parts, given=_parts) | strategies.names.map(lambda some: some[0])


@given(st.lists(persons, min_size=1, max_size=3).map(tuple))
def test_names_in_bibtex(some: tuple[Name, ...]) -> None:
    draft = fields.Draft("article", {}, WriteOptions())
    plain = fields._plain_names(some)
    if plain:
        assert plain == " and ".join(fields._name(draft, name) for name in some)
        assert not draft.losses


@given(_parts | st.builds("{}, {}".format, _parts, _parts))
@example("Example,, ")
def test_a_name_from_bibtex(written: str) -> None:
    plain = people._plain_name(written)
    assert plain is None or plain == people._name(written, latex.ignore)


_and = st.sampled_from([" and ", " AND ", " and and ", " and", " {and} ", "\\ and ", "} and {"])


@given(st.lists(_parts | st.builds("{}, {}".format, _parts, _parts) | _and, max_size=6))
def test_names_from_bibtex(parts: list[str]) -> None:
    value = text.clean("".join(parts))
    padded = f" {value} "
    assert people._parted_at_and(padded) == people._parted(padded, " and ")
    plain = people.plain_people(value)
    listed = [part for part in people._parted(padded, " and ") if part]
    assert not plain or plain == tuple(people._name(part, latex.ignore) for part in listed)


_BIBTEX_VALUES = texts.map(lambda said: re.sub(r"[{}\\\x00\ufffe]", "", said)) | st.sampled_from(
    [
        '{\\"o}',
        "On {GABA}",
        "5\\,\\%",
        "a {} b",
        "{\\~n}",
        "A, B and C, D",
        "1--2",
        "{\\'{e}}",
        "1972",
    ]
)


@given(
    st.lists(
        st.tuples(st.sampled_from("title author year pages doi note date".split()), _BIBTEX_VALUES),
        max_size=5,
    )
)
def test_entries_of_bibtex(fields: list[tuple[str, str]]) -> None:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields)
    content = f"@article{{x,\n{lines}}}\n".encode()
    found = list(bibtex_reader.read(Input(io.BytesIO(content))))
    with pytest.MonkeyPatch.context() as patch:
        # Nothing is tidy, so that each value takes the careful way
        patch.setattr(blocks, "_is_tidy", lambda *_: False)
        assert list(bibtex_reader.read(Input(io.BytesIO(content)))) == found


@given(st.lists(st.sampled_from(["@a{x,", "\n", " ", "@", "b", "{", "(", ",", "\t", "@string"])))
def test_where_an_entry_begins(pieces: list[str]) -> None:
    content = "".join(pieces)
    starts = [m.start() for m in re.finditer(r"^[^\S\n]*@\w*[ \t]*[{(]", content, re.MULTILINE)]
    expected = [content[a:b] for a, b in pairwise([0, *filter(None, starts), len(content)])]
    found = [text for _, text, _ in blocks._pieces(Input(io.BytesIO(content.encode())))]
    assert found == expected


@given(
    st.lists(
        st.sampled_from(['{\\"o}', "{\\^e}", "{\\~{n}}", "\\'{e}", "{\\`x}", "a", "\u0301", "{b}"])
    )
)
def test_accents_in_latex(pieces: list[str]) -> None:
    said = "".join(pieces)
    assert text.clean(latex.rich(said)) == text.clean(latex._Decoder(latex.ignore).decoded(said))


@given(texts | st.builds("{}, {}".format, _parts, _parts))
def test_an_inverted_name(said: str) -> None:
    surname, _, rest = said.partition(",")
    given_name, _, suffix = rest.partition(",")
    careful = Name.person(surname.strip(), given_name.strip(), suffix.strip())
    assert Name.from_inverted(said) == careful


_csl_parts = texts | st.sampled_from(["", "Example"]) | st.none() | st.integers(0, 1)


@given(st.dictionaries(st.sampled_from(["family", "given", "suffix"]), _csl_parts))
def test_a_name_from_csl(said: dict[str, object]) -> None:
    parts = {key: text.printable(str(part)) for key, part in said.items() if part}
    assert model._name_from_csl(said) == Name(**parts)


@given(st.lists(_parts | st.builds("{}, {}".format, _parts, _parts), max_size=4))
def test_names_from_ris(some: list[str]) -> None:
    said = [text.clean(one) for one in some]
    plain = ris_reader._plain_names(said)
    assert not plain or plain == tuple(ris_reader._name(one, model.ignore) for one in said)


@given(st.lists(persons, min_size=1, max_size=3).map(tuple))
def test_names_in_ris(some: tuple[Name, ...]) -> None:
    record = ris_writer._Record(Dossier(Reference()), WriteOptions(), True, "JOUR")
    plain = ris_writer._plain_names(some)
    if plain:
        assert plain == [record.text(ris_writer._name(record, name)) for name in some]
        assert not record.losses


_RIS_TEXTS = st.dictionaries(
    st.sampled_from("title abstract note volume DOI keyword".split()), texts
)


@given(_RIS_TEXTS, st.sampled_from(["zotero", "endnote"]))
def test_a_record_in_ris(said: dict[str, str], flavour: str) -> None:
    work = Dossier(Reference("article-journal", {name: one for name, one in said.items() if one}))

    def written() -> tuple[str, list[Diagnostic]]:
        stream = io.StringIO()
        losses = list(ris_writer.write([work], stream, WriteOptions(flavour)))
        return stream.getvalue(), losses

    found = written()
    with pytest.MonkeyPatch.context() as patch:
        # Nothing is tidy, so that each text takes the careful way
        patch.setattr(ris_writer, "_is_tidy", lambda _: False)
        assert written() == found


@given(persons)
def test_a_name_in_ris(name: Name) -> None:
    record = ris_writer._Record(Dossier(Reference()), WriteOptions(), True, "JOUR")
    written = ris_writer._name(record, name)
    if name.is_plain and not record.losses:
        assert Name.from_inverted(written) == name
        assert written == text.clean(f"{name.family}, {name.given}")


@given(texts)
def test_a_date(said: str) -> None:
    careful = Date.from_edtf(said)
    assert Date.parse(said) == (careful or Date.parse(said + " " * 60))


@given(st.binary(max_size=60) | texts.map(lambda said: said.encode(errors="surrogatepass")))
def test_the_lines_of_a_file(content: bytes) -> None:
    careful = Input(io.BytesIO(content))
    block = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    numbered = enumerate(block.removesuffix(b"\n").split(b"\n") if block else [], 1)
    expected = [(n, careful._printable(careful._decode(line, n), n)) for n, line in numbered]
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        source = Input(io.BytesIO(content))
        found = list(source.lines())
        # A last line of nothing but forbidden characters need not be told from none
        assert found == expected or [*found, (len(expected), "")] == expected
        assert source.drain() == careful.drain()


@given(texts)
def test_forbidden_characters_in_bytes(said: str) -> None:
    said = said.replace("\r", "")
    if "\x85" not in said:
        assert base._has_forbidden(said.encode()) == (text._FORBIDDEN.search(said) is not None)


_RIS_LINES = st.sampled_from(
    [
        "TY  - JOUR", "ER  - ", "ER  -", "TI  - Example", "TI  -  Example & <i>x</i> ", "",
        "AU  - A, B", "KW  - a", "KW  - b  c", " ", "a line of no tag", "TI  -", "ER  - x", "\tx",
        "TY - JOUR", "T1 - Example", "N1  - Example\xa0note", "SP  - 1", "EP  - 2", "TY  - BOOK",
        "M2  - PMID: 1",
    ]
)  # fmt: skip


def ris(content: str) -> list[Parsed]:
    return list(ris_reader.read(Input(io.BytesIO(content.encode()), "x.ris")))


@given(st.lists(_RIS_LINES, max_size=14).map("\n".join))
def test_records_of_ris(content: str) -> None:
    found = ris(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ris_blocks, "_plain", lambda *_: None)
        assert ris(content) == found


_JSON_PIECES = st.sampled_from(
    [
        '{"id": "a", "type": "book", "title": "Example"}', '{"id": "b"', "}", "{", "[", "]", ",",
        '"x', "nothing", '{"items": [', '{"title": "\\u0000 {[ \\" ]}"}', "{}", "[]", "\n",
        '{"title": "a\nb"}', '{"author": [{"family": "Example", "given": "Ann"}]}', '{"a": 1e999}',
    ]
)  # fmt: skip


def csl(content: str) -> list[tuple[object, tuple[Diagnostic, ...]]]:
    source = Input(io.BytesIO(content.encode()), "x.json")
    return [(p.dossier, p.raw, p.span, p.diagnostics) for p in csljson.read(source)]


@given(st.lists(_JSON_PIECES, max_size=8).map("".join), st.sampled_from(["", "[", '{"items": [']))
def test_items_of_json(content: str, head: str) -> None:
    found = csl(head + content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csljson, "load_at", lambda *_: None)
        assert csl(head + content) == found


@given(st.lists(_JSON_PIECES, max_size=3).map("".join))
def test_a_value_in_a_text(content: str) -> None:
    found = load_at(content + " ,", 0)
    if found:
        assert loads(content[: found[1]]) == found[0]


def test_a_million_faults_are_told_in_few_words() -> None:
    source = Input(io.BytesIO(b"\0\n\xe9\n" * 20_000))
    assert len(list(source.lines())) == 40_000
    told = source.drain()
    assert len(told) < 2000
    assert sum(one.message.startswith("39000 more lines") for one in told) == 1
