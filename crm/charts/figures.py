"""The charts of the pages. Colours are places in the theme's palette, so that light and dark both fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Chart = dict[str, Any]
# Streamlit replaces these with the theme's categorical colours; a trace without one would ignore the theme.
PALETTE = [f"#0000{n:02d}" for n in range(1, 11)]
QUIET = "rgba(128, 128, 128, 0.55)"


def layout(height: int = 280, **more: Any) -> Chart:
    """What all charts share: no margins, no mode bar, few ticks, the legend below."""
    base: Chart = {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": -0.15, "x": 0},
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
    return {"data": traces, "layout": layout()}


def bars(labels: Sequence[str], values: Sequence[float], name: str, *, height: int = 280) -> Chart:
    """Horizontal bars, the largest on top."""
    trace = {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": list(values)[::-1],
        "y": list(labels)[::-1],
        "marker": {"color": PALETTE[0]},
    }
    axes = {"xaxis": {"nticks": 5, "tickformat": "~s"}, "yaxis": {"automargin": True}}
    return {"data": [trace], "layout": layout(height, hovermode="closest", **axes)}
