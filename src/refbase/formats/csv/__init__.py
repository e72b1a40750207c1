"""CSV: one entry a row, for spreadsheets and for reading a bibliography over by eye.

The columns are those of `COLUMNS`. Names are written `Family, Given`, separated by `; `, with
NLM's compact initials (`Cartlidge, NE`); a body of people stands in braces, and `et al.` comes
last where the list was cut (`refbase.cells`). Dates are EDTF (`2013-09`). Empty means unknown.

The tables that Zotero, PubMed and Scopus hand out are read as well: the header row tells whose
table it is (`refbase.formats.csv.layouts`). Columns that nobody knows are kept as custom
variables.

A cell that begins with `=`, `+`, `-` or `@` is a formula to a spreadsheet. Nothing is put in
front of it, because that would change the data: open files of others as text.
"""
