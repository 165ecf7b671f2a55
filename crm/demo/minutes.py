"""The subject and the note that a colleague leaves behind after a talk."""

from __future__ import annotations

import pandas as pd

from crm.demo.words.talk import NEXT, PLAIN_SUBJECTS, SAID, SUBJECTS
from crm.demo.writer import Writer, known_product, sentence


def written(writer: Writer, rows: pd.DataFrame, staff: pd.DataFrame) -> tuple[list[str], list[str | None]]:
    """Subject and note of each, oldest first; a reply keeps the question's subject, a newsletter has its own name."""
    first_names = staff.set_index("employee_id")["name"].str.split().str[0].to_dict()
    subjects: list[str] = []
    texts: list[str | None] = []
    asked: dict[int, str] = {}
    for row in rows.itertuples(index=False):
        known = {"contact": row.first_name, "person": first_names.get(row.employee_id, "the team")}
        known |= known_product(int(writer.rng.random() * 8))
        month = row.occurred_at.month
        kind = "inbound email" if row.channel == "email" and row.direction == "inbound" else row.channel
        note = noted(writer, kind, month, known)
        bank = (SUBJECTS if note is None else PLAIN_SUBJECTS).get(kind, (row.campaign,))
        subject = writer.fill(writer.pick(bank), month, known)
        if row.channel == "email":
            subject = f"Re: {asked.get(row.part, subject)}" if row.is_reply is True else subject
            asked[row.part] = subject.removeprefix("Re: ")
        subjects.append(subject)
        texts.append(note)
    return subjects, texts


def noted(writer: Writer, kind: str, month: int, known: dict[str, str]) -> str | None:
    """What was said and what comes next; half of all talks leave a subject only."""
    if kind == "newsletter" or not writer.chance(1.0 if kind == "note" else 0.5):
        return None
    parts = [sentence(writer.pick(SAID[kind]))]
    if kind not in ("note", "post") and writer.chance(0.5):
        parts.append(sentence(writer.pick(NEXT)))
    text = writer.fill(" ".join(parts), month, known)
    return text[:1].upper() + text[1:]
