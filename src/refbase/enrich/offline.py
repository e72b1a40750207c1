"""Records out of files instead of NCBI: PubMed XML as NLM hands it out, or nbib, `.gz` too.

The files of PubMed hold 30,000 records each, and few of them are wanted. So what is wanted is
known first, and a record that is not is passed over by a look at its identifiers.
"""

from __future__ import annotations

import gzip
import html
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from refbase import formats
from refbase.enrich.plan import pmid_of
from refbase.errors import FileError, FormatError
from refbase.formats import pubmedxml
from refbase.formats.base import Input
from refbase.model import Parsed, Reference
from refbase.store.query import Target

_GZIP = b"\x1f\x8b"
_READ = ("pubmed-xml", "nbib")
# The first PMID of a record is its own; that of what it corrects or cites comes later
_PMID = re.compile(rb"<PMID[^>]*>\s*(\d+)")
_IDENTIFIER = re.compile(rb"""<ArticleId[^>]*IdType=["'](?:doi|pmc)["'][^>]*>([^<]+)""")


class Wanted:
    """The references that records are looked for, by their identifiers."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._by_pmid: dict[str, list[Target]] = defaultdict(list)
        self._others: dict[str, list[Target]] = defaultdict(list)
        for target in targets:
            if pmid := pmid_of(target):
                self._by_pmid[pmid].append(target)
            else:
                for name in _others(target.reference):
                    self._others[name].append(target)

    def of(self, reference: Reference) -> list[Target]:
        """The references that have an identifier of this record."""
        found = list(self.of_pmid(reference.pmid))
        for name in _others(reference):
            found += self._others.get(name, ())
        return list({target.id: target for target in found}.values())

    def of_pmid(self, pmid: str) -> list[Target]:
        return self._by_pmid.get(pmid, [])

    def __call__(self, raw: bytes) -> bool:
        """Whether the XML of a record may be of one that is wanted."""
        pmid = _PMID.search(raw)
        if not pmid or pmid[1].decode() in self._by_pmid:
            return True
        if not self._others:
            return False
        return any(
            html.unescape(text.decode(errors="replace")).strip().lower() in self._others
            for text in _IDENTIFIER.findall(raw)
        )


def _others(reference: Reference) -> Iterator[str]:
    for value in (reference.pmcid, reference.doi):
        if value:
            yield value.lower()


def check(path: str) -> None:
    """Refuse a file that cannot be read, or that holds no records of PubMed."""
    with _told(path), _opened(path):
        pass


def records(path: str, wanted: Wanted) -> Iterator[Parsed]:
    """What a file has of what is wanted, and what it says of itself."""
    with _told(path), _opened(path) as (stream, name):
        if name == "pubmed-xml":
            source = Input(stream, path)
            yield from pubmedxml.reader(wanted)(source)
            yield Parsed(None, diagnostics=source.drain())
        else:
            yield from formats.read(stream, path, formats.get(name))


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Faults of a file as an error that names it."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise FileError(f"{path}: cannot be read: {reason}") from fault


@contextmanager
def _opened(path: str) -> Iterator[tuple[BinaryIO, str]]:
    """A file, unpacked unless its reader does that, and its format."""
    with Path(path).open("rb") as stream:
        head = stream.read(1 << 16)
        stream.seek(0)
        if not head.startswith(_GZIP):
            yield stream, _format(path, head)
            return
        head = _unpacked(head)
        # Where the damage is, the reader of PubMed XML tells
        name = _format(path.removesuffix(".gz"), head) if head else "pubmed-xml"
        if name == "nbib":
            with gzip.open(stream) as unpacked:
                yield cast(BinaryIO, unpacked), name
        else:
            yield stream, name


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, formats.HEAD)
    except zlib.error:
        return b""


def _format(path: str, head: bytes) -> str:
    name = formats.detect(path, head).name
    if name not in _READ:
        raise FormatError(f"{path}: is {name}", "records of PubMed come as PubMed XML or as nbib")
    return name


def withdrawn(parsed: Parsed) -> list[str]:
    """The PMIDs that a piece of a file takes back."""
    if not any(found.code == "withdrawn" for found in parsed.diagnostics):
        return []
    return [number.decode() for number in _PMID.findall(parsed.raw.encode())]
