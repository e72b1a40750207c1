"""How well citations are read that were printed in many styles: F1 and whole records, by style.

    python tools/citation_styles.py CORPORA [--csl FOLDER] [--style NAME] [--show N]

CORPORA holds `pubmed/features.xml`, `livertox/*.nxml` and `citations/references.jsonl`: records
whose parts are known. Each is printed in each style and read again. The styles are templates;
with `--csl` also those of the CSL styles in FOLDER named below, printed by pandoc. `--show`
prints the first N citations that were read wrong, with what differs.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from score import folded

from refbase import formats
from refbase.citation import parse
from refbase.model import Reference
from refbase.text import plain
from refbase.values import ET_AL, Date, Name, full_pages, page_range, undotted

FIELDS = ("authors", "title", "journal", "year", "volume", "issue", "first", "last", "doi", "pmid")
CSL = (
    "american-medical-association nlm-citation-sequence vancouver apa apa-6th-edition "
    "springer-vancouver springer-basic-author-date cell elsevier-vancouver elsevier-harvard "
    "harvard-cite-them-right nature the-lancet bmj plos national-library-of-medicine pnas "
    "frontiers elife annals-of-oncology hepatology gastroenterology american-chemical-society "
    "taylor-and-francis-national-library-of-medicine karger-journals oxford-journals-scimed-numeric"
).split()

# --------------------------------------------------------------------------------- the records


def records(corpora: Path) -> list[Reference]:
    """The articles of the corpora whose parts are known, each work once."""
    found: dict[str, Reference] = {}
    for reference in (*cited(corpora / "citations"), *read(corpora)):
        if reference.title and reference.container_title and reference.year:
            found.setdefault(folded(plain(reference.title)), abbreviated(reference))
    return list(found.values())


def abbreviated(reference: Reference) -> Reference:
    """The reference with initials only; a supplement that PubMed has as a part of the volume is
    the issue."""
    people = tuple(
        Name.from_nlm(f"{n.surname} {initials(n.given)} {n.suffix}".strip()) if n.given else n
        for n in reference.authors
    )
    variables = {**reference.variables, "author": people} if people else {**reference.variables}
    volume, supplement, number = reference.text("volume").partition(" Suppl")
    if supplement:
        variables |= {"volume": volume, "issue": f"Suppl{number}"}
    return replace(reference, variables=variables)


def read(corpora: Path) -> Iterator[Reference]:
    """The articles of PubMed, and those of the chapters whose parts are marked."""
    files = [(corpora / "pubmed" / "features.xml", "pubmed-xml")]
    files += [(path, "livertox") for path in sorted((corpora / "livertox").glob("*.nxml"))]
    for path, name in files:
        with path.open("rb") as stream:
            for parsed in formats.read(stream, path.name, formats.get(name)):
                reference = parsed.dossier.reference if parsed.dossier else None
                if reference and reference.type == "article-journal" and not parsed.diagnostics:
                    yield reference


def cited(folder: Path) -> Iterator[Reference]:
    """The citations whose parts were labelled."""
    for line in (folder / "references.jsonl").read_text().splitlines():
        said = json.loads(line)
        people = ((n["family"], re.sub(r"[.\s]", "", n["given"])) for n in said["authors"])
        names = [Name.from_nlm(f"{family} {given}") for family, given in people]
        names += [Name(literal=body) for body in said["collab"]]
        page = "-".join(filter(None, (said["first_page"], said["last_page"])))
        variables = {
            "title": said["title"],
            "author": tuple([*names, ET_AL] if said["etal"] else names),
            "container-title": said["journal"],
            "issued": Date.parse(said["year"]),
            "page": page,
            "DOI": said["doi"],
            "PMID": said["pmid"],
        } | {key: said[key] for key in ("volume", "issue")}
        yield Reference("article-journal", {k: v for k, v in variables.items() if v})


# --------------------------------------------------------------------------------- the styles


@dataclass(frozen=True)
class Style:
    """How one style prints: the names, what is between and behind them, and a template.

    In the template a part in braces is left out, with what is printed in it, where the
    reference does not have it: `{(|issue|)}`. `says` is what the template says of every one.
    """

    template: str
    name: Callable[[Name], str] = lambda name: name.nlm
    between: str = ", "
    last: str = ", "
    first_names: int = 1000
    et_al: str = ", et al"
    range: str = "-"
    full: bool = True
    short: bool = True
    says: Mapping[str, str] = field(default_factory=dict)


def dotted(name: Name) -> str:
    return f"{name.surname} {name.given.replace(' ', '')}"


def inverted(name: Name) -> str:
    return name.inverted


def tight(name: Name) -> str:
    return name.inverted.replace(". ", ".")


def capitals(name: Name) -> str:
    return f"{name.surname.upper()} {undotted(name.given)}"


def natural(name: Name) -> str:
    return " ".join(filter(None, (name.given, name.surname, name.suffix)))


def tight_natural(name: Name) -> str:
    return natural(name._replace(given=name.given.replace(" ", "")))


TAIL = "{ doi: |doi|.}{ PMID: |pmid|.}"
SERIAL = "{;|volume|}{(|issue|)}{:|page|}"
STYLES = {
    "nlm": Style("{|names|. }|title| |journal|. |year|" + SERIAL + ".", full=False),
    "nlm-date": Style("{|names|. }|title| |journal|. |date|" + SERIAL + "." + TAIL, full=False),
    "pubmed": Style(
        "{|names|. }|title| |journal|. |date|" + SERIAL + ".{ doi: |doi|.} Epub 2012 Jan 5."
        "{ PMID: |pmid|; }PMCID: PMC1234567.",
        full=False,
    ),
    "medline-3": Style(
        "{|names|. }|title| |journal| |year|" + SERIAL + "{ [PubMed: |pmid|]}",
        first_names=3,
        full=False,
    ),
    "vancouver-6": Style(
        "{|names|. }|title| |journal|. |year|" + SERIAL + ".{ https://doi.org/|doi|}",
        first_names=6,
        full=False,
    ),
    "vancouver-long": Style(
        "{|names|. }|title| |journal|. |year|" + SERIAL + "." + TAIL, short=False, range="–"
    ),
    "verbatim": Style(
        "{|names|. }|title| |journal|. |year|{;|volume|}{(|issue|)}{: |page|}."
        "{ doi: |doi|}{ PMID: |pmid|}",
        range="–",
    ),
    "online-ahead": Style(
        "{|names|. }|title| |journal|. |date|.{ doi: |doi|.} [Epub ahead of print]",
        says={"volume": "", "issue": "", "first": "", "last": ""},
    ),
    "online-ahead-number": Style(
        "{|names|. }|title| |journal|. |date|:e0001.",
        says={"volume": "", "issue": "", "first": "e0001", "last": ""},
    ),
    "ama": Style(
        "{|names|. }|title| |journal|. |year|" + SERIAL + ".{ doi:|doi|}",
        first_names=3,
        range="–",
    ),
    "supplement": Style(
        "{|names|. }|title| |journal| |year|{;|volume|} Suppl 2:S1-S9.",
        says={"issue": "suppl2", "first": "s1", "last": "s9"},
    ),
    "plos": Style(
        "{|names| }(|year|) |title| |journal|{ |volume|}{: |page|}.{ doi:|doi|}",
        range="–",
        et_al=", et al.",
        first_names=5,
    ),
    "springer": Style(
        "{|names| }(|year|) |title| |journal|{ |volume|}{(|issue|)}{:|page|}{. https://doi.org/|doi|}",
        range="–",
        first_names=3,
    ),
    "cell": Style(
        "{|names| }(|year|). |title| |journal|{ |volume|}{, |page|}.{ https://doi.org/|doi|.}",
        name=inverted,
        last=", and ",
        range="–",
    ),
    "livertox": Style(
        "{|names|. }|title| |journal| |year|{; |volume|}{ (|issue|)}{: |page|}.", full=False
    ),
    "livertox-wide": Style(
        "{|names|. }|title| |journal| |year|{; |volume|}{: |page|}.{ |pmid|}", first_names=3
    ),
    "bmj": Style(
        "{|names|. }|title| |journal| |year|{;|volume|}{:|page|}.{ doi:|doi|}",
        range="–",
        first_names=3,
    ),
    "apa-6": Style(
        "{|names| }(|year|). |title| |journal|{, |volume|}{(|issue|)}{, |page|}.{ doi:|doi|}",
        name=inverted,
        last=", & ",
        range="–",
        short=False,
    ),
    "apa-7": Style(
        "{|names| }(|year|). |title| |journal|{, |volume|}{(|issue|)}{, |page|}.{ https://doi.org/|doi|}",
        name=inverted,
        last=", & ",
        range="–",
        short=False,
    ),
    "apa-and": Style(
        "{|names| }(|year|). |title| |journal|{, |volume|}{(|issue|)}{, |page|}.",
        name=tight,
        last=" and ",
        range="-",
        short=False,
    ),
    "acs-like": Style(
        "{|names|. }|title| |journal| |year|{, |volume|}{ (|issue|)}{, |page|}.{ https://doi.org/|doi|.}",
        name=tight,
        between="; ",
        last="; ",
        range="–",
        et_al="; et al",
    ),
    "harvard": Style(
        "{|names|, }|year|. |title| |journal|{ |volume|}{, |page|}.{ https://doi.org/|doi|}",
        name=tight,
        range="–",
        short=False,
    ),
    "harvard-rite": Style(
        "{|names| }(|year|) ‘|bare|’, |journal|{, |volume|}{(|issue|)}{, pp. |page|}."
        "{ doi: |doi|.}",
        name=tight,
        last=" and ",
        range="–",
        short=False,
    ),
    "elsevier": Style(
        "{|names|, }|bare|, |journal|{ |volume|} (|year|){ |page|}.{ https://doi.org/|doi|.}",
        name=tight_natural,
        range="–",
    ),
    "nature": Style(
        "{|names| }|title| |journal|{ |volume|}{, |page|} (|year|).",
        name=inverted,
        last=" & ",
        range="–",
        first_names=4,
        et_al=" et al.",
    ),
    "dotted": Style(
        "{|names|. }|title| |journal|. |year|{;|volume|}{(|issue|)}{:|page|}.", name=dotted
    ),
    "and": Style("{|names|. }|title| |journal|. |year|" + SERIAL + ".{ doi:|doi|}", last=" and "),
    "ampersand": Style("{|names|. }|title| |journal| |year|{; |volume|}{: |page|}", last=" & "),
    "semicolons": Style(
        "{|names|. }|title| |journal|. |year|" + SERIAL + ".", between="; ", last="; "
    ),
    "capitals": Style("{|names|. }|title| |journal|. |year|" + SERIAL + ".", name=capitals),
    "no-end": Style("{|names|. }|title| |journal| |year|" + SERIAL),
    "pages-marked": Style(
        "{|names|. }|title| |journal|. |year|{;|volume|}{(|issue|)}{:p. |page|}."
    ),
    "vol-no": Style(
        "{|names|. }|title| |journal|. |year|{; vol. |volume|}{, no. |issue|}{: pp. |page|}."
    ),
}


def printed(reference: Reference, style: Style) -> str:
    """A reference as the style prints it."""
    parts = {
        "names": names(reference.authors, style),
        "bare": plain(reference.title),
        "title": sentence(plain(reference.title)),
        "journal": (style.short and reference.text("container-title-short"))
        or plain(reference.container_title),
        "year": str(reference.year),
        "date": date(reference),
        "page": page(reference.text("page"), style),
        "doi": reference.doi,
        "pmid": reference.pmid,
    } | {name: reference.text(name) for name in ("volume", "issue")}

    def filled(found: re.Match[str]) -> str:
        values = re.findall(r"\|(\w+)\|", found[1])
        whole = all(parts[name] for name in values)
        return re.sub(r"\|(\w+)\|", lambda f: parts[f[1]], found[1]) if whole else ""

    text = re.sub(r"\{([^{}]*)\}", filled, style.template)
    text = re.sub(r"\|(\w+)\|", lambda found: parts[found[1]], text)
    return re.sub(r"\.\.(?= |$)", ".", text)


def names(people: tuple[Name, ...], style: Style) -> str:
    shown = [n.literal or style.name(n) for n in people if n != ET_AL]
    cut = ET_AL in people or len(shown) > style.first_names
    shown = shown[: style.first_names]
    if cut:
        return style.between.join(shown) + style.et_al
    return style.last.join(filter(None, (style.between.join(shown[:-1]), *shown[-1:])))


def sentence(title: str) -> str:
    return title if title[-1] in ".?!" else title + "."


def page(pages: str, style: Style) -> str:
    pages = full_pages(pages)
    first, last = page_range(pages)
    if not style.full and first.isdigit() and last.isdigit() and len(first) == len(last):
        same = next((i for i, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), 0)
        pages = f"{first}-{last[same:]}"
    return pages.replace("-", style.range)


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def date(reference: Reference) -> str:
    issued = reference.date()
    year, month, day = (*(issued.start if issued else ()), 0, 0)[:3]
    return " ".join(map(str, filter(None, (year, month and MONTHS[(month - 1) % 12], day))))


def by_pandoc(references: list[Reference], style: Path) -> list[str]:
    """The references as pandoc prints them in a CSL style, in their order."""
    items = [
        {**r.to_csl(), "id": f"r{number}", "author": [n for n in r.to_csl().get("author", [])
         if n.get("literal") != "et al."]}
        for number, r in enumerate(references)
    ]  # fmt: skip
    for item in items:
        item.pop("custom", None)
        item.pop("language", None)
    import pypandoc  # only here: the templates need no pandoc

    with tempfile.NamedTemporaryFile("w", suffix=".json") as library:
        json.dump(items, library)
        library.flush()
        library_and_style = (f"--bibliography={library.name}", f"--csl={style}")
        page = subprocess.run(
            [pypandoc.get_pandoc_path(), "--citeproc", *library_and_style, "-t", "html"],
            input="---\nnocite: '@*'\n---\n",
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    found = re.findall(
        r'<div id="ref-r(\d+)" class="csl-entry"[^>]*>(.*?)</div>\s*(?=<div id="ref|</div>\s*$)',
        page,
        re.S,
    )
    lines = {int(n): html.unescape(re.sub(r"<[^>]+>", "", text)) for n, text in found}
    number = re.compile(r"^[\[(]?\d+[.)\]]*\s*(?=\D)")
    return [number.sub("", " ".join(lines.get(n, "").split())) for n in range(len(references))]


AFTER_NAMES = re.compile(r"\|names\|,? \}\(?\|year")

# --------------------------------------------------------------------------------- the score


def values(reference: Reference, count: int | None = None) -> dict[str, str]:
    """The parts of a reference, folded so that only letters and digits count."""
    people = [n for n in reference.authors if n.family][:count]
    first, last = page_range(reference.text("page"))
    first = first or reference.text("page")
    said = {
        "authors": "|".join(f"{n.surname},{initials(n.given)}" for n in people),
        "title": plain(reference.title),
        "journal": plain(reference.container_title),
        "year": str(reference.year or ""),
        "first": first,
        "last": last if last != first else "",
        "doi": reference.doi,
        "pmid": reference.pmid,
    } | {name: reference.text(name) for name in ("volume", "issue")}
    return {name: folded(value) for name, value in said.items()}


def initials(given: str) -> str:
    bare = undotted(given)
    return bare if bare.isupper() else "".join(p[:1] for p in re.split(r"[\s.-]+", given))


def compared(reference: Reference, text: str, style: Style | None) -> dict[str, tuple[str, str]]:
    """Of each part what is known and what was read of the citation. What the style does not
    print is not asked for."""
    read = parse(text).reference
    said = values(read)
    listed = sum(bool(n.family) for n in read.authors) if ET_AL in read.authors else None
    known = values(reference, listed)
    short = folded(reference.text("container-title-short"))
    if short and said["journal"] == short:
        known["journal"] = short
    template = style.template if style else text
    for name in ("volume", "issue", "doi", "pmid"):
        printed = f"|{name}|" in template if style else reference.text(name.upper()) in text
        known[name] = known[name] if printed else ""
    if style is None:  # whether a CSL style prints the issue is known only from what it prints
        known["issue"] = said["issue"] and known["issue"]
    known |= style.says if style else {}
    return {name: (known[name], said[name]) for name in FIELDS}


def score(name: str, cases: list[tuple[Reference, str]], style: Style | None, show: int) -> str:
    """One line of the table."""
    counts: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for reference, text in cases:
        parts = compared(reference, text, style)
        wrong = {n: pair for n, pair in parts.items() if pair[0] != pair[1]}
        counts["whole"] += not wrong
        counts["right"] += sum(1 for known, said in parts.values() if known and known == said)
        counts["told"] += sum(1 for known, said in parts.values() if said)
        counts["known"] += sum(1 for known, said in parts.values() if known)
        fields.update(list(wrong))
        if wrong and show > 0:
            show -= 1
            sys.stdout.write(f"{text}\n")
            for part, (known, said) in wrong.items():
                sys.stdout.write(f"   {part}: - {known}\n   {part}: + {said}\n")
    f1 = 2 * counts["right"] / (counts["told"] + counts["known"])
    worst = ", ".join(f"{field} {count}" for field, count in fields.most_common(4))
    return f"{name:30}{len(cases):6}{f1:8.4f}{counts['whole'] / len(cases):8.4f}  {worst}\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--csl", type=Path)
    parser.add_argument("--style", default="")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--step", type=int, default=1, help="every so many records only")
    options = parser.parse_args(arguments)
    known = records(options.corpora)[:: options.step]
    sys.stdout.write(f"{'style':30}{'n':>6}{'F1':>8}{'whole':>8}  wrong most often\n")
    for name, style in STYLES.items():
        if options.style in ("", name):
            # Without names these styles print the title in their place
            asked = [r for r in known if r.authors] if AFTER_NAMES.search(style.template) else known
            cases = [(one, printed(one, style)) for one in asked]
            sys.stdout.write(score(name, cases, style, options.show))
    for name in CSL if options.csl else ():
        path = options.csl / f"{name}.csl"
        if path.is_file() and options.style in ("", "csl", f"csl:{name}"):
            texts = by_pandoc(known, path)
            cases = [case for case in zip(known, texts, strict=True) if case[1]]
            sys.stdout.write(score(f"csl:{name}", cases, None, options.show))
    return 0


if __name__ == "__main__":
    sys.exit(main())
