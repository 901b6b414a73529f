"""Tables of transitions between classes and quadrants, and of the mobility of ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.dynamics.settings import FRAMES
from shuyi.analyses.multiplicity import multiplicity_note
from shuyi.publish.layout import grouped_rows
from shuyi.publish.notes import all_weights_notes, joined, panel_notes
from shuyi.publish.numbers import (
    MISSING,
    RATIO_DECIMALS,
    SHARE_DECIMALS,
    TableOptions,
    count,
    equals,
    number,
    p_value,
)
from shuyi.publish.table import Table, build_table
from shuyi.regions import EVERY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights


QUADRANTS = ("HH", "LH", "LL", "HL")
LEAST_MOVES = 5
"""Fewest moves out of every class for which an ergodic distribution is printed."""
LEVEL = 0.05
"""Of the test whose rejection leaves a chain without an ergodic distribution."""


def dynamics_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    weights: Mapping[str, Weights],
) -> tuple[Table, ...]:
    """Return the tables of transitions, of quadrants and of rank mobility.

    Parameters
    ----------
    frames : mapping
        Of `shuyi.analyses.dynamics.frames.dynamics_frames`.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    weights : mapping of str to Weights
        Neighbours, by name.

    Returns
    -------
    tuple of Table
        In the order of their numbers.
    """
    notes = [*all_weights_notes(weights, labels), *panel_notes(frames["ranks"], labels)]
    return (
        transitions_table(frames, labels, options, notes=notes),
        quadrant_transitions_table(frames, labels, options, notes=notes),
        rank_mobility_table(frames["rank_mobility"], labels, options, notes=notes),
    )


def transitions_table(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return the table of transition probabilities, alone and by the class of the neighbours.

    Parameters
    ----------
    frames : mapping
        ``transitions``, ``classes``, ``ergodic``, ``tests`` and ``mobility`` of
        `shuyi.analyses.dynamics.frames.dynamics_frames`.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    notes : sequence of str, default empty
        Weights, sample and source.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    transitions, ergodic = frames["transitions"], frames["ergodic"]
    ergodic = ergodic.assign(neighbourhood=ergodic["neighbourhood"].astype(str))
    lines: list[tuple[str, ...]] = []
    reasons: dict[str, list[str]] = {}
    over_time = frames["tests"].query("hypothesis == 'over time'").iloc[0]
    for name, rows in transitions.assign(neighbourhood=transitions["neighbourhood"].astype(str)).groupby(
        "neighbourhood", sort=False
    ):
        key = "all" if name == EVERY else "neighbours"
        group = labels.text(f"markov.{key}", number=name)
        lines += [
            (group, *line) for line in _chain_lines(rows, frames["classes"], str(name), labels, options)
        ]
        long_run = ergodic[ergodic["neighbourhood"] == name].sort_values("class")
        reason = withheld(_counts(rows), long_run["ergodic"], smallest_p(over_time))
        reasons.setdefault(reason, []).append(group)
        cells = [MISSING if reason else number(v, options.decimals) for v in long_run["ergodic"]]
        lines.append((group, labels.text("markov.ergodic"), "", *cells, ""))
    k = int(transitions["destination"].max())
    headings = [
        ("", labels.text("markov.starts")),
        *((labels.text("markov.to"), str(c)) for c in range(1, k + 1)),
        ("", labels.text("markov.sojourn")),
    ]
    display = pd.DataFrame([line[2:] for line in lines], columns=pd.MultiIndex.from_tuples(headings))
    display.index = grouped_rows([line[0] for line in lines], [line[1] for line in lines])
    variable = str(transitions["variable"].iloc[0])
    texts = [
        labels.text(
            "table.transitions.note",
            variable=labels.term(variable),
            bounds=_bounds(frames["classes"], labels),
        ),
        *(_homogeneity(row, labels) for row in frames["tests"].itertuples()),
        *withheld_notes(reasons, labels),
        labels.text("markov.mobility", **_mobility(frames["mobility"], options)),
        *notes,
    ]
    parts = ("transitions", "classes", "ergodic", "tests", "mobility")
    data = pd.concat([frames[part].assign(part=part) for part in parts], ignore_index=True)
    data.insert(0, "part", data.pop("part"))
    return build_table("transitions", labels, data=data, display=display, notes=texts)


def withheld(counts: NDArray[np.float64], shares: Sequence[float], p_over_time: float) -> str:
    """Return why an ergodic distribution says nothing, or an empty string.

    Parameters
    ----------
    counts : ndarray, shape (k, k)
        Transitions by origin and destination.
    shares : sequence of float, length k
        The ergodic distribution.
    p_over_time : float
        Of the test that transition probabilities do not change; NaN for none.

    Returns
    -------
    {"", "time", "moves", "degenerate"}
        ``time``: probabilities change over time; ``moves``: fewer than `LEAST_MOVES` moves leave a class;
        ``degenerate``: a class without a share, or no single distribution.
    """
    if p_over_time < LEVEL:
        return "time"
    if ((counts.sum(axis=1) - np.diag(counts)) < LEAST_MOVES).any():
        return "moves"
    values = np.asarray(shares, dtype=np.float64)
    return "" if np.isfinite(values).all() and (values > 0.0).all() else "degenerate"


def smallest_p(test: Any) -> float:
    """Return the smaller p-value of a test of homogeneity: of its likelihood ratio and of Pearson's Q.

    Parameters
    ----------
    test : record
        With lr_p_value and q_p_value.

    Returns
    -------
    float
    """
    return float(min(test["lr_p_value"], test["q_p_value"]))


def withheld_notes(reasons: Mapping[str, Sequence[str]], labels: Labels) -> list[str]:
    """Return why ergodic distributions are not printed.

    Parameters
    ----------
    reasons : mapping of str to sequence of str
        Printed names of the chains by reason (see `withheld`).
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
    """
    return [
        labels.text(
            f"markov.ergodic.{reason}",
            least=LEAST_MOVES,
            level=f"{100 * LEVEL:g}",
            names=joined(list(names), labels),
        )
        for reason, names in reasons.items()
        if reason
    ]


def _counts(rows: pd.DataFrame) -> NDArray[np.float64]:
    wide = rows.pivot(index="origin", columns="destination", values="count")
    return np.asarray(wide.to_numpy(), dtype=np.float64)


def _chain_lines(
    rows: pd.DataFrame, classes: pd.DataFrame, name: str, labels: Labels, options: TableOptions
) -> list[tuple[str, ...]]:
    sojourn = dict(zip(classes["class"], classes["sojourn"], strict=True))
    lines = []
    for origin, cells in rows.groupby("origin"):
        cells = cells.sort_values("destination")
        stay = number(sojourn[origin], SHARE_DECIMALS) if name == EVERY else ""
        probabilities = [number(p, options.decimals) for p in cells["probability"]]
        lines.append(
            (labels.text("markov.from", number=origin), count(cells["count"].sum()), *probabilities, stay)
        )
    return lines


def _bounds(classes: pd.DataFrame, labels: Labels) -> str:
    return joined([number(b, 2) for b in classes.sort_values("class")["upper"][:-1]], labels)


def _homogeneity(row: Any, labels: Labels) -> str:
    return labels.text(
        f"markov.homogeneity.{row.hypothesis.replace(' ', '_')}",
        groups=row.groups,
        lr=number(row.lr, RATIO_DECIMALS),
        lr_p=equals(row.lr_p_value),
        q=number(row.q, RATIO_DECIMALS),
        q_p=equals(row.q_p_value),
        df=row.df,
    )


def _mobility(mobility: pd.DataFrame, options: TableOptions) -> dict[str, str]:
    return {
        str(index): number(value, options.decimals)
        for index, value in zip(mobility["index"], mobility["value"], strict=True)
    }


def quadrant_transitions_table(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return the table of transitions between the quadrants of the Moran scatterplot.

    Parameters
    ----------
    frames : mapping
        ``lisa_transitions``, ``lisa_tests`` and ``lisa_moves`` of
        `shuyi.analyses.dynamics.frames.dynamics_frames`.
    labels, options
        As `transitions_table`.
    notes : sequence of str, default empty
        Weights, sample and source.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    data, test = frames["lisa_transitions"], frames["lisa_tests"].iloc[0]
    starts = data.groupby("origin")["count"].sum()
    lines: list[tuple[str, ...]] = []
    for column, decimals in (("probability", options.decimals), ("count", 0), ("expected", 1)):
        group = labels.text(f"lisa.{column}")
        wide = data.pivot(index="origin", columns="destination", values=column)
        lines += [
            (
                group,
                _quadrant(q, labels),
                count(starts[q]),
                *(number(v, decimals) for v in wide.loc[q, list(QUADRANTS)]),
            )
            for q in QUADRANTS
        ]
    shares = [test[f"ergodic_{q}"] for q in QUADRANTS]
    moved = data.pivot(index="origin", columns="destination", values="count").loc[list(QUADRANTS)]
    reason = withheld(moved[list(QUADRANTS)].to_numpy(dtype=np.float64), shares, float("nan"))
    long_run = [MISSING if reason else number(share, options.decimals) for share in shares]
    lines.insert(len(QUADRANTS), (lines[0][0], labels.text("markov.ergodic"), "", *long_run))
    headings = [labels.text("markov.starts"), *(_quadrant(q, labels) for q in QUADRANTS)]
    display = pd.DataFrame([line[2:] for line in lines], columns=headings)
    display.index = grouped_rows([line[0] for line in lines], [line[1] for line in lines])
    independence = labels.text(
        "lisa.independence",
        stability=number(100 * test["stability"], SHARE_DECIMALS),
        lr=number(test["lr"], RATIO_DECIMALS),
        df=int(test["df"]),
        p=equals(test["p_value"]),
    )
    variable = labels.term(str(data["variable"].iloc[0]))
    moves = _moves(frames["lisa_moves"], labels)
    why = withheld_notes({reason: [labels.text("markov.all")]}, labels)
    texts = [labels.text("table.quadrant_transitions.note", variable=variable), independence, moves]
    texts += [*why, *notes]
    return build_table("quadrant_transitions", labels, data=data, display=display, notes=texts)


def _quadrant(quadrant: str, labels: Labels) -> str:
    return labels.text(f"map.lisa.{quadrant}")


def _moves(moves: pd.DataFrame, labels: Labels) -> str:
    """Return the sentence that names every province that changed its quadrant, and when."""
    moved = moves[moves["origin"] != moves["destination"]].sort_values(["end", "unit"])
    if moved.empty:
        return labels.text("lisa.no_moves")
    listed = [
        labels.text(
            "lisa.move",
            province=labels.unit(m.unit),
            origin=_quadrant(m.origin, labels),
            destination=_quadrant(m.destination, labels),
            year=m.end,
        )
        for m in moved.itertuples()
    ]
    return labels.text("lisa.moves", moves=labels.text("distribution.semicolon").join(listed))


def rank_mobility_table(
    ranks: pd.DataFrame, labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return the table of rank mobility between successive years and over the whole period.

    Parameters
    ----------
    ranks : DataFrame
        ``rank_mobility`` of `shuyi.analyses.dynamics.frames.dynamics_frames`.
    labels, options
        As `transitions_table`.
    notes : sequence of str, default empty
        Weights, sample and source.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    columns: dict[tuple[str, str], list[str]] = {}
    for measure, pieces in _RANK_COLUMNS.items():
        spanner = labels.text(f"ranks.{measure}")
        for piece, column in pieces.items():
            form = p_value if piece == "p" else number
            columns[spanner, labels.text(f"ranks.{piece}")] = [
                form(v, options.decimals) for v in ranks[column]
            ]
    columns["", labels.text("ranks.changes")] = [number(v, 0) for v in ranks["changes"]]
    display = pd.DataFrame(columns)
    spans = [f"{a}–{b}" for a, b in zip(ranks["start"], ranks["end"], strict=True)]
    whole = ranks["end"] - ranks["start"] == ranks["end"].max() - ranks["start"].min()
    groups = [labels.text("ranks.whole" if w else "ranks.successive") for w in whole]
    display.index = grouped_rows(groups, spans)
    about = ranks.iloc[0]
    texts = [
        labels.text("table.rank_mobility.note", variable=labels.term(str(about["variable"]))),
        labels.text("ranks.permutations", permutations=count(about["permutations"]), seed=about["seed"]),
        labels.text("ranks.scheme", scheme=labels.text(f"distribution.scheme.{about['region_scheme']}")),
        multiplicity_note(ranks[["spatial_tau_p_value", "theta_p_value"]].to_numpy().ravel(), labels),
        *notes,
    ]
    return build_table("rank_mobility", labels, data=ranks, display=display, notes=texts)


_RANK_COLUMNS = {
    "tau": {"value": "tau", "p": "tau_p_value"},
    "spatial": {"value": "spatial_tau", "permuted": "spatial_tau_permuted", "p": "spatial_tau_p_value"},
    "theta": {"value": "theta", "permuted": "theta_permuted", "p": "theta_p_value"},
}


def print_tables(page: Page) -> tuple[Table, ...]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    tuple of Table
        In the order of the paper.
    """
    return dynamics_tables(
        page.sources.frames(FRAMES),
        page.labels,
        page.options,
        weights={page.settings["weights"]: page.sources.weights("neighbours")},
    )
