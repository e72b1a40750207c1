r"""Rich text as LaTeX for bibliography files, in the few forms that all their readers decode
(`text`, `title`, `literal`); and LaTeX as rich text, in the many forms that are met (`rich`).
"""

from refbase.latex.common import Tell, ignore
from refbase.latex.reading import has_macros, rich
from refbase.latex.writing import is_plain, literal, text, title

__all__ = ["Tell", "has_macros", "ignore", "is_plain", "literal", "rich", "text", "title"]
