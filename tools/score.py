"""How well the livertox reader reads: precision and recall, field by field.

    python tools/score.py FOLDER [--layout text|html|xml] [--show FIELD]

FOLDER holds LiverTox chapters as BITS XML (`Baclofen.nxml`) and as text (`Baclofen.txt`), some
as HTML. The XML is the truth: it has every reference with its PMID and annotation, and for most
of them the parts of the citation are marked. Scored is the text, or another `--layout`.
`--show` prints what differs in one field.
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from refbase.formats.base import Input
from refbase.formats.livertox import read
from refbase.model import Dossier
from refbase.values import ET_AL, full_pages, undotted

PARTS = ("authors", "title", "container", "year", "volume", "issue", "pages")
LAYOUTS = {"text": ".txt", "html": ".html", "xml": ".nxml"}
FIELDS = ("pmid", "annotation", *PARTS)
"""PARTS can be compared only where the XML marks them."""


@dataclass
class Truth:
    """What the XML says of one reference; `marked` where the parts of its citation are."""

    marked: bool
    text: str
    values: dict[str, str] = field(default_factory=dict)


def main(arguments: list[str] | None = None) -> int:
    """Read all chapters of a folder and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", default="", choices=("", *FIELDS))
    parser.add_argument("--layout", default="text", choices=LAYOUTS)
    options = parser.parse_args(arguments)
    counts: Counter[tuple[str, str]] = Counter()
    for chapter in sorted(options.folder.glob(f"*{LAYOUTS[options.layout]}")):
        truths = list(gold(chapter.with_suffix(".nxml")))
        found = list(entries(chapter))
        counts["references", "truth"] += len(truths)
        counts["references", "read"] += len(found)
        for truth, dossier in zip(truths, found, strict=False):
            compare(truth, dossier, counts, options.show, chapter.stem)
    sys.stdout.write(table(counts) + "\n")
    return 0


def entries(chapter: Path) -> Iterator[Dossier]:
    with chapter.open("rb") as stream:
        for parsed in read(Input(stream, chapter.name)):
            if parsed.dossier:
                yield parsed.dossier


def compare(
    truth: Truth, dossier: Dossier, counts: Counter[tuple[str, str]], show: str, chapter: str
) -> None:
    """Count the fields of one reference that are right, invented and missing."""
    said = values(dossier)
    for name in FIELDS if truth.marked else FIELDS[:2]:
        expected, got = folded(truth.values.get(name, "")), folded(said.get(name, ""))
        if expected == got or (name in FIELDS[:2] and strayed(expected, got, truth.text)):
            counts[name, "right"] += bool(got)
            continue
        counts[name, "invented"] += bool(got)
        counts[name, "missed"] += bool(expected)
        if name == show:
            entry = dossier.entries[0]
            where = f"{chapter} {entry.position}: {entry.citation}"
            sys.stdout.write(f"{where}\n   - {expected}\n   + {got}\n")


def strayed(expected: str, got: str, text: str) -> bool:
    """Whether the XML marks a part of what was read, and the text shows that all of it is right:
    a PMID that is only printed, an annotation that begins in the citation or the other way
    round."""
    return bool(got) and got in folded(text) and (got.endswith(expected) or expected.endswith(got))


def values(dossier: Dossier) -> dict[str, str]:
    """The fields of what was read, written like those of the XML."""
    reference = dossier.reference
    names = [n for n in reference.authors if n != ET_AL]
    return {
        "pmid": reference.pmid,
        "annotation": dossier.entries[0].annotation,
        "authors": "|".join(
            n.literal or f"{n.surname} {undotted(n.given)} {n.suffix}" for n in names
        ),
        "title": reference.title,
        "container": reference.container_title,
        "year": str(reference.year or ""),
        "volume": reference.text("volume"),
        "issue": reference.text("issue"),
        "pages": full_pages(reference.text("page")),
    }


def folded(text: str) -> str:
    """Letters and digits only, in lower case; names stay apart."""
    text = unicodedata.normalize("NFKD", text).lower()
    return re.sub(r"[^\w|]|_", "", "".join(c for c in text if not unicodedata.combining(c)))


def gold(path: Path) -> Iterator[Truth]:
    """The references of a chapter in BITS XML."""
    for reference in ET.parse(path).iter("ref"):
        for citation in reference:
            if citation.tag in ("element-citation", "mixed-citation"):
                yield truth_of(citation)


def truth_of(citation: ET.Element) -> Truth:
    marked = citation.find(".//source") is not None
    said = {"pmid": text_of(citation, "pub-id"), "annotation": text_of(citation, "annotation")}
    if marked:
        said |= parts_of(citation)
    addresses = (v for link in citation.iter("ext-link") for v in link.attrib.values())
    return Truth(marked, " ".join(["".join(citation.itertext()), *addresses]), said)


def text_of(citation: ET.Element, tag: str) -> str:
    found = citation.find(f".//{tag}")
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def parts_of(citation: ET.Element) -> dict[str, str]:
    """The marked parts, without the noise of the XML: full stops inside given names and behind
    journals, titles marked as comments or as a body of authors, the word `pii` as a comment."""
    comments = [" ".join("".join(c.itertext()).split()) for c in citation.findall(".//comment")]
    title = text_of(citation, "article-title") or next((c for c in comments if "[" in c[:1]), "")
    bodies = [" ".join("".join(c.itertext()).split()) for c in citation.iter("collab")]
    names = [name_of(n) for n in citation.iter() if n.tag in ("name", "string-name")]
    if not title and bodies and not names:
        title = bodies.pop(0)
    first, last = text_of(citation, "fpage"), text_of(citation, "lpage")
    supplement = text_of(citation, "supplement")
    return {
        "authors": "|".join([*names, *bodies]),
        "title": re.sub(r"\]\s*\[(?:Article in )?\w+\]$", "]", title),
        "container": text_of(citation, "source").removeprefix("PMID: "),
        "year": text_of(citation, "year"),
        "volume": text_of(citation, "volume"),
        "issue": f"{text_of(citation, 'issue')} {supplement}",
        "pages": text_of(citation, "elocation-id")
        or full_pages(f"{first}-{last}" if last else first),
    }


def name_of(name: ET.Element) -> str:
    return " ".join(text_of(name, tag) for tag in ("surname", "given-names", "suffix"))


def table(counts: Counter[tuple[str, str]]) -> str:
    """The counts as lines of text."""
    lines = [
        f"references: {counts['references', 'read']} read, {counts['references', 'truth']} there"
    ]
    lines.append(
        f"{'field':12}{'right':>7}{'invented':>10}{'missed':>8}{'precision':>11}{'recall':>8}"
    )
    for name in FIELDS:
        right, invented, missed = (counts[name, k] for k in ("right", "invented", "missed"))
        precision = right / (right + invented) if right + invented else 1
        recall = right / (right + missed) if right + missed else 1
        lines.append(f"{name:12}{right:7}{invented:10}{missed:8}{precision:11.2%}{recall:8.2%}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
