"""What NLM does to titles, languages and numbers, whether in XML or in MEDLINE's format."""

from __future__ import annotations

import re
import string

# ISO 639-1 for NLM's codes (ISO 639-2/B); any other code stays as it is.
LANGUAGES = dict(
    pair.split(":")
    for pair in """
    afr:af alb:sq ara:ar arm:hy aze:az baq:eu bel:be ben:bn bos:bs bul:bg cat:ca chi:zh cze:cs
    dan:da dut:nl eng:en est:et fin:fi fre:fr geo:ka ger:de glg:gl gre:el heb:he hin:hi hrv:hr
    hun:hu ice:is ind:id ita:it jpn:ja kaz:kk kor:ko lat:la lav:lv lit:lt mac:mk may:ms nor:no
    per:fa pol:pl por:pt rum:ro rus:ru slo:sk slv:sl spa:es srp:sr swe:sv tha:th tur:tr ukr:uk
    urd:ur uzb:uz vie:vi wel:cy
    """.split()
)

# What publishers send as volume or issue until there is one
_NO_NUMBER = re.compile(
    r"(?:(?:epub|online|publish(?:ed)?)[ -])?ahead[ -]of[ -](?:print|publication)"
    r"|pp|undefined|forthcoming|in press|online first",
    re.I,
)
_ARTICLE_NUMBER = re.compile(r"[A-Za-z]{0,5}\d{1,7}")


def number(text: str) -> str:
    """A volume or an issue; empty where a publisher only says that there is none yet.

    >>> number("9_suppl"), number("ahead-of-print")
    ('9 suppl', '')
    """
    if text.isdigit():
        return text
    text = text.replace("_", " ")
    return "" if _NO_NUMBER.fullmatch(text) else text


def is_article_number(text: str) -> bool:
    """Whether a publisher's item identifier is what stands in for pages: e12345, never S0140-6."""
    return _ARTICLE_NUMBER.fullmatch(text) is not None


# Three full stops are the author's; the one of an abbreviation is not NLM's alone.
_KEPT_STOP = re.compile(r"(?:\.\.\.|\bet al\.|\b[A-Z]\.[A-Z]\.)$")
_BEFORE_KEPT = f".l{string.ascii_uppercase}"
_STOP_IN_MARKUP = re.compile(r"(?<!\.\.)(?<!\bet al)\.((?:</\w+>)+)$")


def trimmed(title: str) -> str:
    """A title without the full stop that NLM puts behind it.

    >>> trimmed("An example."), trimmed("Hepatitis in the U.S."), trimmed("By Example et al.")
    ('An example', 'Hepatitis in the U.S.', 'By Example et al.')
    """
    if title.endswith(">"):
        return _STOP_IN_MARKUP.sub(r"\1", title)
    if not title.endswith(".") or (title[-2:-1] in _BEFORE_KEPT and _KEPT_STOP.search(title[-8:])):
        return title
    return title[:-1]


def unbracketed(title: str) -> str:
    """A title without the brackets around all of it, which mark NLM's translations.

    >>> unbracketed("[An example]"), unbracketed("[14C]amino acids")
    ('An example', '[14C]amino acids')
    """
    if not (title.startswith("[") and title.endswith("]")):
        return title
    depth = 0
    for place, character in enumerate(title):
        depth += (character == "[") - (character == "]")
        if not depth and place < len(title) - 1:
            return title
    return title if depth else trimmed(title[1:-1].strip())
