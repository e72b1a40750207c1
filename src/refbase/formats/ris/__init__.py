"""RIS: lines `TG  - value`, read by every reference manager, by each in its own way.

Flavour `zotero` (the default) is what Zotero reads without loss: what RIS has no tag for stands
in `M2`, each a line of Zotero's Extra (see `refbase.extra`). Flavour `endnote` keeps to the
specification of 2011, which has a place for the PMID but none for most other things. Both are
read back, and so are the habits of others.
"""
