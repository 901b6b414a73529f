"""Tables of the choice of weights: effects under each, and posterior probabilities of weights and model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.weights_choice.choice import COMBINED
from shuyi.publish.notes import (
    all_weights_notes,
    caveat_notes,
    joined,
    label_or,
    sample_note,
    source_note,
    stars_note,
)
from shuyi.publish.numbers import MISSING, TableOptions, number, p_value, starred
from shuyi.publish.table import Table, build_table
from shuyi.spatialpanel.effects import COMPONENTS

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

INDENT = "\u2003"


def weights_label(name: str, labels: Labels) -> str:
    """Return the printed name of weights, or of their combination.

    Parameters
    ----------
    name : str
        Name in the configuration, or `choice.COMBINED`.
    labels : Labels
        Words.

    Returns
    -------
    str
    """
    if name == COMBINED:
        return labels.text("weights_choice.combined")
    return label_or(labels, f"weights.{name}", name)


def choice_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    settings: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> Table:
    """Return the effects of the term under every weights matrix.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        As `choice.choice_frames` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    settings : mapping
        As the declaration gives them.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``weights_choice``.
    """
    effects, posterior = frames["effects"], frames["posterior"]
    probability = posterior.drop_duplicates("weights").set_index("weights")["probability_weights"]
    known = effects[effects["estimate"].notna()]
    blocks = [
        _block(str(name), rows, probability.get(name), labels, options)
        for name, rows in known.groupby("weights", sort=False)
    ]
    spec = settings["specification"]
    sentences = [
        labels.text(
            "table.weights_choice.note",
            model=spec["model"].upper(),
            term=labels.term(settings["term"]),
            outcome=labels.term(spec["outcome"]),
            covariance=labels.text(f"covariance.{spec['covariance']}"),
            power=f"{100 * settings['power']:.0f}",
        ),
        stars_note(options, labels),
        sign_sentence(effects, labels),
        average_sentence(frames["averages"], settings, labels),
        *shares_sentences(frames["shares"], settings["level"], labels),
        *_refused(effects, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("weights_choice", labels, data=effects, display=pd.concat(blocks), notes=sentences)


def _block(
    name: str, rows: pd.DataFrame, probability: float | None, labels: Labels, options: TableOptions
) -> pd.DataFrame:
    digits, about = options.decimals, rows.iloc[0]
    spatial = [number(about["rho"], digits), _error(about["rho_std_error"], digits)]
    cells: dict[str, list[str]] = {labels.text("weights_choice.rho"): spatial}
    by = rows.set_index("component")
    for component in COMPONENTS:
        row = by.loc[component]
        cells[labels.text(f"effect.{component}")] = [
            starred(row["estimate"], row["p_value"], options),
            _error(row["std_error"], digits),
        ]
    cells[labels.text("column.detectable")] = [number(by.loc["indirect", "detectable"], digits), ""]
    cells[labels.text("column.posterior")] = [p_value(probability, digits), ""]
    return pd.DataFrame(cells, index=[weights_label(name, labels), INDENT + labels.text("row.own_error")])


def _error(value: float | None, digits: int) -> str:
    text = number(value, digits)
    return text if text == MISSING else f"({text})"


def sign_sentence(effects: pd.DataFrame, labels: Labels) -> str:
    """Return how much the sign of the indirect effect depends on the weights.

    Parameters
    ----------
    effects : DataFrame
        As `choice.effects_by_weights` gives them.
    labels : Labels
        Words.

    Returns
    -------
    str
        One sentence.
    """
    rows = effects[(effects["component"] == "indirect") & (effects["weights"] != COMBINED)]
    rows = rows.dropna(subset=["estimate"])
    positive, negative = rows[rows["estimate"] > 0], rows[rows["estimate"] < 0]
    outside = rows[(rows["ci_low"] > 0) | (rows["ci_high"] < 0)]
    named = joined([weights_label(str(name), labels) for name in outside["weights"]], labels)
    key = "weights_choice.sign.some" if len(outside) else "weights_choice.sign.none"
    return labels.text(
        key,
        count=len(rows),
        positive=len(positive),
        negative=len(negative),
        outside=len(outside),
        weights=named,
        low=number(rows["estimate"].min(), 3),
        high=number(rows["estimate"].max(), 3),
    )


def average_sentence(averages: pd.DataFrame, settings: Mapping[str, Any], labels: Labels) -> str:
    """Return the indirect effect averaged over weights, with the share of its variance between them.

    Parameters
    ----------
    averages : DataFrame
        As `choice.choice_frames` gives them.
    settings : mapping
        As the declaration gives them.
    labels : Labels
        Words.

    Returns
    -------
    str
        One sentence, or nothing.
    """
    rows = averages[averages["component"] == "indirect"]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    return labels.text(
        "weights_choice.average",
        model=settings["specification"]["model"].upper(),
        estimate=number(row["estimate"], 3),
        low=number(row["ci_low"], 3),
        high=number(row["ci_high"], 3),
        level=f"{100 * settings['level']:g}",
        share=f"{100 * row['share_between']:.0f}",
    )


def shares_sentences(shares: pd.DataFrame, level: float, labels: Labels) -> list[str]:
    """Return what the data say of the shares of a convex combination.

    Parameters
    ----------
    shares : DataFrame
        As `choice.choice_frames` gives them.
    level : float
        Posterior probability of the intervals.
    labels : Labels
        Words.

    Returns
    -------
    list of str
        Two sentences, or none.
    """
    if shares.empty:
        return []
    named = [
        labels.text(
            "weights_choice.share",
            weights=weights_label(row["weights"], labels),
            mean=number(row["mean"], 2),
            low=number(row["low"], 2),
            high=number(row["high"], 2),
        )
        for row in shares.to_dict("records")
    ]
    first = shares.iloc[0]
    at_edge = bool((shares["best"] == 0).any())
    best = [
        f"{number(row['best'], 2)} × {weights_label(row['weights'], labels)}"
        for row in shares.to_dict("records")
        if row["best"] > 0
    ]
    return [
        labels.text(
            "weights_choice.shares",
            shares=labels.text("distribution.semicolon").join(named),
            level=f"{100 * level:g}",
            prior_low=number(first["prior_low"], 2),
            prior_high=number(first["prior_high"], 2),
        ),
        labels.text(
            f"weights_choice.best.{'edge' if at_edge else 'inside'}",
            best=" + ".join(best),
            difference=number(first["log_evidence"] - first["log_best_part"], 1),
        ),
    ]


def _refused(effects: pd.DataFrame, labels: Labels) -> list[str]:
    found = effects[effects["estimate"].isna()].drop_duplicates("weights")
    return [
        labels.text(
            "weights_choice.refused", weights=weights_label(row["weights"], labels), reason=row["reason"]
        )
        for row in found.to_dict("records")
    ]


def posterior_table(
    posterior: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    settings: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> Table:
    """Return the posterior probability of every pair of weights and model.

    Parameters
    ----------
    posterior : DataFrame
        As `choice.posterior_frame` gives it.
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
        Named ``weights_posterior``.
    """
    digits = options.decimals
    known = posterior[posterior["reason"].fillna("").eq("")]
    grid = known.pivot(index="weights", columns="model", values="probability")
    order, models = list(dict.fromkeys(known["weights"])), list(dict.fromkeys(known["model"]))
    ends = known.drop_duplicates("weights").set_index("weights")
    rows = {}
    for name in order:
        cells = {model.upper(): p_value(grid.loc[name, model], digits) for model in models}
        cells[labels.text("weights_choice.all_models")] = p_value(
            ends.loc[name, "probability_weights"], digits
        )
        interval = (number(ends.loc[name, f"interval_{end}"], 2) for end in ("low", "high"))
        cells[labels.text("weights_choice.interval")] = f"({', '.join(interval)})"
        rows[weights_label(name, labels)] = cells
    sums = known.drop_duplicates("model").set_index("model")["probability_model"]
    last = {model.upper(): p_value(sums[model], digits) for model in models}
    rows[labels.text("weights_choice.all_weights")] = last
    display = pd.DataFrame.from_dict(rows, orient="index").fillna("")
    best = known.loc[known["probability"].idxmax()]
    sentences = [
        labels.text(
            "table.weights_posterior.note", outcome=labels.term(settings["specification"]["outcome"])
        ),
        labels.text(
            "weights_choice.most_probable",
            weights=weights_label(str(best["weights"]), labels),
            model=str(best["model"]).upper(),
            probability=number(best["probability"], digits),
        ),
        *_left_out(posterior, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("weights_posterior", labels, data=posterior, display=display, notes=sentences)


def _left_out(posterior: pd.DataFrame, labels: Labels) -> list[str]:
    names = [
        weights_label(str(w), labels) for w in posterior[posterior["reason"].fillna("").ne("")]["weights"]
    ]
    return [labels.text("weights_choice.left_out", weights=joined(names, labels))] if names else []


def read_frames(page: Page) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis.

    Parameters
    ----------
    page : Page
        What printing and drawing work with.

    Returns
    -------
    dict of str to DataFrame
        See `choice.choice_frames`.
    """
    return page.sources.frames(("effects", "posterior", "shares", "averages"), text=["reason", "spatial"])


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        Effects by weights, and posterior probabilities.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    frames = read_frames(page)
    weights = all_weights_notes(sources.all_weights("weights", p["weights"]), labels)
    sample = sample_note(int(frames["effects"]["n"].max()), [int(y) for y in p["years"]], labels)
    told = caveat_notes({labels.text("weights_choice.headline"): sources.data("found")}, labels)
    serial = labels.text("weights_choice.independent")
    return [
        choice_table(frames, labels, page.options, settings=p, notes=[serial, sample, *weights, *told]),
        posterior_table(
            frames["posterior"], labels, page.options, settings=p, notes=[serial, sample, *weights, *told]
        ),
    ]
