"""What the audit can find: codes that stay the same, how much they matter, what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refbase.edits import Statement
from refbase.errors import Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CHECKS: dict[str, tuple[Severity, str]] = {
    "author-differs": (_W, "The printed authors are not those of PubMed."),
    "capitals": (_W, "The title is all in capitals."),
    "concern": (_W, "The journal has expressed concern about the work."),
    "container-title-differs": (_W, "The printed journal is not that of PubMed."),
    "corrected": (_I, "A correction of the work was published."),
    "cut-names": (_I, "The printed list of authors is cut, and PubMed knows the rest."),
    "html-entity": (_W, "A character stands as HTML writes it (`&amp;`)."),
    "identifier-differs": (_W, "The printed PMCID or DOI is not that of PubMed."),
    "issue-differs": (_W, "The printed issue is not that of PubMed."),
    "issued-differs": (_W, "The printed year is not that of PubMed."),
    "listed-twice": (_W, "A bibliography lists the same work twice."),
    "malformed-identifier": (_E, "What should be an identifier cannot be one."),
    "missing-pages": (_W, "An article in a journal has neither pages nor a number."),
    "missing-volume": (_W, "An article in a journal has neither volume nor issue."),
    "mojibake": (_W, "A text was read in the wrong encoding at some time (`Ã©` for `é`)."),
    "no-annotation": (_I, "An entry has no annotation."),
    "page-differs": (_W, "The printed pages are not those of PubMed."),
    "pmc-not-linked": (_I, "The article is in PMC, and the citation does not say so."),
    "retracted": (_E, "The work was retracted."),
    "shared-identifier": (_E, "One identifier stands on two works."),
    "title-differs": (_W, "The printed title is not that of PubMed."),
    "unclosed-markup": (_W, "Markup is opened and never closed, or the reverse (`<i>`)."),
    "unlikely-year": (_W, "The year cannot be right."),
    "updated": (_I, "A newer version of the work was published."),
    "volume-differs": (_W, "The printed volume is not that of PubMed."),
}
"""Code -> how much it matters, and what it means."""


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `source` is who says so; `printed` and `known` are the two values,
    where there are two; `remedy` is what would put it right, if that is certain."""

    code: str
    key: str
    message: str
    bibliography: str = ""
    variable: str = ""
    source: str = "the text itself"
    printed: str = ""
    known: str = ""
    remedy: Statement | None = None

    @property
    def severity(self) -> Severity:
        return CHECKS[self.code][0]

    def __hash__(self) -> int:
        return hash((self.code, self.key, self.message, self.bibliography))

    def to_json(self) -> dict[str, Any]:
        """The finding for programs."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "key": self.key,
            "bibliography": self.bibliography,
            "variable": self.variable,
            "message": self.message,
            "source": self.source,
            "printed": self.printed,
            "known": self.known,
            "fix": self.remedy is not None,
        }
