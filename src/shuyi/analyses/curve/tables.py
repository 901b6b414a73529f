"""The table of the specification curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.curve.choices import CHOICES, option_name
from shuyi.publish.notes import source_note
from shuyi.publish.numbers import TableOptions, count, interval, number, p_value
from shuyi.publish.table import Table, build_table
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many.joint import STATISTICS

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

PERCENT = 100.0
SHARES = ("positive", "significant_positive", "significant_negative")


def curve_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    settings: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> Table:
    """Return what the curve looks like, which choice drives it, and its joint tests.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``summary``, ``options``, ``contributions``, ``joint`` and ``refusals`` as `estimates` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals.
    settings : mapping
        As the declaration gives them.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``curve``.
    """
    rows = {
        **_summary(frames["summary"], labels, options),
        **_contributions(frames["contributions"], labels),
        **_joint(frames["joint"], labels, options),
    }
    heads = [labels.text(f"effect.{c}") for c in COMPONENTS]
    display = pd.DataFrame(list(rows.values()), columns=heads)
    display.index = pd.MultiIndex.from_tuples(list(rows))
    whole = {name: len(settings["options"][name]) for name in CHOICES}
    joint = frames["joint"].iloc[0]
    sentences = [
        labels.text(
            "table.curve.note",
            term=labels.term(settings["term"]),
            count=count(int(frames["summary"]["specifications"].max()) + len(frames["refusals"])),
            choices=labels.text("distribution.semicolon").join(
                labels.text("curve.counted", choice=labels.text(f"curve.choice.{name}"), count=n)
                for name, n in whole.items()
            ),
            covariance=labels.text(f"covariance.{settings['specification']['covariance']}"),
        ),
        labels.text("curve.refused", count=count(len(frames["refusals"]))) if len(frames["refusals"]) else "",
        labels.text("curve.contributions_note"),
        driver_sentence(frames["options"], frames["contributions"], labels),
        labels.text(
            "curve.joint_note",
            specifications=count(int(joint["specifications"])),
            draws=count(int(joint["draws"])),
            seed=settings["seed"],
        ),
        verdict_sentence(frames["joint"], 1 - settings["level"], labels),
        *notes,
        source_note(labels),
    ]
    data = pd.concat([frames[n].assign(frame=n) for n in ("summary", "contributions", "joint")])
    return build_table("curve", labels, data=data, display=display, notes=sentences)


def _summary(frame: pd.DataFrame, labels: Labels, options: TableOptions) -> dict[tuple[str, str], list[str]]:
    by, digits = frame.set_index("component"), options.decimals
    group = labels.text("curve.group.summary")
    found = {
        (group, labels.text("curve.specifications")): [
            count(int(by.loc[c, "specifications"])) for c in COMPONENTS
        ],
        (group, labels.text("curve.median")): [
            number(PERCENT * by.loc[c, "median"], digits) for c in COMPONENTS
        ],
        (group, labels.text("curve.range")): [
            interval(PERCENT * by.loc[c, "low"], PERCENT * by.loc[c, "high"], digits) for c in COMPONENTS
        ],
    }
    for share in SHARES:
        cells = [f"{number(PERCENT * by.loc[c, share], 1)}%" for c in COMPONENTS]
        found[group, labels.text(f"curve.share.{share}")] = cells
    return found


def _contributions(frame: pd.DataFrame, labels: Labels) -> dict[tuple[str, str], list[str]]:
    by = frame.set_index(["component", "choice"])
    group = labels.text("curve.group.contributions")
    return {
        (group, labels.text(f"curve.choice.{choice}")): [
            labels.text(
                "curve.first_and_total",
                first=number(PERCENT * by.loc[(c, choice), "first_order"], 1),
                total=number(PERCENT * by.loc[(c, choice), "total"], 1),
            )
            for c in COMPONENTS
        ]
        for choice in CHOICES
    }


def _joint(frame: pd.DataFrame, labels: Labels, options: TableOptions) -> dict[tuple[str, str], list[str]]:
    by, digits = frame.set_index(["component", "statistic"]), options.decimals
    group = labels.text("curve.group.joint")
    found = {}
    for statistic in STATISTICS:
        scale, places = (1.0, 2) if statistic == "stouffer" else (PERCENT, digits)
        values = [number(scale * by.loc[(c, statistic), "observed"], places) for c in COMPONENTS]
        found[group, labels.text(f"curve.statistic.{statistic}")] = values
        p = [p_value(by.loc[(c, statistic), "p_value"], digits) for c in COMPONENTS]
        found[group, "\u2003" + labels.text("curve.p_of", statistic=_short(statistic, labels))] = p
    return found


def _short(statistic: str, labels: Labels) -> str:
    return labels.text(f"curve.short.{statistic}")


def driver_sentence(options: pd.DataFrame, contributions: pd.DataFrame, labels: Labels) -> str:
    """Return which choice drives the indirect effect, and what it looks like under each of its options.

    Parameters
    ----------
    options, contributions : DataFrame
        As `estimates.options_frame` and `estimates.contributions_frame` give them.
    labels : Labels
        Words.

    Returns
    -------
    str
        One sentence.
    """
    rows = contributions[contributions["component"] == "indirect"].set_index("choice")["total"]
    choice = str(rows.idxmax())
    here = options[(options["component"] == "indirect") & (options["choice"] == choice)]
    named = [
        labels.text(
            "curve.driver.option",
            option=option_name(choice, row["option"], labels),
            median=number(PERCENT * row["median"], 3),
            positive=number(PERCENT * row["significant_positive"], 1),
            negative=number(PERCENT * row["significant_negative"], 1),
        )
        for row in here.to_dict("records")
    ]
    return labels.text(
        "curve.driver",
        choice=labels.text(f"curve.choice.{choice}"),
        share=f"{PERCENT * rows[choice]:.0f}",
        options=labels.text("distribution.semicolon").join(named),
    )


def verdict_sentence(joint: pd.DataFrame, size: float, labels: Labels) -> str:
    """Return what the joint tests say of the indirect effect.

    Parameters
    ----------
    joint : DataFrame
        As `estimates.joint_frames` gives it.
    size : float
        Level of the tests.
    labels : Labels
        Words.

    Returns
    -------
    str
        One sentence.
    """
    rows = joint[joint["component"] == "indirect"].set_index("statistic")["p_value"]
    low, high = (p_value(p, 3) for p in (rows.min(), rows.max()))
    rejects = int((rows < size).sum())
    key = "all" if rejects == len(rows) else "some" if rejects else "none"
    return labels.text(f"curve.verdict.{key}", low=low, high=high, count=rejects, of=len(rows))


def print_tables(page: Page) -> list[Table]:
    """Return the table of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        One table.
    """
    frames = page.sources.frames(
        ("summary", "options", "contributions", "joint", "refusals"), text=["reason"]
    )
    return [curve_table(frames, page.labels, page.options, settings=page.settings)]
