"""What the page holds, as plain data in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Page
from shuyi.analyses.explorer.responses import (
    Drawn,
    drawn_parameters,
    material,
    rises_of,
    scenario_frame,
)
from shuyi.analyses.explorer.settings import ID
from shuyi.analyses.explorer.specifications import (
    all_estimates,
    curve_frame,
    estimates_record,
    robustness_frame,
    sheet_frame,
    verdicts_frame,
)
from shuyi.analyses.explorer.variables import sorted_names, variable_record
from shuyi.analyses.ledger.frames import within_deviation
from shuyi.analyses.robustness.tables import variant_name
from shuyi.analyses.tiers.classification import TIERS
from shuyi.errors import ConfigError, did_you_mean
from shuyi.indices import INDEX
from shuyi.publish.explorer import map_record
from shuyi.publish.notes import (
    caveat_notes,
    estimation_notes,
    label_or,
    region_name,
    sample_note,
    source_note,
)
from shuyi.publish.style import CATEGORICAL, colours
from shuyi.regions import in_order
from shuyi.spatialpanel import Specification

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.base import Sources
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights

WORDS = ("map.no_data", "map.north", "map.km", "map.inset", "map.class", "map.projection")
"""Labels beside those of its own that the page prints."""
RESPONSE_CLASSES = 6
CLUSTERS = "clusters"


@dataclass(frozen=True, eq=False)
class Contents:
    """What the page and the table beside it hold.

    Parameters
    ----------
    record : mapping
        Plain data for the page.
    scenarios : DataFrame
        Responses to the configured scenarios (`responses.scenario_frame`); empty without a ledger.
    """

    record: Mapping[str, Any]
    scenarios: pd.DataFrame


def contents(pages: Sequence[Page]) -> Contents:
    """Return what the page holds.

    Parameters
    ----------
    pages : sequence of Page
        One per language, that of the run first.

    Returns
    -------
    Contents
        Numbers in full precision.
    """
    import pandas as pd

    first, words = pages[0], [page.labels for page in pages]
    p, sources = first.settings, first.sources
    panel, weights = sources.panel("panel"), sources.all_weights("weights", p["weights"])
    groups = groups_of(first, panel.units)
    decimals = first.options.decimals
    record: dict[str, Any] = {
        "languages": [labels.language for labels in words],
        "texts": {labels.language: _texts(labels) for labels in words},
        "decimals": decimals,
        "units": list(panel.units),
        "names": {page.labels.language: dict(page.names) for page in pages},
        "periods": list(panel.periods),
        "variables": [
            variable_record(panel, name, p["maps"], words, decimals)
            for name in sorted_names(panel, [INDEX, *p["variables"]])
        ],
        "weights": [
            {"id": name, "label": _named(words, "weights.", name), "rows": matrix.to_dense().tolist()}
            for name, matrix in weights.items()
        ],
        "groups": [_group_record(kind, members, words) for kind, members in groups.items()],
        "map": map_record([page.basemap for page in pages], words),
        "headline": {
            "weights": _named(words, "weights.", _headline(p)["weights"]),
            "covariance": _named(words, "covariance.", _headline(p)["covariance"]),
        },
        "specifications": _specifications_record(sources, p, words),
        "notes": {labels.language: _notes(sources, p, labels) for labels in words},
        "palette": {
            "diverging": list(colours("diverging", RESPONSE_CLASSES)),
            "categorical": list(CATEGORICAL),
        },
    }
    if "ledger" not in p["parts"]:
        return Contents(record, pd.DataFrame())
    return _with_model(record, sources, p, weights, groups, words)


def groups_of(page: Page, units: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Return sets of units by name, kind by kind: regions, tiers of the last year, clusters.

    Parameters
    ----------
    page : Page
        For the places, and for the tiers of a run that has them.
    units : sequence of str
        All units.

    Returns
    -------
    dict of str to dict
        Members by group by kind; a unit may be in none.
    """
    found = {"region": _members(page.places.grouping(page.settings["regions"], units).region_of)}
    if "ledger" in page.settings["parts"]:
        tiers = page.sources.frame("tiers")
        last = tiers[tiers["period"] == tiers["period"].max()]
        tier = dict(zip(last["unit"], last["tier"], strict=True))
        found["tier"] = {name: [u for u in units if tier.get(u) == name] for name in TIERS}
    if CLUSTERS in page.places.schemes:
        found["cluster"] = _members(page.places.grouping(CLUSTERS, units).region_of)
    return found


def _members(region_of: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [u for u, r in region_of.items() if r == name] for name in in_order(region_of.values())}


def _group_record(kind: str, members: Mapping[str, Sequence[str]], words: Sequence[Labels]) -> dict[str, Any]:
    def name(group: str, labels: Labels) -> str:
        return labels.text(f"tier.{group}") if kind == "tier" else region_name(group, labels)

    return {
        "id": kind,
        "label": {labels.language: labels.text(f"explorer.grouping.{kind}") for labels in words},
        "groups": [
            {"id": group, "label": {w.language: name(group, w) for w in words}, "units": list(units)}
            for group, units in members.items()
        ],
    }


def _texts(labels: Labels) -> dict[str, str]:
    return {key: text for key, text in labels.texts.items() if key in WORDS or key.startswith(f"{ID}.")}


def _named(words: Sequence[Labels], family: str, name: str) -> dict[str, str]:
    return {labels.language: label_or(labels, f"{family}{name}", name) for labels in words}


def _notes(sources: Sources, p: Mapping[str, Any], labels: Labels) -> dict[str, list[str]]:
    """Return what stands beneath the views: of figures, and of estimates with their caveats."""
    headline = _headline(p)
    told = {headline["column"]: sources.data("told")}
    fit = sources.fits("fits", [row["id"] for row in p["sheet"]])[headline["id"]]
    about = [
        sample_note(fit.n, fit.periods, labels),
        *estimation_notes({**headline, "covariance": ""}, labels),
        *caveat_notes(told, labels),
    ]
    return {"figures": [source_note(labels)], "estimates": [*about, source_note(labels)]}


def _headline(p: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(row for row in p["sheet"] if row["id"] == p["headline"])


def _with_model(
    record: dict[str, Any],
    sources: Sources,
    p: Mapping[str, Any],
    weights: Mapping[str, Weights],
    groups: Mapping[str, Mapping[str, Sequence[str]]],
    words: Sequence[Labels],
) -> Contents:
    """Return the record with the estimates, their draws and the scenarios."""
    import pandas as pd

    headline = _headline(p)
    specification = Specification.from_row(headline)
    drawn = drawn_parameters(sources.frame("parameters"), specification, draws=p["draws"], seed=p["seed"])
    if not drawn:
        return Contents(record, pd.DataFrame())
    panel = sources.panel("panel")
    cut = panel.select(units=[unit for unit in panel.units if unit not in p["excluded"]])
    own = {each.weights: weights[each.weights].subset(cut.units) for each in drawn}
    rises = {term: within_deviation(cut[term]) for term in drawn[0].at.terms}
    sets = scenarios_of(p["scenarios"], groups)
    model = material(drawn, own, p["level"]) | {
        "rises": rises,
        "term": p["term"],
        "outcome": {labels.language: labels.term(headline["outcome"]) for labels in words},
        "labels": {term: {w.language: w.term(term) for w in words} for term in rises},
        "covariances": {kind: _named(words, "covariance.", kind) for kind in {e.covariance for e in drawn}},
        "default": {"weights": headline["weights"], "covariance": p["covariance"]},
        "scenarios": [
            {"id": name, "label": _named(words, "explorer.scenario.", name), **entry}
            for name, entry in sets.items()
        ],
    }
    return Contents({**record, "model": model}, _scenario_frames(drawn, own, rises, sets, p))


def _scenario_frames(
    drawn: Sequence[Drawn],
    weights: Mapping[str, Weights],
    rises: Mapping[str, float],
    sets: Mapping[str, Mapping[str, Any]],
    p: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the responses to every scenario in the headline, as far as it is identified."""
    import pandas as pd

    term, headline = p["term"], _headline(p)["weights"]
    parts = [
        scenario_frame(
            name,
            rises_of(entry["units"], weights[headline].labels, rises[term], entry["shared"]),
            each,
            weights[headline],
            term,
            p["level"],
        )
        for name, entry in sets.items()
        for each in drawn
        if (each.weights, each.covariance) == (headline, p["covariance"])
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def scenarios_of(
    configured: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Mapping[str, Sequence[str]]]
) -> dict[str, dict[str, Any]]:
    """Return the units of each configured scenario, and whether one amount is shared among them.

    Parameters
    ----------
    configured : mapping of str to mapping
        ``grouping``, ``group`` and ``shared`` by name.
    groups : mapping of str to mapping
        As `groups_of` returns them.

    Returns
    -------
    dict of str to dict
        ``units`` and ``shared`` by name.

    Raises
    ------
    ConfigError
        If there is no such grouping or group.
    """
    found = {}
    for name, entry in configured.items():
        kind, group = entry["grouping"], entry["group"]
        known = groups.get(kind, {})
        if group not in known:
            raise ConfigError(
                f"The scenario {name!r} names a group that there is not.",
                expected=f"one of {', '.join(known)}" if known else f"one of {', '.join(groups)}",
                found=f"{kind}: {group}",
                remedy=did_you_mean(group, known) or "correct explorer.scenarios in config/config.yaml",
            )
        found[name] = {"units": list(known[group]), "shared": bool(entry["shared"])}
    return found


def _specifications_record(
    sources: Sources, p: Mapping[str, Any], words: Sequence[Labels]
) -> list[dict[str, Any]]:
    """Return the lists of estimates: the specification curve where it is on, and those of the tables."""
    lists = {"curve": curve_frame(sources.frame("curve"), p["term"])} if "curve" in p["parts"] else {}
    lists["tables"] = _estimates(sources, p)
    found = [estimates_record(name, frame, p["term"]) for name, frame in lists.items()]
    for record in found:
        record["label"] = _named(words, "explorer.estimates.", record["id"])
        record["note"] = {labels.language: labels.text(f"explorer.note.{record['id']}") for labels in words}
        for choice, entry in record["choices"].items():
            entry["names"] = {
                labels.language: [choice_name(choice, level, labels) for level in entry["levels"]]
                for labels in words
            }
    return found


def _estimates(sources: Sources, p: Mapping[str, Any]) -> pd.DataFrame:
    """Return the estimates that the tables print."""
    headline, scheme, term = _headline(p), p["index"]["scheme"], p["term"]
    ids = [row["id"] for row in p["sheet"]]
    effects = sources.listed("effects", p["with_effects"])
    parts = [sheet_frame(p["sheet"], effects, sources.fits("fits", ids), scheme, p["level"])]
    if "ledger" in p["parts"]:
        parts.append(verdicts_frame(sources.frame("verdicts"), headline, scheme, term, p["level"]))
    if "robustness" in p["parts"]:
        parts.append(robustness_frame(sources.frame("robustness"), headline, scheme, term))
    return all_estimates(parts)


def choice_name(choice: str, value: str, labels: Labels) -> str:
    """Return how a choice of a specification is printed.

    Parameters
    ----------
    choice : str
        What was chosen among, such as ``weights``.
    value : str
        What was chosen.
    labels : Labels
        Words in the language of the page.

    Returns
    -------
    str
        A value without a label is printed as it is.
    """
    if choice in ("outcome", "term"):
        return labels.term(value)
    if choice == "model":
        return value.upper()
    if choice == "component":
        return labels.text(f"effects.{value}")
    if choice == "data":
        variant, _, unit = value.partition(" ")
        return variant_name(variant, unit, labels)
    return label_or(labels, f"{FAMILIES[choice]}{value}", value)


FAMILIES = {
    "source": "explorer.source.",
    "weights": "weights.",
    "effects": "effects.",
    "index": "scheme.",
    "sample": "explorer.sample.",
    "weighting": "explorer.weighting.",
    "controls": "explorer.controls.",
    "covariance": "covariance.",
}
"""Families of labels of the choices."""
