"""Frames of the analysis of endogeneity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.endogeneity.equations import (
    estimates_rows,
    least_squares_rows,
    parts_of,
    reduced_forms,
    sensitivity_rows,
    spatial_rows,
    survives,
    usable,
    weak_rows,
)
from shuyi.analyses.endogeneity.instruments import build_instrument, check_varies
from shuyi.analyses.headline import Headline, read_headline
from shuyi.errors import ShuyiError
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOGETHER = "together"
"""The set of all instruments."""
ESTIMATE_COLUMNS = [
    *("set", "equation", "term", "estimate", "std_error", "ci_low", "ci_high", "p_value", "detectable"),
    *("n", "T"),
]
TEST_COLUMNS = [
    *("set", "equation", "test", "term", "statistic", "df", "p_value", "critical", "low", "high"),
    *("shape", "reason"),
]


def instrument_sets(names: list[str]) -> dict[str, list[str]]:
    """Return the sets of instruments that are tried: each alone, and all together where there are several.

    Parameters
    ----------
    names : list of str
        Instruments.

    Returns
    -------
    dict of str to list of str
        Instruments by name of the set.

    Examples
    --------
    >>> from shuyi.analyses.endogeneity.frames import instrument_sets
    >>> instrument_sets(["a", "b"])
    {'a': ['a'], 'b': ['b'], 'together': ['a', 'b']}
    """
    alone = {name: [name] for name in names}
    return alone | {TOGETHER: list(names)} if len(names) > 1 else alone


def endogeneity_frames(
    headline: Headline,
    term: str,
    instruments: Mapping[str, NDArray],
    reasons: Mapping[str, str],
    *,
    direct: list[float],
    compared: list[str],
) -> dict[str, pd.DataFrame]:
    """Return estimates, tests, verdicts and sensitivity.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The endogenous regressor.
    instruments : mapping of str to ndarray, shape (T, n)
        Those that could be built.
    reasons : mapping of str to str
        Why others could not.
    direct : list of float
        Largest direct effects of one standard deviation of an instrument on the outcome.
    compared : list of str
        Controls that an omitted variable is compared with.

    Returns
    -------
    dict of str to DataFrame
        ``estimates``, ``tests``, ``verdicts`` (set, survives, reason), ``sensitivity``.
    """
    rows = [
        {**row, "n": headline.panel.n, "T": headline.panel.T} for row in least_squares_rows(headline, term)
    ]
    tests: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = [
        {"set": name, "survives": False, "reason": reason} for name, reason in reasons.items()
    ]
    for name, members in instrument_sets(list(instruments)).items():
        try:
            found = _of_set(headline, term, {m: instruments[m] for m in members}, name, direct)
        except ShuyiError as error:
            verdicts.append({"set": name, "survives": False, "reason": " ".join(str(error).split())})
            continue
        rows += found[0]
        tests += found[1]
        verdicts.append({"set": name, "survives": survives(found[1], name), "reason": ""})
    parts = parts_of(headline, term)
    return {
        "estimates": pd.DataFrame(rows, columns=ESTIMATE_COLUMNS),
        "tests": pd.DataFrame(tests, columns=TEST_COLUMNS),
        "verdicts": pd.DataFrame(verdicts, columns=["set", "survives", "reason"]),
        "sensitivity": pd.DataFrame(sensitivity_rows(parts, term, compared)),
    }


def _of_set(
    headline: Headline, term: str, instruments: Mapping[str, NDArray], name: str, direct: list[float]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return estimates and tests of one set of instruments, on the periods that all of them have."""
    periods = usable(headline.panel, instruments)
    start = headline.panel.T - len(periods)
    cut = on_periods(headline, periods)
    kept = {key: values[start:] for key, values in instruments.items()}
    effects = headline.specification.effects
    for key, values in kept.items():
        check_varies(values, key, effects)
    parts = parts_of(cut, term)
    forms = reduced_forms(parts, cut, term, kept)
    spreads = [float(within(v, effects).std()) for v in kept.values()]
    spatial, diagnostics = spatial_rows(cut, term, kept, name)
    sizes = {"n": cut.panel.n, "T": cut.panel.T}
    rows = [{**row, **sizes} for row in (*estimates_rows(cut, term, forms, name), *spatial)]
    return rows, [*weak_rows(cut, forms, name, direct=direct, spreads=spreads), *diagnostics]


def on_periods(headline: Headline, periods: list[Any]) -> Headline:
    """Return the headline on some of its periods.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    periods : list
        Periods that stay.

    Returns
    -------
    Headline
        With the same weights.
    """
    return headline._replace(panel=headline.panel.select(periods=periods))


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis.

    Parameters
    ----------
    sources : Sources
        Its input files.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper.

    Returns
    -------
    dict of str to DataFrame
        See `endogeneity_frames`.
    """
    headline = read_headline(sources, settings)
    spec = replace(headline.specification, covariance="cluster_jackknife")
    built: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for name, entry in settings["instruments"].items():
        try:
            built[name] = build_instrument(entry, headline.panel, places.coordinates)
        except ShuyiError as error:
            reasons[name] = " ".join(str(error).split())
    return endogeneity_frames(
        headline._replace(specification=spec),
        settings["term"],
        built,
        reasons,
        direct=list(settings["direct_effects"]),
        compared=list(settings["benchmarks"]),
    )
