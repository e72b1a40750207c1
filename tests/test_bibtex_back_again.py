"""BibTeX that was written is read back, and no file brings the reader down."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reading_bibtex import (
    both,
    codes,
    found,
    parsed,
    syntax,
    written,
)
from refbase.formats import get, read
from refbase.formats.bibtex import unusual
from refbase.model import Dossier, Reference, Value
from refbase.values import Date, Name, full_pages
from refbase.vocab import DATES, NAMES, TYPES, VARIABLES
from strategies import dossiers

# -------------------------------------------------------------------------- round trips

hostile = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@both
@hostile
@given(dossiers)
def test_what_was_written_reads_as_one_entry_and_then_stays_as_it_is(
    dialect: str, dossier: Dossier
) -> None:
    text, _ = written(dossier, dialect=dialect, et_al=True)
    items = parsed(text)
    assert not [told for one in items for told in one.diagnostics if told.severity == "error"]
    once = [one.dossier for one in items if one.dossier]
    assert [one.key for one in once] == [dossier.key]
    second, _ = written(*once, dialect=dialect, et_al=True)
    third, _ = written(*found(second), dialect=dialect, et_al=True)
    assert third == second


_TEXTS = [
    "Example", "On DNA in the U.S.", "5% & more #1 a_b $5", "β-blockers, p <0.05", "{pair} inside",
    "<i>E. coli</i> on the 5<sup>th</sup> day", "a -- b ''c''", "Ünï–cødé", "TELEPHONE", "a^b",
]  # fmt: skip
_EXACT = {
    "PMID": ["1", "99000001"], "PMCID": ["PMC7"], "DOI": ["10.5555/a_b(1)"], "ISSN": ["0016-5085"],
    "ISBN": ["9780781719520"], "URL": ["https://example.org/a_b?c=%20&d=~e"], "edition": ["2"],
    "page": ["544-45", "1340-1352.e7", "e12", "S1-S3"], "volume": ["48", "A"],
    "keyword": ["A; B c"],    "language": ["english"], "page-first": ["544"],
}  # fmt: skip
_PEOPLE = [
    Name("Ploeg", "R. J.", "van der"), Name("Smith", "John", suffix="Jr."),
    Name("Emden", "M.", "d'"),
    Name(literal="Example Group, Town and Country"), Name("Müller-Example", "Ö."), Name("Plato"),
]  # fmt: skip
_DATES = ["1999", "2013-09", "2015-06-03", "1998-12/1999-01", "1970~", "2015-21", "1979-23/1980-24"]


@st.composite
def tame(draw: st.DrawFn) -> Reference:
    """A reference in which nothing is odd, so that all that has a field must come back."""
    said: dict[str, Value] = {}
    for variable in draw(st.lists(st.sampled_from(sorted(VARIABLES)), max_size=12, unique=True)):
        if variable in NAMES:
            said[variable] = tuple(draw(st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=3)))
        elif variable in DATES:
            said[variable] = Date.parse(draw(st.sampled_from(_DATES)))
        elif variable != "annote":
            said[variable] = draw(st.sampled_from(_EXACT.get(variable, _TEXTS)))
    return Reference(draw(st.sampled_from(sorted(TYPES))), said)


# Of these one stands for another in BibLaTeX, or is added: the page says how.
_ADDED = {"genre", "page", "keyword"}
_MOVED = {"biblatex": {"container-title", "publisher", "URL", "PMCID"}, "bibtex": set()}


@both
@hostile
@given(tame())
def test_what_has_a_field_comes_back(dialect: str, reference: Reference) -> None:
    text, told = written(Dossier(reference, "x"), dialect=dialect)
    assert codes(text) == []
    (dossier,) = found(text)
    back = dossier.reference
    if not any("has no type" in message for message in told):
        assert back.type == reference.type
    assert not back.custom
    for variable, value in reference.variables.items():
        if any(f"'{variable}'" in message for message in told) or variable in _MOVED[dialect]:
            continue
        if variable == "page":
            value = full_pages(str(value))
        if variable == "page-first" and {"page"} & {*reference.variables, *back.variables}:
            continue
        assert back.variables[variable] == value
    added = back.variables.keys() - reference.variables.keys() - _ADDED
    assert added <= _MOVED[dialect]


# -------------------------------------------------------------------------- hostile files


@pytest.mark.parametrize(
    "text",
    [
        "@" * 100_000,
        "@a{" * 50_000,
        "\n@a{" * 20_000,
        "@misc{x, title={" + "{" * 200_000 + "}" * 200_000 + "}}",
        "@misc{x, title={" + "\\emph{" * 50_000 + "}" * 50_000 + "}}",
        "@misc{x, title={" + "$" * 100_001 + "}}",
        "@misc{x, title={" + "\\'" * 100_000 + "}}",
        "@misc{x, title={" + " " * 1_000_000 + "}}",
        "@misc{x, title = a" + "#a" * 200_000 + "}",
        "@misc{x, title = " + "{a} " * 100_000 + "}",
        "@misc{x, author={" + " and ".join(["Muster, A."] * 10_000) + "}}",
        "@misc{x, author={" + "{" * 50_000 + "}" * 50_000 + " and " * 50_000 + "}}",
        "@misc{x," + "a={b}," * 50_000 + "}",
        "@misc{x\x00, title={T\x00}}",
        "@misc{x, title={T}}".encode("utf-16"),
        "@misc{x, title={Caf\xe9}}".encode("latin-1"),
        "@misc{x, title={T}}\r@misc{y, title={T}}\r",
        "@string{a = {" + "x" * 4000 + "}}\n@misc{x, title = " + "a#" * 100_000 + "a}",
        "\n".join(f"@string{{a{n + 1} = a{n} # a{n}}}" for n in range(200)),
        "@misc{x, crossref={y}}" * 5_000,
    ],
    ids=lambda text: str(text[:24]),
)
def test_no_file_brings_us_down(text: str | bytes) -> None:
    for one in parsed(text):
        assert one.dossier or one.diagnostics
        if one.dossier:
            written(one.dossier)[0].encode()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80) | syntax)
def test_any_file_is_read_or_told(data: str | bytes) -> None:
    for one in parsed(data):
        assert one.dossier or one.diagnostics or one.raw.lower().startswith("@xdata")


def test_a_long_line_is_read_in_pieces() -> None:
    entry = "@article{x%d, title={Example}, year=1999} "
    text = "".join(entry % number for number in range(60_000))
    assert len(found(text)) == 60_000


def test_entries_are_handed_on_while_the_file_is_read() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += 1
            return b"@misc{x, title={T}}\n" * 1000

    source = Endless()
    stream = read(source, "x.bib", get("bibtex"))  # type: ignore[arg-type]
    for _ in range(5000):
        assert next(stream).dossier
    assert source.given < 20


def test_plain_entries_are_read_without_bibtexparser() -> None:
    script = (
        "import io, sys; from refbase.formats import get, read;"
        "found = list(read(io.BytesIO(b'\\n@book{x, title = {Example}, month = jan}\\n'), 'x',"
        " get('bibtex')));"
        "sys.exit(len(found) != 1 or 'bibtexparser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_broken_entries_without_number_are_looked_at_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "@a{ @b{ @c{\n @d{ @book{k, title = {Example}}"
    whole = codes(text), found(text)
    assert ([code for code, _ in whole[0]], len(whole[1])) == (["bad-entry"] * 4, 1)
    monkeypatch.setattr(unusual, "_MOST", 2)
    assert (codes(text), found(text)) == whole
