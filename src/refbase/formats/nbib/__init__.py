"""nbib, the MEDLINE format: what PubMed saves for reference managers.

Lines `TAG - value`, the tag in four columns; a value goes on on lines that begin with six
blanks; a blank line stands between two records. The reader makes of a record what that of
PubMed XML does, in the same custom values; tags for which there is nothing are kept as custom
values `nbib:TAG` and written again. The writer writes what PubMed would.

    tables   which tag is which variable, left to right and right to left
    records  a file is cut into records, a record into its fields
    reader   fields to references
    writer   references to lines
    names    persons as FAU and AU have them
"""
