"""PubMed XML: what NCBI answers, and NLM's files of all of PubMed, compressed or not.

The file is cut into its records by their tags and each is parsed on its own, so that a damaged
one costs only itself and memory holds one record. No DTD is looked at and no entity is known,
whatever the file defines. What a record says is read by `refbase.pubmed`.

    blocks    the bytes of a file, unpacked and in UTF-8
    cutter    the bytes are cut into records
    reader    records to references
    versions  of several versions of an article the highest; what PubMed has withdrawn
"""

from refbase.formats.pubmedxml.reader import read, reader

__all__ = ["read", "reader"]
