"""The yardstick of all readers of PubMed XML: lxml goes through the file and counts.

python iterparse.py < records.xml
"""

from __future__ import annotations

import sys

from lxml import etree


def main() -> None:
    count = 0
    for _, element in etree.iterparse(sys.stdin.buffer, tag=("PubmedArticle", "PubmedBookArticle")):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    sys.stdout.write(f"{count}\n")


if __name__ == "__main__":
    main()
