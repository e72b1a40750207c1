"""The findings as a page for the editor of a chapter: Markdown or HTML, in one file."""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from refbase.audit import CHECKS, Audit, Finding
from refbase.errors import Severity

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff }
h2 { margin-top: 2.5rem } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem;
  border-bottom: 1px solid #ddd }
th[scope] { font-weight: normal; padding-top: 1.5rem } td:nth-child(4) { width: 45% }
code { font-size: .9em } .error { color: #a40000 } .warning { color: #8a5a00 } .info { color: #555 }
td.n { text-align: right }
""".strip()


def summary(audit: Audit, findings: Sequence[Finding]) -> str:
    """One line: how much was checked, and what was found."""
    severities = Counter(finding.severity for finding in findings)
    words = {one: _count(severities[one], one.value) for one in _ORDER if severities[one]}
    found = words.values()
    said = f"{_count(audit.count, 'reference')} checked: {', '.join(found) or 'nothing found'}"
    if audit.unchecked:
        said += f"; {len(audit.unchecked)} not compared with PubMed, of which no answer is stored"
    return said


def markdown(title: str, audit: Audit, findings: Sequence[Finding]) -> str:
    """The report in Markdown."""
    out = [f"# {_plain(title)}", "", f"{summary(audit, findings)}.", ""]
    out += ["| code | found | meaning |", "|---|---:|---|"]
    out += [f"| `{code}` | {n} | {meaning} |" for code, n, meaning in _codes(findings)]
    for key, group in _by_key(findings).items():
        out += ["", f"## {_plain(key)}", "", _plain(audit.titles[key]), ""]
        out += [
            f"- **{one.severity.value}** `{one.code}`{_place(one)} {_plain(one.message)}"
            f" ({_plain(one.source)})"
            for one in group
        ]
    return "\n".join(out) + "\n"


def page(title: str, audit: Audit, findings: Sequence[Finding]) -> str:
    """The report as one HTML page that needs nothing else. What is stored is text in it, and
    never markup."""
    rows = "\n".join(
        f'<tr><td><code>{code}</code></td><td class="n">{n}</td><td>{_escaped(meaning)}</td></tr>'
        for code, n, meaning in _codes(findings)
    )
    groups = "\n".join(
        _group(key, audit.titles[key], group) for key, group in _by_key(findings).items()
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{_escaped(title)}</title>
<style>
{_STYLE}
</style>
</head>
<body>
<h1>{_escaped(title)}</h1>
<p>{_escaped(summary(audit, findings))}.</p>
<table>
<thead><tr><th>Code</th><th>Found</th><th>Meaning</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<h2>By reference</h2>
<table>
{groups}
</table>
</body>
</html>
"""


def _group(key: str, title: str, group: Sequence[Finding]) -> str:
    rows = "\n".join(
        f'<tr><td class="{one.severity.value}">{one.severity.value}</td>'
        f"<td><code>{one.code}</code></td><td>{_escaped(one.bibliography)}</td>"
        f"<td>{_linked(one.message)}</td><td>{_escaped(one.source)}</td></tr>"
        for one in group
    )
    head = f"<b>{_escaped(key)}</b> {_escaped(title)}"
    return f'<tbody>\n<tr><th colspan="5" scope="rowgroup">{head}</th></tr>\n{rows}\n</tbody>'


def _codes(findings: Sequence[Finding]) -> Iterator[tuple[str, int, str]]:
    counts = Counter(finding.code for finding in findings)
    for severity in _ORDER:
        for code in sorted(counts):
            if CHECKS[code][0] is severity:
                yield code, counts[code], CHECKS[code][1]


def _by_key(findings: Sequence[Finding]) -> Mapping[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.key].append(finding)
    return found


def _place(finding: Finding) -> str:
    return f" in {_plain(finding.bibliography)}:" if finding.bibliography else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    """Text in Markdown that is no markup."""
    flat = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]#|~])", r"\\\1", flat)


def _escaped(text: str) -> str:
    return html.escape(text)


def _linked(text: str) -> str:
    return re.sub(r"https://[\w./:-]+", r'<a href="\g<0>">\g<0></a>', html.escape(text))
