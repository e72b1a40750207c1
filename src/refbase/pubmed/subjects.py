"""What a work is about: its abstract, its MeSH headings, its authors' keywords."""

from __future__ import annotations

from collections.abc import Collection

from refbase.pubmed.conventions import LANGUAGES
from refbase.pubmed.draft import Draft
from refbase.pubmed.markup import Parts, all_tidy, rich
from refbase.text import clean


def abstract(draft: Draft, parts: Parts) -> None:
    """The sections of the abstract, a line each, with their labels; other abstracts apart."""
    if (found := parts.one("Abstract")) is not None:
        own = Parts(found)
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
        if text := rich(element):
            label = clean(element.get("Label", ""))
            labelled = label and label != "UNLABELLED"
            sections.append(f"{label}: {text}" if labelled else text)
    return "\n".join(sections)


def keywords(draft: Draft, parts: Parts) -> None:
    """MeSH descriptors and authors' keywords are both `keyword`; the headings in full, with
    their qualifiers and `*` for a major topic as MEDLINE prints them, are kept apart."""
    words, headings = [], []
    listed = [heading[:] for heading in parts.children("MeshHeadingList")]
    texts = iter(all_tidy([term.text or "" for heading in listed for term in heading]))
    for heading in listed:
        said = zip(heading, texts, strict=False)
        terms = [(text, term.get("MajorTopicYN")) for term, text in said]
        if terms and terms[0][0]:
            words.append(terms[0][0])
            headings.append("/".join([f"*{t}" if major == "Y" else t for t, major in terms]))
    for element in parts.all("KeywordList"):
        words += map(rich, element)
    draft.say("keyword", joined(words))
    draft.keep("mesh", headings)


def joined(words: Collection[str]) -> str:
    """Keywords in one text: `; ` stands between two of them, and in none.

    >>> joined(["Liver", "CO2; gas", "Liver", ""])
    'Liver; CO2, gas'
    """
    listed = dict.fromkeys(words)
    text = "; ".join(listed) + ";"
    # Words are nearly always as they should be, which is sooner seen of all of them
    if text.count(";") > len(listed) or ",;" in text or " ;" in text or "" in listed:
        listed = dict.fromkeys([word.replace(";", ",").rstrip(", ") for word in words])
        listed.pop("", None)
        text = "; ".join(listed) + ";"
    return text[:-1]
