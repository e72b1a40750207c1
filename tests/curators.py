"""People who work at one database at the same time, each in a process of their own."""

from __future__ import annotations

import multiprocessing

from refbase import edits, store
from refbase.errors import StaleError


def count_up(url: str, key: str, person: str, times: int) -> None:
    """Count the volume of a reference up, each time from what is seen; again where somebody else
    was quicker."""
    with store.open(url) as opened:
        while times:
            seen = opened.look(key)
            volume = int(opened.get(key).reference.text("volume")) + 1
            said = edits.parse([f"volume={volume}"])
            try:
                # 0 where somebody else has just said the same: then this one counts on
                times -= opened.apply(opened.plan_edit(key, said, person, seen)) > 0
            except StaleError:
                continue


def together(url: str, key: str, people: tuple[str, ...], times: int) -> list[int | None]:
    """Let them all count at once; how each process ended."""
    spawn = multiprocessing.get_context("spawn")
    each = [spawn.Process(target=count_up, args=(url, key, name, times)) for name in people]
    for one in each:
        one.start()
    for one in each:
        one.join()
    return [one.exitcode for one in each]
