"""EndNote XML: what EndNote exports as XML, and the only one of its formats that keeps italics.

Every reader of it agrees on the elements, few on what they mean in a type of reference; the
tables follow EndNote's own fields. Zotero reads what is written here too.
"""
