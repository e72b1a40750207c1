"""The columns of our own table."""

from __future__ import annotations

import re

# Column and CSL variable. Columns without one belong to the entry, or are the citation key.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("key", ""),
    ("bibliography", ""),
    ("position", ""),
    ("type", ""),
    ("author", "author"),
    ("title", "title"),
    ("container_title", "container-title"),
    ("editor", "editor"),
    ("edition", "edition"),
    ("publisher", "publisher"),
    ("publisher_place", "publisher-place"),
    ("issued", "issued"),
    ("volume", "volume"),
    ("issue", "issue"),
    ("page", "page"),
    ("pmid", "PMID"),
    ("pmcid", "PMCID"),
    ("doi", "DOI"),
    ("isbn", "ISBN"),
    ("language", "language"),
    ("url", "URL"),
    ("keyword", "keyword"),
    ("annotation", ""),
    ("citation", ""),
)
HEADER = tuple(column for column, _ in COLUMNS)
BY_COLUMN = {column: variable for column, variable in COLUMNS if variable}


def column_of(name: str) -> str:
    """What a header calls a column: ours in its own spelling, any other as it is.

    >>> column_of("Container Title"), column_of(" My column")
    ('container_title', 'My column')
    """
    bare = re.sub(r"[\s-]+", "_", name.strip().lower())
    return bare if bare in HEADER else name.strip()
