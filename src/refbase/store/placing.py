"""Entries, merged three ways: what the file said before, what is stored, what it says now.

Where the file did not change a text, a person's stays; where only the file changed it, it is
taken over; where both did, the stored one stays and a diagnostic says so. What vanished from
the file is kept and reported; what a person took out of the list does not come back.

The file gives the order as long as nobody else did: every entry of the bibliography came from
this file and stands where it put it. Otherwise what is there stays, and new entries follow it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from refbase.errors import Severity, Span
from refbase.merge import identity
from refbase.model import Entry, Source
from refbase.store.known import Draft, Known, Listed, Said
from refbase.store.plan import EntryChange
from refbase.store.rows import entries_of

Tell = Callable[[str, str, Span, Severity], None]
_TEXTS = ("citation", "annotation")
_texts = attrgetter(*_TEXTS)


@dataclass(slots=True, eq=False)
class Place:
    """An entry as the file has it now, the same as the file had it, and as it is stored.

    `record` is the place of its record among the new ones of the reference, if it has one.
    """

    draft: Draft
    entry: Entry
    record: int | None
    span: Span
    before: Entry | None = None
    listed: Listed | None = None


class Placing:
    """The entries of one import."""

    def __init__(self, known: Known, source: Source, earlier: Sequence[Said], tell: Tell) -> None:
        self._known = known
        self._source = source
        self._tell = tell
        self._before: dict[tuple[int, str], list[Entry]] = defaultdict(list)
        for said in earlier:
            for entry in entries_of(said.entries) or ():
                self._before[said.reference_id, entry.bibliography].append(entry)

    def plan(self, places: Sequence[Place]) -> dict[Draft, list[EntryChange]]:
        """What becomes of the entries of each reference. `places` are in the order of the file."""
        names = {place.entry.bibliography for place in places} | {n for _, n in self._before}
        listed = self._known.listed(names)
        self._pair(places, listed)
        shelves = {name: _Shelf(entries, self._source) for name, entries in listed.items()}
        changes: dict[Draft, list[EntryChange]] = defaultdict(list)
        for place in places:
            if change := self._change(place, shelves[place.entry.bibliography]):
                changes[place.draft].append(change)
        return changes

    def _pair(self, places: Iterable[Place], listed: dict[str, list[Listed]]) -> None:
        """Find for each place what it was and what it is, among those of the same reference."""
        stored: dict[tuple[int, str], list[Listed]] = defaultdict(list)
        for name, entries in listed.items():
            # As they came in, whatever their order is now
            for entry in sorted(entries, key=attrgetter("id")):
                stored[entry.reference_id, name].append(entry)
        groups: dict[tuple[int, str], list[Place]] = defaultdict(list)
        for place in places:
            if place.draft.id:
                groups[place.draft.id, place.entry.bibliography].append(place)
        for group in groups.keys() | self._before.keys():
            self._pair_group(groups[group], self._before.get(group, []), stored[group])

    def _pair_group(
        self, places: Sequence[Place], before: Sequence[Entry], listed: Sequence[Listed]
    ) -> None:
        now = [place.entry for place in places]
        there = [one.entry for one in listed]
        stored_of = _partners(before, there)
        before_of = _partners(now, before)
        for place, at in zip(places, before_of, strict=True):
            if at is not None:
                place.before = before[at]
                found = stored_of[at]
                place.listed = None if found is None else listed[found]
        others = [one for at, one in enumerate(listed) if at not in stored_of]
        new = [place for place in places if place.before is None]
        for place, at in zip(
            new, _partners([p.entry for p in new], [o.entry for o in others]), strict=True
        ):
            place.listed = None if at is None else others[at]
        for at, entry in enumerate(before):
            if at not in before_of and (found := stored_of[at]) is not None:
                self._report_vanished(entry, listed[found])

    def _report_vanished(self, entry: Entry, listed: Listed) -> None:
        key = self._known.drafts([listed.reference_id])[0].key
        self._tell(
            "entry-not-in-file",
            f"'{key}' is not listed under '{entry.bibliography}' any more; it is kept",
            Span(self._source.name),
            Severity.WARNING,
        )

    def _change(self, place: Place, shelf: _Shelf) -> EntryChange | None:
        new, listed = place.entry, place.listed
        if listed is None:
            if place.before is not None:
                return None  # a person took it out
            position = shelf.place(new)
            after = Entry(new.bibliography, position, new.citation, new.annotation)
            return EntryChange(None, after, new.position, record=place.record)
        old = listed.entry
        citation, annotation = (self._merged(place, name) for name in _TEXTS)
        position = new.position if shelf.follows else old.position
        file_position = new.position if shelf.follows else listed.file_position
        after = Entry(new.bibliography, position, citation, annotation)
        if after == old and file_position == listed.file_position:
            return None
        record = place.record if _texts(after) != _texts(old) else None
        return EntryChange(old, after, file_position, listed.id, record)

    def _merged(self, place: Place, name: str) -> str:
        """One text of an entry, merged three ways. A source that is new to the bibliography
        counts as having said nothing before: it fills in, and replaces nothing."""
        assert place.listed is not None
        ours: str = getattr(place.listed.entry, name)
        theirs: str = getattr(place.entry, name)
        before: str = getattr(place.before, name) if place.before else ""
        if theirs in (before, ours):
            return ours
        if ours == before:
            return theirs
        self._tell(
            "annotation-conflict",
            f"the {name} of '{place.draft.key}' under '{place.entry.bibliography}' is another one"
            " in the database; that one stays",
            place.span,
            Severity.WARNING,
        )
        return ours


class _Shelf:
    """A bibliography while an import is planned: does the file give its order, and if not, where
    do new entries go?"""

    def __init__(self, listed: Sequence[Listed], source: Source) -> None:
        self.follows = all(
            one.source is not None
            and identity(one.source) == identity(source)
            and one.entry.position == one.file_position
            for one in listed
        )
        self._last = max((one.entry.position for one in listed), default=0)

    def place(self, entry: Entry) -> int:
        if self.follows:
            return entry.position
        self._last += 1
        return self._last


def _partners(left: Sequence[Entry], right: Sequence[Entry]) -> list[int | None]:
    """For each entry on the left which one on the right it is: the one with the same texts, else
    the next that is left over."""
    free = list(range(len(right)))
    partner: list[int | None] = [None] * len(left)
    for same in (True, False):
        for place, entry in enumerate(left):
            if partner[place] is None:
                found = (at for at in free if not same or _texts(right[at]) == _texts(entry))
                partner[place] = next(found, None)
                if partner[place] is not None:
                    free.remove(partner[place])  # type: ignore[arg-type]
    return partner
