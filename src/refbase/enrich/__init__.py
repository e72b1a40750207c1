"""Enrich: bring references up to what PubMed knows. Plan, fetch, match, merge, apply.

    targets = store.jobs.targets(Filter())
    with Asking(store, connect) as asking:
        print(plan(asking, targets).requests)            # data: printed, refused, ...
        for outcome in Run(store, asking).begin(targets):   # as it is done
            ...

Answers are kept word for word before they are looked at, and what they change goes in in short
transactions that make one change set. Whatever interrupts a run, nothing that was done is lost
and nothing is asked twice: `Run.resume` goes on with what is left.
"""

from refbase.enrich.asking import Asking
from refbase.enrich.plan import Plan, Step, plan
from refbase.enrich.run import (
    DELETED,
    FAILED,
    INVALID,
    KIND,
    Run,
    summary,
)

__all__ = [
    "DELETED",
    "FAILED",
    "INVALID",
    "KIND",
    "Asking",
    "Plan",
    "Run",
    "Step",
    "plan",
    "summary",
]
