"""Annotated bibliographies, kept in a database and exported without loss.

    import refbase

    for parsed in refbase.read("references.csv"):
        print(parsed.dossier, parsed.diagnostics)

    with refbase.open("refbase.db") as store:
        for loss in refbase.write(store.dossiers(), "references.bib"):
            print(loss)

Names are loaded when they are first used, so that `import refbase` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refbase.errors import Diagnostic, RefbaseError, Severity, Span
    from refbase.files import read, write
    from refbase.formats.base import WriteOptions
    from refbase.model import Dossier, Entry, Parsed, Record, Reference, Source
    from refbase.store import Filter, Store, open  # noqa: A004
    from refbase.values import ET_AL, Date, Name

__version__ = "0.1.0"

__all__ = [
    "ET_AL",
    "Date",
    "Diagnostic",
    "Dossier",
    "Entry",
    "Filter",
    "Name",
    "Parsed",
    "Record",
    "RefbaseError",
    "Reference",
    "Severity",
    "Source",
    "Span",
    "Store",
    "WriteOptions",
    "open",
    "read",
    "write",
]

_HOME = {
    "refbase.errors": ("Diagnostic", "RefbaseError", "Severity", "Span"),
    "refbase.files": ("read", "write"),
    "refbase.formats.base": ("WriteOptions",),
    "refbase.model": ("Dossier", "Entry", "Parsed", "Record", "Reference", "Source"),
    "refbase.store": ("Filter", "Store", "open"),
    "refbase.values": ("ET_AL", "Date", "Name"),
}


def __getattr__(name: str) -> object:
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'refbase' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
