"""stats: what there is, as bars on the terminal, JSON, or a picture."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import click

from refbase import files
from refbase.cli import options as opt
from refbase.cli.changes import counted
from refbase.cli.session import Session, echo_json

if TYPE_CHECKING:
    from refbase.store.statistics import Statistics

_TITLES = {
    "years": "By year",
    "types": "By type",
    "containers": "By journal or book",
    "bibliographies": "By bibliography",
    "identifiers": "By identifier",
    "enrichment": "By what PubMed tells",
}
_MOST = {"containers": 10, "bibliographies": 10}
_YEARS = 25
"""Longer times are shown by decade."""
_LONGEST = 60
_LABEL = 30
UNKNOWN = "unknown"
"""What `refbase.store.statistics` says of a year that is not known."""
_BLOCKS = " ▏▎▍▌▋▊▉█"

Rows = Sequence[tuple[str, int]]


@click.command()
@opt.choosing
@click.option("--svg", default="", metavar="FILE", help="Draw it into this file, - for output.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def stats(session: Session, /, svg: str, as_json: bool, **options: Any) -> None:
    """Count references by year, type, journal, identifier, ...

    Bars on the terminal; --svg draws the same as a picture, --json tells all the numbers. The
    filters are those of `list`. `enriched` is what PubMed has told of.

    \b
    Examples:
      refbase stats
      refbase stats --bibliography Baclofen --svg baclofen.svg
      refbase stats --missing pmid --json
    """
    with session.store() as store:
        found = store.statistics(opt.chosen(store, options))
    if as_json:
        echo_json(found.to_json())
    if svg:
        with files.writing(svg) as stream:
            stream.write(_svg(found))
    if not (as_json or svg):
        click.echo("\n".join(_page(found)))


def _page(found: Statistics) -> Iterator[str]:
    yield _head(found)
    for title, rows in _charts(found):
        yield ""
        yield title
        most = max(number for _, number in rows)
        width = max(min(shutil.get_terminal_size().columns, 100) - _LABEL - 12, 10)
        for label, number in rows:
            bar = _bar(number / most * width)
            yield f"  {_cut(label, _LABEL):{_LABEL}} {number:6}  {bar}".rstrip()


def _head(found: Statistics) -> str:
    counts = {
        "reference": found.references,
        "entry": found.entries,
        "annotation": found.annotations,
    }
    return counted(counts) or "no references"


def _charts(found: Statistics) -> Iterator[tuple[str, Rows]]:
    """What is drawn: the years as a line of time, of long lists only the beginning."""
    for name, rows in found.groups().items():
        if name == "years":
            rows = _timeline(rows)
        most = _MOST.get(name, len(rows))
        if rest := sum(number for _, number in rows[most:]):
            rows = [*rows[:most], (f"{len(rows) - most} others", rest)]
        if rows:
            yield _TITLES[name], rows


def _timeline(rows: Rows) -> list[tuple[str, int]]:
    """The years one after the other, also those with nothing; many of them as decades.

    >>> _timeline([("1998", 1), ("2000", 2), ("unknown", 3)])
    [('1998', 1), ('1999', 0), ('2000', 2), ('unknown', 3)]
    >>> _timeline([("1972", 1), ("1985", 2), ("2001", 1)])
    [('1970s', 1), ('1980s', 2), ('1990s', 0), ('2000s', 1)]
    """
    years = {int(label): number for label, number in rows if label != UNKNOWN}
    others = [row for row in rows if row[0] == UNKNOWN]
    if not years or max(years) - min(years) < _YEARS:
        return [*_filled(years, 1, ""), *others]
    decades: dict[int, int] = defaultdict(int)
    for year, number in years.items():
        decades[year // 10 * 10] += number
    return [*_filled(decades, 10, "s"), *others]


def _filled(counts: Mapping[int, int], step: int, sign: str) -> list[tuple[str, int]]:
    every = range(min(counts, default=0), max(counts, default=-1) + 1, step)
    # One wrong year would draw a thousand empty rows
    shown = sorted(counts) if len(every) > _LONGEST else every
    return [(f"{year:04d}{sign}", counts.get(year, 0)) for year in shown]


def _bar(length: float) -> str:
    """A bar of eighths of a character; the shortest is still seen.

    >>> _bar(2.5), _bar(0.01), _bar(0)
    ('██▌', '▏', '')
    """
    eighths = max(round(length * 8), 1 if length else 0)
    return "█" * (eighths // 8) + _BLOCKS[eighths % 8].strip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


# ------------------------------------------------------------------------------- a picture

_ROW, _HEAD, _GAP, _WIDE, _BARS, _MARGIN = 18, 26, 14, 720, 420, 12
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.t{font-weight:bold;font-size:14px}"
    ".l{text-anchor:end}rect{fill:#3b6ea5}.b{fill:#fff}"
)


def _svg(found: Statistics) -> str:
    """The same bars as SVG, without any script or outside resource."""
    charts = list(_charts(found))
    height = 2 * _MARGIN + _HEAD + sum(_HEAD + len(rows) * _ROW + _GAP for _, rows in charts)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}" height="{height}"'
        f' viewBox="0 0 {_WIDE} {height}" role="img">',
        f"<title>{_head(found)}</title><style>{_STYLE}</style>",
        f'<rect class="b" width="{_WIDE}" height="{height}"/>',
        _text(_MARGIN, _MARGIN + 14, _head(found), "t"),
    ]
    top = _MARGIN + _HEAD
    for title, rows in charts:
        lines.append(_text(_MARGIN, top + 16, title, "t"))
        top += _HEAD
        for label, number in rows:
            lines += _svg_row(top, label, number, max(n for _, n in rows))
            top += _ROW
        top += _GAP
    return "\n".join([*lines, "</svg>\n"])


def _svg_row(top: int, label: str, number: int, most: int) -> Iterator[str]:
    left = _WIDE - _BARS - 60
    width = max(number / most * _BARS, 1 if number else 0)
    yield _text(left - 8, top + 13, _cut(label, _LABEL), "l")
    yield f'<rect x="{left}" y="{top + 2}" width="{width:.1f}" height="{_ROW - 5}"/>'
    yield _text(left + width + 5, top + 13, str(number), "n")


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text x="{x:.1f}" y="{y}" class="{kind}">{escape(text)}</text>'
