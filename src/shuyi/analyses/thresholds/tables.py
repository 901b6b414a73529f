"""The table of thresholds and of the quadratic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.headline import headline_notes
from shuyi.analyses.thresholds.frames import SPATIAL, SQUARE
from shuyi.publish.notes import joined, label_or, source_note, stars_note, uncertainty_note
from shuyi.publish.numbers import (
    TableOptions,
    count,
    in_parentheses,
    interval,
    number,
    p_value,
    starred,
)
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

EDGE = "†"
SIZE = 0.05


def variable_name(name: str, labels: Labels) -> str:
    """Return the printed name of a threshold variable.

    Parameters
    ----------
    name : str
        Its name in the configuration.
    labels : Labels
        Words in the language of the page.

    Returns
    -------
    str
        Its label, or the name itself.
    """
    return label_or(labels, f"thresholds.variable.{name}", name)


def thresholds_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    term: str,
    trim: float,
    level: float,
    notes: Sequence[str] = (),
) -> Table:
    """Return thresholds with tests and intervals, effects on either side, and the quadratic.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``thresholds``, ``effects`` and ``quadratic`` of `frames.threshold_frames`.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    term : str
        The regressor whose effect changes.
    trim : float
        Share of observations that each regime must hold.
    level : float
        Confidence level.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``thresholds``.
    """
    found = frames["thresholds"]
    lines: list[list[str]] = []
    index: list[tuple[str, str]] = []
    for name in dict.fromkeys(found.loc[found["value"].notna(), "variable"]):
        title = variable_name(str(name), labels)
        rows = [
            *_threshold_lines(found[found["variable"] == name], labels, options),
            *_effect_lines(frames["effects"], str(name), labels, options),
        ]
        index += [(title, heading) for heading, _ in rows]
        lines += [cells for _, cells in rows]
    title = labels.text("thresholds.group.quadratic")
    for heading, cells in _quadratic_lines(frames["quadratic"], labels, options, term):
        index.append((title, heading))
        lines.append(cells)
    columns = [labels.text(f"thresholds.column.{k}") for k in ("estimate", "interval", "statistic")]
    columns += [labels.text("column.p"), labels.text("thresholds.column.detectable")]
    display = pd.DataFrame(lines, columns=columns, index=pd.MultiIndex.from_tuples(index))
    draws = int(found["draws"].max()) if found["draws"].notna().any() else 0
    sentences = [
        threshold_sentence(frames, labels),
        labels.text("thresholds.note", term=labels.term(term), draws=count(draws), trim=f"{100 * trim:g}"),
        labels.text("thresholds.note.interval", level=f"{100 * level:g}"),
        labels.text("thresholds.note.effects"),
        labels.text("thresholds.note.edge", mark=EDGE) if _edges(found) else "",
        _turning(frames["quadratic"], labels, options, term),
        *_refused(found, labels),
        stars_note(options, labels),
        uncertainty_note(options, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("thresholds", labels, data=found, display=display, notes=sentences)


def _edges(found: pd.DataFrame) -> bool:
    return bool((found["at_edge"] == True).any())  # noqa: E712 - missing where refused


def _threshold_lines(
    rows: pd.DataFrame, labels: Labels, options: TableOptions
) -> list[tuple[str, list[str]]]:
    lines = []
    for row in rows.to_dict("records"):
        heading = labels.text(f"thresholds.row.{row['model']}", order=int(row["order"]))
        mark = EDGE if bool(row["at_edge"]) else ""
        cells = [
            number(row["value"], options.decimals) + mark,
            interval(row["low"], row["high"], options.decimals),
            number(row["statistic"], 2),
            p_value(row["p_value"], options.decimals),
            "",
        ]
        lines.append((heading, cells))
    return lines


def _effect_lines(
    effects: pd.DataFrame, name: str, labels: Labels, options: TableOptions
) -> list[tuple[str, list[str]]]:
    lines: list[tuple[str, list[str]]] = []
    own = effects[effects["variable"] == name]
    for component, rows in own.groupby("component", sort=False):
        effect = labels.text(f"effect.{component}")
        for row in rows.to_dict("records"):
            heading = labels.text(f"thresholds.row.{row['regime']}", effect=effect)
            lines += _estimate(heading, {str(k): v for k, v in row.items()}, options)
        equal = p_value(rows["equal_p"].iloc[0], options.decimals)
        lines.append((labels.text("thresholds.row.equal", effect=effect), ["", "", "", equal, ""]))
    return lines


def _estimate(heading: str, row: Mapping[str, Any], options: TableOptions) -> list[tuple[str, list[str]]]:
    t = row["estimate"] / row["std_error"]
    first = [
        starred(row["estimate"], row["p_value"], options),
        interval(row["ci_low"], row["ci_high"], options.decimals),
        "",
        p_value(row["p_value"], options.decimals),
        number(row["detectable"], options.decimals),
    ]
    below = [in_parentheses(row["std_error"], t, row["p_value"], options), "", "", "", ""]
    return [(heading, first), ("", below)]


def _quadratic_lines(
    quadratic: pd.DataFrame, labels: Labels, options: TableOptions, term: str
) -> list[tuple[str, list[str]]]:
    lines: list[tuple[str, list[str]]] = []
    for row in quadratic.to_dict("records"):
        key = "square" if row["term"] == SQUARE else "mean"
        effect = labels.text(f"effect.{row['component']}")
        heading = labels.text(f"thresholds.row.{key}", term=labels.term(term), effect=effect)
        lines += _estimate(heading, {str(k): v for k, v in row.items()}, options)
    return lines


def threshold_sentence(frames: Mapping[str, pd.DataFrame], labels: Labels) -> str:
    """Return whether a threshold or a square is found.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``thresholds`` and ``quadratic``.
    labels : Labels
        Words in the language of the table.

    Returns
    -------
    str
        One sentence: a threshold counts where the spatial test rejects at 5 % and the estimate does not lie
        at the trim.
    """
    found = frames["thresholds"]
    spatial = found[found["model"] == SPATIAL]
    inside = spatial["at_edge"] == False  # noqa: E712 - missing where refused
    kept = spatial[(spatial["p_value"] < SIZE) & inside]
    quadratic = frames["quadratic"]
    squares = quadratic[(quadratic["term"] == SQUARE) & (quadratic["component"] != "total")]
    curved = bool((squares["p_value"] < SIZE).any())
    square = labels.text(f"thresholds.square.{'some' if curved else 'none'}")
    if kept.empty:
        return labels.text("thresholds.found.none", square=square)
    names = joined([variable_name(str(n), labels) for n in kept["variable"]], labels)
    return labels.text("thresholds.found.some", names=names, square=square)


def _turning(quadratic: pd.DataFrame, labels: Labels, options: TableOptions, term: str) -> str:
    row = quadratic.iloc[0]
    return labels.text(
        "thresholds.note.turning",
        term=labels.term(term),
        value=number(row["turning"], options.decimals),
        share=number(100 * row["above"], 1),
    )


def _refused(found: pd.DataFrame, labels: Labels) -> list[str]:
    return [
        labels.text(
            "thresholds.refused", variable=variable_name(row["variable"], labels), reason=row["reason"]
        )
        for row in found[found["value"].isna()].to_dict("records")
    ]


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
    p, labels, sources = page.settings, page.labels, page.sources
    frames = {
        "thresholds": sources.frame("thresholds", text=["variable", "model", "reason"]),
        "effects": sources.frame("effects", text=["variable", "component", "regime"]),
        "quadratic": sources.frame("quadratic", text=["term", "component"]),
    }
    panel = sources.panel("panel")
    n = panel.n - len(p["excluded"])
    notes = headline_notes(p, sources.weights("weights"), n, panel.periods, labels)
    return [
        thresholds_table(
            *(frames, labels, page.options), term=p["term"], trim=p["trim"], level=p["level"], notes=notes
        )
    ]
