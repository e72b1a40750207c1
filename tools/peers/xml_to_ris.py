"""PubMed XML to RIS with pubmed_parser, which reads gzip only, and rispy.

python xml_to_ris.py < records.xml.gz > records.ris
"""

from __future__ import annotations

import sys
from typing import Any

import pubmed_parser
import rispy

# Field of pubmed_parser -> field of rispy
FIELDS = {
    "title": "title",
    "abstract": "abstract",
    "journal": "journal_name",
    "medline_ta": "alternate_title3",
    "issue": "number",
    "pages": "start_page",
    "pubdate": "year",
    "languages": "language",
    "issn_linking": "issn",
    "pmid": "accession_number",
    "pmc": "custom2",
    "doi": "doi",
}


def item(record: dict[str, Any]) -> dict[str, Any]:
    """What rispy writes of a record: as much as its fields hold."""
    made: dict[str, Any] = {"type_of_reference": "JOUR"}
    made |= {name: record[field] for field, name in FIELDS.items() if record.get(field)}
    # `family|given|initials|identifier` separated by `;`, headings as `D000000:Liver`
    people = filter(None, record["authors"].split(";"))
    made["authors"] = [", ".join(person.split("|")[:2]) for person in people]
    headings = filter(None, record["mesh_terms"].split("; "))
    made["keywords"] = [heading.partition(":")[2] or heading for heading in headings]
    return made


def main() -> None:
    records = pubmed_parser.parse_medline_xml(sys.stdin.buffer)
    rispy.dump(list(map(item, records)), sys.stdout)


if __name__ == "__main__":
    main()
