"""Where customers answer: a plain page behind a personal link. No login, no Streamlit, no script.

Everybody may knock here, so the body is bounded before it is read, work is done by one thread beside the event loop, and whoever
sends more than a person can is told to wait: the pages of the house stay quick meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
from starlette.endpoints import HTTPEndpoint
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from crm.commands import answers, links
from crm.commands.links import Link
from crm.errors import CrmError
from crm.queries import survey_pages, survey_sheets
from crm.queries.survey_pages import NEVER, SHOW
from crm.store.session import opened
from crm.web.limits import Bucket, Room

BODY_MOST, FIELDS_MOST, TOKEN_MOST = 600_000, 200, 100
SECONDS_TO_SEND = 20.0
FORM = "application/x-www-form-urlencoded"
STATUS = {"unknown": 404, "expired": 410, "newer": 410, "closed": 410, "used": 200}
BY_LINK, BY_ADDRESS, SENDING = Bucket(30, 0.5), Bucket(200, 20), Room(200, 50)
MOST_WAITING, FEW, REST = 20, 3, 2
log = logging.getLogger(__name__)
Given = Mapping[str, Sequence[str]]


class Desk:
    """One after the other, and only so many waiting; while they do, it rests longer than it works: the pages need the machine."""

    def __init__(self) -> None:
        self._waiting = 0
        self._one: anyio.CapacityLimiter | None = None

    async def do(self, work: Callable[[], Response]) -> Response | None:
        """The answer; None where too many wait already."""
        if self._waiting >= MOST_WAITING:
            return None
        self._one = self._one or anyio.CapacityLimiter(1)
        self._waiting += 1
        try:
            return await anyio.to_thread.run_sync(partial(self._paced, work), limiter=self._one)
        finally:
            self._waiting -= 1

    def _paced(self, work: Callable[[], Response]) -> Response:
        began = time.perf_counter()
        answer = work()
        if self._waiting > FEW:
            time.sleep(min(REST * (time.perf_counter() - began), 0.5))
        return answer


DESK = Desk()


class Unfit(Exception):
    """What was sent is no form of ours: the sentence to say so, and its status."""

    def __init__(self, key: str, status: int) -> None:
        super().__init__(key)
        self.key, self.status = key, status


class Survey(HTTPEndpoint):
    """A survey behind its link: shown, answered, and the way to say that one does not want to be asked.

    It takes whatever comes below its address, so that a wrong method or path is answered under the same strict policy.
    """

    async def get(self, request: Request) -> Response:
        """The form, or why there is none; HEAD gives the same without its body."""
        token, accepted = _token(request), _accepted(request)
        if not BY_ADDRESS.take(_address(request)):
            return _said("busy", 429, accepted)
        return await _done(partial(_shown, token, dict(request.query_params), accepted), accepted)

    async def post(self, request: Request) -> Response:
        """Take what the form sends."""
        token, accepted = _token(request), _accepted(request)
        if not (BY_ADDRESS.take(_address(request)) and BY_LINK.take(token)):
            return _said("busy", 429, accepted)
        try:
            given = await _given(request)
        except Unfit as unfit:
            return _said(unfit.key, unfit.status, accepted)
        return await _done(partial(_answered, token, given, accepted), accepted)

    async def method_not_allowed(self, request: Request) -> Response:
        """Say it as a page of ours."""
        accepted = _accepted(request)
        if not BY_ADDRESS.take(_address(request)):
            return _said("busy", 429, accepted)
        return _said("wrong_kind", 405, accepted, Allow="GET, HEAD, POST")


def _token(request: Request) -> str:
    """The link's secret; some mail programs end an address with a slash."""
    return str(request.path_params["token"]).rstrip("/")[:TOKEN_MOST]


def _accepted(request: Request) -> str:
    return request.headers.get("accept-language", "")


def _address(request: Request) -> str:
    """Who knocks; behind a trusted proxy the server has put the address that it forwards in the place of its own."""
    return request.client.host if request.client else ""


async def _done(work: Callable[[], Response], accepted: str) -> Response:
    return await DESK.do(partial(_safely, work, accepted)) or _said("busy", 429, accepted)


async def _given(request: Request) -> Given:
    """The fields that were sent."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Unfit("wrong_kind", 415)
    with SENDING.place(_address(request)) as is_free:
        if not is_free:
            raise Unfit("busy", 429)
        try:
            with anyio.fail_after(SECONDS_TO_SEND):
                body = await _body(request)
        except TimeoutError:
            raise Unfit("busy", 408) from None
    if body is None:
        raise Unfit("too_large", 413)
    try:
        return _fields(body)
    except ValueError:
        raise Unfit("wrong_kind", 400) from None


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is more than a form of ours can hold, which is known before it is all read."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_MOST:
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_MOST:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)


def _fields(body: bytes) -> dict[str, list[str]]:
    """The fields of a form; bytes that are no text become a mark in its place."""
    found: dict[str, list[str]] = {}
    pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, errors="replace", max_num_fields=FIELDS_MOST)
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _safely(work: Callable[[], Response], accepted: str) -> Response:
    """Nobody outside sees an error of ours, and nothing of what was sent is written to the log."""
    try:
        return work()
    except CrmError:
        return _said("closed", 410, accepted)
    except Exception as error:
        log.error("a survey link failed: %s", type(error).__name__)
        return _said("broken", 500, accepted)


def _shown(token: str, asked: Mapping[str, str], accepted: str) -> Response:
    link = links.follow(opened(), token)
    language = _language(link, asked.get("lang", ""), accepted)
    if NEVER in asked and link.survey and not link.survey["is_anonymous"]:
        return _page(survey_pages.never(link.session, link.survey, language, is_done=links.has_refused(link)))
    if "sent" in asked and link.is_answered and link.state in ("open", "used"):
        return _page(survey_pages.thanks(link.session, link.survey, language))
    if link.state != "open":
        return _said(link.state, STATUS[link.state], language)
    return _form(link, language, answers.given_before(link))


def _answered(token: str, given: Given, accepted: str) -> Response:
    link = links.follow(opened(), token)
    language = _language(link, "".join(given.get("language", ())), accepted)
    if NEVER in given and link.row.get("contact_id"):
        links.never_again(link)
        return RedirectResponse(f"?never=1&lang={language}", 303)
    if link.state != "open":
        return _said(link.state, STATUS[link.state], language)
    if SHOW in given:
        return _turned(link, language, given)
    wrong = answers.problems(link, given)
    if wrong:
        return _form(link, language, given, wrong)
    if answers.answer(link, given, language) is None:
        return _said("used", 200, language)
    return RedirectResponse(f"?sent=1&lang={language}", 303)


def _turned(link: Link, language: str, given: Given) -> Response:
    """Another page of the survey, with what was typed: its form in another language, or the way out. Nothing is kept."""
    to = "".join(given[SHOW])
    if to == NEVER and not link.survey["is_anonymous"]:
        return _page(survey_pages.never(link.session, link.survey, language, given))
    return _form(link, _language(link, to, language), given)


def _form(link: Link, language: str, given: Given, wrong: Mapping[str, str] | None = None) -> Response:
    page = survey_pages.form(link.session, link.survey, link.questions, language, given, wrong)
    return _page(page, 422 if wrong else 200)


def _language(link: Link, chosen: str, accepted: str) -> str:
    if not link.survey:
        return accepted
    if chosen in link.languages:
        return chosen
    return survey_sheets.best(link.languages, accepted, link.row.get("country"))


def _said(key: str, status: int, accepted: str, **more: str) -> Response:
    page = _notice(survey_pages.language_of(accepted), key)
    return _page(page, status, {"Retry-After": "60"} if status in (408, 429) else more)


@cache
def _notice(language: str, key: str) -> str:
    """Made once: whoever floods us costs as little as can be."""
    return survey_pages.notice(language, key)


def _page(page: str, status: int = 200, more: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(page, status, dict(more or {}))


ROUTES = [Route("/s/{token:path}", Survey)]
