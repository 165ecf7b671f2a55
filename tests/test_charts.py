"""Charts: what people wrote stays text in a library that reads tags."""

from __future__ import annotations

from crm.charts import figures as charts

HOSTILE = '<a href="http://evil.example">Konex</a>'


def test_a_name_in_a_chart_is_text_and_no_link() -> None:
    funnel = charts.funnel([HOSTILE], [1], "Deals")
    shares = charts.intervals([HOSTILE], [0.5], [0.4], [0.6], "Win rate", faint=[False])
    for chart in (funnel, shares):
        (shown,) = chart["data"][0]["y"]
        assert "<" not in shown
        assert "Konex" in shown


def test_names_that_look_like_numbers_or_are_equal_have_a_place_each() -> None:
    chart = charts.funnel(["1", "2024-01-01", "New", "New"], [4, 3, 2, 1], "Deals")
    assert chart["layout"]["yaxis"]["type"] == "category"
    assert len(set(chart["data"][0]["y"])) == 4


def test_a_long_name_leaves_room_and_keeps_its_end() -> None:
    chart = charts.funnel(["x" * 200 + " (43)"], [1], "Deals")
    (shown,) = chart["data"][0]["y"]
    assert len(shown) < 50
    assert shown.endswith("(43)")
