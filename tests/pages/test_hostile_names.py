"""What people write is text on every page, also where the page reads markdown."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.customers import add_customer
from crm.commands.deals import add_deal
from crm.store import session as door
from crm.store.session import SYSTEM, Session

HOSTILE = "![pixel](http://evil.example/p.png) [link](http://evil.example)"
NEW = UUID("01900000-0000-7000-8000-000000000101")


@pytest.mark.parametrize("page", ["deal", "profile"])
def test_no_name_becomes_a_link_or_a_picture_in_a_head(empty_company: str, visit: Callable[..., AppTest], page: str) -> None:
    session = Session(door.opened(empty_company), SYSTEM)
    customer = add_customer(session, name=HOSTILE, city=HOSTILE).key
    deal = add_deal(session, name=HOSTILE, customer_id=customer, stage_id=NEW).key
    app = visit(page, customer=str(customer), deal=str(deal))
    texts = [element.value for element in (*app.title, *app.caption, *app.markdown)]
    named = [text for text in texts if "pixel" in text]
    assert named
    assert not [text for text in named if "](" in text]
