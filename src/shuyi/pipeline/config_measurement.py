"""Cross-checks of the configuration's sections coordination, tiers, ledger, rankings and industry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shuyi.schema import Problem, dotted, unknown_name

SECTIONS = ("coordination", "tiers", "ledger", "industry")
"""Sections that the checks read; the schema alone says what `rankings` may hold."""


def check_measurement(
    config: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    *,
    sets: Sequence[str] | None = None,
    dimensions: Sequence[str] | None = None,
    file: str = "config/config.yaml",
) -> list[Problem]:
    """Check that sets, years, axes, the ledger's term and weights exist.

    Parameters
    ----------
    config : mapping
        A configuration that passed the schema.
    rows : sequence of mapping
        The specification sheet as text.
    sets : sequence of str, optional
        Ids of the sets of systems; without them the sets are not checked here.
    dimensions : sequence of str, optional
        Dimensions of the configured index scheme; without them the axes are not checked here.
    file : str
        Name for messages.
    """
    return [
        *_check_years(config, file),
        *_check_names(config, rows, sets, file),
        *(_check_axes(config, dimensions, file) if dimensions is not None else ()),
        *_check_quantiles(config, file),
    ]


def _check_years(config: Mapping[str, Any], file: str) -> list[Problem]:
    first, last = config["panel"]["first_year"], config["panel"]["last_year"]
    return [
        Problem(file, f"{section}.years", str(year), f"years of the panel, {first} to {last}")
        for section in ("coordination", "tiers")
        for year in config[section]["years"]
        if not first <= year <= last
    ]


def _check_names(
    config: Mapping[str, Any], rows: Sequence[Mapping[str, str]], sets: Sequence[str] | None, file: str
) -> list[Problem]:
    weights = tuple(config["weights"])
    headline = next((r for r in rows if r.get("id") == config["estimation"]["headline"]), None)
    named: list[tuple[tuple[Any, ...], str, Sequence[str]]] = [
        (("ledger", "weights", i), name, weights) for i, name in enumerate(config["ledger"]["weights"])
    ]
    named.append((("industry", "neighbours"), config["industry"]["neighbours"], weights))
    if headline is not None:
        named.append((("ledger", "term"), config["ledger"]["term"], headline.get("regressors", "").split()))
    if sets is not None:
        named += [
            (("coordination", "sets", i), name, sets) for i, name in enumerate(config["coordination"]["sets"])
        ]
    return [
        unknown_name(file, dotted(path), name, allowed, path)
        for path, name, allowed in named
        if name not in allowed
    ]


def _check_axes(config: Mapping[str, Any], dimensions: Sequence[str], file: str) -> list[Problem]:
    scheme = config["index"]["scheme"]
    axes = config["tiers"]["axes"].get(scheme)
    if axes is None:
        allowed = f"an entry for the index scheme {scheme}: x and y, each a list of {', '.join(dimensions)}"
        return [Problem(file, "tiers.axes", ", ".join(config["tiers"]["axes"]) or "empty", allowed)]
    paths = [(("tiers", "axes", scheme, axis, i), name) for axis in "xy" for i, name in enumerate(axes[axis])]
    problems = [
        unknown_name(file, dotted(path), name, dimensions, path)
        for path, name in paths
        if name not in dimensions
    ]
    return problems + [
        Problem(file, f"tiers.axes.{scheme}", f"{name} on both axes", "each dimension on one axis")
        for name in axes["x"]
        if name in axes["y"]
    ]


def _check_quantiles(config: Mapping[str, Any], file: str) -> list[Problem]:
    lower, upper = config["tiers"]["quantiles"]
    if lower < upper:
        return []
    return [Problem(file, "tiers.quantiles", f"{lower}, {upper}", "a lower quantile below the upper")]
