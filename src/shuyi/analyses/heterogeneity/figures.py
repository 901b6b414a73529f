"""The figure of effects by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Page
from shuyi.analyses.heterogeneity.tables import KINDS, group_name, grouping_name
from shuyi.publish.charts import ROW_HEIGHT, whiskers
from shuyi.publish.style import CATEGORICAL, FRAME_HEIGHT, MUTED, PAGE_WIDTH, SMALL_SIZE, settle, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


def heterogeneity_figure(
    effects: pd.DataFrame, labels: Labels, *, groupings: Mapping[str, Mapping[str, Any]], level: float
) -> Figure:
    """Draw direct, received and given effects of every group.

    Parameters
    ----------
    effects : DataFrame
        As `frames.heterogeneity_frames` gives it.
    labels : Labels
        Words in the language of the figure.
    groupings : mapping of str to mapping
        As configured.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    from matplotlib.figure import Figure

    shown = effects[effects["estimate"].notna()]
    rows = [
        (name, group, _title(name, group, entry, labels))
        for name, entry in groupings.items()
        for group in dict.fromkeys(
            shown.loc[(shown["grouping"] == name) & (shown["component"] == "direct"), "receivers"]
        )
    ]
    with style(labels):
        height = FRAME_HEIGHT + ROW_HEIGHT * (len(rows) + 1)
        figure = Figure(figsize=(PAGE_WIDTH, height), layout="constrained")
        panels = figure.subplots(1, len(KINDS), sharey=True, squeeze=False)[0]
        for axes, kind, colour in zip(panels, KINDS, CATEGORICAL, strict=False):
            axes.axvline(0, color=MUTED, linewidth=0.7, zorder=0)
            for y, (name, group, _) in enumerate(rows):
                found = _chosen(shown, name, kind, group)
                whiskers(axes, found, np.full(len(found), float(y)), colour, "o")
            axes.set_title(labels.text(f"heterogeneity.column.{kind[0]}_{kind[1]}"), fontsize=SMALL_SIZE)
        panels[0].set_yticks(range(len(rows)), [title for _, _, title in rows])
        panels[0].set_ylim(len(rows) - 0.4, -0.6)
        axis = labels.text("heterogeneity.axis", level=f"{100 * level:g}")
        panels[len(KINDS) // 2].set_xlabel(axis, fontsize=SMALL_SIZE)
        return settle(figure)


def _title(name: str, group: str, entry: Mapping[str, Any], labels: Labels) -> str:
    whole, part = grouping_name(name, labels), group_name(group, labels, entry)
    return labels.text("heading.part", whole=whole, part=part)


def _chosen(effects: pd.DataFrame, name: str, kind: tuple[str, str], group: str) -> pd.DataFrame:
    by, component = kind
    side = "senders" if by == "sender" else "receivers"
    own = effects[(effects["grouping"] == name) & (effects["by"] == by)]
    found = own[(own["component"] == component) & (own[side] == group)]
    return found.rename(columns={"ci_low": "low", "ci_high": "high"})


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figure by name.

    Parameters
    ----------
    page : Page
        What drawing works with.

    Returns
    -------
    dict of str to Figure
        One figure.
    """
    p = page.settings
    effects = page.sources.frame(
        "effects", text=["grouping", "by", "component", "receivers", "senders", "links", "reason"]
    )
    drawn = heterogeneity_figure(effects, page.labels, groupings=p["groupings"], level=p["level"])
    return {"heterogeneity_figure": drawn}
