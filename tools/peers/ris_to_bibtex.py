"""RIS to BibTeX with rispy and bibtexparser, as a short script would do it.

python ris_to_bibtex.py < library.ris > library.bib
"""

from __future__ import annotations

import sys

import bibtexparser
import rispy
from bibtexparser.model import Entry, Field

FIELDS = {
    "title": "title",
    "secondary_title": "journal",
    "year": "year",
    "volume": "volume",
    "number": "number",
    "issn": "issn",
    "doi": "doi",
    "language": "language",
    "abstract": "abstract",
}


def entry(record: dict[str, object], number: int) -> Entry:
    fields = [
        Field(name, str(record[known])) for known, name in FIELDS.items() if record.get(known)
    ]
    for known, name, separator in (("authors", "author", " and "), ("keywords", "keywords", ", ")):
        if isinstance(listed := record.get(known), list):
            fields.append(Field(name, separator.join(listed)))
    pages = [str(record[side]) for side in ("start_page", "end_page") if side in record]
    fields.append(Field("pages", "--".join(pages)))
    return Entry("article", str(record.get("id", f"r{number}")), fields)


def main() -> None:
    library = bibtexparser.Library(
        [entry(record, number) for number, record in enumerate(rispy.load(sys.stdin), 1)]
    )
    sys.stdout.write(bibtexparser.write_string(library))


if __name__ == "__main__":
    main()
