"""What each sign of a duplicate is worth: weighs the points table on sets with known answers.

    python tools/weigh.py FOLDER [--write] [--show SET]

FOLDER holds one folder for each set: `records.csv.gz` with a column `id`, `gold.csv` with
`id,group`, and perhaps `disputed.csv` with the pairs `id1,id2` in which the answer is wrong.
Printed is the table and, for each set, what a table that never saw this set would find: by
record, wrong (FP) and missed (FN), all groups and the certain ones. `--write` puts the table
into `src/refbase/duplicates/points.py`; `--show` prints the pairs of a set that went wrong.

The weights are those of a logistic regression. A hundred pairs that look the same teach no more
than `MOST`, so that the largest set does not decide alone; and each pair is weighed a second
and a third time without its ISSN and without its identifiers, as other databases export them.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from refbase.duplicates import points
from refbase.duplicates.blocking import pairs
from refbase.duplicates.cards import Card, card
from refbase.duplicates.groups import Group, group
from refbase.duplicates.rows import read
from refbase.duplicates.signals import UNKNOWN, states
from refbase.model import Reference

MOST = 30
PRIOR = 1.0
"""How strongly a weight is drawn to nothing: what was seen once must not count for much."""
DECIBANS = 10 / math.log(10)
TABLE = Path(__file__).parents[1] / "src/refbase/duplicates/points.py"
Answers = Counter[tuple[tuple[str, ...], bool]]
Weights = dict[str, float]


@dataclass
class Set:
    """A set of records with its answers: of each pair that is compared its states, and whether
    it is one work."""

    name: str
    cards: list[Card]
    groups: dict[str, str]
    titles: dict[str, Reference]
    answers: Answers = field(default_factory=Counter)


def main(arguments: list[str] | None = None) -> int:
    """Weigh, and tell what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", default="")
    options = parser.parse_args(arguments)
    sets = [load(file.parent) for file in sorted(options.folder.glob("*/records.csv.gz"))]
    for left_out in sets:
        use(weigh(each.answers for each in sets if each is not left_out))
        report("without it", left_out, options.show == left_out.name)
    weights = weigh(each.answers for each in sets)
    use(weights)
    for each in sets:
        report("all in", each)
    table = rendered(weights)
    sys.stdout.write(table)
    if options.write:
        old = TABLE.read_text()
        TABLE.write_text(re.sub(r"(?s)(?<=weigh\.py\n).*(?=# --- end)", lambda _: table, old))
    return 0


# ------------------------------------------------------------------------------------ reading


def load(folder: Path) -> Set:
    """Read a set and compare what is compared."""
    references = dict(records(folder / "records.csv.gz"))
    found = Set(
        folder.name,
        sorted(card(key, reference) for key, reference in references.items()),
        {row["id"]: row["group"] for row in table_of(folder / "gold.csv")},
        references,
    )
    disputed = {frozenset((row["id1"], row["id2"])) for row in table_of(folder / "disputed.csv")}
    variants = [found.cards, *([bare(c) for c in found.cards] for bare in BARE)]
    for one, other in pairs(found.cards):
        keys = {found.cards[one].key, found.cards[other].key}
        if keys not in disputed:
            answer = len({found.groups.get(key, key) for key in keys}) == 1
            for cards in variants:
                compared = states(cards[one], cards[other])
                # Where a title was lost, nobody could judge by it
                if compared and known(compared["title"]):
                    found.answers[said(compared), answer] += 1
    return found


BARE: tuple[Callable[[Card], Card], ...] = (
    lambda card: replace(card, issns=()),
    lambda card: replace(card, doi="", pmid="", pmcid=""),
)


def records(path: Path) -> Iterator[tuple[str, Reference]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for parsed in read(enumerate(stream, 1), path.name):
            if parsed.dossier:
                yield parsed.dossier.key, parsed.dossier.reference


def table_of(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def said(compared: dict[str, str]) -> tuple[str, ...]:
    """The states that are known, as the names of weights."""
    return tuple(
        f"{signal}: {state}"
        for signal, state in compared.items()
        if known(state) and signal not in points.BY_HAND
    )


def known(state: str) -> bool:
    return state not in (UNKNOWN, "volume unknown, page unknown")


# ------------------------------------------------------------------------------------ weighing


def weigh(sets: Iterable[Answers]) -> Weights:
    """The weights that make the known answers most likely, in natural logarithms."""
    seen: Answers = sum(sets, Counter())
    names = ["start", *sorted({name for signs, _ in seen for name in signs})]
    place = {name: number for number, name in enumerate(names)}
    rows = [
        ([0, *(place[name] for name in signs)], answer, min(count, MOST))
        for (signs, answer), count in seen.items()
    ]
    weights = [0.0] * len(names)
    for _ in range(20):
        step = newton(rows, weights)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 0.01:
            break
    return dict(zip(names, weights, strict=True))


def newton(rows: list[tuple[list[int], bool, int]], weights: list[float]) -> list[float]:
    """One step towards the best weights."""
    size = len(weights)
    slope = [-PRIOR * weight for weight in weights]
    slope[0] = 0.0
    curve = [[0.0] * size for _ in range(size)]
    for number in range(size):
        curve[number][number] = PRIOR if number else 1e-6
    for places, answer, count in rows:
        total = max(-30.0, min(30.0, sum(weights[p] for p in places)))
        likely = 1 / (1 + math.exp(-total))
        error, weight = count * (answer - likely), count * max(likely * (1 - likely), 1e-6)
        for place in places:
            slope[place] += error
            row = curve[place]
            for other in places:
                row[other] += weight
    return solve(curve, slope)


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss's elimination; the matrix is positive definite and needs no pivoting."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for i, pivot in enumerate(rows):
        for row in rows[i + 1 :]:
            if factor := row[i] / pivot[i]:
                for column in range(i, size + 1):
                    row[column] -= factor * pivot[column]
    found = [0.0] * size
    for i in reversed(range(size)):
        rest = sum(rows[i][j] * found[j] for j in range(i + 1, size))
        found[i] = (rows[i][size] - rest) / rows[i][i]
    return found


def use(weights: Weights) -> None:
    """Put the weights where the program finds them, as whole points."""
    for signal, worth in tabled(weights).items():
        points.POINTS[signal] = worth
    points.POINTS["start"] = {"": rounded(weights["start"])}


def tabled(weights: Weights) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {
        signal: {} for signal in points.SIGNALS if signal not in points.BY_HAND
    }
    for name, weight in sorted(weights.items(), key=lambda item: -item[1]):
        signal, colon, state = name.partition(": ")
        if colon:
            table[signal][state] = rounded(weight)
    return table


def rounded(weight: float) -> int:
    return round(weight * DECIBANS)


def rendered(weights: Weights) -> str:
    """The table as it stands in `points.py`."""
    lines = [
        "POINTS: dict[str, dict[str, int]] = {",
        f'    "start": {{"": {rounded(weights["start"])}}},',
    ]
    for signal, worth in tabled(weights).items():
        lines.append(f'    "{signal}": {{')
        lines += [f'        "{state}": {value},' for state, value in worth.items()]
        lines.append("    },")
    return "\n".join([*lines, "}", ""])


# ------------------------------------------------------------------------------------ scoring


def report(how: str, each: Set, show: bool = False) -> None:
    """What is found in a set with the points in use."""
    found = group(each.cards)
    for what, groups in (("all", found), ("certain", [g for g in found if g.certain])):
        wrong, missed, f1 = by_record(each, groups)
        sys.stdout.write(f"{each.name:20}{how:12}{what:9}FP {wrong:3} FN {missed:3} F1 {f1:.5f}\n")
    for each_group in found if show else ():
        show_wrong(each, each_group)
    if show:
        show_missed(each, found)


def by_record(each: Set, groups: list[Group]) -> tuple[int, int, float]:
    """Records wrongly and not removed, and F1, whichever member of a group is kept."""
    mine = sets_of(groups)
    ours = {c.key: mine.get(c.key, c.key) for c in each.cards}
    truth = {c.key: each.groups.get(c.key, c.key) for c in each.cards}
    both = len({(ours[key], truth[key]) for key in ours})
    wrong, missed = both - len(set(ours.values())), both - len(set(truth.values()))
    right = len(ours) - both
    total = 2 * right + wrong + missed
    return wrong, missed, 2 * right / total if total else 1.0


def sets_of(groups: list[Group]) -> dict[str, str]:
    """The set of each key: a doubtful group comes behind the certain ones that it holds."""
    return {key: f"set of {each.keys[0]}" for each in groups for key in each.keys}


def show_wrong(each: Set, found: Group) -> None:
    if len({each.groups.get(key, key) for key in found.keys}) > 1:
        tier = "certain" if found.certain else "doubtful"
        sys.stdout.write(f"  WRONG {tier} {found.score} {'; '.join(found.reasons)}\n")
        for key in found.keys:
            sys.stdout.write(f"    {line(each, key)}\n")


def show_missed(each: Set, groups: list[Group]) -> None:
    ours = sets_of(groups)
    members: dict[str, list[str]] = defaultdict(list)
    for key, name in each.groups.items():
        members[name].append(key)
    for keys in members.values():
        if len({ours.get(key, key) for key in keys}) > 1:
            sys.stdout.write("  MISSED\n")
            for key in keys:
                sys.stdout.write(f"    {line(each, key)} -> {ours.get(key, 'alone')}\n")


def line(each: Set, key: str) -> str:
    reference = each.titles[key]
    text = reference.text
    names = ", ".join(name.nlm for name in reference.authors[:3])
    return (
        f"{key} [{each.groups.get(key, '-')}] {names} | {reference.year} | {reference.title[:110]} "
        f"| {reference.container_title[:40]} | {text('volume')} ({text('issue')}) {text('page')} "
        f"| {reference.doi}"
    )


if __name__ == "__main__":
    sys.exit(main())
