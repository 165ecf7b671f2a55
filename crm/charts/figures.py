"""The charts of the pages. Colours are places in the theme's palette, so that light and dark both fit."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

Chart = dict[str, Any]
# Streamlit replaces these with the theme's categorical colours; a trace without one would ignore the theme.
PALETTE = [f"#0000{n:02d}" for n in range(1, 11)]
QUIET = "rgba(128, 128, 128, 0.55)"
BY_NAME: Chart = {"showgrid": False, "automargin": True, "type": "category"}
LONGEST = 44


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
    return {"data": traces, "layout": layout(xaxis=BY_NAME)}


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
    axes = {"xaxis": {"tickformat": ".0%", "range": [0, 1]}, "yaxis": BY_NAME}
    return {"data": [trace], "layout": layout(max(200, 26 * len(labels) + 40), hovermode="closest", **axes)}


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
