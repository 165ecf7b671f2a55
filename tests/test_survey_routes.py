"""The page behind a survey's link, on the real server: what it shows, what it takes, and what it refuses in words."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from starlette.responses import Response
from starlette.types import Message

from crm.commands.anonymous import FEWEST
from crm.exchange.survey_page import TEXT_MOST
from crm.exchange.survey_style import POLICY
from crm.exchange.survey_words import WORDS
from crm.store import session as door
from crm.store.session import Session, command_line
from crm.web import surveys
from crm.web.limits import Room
from tests.asking import NPS, TEXT, asked
from tests.serving import app_on
from tests.shared import shared_data

LINKS = 40
SAYS = WORDS["en"]
FORM = "application/x-www-form-urlencoded"


@dataclass
class Served:
    """The app's address and file, with the links of a named survey and an anonymous one."""

    address: str
    file: Path
    named: list[str]
    unnamed: list[str]
    rating: str
    reason: str
    anonymous_rating: str
    links: Iterator[str]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("surveys") / "crm.duckdb"
    session = Session(door.opened(f"duckdb:///{file}"), command_line("tester"))
    texts = {
        "en": {"title": "How was it?", "intro": "Please"},
        "de": {"title": "Wie war es?"},
        "da": {"title": "Hvordan var det?"},
    }
    named = asked(session, NPS, TEXT, number=LINKS, texts=texts)
    session.note("update settings set value = '0' where name = 'survey_cooldown_days'")
    unnamed = asked(session, NPS, name="Quietly", number=FEWEST, is_anonymous=True)
    first, quiet = named.questions[0], unnamed.questions[0]
    tokens = named.tokens, unnamed.tokens
    door.close(f"duckdb:///{file}")
    with app_on(file) as address:
        yield Served(address, file, *tokens, f"a-{first}", f"t-{first}", f"a-{quiet}", iter(tokens[0]))


def ask(address: str, body: bytes | None = None, method: str = "", **headers: str) -> Answer:
    """Get a page, or post a body, or ask by another method, without following where it leads."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method or ("POST" if body is not None else "GET"), f"{parts.path}?{parts.query}", body, named)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode())
    finally:
        connection.close()


def page(served: Served, token: str) -> str:
    return f"{served.address}/s/{token}"


def send(served: Served, token: str, **fields: str) -> Answer:
    return ask(page(served, token), urlencode(fields).encode(), content_type=FORM)


def test_the_page_has_no_script_and_a_policy_that_allows_none(served: Served) -> None:
    shown = ask(page(served, served.named[0]))
    assert shown.status == 200 and shown.headers["content-security-policy"] == POLICY
    assert "script-src" not in POLICY and POLICY.startswith("default-src 'none'") and "unsafe" not in POLICY
    assert not re.search(r"<script|javascript:|\son\w+=|style=|<img|<link|<iframe|src=", shown.text)
    assert shown.headers["cache-control"] == "no-store" and shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["x-frame-options"] == "DENY" and shown.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in shown.headers


def test_every_input_has_its_label_and_the_page_its_language(served: Served) -> None:
    text = ask(page(served, served.named[0])).text
    assert '<html lang="en" dir="ltr">' in text and text.count("<fieldset>") == text.count("<legend>") == 2
    assert len(re.findall(r'<label class="mark"><input type="radio" (?:id="[^"]+" )?name="a-[^"]+" value="\d+"', text)) == 11
    assert set(re.findall(r'<label class="words" for="([^"]+)"', text)) == set(re.findall(r'<textarea id="([^"]+)"', text))
    assert 'aria-label="0, Not at all likely"' in text and 'aria-label="10, Extremely likely"' in text


def test_a_text_without_a_translation_says_its_language(served: Served) -> None:
    """The title is in both languages, the intro in English alone, and of what the page says itself nothing is Danish."""
    german, danish = (ask(page(served, served.named[0]) + f"?lang={code}").text for code in ("de", "da"))
    assert '<p class="intro" lang="en" dir="ltr">Please</p>' in german and "<h1>Wie war es?</h1>" in german
    assert german.count('lang="en"') == 2, "the intro, and the button that leads to English"
    assert "<h1>Hvordan var det?</h1>" in danish and re.search(r'class="send" lang="en" dir="ltr">Send</button>', danish)


def test_another_language_keeps_what_was_typed_and_saves_nothing(served: Served) -> None:
    """Without a script: the languages are buttons of the form, and the Enter key still sends."""
    token = next(served.links)
    typed = {served.rating: "3", served.reason: "Zu spät\n<b>und</b> kalt"}
    shown = send(served, token, language="en", show="de", **typed)
    assert shown.status == 200 and shown.headers["content-security-policy"] == POLICY
    assert '<html lang="de"' in shown.text and "Wie war es?" in shown.text and "markiert" not in shown.text
    assert re.search(r'value="3" checked', shown.text) and "\nZu spät\n&lt;b&gt;und&lt;/b&gt; kalt</textarea>" in shown.text
    assert re.search(r'<input type="hidden" name="language" value="de">', shown.text), "and it goes on in German"
    buttons = re.findall(r'<button type="submit" class="(\w+)"(?: name="(\w+)" value="(\w+)")?', shown.text)
    assert buttons[0] == ("first", "", "") and ("link", "show", "en") in buttons
    assert " checked" not in ask(page(served, token)).text, "nothing was kept"


@pytest.mark.parametrize("show", ["xx", "", "<script>", "de\x00", "never never"])
def test_a_language_that_is_not_there_leaves_the_page_in_its_own(served: Served, show: str) -> None:
    shown = send(served, served.named[-1], language="de", show=show, **{served.reason: "Noch da"})
    assert shown.status == 200 and '<html lang="de"' in shown.text and "Noch da</textarea>" in shown.text


def test_looking_at_the_way_out_keeps_what_was_typed(served: Served) -> None:
    token = next(served.links)
    looked = send(served, token, language="de", show="never", **{served.rating: "4", served.reason: 'Sag "ja"'})
    assert WORDS["de"]["never"] in looked.text and WORDS["de"]["never_done"] not in looked.text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', looked.text))
    assert fields == {"language": "de", served.rating: "4", served.reason: "Sag &quot;ja&quot;"}
    back = send(served, token, show="de", **{served.rating: "4", served.reason: "Sag"})
    assert re.search(r'value="4" checked', back.text) and " checked" not in ask(page(served, token)).text


def test_the_respondents_language_is_the_browsers_or_the_one_they_choose(served: Served) -> None:
    german = ask(page(served, served.named[0]), accept_language="fr, de-CH;q=0.8")
    assert '<html lang="de"' in german.text and "Wie war es?" in german.text and "Senden" in german.text
    assert '<html lang="de"' in ask(page(served, served.named[0]) + "?lang=de").text
    assert '<html lang="en"' in ask(page(served, served.named[0]), accept_language="ja;q=x,,;;").text


def test_an_answer_is_taken_shown_again_and_changed(served: Served) -> None:
    token = next(served.links)
    sent = send(served, token, **{served.rating: "9", served.reason: "They call back"})
    assert sent.status == 303 and sent.headers["location"].startswith("?sent=1")
    assert SAYS["thanks"] in ask(page(served, token) + sent.headers["location"]).text
    again = ask(page(served, token)).text
    assert re.search(r'value="9"[^>]* checked', again) and "They call back</textarea>" in again
    assert send(served, token, **{served.rating: "2"}).status == 303
    assert re.search(r'value="2"[^>]* checked', ask(page(served, token)).text)


@pytest.mark.parametrize(("fields", "says"), [
    ({}, "missing"),
    ({"rating": "11"}, "wrong"),
    ({"rating": "-1"}, "wrong"),
    ({"rating": "9 or 1=1"}, "wrong"),
    ({"rating": "5", "reason": "x" * (TEXT_MOST + 1)}, "too_long"),
])  # fmt: skip
def test_what_does_not_fit_is_said_at_its_question_and_nothing_typed_is_lost(
    served: Served, fields: dict[str, str], says: str
) -> None:
    token = served.named[-1]
    names = {"rating": served.rating, "reason": served.reason}
    sent = send(served, token, **{names[name]: value for name, value in fields.items()})
    assert sent.status == 422 and SAYS[says].replace("{most}", str(TEXT_MOST)) in sent.text and SAYS["problems"] in sent.text
    assert 'aria-describedby="p-' in sent.text and fields.get("reason", "") in sent.text
    assert re.search(rf"<title>{SAYS['problems']}", sent.text) and " autofocus>" in sent.text
    (way,) = re.findall(r'<li><a href="#([^"]+)">', sent.text)
    assert way == (served.reason if says == "too_long" else served.rating) and sent.text.count(f'id="{way}"') == 1
    assert " checked" not in ask(page(served, token)).text, "nothing was kept"


def test_a_megabyte_is_refused_before_it_is_read(served: Served) -> None:
    token = served.named[-1]
    huge = send(served, token, **{served.rating: "5", served.reason: "x" * 1_000_000})
    assert huge.status == 413 and "at most 4000 characters" in huge.text
    assert " checked" not in ask(page(served, token)).text


def test_a_body_without_a_length_is_bounded_too(served: Served) -> None:
    parts = urlsplit(page(served, served.named[-1]))
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)
    chunks = (b"x" * 10_000 for _ in range(100))
    try:
        headers = {"Content-Type": FORM, "Transfer-Encoding": "chunked"}
        connection.request("POST", parts.path, chunks, headers, encode_chunked=True)
        status = connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # it answered and hung up while we were still sending
    finally:
        connection.close()
    assert status == 413


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_a_body_of_another_kind_is_refused(served: Served, kind: str) -> None:
    sent = ask(page(served, served.named[-1]), b'{"a": 1}', content_type=kind)
    assert sent.status == 415 and SAYS["wrong_kind"] in sent.text


def test_too_many_fields_and_bytes_that_are_no_text_do_no_harm(served: Served) -> None:
    many = ask(page(served, served.named[-1]), b"&".join(b"a%d=1" % number for number in range(5_000)), content_type=FORM)
    assert many.status == 400 and SAYS["wrong_kind"] in many.text
    raw = ask(page(served, served.named[-1]), b"\xff\xfe%FF%00=%ZZ&&&=", content_type=FORM)
    assert raw.status == 422


@pytest.mark.parametrize("token", ["forged", "a" * 5_000, "'%3B%20drop%20table%20surveys%3B%20--"])
def test_a_forged_link_says_that_it_is_not_known(served: Served, token: str) -> None:
    for answer in (ask(page(served, token)), ask(page(served, token), b"a=1", content_type=FORM)):
        assert answer.status == 404 and SAYS["unknown"] in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [
    *((method, "", 405) for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "NONSENSE")),
    ("HEAD", "", 200),
    ("GET", "/", 200),
    ("GET", "/more", 404),
    ("HEAD", "/more", 404),
    ("POST", "/", 415),
    ("GET", "/%00", 400),
    ("GET", "/../../health", 400),
])  # fmt: skip
def test_whatever_is_asked_below_a_link_the_strict_policy_answers(served: Served, method: str, path: str, status: int) -> None:
    answer = ask(page(served, served.named[0]) + path, method=method)
    assert answer.status == status and answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "no-referrer"
    assert ("allow" in answer.headers) == (status == 405) and "<script" not in answer.text
    assert (SAYS["wrong_kind"] in answer.text) == (status in (405, 415)) and (answer.text == "") == (method == "HEAD")


def test_a_trusted_proxys_respondents_are_limited_each_by_themselves(served: Served) -> None:
    """The server takes the forwarded address from a proxy on this machine, and from those that FORWARDED_ALLOW_IPS names."""
    from_one = [ask(page(served, "x"), method="DELETE", x_forwarded_for="203.0.113.1").status for _ in range(260)]
    assert from_one[0] == 405 and 429 in from_one
    assert ask(page(served, "x"), method="DELETE", x_forwarded_for="203.0.113.2").status == 405
    assert ask(page(served, "x"), method="DELETE").status == 405


def test_an_anonymous_link_is_used_up_by_its_answer(served: Served) -> None:
    token = served.unnamed[0]
    first = ask(page(served, token)).text
    assert SAYS["anonymous"] in first and SAYS["never_link"] not in first
    assert send(served, token, **{served.anonymous_rating: "7"}).status == 303
    replayed = send(served, token, **{served.anonymous_rating: "0"})
    assert replayed.status == 200 and SAYS["used"] in replayed.text
    assert SAYS["used"] in ask(page(served, token)).text


def test_opening_the_way_out_does_nothing_and_its_button_does(served: Served) -> None:
    token = next(served.links)
    for way in ("?never=1", "?never=done", "?sent=1&never="):
        asked_for = ask(page(served, token) + way).text
        assert SAYS["never"] in asked_for and SAYS["never_done"] not in asked_for
    sent = send(served, token, never="1")
    assert sent.status == 303 and SAYS["never_done"] in ask(page(served, token) + sent.headers["location"]).text


def test_nobody_is_thanked_for_what_they_did_not_send(served: Served) -> None:
    for token in (next(served.links), served.unnamed[-1]):
        assert SAYS["thanks"] not in ask(page(served, token) + "?sent=1").text


def test_naughty_strings_are_kept_as_text(served: Served) -> None:
    strings = [text for text in json.loads((shared_data() / "naughty_strings.json").read_text()) if text.strip()][::20]
    tokens = served.named[5 : LINKS - 1]
    for place, text in enumerate(strings):
        token = tokens[place % len(tokens)]
        sent = send(served, token, **{served.rating: "5", served.reason: text})
        assert sent.status == 303, (text, sent.status)
        shown = ask(page(served, token))
        assert shown.status == 200 and "<script" not in shown.text and "<img" not in shown.text.lower()


def test_the_links_of_a_survey_are_in_no_log(served: Served) -> None:
    log = served.file.with_suffix(".log").read_text()
    assert not any(token in log for token in (*served.named, *served.unnamed))


class Sender:
    """Who begins to send to a link and then waits."""

    def __init__(self, address: str = "203.0.113.9") -> None:
        headers = [(b"content-type", FORM.encode()), (b"content-length", b"500")]
        self.scope = {"type": "http", "method": "POST", "query_string": b"", "headers": headers, "path_params": {"token": "x"}}
        self.scope["client"] = (address, 1)
        self.began, self.ends = asyncio.Event(), asyncio.Event()
        self.status = 0

    async def receive(self) -> Message:
        self.began.set()
        await self.ends.wait()
        return {"type": "http.disconnect"}

    async def answer(self, message: Message) -> None:
        self.status = message.get("status", self.status)

    async def knock(self) -> int:
        await surveys.Survey(self.scope, self.receive, self.answer)
        return self.status


def test_who_sends_for_ever_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveys, "SECONDS_TO_SEND", 0.05)
    assert asyncio.run(Sender().knock()) == 408


def test_who_sends_slowly_takes_a_part_of_the_room_and_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveys, "SENDING", Room(3, 2))
    monkeypatch.setattr(surveys, "_done", lambda *_: asyncio.sleep(0, Response(status_code=200)))

    async def many() -> list[int]:
        slow = [Sender(address) for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2")]
        sending = [asyncio.create_task(each.knock()) for each in slow]
        for each in slow:
            await each.began.wait()
        refused = [await Sender(address).knock() for address in ("203.0.113.1", "203.0.113.3")]
        for each in slow:
            each.ends.set()
        taken = [await each for each in sending]
        late = Sender("203.0.113.1")
        late.ends.set()
        return [*refused, *taken, await late.knock()]

    assert asyncio.run(many()) == [429, 429, 200, 200, 200, 200]
