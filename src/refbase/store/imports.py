"""Import, first half: from what a file says and what is known to a plan of what will change.

1. What the file said before, word for word, is recognised by its words: so importing a file
   again changes nothing, whatever became of its references.
2. Everything else finds its reference by identifier, fingerprint or citation key, where
   `match.same_work` bears it out; or it is new.
3. A reference that is told something new gets the records, and is resolved from them anew.
4. Entries are merged three ways (`refbase.store.placing`).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from sqlalchemy import Connection

from refbase import citekeys
from refbase.errors import Diagnostic, Severity, Span
from refbase.match import IDENTIFIERS, Verdict, same_work
from refbase.merge import identity, resolve
from refbase.model import Dossier, Entry, Parsed, Record, Reference, Source
from refbase.store.known import KEY, Draft, Known, Mark, marks
from refbase.store.log import chunks, newest
from refbase.store.placing import Place, Placing
from refbase.store.plan import ImportPlan, KeptRecord, ReferenceChange
from refbase.store.rows import LONGEST, dump, entries_text, fold_key, number, stored_source
from refbase.text import clean, printable

_IDENTIFIERS = ("pmid", "pmcid", "doi")


def plan_import(
    connection: Connection,
    parsed: Iterable[Parsed],
    source: Source,
    bibliography: str = "",
    pattern: str = citekeys.PATTERN,
) -> ImportPlan:
    """What importing this would change."""
    return _Import(connection, source, bibliography, pattern).plan(parsed)


@dataclass(slots=True, eq=False)
class _Reading:
    """One dossier of the file on its way to its reference.

    `own` is the record that the file itself makes, unless the dossier brings its own records
    and says no more than they do. `told` means that the file said just this before.
    """

    key: str
    reference: Reference
    span: Span
    own: KeptRecord | None
    brought: list[KeptRecord]
    entries: tuple[Entry, ...]
    tags: tuple[str, ...]
    marks: list[Mark]
    draft: Draft | None = None
    told: bool = False


class _Import:
    def __init__(
        self, connection: Connection, source: Source, bibliography: str, pattern: str
    ) -> None:
        self._state = newest(connection)
        self._known = Known(connection)
        self._source = self._known.state(source)
        self._bibliography = bibliography
        self._pattern = pattern
        self._earlier = self._known.earlier(self._source)
        # What the file said last time and has not been heard of yet this time, counted: of a
        # reference that others were merged into it said several things
        self._unheard = Counter(said.reference_id for said in self._earlier)
        self._contradicted: list[tuple[_Reading, Draft, Verdict]] = []
        self._found: list[Diagnostic] = []

    def plan(self, parsed: Iterable[Parsed]) -> ImportPlan:
        readings = [reading for piece in parsed if (reading := self._read(piece))]
        self._recognise(readings)
        for chunk in chunks([reading for reading in readings if not reading.draft]):
            self._known.prepare(mark for reading in chunk for mark in reading.marks)
            for reading in chunk:
                self._place(reading)
        of: dict[Draft, list[_Reading]] = defaultdict(list)
        for reading in readings:
            assert reading.draft
            of[reading.draft].append(reading)
        self._name(of)
        self._report_contradictions()
        return self._plan(readings, of)

    def _plan(
        self, readings: Sequence[_Reading], of: Mapping[Draft, Sequence[_Reading]]
    ) -> ImportPlan:
        fresh = {draft: self._fresh(draft, group) for draft, group in of.items()}
        placing = Placing(self._known, self._source, self._earlier, self._tell)
        entries = placing.plan(list(_places(readings, fresh)))
        changes = []
        for draft, group in of.items():
            tags = sorted({tag for reading in group for tag in reading.tags} - draft.tags)
            if fresh[draft] or draft in entries or tags:
                changes.append(
                    ReferenceChange(
                        draft.key,
                        draft.before,
                        draft.resolved(fresh[draft]),
                        draft.id,
                        tuple(fresh[draft]),
                        tuple(entries.get(draft, ())),
                        tuple(tags),
                    )
                )
        unchanged = len(of) - len(changes)
        return ImportPlan(self._source, self._state, tuple(changes), unchanged, tuple(self._found))

    # ------------------------------------------------------------------ what the file says

    def _read(self, parsed: Parsed) -> _Reading | None:
        self._found += parsed.diagnostics
        dossier = parsed.dossier
        if dossier is None:
            return None
        entries = tuple(self._entries(dossier, parsed.span))
        brought = [
            KeptRecord(replace(record, source=stored_source(record.source)), None)
            for record in dossier.records
        ]
        own = None
        if not brought or resolve(kept.record for kept in brought) != dossier.reference:
            record = Record(self._source, dossier.reference, parsed.raw, parsed.span.line)
            own = KeptRecord(record, entries)
        tags = tuple(self._short(tag, "tag", parsed.span) for tag in dossier.tags if clean(tag))
        key = clean(dossier.key)
        if len(key) > LONGEST:
            self._short(key, "citation key", parsed.span)
            key = ""
        found_by = marks(dossier.reference) + ([(KEY, fold_key(key))] if key else [])
        return _Reading(key, dossier.reference, parsed.span, own, brought, entries, tags, found_by)

    def _entries(self, dossier: Dossier, span: Span) -> Iterator[Entry]:
        """The entries, each under a name: its own, the one asked for, or the file's."""
        for entry in dossier.entries or ((Entry(),) if self._bibliography else ()):
            name = entry.bibliography or self._bibliography
            if not name and (entry.citation or entry.annotation):
                name = PurePath(self._source.name).stem
            if name := self._short(name, "name of a bibliography", span):
                texts = printable(entry.citation), printable(entry.annotation)
                yield Entry(name, number(entry.position), *texts)

    def _short(self, name: str, what: str, span: Span) -> str:
        name = clean(name)
        if len(name) > LONGEST:
            self._tell("too-long", f"the {what} '{name[:30]}...' is too long for one", span)
        return name[:LONGEST].rstrip()

    # -------------------------------------------------------------- which reference it is of

    def _recognise(self, readings: Sequence[_Reading]) -> None:
        """Find what was said before by its words; first with its entries, then without."""
        ids: dict[_Reading, int] = {}
        heard: set[int] = set()
        for with_entries in (True, False):
            said: dict[tuple[str, str], deque[int]] = defaultdict(deque)
            for at, one in enumerate(self._earlier):
                if at not in heard:
                    said[one.csl, one.entries if with_entries else ""].append(at)
            for reading in readings if said else ():
                if reading in ids or not reading.own:
                    continue
                csl = dump(reading.reference.to_csl())
                words = csl, entries_text(reading.entries) if with_entries else ""
                if said[words]:
                    at = said[words].popleft()
                    heard.add(at)
                    ids[reading] = self._earlier[at].reference_id
                    reading.told = with_entries
        ids |= self._restored(r for r in readings if r.brought and r not in ids)
        for reading, draft in zip(ids, self._known.drafts(ids.values()), strict=True):
            self._add(reading, draft)

    def _restored(self, readings: Iterable[_Reading]) -> dict[_Reading, int]:
        """Readings that bring records which are here already, of one reference and no other."""
        here: dict[tuple[str, str], dict[str, set[int]]] = {}
        ids = {}
        for reading in readings:
            for kept in reading.brought:
                source = kept.record.source
                if identity(source) not in here:
                    said = here[identity(source)] = defaultdict(set)
                    for one in self._known.earlier(source):
                        said[one.csl].add(one.reference_id)
                found = here[identity(source)].get(dump(kept.record.reference.to_csl()), set())
                if len(found) == 1:
                    ids[reading] = next(iter(found))
        return ids

    def _place(self, reading: _Reading) -> None:
        self._add(reading, self._same(reading) or Draft())

    def _same(self, reading: _Reading) -> Draft | None:
        """The reference that this is, as far as that is certain."""
        contradicted = None
        named = self._known.candidates([(KEY, fold_key(reading.key))])
        for draft in self._known.candidates(reading.marks):
            verdict = same_work(draft.reference, reading.reference)
            if verdict.certain or self._corrected(draft, reading):
                return draft
            if draft in named and self._named(draft, reading):
                return draft
            if any(name in _IDENTIFIERS for name, _ in draft.marks.intersection(reading.marks)):
                contradicted = reading, draft, verdict
        if contradicted:
            self._contradicted.append(contradicted)
        return None

    def _corrected(self, draft: Draft, reading: _Reading) -> bool:
        """Whether this is what the file said last time, but for its identifiers."""
        common = draft.marks.intersection(reading.marks)
        return self._unheard[draft.id] > 0 and "fingerprint" in dict(common)

    def _named(self, draft: Draft, reading: _Reading) -> bool:
        """Whether a key of the file is proof: the file itself used it for this reference, or
        nothing that it says is otherwise."""
        ours, theirs = draft.reference.variables, reading.reference.variables
        common = ours.keys() & theirs.keys()
        if self._unheard[draft.id] > 0:
            common &= set(IDENTIFIERS)
        return all(ours[name] == theirs[name] for name in common)

    def _add(self, reading: _Reading, draft: Draft) -> None:
        reading.draft = draft
        self._unheard[draft.id] -= 1
        draft.add([*reading.brought, *([reading.own] if reading.own else [])], reading.told)
        if not reading.told:
            self._known.enter(draft, draft.marks.union(reading.marks))

    def _fresh(self, draft: Draft, readings: Sequence[_Reading]) -> list[KeptRecord]:
        """The records to keep. Of a source only the newest state counts, so if it says one thing
        anew of a reference, all that it says of it is kept anew."""
        anew = any(reading.own and not reading.told for reading in readings)
        fresh = []
        for reading in readings:
            for kept in reading.brought:
                said = kept.record.source, dump(kept.record.reference.to_csl())
                if said not in draft.said:
                    draft.said.add(said)
                    fresh.append(kept)
            if reading.own and anew:
                fresh.append(reading.own)
        return fresh

    # ------------------------------------------------------------------------ its name

    def _name(self, of: Mapping[Draft, Sequence[_Reading]]) -> None:
        """Give new references their keys: first those that the file brings, then made ones."""
        new = [draft for draft in of if not draft.id]
        taken = set(self._known.keys) if new else set()
        for draft in new:
            brought = (reading.key for reading in of[draft] if reading.key)
            draft.key = next((key for key in brought if fold_key(key) not in taken), "")
            taken.add(fold_key(draft.key))
        for draft in new:
            if not draft.key:
                draft.key = citekeys.make(
                    draft.reference, lambda key: fold_key(key) in taken, self._pattern
                )
                taken.add(fold_key(draft.key))
        for draft, readings in of.items():
            for reading in readings:
                if reading.key and fold_key(reading.key) != fold_key(draft.key):
                    self._report_key(reading, draft)

    def _report_key(self, reading: _Reading, draft: Draft) -> None:
        if reading.told:
            return
        folded = fold_key(reading.key)
        named = self._known.candidates([(KEY, folded)])
        if any(one is not draft and (one.id or fold_key(one.key) == folded) for one in named):
            self._tell(
                "duplicate-key",
                f"'{reading.key}' is the key of another work; this one is '{draft.key}'",
                reading.span,
            )
        else:
            self._tell(
                "key-not-used",
                f"'{reading.key}' is here already as '{draft.key}'",
                reading.span,
                Severity.INFO,
            )

    def _report_contradictions(self) -> None:
        for reading, draft, verdict in self._contradicted:
            self._tell(
                "identifier-conflict",
                f"looks like another work than '{draft.key}' ({', '.join(verdict.reasons)});"
                " both are kept",
                reading.span,
            )

    def _tell(
        self, code: str, message: str, span: Span, severity: Severity = Severity.WARNING
    ) -> None:
        self._found.append(Diagnostic(code, message, span, severity))


def _places(
    readings: Iterable[_Reading], fresh: Mapping[Draft, Sequence[KeptRecord]]
) -> Iterator[Place]:
    """The entries in the order of the file; those without a position are counted."""
    count: dict[str, int] = defaultdict(int)
    at = {id(kept): place for group in fresh.values() for place, kept in enumerate(group)}
    for reading in readings:
        assert reading.draft
        for entry in reading.entries:
            count[entry.bibliography] += 1
            numbered = replace(entry, position=entry.position or count[entry.bibliography])
            yield Place(reading.draft, numbered, at.get(id(reading.own)), reading.span)
