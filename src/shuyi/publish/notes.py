"""Sentences below tables: sample, weights, islands, convention, covariance, draws, seed, source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.errors import DataError
from shuyi.publish.numbers import TableOptions, count, number, p_value
from shuyi.regions import EVERY, in_order

if TYPE_CHECKING:
    from shuyi.panel import Panel
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights


def region_name(region: str, labels: Labels) -> str:
    """Return the printed name of a region, or of all provinces together.

    Parameters
    ----------
    region : str
        Name of the region in the data, or ``"all"``.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        The name, ready to print.
    """
    return labels.text(f"distribution.region.{region}")


def regions_note(frame: pd.DataFrame, labels: Labels) -> str:
    """Return which scheme the regions come from, with the number of provinces of each.

    Parameters
    ----------
    frame : DataFrame
        Columns region_scheme, region and n_units.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        One sentence.

    Raises
    ------
    DataError
        If the rows rest on several region schemes.
    """
    schemes = sorted(set(frame["region_scheme"]))
    if len(schemes) != 1:
        raise DataError(
            "Region schemes are mixed in one table.", expected="one scheme", found=", ".join(schemes)
        )
    sizes = dict(zip(frame["region"], frame["n_units"], strict=True))
    named = [f"{region_name(r, labels)} ({sizes[r]})" for r in in_order(sizes) if r != EVERY]
    scheme = labels.text(f"distribution.scheme.{schemes[0]}")
    return labels.text("distribution.regions", scheme=scheme, regions=joined(named, labels))


def panel_notes(frame: pd.DataFrame, labels: Labels) -> list[str]:
    """Return the sample of a frame of units and periods, and the source.

    Parameters
    ----------
    frame : DataFrame
        Columns unit and period.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
        Two sentences.
    """
    periods = sorted(int(p) for p in frame["period"].unique())
    return [sample_note(frame["unit"].nunique(), periods, labels), source_note(labels)]


def label_or(labels: Labels, key: str, fallback: str) -> str:
    """Return the text of a key, or the fallback for names that users bring.

    Parameters
    ----------
    labels : Labels
        Texts in the language of the output.
    key : str
        Key of the label.
    fallback : str
        Text where there is no such label.

    Returns
    -------
    str
        The text, ready to print.
    """
    return labels.texts.get(key, fallback)


def unit_text(unit: str, labels: Labels) -> str:
    """Return the unit of a variable as printed, also of logarithms and at prices of a year.

    Parameters
    ----------
    unit : str
        As the panel holds it.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
    """
    prefix, _, level = unit.rpartition("ln of ")
    if prefix or unit.startswith("ln of "):
        return labels.text("unit.ln", unit=unit_text(level, labels))
    year = re.search(r"at (\d{4}) prices$", unit)
    if year:
        base = unit[: year.start()].strip()
        return labels.text("unit.at_prices", unit=unit_text(base, labels), year=year[1])
    return label_or(labels, f"unit.{unit}", unit)


def joined(items: Sequence[str], labels: Labels) -> str:
    """Return a list in the language's punctuation.

    Parameters
    ----------
    items : sequence of str
        Texts.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        The texts, separated as the language does.
    """
    return labels.text("table.list_separator").join(items)


def sample_note(n: int, periods: Sequence[int], labels: Labels, *, observations: int | None = None) -> str:
    """Return how many units, periods and observations there are.

    Parameters
    ----------
    n : int
        Number of units.
    periods : sequence of int
        Years or other periods, increasing.
    labels : Labels
        Texts in the language of the output.
    observations : int, optional
        Number of observations; by default units times periods.

    Returns
    -------
    str
        One sentence.
    """
    observations = n * len(periods) if observations is None else observations
    return labels.text(
        "note.sample",
        n=count(n),
        T=count(len(periods)),
        first=periods[0],
        last=periods[-1],
        observations=count(observations),
    )


def samples_notes(sizes: Mapping[str, tuple[int, Sequence[int]]], labels: Labels) -> list[str]:
    """Return the sample of each column, once where columns share it.

    Parameters
    ----------
    sizes : mapping of str to (n, periods)
        By heading of the column.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
        One sentence per sample.
    """
    columns: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for column, (n, periods) in sizes.items():
        columns.setdefault((n, tuple(periods)), []).append(column)
    notes = [(sample_note(n, periods, labels), named) for (n, periods), named in columns.items()]
    if len(notes) == 1:
        return [notes[0][0]]
    return [labels.text("note.columns", columns=joined(named, labels), note=note) for note, named in notes]


def panel_note(panel: Panel, labels: Labels) -> str:
    """Return the sample of a panel.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        One sentence.
    """
    return sample_note(panel.n, panel.periods, labels)


def weights_notes(name: str, weights: Weights, labels: Labels) -> list[str]:
    """Return which weights, how they are normalised, which links were added and what islands there are.

    Parameters
    ----------
    name : str
        Key of the weights in the configuration.
    weights : Weights
        Spatial weights in the panel's order of units.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
        One sentence on the weights, then those on islands.
    """
    normalisation = labels.text(f"normalisation.{weights.normalisation}")
    named = weights_name(name, weights, labels)
    first = labels.text("note.weights", weights=named, normalisation=normalisation)
    return [first, *islands_notes(weights, labels)]


def all_weights_notes(weights: Mapping[str, Weights], labels: Labels) -> list[str]:
    """Return the notes of several weights in one: names by normalisation, then links and islands of each.

    Parameters
    ----------
    weights : mapping of str to Weights
        By key in the configuration.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
        Sentences, each said once.
    """
    if len(weights) == 1:
        return [note for name, w in weights.items() for note in weights_notes(name, w, labels)]
    by_normalisation: dict[str, list[str]] = {}
    for name, w in weights.items():
        by_normalisation.setdefault(w.normalisation, []).append(weights_name(name, w, labels))
    notes = [
        labels.text(
            "note.weights", weights=joined(names, labels), normalisation=labels.text(f"normalisation.{n}")
        )
        for n, names in by_normalisation.items()
    ]
    for name, w in weights.items():
        own = [note for note in islands_notes(w, labels) if note != labels.text("note.no_islands")]
        named = weights_name(name, w, labels)
        notes += [labels.text("note.columns", columns=named, note=note) for note in own]
    if not any(w.islands for w in weights.values()):
        notes.append(labels.text("note.no_islands"))
    return notes


def weights_name(name: str, weights: Weights, labels: Labels) -> str:
    """Return the label of the weights: by their key, else by their kind and key.

    Parameters
    ----------
    name : str
        Key of the weights in the configuration.
    weights : Weights
        Spatial weights in the panel's order of units.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        The name, ready to print.
    """
    kind = label_or(labels, f"weights.kind.{weights.kind}", weights.kind)
    return label_or(labels, f"weights.{name}", f"{kind} ({name})")


def islands_notes(weights: Weights, labels: Labels) -> list[str]:
    """Return the rule for units without neighbours and what it did.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
        At most three sentences; none where every unit has neighbours by itself.
    """
    links = [_pair(pair, labels) for pair in weights.definition.get("links", ())]
    made = [_pair(pair, labels) for pair in weights.definition.get("linked_islands", ())]
    parts = []
    if links:
        parts.append(labels.text("note.links", links=joined(links, labels)))
    if made:
        parts.append(labels.text("note.linked_islands", links=joined(made, labels)))
    if weights.islands:
        units = [labels.unit(unit) for unit in weights.islands]
        parts.append(labels.text("note.islands_kept", units=joined(units, labels)))
    else:
        parts.append(labels.text("note.no_islands"))
    return parts


def _pair(pair: Sequence[str], labels: Labels) -> str:
    return "–".join(labels.unit(unit) for unit in pair)


def uncertainty_note(options: TableOptions, labels: Labels) -> str:
    """Return what stands in parentheses.

    Parameters
    ----------
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        One sentence.
    """
    return labels.text(f"note.parentheses.{options.uncertainty}")


def stars_note(options: TableOptions, labels: Labels) -> str:
    """Return the levels of the stars, or nothing where there are none.

    Parameters
    ----------
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        One sentence, or an empty string.
    """
    if not options.stars:
        return ""
    levels = [f"{'*' * (i + 1)} p < {level:g}" for i, level in enumerate(options.stars)]
    return labels.text("note.stars", levels=joined(levels, labels))


EXACT = 1e-6
"""Error of percentiles below which they count as computed, not simulated."""


def simulation_notes(
    draws: int, seed: int, labels: Labels, *, outside: float, error: float = 0.0
) -> list[str]:
    """Return how errors and intervals were simulated, and with what error.

    Parameters
    ----------
    draws, seed : int
        Of the simulation.
    labels : Labels
        Words in the language of the page.
    outside : float
        Share of draws outside the admissible interval.
    error : float, default 0.0
        Largest error of the ends of percentile intervals.

    Returns
    -------
    list of str
        Sentences.
    """
    exact = 0 < error < EXACT
    stated = (
        labels.text("note.percentiles", error=f"{EXACT:.6f}")
        if exact
        else labels.text("note.simulation_error", error=number(error, 3))
    )
    how = "note.simulated_errors" if exact else "note.simulation"
    return [
        labels.text(how, draws=count(draws), seed=seed),
        labels.text("note.outside", share=number(100 * outside, 1)),
        stated,
    ]


def source_note(labels: Labels) -> str:
    """Return the source of all figures.

    Parameters
    ----------
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        One sentence.
    """
    return labels.text("note.source")


def literature_note(sources: Sequence[str], labels: Labels) -> str:
    """Return what the sources of the literature are that a table names by letter and number.

    Parameters
    ----------
    sources : sequence of str
        ``S0`` to ``S4``, in any order and perhaps repeated.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
    """
    named = [
        labels.text("source.named", id=source, name=label_or(labels, f"source.{source}", source))
        for source in sorted(set(sources))
    ]
    listed = labels.text("distribution.semicolon").join(named)
    return labels.text("source.list", sources=listed) if named else ""


def fit_facts(fit: Any) -> dict[str, str]:
    """Return what notes state of an estimate, as `estimation_notes` takes it.

    Parameters
    ----------
    fit : fit
        With ``model``, ``outcome``, ``effects_structure``, ``convention`` and ``covariance_kind``.

    Returns
    -------
    dict of str to str
        Keys model, outcome, effects, correction and covariance.
    """
    return {
        "model": fit.model,
        "outcome": fit.outcome,
        "effects": fit.effects_structure,
        "correction": fit.convention,
        "covariance": fit.covariance_kind,
    }


def estimation_notes(facts: Mapping[str, Any], labels: Labels) -> list[str]:
    """Return the notes on outcome, effects, convention and covariance that a model states.

    Parameters
    ----------
    facts : mapping
        ``outcome``, ``effects``, ``correction`` and ``covariance``; a missing or empty entry is left out.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
        One sentence per entry.
    """
    notes = []
    if facts.get("outcome"):
        notes.append(labels.text("note.outcome", outcome=labels.term(facts["outcome"])))
    for kind in ("effects", "correction", "covariance"):
        if facts.get(kind):
            notes.append(labels.text(f"note.{kind}", text=labels.text(f"{kind}.{facts[kind]}")))
    return notes


def caveat_notes(
    told: Mapping[str, Mapping[str, Any]],
    labels: Labels,
    *,
    main: str | None = None,
    df: Mapping[str, float] | None = None,
) -> list[str]:
    """Return what the reader of estimates must know, from the facts of the estimates themselves.

    Parameters
    ----------
    told : mapping of str to mapping
        By heading of the column, the facts of its estimate as
        `shuyi.analyses.estimation.caveats.Caveats.to_dict` gives them (results/caveats/SPEC.json).
    labels : Labels
        Words, with the names of units.
    main : str, optional
        The column whose influential unit and detectable effects are told; the first by default.
    df : mapping of str to float, optional
        Degrees of freedom of the reference distribution by column, where they are not those of the
        coefficients: effects refer to Student's t whatever the covariance.

    Returns
    -------
    list of str
        Sentences on serial correlation, reference distributions, clusters, the influential unit, detectable
        effects and shared denominators, as far as they apply.
    """
    if not told:
        return []
    first = main or next(iter(told))
    found = told[first]
    notes = [_serial_caveat(told, labels), *_reference_caveats(told, df or {}, labels)]
    if found["df"] is not None:
        notes.append(labels.text("caveat.clusters", n=count(found["n"])))
    if found["term"]:
        notes += [_influence_caveat(first, found, labels), _detectable_caveat(first, found, labels)]
    notes.append(shared_denominators_note(found["shared"], labels))
    return [note for note in notes if note]


def caveat_line(
    told: Mapping[str, Mapping[str, Any]], labels: Labels, *, without_serial: bool = False
) -> str:
    """Return the caveats of one estimate as a note above a figure, on a map or a page.

    Parameters
    ----------
    told : mapping of str to mapping
        As `caveat_notes` takes them.
    labels : Labels
        Words, with the names of units.
    without_serial : bool, default False
        Whether serial correlation is told elsewhere, of another covariance.

    Returns
    -------
    str
        Its sentences.
    """
    if without_serial:
        told = {column: {**found, "serial_p": None} for column, found in told.items()}
    return (" " if labels.language == "en" else "").join(caveat_notes(told, labels))


SERIAL_LEVEL = 0.05
"""Level of the test of serial correlation whose rejection is told."""


def _serial_caveat(told: Mapping[str, Mapping[str, Any]], labels: Labels) -> str:
    texts = [
        labels.text("note.serial_p", column=column, p=p_value(found["serial_p"], 3))
        for column, found in told.items()
        if found["serial_p"] is not None and found["serial_p"] < SERIAL_LEVEL
    ]
    return labels.text("caveat.serial", texts=joined(texts, labels)) if texts else ""


def _reference_caveats(
    told: Mapping[str, Mapping[str, Any]], df: Mapping[str, float], labels: Labels
) -> list[str]:
    columns: dict[float | None, list[str]] = {}
    for column, found in told.items():
        columns.setdefault(df.get(column, found["df"]), []).append(column)
    return [
        labels.text("caveat.reference.normal", columns=joined(named, labels))
        if degrees is None
        else labels.text("caveat.reference.t", columns=joined(named, labels), df=f"{degrees:g}")
        for degrees, named in columns.items()
    ]


def _influence_caveat(column: str, found: Mapping[str, Any], labels: Labels) -> str:
    return labels.text(
        "caveat.influence",
        column=column,
        unit=labels.unit(found["influential"]),
        share=f"{100 * found['share']:.0f}",
        term=labels.term(found["term"]),
        without=number(found["without"]["direct"], 3),
        whole=number(found["effects"]["direct"], 3),
    )


def _detectable_caveat(column: str, found: Mapping[str, Any], labels: Labels) -> str:
    return labels.text(
        "caveat.detectable",
        column=column,
        term=labels.term(found["term"]),
        size=f"{100 * (1 - found['level']):.0f}",
        power=f"{100 * found['power']:.0f}",
        **{component: number(value, 3) for component, value in found["detectable"].items()},
    )


def shared_denominators_note(shared: Mapping[str, Sequence[str]], labels: Labels) -> str:
    """Return the sentence on denominators that index and outcome share, or nothing.

    Parameters
    ----------
    shared : mapping of str to sequence of str
        Indicators by official series (`shuyi.indices.shared_denominators`).
    labels : Labels
        Words; a series without a label is named as it is.

    Returns
    -------
    str
        One sentence.
    """
    texts = [
        labels.text(
            "caveat.shared_series", series=label_or(labels, f"series.{name}", name), count=len(indicators)
        )
        for name, indicators in shared.items()
    ]
    return labels.text("caveat.shared", texts=joined(texts, labels)) if texts else ""


def answer_note(found: Mapping[str, Any], labels: Labels) -> str:
    """Return the answer of the paper in the language of a page.

    Parameters
    ----------
    found : mapping
        Content of results/answer.json.
    labels : Labels
        For the language.

    Returns
    -------
    str
        Its sentences.
    """
    return str(found["text"][labels.language])
