"""Tables of the index's weights, the schemes, and the stability and intervals of ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.errors import DataError
from shuyi.indices import load_scheme
from shuyi.publish.layout import grouped_rows, in_given_order
from shuyi.publish.notes import joined, label_or, sample_note, source_note
from shuyi.publish.numbers import TableOptions, count, interval, number, p_value
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.indices import Scheme
    from shuyi.publish.labels import Labels


WEIGHT_DECIMALS = 4
"""Entropies and weights: differences between indicators show in the fourth digit."""
WEIGHT_ROUNDING = 1e-9
"""Largest distance of the sum of the weights from one: rounding of a few dozen additions."""


def index_weights_table(
    weights: pd.DataFrame, scheme: Scheme, labels: Labels, *, weighting: str, n: int, periods: Sequence[int]
) -> Table:
    """Return the table of indicators, direction, entropy and weight, and the weight of each dimension.

    Parameters
    ----------
    weights : DataFrame
        `shuyi.indices.IndexResult.weights_frame`.
    scheme : Scheme
        Names, order and notes.
    labels : Labels
        Texts in the language of the output.
    weighting : {"entropy", "critic", "pca", "equal"}
        How the weights were found.
    n, periods
        Units and periods that the weights were computed from.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.

    Raises
    ------
    DataError
        If the absolute weights do not sum to one.
    """
    total = float(weights["weight"].abs().sum())
    if abs(total - 1) > WEIGHT_ROUNDING:
        raise DataError("Index weights do not sum to one.", expected="1", found=repr(total))
    titles, rows = scheme.titles(labels.language), in_given_order(weights, "dimension")
    display = pd.DataFrame(
        {
            labels.text("column.direction"): [labels.text(f"direction.{s}") for s in rows["sign"]],
            labels.text("column.entropy"): [number(e, WEIGHT_DECIMALS) for e in rows["entropy"]],
            labels.text("column.weight"): [number(w, WEIGHT_DECIMALS) for w in rows["weight"]],
        }
    )
    groups = [
        labels.text("table.index_weights.dimension", dimension=titles[d], weight=number(w, WEIGHT_DECIMALS))
        for d, w in zip(rows["dimension"], rows["dimension_weight"], strict=True)
    ]
    display.index = grouped_rows(groups, [titles[i] for i in rows["indicator"]])
    notes = [
        labels.text("table.index_weights.note", scheme=scheme.title[labels.language]),
        labels.text(f"weighting.{weighting}.note"),
        *_index_notes(scheme, labels),
        sample_note(n, periods, labels),
        source_note(labels),
    ]
    return build_table("index_weights", labels, data=rows, display=display, notes=notes)


def _index_notes(scheme: Scheme, labels: Labels) -> list[str]:
    return [note[labels.language] for note in scheme.notes]


SCHEME_WIDTHS = (0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
STABILITY_WIDTHS = (0.26, 0.09, 0.09, 0.09, 0.09, 0.09, 0.145, 0.145)
SHARE_DECIMALS = 3
ENDS = ("top", "bottom")
ENDS_TEXT = tuple(f"{end}_only_{place}" for end in ENDS for place in ("first", "second"))
"""Columns of the agreement that hold codes of provinces, joined by spaces."""


def agreement(stability: pd.DataFrame, scoring: str, reference: str) -> pd.DataFrame:
    """Return the rows that compare a scoring with a reference, by period; `first` and `second` as they stand.

    Parameters
    ----------
    stability : DataFrame
        `shuyi.analyses.index.rankings.RankStability.to_frame`.
    scoring, reference : str
        ``scheme/weighting``.

    Returns
    -------
    DataFrame
        With the columns of `stability`.
    """
    pair = stability["first"].isin([scoring, reference]) & stability["second"].isin([scoring, reference])
    return stability[pair].sort_values("period")


def schemes_table(
    summary: pd.DataFrame,
    stability: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    scheme: str,
    weighting: str,
    identifier: str = "index_schemes",
) -> Table:
    """Return the table of all schemes and weightings: run or why not, level, and agreement of the ranks.

    Parameters
    ----------
    summary : DataFrame
        `shuyi.analyses.index.frames.SchemeRuns.summary_frame`.
    stability : DataFrame
        Agreement of all pairs by period.
    labels : Labels
        With the titles of the schemes.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    scheme, weighting : str
        Those of the paper, which every other ranking is compared with.
    identifier : str, default "table31"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    reference = f"{scheme}/{weighting}"
    kept = summary[
        (summary["status"] == "run") | ~summary.duplicated(["scheme", "status", "missing", "reason"])
    ]
    pairs = {name: agreement(stability, name, reference) for name in kept["scheme"] + "/" + kept["weighting"]}
    data = kept.assign(
        spearman_mean=[pairs[f"{r.scheme}/{r.weighting}"]["spearman"].mean() for r in kept.itertuples()],
        spearman_min=[pairs[f"{r.scheme}/{r.weighting}"]["spearman"].min() for r in kept.itertuples()],
        kendall_mean=[pairs[f"{r.scheme}/{r.weighting}"]["kendall"].mean() for r in kept.itertuples()],
    )
    d = options.decimals
    display = pd.DataFrame(
        {
            labels.text("schemes.indicators"): [count(v) for v in data["indicators"]],
            labels.text("stat.mean"): [number(v, d) for v in data["mean"]],
            labels.text("stat.sd"): [number(v, d) for v in data["sd"]],
            labels.text("schemes.spearman"): [number(v, d) for v in data["spearman_mean"]],
            labels.text("schemes.spearman_min"): [number(v, d) for v in data["spearman_min"]],
            labels.text("schemes.kendall"): [number(v, d) for v in data["kendall_mean"]],
            labels.text("schemes.kmo"): [number(v, d) for v in data["kmo"]],
        }
    )
    display.index = pd.MultiIndex.from_arrays(
        [
            [labels.name("scheme", s) for s in data["scheme"]],
            [_scheme_row(row, labels) for row in data.to_dict("records")],
        ]
    )
    notes = [
        labels.text("schemes.note", scheme=_scoring(reference, labels)),
        labels.text("schemes.note.reference"),
        *_bartlett_note(data, labels),
        *_overlap_notes(data, labels),
        source_note(labels),
    ]
    return build_table(identifier, labels, data=data, display=display, notes=notes, widths=SCHEME_WIDTHS)


def _scheme_row(row: Mapping, labels: Labels) -> str:
    if row["status"] == "run":
        return labels.text(f"weighting.{row['weighting']}")
    if row["missing"]:
        return labels.text("schemes.not_run.missing", count=len(row["missing"].split()))
    return labels.text(
        "schemes.not_run.reason", weighting=labels.text(f"weighting.{row['weighting']}"), reason=row["reason"]
    )


def _bartlett_note(data: pd.DataFrame, labels: Labels) -> list[str]:
    known = data["bartlett_p"].dropna()
    if known.empty:
        return []
    return [labels.text("schemes.note.kmo", p=p_value(known.max(), 3))]


def _overlap_notes(data: pd.DataFrame, labels: Labels) -> list[str]:
    rows = data[data["overlap"] != ""].drop_duplicates("scheme")
    return [
        labels.text("schemes.note.overlap", scheme=labels.name("scheme", r.scheme)) for r in rows.itertuples()
    ]


def _scoring(name: str, labels: Labels) -> str:
    scheme, weighting = name.split("/")
    return labels.text(
        "schemes.scoring",
        scheme=_short(scheme, labels),
        weighting=labels.text(f"weighting.{weighting}"),
    )


def stability_table(
    stability: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    scheme: str,
    weighting: str,
    top: int,
    names: Mapping[str, str],
    identifier: str = "rank_stability",
) -> Table:
    """Return the table of rank agreement: schemes under one weighting, and weightings of one scheme.

    Parameters
    ----------
    stability : DataFrame
        Agreement of all pairs by period.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    scheme : str
        Name of the region scheme.
    weighting : str
        Weighting under which schemes are compared.
    top : int
        Number of first and last places compared.
    names : mapping of str to str
        Names of the provinces by code.
    identifier : str, default "table32"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.

    Raises
    ------
    DataError
        If there is nothing to compare.
    """
    last = int(stability["period"].max()) if len(stability) else 0
    parts = {
        "schemes": _ending(stability, f"/{weighting}"),
        "weightings": _starting(stability, f"{scheme}/"),
    }
    rows, index = [], []
    for kind, chosen in parts.items():
        group = labels.text(
            f"stability.{kind}",
            weighting=labels.text(f"weighting.{weighting}"),
            scheme=_short(scheme, labels),
        )
        for (first, second), years in chosen.groupby(["first", "second"], sort=False):
            rows.append(_stability_cells(years.set_index("period"), last, options, names, labels))
            index.append((group, _pair(first, second, kind, labels)))
    if not rows:
        raise DataError("No two rankings can be compared.", found="fewer than two schemes and weightings")
    columns = ["spearman", "spearman_min", "kendall", "top", "bottom", "top_changes", "bottom_changes"]
    headings = [labels.text(f"stability.{c}", year=last, top=top) for c in columns]
    display = pd.DataFrame(rows, columns=headings, index=pd.MultiIndex.from_tuples(index))
    notes = [labels.text("stability.note", top=top, year=last), source_note(labels)]
    data = pd.concat(parts.values(), ignore_index=True)
    return build_table(identifier, labels, data=data, display=display, notes=notes, widths=STABILITY_WIDTHS)


def _ending(stability: pd.DataFrame, end: str) -> pd.DataFrame:
    return stability[stability["first"].str.endswith(end) & stability["second"].str.endswith(end)]


def _starting(stability: pd.DataFrame, start: str) -> pd.DataFrame:
    return stability[stability["first"].str.startswith(start) & stability["second"].str.startswith(start)]


def _pair(first: str, second: str, kind: str, labels: Labels) -> str:
    place = 0 if kind == "schemes" else 1
    words = [name.split("/")[place] for name in (first, second)]
    texts = [_short(w, labels) if place == 0 else labels.text(f"weighting.{w}") for w in words]
    return labels.text("stability.pair", first=texts[0], second=texts[1])


def _short(scheme: str, labels: Labels) -> str:
    """Return the short name of a scheme, or the title that a user's own scheme brings."""
    return label_or(labels, f"scheme.short.{scheme}", labels.name("scheme", scheme))


def _stability_cells(
    years: pd.DataFrame, last: int, options: TableOptions, names: Mapping[str, str], labels: Labels
) -> list[str]:
    row = years.loc[last]
    changes = [_changes(row[f"{end}_only_first"], row[f"{end}_only_second"], names, labels) for end in ENDS]
    return [
        number(row["spearman"], options.decimals),
        number(years["spearman"].min(), options.decimals),
        number(row["kendall"], options.decimals),
        count(row["top_shared"]),
        count(row["bottom_shared"]),
        *changes,
    ]


def _changes(first: object, second: object, names: Mapping[str, str], labels: Labels) -> str:
    texts = [joined([names[code] for code in str(cell).split()], labels) for cell in (first, second)]
    return labels.text("stability.changes", first=texts[0], second=texts[1]) if any(texts) else "—"


def rank_intervals_table(
    intervals: pd.DataFrame,
    labels: Labels,
    weighting: str,
    names: Mapping[str, str],
    periods: Sequence[int],
    facts: Mapping[str, object],
    identifier: str = "ranks",
) -> Table:
    """Return the table of ranks and their intervals, provinces in the order of the last period's rank.

    Parameters
    ----------
    intervals : DataFrame
        Columns unit, period, rank, lower, median, upper, top_share, scheme, weighting.
    labels : Labels
        Texts in the language of the output.
    weighting : str
        Of the paper's index; a note says so where the intervals rest on another.
    names : mapping of str to str
        Names of the provinces by code.
    periods : sequence of int
        Periods shown side by side.
    facts : mapping
        ``draws``, ``concentration``, ``confidence``, ``resample`` and ``seed``.
    identifier : str, default "table33"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    shown = intervals[intervals["period"].isin(periods)]
    order = shown[shown["period"] == periods[-1]].sort_values(["rank", "unit"])["unit"]
    blocks = [
        _rank_block(shown[shown["period"] == p].set_index("unit").loc[order], p, labels) for p in periods
    ]
    display = pd.concat(blocks, axis=1)
    display.index = pd.Index([names[unit] for unit in order])
    used = str(intervals["weighting"].iloc[0])
    notes = [
        labels.text(
            "rankintervals.note",
            scheme=labels.name("scheme", str(intervals["scheme"].iloc[0])),
            weighting=labels.text(f"weighting.{used}"),
            level=f"{100 * float(str(facts['confidence'])):g}",
        ),
        labels.text(f"rankintervals.note.{facts['resample']}", concentration=facts["concentration"]),
        labels.text("rankintervals.note.draws", draws=count(float(str(facts["draws"]))), seed=facts["seed"]),
        labels.text("rankintervals.note.signed") if used != weighting else "",
        source_note(labels),
    ]
    return build_table(identifier, labels, data=intervals, display=display, notes=notes)


def _rank_block(rows: pd.DataFrame, period: int, labels: Labels) -> pd.DataFrame:
    block = pd.DataFrame(
        {
            labels.text("rankintervals.rank"): [_rank(v) for v in rows["rank"]],
            labels.text("rankintervals.interval"): [
                interval(low, high, 0) for low, high in zip(rows["lower"], rows["upper"], strict=True)
            ],
            labels.text("rankintervals.top"): [number(v, SHARE_DECIMALS) for v in rows["top_share"]],
        },
        index=rows.index,
    )
    block.columns = pd.MultiIndex.from_product([[str(period)], block.columns])
    return block


def _rank(value: float) -> str:
    return number(value, 0 if np.isclose(value, round(value)) else 1)


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
    p, labels, options, sources = page.settings, page.labels, page.options, page.sources
    scheme = load_scheme(sources.data("scheme"), sources.data("schema"))
    panel, facts = sources.panel("panel"), p["rankings"] | {"seed": p["seed"]}
    summary = sources.frame("summary", text=["missing", "reason", "overlap"])
    stability, index = sources.frame("stability", text=ENDS_TEXT), p["index"]
    return (
        index_weights_table(
            sources.frame("indicators", text=["denominator"]),
            scheme,
            labels,
            weighting=index["weighting"],
            n=panel.n,
            periods=panel.periods,
        ),
        schemes_table(summary, stability, labels, options, **index),
        stability_table(stability, labels, options, **index, top=facts["top"], names=page.names),
        rank_intervals_table(
            sources.frame("intervals"), labels, index["weighting"], page.names, p["years"], facts
        ),
    )
