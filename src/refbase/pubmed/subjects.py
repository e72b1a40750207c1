"""What a work is about: its abstract, its MeSH headings, its authors' keywords."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from refbase.pubmed.conventions import LANGUAGES
from refbase.pubmed.draft import Draft
from refbase.pubmed.markup import Parts, rich, tidy
from refbase.text import clean

if TYPE_CHECKING:
    pass


def abstract(draft: Draft, parts: Parts) -> None:
    """The sections of the abstract, a line each, with their labels; other abstracts apart."""
    own = Parts(parts.one("Abstract"))
    draft.say("abstract", _sections(own))
    draft.keep("copyright", own.text("CopyrightInformation"))
    others = []
    for element in parts.all("OtherAbstract"):
        language = element.get("Language", "")
        kept = {
            "type": element.get("Type", ""),
            "language": LANGUAGES.get(language, language),
            "text": _sections(Parts(element)),
        }
        others.append({name: text for name, text in kept.items() if text})
    draft.keep("other-abstracts", others)


def _sections(parts: Parts) -> str:
    sections = []
    for element in parts.all("AbstractText"):
        label, text = clean(element.get("Label", "")), rich(element)
        if text:
            labelled = label and label != "UNLABELLED"
            sections.append(f"{label}: {text}" if labelled else text)
    return "\n".join(sections)


def keywords(draft: Draft, parts: Parts) -> None:
    """MeSH descriptors and authors' keywords are both `keyword`; the headings in full, with
    their qualifiers and `*` for a major topic as MEDLINE prints them, are kept apart."""
    words, headings = [], []
    for heading in parts.children("MeshHeadingList"):
        terms = [(tidy(term.text), term.get("MajorTopicYN")) for term in heading]
        if terms and terms[0][0]:
            words.append(terms[0][0])
            headings.append("/".join([f"*{t}" if major == "Y" else t for t, major in terms]))
    for listed in parts.all("KeywordList"):
        words += map(rich, listed)
    draft.say("keyword", joined(words))
    draft.keep("mesh", headings)


def joined(words: Iterable[str]) -> str:
    """Keywords in one text: `; ` stands between two of them, and in none.

    >>> joined(["Liver", "CO2; gas", "Liver", ""])
    'Liver; CO2, gas'
    """
    listed = dict.fromkeys([word.replace(";", ",").rstrip(", ") for word in words])
    listed.pop("", None)
    return "; ".join(listed)
