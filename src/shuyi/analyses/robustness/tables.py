"""Tables of the robustness of the headline and of persistence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.estimation.influence import HEADLINE
from shuyi.analyses.robustness.alternatives import alternatives_table
from shuyi.analyses.robustness.comparison import WITHOUT
from shuyi.analyses.robustness.persistence import OUTCOME, RESIDUALS, TERM
from shuyi.indices import load_scheme
from shuyi.publish.notes import (
    answer_note,
    caveat_notes,
    joined,
    label_or,
    sample_note,
    source_note,
    stars_note,
    weights_notes,
)
from shuyi.publish.numbers import TableOptions, count, interval, number, p_value, starred
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

COMPONENTS = ("direct", "indirect", "total")
INDENT = "\u2003"


def variant_name(variant: str, unit: str, labels: Labels) -> str:
    """Return the printed name of a variant.

    Parameters
    ----------
    variant : str
        Its name in the configuration.
    unit : str
        The unit that it leaves out, or nothing.
    labels : Labels
        Words, with the names of units.

    Returns
    -------
    str
        Its label, or the name itself.
    """
    if variant == WITHOUT:
        return labels.text(f"robustness.variant.{WITHOUT}", unit=labels.unit(unit))
    return label_or(labels, f"robustness.variant.{variant}", variant)


def robustness_table(
    effects: pd.DataFrame,
    units: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    specification: Mapping[str, Any],
    term: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return the effects of the term under the headline and every variant.

    Parameters
    ----------
    effects, units : DataFrame
        As `comparison.comparison_frame` and `estimation.influence.WithoutEach.to_frame` give them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    specification : mapping
        The headline.
    term : str
        The regressor whose effects are compared.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``robustness``.
    """
    blocks = []
    for variant, rows in effects.groupby("variant", sort=False):
        if rows["estimate"].isna().all():
            continue
        blocks.append(_block(str(variant), rows.set_index("component"), labels, options))
        if variant == WITHOUT:
            blocks.append(_range_block(units, labels, options))
    outcome = labels.term(specification["outcome"])
    covariance = labels.text(f"covariance.{specification['covariance']}")
    sentences = [
        labels.text("table.robustness.note", term=labels.term(term), outcome=outcome, covariance=covariance),
        stars_note(options, labels),
        _range_note(units, labels),
        *_refused(effects, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("robustness", labels, data=effects, display=pd.concat(blocks), notes=sentences)


def _block(variant: str, rows: pd.DataFrame, labels: Labels, options: TableOptions) -> pd.DataFrame:
    about = rows.iloc[0]
    cells: dict[str, list[str]] = {}
    for component in COMPONENTS:
        row = rows.loc[component]
        cells[labels.text(f"effect.{component}")] = [
            starred(row["estimate"], row["p_value"], options),
            f"({number(row['std_error'], options.decimals)})",
            f"[{number(row['std_error_information'], options.decimals)}]",
        ]
    per_sd = 100 * rows.loc["direct", "estimate"] * about["spread"]
    cells[labels.text("column.per_sd")] = [number(per_sd, options.decimals), "", ""]
    cells[labels.text("stat.units")] = [count(about["n"]), "", ""]
    cells[labels.text("stat.periods")] = [count(about["T"]), "", ""]
    names = [variant_name(variant, str(about["unit"]), labels)]
    names += [INDENT + labels.text(key) for key in ("row.own_error", "row.information_error")]
    return pd.DataFrame(cells, index=names)


def _range_block(units: pd.DataFrame, labels: Labels, options: TableOptions) -> pd.DataFrame:
    cells = {
        labels.text(f"effect.{c}"): [interval(units[c].min(), units[c].max(), options.decimals)]
        for c in COMPONENTS
    }
    for key in ("column.per_sd", "stat.units", "stat.periods"):
        cells[labels.text(key)] = [""]
    return pd.DataFrame(cells, index=[labels.text("table.robustness.range")])


def _range_note(units: pd.DataFrame, labels: Labels) -> str:
    missing = [labels.unit(u) for u in units.loc[units["direct"].isna(), "unit"]]
    if not missing:
        return labels.text("table.robustness.range_all", n=len(units))
    return labels.text(
        "table.robustness.range_note",
        count=len(units) - len(missing),
        n=len(units),
        units=joined(missing, labels),
    )


def _refused(effects: pd.DataFrame, labels: Labels) -> list[str]:
    found = effects[effects["estimate"].isna() & (effects["component"] == COMPONENTS[0])]
    return [
        labels.text(
            "table.robustness.refused",
            variant=variant_name(str(row["variant"]), "", labels),
            reason=row["reason"],
        )
        for row in found.to_dict("records")
    ]


def persistence_sentence(persistence: pd.DataFrame, labels: Labels, decimals: int = 2) -> str:
    """Return what the autocorrelation of the residuals says of the estimate in levels.

    Parameters
    ----------
    persistence : DataFrame
        As `persistence.persistence_frame` gives it.
    labels : Labels
        Words in the language of the sentence.
    decimals : int, default 2
        Digits after the point.

    Returns
    -------
    str
        One sentence.
    """
    row = persistence.set_index("series").loc[RESIDUALS]
    values = {key: number(float(row[key]), decimals) for key in ("value", "independent", "unit_root")}
    return labels.text(f"persistence.{row['verdict']}", **values)


def persistence_table(
    persistence: pd.DataFrame, labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return the table of persistence.

    Parameters
    ----------
    persistence : DataFrame
        As `persistence.persistence_frame` gives it.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``persistence``.
    """
    digits = options.decimals
    display = pd.DataFrame(
        {
            labels.text("column.autocorrelation"): [number(v, digits) for v in persistence["value"]],
            labels.text("column.autocorrelation_error"): [
                f"({number(v, digits)})" for v in persistence["std_error"]
            ],
            labels.text("column.expected_independent"): _numbers(persistence["independent"], digits),
            labels.text("column.expected_unit_root"): _numbers(persistence["unit_root"], digits),
            labels.text("column.ht"): _numbers(persistence["harris_tzavalis"], digits),
            labels.text("column.ht_p"): _p_values(persistence["harris_tzavalis_p"], digits),
            labels.text("column.cips"): _numbers(persistence["cips"], digits),
            labels.text("column.cips_p"): _p_values(persistence["cips_p"], digits),
            labels.text("column.power"): _numbers(persistence["power_90"], digits),
        },
    )
    display.index = pd.Index([_series_name(row, labels) for row in persistence.to_dict("records")])
    draws = count(persistence["draws"].max())

    sentences = [
        labels.text("table.persistence.note", draws=draws),
        persistence_sentence(persistence, labels),
        *notes,
        source_note(labels),
    ]

    return build_table("persistence", labels, data=persistence, display=display, notes=sentences)


def _numbers(values: pd.Series, digits: int) -> list[str]:
    return [number(v, digits) for v in values]


def _p_values(values: pd.Series, digits: int) -> list[str]:
    return [p_value(v, digits) for v in values]


def _series_name(row: Mapping[Any, Any], labels: Labels) -> str:
    if row["series"] in (OUTCOME, TERM):
        return labels.term(row["variable"])
    return labels.text(f"persistence.series.{row['series']}")


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        Robustness, alternatives and persistence.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    specification = p["specification"]
    effects = sources.frame("effects", text=["reason"])
    persistence = sources.frame("persistence", text=["variable"])
    weights = weights_notes(specification["weights"], sources.weights("weights"), labels)
    told = sources.data("found")
    name = labels.text(f"robustness.variant.{HEADLINE}")
    answer = answer_note(sources.data("answer"), labels)
    headline = effects[effects["variant"] == HEADLINE].iloc[0]
    further = [_alternatives(page, [*weights, *caveat_notes({name: told}, labels)])] if p["further"] else []
    return [
        robustness_table(
            effects,
            sources.frame("units"),
            labels,
            page.options,
            specification=specification,
            term=p["term"],
            notes=[*caveat_notes({name: told}, labels), answer, *weights],
        ),
        *further,
        persistence_table(
            persistence,
            labels,
            page.options,
            notes=[sample_note(int(headline["n"]), _years(page), labels)],
        ),
    ]


def _alternatives(page: Page, notes: Sequence[str]) -> Table:
    p, sources, language = page.settings, page.sources, page.labels.language
    has_index = sources.has("scheme")
    scheme = load_scheme(sources.data("scheme"), sources.data("schema")) if has_index else None
    return alternatives_table(
        sources.frame("alternatives", text=["reason", "group"]).fillna({"group": "", "reason": ""}),
        page.labels,
        page.options,
        specification=p["specification"],
        term=p["term"],
        titles={} if scheme is None else scheme.titles(language),
        notes=notes,
    )


def _years(page: Page) -> list[int]:
    return [int(year) for year in page.settings["years"]]
