"""Figures of the policy analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.style import CATEGORICAL, LIGHT, MUTED, PAGE_WIDTH, SMALL_SIZE, facets, settle, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels

HEIGHT = 2.6


def events_figure(events: pd.DataFrame, labels: Labels, *, outcome: str, level: float) -> Figure:
    """Draw effects by period before and after the policy, on the province itself and by exposure.

    Parameters
    ----------
    events : DataFrame
        As `treatment.EventStudy.to_frame` gives them.
    labels : Labels
        Words in the language of the figure.
    outcome : str
        The outcome.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    with style(labels):
        terms = list(events["term"].unique())
        figure, axes = facets(len(terms), len(terms), HEIGHT)
        for ax, term in zip(axes, terms, strict=True):
            _events(ax, events[events["term"] == term])
            ax.set_title(labels.text(f"policy.component.{term}"))
            ax.set_xlabel(labels.text("policy.axis.time"), fontsize=SMALL_SIZE)
        axes[0].set_ylabel(
            labels.text("policy.axis.effect", outcome=labels.term(outcome), level=f"{100 * level:g}"),
            fontsize=SMALL_SIZE,
        )
        return settle(figure)


def _events(ax: Axes, rows: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.axhline(0.0, color=MUTED, linewidth=0.7)
    ax.axvline(-0.5, color=LIGHT, linewidth=0.9, linestyle="--")
    spread = [rows["estimate"] - rows["ci_low"], rows["ci_high"] - rows["estimate"]]
    drawn: dict[str, Any] = {"fmt": "o", "color": CATEGORICAL[0], "markersize": 3.4, "elinewidth": 1.0}
    ax.errorbar(rows["time"], rows["estimate"], yerr=spread, **drawn)


def synthetic_figure(synthetic: pd.DataFrame, labels: Labels, *, outcome: str, start: int) -> Figure:
    """Draw the gap of one unit to its synthetic control, with the placebos behind it.

    Parameters
    ----------
    synthetic : DataFrame
        As `synthetic.synthetic_frames` gives it.
    labels : Labels
        Words in the language of the figure.
    outcome : str
        The outcome.
    start : int
        First period under the policy.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    import matplotlib.pyplot as plt

    treated = synthetic["treated"]
    with style(labels):
        figure, ax = plt.subplots(figsize=(PAGE_WIDTH, HEIGHT), layout="constrained")
        for _, rows in synthetic[~treated].groupby("unit", sort=False):
            (placebo,) = ax.plot(rows["period"], rows["gap"], color=MUTED, alpha=0.5, linewidth=0.7)
        own = synthetic[treated]
        (line,) = ax.plot(own["period"], own["gap"], color=CATEGORICAL[4], linewidth=1.8)
        ax.axhline(0.0, color=MUTED, linewidth=0.7)
        ax.axvline(start - 0.5, color=MUTED, linewidth=0.9, linestyle="--")
        ax.set_ylabel(f"{labels.term(outcome)}\n{labels.text('policy.axis.gap')}", fontsize=SMALL_SIZE)
        ax.legend(
            [line, placebo],
            [labels.unit(str(own["unit"].iloc[0])), labels.text("policy.placebos")],
            frameon=False,
            loc="upper left",
        )
        return settle(figure)


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figures by name.

    Parameters
    ----------
    page : Page
        What drawing works with.

    Returns
    -------
    dict of str to Figure
        Event study and synthetic control.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    synthetic = sources.frame("synthetic", text=["unit"])
    return {
        "policy_events": events_figure(
            sources.frame("events"), labels, outcome=p["outcome"], level=p["level"]
        ),
        "policy_synthetic": synthetic_figure(
            synthetic, labels, outcome=p["outcome"], start=p["synthetic"]["start"]
        ),
    }
