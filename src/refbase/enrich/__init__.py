"""Enrich: bring references up to what PubMed knows. Plan, fetch, match, merge, apply.

    enrichment = plan(store, store.jobs.targets(Filter()))       # data: printed, refused, ...
    run = Run(store, Asking(store, connect))
    for outcome in run.begin(enrichment):                        # as it is done
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
