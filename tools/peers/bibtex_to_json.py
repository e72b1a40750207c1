"""BibTeX to CSL-JSON with the parsers of others, as a short script would do it.

    python bibtex_to_json.py citerra|bibtexparser < library.bib > library.json

Neither takes names apart or decodes LaTeX: the fields are handed on as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

import orjson

FIELDS = {
    "title": "title",
    "author": "author",
    "journal": "container-title",
    "shortjournal": "container-title-short",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
    "issn": "ISSN",
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "language": "language",
    "abstract": "abstract",
    "keywords": "keyword",
}


def citerra(text: str) -> Iterable[Mapping[str, str]]:
    import citerra

    for entry in citerra.document_to_dicts(citerra.parse(text)):
        yield {"id": entry["ID"], **entry}


def bibtexparser(text: str) -> Iterable[Mapping[str, str]]:
    import bibtexparser

    for entry in bibtexparser.parse_string(text).entries:
        yield {"id": entry.key, **{field.key: field.value for field in entry.fields}}


def item(entry: Mapping[str, str]) -> dict[str, object]:
    made: dict[str, object] = {"id": entry["id"], "type": "article-journal"}
    made |= {csl: entry[name] for name, csl in FIELDS.items() if name in entry}
    if "year" in entry:
        made["issued"] = {"date-parts": [[int(entry["year"])]]}
    return made


def main() -> None:
    parse = {"citerra": citerra, "bibtexparser": bibtexparser}[sys.argv[1]]
    items = [item(entry) for entry in parse(sys.stdin.read())]
    sys.stdout.buffer.write(orjson.dumps(items))


if __name__ == "__main__":
    main()
