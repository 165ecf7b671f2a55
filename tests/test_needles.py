"""Where a text names a person: whole words, any case, accents and spelling; and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm.store.needles import BLACK, Needle, blacked, fold, needles, spans

ANN = {"name": "Ann-Marie Quist", "email": "ann.quist@mail.example", "phone": "+49 170 1234567", "street": "Rue Zoë 5"}
TEXTS = some.text(max_size=60)
NAMES = some.text(some.characters(categories=("L", "N")), min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ANN-MARIE QUIST called", "█████ called"),
        ("Quist, Ann-Marie: yes", "█████: yes"),
        ("Ann-Marie\n  Quist’s desk", "█████ desk"),
        ("to Ann.Quist@Mail.example.", "to █████."),
        ("ann.quist@mail.example.org", "ann.█████@mail.example.org"),
        ("0170/123 45 67 or 0049-170-1234567", "█████ or █████"),
        ("1701234567890", "1701234567890"),
        ("rue zoe 5, then 51", "█████, then 51"),
        ("rue zoe 51", "rue zoe 51"),
        ("Quistberg and Annmarie", "Quistberg and Annmarie"),
    ],
)
def test_a_text_is_blacked_out_where_it_names_them(text: str, left: str) -> None:
    assert blacked(needles([ANN]), text) == left


def test_scripts_without_blanks_are_found_inside_a_sentence() -> None:
    assert blacked(needles([{"name": "王 小明"}]), "今天王 小明来了") == f"今天{BLACK}来了"
    assert blacked([Needle("王小明", "name")], "今天王小明来了") == f"今天{BLACK}来了"


def test_a_part_of_a_name_is_never_sure() -> None:
    assert {needle.text for needle in needles([ANN]) if not needle.is_sure} == {"Quist"}
    assert not any(needle.is_sure for needle in needles([{"name": "Cher"}]))


@given(TEXTS)
def test_folding_keeps_the_place_of_each_letter(text: str) -> None:
    folded, places = fold(text)
    assert len(folded) == len(places) and places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


@settings(max_examples=150)
@given(NAMES, NAMES, TEXTS, TEXTS)
def test_a_full_name_between_blanks_is_always_found(first: str, last: str, before: str, after: str) -> None:
    wanted = needles([{"name": f"{first} {last}"}])
    text = f"{before} {first.upper()}\t{last} {after}"
    if fold(first.upper())[0] == fold(first)[0]:  # “ß” has no one capital letter
        assert spans(wanted, text)


@settings(max_examples=150)
@given(TEXTS, NAMES, NAMES)
def test_what_is_blacked_out_is_found_no_more_and_the_rest_stays(text: str, first: str, last: str) -> None:
    wanted = [Needle(f"{first} {last}", "name")]
    whole = f"{text} {first} {last} {text}"
    new = blacked(wanted, whole)
    assert not spans(wanted, new.replace(BLACK, "|"))
    ends = [0, *(end for _, end in spans(wanted, whole))]
    starts = [*(start for start, _ in spans(wanted, whole)), len(whole)]
    assert new == BLACK.join(whole[end:start] for end, start in zip(ends, starts, strict=True))
