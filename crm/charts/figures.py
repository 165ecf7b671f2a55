"""The charts of the pages. Colours are places in the theme's palette, so that light and dark both fit."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

Chart = dict[str, Any]
# Streamlit replaces these with the theme's categorical colours; a trace without one would ignore the theme.
PALETTE = [f"#0000{n:02d}" for n in range(1, 11)]
QUIET = "rgba(128, 128, 128, 0.55)"
BY_NAME: Chart = {"showgrid": False, "automargin": True, "type": "category"}
LONGEST = 44
EVENTS = "External events"
LARGEST, SMALLEST = 58, 22  # bubbles, in pixels across


def as_text(labels: Sequence[str]) -> list[str]:
    """People's text as text: Plotly reads tags, links and entities in labels. Long ones are cut, equal ones stay apart.

    >>> as_text(["<b>Bo</b>", "R&D", "R&D"])
    ['&lt;b&gt;Bo&lt;/b&gt;', 'R&amp;D', 'R&amp;D\\u200b']
    """
    half = LONGEST // 2
    cut = [label if len(label) <= LONGEST else f"{label[:half]}…{label[-half:]}" for label in labels]
    return [html.escape(label, quote=False) + "\u200b" * cut[:place].count(label) for place, label in enumerate(cut)]


def layout(height: int = 280, **more: Any) -> Chart:
    """What all charts share: no margins, no mode bar, few ticks, the legend below."""
    base: Chart = {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": -0.25, "x": 0},
        "xaxis": {"showgrid": False, "automargin": True},
        "yaxis": {"nticks": 5, "tickformat": "~s", "rangemode": "tozero", "automargin": True},
        "bargap": 0.35,
    }
    return base | more


def columns(
    labels: Sequence[str],
    values: Sequence[float | None],
    name: str,
    *,
    goal: Sequence[float | None] = (),
    unfinished_last: bool = False,
) -> Chart:
    """Columns over periods, with the goal as a line; an unfinished last period is drawn lighter."""
    opacity = [1.0] * len(labels)
    if unfinished_last and opacity:
        opacity[-1] = 0.45
    traces: list[Chart] = [
        {"type": "bar", "name": name, "x": list(labels), "y": list(values), "marker": {"color": PALETTE[0], "opacity": opacity}}
    ]
    if any(value is not None for value in goal):
        line = {"color": PALETTE[2], "width": 2, "shape": "hvh"}
        traces.append({"type": "scatter", "mode": "lines", "name": "Goal", "x": list(labels), "y": list(goal), "line": line})
    return {"data": traces, "layout": layout(xaxis=BY_NAME | {"tickangle": 0})}


def in_money(chart: Chart, symbol: str) -> Chart:
    """The chart with a currency before the numbers of its axis: the standing one, of lying bars the other.

    >>> in_money(bars(["Bo"], [2000.0], "Won"), "$")["layout"]["xaxis"]["tickprefix"]
    '$'
    """
    axis = "xaxis" if chart["data"][0].get("orientation") == "h" else "yaxis"
    return {**chart, "layout": chart["layout"] | {axis: chart["layout"][axis] | {"tickprefix": symbol}}}


def with_events(chart: Chart, marks: Sequence[Mapping[str, Any]]) -> Chart:
    """The chart with a dotted line and a mark on top for each external event: `x` is where it stands, `name` its words.

    The marks are the last trace, named EVENTS; the one that is clicked says by its number which it is.

    >>> found = with_events(columns(["Apr", "May"], [1, 2], "Won"), [{"x": "May", "name": "Fair"}])
    >>> found["data"][-1]["name"], found["layout"]["shapes"][0]["x0"]
    ('External events', 1)
    """
    if not marks:
        return chart
    labels = list(chart["data"][0]["x"])
    by_name = chart["layout"].get("xaxis", {}).get("type") == "category"
    where = [labels.index(mark["x"]) if by_name else mark["x"] for mark in marks]
    line = {"color": QUIET, "width": 1, "dash": "dot"}
    shapes = [
        {"type": "line", "x0": place, "x1": place, "yref": "paper", "y0": 0, "y1": 0.97, "line": line, "layer": "below"}
        for place in where
    ]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": EVENTS,
        "x": [mark["x"] for mark in marks],
        "y": [0.97] * len(marks),
        "yaxis": "y2",
        "hovertext": [html.escape(mark["name"], quote=False) for mark in marks],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"symbol": "diamond", "size": 11, "color": PALETTE[3]},
    }
    above = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
    lines = [*chart["layout"].get("shapes", []), *shapes]
    return {"data": [*chart["data"], trace], "layout": chart["layout"] | {"shapes": lines, "yaxis2": above}}


def fan(
    days: Sequence[str],
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    middle: Sequence[float],
    so_far: tuple[Sequence[str], Sequence[float]],
    target: float,
    name: str,
) -> Chart:
    """Where a figure was, and where it may end: the middle and the ranges around it (the widest first), against the target."""
    traces: list[Chart] = []
    for title, (low, high) in bands.items():
        none = {"width": 0, "color": PALETTE[0]}
        edge = {"type": "scatter", "mode": "lines", "x": list(days), "line": none, "hoverinfo": "skip"}
        traces.append(edge | {"y": list(low), "showlegend": False})
        traces.append(edge | {"y": list(high), "fill": "tonexty", "name": title, "opacity": 0.3})
    line = {"type": "scatter", "mode": "lines"}
    traces.append(line | {"x": list(days), "y": list(middle), "name": "Middle", "line": {"color": PALETTE[0], "dash": "dot"}})
    traces.append(line | {"x": list(so_far[0]), "y": list(so_far[1]), "name": name, "line": {"color": PALETTE[0], "width": 3}})
    across = [so_far[0][0] if so_far[0] else days[0], days[-1]]
    traces.append(line | {"x": across, "y": [target] * 2, "name": "Target", "line": {"color": PALETTE[2], "width": 2}})
    return {"data": traces, "layout": layout(xaxis={"showgrid": False, "automargin": True, "type": "date"})}


def bars(labels: Sequence[str], values: Sequence[float], name: str, *, is_share: bool = False) -> Chart:
    """Lying columns over names, the first on top."""
    trace = {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": list(values)[::-1],
        "y": as_text(labels)[::-1],
        "marker": {"color": PALETTE[0]},
    }
    axes = {"xaxis": {"tickformat": ".0%" if is_share else "~s", "nticks": 5, "automargin": True}, "yaxis": BY_NAME}
    return {"data": [trace], "layout": layout(max(140, 28 * len(labels) + 40), hovermode="closest", **axes)}


def paired(labels: Sequence[str], rows: Sequence[dict[str, Any]], names: dict[str, str]) -> Chart:
    """Columns side by side, one colour a name."""
    traces = [
        {"type": "bar", "name": title, "x": list(labels), "y": [row[key] for row in rows], "marker": {"color": color}}
        for (key, title), color in zip(names.items(), PALETTE, strict=False)
    ]
    return {"data": traces, "layout": layout(xaxis=BY_NAME)}


def intervals(
    labels: Sequence[str],
    values: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    name: str,
    *,
    faint: Sequence[bool],
) -> Chart:
    """Shares with the range in which the truth lies; what comes from few cases is wide, and faint."""
    error = {
        "type": "data",
        "symmetric": False,
        "array": [high - value for value, high in zip(values, highs, strict=True)][::-1],
        "arrayminus": [value - low for value, low in zip(values, lows, strict=True)][::-1],
        "color": QUIET,
        "thickness": 1.5,
    }
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(values)[::-1],
        "y": as_text(labels)[::-1],
        "error_x": error,
        "marker": {"color": PALETTE[0], "size": 9, "opacity": [0.4 if few else 1.0 for few in faint][::-1]},
    }
    axes = {"xaxis": {"tickformat": ".0%", "range": [0, 1.08], "dtick": 0.25, "automargin": True}, "yaxis": BY_NAME}
    return {"data": [trace], "layout": layout(max(200, 26 * len(labels) + 40), hovermode="closest", **axes)}


def shares(traces: Mapping[str, tuple[Sequence[float], Sequence[float]]], even: str, x: str, y: str) -> Chart:
    """Curves of one share over another, with the line (`even`) on which they would lie if all had the same."""
    curves: list[Chart] = [
        {"type": "scatter", "mode": "lines+markers", "name": name, "x": list(across), "y": list(up), "line": {"color": color}}
        for (name, (across, up)), color in zip(traces.items(), PALETTE, strict=False)
    ]
    line = {"color": QUIET, "width": 1, "dash": "dot"}
    curves.append({"type": "scatter", "mode": "lines", "name": even, "x": [0, 1], "y": [0, 1], "line": line, "hoverinfo": "skip"})
    axis: Chart = {"tickformat": ".0%", "range": [0, 1.03], "showgrid": False, "automargin": True}
    axes = {"xaxis": axis | {"title": x, "range": [0, 1.08]}, "yaxis": axis | {"title": y, "nticks": 5}}
    return {"data": curves, "layout": layout(280, hovermode="closest", legend={"orientation": "h", "y": -0.35, "x": 0}, **axes)}


def bubbles(marks: Sequence[dict[str, Any]], x: str, y: str) -> Chart:
    """A grid of five by five with a bubble in each place: `x`, `y`, `size` as its area, `color` its place in the palette.

    `size` stands in it, `name` below it, `words` appear over it. Sizes go by the square root, so that areas compare.
    """
    top = max((mark["size"] for mark in marks), default=1)
    sizes = [max(LARGEST * (mark["size"] / top) ** 0.5, SMALLEST) for mark in marks]
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [mark["x"] for mark in marks],
        "y": [mark["y"] for mark in marks],
        "text": [f"{mark['size']:,}" for mark in marks],
        "hovertext": as_text([mark["words"] for mark in marks]),
        "hoverinfo": "text",
        "textfont": {"color": "white", "size": 12},
        "marker": {
            "size": sizes,
            "color": [PALETTE[mark["color"]] for mark in marks],
            "opacity": 0.9,
            "line": {"width": 0},
        },
    }
    names = {
        "type": "scatter",
        "mode": "text",
        "x": trace["x"],
        "y": [mark["y"] - 0.06 - size / 150 for mark, size in zip(marks, sizes, strict=True)],
        "text": as_text([mark["name"] for mark in marks]),
        "textfont": {"size": 10},
        "textposition": "bottom center",
        "hoverinfo": "skip",
    }
    axis: Chart = {"range": [0.4, 5.6], "dtick": 1, "showgrid": False, "zeroline": False, "automargin": True}
    axes = {"xaxis": axis | {"title": x}, "yaxis": axis | {"title": y, "range": [0.2, 5.6]}}
    return {"data": [trace, names], "layout": layout(440, hovermode="closest", showlegend=False, **axes)}


def waterfall(labels: Sequence[str], values: Sequence[float], name: str) -> Chart:
    """From the first value to the last over the steps between, which add up to it.

    >>> waterfall(["a", "won", "b"], [5.0, -2.0, 3.0], "Pipeline")["data"][0]["measure"]
    ['absolute', 'relative', 'total']
    """
    trace = {
        "type": "waterfall",
        "name": name,
        "x": as_text(labels),
        "y": list(values),
        "measure": ["absolute", *["relative"] * (len(values) - 2), "total"],
        "connector": {"line": {"color": QUIET, "width": 1}},
        "increasing": {"marker": {"color": PALETTE[1]}},
        "decreasing": {"marker": {"color": PALETTE[3]}},
        "totals": {"marker": {"color": PALETTE[0]}},
    }
    return {"data": [trace], "layout": layout(300, hovermode="closest", showlegend=False, xaxis=BY_NAME)}


def funnel(labels: Sequence[str], values: Sequence[float], name: str) -> Chart:
    """Stages from the first to the last, each with the share of the one before that reached it."""
    trace = {
        "type": "funnel",
        "name": name,
        "y": as_text(labels),
        "x": list(values),
        "textinfo": "value+percent previous",
        "marker": {"color": PALETTE[0]},
        "connector": {"fillcolor": "rgba(128, 128, 128, 0.15)"},
    }
    return {"data": [trace], "layout": layout(hovermode="closest", yaxis=BY_NAME)}
