"""What an import will change, as data: it can be printed, tested and refused before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from refbase.errors import Diagnostic
from refbase.merge import differences
from refbase.model import Entry, Record, Reference, Source


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record with what its source says of bibliographies; None where that is not known."""

    record: Record
    entries: tuple[Entry, ...] | None


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry before and after; `before` is None for a new one, `after` for one that goes.

    `id` is its row. `record` is the place, among the new records of the reference, of the one
    that its texts now come from; None leaves that as it is. `file_position` as in the table.
    """

    before: Entry | None
    after: Entry | None
    file_position: int
    id: int = 0
    record: int | None = None

    @property
    def bibliography(self) -> str:
        entry = self.after or self.before
        return entry.bibliography if entry else ""


@dataclass(frozen=True, slots=True)
class ReferenceChange:
    """All that is done to one reference. `id` is its row, 0 for a new reference.

    `untagged` are tags that go. `version` is that of the row when it was read, for plans that
    lie open while others write; 0 where that does not matter.
    """

    key: str
    before: Reference | None
    after: Reference
    id: int = 0
    records: tuple[KeptRecord, ...] = ()
    entries: tuple[EntryChange, ...] = ()
    tags: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()
    version: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "action": "update" if self.id else "new",
            "reference": {
                name: {"before": before if self.id else None, "after": after}
                for name, (before, after) in differences(
                    self.before or Reference(), self.after
                ).items()
            },
            "records": len(self.records),
            "entries": [
                {
                    "bibliography": entry.bibliography,
                    "before": _entry_json(entry.before),
                    "after": _entry_json(entry.after),
                }
                for entry in self.entries
            ],
            "tags": list(self.tags),
            "untagged": list(self.untagged),
        }


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will change. `state` is the last change before it was computed: `apply`
    refuses if there was another since. Without `changes` there is nothing to do."""

    source: Source
    state: int
    changes: tuple[ReferenceChange, ...] = ()
    unchanged: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many references are new, updated (merged anew from their records), unchanged;
        how many records are new; how many entries are new, updated."""
        entries = [entry for change in self.changes for entry in change.entries]
        new = sum(1 for change in self.changes if not change.id)
        updated = sum(1 for change in self.changes if change.id and change.before != change.after)
        return {
            "new": new,
            "updated": updated,
            "unchanged": self.unchanged + len(self.changes) - new - updated,
            "records": sum(len(change.records) for change in self.changes),
            "entries": sum(1 for entry in entries if entry.before is None),
            "entries_updated": sum(1 for entry in entries if entry.before is not None),
        }

    @property
    def summary(self) -> str:
        """The import in a few words, for people and for the log.

        >>> ImportPlan(Source("file", "a.csv"), 0).summary
        'a.csv: nothing new'
        """
        said = [
            f"{count} {what if count == 1 else many} {how}"
            for count, (what, many, how) in zip(self.counts.values(), _COUNTED, strict=True)
            if count
        ]
        return f"{self.source.name}: {', '.join(said) if self.changes else 'nothing new'}"

    def to_json(self) -> dict[str, Any]:
        """The plan for programs, and for `--dry-run --json`."""
        return {
            "source": self.source.name,
            "counts": dict(self.counts),
            "changes": [change.to_json() for change in self.changes],
            "diagnostics": [
                {
                    "severity": found.severity.value,
                    "code": found.code,
                    "message": found.message,
                    "file": found.span.file,
                    "line": found.span.line,
                }
                for found in self.diagnostics
            ],
        }


# In the order of `counts`
_COUNTED = (
    ("reference", "references", "new"),
    ("reference", "references", "updated"),
    ("reference", "references", "unchanged"),
    ("record", "records", "new"),
    ("entry", "entries", "new"),
    ("entry", "entries", "updated"),
)


def _entry_json(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {
        "position": entry.position,
        "citation": entry.citation,
        "annotation": entry.annotation,
    }


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """What a person's work at the desk will change: an edit, tags, the order of a list, a merge.

    Without `changes` there is nothing to do. `state` is the last change before it was computed;
    `apply` looks whether what was read is still so. `key` is the new citation key of the one
    reference of an edit. In a merge the first of `changes` is the one that stays.
    """

    kind: str
    summary: str
    state: int
    changes: tuple[ReferenceChange, ...] = ()
    key: str = ""

    def to_json(self) -> dict[str, Any]:
        """The plan for programs, and for `--dry-run --json`."""
        told = {
            "kind": self.kind,
            "summary": self.summary,
            "changes": [change.to_json() for change in self.changes],
        }
        return {**told, "key": self.key} if self.key else told
