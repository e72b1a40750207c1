"""Which tag is which variable. The reader reads these tables from left to right, the writer from
right to left."""

from __future__ import annotations

from refbase.pubmed.conventions import LANGUAGES

# Texts, left to right and right to left.
TEXTS = {
    "AB": "abstract",
    "CTI": "collection-title",
    "EN": "edition",
    "ISBN": "ISBN",
    "JT": "container-title",
    "PB": "publisher",
    "TA": "container-title-short",
}
CUSTOM = {
    "CI": "copyright",
    "JID": "nlm-journal-id",
    "PST": "publication-status",
    "STAT": "pubmed-status",
}
CORRECTIONS = {
    "CIN": "CommentIn",
    "CON": "CommentOn",
    "CRF": "CorrectedandRepublishedFrom",
    "CRI": "CorrectedandRepublishedIn",
    "DDIN": "AssociatedDataset",
    "DRIN": "AssociatedPublication",
    "ECF": "ExpressionOfConcernFor",
    "ECI": "ExpressionOfConcernIn",
    "EFR": "ErratumFor",
    "EIN": "ErratumIn",
    "ORI": "OriginalReportIn",
    "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf",
    "RIN": "RetractionIn",
    "ROF": "RetractionOf",
    "RPF": "RepublishedFrom",
    "RPI": "RepublishedIn",
    "RRF": "RetractedandRepublishedFrom",
    "RRI": "RetractedandRepublishedIn",
    "SPIN": "SummaryForPatientsIn",
    "UIN": "UpdateIn",
    "UOF": "UpdateOf",
}
CORRECTION_TAGS = {kind: tag for tag, kind in CORRECTIONS.items()}
TYPES = {"Preprint": "article", "Newspaper Article": "article-newspaper"}
PUBLICATION_TYPES = {
    "article": "Preprint",
    "article-newspaper": "Newspaper Article",
    "book": "Book",
    "chapter": "Book Chapter",
}
RETRACTED = "Retracted Publication"
# The order of PubMed; what the reader kept stands behind it
ORDER = (
    "PMID STAT LR ISBN IS VI IP PB CTI DP TI BTI EN PG LID AB CI FAU AU CN FED ED LA GR PT TT"
    f" DEP PL TA JT JID {' '.join(CORRECTIONS)} MH PMC OT GN PST AID"
).split()

LANGUAGE_CODES = {short: code for code, short in LANGUAGES.items()}

# What stands between the slashes of a grant
GRANT = ("id", "acronym", "agency", "country")
