"""What the references of a database are, counted: for people who would rather look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from refbase.match import IDENTIFIERS
from refbase.model import Reference
from refbase.store import query
from refbase.store.query import Filter
from refbase.store.tables import RECORD, REFERENCE, SOURCE
from refbase.text import plain

UNKNOWN = "unknown"
ENRICHED, PLAIN, UNIDENTIFIED = "enriched", "not enriched", "without identifier"


@dataclass(slots=True)
class Statistics:
    """How many references, entries, annotations; and of the references how many by year, type,
    container title, bibliography, identifier, and whether PubMed tells of them."""

    references: int = 0
    entries: int = 0
    annotations: int = 0
    years: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    containers: Counter[str] = field(default_factory=Counter)
    bibliographies: Counter[str] = field(default_factory=Counter)
    identifiers: Counter[str] = field(default_factory=Counter)
    enrichment: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Years in order, everything else by how often it is."""
        told: dict[str, Any] = {
            name: getattr(self, name) for name in ("references", "entries", "annotations")
        }
        return told | {name: dict(counts) for name, counts in self.groups().items()}

    def groups(self) -> dict[str, list[tuple[str, int]]]:
        """Everything that is counted by name, each in the order in which it is shown."""
        return {
            "years": sorted(self.years.items()),
            **{
                name: sorted(getattr(self, name).items(), key=lambda pair: (-pair[1], pair[0]))
                for name in ("types", "containers", "bibliographies", "identifiers", "enrichment")
            },
        }


def count(connection: Connection, chosen: Filter) -> Statistics:
    """Count the references that a filter chooses."""
    enriched = _enriched(connection)
    found = Statistics()
    for dossier in query.dossiers(connection, chosen, records=False):
        found.references += 1
        found.entries += len(dossier.entries)
        found.annotations += sum(bool(entry.annotation) for entry in dossier.entries)
        found.bibliographies.update({entry.bibliography for entry in dossier.entries})
        _count(found, dossier.reference, dossier.key in enriched)
    return found


def _count(found: Statistics, reference: Reference, enriched: bool) -> None:
    year = reference.year
    found.years[f"{year:04d}" if year is not None else UNKNOWN] += 1
    found.types[reference.type] += 1
    found.containers[plain(reference.container_title) or UNKNOWN] += 1
    known = [name for name in IDENTIFIERS if reference.text(name)]
    found.identifiers.update(known or ["none"])
    found.enrichment[ENRICHED if enriched else PLAIN if known else UNIDENTIFIED] += 1


def _enriched(connection: Connection) -> set[str]:
    """The keys of the references that PubMed tells of."""
    told = (
        select(REFERENCE.c.key)
        .join(RECORD, RECORD.c.reference_id == REFERENCE.c.id)
        .join(SOURCE, SOURCE.c.id == RECORD.c.source_id)
        .where(SOURCE.c.kind == "pubmed")
    )
    return set(connection.scalars(told))
