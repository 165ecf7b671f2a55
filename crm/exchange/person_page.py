"""A person or a focus group as one page that any browser shows and prints: no script, nothing from outside, text as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

Cells = Sequence[tuple[str, str]]
STYLE = """
:root { color-scheme: light dark; --line: #d4d4d8; --soft: #71717a; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p, .soft { color: var(--soft); }
dl { display: grid; grid-template-columns: 11rem 1fr; gap: .15rem 1rem; margin: 0; padding: .75rem 0;
     border-top: 1px solid var(--line); break-inside: avoid; }
dt { color: var(--soft); } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } }
"""


def person_page(name: str, sentences: Iterable[str], sections: Iterable[tuple[str, str, Sequence[Cells]]]) -> bytes:
    """The page: a name, what is to be said first, and for each section its heading, a sentence and its rows."""
    parts = [f"<h1>{escape(name)}</h1>", *(f"<p>{escape(sentence)}</p>" for sentence in sentences)]
    for heading, sentence, rows in sections:
        parts.append(f"<h2>{escape(heading)} <span class=soft>{len(rows):,}</span></h2>")
        parts += [f"<p>{escape(sentence)}</p>"] if sentence else []
        parts += [_row(cells) for cells in rows]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><meta name="robots" content="noindex">'
        f"<title>{escape(name)}</title><style>{STYLE}</style>"
    )
    text = f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'
    return text.encode("utf-8", "replace")


def _row(cells: Cells) -> str:
    pairs = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in cells)
    return f"<dl>{pairs}</dl>"
