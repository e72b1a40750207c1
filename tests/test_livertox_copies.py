"""Real chapters as other programs copy them: the same references, identifiers, annotations."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterable

import pytest

from refbase import formats
from refbase.model import Dossier

FORMAT = formats.get("livertox")
_ITEM = re.compile(r"  • (.*)\n((?:(?:    .*)?\n(?=    |\n    ))*(?:    .+\n)?)")

Item = tuple[str, list[str]]
Layout = Callable[[int, str, list[str]], str]


def read(text: str | bytes) -> list[Dossier]:
    data = text.encode() if isinstance(text, str) else text
    found = formats.read(io.BytesIO(data), "example.txt", FORMAT)
    return [one.dossier for one in found if one.dossier]


def said(dossiers: Iterable[Dossier]) -> list[tuple[object, ...]]:
    """What must not depend on the layout: the reference and its entry, whose blanks do not
    count, as a line may be broken anywhere; nor do the full stops of an annotation: in one that
    is split only the end of a line that was not broken shows which of them is none."""
    return [
        (
            dossier.entries[0].bibliography,
            dossier.entries[0].position,
            {k: re.sub(r"\s", "", str(v)) for k, v in dossier.reference.variables.items()},
            re.sub(r"\s", "", dossier.entries[0].citation),
            re.sub(r"[\s.]", "", dossier.entries[0].annotation),
        )
        for dossier in dossiers
    ]


def copied(text: str, layout: Layout) -> str:
    """The chapter with each item of its lists laid out anew; numbers begin anew in each list."""
    number = 0

    def again(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        more = [line.strip() for line in found[2].splitlines() if line.strip()]
        return layout(number, found[1], more)

    parts = re.split(r"(?m)^((?:ANNOTATED |CITED )?(?:BIBLIOGRAPHY|REFERENCES?)$)", text)
    for place, part in enumerate(parts):
        number = 0
        parts[place] = _ITEM.sub(again, part)
    return "".join(parts)


def wrapped(mark: str, indent: str, width: int = 80, hyphens: bool = False) -> Layout:
    def layout(number: int, first: str, more: list[str]) -> str:
        def folded(line: str, start: str) -> str:
            return (
                textwrap.fill(
                    line,
                    width,
                    initial_indent=start,
                    subsequent_indent=indent,
                    break_on_hyphens=hyphens,
                    break_long_words=False,
                )
                or start.rstrip()
            )  # an item may begin below its bullet

        lines = [folded(first, mark.format(number)), *(folded(line, indent) for line in more)]
        return "\n".join(lines) + "\n"

    return layout


def marked(mark: str, indent: str = "    ", apart: str = "") -> Layout:
    def layout(number: int, first: str, more: list[str]) -> str:
        lines = [mark.format(number) + first, *(indent + line for line in more)]
        return f"\n{apart}".join(lines) + "\n" + apart

    return layout


LAYOUTS = {
    "asterisks": marked("* "),
    "hyphens": marked("- "),
    "bullets at the margin": marked("• ", ""),
    "numbers": marked("{}. "),
    "numbers in brackets": marked("{}) ", "   "),
    "tabs": marked("\t•\t", "\t"),
    "a bullet and a tab": marked("•\t", ""),
    "blanks that do not break": marked("  •\xa0", "\xa0\xa0\xa0\xa0"),
    "blank lines": marked("  • ", apart="\n"),
    "80 columns": wrapped("  • ", "    "),
    "72 columns": wrapped("-   ", "    ", 72),
    "60 columns": wrapped("* ", "", 60),
    "numbers, 80 columns": wrapped("{}. ", "   "),
    "numbers, 80 columns at the margin": wrapped("{}. ", ""),
    "broken at hyphens": wrapped("     * ", "       ", 70, hyphens=True),
}

PAGES: dict[str, Callable[[str], str]] = {
    "lines of Windows": lambda text: text.replace("\n", "\r\n"),
    "lines of an old Mac": lambda text: text.replace("\n", "\r"),
    "headings as titles": lambda text: re.sub(
        r"(?m)^[A-Z ]{9,}$", lambda found: found[0].title(), text
    ),
    "headings with a colon": lambda text: re.sub(r"(?m)^([A-Z ]{9,})$", r"\1:", text),
    "headings of Markdown": lambda text: re.sub(r"(?m)^([A-Z ]{9,})$", r"## **\1**", text),
    "no blank lines": lambda text: re.sub(r"\n\n+", "\n", text),
    "blanks at the ends": lambda text: text.replace("\n", "  \n"),
    "blanks that do not break": lambda text: text.replace(" [PubMed: ", "\xa0[PubMed:\xa0"),
    "a mark of the encoding": lambda text: "\ufeff" + text,
}


@pytest.fixture(scope="module")
def chapters(request: pytest.FixtureRequest) -> list[str]:
    folder = request.getfixturevalue("corpora") / "livertox"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    found = [path.read_text() for path in sorted(folder.glob("*.txt"))]
    assert len(found) > 20
    return found


@pytest.mark.corpora
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_list_that_is_laid_out_in_another_way(chapters: list[str], name: str) -> None:
    for text in chapters:
        copy = copied(text, LAYOUTS[name])
        assert copy != text
        assert said(read(copy)) == said(read(text)), text[90:110]


@pytest.mark.corpora
@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_another_program_saved(chapters: list[str], name: str) -> None:
    for text in chapters:
        copy = PAGES[name](text)
        assert copy != text
        assert said(read(copy)) == said(read(text)), text[90:110]


@pytest.mark.corpora
def test_links_that_have_lost_their_numbers(chapters: list[str]) -> None:
    for text in chapters:
        copy = re.sub(r"\[PubMed: \d+\]", "[PMC free article] [PubMed]", text)
        for one, other in zip(said(read(copy)), said(read(text)), strict=True):
            assert one[3:] == other[3:]
