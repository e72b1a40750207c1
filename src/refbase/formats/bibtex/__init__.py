"""BibTeX and BibLaTeX: one table per dialect says which variable stands in which field.

BibTeX is written for Zotero, JabRef, pandoc and the classic styles, BibLaTeX for biber's data
model; in both, no entry type is used that Zotero's import discards. Read are both at once, and
what others make of them.

    dialects  the tables
    writer    references to entries; fields, how a value is written
    blocks    a file is cut into entries; unusual, those that bibtexparser takes apart
    inherit   what an entry takes from another one
    reader    entries to references; people, dates, others, how their fields are read

docs/formats/bibtex.md shows the tables.
"""
