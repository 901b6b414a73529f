"""Sentences below tables: sample, weights, islands, convention, covariance, draws, seed, source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.errors import DataError
from shuyi.publish.numbers import TableOptions, count, number
from shuyi.regions import EVERY, in_order

if TYPE_CHECKING:
    from shuyi.panel import Panel
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights


def region_name(region: str, labels: Labels) -> str:
    """Return the printed name of a region, or of all provinces together."""
    return labels.text(f"distribution.region.{region}")


def regions_note(frame: pd.DataFrame, labels: Labels) -> str:
    """Return which scheme the regions come from, with the number of provinces of each.

    Parameters
    ----------
    frame : DataFrame
        Columns region_scheme, region and n_units.

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
    """Return the sample of a frame of units and periods, and the source."""
    periods = sorted(int(p) for p in frame["period"].unique())
    return [sample_note(frame["unit"].nunique(), periods, labels), source_note(labels)]


def label_or(labels: Labels, key: str, fallback: str) -> str:
    """Return the text of a key, or the fallback for names that users bring."""
    return labels.texts.get(key, fallback)


def unit_text(unit: str, labels: Labels) -> str:
    """Return the unit of a variable as printed, also of logarithms and at prices of a year.

    Parameters
    ----------
    unit : str
        As the panel holds it.
    labels : Labels

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
    """Return a list in the language's punctuation."""
    return labels.text("table.list_separator").join(items)


def sample_note(n: int, periods: Sequence[int], labels: Labels, *, observations: int | None = None) -> str:
    """Return how many units, periods and observations there are."""
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
    """
    columns: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for column, (n, periods) in sizes.items():
        columns.setdefault((n, tuple(periods)), []).append(column)
    notes = [(sample_note(n, periods, labels), named) for (n, periods), named in columns.items()]
    if len(notes) == 1:
        return [notes[0][0]]
    return [labels.text("note.columns", columns=joined(named, labels), note=note) for note, named in notes]


def panel_note(panel: Panel, labels: Labels) -> str:
    """Return the sample of a panel."""
    return sample_note(panel.n, panel.periods, labels)


def weights_notes(name: str, weights: Weights, labels: Labels) -> list[str]:
    """Return which weights, how they are normalised, which links were added and what islands there are.

    Parameters
    ----------
    name : str
        Key of the weights in the configuration.
    weights : Weights
    labels : Labels
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
    """Return the label of the weights: by their key, else by their kind and key."""
    kind = label_or(labels, f"weights.kind.{weights.kind}", weights.kind)
    return label_or(labels, f"weights.{name}", f"{kind} ({name})")


def islands_notes(weights: Weights, labels: Labels) -> list[str]:
    """Return the rule for units without neighbours and what it did."""
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
    """Return what stands in parentheses."""
    return labels.text(f"note.parentheses.{options.uncertainty}")


def stars_note(options: TableOptions, labels: Labels) -> str:
    """Return the levels of the stars, or nothing where there are none."""
    if not options.stars:
        return ""
    levels = [f"{'*' * (i + 1)} p < {level:g}" for i, level in enumerate(options.stars)]
    return labels.text("note.stars", levels=joined(levels, labels))


def simulation_notes(draws: int, seed: int, labels: Labels, *, outside: float) -> list[str]:
    """Return the number of draws, the seed and the share of draws outside the admissible interval."""
    return [
        labels.text("note.simulation", draws=count(draws), seed=seed),
        labels.text("note.outside", share=number(100 * outside, 1)),
    ]


def source_note(labels: Labels) -> str:
    """Return the source of all figures."""
    return labels.text("note.source")


def literature_note(sources: Sequence[str], labels: Labels) -> str:
    """Return what the sources of the literature are that a table names by letter and number.

    Parameters
    ----------
    sources : sequence of str
        ``S0`` to ``S4``, in any order and perhaps repeated.
    labels : Labels

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
    """
    notes = []
    if facts.get("outcome"):
        notes.append(labels.text("note.outcome", outcome=labels.term(facts["outcome"])))
    for kind in ("effects", "correction", "covariance"):
        if facts.get(kind):
            notes.append(labels.text(f"note.{kind}", text=labels.text(f"{kind}.{facts[kind]}")))
    return notes
