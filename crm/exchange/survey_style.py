"""How a survey looks: one style sheet, which the page's policy allows by its hash, and nothing else.

Edges of what is answered stand out 3 to 1 from what they lie on, words 4.5 to 1, in light and in dark.
"""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#c6ccd4;--edge:#767f8a;--card:#fff;--back:#f5f6f8;
--brand:#2456c9;--on:#fff;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--ink:#e9ecf1;--soft:#a9b2be;--line:#475160;--edge:#7d8a99;--card:#1b2028;--back:#12151a;
--brand:#8fb2ff;--on:#10131a;--bad:#ff9d92}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);overflow-wrap:anywhere;
font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem 4rem}
.company{margin:0;color:var(--soft);font-weight:600}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .75rem}
.intro,.note{white-space:pre-line}
.note{color:var(--soft);font-size:.95rem}
.languages{display:flex;flex-wrap:wrap;gap:0 1rem;margin:.25rem 0 .75rem;font-size:.95rem}
a{color:var(--brand)}
fieldset{min-width:0;margin:0 0 1rem;padding:1.25rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card)}
legend{float:left;width:100%;padding:0;margin:0 0 .9rem;font-size:1.2rem;font-weight:600;line-height:1.35}
legend+*{clear:both}
legend+div>.words:first-child{margin-top:0}
.scale{display:grid;gap:.4rem}
.of5{grid-template-columns:repeat(5,minmax(0,1fr))}
.of7{grid-template-columns:repeat(7,minmax(0,1fr))}
.of11{grid-template-columns:repeat(11,minmax(0,1fr))}
.ends{display:flex;justify-content:space-between;gap:1rem;margin:.4rem 0 0;color:var(--soft);font-size:.95rem}
.ends span:last-child{text-align:end}
.mark{position:relative;display:block}
.mark input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.mark span{display:grid;place-items:center;min-height:3rem;border:1px solid var(--edge);border-radius:.5rem;font-weight:600}
.mark input:hover+span{border-color:var(--brand)}
.mark input:checked+span{background:var(--brand);border-color:var(--brand);color:var(--on)}
.mark input:focus-visible+span{outline:3px solid var(--brand);outline-offset:2px}
.choice{display:flex;gap:.75rem;align-items:center;min-height:3rem;padding:.5rem .75rem;margin:0 0 .4rem;
border:1px solid var(--edge);border-radius:.5rem}
.choice input{flex:none;width:1.25rem;height:1.25rem;accent-color:var(--brand)}
.words{display:block;margin:1rem 0 .35rem;font-weight:600}
.optional{color:var(--soft);font-weight:400}
textarea{display:block;width:100%;min-height:6rem;padding:.6rem .75rem;border:1px solid var(--edge);border-radius:.5rem;
background:var(--card);color:inherit;font:inherit;resize:vertical}
input,textarea{scroll-margin-top:9rem}
.problem{margin:0 0 .75rem;color:var(--bad);font-weight:600}
.problems{margin:0 0 1rem;padding:1rem 1.25rem;border:2px solid var(--bad);border-radius:.75rem;background:var(--card)}
.problems p,.problems ul{margin:0}
.problems ul{padding-inline-start:1.25rem}
fieldset.wrong{border-color:var(--bad);border-width:2px}
button{min-height:3rem;padding:.6rem 2rem;border:0;border-radius:.5rem;background:var(--brand);color:var(--on);
font:inherit;font-weight:600;cursor:pointer}
button.link{min-height:2.25rem;padding:.25rem 0;background:none;color:var(--brand);font-weight:400;text-align:start;
text-decoration:underline}
button.first{position:absolute;width:1px;height:1px;min-height:0;padding:0;overflow:hidden;clip-path:inset(50%)}
a:focus-visible,button:focus-visible,textarea:focus-visible,.problems:focus-visible,.choice input:focus-visible{
outline:3px solid var(--brand);outline-offset:2px}
@media(forced-colors:active){.mark input:checked+span{forced-color-adjust:none;background:Highlight;color:HighlightText}}
@media(max-width:36rem){.of11{grid-template-columns:repeat(6,minmax(0,1fr))}}
@media(max-width:30rem){button.send{width:100%}}
"""
HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
