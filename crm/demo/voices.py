"""The customers' words: several clauses to a text, glad and cross in one breath, now and then a slip of the pen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from crm.demo.words.complaints import COMPLAINTS, CONSEQUENCES, DEMANDS
from crm.demo.words.praise import DELIGHT, PRAISE
from crm.demo.words.wishes import CIRCUMSTANCES, CLOSINGS, HINGES, OPENINGS, QUESTIONS, SUGGESTIONS
from crm.demo.writer import Writer, known_product, sentence

# What the other half of a mixed text is about; the planted themes stay out of it, so that they mean what they say.
OTHER_GOOD = ("app", "quality", "staff", "onboarding", "price")
LOUD = ("delivery", "support")
OTHER_BAD = ("price", "billing", "app", "onboarding")


def texts(writer: Writer, rows: pd.DataFrame) -> list[str | None]:
    """A text for each row of kind, theme, mood, product, speaker; one survey answer in twenty is a bare rating."""
    return [
        None if row.kind == "survey_answer" and writer.chance(0.05) else text(writer, row._asdict())
        for row in rows.itertuples(index=False)
    ]


def text(writer: Writer, row: Mapping[str, object]) -> str:
    """One text, its gaps filled with what is known of the speaker."""
    parts = COMPOSERS[str(row["kind"])](writer, str(row["theme"]), str(row["mood"]))
    known = {"person": str(row["person"]), "me": str(row["first_name"]), "city": str(row["city"])}
    product = known_product(int(str(row["product"])))
    filled = writer.fill(" ".join(parts), pd.Timestamp(str(row["received_at"])).month, known | product)
    return human(writer, filled)


def complaint(writer: Writer, theme: str, mood: str) -> list[str]:
    """What is wrong, what it did to us, what we expect; sometimes fair to the rest."""
    main = wrong(writer, theme)
    parts = [sentence(joined(writer, main, writer.pick(CONSEQUENCES)) if writer.chance(0.55) else main)]
    if writer.chance(0.22):
        parts.append(sentence(wrong(writer, theme, besides=main)))
    if writer.chance(0.28):
        parts.append(turned(writer, PRAISE[other(writer, OTHER_GOOD, theme)]))
    if writer.chance(0.35):
        parts.append(sentence(writer.pick(DEMANDS)))
    return framed(writer, parts)


def compliment(writer: Writer, theme: str, mood: str) -> list[str]:
    """What is good, what it did for us; sometimes a small but."""
    main = writer.pick(PRAISE[theme])
    parts = [sentence(joined(writer, main, writer.pick(DELIGHT)) if writer.chance(0.5) else main)]
    if writer.chance(0.3):
        parts.append(sentence(writer.pick(PRAISE[other(writer, OTHER_GOOD, theme)])))
    if writer.chance(0.16):
        parts.append(turned(writer, COMPLAINTS[other(writer, OTHER_BAD, theme)]))
    return framed(writer, parts)


def suggestion(writer: Writer, theme: str, mood: str) -> list[str]:
    """A wish, sometimes with the praise that makes it easier to hear, or the trouble that led to it."""
    wish = writer.pick(SUGGESTIONS[theme])
    parts = [sentence(wish, "?" if wish.startswith(("could", "why")) else ".")]
    if writer.chance(0.3):
        parts.insert(0, sentence(writer.pick(PRAISE[other(writer, OTHER_GOOD, theme)])))
    elif writer.chance(0.25):
        parts.insert(0, sentence(writer.pick(COMPLAINTS[theme if theme not in LOUD else writer.pick(OTHER_BAD)])))
    return framed(writer, parts)


def question(writer: Writer, theme: str, mood: str) -> list[str]:
    """A question, sometimes two."""
    parts = [sentence(writer.pick(QUESTIONS[theme]), "?")]
    if writer.chance(0.2):
        parts.append(sentence("and " + writer.pick(QUESTIONS[other(writer, ("price", "app", "onboarding"), theme)]), "?"))
    return framed(writer, parts)


def survey_answer(writer: Writer, theme: str, mood: str) -> list[str]:
    """Shorter than a letter: the reason for the rating."""
    if mood == "mixed":
        good = sentence(writer.pick(PRAISE[other(writer, OTHER_GOOD, theme)]))
        bad = turned(writer, COMPLAINTS[theme])
        return (
            [good, bad]
            if writer.chance(0.7)
            else [sentence(wrong(writer, theme)), turned(writer, PRAISE[other(writer, OTHER_GOOD, theme)])]
        )
    bank, echo = (PRAISE, DELIGHT) if mood == "good" else (COMPLAINTS, CONSEQUENCES)
    main = writer.pick(bank[theme])
    parts = [sentence(joined(writer, main, writer.pick(echo)) if writer.chance(0.5) else main)]
    if mood == "bad" and writer.chance(0.3):
        parts.append(turned(writer, PRAISE[other(writer, OTHER_GOOD, theme)]))
    if mood == "good" and writer.chance(0.42):
        parts.append(sentence(writer.pick(PRAISE[other(writer, OTHER_GOOD, theme)])))
    return [sentence(writer.pick(CIRCUMSTANCES)), *parts] if len(parts) == 1 and writer.chance(0.5) else parts


COMPOSERS: dict[str, Callable[[Writer, str, str], list[str]]] = {
    "complaint": complaint,
    "compliment": compliment,
    "suggestion": suggestion,
    "question": question,
    "survey_answer": survey_answer,
}


def wrong(writer: Writer, theme: str, besides: str = "") -> str:
    """Something wrong within the theme, other than what was said already."""
    clause = writer.pick(COMPLAINTS[theme])
    return clause if clause != besides else COMPLAINTS[theme][COMPLAINTS[theme].index(clause) - 1]


def other(writer: Writer, themes: tuple[str, ...], theme: str) -> str:
    """Another theme than the one the text is about."""
    chosen = writer.pick(themes)
    return chosen if chosen != theme else themes[themes.index(chosen) - 1]


def joined(writer: Writer, main: str, echo: str) -> str:
    """Two clauses as one sentence or as two."""
    return f"{main}, and {echo}" if writer.chance(0.35) and " and " not in main else f"{main}. {sentence(echo, '')}"


def turned(writer: Writer, bank: tuple[str, ...]) -> str:
    """A sentence that turns to the other side of the matter."""
    return sentence(writer.pick(HINGES) + writer.pick(bank))


def framed(writer: Writer, parts: list[str]) -> list[str]:
    """With what a letter has around it: a greeting, the circumstances, a name."""
    if writer.chance(0.55 if len(parts) == 1 else 0.28):
        parts = [sentence(writer.pick(CIRCUMSTANCES)), *parts]
    if writer.chance(0.22):
        parts = [sentence(writer.pick(OPENINGS), ","), lowered(parts[0]), *parts[1:]]
    if writer.chance(0.2):
        parts = [*parts, sentence(writer.pick(CLOSINGS), "")]
    return parts


def lowered(text: str) -> str:
    """The text to continue a sentence: a lower first letter, except of I and of names.

    >>> lowered("It works."), lowered("I see."), lowered("{person} came.")
    ('it works.', 'I see.', '{person} came.')
    """
    return text if text.startswith(("I ", "VAT")) else text[:1].lower() + text[1:]


def human(writer: Writer, text: str) -> str:
    """As people type: sometimes no capital, no full stop, more joy, two letters swapped."""
    draw = writer.rng.random()
    if draw < 0.05:
        return text[:1].lower() + text[1:].removesuffix(".")
    if draw < 0.14:
        return text.removesuffix(".")
    if draw < 0.20 and text.endswith("."):
        return text[:-1] + "!"
    return slipped(writer, text) if draw < 0.24 else text


def slipped(writer: Writer, text: str) -> str:
    """Two neighbouring letters of one long word change places."""
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if len(word) > 6 and word.isalpha() and word.islower()]
    if not long:
        return text
    index = long[int(writer.rng.random() * len(long))]
    word = words[index]
    words[index] = word[:3] + word[4] + word[3] + word[5:]
    return " ".join(words)
