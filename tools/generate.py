"""Made-up records that look like those of PubMed, for benchmarks: any number, always the same.

    python tools/generate.py ris 100000 > library.ris

The formats are those of WRITERS; all of them hold the same works. A work has six authors and an
abstract of some 1,500 characters on average, MeSH headings, accents, Greek letters, and now and
then something odd: a group, a particle, a generation, a range of months, italics in the title.
Every one says that it is an example; DOIs stand under 10.5555, which belongs to nobody.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import TextIO

# A surname of three parts, so that few are the same: as in a real library
FAMILIES = (
    "Exam Muster Sampl Örn Prób Beispiel Voor Esem Mues Eksem Näi Primje Przy Vzor O'Sam Tes"
    " Illus Demon Fict Imag".split(),
    "ple el ov eb ma ni ro si ta lu de ki pa ra ve zo ña çé mø řa".split(),
    "son mann ová dóttir berg sen ić ski etti ez eau wicz sohn ström ley oğlu -Test escu inen ga"
    "".split(),
)
GIVEN = (
    "Anna Bo Chloé Dag Eva Fátima Göran Hana Ivo José Karel Lea Mia Noé Ole Pia Quentin Rosa Siân"
    " Tom Ute Vera Wim Xenia Yan Zoë"
).split()
ODD_NAMES = (("van der Muster", "Jan", ""), ("d'Exemple", "Luc", ""), ("Sample", "Ann", "Jr"))
GROUP = "Example Study Group"
WORDS = """
    liver injury patients treatment with of the and in drug induced hepatitis serum enzyme levels
    were was clinical features during therapy mild acute cases after exposure onset recovery
    reported jaundice severe chronic daily dose mg weeks between common rare outcome bilirubin
    elevated compared controls cohort randomised blocker agonist syndrome tested; however, GABA
    CO2 HLA-B*57:01 follow-up
""".split()
ODD_WORDS = "α-blocker β-agonist naïve Sjögren's (p<0.05) 12.5% AT&T 5±2 mg/m² TNF-α".split()
FIELDS = (
    ("Hepatology", "Hepatol"),
    ("Toxicology & Safety", "Toxicol Saf"),
    ("Pharmacy", "Pharm"),
    ("Clinical Examples", "Clin Examples"),
    ("Übersichten", "Übers"),
)
HEADINGS = ("Humans", "Female", "Male", "Adult", "Aged, 80 and over", "Retrospective Studies")
QUALIFIERS = ("", "", "/adverse effects", "/*drug effects", "/etiology")
INITIALS = "ABCDEFGHJKLMNOPRSTVW"
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True)
class Work:
    """One made-up article. A person is surname, given name, generation; a group a surname only.
    `title` may hold `<i>`, `date` is (year, month, day), 0 where it is not known."""

    number: int
    people: list[tuple[str, str, str]]
    title: str
    abstract: str
    journal: tuple[str, str, str]
    date: tuple[int, int, int]
    volume: str
    issue: str
    pages: str
    headings: list[str]
    doi: str
    pmcid: str

    @property
    def pmid(self) -> str:
        return str(90_000_000 + self.number)

    @property
    def key(self) -> str:
        return f"example{self.date[0]}w{self.number}"

    @property
    def full_pages(self) -> str:
        first, dash, last = self.pages.partition("-")
        return first + dash + first[: len(first) - len(last)] * bool(dash) + last


def works(count: int) -> Iterator[Work]:
    """The first works of a sequence that is the same in every run."""
    chance = random.Random(20261123)
    for number in range(1, count + 1):
        yield _work(number, chance)


def _work(number: int, chance: random.Random) -> Work:
    odd = chance.random()
    people = [_person(chance) for _ in range(chance.randint(1, 11))]
    if odd < 0.06:
        people.append(chance.choice(ODD_NAMES))
    elif odd < 0.09:
        people.append((GROUP, "", ""))
    words = WORDS if odd < 0.8 else [*WORDS, *ODD_WORDS]
    subject = " ".join(chance.choices(words, k=chance.randint(6, 14)))
    species = "<i>Exemplum fictum</i> and " if 0.1 < odd < 0.15 else ""
    first = 100 * chance.randint(1, 20) + chance.randint(1, 60)
    return Work(
        number=number,
        people=people,
        title=f"Example {number}: {species}{subject}",
        abstract="" if 0.2 < odd < 0.25 else _abstract(chance),
        journal=_journal(chance),
        date=(
            chance.randint(1966, 2025),
            chance.randint(0, 12),
            0 if odd < 0.5 else first % 28 + 1,
        ),
        volume=str(chance.randint(1, 120)) + (" Suppl 1" if 0.3 < odd < 0.33 else ""),
        issue=str(chance.randint(1, 12)) if odd < 0.95 else "",
        pages=f"e{first}" if 0.4 < odd < 0.45 else f"{first}-{(first + number % 30 + 1) % 100:02d}",
        headings=[*chance.sample(HEADINGS, 3), *(_heading(chance) for _ in range(first % 9))],
        doi=f"10.5555/example.{number}" if odd < 0.9 else "",
        pmcid=f"PMC{9_000_000 + number}" if 0.5 < odd < 0.8 else "",
    )


def _person(chance: random.Random) -> tuple[str, str, str]:
    return (
        "".join(map(chance.choice, FAMILIES)),
        f"{chance.choice(GIVEN)} {chance.choice(INITIALS)}.",
        "",
    )


def _heading(chance: random.Random) -> str:
    star = "*" if chance.random() < 0.3 else ""
    return f"{star}Example Disease {chance.randint(1, 400)}{chance.choice(QUALIFIERS)}"


def _journal(chance: random.Random) -> tuple[str, str, str]:
    """One of some 1,500 journals: title, abbreviation, and an ISSN whose check digit is right."""
    title, short = chance.choice(FIELDS)
    number = chance.randint(1, 300)
    digits = f"9{FIELDS.index((title, short))}99{number:03d}"
    check = -sum((8 - place) * int(digit) for place, digit in enumerate(digits)) % 11
    issn = f"{digits[:4]}-{digits[4:]}{'X' if check == 10 else check}"
    return f"Journal of Made-up {title} {number}", f"J Made-up {short} {number}", issn


def _abstract(chance: random.Random) -> str:
    """Half of the abstracts are plain English, as half of PubMed's are."""
    words = WORDS if chance.random() < 0.5 else [*WORDS, *ODD_WORDS]
    sentences = [
        " ".join(chance.choices(words, k=chance.randint(10, 26)))
        for _ in range(chance.randint(9, 20))
    ]
    return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)


# --------------------------------------------------------------------------------- tagged text


def _name(person: tuple[str, str, str], separator: str = ", ") -> str:
    return separator.join(filter(None, person))


def ris(work: Work) -> str:
    """RIS as Zotero and the publishers write it."""
    year, month, day = work.date
    first, _, last = work.full_pages.partition("-")
    lines = [
        ("TY", "JOUR"),
        ("ID", work.key),
        *(("AU", _name(person) if person[1] else f"{person[0]},") for person in work.people),
        ("TI", work.title),
        ("T2", work.journal[0]),
        ("J2", work.journal[1]),
        ("PY", str(year)),
        ("DA", f"{year}/{month:02d}/{f'{day:02d}' if day else ''}/" if month else ""),
        ("VL", work.volume),
        ("IS", work.issue),
        ("SP", first),
        ("EP", last),
        ("SN", work.journal[2]),
        ("DO", work.doi),
        ("C2", work.pmcid),
        ("LA", "eng"),
        ("AB", work.abstract),
        *(("KW", heading) for heading in work.headings),
        ("M2", f"PMID: {work.pmid}"),
    ]
    body = "".join(f"{tag}  - {value}\n" for tag, value in lines if value)
    return f"{body}ER  - \n\n"


def nbib(work: Work) -> str:
    """MEDLINE, as PubMed sends it: wrapped at 88 characters."""
    year, month, day = work.date
    date = [str(year), MONTHS[month - 1] if month else "", str(day) if month and day else ""]
    lines = [
        ("PMID", work.pmid),
        ("OWN", "NLM"),
        ("STAT", "MEDLINE"),
        ("IS", f"{work.journal[2]} (Print)"),
        ("VI", work.volume),
        ("IP", work.issue),
        ("DP", " ".join(filter(None, date))),
        ("TI", f"{_bare(work.title)}."),
        ("PG", work.pages),
        ("LID", f"{work.doi} [doi]" if work.doi else ""),
        ("AB", work.abstract),
        *(line for person in work.people for line in _medline_name(person)),
        ("LA", "eng"),
        ("PT", "Journal Article"),
        ("PL", "Nowhere"),
        ("TA", work.journal[1]),
        ("JT", work.journal[0]),
        ("JID", "0000000"),
        ("SB", "IM"),
        *(("MH", heading) for heading in work.headings),
        ("PMC", work.pmcid),
        ("AID", f"{work.doi} [doi]" if work.doi else ""),
        ("PST", "ppublish"),
        ("SO", f"{work.journal[1]}. {year};{work.volume}({work.issue}):{work.pages}."),
    ]
    return "".join(_wrapped(tag, value) for tag, value in lines if value) + "\n"


def _medline_name(person: tuple[str, str, str]) -> list[tuple[str, str]]:
    family, given, suffix = person
    if not given:
        return [("CN", family)]
    initials = "".join(part[0] for part in given.split())
    return [("FAU", _name(person)), ("AU", " ".join(filter(None, (family, initials, suffix))))]


def _wrapped(tag: str, value: str) -> str:
    lines, line = [], f"{tag:<4}-"
    for word in value.split(" "):
        if len(line) + len(word) > 86:
            lines.append(line)
            line = "     "
        line += f" {word}"
    return "\n".join([*lines, line]) + "\n"


def _bare(title: str) -> str:
    return title.replace("<i>", "").replace("</i>", "")


# -------------------------------------------------------------------------------------- BibTeX


def bibtex(work: Work) -> str:
    """BibTeX as JabRef and Zotero write it, with a few macros for accents."""
    year, month, _ = work.date
    fields = {
        "author": " and ".join(_bibtex_name(person) for person in work.people),
        "title": _latex(work.title),
        "journal": _latex(work.journal[0]),
        "shortjournal": work.journal[1],
        "year": str(year),
        "month": MONTHS[month - 1].lower() if month else "",
        "volume": work.volume,
        "number": work.issue,
        "pages": work.full_pages.replace("-", "--"),
        "issn": work.journal[2],
        "doi": work.doi,
        "pmid": work.pmid,
        "pmcid": work.pmcid,
        "language": "eng",
        "abstract": _latex(work.abstract),
        "keywords": ", ".join(heading.replace(",", "") for heading in work.headings),
    }
    lines = "".join(
        f"  {name} = {value if name == 'month' else f'{{{value}}}'},\n"
        for name, value in fields.items()
        if value
    )
    return f"@article{{{work.key},\n{lines}}}\n\n"


def _bibtex_name(person: tuple[str, str, str]) -> str:
    family, given, suffix = person
    name = ", ".join(filter(None, (family, suffix, given))) if given else f"{{{family}}}"
    return name.replace("ö", '{\\"o}')


def _latex(text: str) -> str:
    text = text.replace("%", "\\%").replace("&", "\\&").replace("<i>", "\\textit{")
    return text.replace("</i>", "}").replace("GABA", "{GABA}")


# ----------------------------------------------------------------------------- CSL-JSON and XML


def csl_json(work: Work) -> str:
    """CSL-JSON, an item a line."""
    item = {
        "id": work.key,
        "type": "article-journal",
        "title": work.title,
        "author": [_csl_name(person) for person in work.people],
        "container-title": work.journal[0],
        "container-title-short": work.journal[1],
        "issued": {
            "date-parts": [[part for part in work.date if part][: 3 if work.date[1] else 1]]
        },
        "volume": work.volume,
        "issue": work.issue,
        "page": work.full_pages,
        "ISSN": work.journal[2],
        "DOI": work.doi,
        "PMID": work.pmid,
        "PMCID": work.pmcid,
        "language": "eng",
        "abstract": work.abstract,
        "keyword": "; ".join(work.headings),
    }
    written = {name: value for name, value in item.items() if value}
    return ("[\n" if work.number == 1 else ",\n") + json.dumps(written, ensure_ascii=False)


def _csl_name(person: tuple[str, str, str]) -> dict[str, str]:
    family, given, suffix = person
    if not given:
        return {"literal": family}
    return {"family": family, "given": given} | ({"suffix": suffix} if suffix else {})


def pubmed_xml(work: Work) -> str:
    """An article as EFetch sends it."""
    year, month, day = work.date
    journal, short, issn = map(escape, work.journal)
    title = escape(work.title).replace("&lt;i&gt;", "<i>").replace("&lt;/i&gt;", "</i>")
    number = f'<ELocationID EIdType="doi" ValidYN="Y">{work.doi}</ELocationID>' if work.doi else ""
    date = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in (
            ("Year", year),
            ("Month", MONTHS[month - 1] if month else ""),
            ("Day", day if month and day else ""),
        )
        if value
    )
    abstract = (
        f"<Abstract><AbstractText>{escape(work.abstract)}</AbstractText></Abstract>\n"
        if work.abstract
        else ""
    )
    ids = "".join(
        f'<ArticleId IdType="{kind}">{value}</ArticleId>'
        for kind, value in (("pubmed", work.pmid), ("pmc", work.pmcid), ("doi", work.doi))
        if value
    )
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">\n'
        f'<PMID Version="1">{work.pmid}</PMID>\n'
        f'<Article PubModel="Print">\n<Journal><ISSN IssnType="Print">{issn}</ISSN>\n'
        f'<JournalIssue CitedMedium="Print"><Volume>{work.volume}</Volume>'
        f"{f'<Issue>{work.issue}</Issue>' if work.issue else ''}"
        f"<PubDate>{date}</PubDate></JournalIssue>\n"
        f"<Title>{journal}</Title><ISOAbbreviation>{short}</ISOAbbreviation></Journal>\n"
        f"<ArticleTitle>{title}.</ArticleTitle>\n"
        f"<Pagination><MedlinePgn>{work.pages}</MedlinePgn></Pagination>{number}\n{abstract}"
        f'<AuthorList CompleteYN="Y">{"".join(map(_xml_name, work.people))}</AuthorList>\n'
        f"<Language>eng</Language>\n<PublicationTypeList>"
        f'<PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList>\n'
        f"</Article>\n<MedlineJournalInfo><Country>Nowhere</Country>"
        f"<MedlineTA>{short}</MedlineTA><NlmUniqueID>0000000</NlmUniqueID></MedlineJournalInfo>\n"
        f"<MeshHeadingList>{''.join(map(_xml_heading, work.headings))}</MeshHeadingList>\n"
        f"</MedlineCitation>\n<PubmedData><PublicationStatus>ppublish</PublicationStatus>"
        f"<ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>\n"
    )


def _xml_name(person: tuple[str, str, str]) -> str:
    family, given, suffix = map(escape, person)
    if not given:
        return f'<Author ValidYN="Y"><CollectiveName>{family}</CollectiveName></Author>\n'
    initials = "".join(part[0] for part in given.split())
    generation = f"<Suffix>{suffix}</Suffix>" if suffix else ""
    affiliation = "Department of Examples, University of Nowhere, Nowhere."
    return (
        f'<Author ValidYN="Y"><LastName>{family}</LastName><ForeName>{given}</ForeName>'
        f"<Initials>{initials}</Initials>{generation}<AffiliationInfo><Affiliation>{affiliation}"
        "</Affiliation></AffiliationInfo></Author>\n"
    )


def _xml_heading(heading: str) -> str:
    descriptor, _, qualifier = heading.partition("/")
    parts = []
    for kind, name in (("DescriptorName", descriptor), ("QualifierName", qualifier)):
        if name:
            major = "Y" if name[0] == "*" else "N"
            text = escape(name.removeprefix("*"))
            parts.append(f'<{kind} UI="D000000" MajorTopicYN="{major}">{text}</{kind}>')
    return f"<MeshHeading>{''.join(parts)}</MeshHeading>\n"


# How one work is written, and what stands in front of all of them and behind
WRITERS: dict[str, tuple[str, Callable[[Work], str], str]] = {
    "bibtex": ("", bibtex, ""),
    "csl-json": ("", csl_json, "\n]\n"),
    "nbib": ("", nbib, ""),
    "pubmed-xml": (
        '<?xml version="1.0" encoding="UTF-8"?>\n<PubmedArticleSet>\n',
        pubmed_xml,
        "</PubmedArticleSet>\n",
    ),
    "ris": ("", ris, ""),
}


def generate(format_name: str, count: int, stream: TextIO) -> None:
    """Write so many works in a format, one after the other."""
    head, write, foot = WRITERS[format_name]
    stream.write(head)
    for work in works(count):
        stream.write(write(work))
    stream.write(foot)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("format", choices=WRITERS)
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    generate(options.format, options.count, sys.stdout)


if __name__ == "__main__":
    main()
