"""Tables of the policy analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.policy.designs import COUNTS
from shuyi.publish.notes import joined, label_or, source_note, weights_name
from shuyi.publish.numbers import MISSING, TableOptions, count, interval, number, p_value
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

INDENT = "\u2003"
HEADLINE = "headline"
OF_VARIANTS = ("direct", "exposure")
"""Components of the variants that are printed."""


def effects_table(
    effects: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    design: str,
    level: float,
    notes: list[str],
) -> Table:
    """Return the effects of the headline design by model and variant.

    Parameters
    ----------
    effects : DataFrame
        As `designs.effects_frame` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals.
    design : str
        Printed name of the headline design.
    level : float
        Confidence level of the intervals.
    notes : list of str
        Sentences below the table.

    Returns
    -------
    Table
        Named ``policy_effects``.
    """
    blocks = []
    for (variant, model), rows in effects.groupby(["variant", "model"], sort=False):
        own = variant == HEADLINE
        shown = rows if own else rows[rows["component"].isin(OF_VARIANTS)]
        if own and model == "ols":
            shown = rows[rows["component"] == "direct"]
        key = f"policy.model.{model}" if own else f"policy.variant.{variant}"
        blocks.append(_block(label_or(labels, key, str(variant)), shown, labels, options, level))
    return build_table(
        "policy_effects", labels, data=effects, display=pd.concat(blocks), notes=notes, part=design
    )


def _block(
    heading: str, rows: pd.DataFrame, labels: Labels, options: TableOptions, level: float
) -> pd.DataFrame:
    digits = options.decimals
    cells: dict[str, list[str]] = {
        labels.text("policy.column.estimate"): [number(v, digits) for v in rows["estimate"]],
        labels.text("policy.column.error"): [f"({number(v, digits)})" for v in rows["std_error"]],
        labels.text("policy.column.interval", level=f"{100 * level:g}"): [
            interval(low, high, digits) for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
        ],
        labels.text("policy.column.permutation"): _p_values(rows["permutation_p"], digits),
        labels.text("policy.column.within"): _p_values(rows["within_p"], digits),
        labels.text("policy.column.detectable"): _numbers(rows["detectable"], digits),
    }
    names = [heading, *(INDENT + labels.text(f"policy.component.{c}") for c in rows["component"])]
    return pd.DataFrame({name: ["", *column] for name, column in cells.items()}, index=names)


def _numbers(values: pd.Series, digits: int) -> list[str]:
    return [number(v, digits) for v in values]


def _p_values(values: pd.Series, digits: int) -> list[str]:
    return [p_value(v, digits) for v in values]


def designs_table(designs: pd.DataFrame, labels: Labels, options: TableOptions, *, notes: list[str]) -> Table:
    """Return what each design can tell.

    Parameters
    ----------
    designs : DataFrame
        As `designs.designs_frame` gives it.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals.
    notes : list of str
        Sentences below the table.

    Returns
    -------
    Table
        Named ``policy_designs``.
    """
    digits = options.decimals
    refused = designs["refused"] != ""
    cells = {
        labels.text(f"policy.column.{name}"): [MISSING if pd.isna(v) else count(v) for v in designs[name]]
        for name in (*COUNTS, "before", "after")
    }
    errors = _numbers(designs["std_error"], digits)
    imputed = _numbers(designs["imputed"], digits)
    imputed_errors = _numbers(designs["imputed_error"], digits)
    cells |= {
        labels.text("policy.column.twoways"): _with_errors(_numbers(designs["estimate"], digits), errors),
        labels.text("policy.column.permutation"): _p_values(designs["permutation_p"], digits),
        labels.text("policy.column.imputed"): _with_errors(imputed, imputed_errors),
        labels.text("policy.column.detectable"): _numbers(designs["detectable"], digits),
        labels.text("policy.column.exposure_detectable"): _numbers(designs["exposure_detectable"], digits),
        labels.text("policy.column.verdict"): [
            labels.text(f"policy.verdict.{row['refused'] or row['separate'] or 'separable'}")
            for row in designs.to_dict("records")
        ],
    }
    display = pd.DataFrame(cells, index=[_design_name(str(name), labels) for name in designs["design"]])
    sentences = [*notes, labels.text("policy.refused_note") if refused.any() else ""]
    return build_table(
        "policy_designs", labels, data=designs, display=display, notes=sentences, widths=WIDTHS_DESIGNS
    )


WIDTHS_DESIGNS = (0.16, *[0.05] * 6, 0.09, 0.07, 0.09, 0.07, 0.07, 0.15)


def _with_errors(values: list[str], errors: list[str]) -> list[str]:
    return [v if v == MISSING else f"{v} ({e})" for v, e in zip(values, errors, strict=True)]


def _design_name(design: str, labels: Labels) -> str:
    return label_or(labels, f"policy.design.{design}", design)


def overlap_table(overlap: pd.DataFrame, labels: Labels, *, notes: list[str]) -> Table:
    """Return how many provinces are under each pair of policies.

    Parameters
    ----------
    overlap : DataFrame
        As `register.overlap_frame` gives it.
    labels : Labels
        Words in the language of the table.
    notes : list of str
        Sentences below the table.

    Returns
    -------
    Table
        Named ``policy_overlap``.
    """
    square = overlap.pivot(index="policy", columns="other", values="units")
    order = list(dict.fromkeys(overlap["policy"]))
    square = square.loc[order, order]
    names = [_design_name(str(policy), labels) for policy in order]
    numbers = [f"({i + 1})" for i in range(len(order))]
    cells = {numbers[j]: [count(v) for v in square[name]] for j, name in enumerate(order)}
    rows = [f"{numbers[i]} {name}" for i, name in enumerate(names)]
    display = pd.DataFrame(cells, index=rows)
    return build_table("policy_overlap", labels, data=overlap, display=display, notes=notes)


def design_note(page: Page) -> str:
    """Return who is treated in the headline design, who is exposed and who is neither.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    str
        One sentence.
    """
    p, labels = page.settings, page.labels
    units, weights = page.sources.frame("units", text=["unit"]), page.sources.weights("weights")
    groups = units["group"].value_counts()
    treated = units[units["group"] == "treated"]
    return labels.text(
        "policy.design_note",
        policy=_design_name(p["headline"], labels),
        year=int(treated["start"].min()),
        treated=joined([labels.unit(unit) for unit in treated["unit"]], labels),
        exposed=groups.get("exposed", 0),
        clean=groups.get("clean", 0),
        weights=weights_name(p["weights"], weights, labels),
        outcome=labels.term(p["outcome"]),
        first=p["first_year"],
        last=p["last_year"],
    )


def synthetic_note(page: Page) -> str:
    """Return what the synthetic control found, with its donors and its rank among the placebos.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    str
        Several sentences.
    """
    p, labels, digits = page.settings, page.labels, page.options.decimals
    found = page.sources.frame("synthetic", text=["unit"]).drop_duplicates("unit").set_index("unit")
    own, placebos = found[found["treated"]].iloc[0], found[~found["treated"]]
    smaller = int((placebos["after"].abs() < abs(own["after"])).sum())
    donors = page.sources.frame("donors", text=["donor"]).sort_values("weight", ascending=False)
    used = donors[donors["weight"].round(digits) > 0]
    return labels.text(
        "policy.synthetic_note",
        unit=labels.unit(p["synthetic"]["unit"]),
        start=p["synthetic"]["start"],
        gap=number(own["after"], digits),
        below=smaller,
        placebos=len(placebos),
        p=p_value((len(placebos) - smaller + 1) / (len(placebos) + 1), digits),
        least=p_value(1 / (len(placebos) + 1), digits),
        before=number(own["before"], digits),
        donors=joined(
            [
                f"{labels.unit(donor)} {number(weight, digits)}"
                for donor, weight in zip(used["donor"], used["weight"], strict=True)
            ],
            labels,
        ),
        years=p["synthetic"]["start"] - p["first_year"],
    )


def before_note(before: pd.DataFrame, labels: Labels, options: TableOptions) -> str:
    """Return the test of what was before the policy, with its power.

    Parameters
    ----------
    before : DataFrame
        As `designs.events_frames` gives it.
    labels : Labels
        Words in the language of the note.
    options : TableOptions
        Decimals.

    Returns
    -------
    str
        One sentence.
    """
    by = before.set_index("term")
    digits = options.decimals
    return labels.text(
        "policy.before_note",
        direct=p_value(by.loc["direct", "p_value"], digits),
        exposure=p_value(by.loc["exposure", "p_value"], digits),
        trend=number(by.loc["direct", "trend"], digits),
        bias=number(by.loc["direct", "bias"], digits),
    )


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        Effects of the headline design, all designs, and the overlap of policies.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    before = sources.frame("before")
    draws = count(p["draws"])
    scheme = labels.text(f"distribution.scheme.{p['strata']}")
    effects = [
        design_note(page),
        _without_note(p["designs"][p["headline"]], labels),
        labels.text("policy.effects_note", draws=draws, scheme=scheme),
        before_note(before, labels, page.options),
        _threats_note(p["headline"], labels),
        _register_note(sources.rows("policies"), p["designs"][p["headline"]], labels),
        source_note(labels),
    ]
    designs = [
        labels.text("policy.designs_note", outcome=labels.term(p["outcome"]), draws=draws),
        synthetic_note(page),
        source_note(labels),
    ]
    overlap = [labels.text("policy.overlap_note"), source_note(labels)]
    text = ["refused", "separate"]
    return [
        effects_table(
            sources.frame("effects"),
            labels,
            page.options,
            design=_design_name(p["headline"], labels),
            level=p["level"],
            notes=effects,
        ),
        designs_table(sources.frame("designs", text=text), labels, page.options, notes=designs),
        overlap_table(sources.frame("overlap"), labels, notes=overlap),
    ]


def _without_note(design: Mapping[str, Any], labels: Labels) -> str:
    units = [labels.unit(unit) for unit in design.get("without", ())]
    return labels.text("policy.without_note", units=joined(units, labels)) if units else ""


def _threats_note(design: str, labels: Labels) -> str:
    return label_or(labels, f"policy.threats.{design}", "")


def _register_note(rows: list[dict[str, str]], design: Mapping[str, Any], labels: Labels) -> str:
    grades = [row["confidence"] for row in rows if row["policy_id"] == design["policy"]]
    found = {grade: grades.count(grade) for grade in "ABC"}
    return labels.text("policy.register_note", **{k.lower(): v for k, v in found.items()})
