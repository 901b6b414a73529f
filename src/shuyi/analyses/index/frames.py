"""Every index scheme under every weighting: scores, why some were not run, and how far their ranks agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.index.rankings import RankIntervals, Resample, rank_intervals, rank_stability, ranks
from shuyi.data.series import Caveat, caveats_from
from shuyi.errors import DataError
from shuyi.indices import (
    INDEX,
    SERIES_ONLY,
    WEIGHTINGS,
    IndexResult,
    Scheme,
    Weighting,
    check_no_overlap,
    compute_index,
    load_scheme,
)
from shuyi.publish.labels import label_rows

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.data.derivations import Derivations
    from shuyi.panel import Panel


SIGNED = "pca"
"""The weighting whose weights may be negative, so that no distribution around them is on the simplex."""
FALLBACK: Weighting = "equal"


@dataclass(frozen=True)
class NotRun:
    """A scheme under a weighting that could not be computed.

    Parameters
    ----------
    scheme, weighting : str
        Ids of scheme and weighting.
    missing : tuple of str
        Columns that the panel lacks; empty where another reason stands.
    reason : str
        What the index said; empty where columns are missing.
    """

    scheme: str
    weighting: str
    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, eq=False)
class SchemeRuns:
    """The indices of several schemes and weightings over one panel.

    Parameters
    ----------
    schemes : tuple of Scheme
        Every scheme, whether it could be computed or not.
    results : mapping of (str, str) to IndexResult
        By scheme and weighting.
    not_run : tuple of NotRun
        What could not be computed.
    overlaps : mapping of str to str
        Why a scheme cannot stand beside the outcome and the controls; empty text where it can.
    """

    schemes: tuple[Scheme, ...]
    results: Mapping[tuple[str, str], IndexResult]
    not_run: tuple[NotRun, ...]
    overlaps: Mapping[str, str]

    def scores_frame(self) -> pd.DataFrame:
        """Return one row per scheme, weighting, unit and period.

        Returns
        -------
        DataFrame
            Columns score and rank within the period.
        """
        import pandas as pd

        frames = [
            found.scores_frame()[["unit", "period"]].assign(
                scheme=scheme,
                weighting=weighting,
                score=found.scores.T.ravel(),
                rank=ranks(found.scores).T.ravel(),
            )
            for (scheme, weighting), found in self.results.items()
        ]
        columns = ["scheme", "weighting", "unit", "period", "score", "rank"]
        return pd.concat(frames, ignore_index=True)[columns]

    def stability_frame(self, top: int) -> pd.DataFrame:
        """Return `rankings.RankStability.to_frame` of all pairs; scorings are called ``scheme/weighting``.

        Without a second scoring the frame is empty.

        Parameters
        ----------
        top : int
            Number of first and last places compared.

        Returns
        -------
        DataFrame
            Columns of `rankings.Agreement`.
        """
        import pandas as pd

        if len(self.results) < 2:
            return pd.DataFrame(columns=["period", "first", "second", "spearman", "kendall"])
        labels = next(iter(self.results.values())).indicators
        scorings = {f"{scheme}/{weighting}": r.scores for (scheme, weighting), r in self.results.items()}
        return rank_stability(scorings, units=labels.units, periods=labels.periods, top=top).to_frame()

    def summary_frame(self) -> pd.DataFrame:
        """Return one row per scheme and weighting: whether it was run, its size and its diagnostics.

        Returns
        -------
        DataFrame
            Columns scheme, weighting, status (``run`` or ``not_run``), missing (columns, joined by spaces),
            reason, overlap, dimensions, indicators, assumed_cells, mean, sd (divisor N), components,
            explained_share, kmo, bartlett, bartlett_df, bartlett_p (NaN but for principal components).
        """
        import pandas as pd

        failed = {(entry.scheme, entry.weighting): entry for entry in self.not_run}
        rows = [
            self._summary(scheme, weighting, failed.get((scheme.id, weighting)))
            for scheme in self.schemes
            for weighting in WEIGHTINGS
        ]
        return pd.DataFrame(rows)

    def _summary(self, scheme: Scheme, weighting: str, failed: NotRun | None) -> dict[str, Any]:
        about = {
            "scheme": scheme.id,
            "weighting": weighting,
            "status": "run" if failed is None else "not_run",
            "missing": " ".join(failed.missing) if failed else "",
            "reason": failed.reason if failed else "",
            "overlap": self.overlaps[scheme.id],
            "dimensions": len(scheme.dimensions),
            "indicators": len(scheme.indicators),
        }
        found = self.results.get((scheme.id, weighting))
        diagnostics = found.diagnostics if found else {}
        numbers = {
            "assumed_cells": float(len(found.assumed)) if found else np.nan,
            "mean": float(found.scores.mean()) if found else np.nan,
            "sd": float(found.scores.std()) if found else np.nan,
        }
        names = ("components", "explained_share", "kmo", "bartlett", "bartlett_df", "bartlett_p")
        return about | numbers | {name: diagnostics.get(name, np.nan) for name in names}

    def labels_frame(self) -> pd.DataFrame:
        """Return the titles of the schemes as rows of labels (``scheme.ID``).

        Returns
        -------
        DataFrame
            Columns key, en and zh.
        """
        return label_rows((f"scheme.{scheme.id}", scheme.title) for scheme in self.schemes)


def run_schemes(
    schemes: Sequence[Scheme],
    panel: Panel,
    *,
    caveats: Sequence[Caveat],
    variables: Sequence[str] = (),
    derivations: Derivations = SERIES_ONLY,
) -> SchemeRuns:
    """Compute every scheme under every weighting; what cannot be computed is listed with its reason.

    Parameters
    ----------
    schemes : sequence of Scheme
        Schemes, in order.
    panel : Panel
        Balanced panel that holds the variables.
    caveats : sequence of Caveat
        Breaks of the series, see `shuyi.indices.compute_index`.
    variables : sequence of str, default empty
        Outcome and controls, which a scheme that is to explain the outcome must not measure too.
    derivations : Derivations, default `SERIES_ONLY`
        From which series the panel's variables follow.

    Returns
    -------
    SchemeRuns
        The indices, and why the others could not be computed.
    """
    results: dict[tuple[str, str], IndexResult] = {}
    not_run = []
    for scheme in schemes:
        needed = dict.fromkeys(c for i in scheme.indicators for c in i.columns())
        missing = tuple(c for c in needed if c not in panel.variables)
        for weighting in WEIGHTINGS:
            if missing:
                not_run.append(NotRun(scheme.id, weighting, missing, ""))
                continue
            try:
                results[scheme.id, weighting] = compute_index(
                    scheme, panel, weighting=weighting, caveats=caveats, derivations=derivations
                )
            except DataError as error:
                not_run.append(NotRun(scheme.id, weighting, (), _one_line(error)))
    overlaps = {scheme.id: _overlap(scheme, variables, derivations) for scheme in schemes}
    return SchemeRuns(tuple(schemes), results, tuple(not_run), overlaps)


def intervals_of(
    runs: SchemeRuns,
    scheme: str,
    weighting: Weighting,
    *,
    resample: Resample,
    draws: int,
    seed: int,
    concentration: float,
    confidence: float,
) -> tuple[Weighting, RankIntervals]:
    """Return the rank intervals of one scheme and the weighting that they rest on.

    Weights of principal components may be negative and have no distribution on the simplex; there the
    intervals are those of equal weights.

    Parameters
    ----------
    runs : SchemeRuns
        Results of the schemes.
    scheme : str
        Id of the scheme.
    weighting : {"entropy", "critic", "pca", "equal"}
        Weighting of the index.
    resample : {"weights", "indicators", "both"}
        What is drawn anew: weights, indicators or both.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    concentration : float
        Concentration of the drawn weights around the given ones.
    confidence : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    (str, RankIntervals)
        The weighting used, and the intervals.

    Raises
    ------
    DataError
        If the scheme was not run, with the reason.
    """
    used: Weighting = FALLBACK if weighting == SIGNED else weighting
    if (scheme, used) not in runs.results:
        entry = next(e for e in runs.not_run if (e.scheme, e.weighting) == (scheme, used))
        found = entry.reason or f"missing: {', '.join(entry.missing)}"
        raise DataError(f"The index scheme {scheme!r} has no ranks.", found=found)
    result = runs.results[scheme, used]
    return used, rank_intervals(
        result.normalised,
        result.weights,
        units=result.indicators.units,
        periods=result.indicators.periods,
        resample=resample,
        draws=draws,
        seed=seed,
        concentration=concentration,
        confidence=confidence,
    )


def scheme_frames(
    runs: SchemeRuns,
    scheme: str,
    weighting: Weighting,
    *,
    top: int,
    resample: Resample,
    draws: int,
    seed: int,
    concentration: float,
    confidence: float,
) -> dict[str, pd.DataFrame]:
    """Return all frames of the schemes: ``scores``, ``summary``, ``stability``, ``intervals``, ``labels``.

    Parameters
    ----------
    runs : SchemeRuns
        Results of the schemes.
    scheme, weighting : str
        Those of the paper's index, whose ranks the intervals are of.
    top, resample, draws, seed, concentration, confidence
        As in `shuyi.analyses.index.rankings`.

    Returns
    -------
    dict of str to DataFrame
        Frame by name.
    """
    used, found = intervals_of(
        runs,
        scheme,
        weighting,
        resample=resample,
        draws=draws,
        seed=seed,
        concentration=concentration,
        confidence=confidence,
    )
    return {
        "scores": runs.scores_frame(),
        "summary": runs.summary_frame(),
        "stability": runs.stability_frame(top),
        "intervals": found.to_frame().assign(scheme=scheme, weighting=used),
        "labels": runs.labels_frame(),
    }


def _overlap(scheme: Scheme, variables: Sequence[str], derivations: Derivations) -> str:
    try:
        check_no_overlap(scheme, variables, derivations)
    except DataError as error:
        return _one_line(error)
    return ""


def _one_line(error: DataError) -> str:
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `scheme_frames`).

    Parameters
    ----------
    sources : Sources
        Files that the analysis reads, by name.
    settings : mapping
        As the declaration of the analysis gives them.
    places : Places
        Names and groupings of the units.

    Returns
    -------
    dict of str to DataFrame
        Frame by name.
    """
    schema, p = sources.data("schema"), settings
    runs = run_schemes(
        [load_scheme(raw, schema, file=path) for path, raw in sources.all_data("schemes").items()],
        sources.panel("panel"),
        caveats=caveats_from(sources.text_frame("caveats"), places.codes),
        variables=[v for v in p["variables"] if v != INDEX],
        derivations=sources.derivations(),
    )
    return scheme_frames(runs, **p["index"], **p["rankings"], seed=p["seed"])
