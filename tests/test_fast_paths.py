"""What is done in a shorter way for the ordinary case is the same as the long way, always."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from itertools import chain, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import strategies
from refbase import extra, latex, model, text, values
from refbase.errors import Diagnostic
from refbase.formats import base, csljson
from refbase.formats.base import Input, WriteOptions
from refbase.formats.bibtex import blocks, fields, people
from refbase.formats.bibtex import reader as bibtex_reader
from refbase.formats.nbib import records as nbib_records
from refbase.formats.ris import blocks as ris_blocks
from refbase.formats.ris import reader as ris_reader
from refbase.formats.ris import writer as ris_writer
from refbase.identifiers import SCHEMES
from refbase.jsontext import dumps, load_at, loads
from refbase.latex import reading, writing
from refbase.model import Dossier, Parsed, Reference, Value
from refbase.pubmed import conventions, dates, draft, markup, subjects
from refbase.values import ET_AL, Date, Name

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


@given(texts | st.builds("{} {}".format, texts, st.text(min_size=100, max_size=300)))
def test_whether_a_long_text_is_one_line(said: str) -> None:
    assert text.is_printable(said) == said.isprintable()
    composed = unicodedata.normalize("NFC", said) == said
    assert text.is_line(said) == (said.isprintable() and "  " not in said and composed)


@given(st.from_regex(r"\A[S ]?\d{1,4}[-–]?[S ]?\d{0,4}\Z"))
def test_pages_in_full(said: str) -> None:
    full = values.full_pages(said)
    # A blank is stripped on the long way
    assert full == said or full == values.full_pages(f" {said}")


@given(texts)
def test_latex_of_a_text(said: str) -> None:
    careful = "".join(
        writing._marked(writing._escaped(run), marks[-1]) if marks else writing._escaped(run)
        for run, marks in writing._runs(writing._settled(said, latex.ignore), latex.ignore)
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
    assert writing._protected(said, first) == (said if plain else writing._WORD.sub(braced, said))


@given(texts)
def test_whether_a_text_holds_latex(said: str) -> None:
    sign = re.search(r"\\|\{|\}|\$|~|--|``|''|!`|\?`", said)
    assert latex.has_macros(said) == (sign is not None)
    if not sign:
        assert reading._Decoder(latex.ignore).decoded(said) == unicodedata.normalize("NFC", said)


_parts = lines | st.sampled_from(["Example", "Ann B.", "Müller", "Anderson", " Example", "de"])
persons = strategies.named(family=_parts, given=_parts) | strategies.names.map(lambda some: some[0])


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
        '{\\"o}', "On {GABA}", "5\\,\\%", "a {} b", "{\\~n}", "A, B and C, D", "1--2", "{\\'{e}}",
        "1972", "mar", "5", "13", "1972-05-06", "c. 1972", "1972~", "in press", "{1972}", "1--e2",
        "10.5555/x", "10.5555/x%20y", "0123", "123", "PMC12", "pmc12", "\\url{http://example.org/}",
        'Ex{\\"a}mple, Ann and {\\"O}, Bo', '{\\"o}x, Ann', 'A, {\\"o}\u0301', "a\\&b, a; c", " a ",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC12/", "PMID: 1", "pubmed", "\u0660\u0661",
    ]
)  # fmt: skip
_BIBTEX_NAMES = st.sampled_from(
    "title author year month day date pages doi pmid pmcid note journal journaltitle volume number"
    " keywords url eprint eprinttype subtitle annote editor xyz Title".split()
)


@given(
    st.sampled_from(["article", "book", "misc", "phdthesis", "dataset", "unknown"]),
    st.lists(st.tuples(_BIBTEX_NAMES, _BIBTEX_VALUES), max_size=8),
)
def test_entries_of_bibtex(entry_type: str, fields: list[tuple[str, str]]) -> None:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields)
    content = f"@{entry_type}{{x,\n{lines}}}\n".encode()
    found = list(bibtex_reader.read(Input(io.BytesIO(content))))
    with pytest.MonkeyPatch.context() as patch:
        # Nothing is tidy or plain, so that each value takes the careful way
        patch.setattr(blocks, "_is_tidy", lambda *_: False)
        never = dict.fromkeys(bibtex_reader._PLAIN_IDENTIFIERS, re.compile("(?!)"))
        patch.setattr(bibtex_reader, "_PLAIN_IDENTIFIERS", never)
        assert list(bibtex_reader.read(Input(io.BytesIO(content)))) == found


@given(st.lists(texts.map(lambda said: said.replace("\x85", "")).map(text.printable)))
def test_tidy_values_of_bibtex(values: list[str]) -> None:
    together = "".join(values)
    assert blocks._is_tidy(values) == (together.isprintable() and "  " not in together)


@given(st.lists(st.sampled_from(["title", "CrossRef", "xdata", "XDATA", "author", "crossrefs"])))
def test_an_entry_that_names_no_other_one(names: list[str]) -> None:
    lines = "".join(f"  {name} = {{a}},\n" for name in names)
    (block,) = blocks.blocks(Input(io.BytesIO(f"@article{{x,\n{lines}}}\n".encode())))
    assert isinstance(block, blocks.Block)
    assert block.alone == {"crossref", "xdata"}.isdisjoint(name.lower() for name in names)


@given(
    _BIBTEX_NAMES.map(str.lower), st.sampled_from(["article", "not", "unknown", "mastersthesis"])
)
def test_long_names_and_types_of_bibtex(name: str, entry_type: str) -> None:
    plan = bibtex_reader._plan_for(entry_type, {name: ""})
    assert bibtex_reader._plan(entry_type, (name,)) == plan
    other = bibtex_reader._plan_for("x" * 2000, {name: "", "y" * 2000: ""})
    unknown = bibtex_reader._plan_for("unknown", {name: "", "y": ""})
    assert [step[1:] for step in other.steps] == [step[1:] for step in unknown.steps]


_ACCENTED_NAMES = st.sampled_from(
    [
        "Example, Ann", 'Ex{\\"a}mple, Bo', '{\\"O}, {\\`E}.', '{\\"o}x, A', "{Group}",
        '{\\"q}x, A', '{A{\\"o}, B}', "A{\\'{e}}, B", "A\\'e, B", "And", "and", "AND", "\u0301, B",
    ]
)  # fmt: skip


@given(st.lists(_ACCENTED_NAMES | _and | _parts, max_size=6).map("".join).map(text.clean))
def test_names_with_accents_from_bibtex(value: str) -> None:
    said = reading.accented(value)
    plain = people.plain_people(said) if text.composed(said) == said else ()
    listed = [part for part in people._parted(f" {value} ", " and ") if part]
    assert not plain or plain == tuple(people._name(part, latex.ignore) for part in listed)


@given(st.lists(st.sampled_from(["@a{x,", "\n", " ", "@", "b", "{", "(", ",", "\t", "@string"])))
def test_where_an_entry_begins(pieces: list[str]) -> None:
    content = "".join(pieces)
    starts = [m.start() for m in re.finditer(r"^[^\S\n]*@\w*[ \t]*[{(]", content, re.MULTILINE)]
    expected = [content[a:b] for a, b in pairwise([0, *filter(None, starts), len(content)])]
    found = [text for text, _ in blocks._pieces(Input(io.BytesIO(content.encode())))]
    assert found == expected


@given(
    st.lists(
        st.sampled_from(
            [
                '{\\"o}',
                "{\\^e}",
                "{\\~{n}}",
                "\\'{e}",
                "{\\`x}",
                "a",
                "\u0301",
                "{b}",
                "{",
                "}",
                "\\&",
                "\\",
                "\\%",
                "{\\_}",
                " ",
                "--",
                "{}",
                "$",
            ]
        )
    )
)
@example(["a", "}", " ", "{b}", "{"])
def test_accents_in_latex(pieces: list[str]) -> None:
    said = "".join(pieces)
    assert text.clean(latex.rich(said)) == text.clean(reading._Decoder(latex.ignore).decoded(said))


@given(texts | st.builds("{}, {}".format, _parts, _parts))
def test_an_inverted_name(said: str) -> None:
    surname, _, rest = said.partition(",")
    given_name, _, suffix = rest.partition(",")
    careful = Name.person(surname.strip(), given_name.strip(), suffix.strip())
    assert Name.from_inverted(said) == careful


_csl_parts = texts | st.sampled_from(["", "Example"]) | st.none() | st.integers(0, 1)


_csl_names = st.dictionaries(st.sampled_from(["family", "given", "suffix"]), _csl_parts)


@given(st.lists(_csl_names | st.fixed_dictionaries({"family": lines, "given": lines}) | st.none()))
def test_names_from_csl(said: list[dict[str, object]]) -> None:
    plain = model._plain_names(said)
    assert not plain or plain == tuple(map(model._name_from_csl, said))


@given(texts)
def test_text_in_json(said: str) -> None:
    written = json.JSONEncoder(ensure_ascii=False).encode(said)
    assert dumps(said) == (json.dumps(said) if text.has_forbidden(written) else written)


@given(st.lists(strategies.names | persons.map(lambda one: (one,)), max_size=3))
def test_names_in_csl(some: list[tuple[Name, ...]]) -> None:
    names = tuple(chain.from_iterable(some))
    joined = csljson._joined(names, WriteOptions(et_al=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Name, "is_plain", False)
        assert csljson._joined(names, WriteOptions(et_al=True)) == joined


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
        patch.setattr(ris_writer, "are_lines", lambda _: False)
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
        "M2  - PMID: 1", "PY  - 2015", "DA  - 06/03", "DA  - 2015/06/03/", "AU",
        "SN  - 0016-5085 (Print)", "DO  - 10.5555/&amp;x", "SN  - 0016-5085",
        "AU  - Müller,  C\u2009D", "KW  - a\tb",
    ]
)  # fmt: skip


def ris(content: str) -> list[Parsed]:
    return list(ris_reader.read(Input(io.BytesIO(content.encode()), "x.ris")))


@given(st.lists(_RIS_LINES, max_size=14).map("\n".join))
@example("TY  - JOUR\nER  - x")
def test_records_of_ris(content: str) -> None:
    found = ris(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ris_blocks, "_plain", lambda *_: None)
        assert ris(content) == found


_NOTES = st.sampled_from(
    [
        "PMID: 1", "PMCID: PMC1", "DOI:10.5555/x", "ISBN:  978", "ISSN: ", "PMID: 1\nPMID: 2", " ",
        "note", "pmid: 1", "PMID: 1\n\nExample", "\nPMID: 1", "type: book", "PMID: 1 ",
        "DOI: \u2028x",
    ]
)  # fmt: skip
_SAID = st.dictionaries(
    st.sampled_from(["PMID", "DOI", "title", "author", "editor"]),
    st.sampled_from([(ET_AL,), (Name("Example", "A."), ET_AL), "1", "Example"]),
)


@given(_NOTES, _SAID, st.sampled_from(["book", "preprint"]))
def test_a_note_of_one_identifier(note: str, said: dict[str, Value], kind: str) -> None:
    work = Reference(kind, {**said, "note": note}, {"ris:XX": "y"})
    found, key = extra.take(work)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extra, "_single", lambda *_: None)
        careful, careful_key = extra.take(work)
    assert (found, list(found.variables), key) == (careful, list(careful.variables), careful_key)


_SLASHED_PARTS = st.sampled_from(["", "0", "00", "3", "03", "13", "30", "31", "x", "Spring"])


@given(st.sampled_from(["2015", "0000", "201"]), st.lists(_SLASHED_PARTS, max_size=4))
def test_a_date_with_slashes(year: str, parts: list[str]) -> None:
    said = "/".join([year, *parts])
    found = ris_reader._date(said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ris_reader, "possible", lambda _: False)
        assert ris_reader._short_date.__wrapped__(said) == found


@given(st.lists(st.integers(-1, 40), max_size=4), st.booleans(), st.sampled_from(["", "x"]))
def test_what_ris_says_beyond_the_year(parts: list[int], circa: bool, literal: str) -> None:
    date = Date((2015, *parts), (), circa, literal)
    found = ris_writer._beyond_year(date)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ris_writer, "possible", lambda _: False)
        assert ris_writer._beyond_year(date) == found


@given(st.lists(texts, max_size=4))
def test_clean_texts(said: list[str]) -> None:
    assert text.are_lines(said) == all(text.clean(one) == one for one in said)


def test_what_composes_begins_with_known_bytes() -> None:
    joined = set()
    for character in map(chr, range(0x110000)):
        apart = unicodedata.decomposition(character).split()
        if len(apart) == 2 and not apart[0].startswith("<"):
            first, second = (chr(int(code, 16)) for code in apart)
            if unicodedata.normalize("NFC", first + second) == character:
                joined.add(second)
    assert len(joined) > 50
    assert all(text._COMPOSING.match(one.encode()) for one in joined | {"\u1161", "\u11a8"})


@given(texts)
def test_a_text_that_surely_is_composed(said: str) -> None:
    telling = "".join(one for one in said if one == "\n" or not one.isascii()).encode()
    if text.is_composed(telling):
        assert unicodedata.normalize("NFC", said) == said


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


_NBIB_LINES = st.sampled_from(
    [
        "PMID- 1", "TI  - Example", "TI  - Two  blanks", "AU  - Example A", "AU- - x", "AU - - x",
        "A B - x", "ABCDE- x", "A   - x", "TI  -Example", "TI  - ", "TI  -  Example", "TI  - a ",
        "      goes on", "       goes on", "text", "", "TI  - a\tb", "TI  - a\xa0b", "ÄÖ  - x",
        "au  - x",
    ]
)  # fmt: skip


@given(st.lists(_NBIB_LINES, max_size=6).map("\n".join))
@example("AU- - x")
def test_fields_of_nbib(content: str) -> None:
    assert nbib_records.fields(content) == nbib_records._cleaned(
        content.replace("\n      ", " ").split("\n")
    )


@given(st.lists(texts | _parts))
def test_many_texts_of_pubmed(some: list[str]) -> None:
    assert markup.all_tidy(some) == list(map(markup.tidy, some))


_YEARS = st.sampled_from(["2013", "0000", "99", "20131", "٢٠١٣", "", "2012-2013"])
_MONTHS = st.sampled_from(["Sep", "Feb", "September", "sep", "9", "09", "13", "0", "Fall", "", "²"])
_DAYS = st.sampled_from(["", "1", "01", "30", "31", "0", "00", "001", "1-2", "٣"])


_REST = st.sampled_from([("", ""), ("Fall", ""), ("", "1999 Dec")])


@given(st.tuples(_YEARS, _MONTHS, _DAYS), _REST)
def test_dates_of_pubmed(first: tuple[str, ...], rest: tuple[str, ...]) -> None:
    said = first + rest
    found = dates._read_date(*said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_whole", lambda *_: None)
        assert dates._read_date(*said) == found


@given(st.lists(texts | st.sampled_from(["a; b", "a;", ",", "a, ", "", " ", "a"])))
def test_keywords_of_pubmed(words: list[str]) -> None:
    listed = dict.fromkeys(word.replace(";", ",").rstrip(", ") for word in words)
    assert subjects.joined(words) == "; ".join(word for word in listed if word)


@given(st.from_regex(r"\A(PMC|pmc)?[0 ]?[0-9]{0,10}[٣²x]?\Z"))
def test_plain_numbers_of_pubmed(said: str) -> None:
    for variable in ("PMID", "PMCID", "DOI"):
        if draft._is_plain(variable, said):
            assert SCHEMES[variable].parse(said) == said


@given(
    st.builds("{}{}".format, texts, st.sampled_from(["", ".", "...", " et al.", " U.S.", " l."]))
)
def test_a_title_without_its_full_stop(title: str) -> None:
    kept = not title.endswith(".") or conventions._KEPT_STOP.search(title)
    if not title.endswith(">"):
        assert conventions.trimmed(title) == (title if kept else title[:-1])
