"""nbib to RIS with Biopython's Medline reader and rispy.

python nbib_to_ris.py < records.nbib > records.ris
"""

from __future__ import annotations

import sys
from typing import Any

import rispy
from Bio import Medline

# Tag of MEDLINE -> field of rispy
FIELDS = {
    "TI": "title",
    "AB": "abstract",
    "JT": "journal_name",
    "TA": "alternate_title3",
    "VI": "volume",
    "IP": "number",
    "PG": "start_page",
    "DP": "year",
    "MH": "keywords",
    "LA": "language",
    "IS": "issn",
    "PMID": "accession_number",
    "PMC": "custom2",
}
LISTS = frozenset(("keywords",))


def item(record: dict[str, Any]) -> dict[str, Any]:
    """What rispy writes of a record: as much as its fields hold."""
    made: dict[str, Any] = {"type_of_reference": "JOUR"}
    for tag, name in FIELDS.items():
        if value := record.get(tag):
            made[name] = (
                ", ".join(value) if isinstance(value, list) and name not in LISTS else value
            )
    made["authors"] = [*record.get("FAU", record.get("AU", ())), *record.get("CN", ())]
    for text in record.get("AID", ()):
        if text.endswith(" [doi]"):
            made["doi"] = text.removesuffix(" [doi]")
    return made


def main() -> None:
    rispy.dump([item(record) for record in Medline.parse(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
