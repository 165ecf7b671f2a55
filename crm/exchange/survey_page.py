"""A survey as its respondent sees it: one plain HTML page that any phone can show, with no script and nothing to load.

All of its text is people's, so every piece of it is escaped, and says its language where that is not the page's. Whatever the
respondent turns to, the form goes along with what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from crm.exchange.survey_style import POLICY, STYLE
from crm.exchange.survey_words import FALLBACK, RIGHT_TO_LEFT, WORDS, said

TEXT_MOST = 4_000
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "rating": (1, 5)}
# The field of a button that shows another page and saves nothing: a language, or the way out.
SHOW, NEVER = "show", "never"

Given = Mapping[str, Sequence[str]]


class Text(str):
    """Words that know their language."""

    language: str

    def __new__(cls, words: str, language: str = FALLBACK) -> Text:
        made = super().__new__(cls, words)
        made.language = language
        return made


@dataclass(frozen=True)
class Question:
    """One question in the respondent's language, or where it has no words in that, in the survey's first one."""

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
    body = [
        _in(sheet, "h1", sheet.title),
        _in(sheet, "p", sheet.intro, ' class="intro"'),
        '<form method="post" accept-charset="utf-8">',
        _languages(sheet),
        _problems(sheet, problems),
        f'<input type="hidden" name="language" value="{escape(sheet.language)}">',
        *(_question(sheet, question, given, problems.get(question.key)) for question in sheet.questions),
        _in(sheet, "p", _until(sheet), ' class="note"'),
        _button(sheet, "send", "send"),
        "" if sheet.is_anonymous else f"<p>{_button(sheet, 'never_link', 'link', SHOW, NEVER)}</p>",
        "</form>",
    ]
    return page(sheet, "".join(body), _own(sheet, "problems") if problems else "")


def preview(sheet: Sheet) -> str:
    """The same inside a page of ours: nothing in it leads anywhere, and the policy stands in the text itself."""
    shown = form(replace(sheet, others=()))
    policy = POLICY.replace("; frame-ancestors 'none'", "").replace("form-action 'self'", "form-action 'none'")
    guarded = shown.replace("<style>", f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>', 1)
    return guarded.replace('<button type="submit"', '<button type="button"')


def thanks(sheet: Sheet) -> str:
    """What a person sees who has answered: what will happen, and the way back while answers may be changed."""
    following = sheet.thanks or _own(sheet, "next_anonymous" if sheet.is_anonymous else "next")
    body = _in(sheet, "h1", _own(sheet, "thanks")) + _in(sheet, "p", following, ' class="intro"')
    if not sheet.is_anonymous:
        body += _in(sheet, "p", _until(sheet), ' class="note"') + _back(sheet, "change_link")
    return page(sheet, body, _own(sheet, "thanks"))


def never(sheet: Sheet, given: Given, *, is_done: bool) -> str:
    """The question whether to stop asking, which only its button answers: mail programs open links by themselves."""
    if is_done:
        return page(sheet, _in(sheet, "h1", _own(sheet, "never_done")), _own(sheet, "never_done"))
    typed = [(name, value) for name, values in given.items() for value in values if name[:2] in ("a-", "t-")]
    kept = [("language", sheet.language), *typed]
    body = (
        _in(sheet, "h1", _own(sheet, "never")),
        '<form method="post" accept-charset="utf-8">',
        *(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in kept),
        _button(sheet, "never_send", "send", NEVER, "1"),
        f"<p>{_button(sheet, 'back', 'link', SHOW, sheet.language)}</p>" if typed else _back(sheet, "back"),
        "</form>",
    )
    return page(sheet, "".join(body), _own(sheet, "never"))


def notice(sheet: Sheet, key: str) -> str:
    """A page of one sentence."""
    return page(sheet, _in(sheet, "h1", _own(sheet, key)), _own(sheet, key))


def page(sheet: Sheet, body: str, state: str = "") -> str:
    """The page around a body of HTML; its name begins with what became of it."""
    name = " – ".join(part for part in (state, sheet.title or sheet.company) if part)
    company = _in(sheet, "p", sheet.company, ' class="company"')
    return (
        f'<!doctype html><html lang="{escape(sheet.language)}" dir="{_direction(sheet.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow">'
        f"<title>{escape(name)}</title><style>{STYLE}</style></head>"
        f"<body><main>{company}{body}</main></body></html>"
    )


def _languages(sheet: Sheet) -> str:
    """Buttons of the form, so that what was typed goes along; before them the one that the Enter key presses: to send."""
    if not sheet.others:
        return ""
    name = _own(sheet, "language")
    buttons = (
        f'<button type="submit" class="link" name="{SHOW}" value="{code}" lang="{code}">{escape(words)}</button>'
        for code, words in sheet.others
    )
    first = '<button type="submit" class="first" tabindex="-1" aria-hidden="true"></button>'
    return f'{first}<div class="languages" role="group" aria-label="{name}"{_lang(sheet, name)}>{"".join(buttons)}</div>'


def _problems(sheet: Sheet, problems: Mapping[str, str]) -> str:
    """What is wrong, before all else and with the way to each question; a browser begins to read here."""
    if not problems:
        return ""
    ways = (
        f'<li><a href="#{_first(question, problems[question.key])}"{_lang(sheet, question.text)}>{escape(question.text)}</a></li>'
        for question in sheet.questions
        if question.key in problems
    )
    words = _in(sheet, "p", _own(sheet, problems.get("", "problems")), ' class="problem"')
    return f'<div class="problems" role="alert" tabindex="-1" autofocus>{words}<ul>{"".join(ways)}</ul></div>'


def _first(question: Question, problem: str) -> str:
    """The input of a question that a problem is about."""
    return f"{'t' if _is_of_words(question, problem) else 'a'}-{question.key}"


def _question(sheet: Sheet, question: Question, given: Given, problem: str | None) -> str:
    is_text = question.kind == "text"
    wrong = _in(sheet, "p", _own(sheet, problem), f' class="problem" id="p-{question.key}"') if problem else ""
    over, beside = ("", wrong) if _is_of_words(question, problem) else (wrong, "")
    inner = _scale(sheet, question, given) if question.kind in SCALES else _choices(sheet, question, given)
    if is_text or question.why:
        label = _own(sheet, "write") if is_text else question.why
        inner += _area(sheet, question, given, label, beside, is_optional=not (is_text and question.is_required))
    marked = (' class="wrong"' if wrong else "") + (f' aria-describedby="p-{question.key}"' if over else "")
    optional = "" if is_text or question.is_required else _optional(sheet)
    asked = f"<span{_lang(sheet, question.text)}>{escape(question.text)}</span>{optional}"
    return f"<fieldset{marked}><legend>{asked}</legend>{over}<div>{inner}</div></fieldset>"


def _is_of_words(question: Question, problem: str | None) -> bool:
    """Whether a problem is about what was written, not about what was chosen."""
    return question.kind == "text" or problem == "too_long"


def _scale(sheet: Sheet, question: Question, given: Given) -> str:
    least, most = SCALES[question.kind]
    ends = {least: question.low, most: question.high}
    marks = "".join(
        f'<label class="mark"><input type="radio"{_placed(question, given, number, least)}'
        f"{_named(sheet, number, ends.get(number))}><span>{number}</span></label>"
        for number in range(least, most + 1)
    )
    shown = "".join(f"<span{_lang(sheet, words)}>{escape(words)}</span>" for words in ends.values())
    return f'<div class="scale of{most - least + 1}">{marks}</div><p class="ends" aria-hidden="true">{shown}</p>'


def _named(sheet: Sheet, number: int, words: str | None) -> str:
    return f' aria-label="{number}, {escape(words)}"{_lang(sheet, words)}' if words else ""


def _choices(sheet: Sheet, question: Question, given: Given) -> str:
    kind = "checkbox" if question.is_multiple else "radio"
    note = _in(sheet, "p", _own(sheet, "several"), ' class="note"') if question.is_multiple else ""
    return note + "".join(
        f'<label class="choice"><input type="{kind}"{_placed(question, given, place, 0)}>{_in(sheet, "span", words)}</label>'
        for place, words in enumerate(question.choices)
    )


def _placed(question: Question, given: Given, value: int, first: int) -> str:
    """Which answer an input is; the first one is where the way from a problem leads."""
    name = f"a-{question.key}"
    checked = " checked" if str(value) in given.get(name, ()) else ""
    return (f' id="{name}"' if value == first else "") + f' name="{name}" value="{value}"{checked}'


def _area(sheet: Sheet, question: Question, given: Given, label: str, problem: str, *, is_optional: bool) -> str:
    name = f"t-{question.key}"
    written = escape("".join(given.get(name, ())))
    optional = _optional(sheet) if is_optional else ""
    wrong = f' aria-invalid="true" aria-describedby="p-{question.key}"' if problem else ""
    return (
        f'<label class="words" for="{name}"><span{_lang(sheet, label)}>{escape(label)}</span>{optional}</label>{problem}'
        f'<textarea id="{name}" name="{name}" maxlength="{TEXT_MOST}" rows="4"{wrong}>\n{written}</textarea>'
    )


def _optional(sheet: Sheet) -> str:
    words = _own(sheet, "optional")
    return f' <span class="optional"{_lang(sheet, words)}>({escape(words)})</span>'


def _until(sheet: Sheet) -> str:
    if sheet.is_anonymous:
        return _own(sheet, "anonymous")
    return _own(sheet, "change_until" if sheet.closes else "change", day=sheet.closes)


def _button(sheet: Sheet, key: str, style: str, name: str = "", value: str = "") -> str:
    sent = f' name="{name}" value="{escape(value)}"' if name else ""
    return _in(sheet, "button", _own(sheet, key), f' type="submit" class="{style}"{sent}')


def _back(sheet: Sheet, key: str) -> str:
    link = _in(sheet, "a", _own(sheet, key), f' href="?lang={escape(sheet.language)}"')
    return f"<p>{link}</p>"


def _own(sheet: Sheet, key: str, day: str = "") -> Text:
    """A sentence of the page itself."""
    words = said(sheet.language, key).replace("{most}", f"{TEXT_MOST}").replace("{day}", day)
    return Text(words, sheet.language if sheet.language in WORDS else FALLBACK)


def _in(sheet: Sheet, tag: str, words: str, attributes: str = "") -> str:
    """Words in an element of their own; nothing where there are none."""
    return f"<{tag}{attributes}{_lang(sheet, words)}>{escape(words)}</{tag}>" if words else ""


def _lang(sheet: Sheet, words: str) -> str:
    """What an element says of its language and direction, where they are not the page's."""
    language = words.language if isinstance(words, Text) else sheet.language
    return "" if language == sheet.language else f' lang="{escape(language)}" dir="{_direction(language)}"'


def _direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
