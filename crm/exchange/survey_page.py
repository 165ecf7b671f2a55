"""A survey as its respondent sees it: one plain HTML page that any phone can show, with no script and nothing to load.

All of its text is people's, so every piece of it is escaped; its one style sheet is allowed by its hash, and nothing else is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from crm.exchange.survey_words import RIGHT_TO_LEFT, said

TEXT_MOST = 4_000
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "rating": (1, 5)}

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#c6ccd4;--card:#fff;--back:#f5f6f8;
--brand:#2456c9;--on:#fff;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--ink:#e9ecf1;--soft:#a9b2be;--line:#475160;--card:#1b2028;--back:#12151a;
--brand:#8fb2ff;--on:#10131a;--bad:#ff9d92}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem 4rem}
.company{margin:0;color:var(--soft);font-weight:600}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .75rem}
.intro,.note{white-space:pre-line;overflow-wrap:anywhere}
.note{color:var(--soft);font-size:.95rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.5rem 0 1rem;font-size:.95rem}
a{color:var(--brand)}
fieldset{min-width:0;margin:0 0 1rem;padding:1.25rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card)}
legend{float:left;width:100%;padding:0;margin:0 0 .9rem;font-size:1.2rem;font-weight:600;line-height:1.35;overflow-wrap:anywhere}
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
.mark span{display:grid;place-items:center;min-height:3rem;border:1px solid var(--line);border-radius:.5rem;font-weight:600}
.mark input:hover+span{border-color:var(--brand)}
.mark input:checked+span{background:var(--brand);border-color:var(--brand);color:var(--on)}
.mark input:focus-visible+span{outline:3px solid var(--brand);outline-offset:2px}
.choice{display:flex;gap:.75rem;align-items:center;min-height:3rem;padding:.5rem .75rem;margin:0 0 .4rem;
border:1px solid var(--line);border-radius:.5rem;overflow-wrap:anywhere}
.choice input{flex:none;width:1.25rem;height:1.25rem;accent-color:var(--brand)}
.words{display:block;margin:1rem 0 .35rem;font-weight:600}
.optional{color:var(--soft);font-weight:400}
textarea{display:block;width:100%;min-height:6rem;padding:.6rem .75rem;border:1px solid var(--line);border-radius:.5rem;
background:var(--card);color:inherit;font:inherit;resize:vertical}
.problem{margin:0 0 .75rem;color:var(--bad);font-weight:600}
fieldset.wrong{border-color:var(--bad);border-width:2px}
button{min-height:3rem;padding:.6rem 2rem;border:0;border-radius:.5rem;background:var(--brand);color:var(--on);
font:inherit;font-weight:600;cursor:pointer}
a:focus-visible,button:focus-visible,textarea:focus-visible,.choice input:focus-visible{
outline:3px solid var(--brand);outline-offset:2px}
@media(max-width:36rem){.of11{grid-template-columns:repeat(6,minmax(0,1fr))}}
@media(max-width:30rem){button{width:100%}}
"""
HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Question:
    """One question in the respondent's language."""

    key: str
    kind: str
    text: str
    low: str = ""
    high: str = ""
    why: str = ""  # blank: no reason is asked for
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_multiple: bool = False


@dataclass(frozen=True)
class Sheet:
    """A whole survey in the respondent's language."""

    company: str
    title: str
    intro: str
    thanks: str
    language: str
    questions: tuple[Question, ...] = ()
    others: tuple[tuple[str, str], ...] = ()  # other languages that it can be read in: code and name
    is_anonymous: bool = False
    closes: str = ""


def form(sheet: Sheet, given: Given | None = None, problems: Mapping[str, str] | None = None) -> str:
    """The questions, with what was given before, and what was wrong with it."""
    given, problems = given or {}, problems or {}
    others = "".join(f'<a href="?lang={code}" lang="{code}" hreflang="{code}">{escape(name)}</a>' for code, name in sheet.others)
    body = [
        f"<h1>{escape(sheet.title)}</h1>",
        _paragraph(sheet.intro, "intro"),
        f'<nav aria-label="Language">{others}</nav>' if others else "",
        f'<p class="problem" role="alert">{_words(sheet, problems.get("", "problems"))}</p>' if problems else "",
        '<form method="post" accept-charset="utf-8">',
        f'<input type="hidden" name="language" value="{escape(sheet.language)}">',
        *(_question(sheet, question, given, problems.get(question.key)) for question in sheet.questions),
        _paragraph(_until(sheet), "note"),
        f'<button type="submit">{_words(sheet, "send")}</button>',
        "</form>",
        "" if sheet.is_anonymous else f'<p class="note"><a href="?never=1">{_words(sheet, "never_link")}</a></p>',
    ]
    return page(sheet, "".join(body))


def preview(sheet: Sheet) -> str:
    """The same inside a page of ours: nothing in it leads anywhere, and the policy stands in the text itself."""
    shown = form(replace(sheet, others=()))
    policy = POLICY.replace("; frame-ancestors 'none'", "")  # which only a header can say
    guarded = shown.replace("<style>", f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>', 1)
    return guarded.replace('<button type="submit">', '<button type="button">').replace('<a href="?never=1">', "<a>")


def thanks(sheet: Sheet) -> str:
    """What a person sees who has answered: what will happen, and the way back while answers may be changed."""
    following = sheet.thanks or said(sheet.language, "next_anonymous" if sheet.is_anonymous else "next")
    back = "" if sheet.is_anonymous else f'<p><a href="?">{_words(sheet, "change_link")}</a></p>'
    note = "" if sheet.is_anonymous else _paragraph(_until(sheet), "note")
    return page(sheet, f"<h1>{_words(sheet, 'thanks')}</h1>{_paragraph(following, 'intro')}{note}{back}")


def never(sheet: Sheet, *, is_done: bool) -> str:
    """The question whether to stop asking, which only its button answers: mail programs open links by themselves."""
    if is_done:
        return page(sheet, f"<h1>{_words(sheet, 'never_done')}</h1>")
    body = (
        f"<h1>{_words(sheet, 'never')}</h1>"
        '<form method="post"><input type="hidden" name="never" value="1">'
        f'<button type="submit">{_words(sheet, "never_send")}</button></form>'
        f'<p><a href="?">{_words(sheet, "back")}</a></p>'
    )
    return page(sheet, body)


def notice(sheet: Sheet, key: str) -> str:
    """A page of one sentence."""
    return page(sheet, f"<h1>{_words(sheet, key)}</h1>")


def page(sheet: Sheet, body: str) -> str:
    """The page around a body of HTML."""
    company = _paragraph(sheet.company, "company")
    direction = "rtl" if sheet.language in RIGHT_TO_LEFT else "ltr"
    return (
        f'<!doctype html><html lang="{escape(sheet.language)}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow">'
        f"<title>{escape(sheet.title or sheet.company or said(sheet.language, 'send'))}</title><style>{STYLE}</style></head>"
        f"<body><main>{company}{body}</main></body></html>"
    )


def _question(sheet: Sheet, question: Question, given: Given, problem: str | None) -> str:
    inner = _scale(question, given) if question.kind in SCALES else _choices(sheet, question, given)
    if question.kind == "text":
        inner = _area(sheet, question, given, said(sheet.language, "write"), is_optional=not question.is_required)
    elif question.why:
        inner += _area(sheet, question, given, question.why, is_optional=True)
    marked = f' class="wrong" aria-describedby="p-{question.key}"' if problem else ""
    words = f'<p class="problem" id="p-{question.key}">{_words(sheet, problem)}</p>' if problem else ""
    is_free = not question.is_required and question.kind != "text"
    optional = f' <span class="optional">({_words(sheet, "optional")})</span>' if is_free else ""
    return f"<fieldset{marked}><legend>{escape(question.text)}{optional}</legend>{words}<div>{inner}</div></fieldset>"


def _scale(question: Question, given: Given) -> str:
    least, most = SCALES[question.kind]
    ends = {least: question.low, most: question.high}
    marks = "".join(
        f'<label class="mark"><input type="radio" name="a-{question.key}" value="{number}"'
        f"{_named(number, ends.get(number))}{_checked(question, given, str(number))}><span>{number}</span></label>"
        for number in range(least, most + 1)
    )
    ends_shown = f"<span>{escape(question.low)}</span><span>{escape(question.high)}</span>"
    return f'<div class="scale of{most - least + 1}">{marks}</div><p class="ends" aria-hidden="true">{ends_shown}</p>'


def _named(number: int, words: str | None) -> str:
    return f' aria-label="{number}, {escape(words)}"' if words else ""


def _choices(sheet: Sheet, question: Question, given: Given) -> str:
    kind = "checkbox" if question.is_multiple else "radio"
    note = f'<p class="note">{_words(sheet, "several")}</p>' if question.is_multiple else ""
    return note + "".join(
        f'<label class="choice"><input type="{kind}" name="a-{question.key}" value="{place}"'
        f"{_checked(question, given, str(place))}><span>{escape(words)}</span></label>"
        for place, words in enumerate(question.choices)
    )


def _checked(question: Question, given: Given, value: str) -> str:
    return " checked" if value in given.get(f"a-{question.key}", ()) else ""


def _area(sheet: Sheet, question: Question, given: Given, label: str, *, is_optional: bool) -> str:
    name = f"t-{question.key}"
    written = escape(next(iter(given.get(name, ())), ""))
    optional = f' <span class="optional">({_words(sheet, "optional")})</span>' if is_optional else ""
    return (
        f'<label class="words" for="{name}">{escape(label)}{optional}</label>'
        f'<textarea id="{name}" name="{name}" maxlength="{TEXT_MOST}" rows="4">\n{written}</textarea>'
    )


def _until(sheet: Sheet) -> str:
    if sheet.is_anonymous:
        return said(sheet.language, "anonymous")
    return said(sheet.language, "change_until" if sheet.closes else "change").replace("{day}", sheet.closes)


def _words(sheet: Sheet, key: str) -> str:
    return escape(said(sheet.language, key).replace("{most}", f"{TEXT_MOST}"))


def _paragraph(words: str, style: str) -> str:
    return f'<p class="{style}">{escape(words)}</p>' if words else ""
