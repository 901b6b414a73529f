"""The headline under other indices, outcomes, samples and controls: one row each, per standard deviation.

Index schemes have scales of their own, so that effects are compared per standard deviation of the term once
effects are removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.estimation.influence import HEADLINE
from shuyi.analyses.robustness.comparison import comparison_frame
from shuyi.analyses.robustness.variants import Material
from shuyi.publish.charts import DRAWN, effects_plot
from shuyi.publish.notes import label_or, source_note, stars_note
from shuyi.publish.numbers import TableOptions, count, interval, number, starred
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights

INDICATORS = "indicators"
"""Group of the index without each indicator, which the table shows as a range."""
COORDINATION = "coordination"
"""Outcome that the analysis of coordination computes."""
WITHOUT = "without_"
PERCENT = 100.0


def alternatives_frame(
    material: Material,
    weights: Weights,
    groups: Mapping[str, Mapping[str, Mapping[str, Any]]],
    *,
    level: float,
    power: float,
) -> pd.DataFrame:
    """Return the effects of the term under every alternative, and without each indicator of its index.

    Parameters
    ----------
    material : Material
        The headline and its data.
    weights : Weights
        Of the headline.
    groups : mapping of str to mapping
        Variants by group, as the configuration gives them.
    level, power : float
        Confidence level of the intervals, and power at which an effect counts as detectable.

    Returns
    -------
    DataFrame
        The columns of `comparison.comparison_frame` after ``group``, which is empty for the headline.
    """
    of_index = {
        f"{WITHOUT}{i.id}": {"change": "without_indicator", "indicator": i.id} for i in _left(material)
    }
    whole = {**groups, INDICATORS: of_index}
    group_of = {name: group for group, variants in whole.items() for name in variants}
    flat = {name: entry for variants in whole.values() for name, entry in variants.items()}
    found = comparison_frame(material, weights, flat, "", level=level, power=power)
    found.insert(0, "group", [group_of.get(str(name), "") for name in found["variant"]])
    order = {group: i for i, group in enumerate(["", *whole])}
    return found.iloc[found["group"].map(order).argsort(kind="stable")].reset_index(drop=True)


def _left(material: Material) -> Sequence[Any]:
    indicators = material.scheme.indicators if material.scheme is not None else ()
    from shuyi.indices import INDEX

    return indicators if material.term == INDEX and len(indicators) > 1 else ()


def alternatives_table(
    frame: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    specification: Mapping[str, Any],
    term: str,
    titles: Mapping[str, str],
    notes: Sequence[str] = (),
) -> Table:
    """Return the effects of one standard deviation of the term under every alternative.

    Parameters
    ----------
    frame : DataFrame
        As `alternatives_frame` gives it.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    specification : mapping
        The headline.
    term : str
        The regressor whose effects are compared.
    titles : mapping of str to str
        Printed names of the indicators.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``alternatives``.
    """
    known = frame[frame["estimate"].notna()]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for (group, variant), part in known.groupby(["group", "variant"], sort=False):
        if group == INDICATORS:
            continue
        heading = labels.text("robustness.group.headline") if not group else group_name(str(group), labels)
        name = label_or(labels, f"robustness.variant.{variant}", str(variant))
        rows[heading, name] = _cells(part.set_index("component"), labels, options)
    left_out = known[known["group"] == INDICATORS]
    if len(left_out):
        heading = group_name(INDICATORS, labels)
        rows[heading, labels.text("robustness.indicators_range")] = _range(left_out, labels, options)
    display = pd.DataFrame.from_dict(rows, orient="index")
    display.index = pd.MultiIndex.from_tuples(list(rows))
    sentences = [
        labels.text(
            "table.alternatives.note",
            term=labels.term(term),
            outcome=labels.term(specification["outcome"]),
            covariance=labels.text(f"covariance.{specification['covariance']}"),
        ),
        stars_note(options, labels),
        _counted(known, labels),
        _most_influential(known, titles, labels),
        *_refusals(frame, labels),
        labels.text("robustness.circular") if COORDINATION in set(known["variant"]) else "",
        *notes,
        source_note(labels),
    ]
    return build_table("alternatives", labels, data=frame, display=display, notes=sentences)


def group_name(group: str, labels: Labels) -> str:
    """Return the printed name of a group of alternatives.

    Parameters
    ----------
    group : str
        Its name in the configuration.
    labels : Labels
        Words.

    Returns
    -------
    str
        Its label, or the name itself.
    """
    return label_or(labels, f"robustness.group.{group}", group)


def _cells(rows: pd.DataFrame, labels: Labels, options: TableOptions) -> dict[str, str]:
    about, digits = rows.iloc[0], options.decimals
    scale = PERCENT * about["spread"]
    cells: dict[str, str] = {}
    for component in ("direct", "indirect", "total"):
        row = rows.loc[component]
        name = labels.text(f"effect.{component}")
        cells[name] = starred(scale * row["estimate"], row["p_value"], options)
        error = labels.text("robustness.error_of", effect=name)
        cells[error] = f"({number(scale * row['std_error'], digits)})"
        if component == "indirect":
            cells[labels.text("column.detectable")] = number(scale * row["detectable"], digits)
    cells[labels.text("stat.units")] = count(about["n"])
    cells[labels.text("stat.periods")] = count(about["T"])
    return cells


def _range(rows: pd.DataFrame, labels: Labels, options: TableOptions) -> dict[str, str]:
    scaled = rows.assign(value=PERCENT * rows["spread"] * rows["estimate"])
    return (
        {
            labels.text(f"effect.{component}"): interval(
                part["value"].min(), part["value"].max(), options.decimals
            )
            for component, part in scaled.groupby("component", sort=False)
        }
        | {labels.text("robustness.error_of", effect=labels.text(f"effect.{c}")): "" for c in DRAWN}
        | {
            labels.text("robustness.error_of", effect=labels.text("effect.total")): "",
            labels.text("column.detectable"): "",
            labels.text("stat.units"): "",
            labels.text("stat.periods"): "",
        }
    )


def _counted(known: pd.DataFrame, labels: Labels) -> str:
    others = known[(known["variant"] != HEADLINE) & known["component"].isin(DRAWN)]
    outside = others[(others["ci_low"] > 0) | (others["ci_high"] < 0)]
    by = outside["component"].value_counts()
    return labels.text(
        "robustness.counted",
        variants=others["variant"].nunique(),
        direct=int(by.get("direct", 0)),
        indirect=int(by.get("indirect", 0)),
    )


def _most_influential(known: pd.DataFrame, titles: Mapping[str, str], labels: Labels) -> str:
    direct = known[known["component"] == "direct"].set_index("variant")
    left_out = direct[direct["group"] == INDICATORS]
    if left_out.empty:
        return ""
    scaled = PERCENT * left_out["estimate"] * left_out["spread"]
    whole = PERCENT * direct.loc[HEADLINE, "estimate"] * direct.loc[HEADLINE, "spread"]
    farthest = str((scaled - whole).abs().idxmax())
    indicator = farthest.removeprefix(WITHOUT)
    return labels.text(
        "robustness.indicator",
        indicator=titles.get(indicator, indicator),
        without=number(scaled[farthest], 3),
        whole=number(whole, 3),
    )


def _refusals(frame: pd.DataFrame, labels: Labels) -> list[str]:
    found = frame[frame["estimate"].isna() & (frame["component"] == "direct")]
    return [
        labels.text(
            "table.robustness.refused",
            variant=label_or(labels, f"robustness.variant.{row['variant']}", str(row["variant"])),
            reason=row["reason"],
        )
        for row in found.to_dict("records")
    ]


def alternatives_figure(
    frame: pd.DataFrame, labels: Labels, *, term: str, level: float, note: str = ""
) -> Figure:
    """Draw direct and indirect effects of one standard deviation of the term under every alternative.

    Parameters
    ----------
    frame : DataFrame
        As `alternatives_frame` gives it.
    labels : Labels
        Words in the language of the figure.
    term : str
        The regressor whose effects are compared.
    level : float
        Confidence level of the intervals.
    note : str, default ""
        Stands above the intervals.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    axis = labels.text("robustness.axis", term=labels.term(term), level=f"{100 * level:g}")
    return effects_plot(
        frame[frame["group"] != INDICATORS],
        lambda row: label_or(labels, f"robustness.variant.{row['variant']}", str(row["variant"])),
        labels,
        value_name=axis,
        per_deviation=True,
        note=note,
    )
