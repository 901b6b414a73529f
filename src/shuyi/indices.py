"""Composite indices: schemes as data, scaling, and four weightings.

Indicators are ratios scaled to [0, 1] with one always the better end; an index is their weighted sum and lies
in [0, 1] as well (no unit). Formulas: entropy after Shannon (1948) over the pooled panel, CRITIC after
Diakoulaki, Mavrotas and Papayannakis (1995), principal components with eigenvalue above one (Kaiser 1960).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.data.derivations import Derivations
from shuyi.data.series import Caveat, break_years
from shuyi.errors import DataError, check_known, did_you_mean, offenders
from shuyi.panel import Panel, stack
from shuyi.schema import Problem, check_config, raise_problems, with_whole_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Weighting = Literal["entropy", "critic", "pca", "equal"]
WEIGHTINGS: tuple[Weighting, ...] = ("entropy", "critic", "pca", "equal")

INDEX = "digital"
"""Name of the index as a panel variable; sub-scores are ``digital_<dimension>``."""

MEASURE = "index, 0 to 1"
"""Unit of measurement of the index and its sub-scores."""

SERIES_ONLY = Derivations()
"""No variable is derived from another: each is a series of its own."""

KAISER = 1.0
"""Components of the correlation matrix with a larger eigenvalue are kept (Kaiser 1960)."""

ROUNDING = 1e-12
"""Sum of CRITIC's information below which only rounding is left."""

DIRECTION = 1e-9
"""Sum of loadings, or distance of eigenvalues, that is nothing but rounding."""

MAX_CONDITION = 1e12
"""Condition number of the correlation matrix beyond which its inverse carries no digits."""


@dataclass(frozen=True)
class ZeroRule:
    """The empty cells of one province that count as zero, by year (both ends included).

    Parameters
    ----------
    province : str
        Code of the province, as the panel names it.
    first_year, last_year : int
        Years of the rule, both included.
    """

    province: str
    first_year: int
    last_year: int


@dataclass(frozen=True)
class Indicator:
    """One indicator: ``per`` × numerator / denominator, transformed, scaled and directed.

    Parameters
    ----------
    id : str
        Name of the indicator, once in a scheme.
    dimension : str
        Id of the dimension that it belongs to.
    title : mapping
        Text by language.
    numerator : str
        Panel variable above the line.
    denominator : str or None
        Panel variable below the line; None where the indicator is no ratio.
    per : float
        Factor of the ratio, e.g. 100 for a percentage.
    unit : str
        Unit of the ratio, factor included.
    sign : {"positive", "negative"}
        Whether more is better or worse.
    transform : {"none", "log"}
        What is done before scaling.
    scaling : {"pooled", "within_year"}
        Minimum and maximum of the whole panel, or of each year.
    zero : tuple of ZeroRule, default empty
        Empty cells of the numerator that count as zero.
    reason : str, default ""
        Why they do; needed where there is a zero rule.
    """

    id: str
    dimension: str
    title: Mapping[str, str]
    numerator: str
    denominator: str | None
    per: float
    unit: str
    sign: str
    transform: str
    scaling: str
    zero: tuple[ZeroRule, ...] = ()
    reason: str = ""

    def columns(self) -> tuple[str, ...]:
        """Return the panel variables that the indicator needs.

        Returns
        -------
        tuple of str
            Numerator and, where there is one, denominator.
        """
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)


@dataclass(frozen=True)
class Scheme:
    """A composite index as data.

    Parameters
    ----------
    id : str
        Name of the scheme.
    title : mapping of str to str
        Text by language.
    source : str
        Where the scheme is taken from.
    notes : tuple of mapping
        Remarks for readers, each by language.
    dimensions : mapping of str to mapping
        Title by language of every dimension, by id.
    indicators : tuple of Indicator
        Indicators, dimension by dimension.
    """

    id: str
    title: Mapping[str, str]
    source: str
    notes: tuple[Mapping[str, str], ...]
    dimensions: Mapping[str, Mapping[str, str]]
    indicators: tuple[Indicator, ...]

    def positions(self, dimension: str) -> list[int]:
        """Return the positions of a dimension's indicators.

        Parameters
        ----------
        dimension : str
            Id of a dimension.

        Returns
        -------
        list of int
            Positions in `indicators`.
        """
        return [j for j, indicator in enumerate(self.indicators) if indicator.dimension == dimension]

    def of(self, indicators: Sequence[str]) -> Scheme:
        """Return the scheme of some of its indicators; dimensions that keep none are left out.

        Parameters
        ----------
        indicators : sequence of str
            Their ids.

        Returns
        -------
        Scheme
            In the same order.

        Raises
        ------
        DataError
            If none of the indicators is the scheme's.
        """
        kept = tuple(i for i in self.indicators if i.id in indicators)
        if not kept:
            raise DataError(
                f"The index scheme {self.id!r} keeps no indicator.",
                expected=f"among {offenders([i.id for i in self.indicators], len(self.indicators))}",
                found=offenders(list(indicators)) or "none",
            )
        used = {i.dimension for i in kept}
        dimensions = {name: title for name, title in self.dimensions.items() if name in used}
        return replace(self, indicators=kept, dimensions=dimensions)

    def titles(self, language: str) -> dict[str, str]:
        """Return the names of the dimensions and indicators in a language, by id.

        Parameters
        ----------
        language : str
            Language of the names, ``"en"`` or ``"zh"``.

        Returns
        -------
        dict of str to str
            Name by id.
        """
        dimensions = {name: title[language] for name, title in self.dimensions.items()}
        return dimensions | {i.id: i.title[language] for i in self.indicators}


@dataclass(frozen=True)
class AssumedCell:
    """A cell that a zero rule of the scheme filled.

    Parameters
    ----------
    indicator : str
        Id of the indicator.
    series : str
        Panel variable whose empty cell counts as zero.
    unit : str
        Code of the province.
    year : int
        Year of the cell.
    reason : str
        Reason that the scheme gives.
    """

    indicator: str
    series: str
    unit: str
    year: int
    reason: str


@dataclass(frozen=True, eq=False)
class IndexResult:
    """An index with all that went into it.

    Parameters
    ----------
    scheme : Scheme
        What was computed.
    weighting : {"entropy", "critic", "pca", "equal"}
        How the weights were found.
    indicators : Panel
        Indicators before transformation and scaling, with their units.
    normalised : ndarray, shape (T, n, k)
        In [0, 1], one the better end.
    weights : ndarray, shape (k,)
        Sum to one; under ``pca`` signed, with absolute values that sum to one.
    entropy : ndarray, shape (k,)
        e_j of the normalised indicators, whatever the weighting.
    scores : ndarray, shape (T, n)
        In [0, 1].
    dimension_scores : ndarray, shape (T, n, D)
        In [0, 1], dimensions in the scheme's order.
    assumed : tuple of AssumedCell
        Cells that zero rules of the scheme filled.
    diagnostics : mapping of str to float, default empty
        Under ``pca``: components, explained share, KMO, Bartlett's statistic, degrees of freedom, p.
    """

    scheme: Scheme
    weighting: str
    indicators: Panel
    normalised: NDArray[np.float64]
    weights: NDArray[np.float64]
    entropy: NDArray[np.float64]
    scores: NDArray[np.float64]
    dimension_scores: NDArray[np.float64]
    assumed: tuple[AssumedCell, ...]
    diagnostics: Mapping[str, float] = field(default_factory=dict)

    @property
    def contributions(self) -> NDArray[np.float64]:
        """Weight times normalised indicator, shape (T, n, k).

        Their sum over indicators is the score, except under ``pca``, whose sum is rescaled to [0, 1].
        """
        return self.weights * self.normalised

    def dimension_weights(self) -> dict[str, float]:
        """Return the sum of the weights of each dimension.

        Returns
        -------
        dict of str to float
            By id of the dimension; they sum to one, except under ``pca``.
        """
        return {d: float(self.weights[self.scheme.positions(d)].sum()) for d in self.scheme.dimensions}

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Return the index and its sub-scores as panel variables of shape (T, n).

        Returns
        -------
        dict of str to ndarray
            `INDEX` first, then one sub-score per dimension.
        """
        subs = {f"{INDEX}_{d}": self.dimension_scores[:, :, j] for j, d in enumerate(self.scheme.dimensions)}
        return {INDEX: self.scores, **subs}

    def attach(self, panel: Panel) -> Panel:
        """Return the panel with the index and its sub-scores.

        Parameters
        ----------
        panel : Panel
            Panel of the same units and periods.

        Returns
        -------
        Panel
            With the variables of `columns` added or replaced, measured in `MEASURE`.

        Raises
        ------
        DataError
            If the panel has other units or periods.
        """
        if (panel.units, panel.periods) != (self.indicators.units, self.indicators.periods):
            raise DataError("The index was computed on other provinces or years than the panel holds.")
        columns = self.columns()
        return panel.with_variables(columns, dict.fromkeys(columns, MEASURE))

    def to_panel(self) -> Panel:
        """Return a panel of the index and its sub-scores alone.

        Returns
        -------
        Panel
            Units and periods of the indicators.
        """
        columns, labels = self.columns(), self.indicators
        measures = dict.fromkeys(columns, MEASURE)
        values = np.stack(list(columns.values()), axis=2)
        return Panel(values, labels.units, labels.periods, tuple(columns), labels.unit_names, measures)

    def scores_frame(self) -> pd.DataFrame:
        """Return the scores in long form: unit, period, the index and its sub-scores.

        Returns
        -------
        DataFrame
            One row per unit and period, units slow; scores in [0, 1].
        """
        return self.to_panel().to_frame().reset_index()

    def weights_frame(self) -> pd.DataFrame:
        """Return one row per indicator: dimension, recipe, unit, sign, scaling, entropy and weights.

        Returns
        -------
        DataFrame
            Columns dimension, indicator, numerator, denominator, per, unit, sign, transform, scaling,
            assumed_cells, entropy, weight and dimension_weight.
        """
        import pandas as pd

        by_dimension = self.dimension_weights()
        rows = [
            {
                "dimension": i.dimension,
                "indicator": i.id,
                "numerator": i.numerator,
                "denominator": i.denominator or "",
                "per": i.per,
                "unit": i.unit,
                "sign": i.sign,
                "transform": i.transform,
                "scaling": i.scaling,
                "assumed_cells": sum(cell.indicator == i.id for cell in self.assumed),
                "entropy": float(self.entropy[j]),
                "weight": float(self.weights[j]),
                "dimension_weight": by_dimension[i.dimension],
            }
            for j, i in enumerate(self.scheme.indicators)
        ]
        return pd.DataFrame(rows)

    def to_record(self) -> dict[str, Any]:
        """Return scheme, weighting, diagnostics and assumed cells as plain data for JSON.

        Returns
        -------
        dict
            Keys scheme, weighting, diagnostics and assumed_cells.
        """
        return {
            "scheme": self.scheme.id,
            "weighting": self.weighting,
            "diagnostics": dict(self.diagnostics),
            "assumed_cells": [asdict(cell) for cell in self.assumed],
        }


def load_scheme(raw: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = "index scheme") -> Scheme:
    """Return the scheme that a parsed YAML file describes.

    Parameters
    ----------
    raw, schema : mapping
        The parsed scheme and ``workflow/schemas/index_scheme.schema.yaml``.
    file : str, default "index scheme"
        Name for messages.

    Returns
    -------
    Scheme
        Indicators in the order of the file.

    Raises
    ------
    ConfigError
        Listing every departure from the schema, every repeated id and every zero rule without a reason.
    """
    problems = check_config(raw, schema, file=file)
    raise_problems(problems or _scheme_problems(raw, file), raw)
    raw = with_whole_numbers(raw, schema)
    indicators = [_indicator(i, d["id"]) for d in raw["dimensions"] for i in d["indicators"]]
    return Scheme(
        raw["id"],
        raw["title"],
        raw["source"],
        tuple(raw["notes"]),
        {d["id"]: d["title"] for d in raw["dimensions"]},
        tuple(indicators),
    )


def compute_index(
    scheme: Scheme,
    panel: Panel,
    *,
    weighting: Weighting = "entropy",
    caveats: Sequence[Caveat],
    derivations: Derivations = SERIES_ONLY,
) -> IndexResult:
    """Compute a composite index and its sub-scores.

    The score is the weighted sum of the normalised indicators. A dimension's sub-score is the weighted sum of
    its indicators divided by the dimension's weight, so that it lies in [0, 1] and the sub-scores weighted by
    the dimensions' weights return the score. Under ``pca`` weights may be negative; there the weighted sums
    are rescaled to [0, 1] by minimum and maximum over the panel.

    Parameters
    ----------
    scheme : Scheme
        With its indicators.
    panel : Panel
        With the scheme's numerators and denominators.
    weighting : {"entropy", "critic", "pca", "equal"}, default "entropy"
        Of the indicators.
    caveats : sequence of Caveat
        Breaks of the series; an indicator across a break must be scaled within the year.
    derivations : Derivations, default `SERIES_ONLY`
        From which series the panel's variables follow; by default every variable is a series.

    Returns
    -------
    IndexResult
        Scores with all that went into them.

    Raises
    ------
    DataError
        If the weighting is unknown; columns are missing (all are named); a cell is empty without a zero rule,
        infinite or, under a logarithm, not positive; an indicator (or a year scaled within itself) does not
        vary; a pooled indicator crosses a break; or the weights are not determined.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.indices import Indicator, Scheme, compute_index
    >>> from shuyi.panel import Panel
    >>> def indicator(name):
    ...     return Indicator(name, "use", {"en": name}, name, None, 1.0, "%", "positive", "none", "pooled")
    ...
    >>> dimensions = {"use": {"en": "Use"}}
    >>> scheme = Scheme("ours", {"en": "Ours"}, "", (), dimensions, (indicator("a"), indicator("b")))
    >>> values = np.array([[[1.0, 4.0], [2.0, 2.0]], [[2.0, 5.0], [5.0, 3.0]]])
    >>> panel = Panel(values, ("11", "12"), (2020, 2021), ("a", "b"))
    >>> result = compute_index(scheme, panel, weighting="equal", caveats=())
    >>> result.scores.round(3)
    array([[0.333, 0.125],
           [0.625, 0.667]])
    """
    check_known(weighting, WEIGHTINGS, "weighting", DataError)
    _check_no_breaks(scheme, panel, caveats, derivations)
    indicators, assumed = indicator_panel(scheme, panel)
    layers = [_normalise(i, indicators) for i in scheme.indicators]
    normalised = np.stack(layers, axis=2)
    matrix = stack(normalised)
    weights, diagnostics = _weights(weighting, matrix)
    sums = {d: normalised[:, :, p] @ weights[p] for d, p in _groups(scheme).items()}
    if weighting == "pca":
        scores, subs = _to_unit_interval(normalised @ weights), [_to_unit_interval(s) for s in sums.values()]
    else:
        scores = normalised @ weights
        subs = [s / weights[p].sum() for s, p in zip(sums.values(), _groups(scheme).values(), strict=True)]
    return IndexResult(
        scheme,
        weighting,
        indicators,
        normalised,
        weights,
        entropies(matrix),
        scores,
        np.stack(subs, axis=2),
        assumed,
        diagnostics,
    )


def indicator_panel(scheme: Scheme, panel: Panel) -> tuple[Panel, tuple[AssumedCell, ...]]:
    """Return the indicators before transformation and scaling, and the cells that zero rules filled.

    Parameters
    ----------
    scheme : Scheme
        Indicators and their zero rules.
    panel : Panel
        Panel with the scheme's numerators and denominators.

    Returns
    -------
    Panel
        One variable per indicator, in its unit.
    tuple of AssumedCell
        Cells that count as zero, in the order indicator, province, year.

    Raises
    ------
    DataError
        If columns are missing or a cell is empty or infinite.
    """
    _check_columns(scheme, panel)
    assumed: list[AssumedCell] = []
    layers, empty = [], []
    for indicator in scheme.indicators:
        numerator, cells = _with_zeros(indicator, panel)
        denominator = 1.0 if indicator.denominator is None else panel[indicator.denominator]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = indicator.per * numerator / denominator
        empty += [f"{indicator.id} {cell}" for cell in _cells(~np.isfinite(ratio), panel)]
        layers.append(ratio)
        assumed += cells
    if empty:
        raise DataError(
            f"The index scheme {scheme.id!r} meets empty or infinite cells.",
            expected="a finite value of every indicator for every province and year",
            found=offenders(empty),
            remedy="declare a zero rule and its reason, supply the figures, or drop the indicator",
        )
    names, measures = tuple(i.id for i in scheme.indicators), {i.id: i.unit for i in scheme.indicators}
    values = np.stack(layers, axis=2)
    return Panel(values, panel.units, panel.periods, names, panel.unit_names, measures), tuple(assumed)


def check_no_overlap(
    scheme: Scheme, variables: Sequence[str], derivations: Derivations = SERIES_ONLY
) -> None:
    """Refuse a scheme that measures what the outcome or a control measures.

    Compared are the official series that are measured; those that only set the scale (GRP, population as
    denominators) may be shared.

    Parameters
    ----------
    scheme : Scheme
        With its indicators.
    variables : sequence of str
        Outcome and controls: derived variables or series.
    derivations : Derivations
        From which series the variables follow; by default every variable is a series.

    Raises
    ------
    DataError
        Naming indicator, series and variable of every overlap.
    """
    measured = {v: set(derivations.origins([v], measured=True)) for v in variables}
    shared = [
        f"indicator {i.id} and variable {v} both measure {', '.join(sorted(common))}"
        for i in scheme.indicators
        for v, series in measured.items()
        if (common := series & set(derivations.origins([i.numerator], measured=True)))
    ]
    if shared:
        raise DataError(
            f"The index scheme {scheme.id!r} overlaps with the outcome or the controls.",
            expected="no official series on both sides",
            found="; ".join(shared),
            remedy="drop the indicator from the scheme or the variable from the specification",
        )


def shared_denominators(
    scheme: Scheme, outcome: str, derivations: Derivations = SERIES_ONLY
) -> dict[str, tuple[str, ...]]:
    """Return the denominators of indicators that the outcome rests on too, with the indicators of each.

    A series that moves both sides links them mechanically: an error or a shock in it changes the index and
    the outcome at once.

    Parameters
    ----------
    scheme : Scheme
        With its indicators.
    outcome : str
        Derived variable or series.
    derivations : Derivations
        From which series the variables follow; by default every variable is a series.

    Returns
    -------
    dict of str to tuple of str
        Ids of the indicators by official series; empty where nothing is shared.
    """
    rests_on = set(derivations.origins([outcome]))
    found: dict[str, list[str]] = {}
    for indicator in scheme.indicators:
        if indicator.denominator is None:
            continue
        for series in derivations.origins([indicator.denominator]):
            if series in rests_on:
                found.setdefault(series, []).append(indicator.id)
    return {series: tuple(names) for series, names in found.items()}


def check_denominators(
    scheme: Scheme, outcomes: Sequence[str], derivations: Derivations = SERIES_ONLY
) -> None:
    """Refuse a scheme whose denominators an outcome rests on.

    Parameters
    ----------
    scheme : Scheme
        With its indicators.
    outcomes : sequence of str
        Derived variables or series.
    derivations : Derivations
        From which series the variables follow.

    Raises
    ------
    DataError
        Naming outcome, series and indicators of every link.
    """
    shared = [
        f"{outcome} and {', '.join(names)} share {series}"
        for outcome in outcomes
        for series, names in shared_denominators(scheme, outcome, derivations).items()
    ]
    if shared:
        raise DataError(
            f"Indicators of the scheme {scheme.id!r} are divided by series that the outcome rests on.",
            expected="no denominator in common, because index.shared_denominators is refuse",
            found="; ".join(shared),
            remedy="set index.shared_denominators: note, which names them below every estimate, or drop the "
            "indicators",
        )


def check_scheme(
    scheme: Scheme,
    variables: Sequence[str],
    outcomes: Sequence[str],
    derivations: Derivations = SERIES_ONLY,
    *,
    denominators: str = "note",
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Check a scheme against a paper's variables and return the denominators that it shares with outcomes.

    Parameters
    ----------
    scheme : Scheme
        With its indicators.
    variables : sequence of str
        Outcomes and regressors; the index itself may be among them.
    outcomes : sequence of str
        Derived variables or series.
    derivations : Derivations
        From which series the variables follow.
    denominators : {"note", "refuse"}
        Whether a denominator that an outcome rests on is refused.

    Returns
    -------
    dict of str to dict
        By outcome: names of the indicators by shared denominator, as `shared_denominators`.

    Raises
    ------
    DataError
        As `check_no_overlap` and `check_denominators`.
    """
    check_no_overlap(scheme, [name for name in variables if name != INDEX], derivations)
    if denominators == "refuse":
        check_denominators(scheme, outcomes, derivations)
    return {outcome: shared_denominators(scheme, outcome, derivations) for outcome in outcomes}


def entropies(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Return the entropy of each column, in [0, 1].

    .. math:: e_j = -\frac{1}{\ln N} \sum_i p_{ij} \ln p_{ij}, \qquad p_{ij} = x_{ij} / \sum_i x_{ij},

    with :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    matrix : ndarray, shape (N, k)
        Not negative; N = nT stacked observations.

    Returns
    -------
    ndarray, shape (k,)
        One for a column that does not vary.

    Raises
    ------
    DataError
        If a column is negative, infinite, empty or zero throughout, or there are fewer than two rows.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.indices import entropies
    >>> entropies(np.array([[1.0, 0.0], [1.0, 0.5], [1.0, 1.0]])).round(3)
    array([1.   , 0.579])
    """
    from scipy.special import entr

    _check_matrix(matrix, "Entropy", {"zero throughout": np.all(matrix == 0.0, axis=0)})
    return entr(matrix / matrix.sum(axis=0)).sum(axis=0) / np.log(len(matrix))


def entropy_weights(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy weights (1 - e_j) / sum(1 - e_j) of the columns of an (N, k) matrix.

    Parameters
    ----------
    matrix : ndarray, shape (N, k)
        Not negative; N = nT stacked observations.

    Returns
    -------
    ndarray, shape (k,)
        Weights that sum to one.

    Raises
    ------
    DataError
        See `entropies`; or if no column varies.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.indices import entropy_weights
    >>> entropy_weights(np.array([[0.5, 0.0], [0.8, 0.5], [1.0, 1.0]])).round(3)
    array([0.075, 0.925])
    """
    diversification = 1.0 - entropies(matrix)
    if diversification.sum() <= ROUNDING:
        raise DataError(
            "Entropy weights are not determined.",
            expected="an indicator that varies",
            found=f"{matrix.shape[1]} columns of one value each",
            remedy="drop them, or use weighting equal",
        )
    return diversification / diversification.sum()


def critic_weights(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the CRITIC weights of the columns of an (N, k) matrix scaled to [0, 1].

    C_j = sd_j * sum_k (1 - r_jk), divided by its sum (Diakoulaki et al. 1995).

    Parameters
    ----------
    matrix : ndarray, shape (N, k)
        Scaled to [0, 1]; N = nT stacked observations.

    Returns
    -------
    ndarray, shape (k,)
        Sum to one.

    Raises
    ------
    DataError
        If a column is outside [0, 1], empty or does not vary, or fewer than two columns differ, so that no
        column carries information of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.indices import critic_weights
    >>> critic_weights(np.array([[0.0, 0.0, 1.0], [0.4, 0.5, 0.0], [1.0, 1.0, 0.5]])).round(3)
    array([0.243, 0.259, 0.498])
    """
    if matrix.shape[1] < 2:
        raise DataError("CRITIC weights need at least two indicators.", found=f"{matrix.shape[1]}")
    _check_matrix(
        matrix,
        "CRITIC",
        {"above one": (matrix > 1.0).any(axis=0), "of one value": np.ptp(matrix, axis=0) <= ROUNDING},
    )
    conflict = (1.0 - np.corrcoef(matrix, rowvar=False)).sum(axis=0)
    information = matrix.std(axis=0, ddof=1) * conflict
    if information.sum() <= ROUNDING:
        raise DataError(
            "CRITIC weights are not determined.",
            expected="indicators that differ",
            found="perfectly correlated indicators, which carry no information of their own",
            remedy="drop the indicators that repeat each other, or use another weighting",
        )
    return information / information.sum()


def pca_weights(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Return weights of the columns from principal components, and the diagnostics of the method.

    Columns are standardised; components with eigenvalue above one are kept and averaged with their shares of
    the kept variance. A component points where the indicators point on the whole: its loadings sum to a
    positive number, which does not depend on the order of the columns. The result is expressed as weights of
    the unstandardised columns with absolute values that sum to one.

    Parameters
    ----------
    matrix : ndarray, shape (N, k)
        Columns that all count the same end as the better one.

    Returns
    -------
    weights : ndarray, shape (k,)
    diagnostics : dict
        Number of components, share of variance explained, KMO, and Bartlett's test.

    Parameters
    ----------
    matrix : ndarray, shape (N, k)
        Scaled to [0, 1]; N = nT stacked observations.

    Returns
    -------
    ndarray, shape (k,)
        Signed weights whose absolute values sum to one.
    dict of str to float
        Keys components, explained_share, kmo, bartlett, bartlett_df and bartlett_p.

    Raises
    ------
    DataError
        If there are fewer than two columns, they are collinear or do not vary, or the direction or the number
        of components is not determined.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.indices import pca_weights
    >>> weights, diagnostics = pca_weights(np.array([[0.0, 0.1], [0.4, 0.5], [0.7, 0.6], [1.0, 0.9]]))
    >>> weights.round(3), diagnostics["components"]
    (array([0.436, 0.564]), 1.0)
    """
    correlation = _correlation(matrix)
    eigenvalues, vectors = np.linalg.eigh(correlation)
    kept = eigenvalues > KAISER
    _check_determined(eigenvalues, vectors)
    loadings = vectors[:, kept] * np.sign(vectors[:, kept].sum(axis=0))
    combined = loadings @ (eigenvalues[kept] / eigenvalues[kept].sum()) / matrix.std(axis=0, ddof=1)
    explained = float(eigenvalues[kept].sum() / eigenvalues.sum())
    diagnostics = {"components": float(kept.sum()), "explained_share": explained, "kmo": kmo(correlation)}
    return combined / np.abs(combined).sum(), {**diagnostics, **bartlett(correlation, len(matrix))}


def kmo(correlation: NDArray[np.float64]) -> float:
    """Return the Kaiser-Meyer-Olkin measure of sampling adequacy, in [0, 1] (Kaiser 1974).

    Squared correlations over squared correlations plus squared partial correlations, off the diagonal.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
        Correlation matrix of the columns, not singular.

    Returns
    -------
    float
        Near one where partial correlations are small; below 0.5 the columns share too little.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.indices import kmo
    >>> round(kmo(np.array([[1.0, 0.8], [0.8, 1.0]])), 3)
    0.5
    """
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
    off = ~np.eye(len(correlation), dtype=bool)
    simple, partial = (correlation[off] ** 2).sum(), ((inverse / scale)[off] ** 2).sum()
    return float(simple / (simple + partial))


def bartlett(correlation: NDArray[np.float64], n_obs: int) -> dict[str, float]:
    """Return Bartlett's (1951) test that the k columns are uncorrelated.

    Statistic -(N - 1 - (2k + 5) / 6) ln|R|, chi-squared with k(k - 1)/2 degrees of freedom.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
        Correlation matrix R of the columns.
    n_obs : int
        Number N of observations behind it.

    Returns
    -------
    dict of str to float
        Keys bartlett (the statistic), bartlett_df and bartlett_p.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.indices import bartlett
    >>> round(bartlett(np.array([[1.0, 0.5], [0.5, 1.0]]), 30)["bartlett"], 3)
    7.911
    """
    from scipy.stats import chi2

    k = len(correlation)
    statistic = -(n_obs - 1 - (2 * k + 5) / 6) * np.linalg.slogdet(correlation)[1]
    df = k * (k - 1) / 2
    return {"bartlett": float(statistic), "bartlett_df": df, "bartlett_p": float(chi2.sf(statistic, df))}


def _scheme_problems(raw: Mapping[str, Any], file: str) -> list[Problem]:
    indicators = [i for d in raw["dimensions"] for i in d["indicators"]]
    ids = [*(d["id"] for d in raw["dimensions"]), *(i["id"] for i in indicators)]
    problems = [
        Problem(file, "dimensions", f"the id {name!r} twice", "each id once")
        for name in sorted({name for name in ids if ids.count(name) > 1})
    ]
    return problems + [
        Problem(file, f"{i['id']}.missing.reason", "no reason", "the reason of the zero rule")
        for i in indicators
        if i["missing"]["zero"] and not i["missing"]["reason"]
    ]


def _indicator(raw: Mapping[str, Any], dimension: str) -> Indicator:
    plain = {key: value for key, value in raw.items() if key not in ("missing", "per")}
    zero = tuple(ZeroRule(**rule) for rule in raw["missing"]["zero"])
    reason = raw["missing"]["reason"]
    return Indicator(dimension=dimension, per=float(raw["per"]), zero=zero, reason=reason, **plain)


def _groups(scheme: Scheme) -> dict[str, list[int]]:
    return {dimension: scheme.positions(dimension) for dimension in scheme.dimensions}


def _with_zeros(indicator: Indicator, panel: Panel) -> tuple[NDArray[np.float64], list[AssumedCell]]:
    values = panel[indicator.numerator].copy()
    assumed = []
    for rule in indicator.zero:
        if rule.province not in panel.units:
            continue
        i = panel.units.index(rule.province)
        for t, year in enumerate(panel.periods):
            if rule.first_year <= year <= rule.last_year and np.isnan(values[t, i]):
                values[t, i] = 0.0
                cell = AssumedCell(indicator.id, indicator.numerator, rule.province, year, indicator.reason)
                assumed.append(cell)
    return values, assumed


def _normalise(indicator: Indicator, indicators: Panel) -> NDArray[np.float64]:
    values = indicators[indicator.id]
    if indicator.transform == "log":
        _check_log_defined(indicator, values, indicators)
        values = np.log(values)
    axis = 1 if indicator.scaling == "within_year" else None
    low = np.asarray(values.min(axis=axis, keepdims=True))
    high = np.asarray(values.max(axis=axis, keepdims=True))
    if (low == high).any():
        flat = [str(p) for p, f in zip(indicators.periods, (low == high).ravel(), strict=False) if f]
        where = f"no variation in {offenders(flat)}" if axis == 1 else "one value in the whole panel"
        raise DataError(
            f"The indicator {indicator.id!r} cannot be scaled to [0, 1].",
            expected="provinces that differ" + (" in every year" if axis == 1 else ""),
            found=where,
            remedy="drop the indicator or leave the years out",
        )
    scaled: NDArray[np.float64] = np.asarray((values - low) / (high - low))
    return scaled if indicator.sign == "positive" else 1.0 - scaled


def _to_unit_interval(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (values - values.min()) / (values.max() - values.min())


def _weights(
    weighting: Weighting, matrix: NDArray[np.float64]
) -> tuple[NDArray[np.float64], dict[str, float]]:
    if weighting == "pca":
        return pca_weights(matrix)
    if weighting == "equal":
        return np.full(matrix.shape[1], 1.0 / matrix.shape[1]), {}
    return (entropy_weights if weighting == "entropy" else critic_weights)(matrix), {}


def _correlation(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    if matrix.shape[1] < 2:
        raise DataError("Principal components need at least two indicators.", found=f"{matrix.shape[1]}")
    flat = np.flatnonzero((np.ptp(matrix, axis=0) <= ROUNDING) | ~np.isfinite(matrix).all(axis=0))
    if len(flat):
        raise DataError(
            "Principal components need finite columns that vary.",
            found=f"constant, empty or infinite: number {offenders((flat + 1).tolist())}",
            remedy="drop these indicators",
        )
    correlation = np.asarray(np.corrcoef(matrix, rowvar=False))
    condition = float(np.linalg.cond(correlation))
    if condition > MAX_CONDITION:
        raise DataError(
            "The indicators are collinear; principal components are not determined.",
            expected=f"a correlation matrix with condition number below {MAX_CONDITION:.0e}",
            found=f"{condition:.1e}",
            remedy="drop one of the indicators that repeat each other",
        )
    return correlation


def _check_matrix(matrix: NDArray[np.float64], method: str, further: Mapping[str, Any]) -> None:
    """Raise DataError, naming the columns, unless a matrix (N, k) is finite, not negative and passes more."""
    if matrix.ndim != 2 or len(matrix) < 2:
        raise DataError(
            f"{method} weights need a column per indicator.",
            expected="shape (N, k) with at least two rows",
            found=f"shape {matrix.shape}",
        )
    checks = {
        "empty or infinite": ~np.isfinite(matrix).all(axis=0),
        "negative": (matrix < 0.0).any(axis=0),
        **further,
    }
    wrong = [f"number {j + 1} {what}" for what, columns in checks.items() for j in np.flatnonzero(columns)]
    if wrong:
        raise DataError(
            f"{method} weights are not defined for these columns.",
            expected="finite numbers in [0, 1] that vary",
            found=offenders(wrong),
            remedy="scale the indicators to [0, 1], or drop these",
        )


def _check_determined(eigenvalues: NDArray[np.float64], vectors: NDArray[np.float64]) -> None:
    """Raise DataError where rounding alone would decide on a component."""
    kept = eigenvalues > KAISER
    at_bound = np.abs(eigenvalues - KAISER) <= DIRECTION
    twins = np.append(np.diff(eigenvalues) <= DIRECTION, False)
    twins |= np.roll(twins, 1)
    aimless = np.abs(vectors.sum(axis=0)) <= DIRECTION
    reasons = {
        "eigenvalues of one exactly": at_bound,
        "components with the same eigenvalue": twins & kept,
        "components whose loadings sum to zero": aimless & kept,
    }
    found = [f"{what} ({int(which.sum())})" for what, which in reasons.items() if which.any()]
    if found or not kept.any():
        raise DataError(
            "Principal components are not determined.",
            expected="components that differ in variance and point with or against the indicators",
            found="; ".join(found) or "no eigenvalue above one",
            remedy="use weighting entropy, critic or equal",
        )


def _cells(wrong: NDArray[np.bool_], panel: Panel) -> list[str]:
    return [f"{panel.units[i]} {panel.periods[t]}" for t, i in np.argwhere(wrong)]


def _check_log_defined(indicator: Indicator, values: NDArray[np.float64], panel: Panel) -> None:
    wrong = _cells(values <= 0.0, panel)
    if wrong:
        raise DataError(
            f"The indicator {indicator.id!r} enters in logarithms.",
            expected="positive values",
            found=f"zero or negative: {offenders(wrong)}",
            remedy="set transform: none, or drop the indicator",
        )


def _check_columns(scheme: Scheme, panel: Panel) -> None:
    needed = dict.fromkeys(c for i in scheme.indicators for c in i.columns())
    missing = [c for c in needed if c not in panel.variables]
    if missing:
        raise DataError(
            f"The index scheme {scheme.id!r} needs columns that the panel does not hold.",
            expected="every numerator and denominator of the scheme as a panel variable",
            found=f"missing: {', '.join(missing)}",
            remedy="supply licensed series as columns of panel.user_file, or choose another scheme"
            + "".join(f"; {hint}" for hint in (did_you_mean(missing[0], panel.variables),) if hint),
        )


def _check_no_breaks(
    scheme: Scheme, panel: Panel, caveats: Sequence[Caveat], derivations: Derivations
) -> None:
    crossed = [
        f"{i.id} ({series} changes in {year})"
        for i in scheme.indicators
        if i.scaling == "pooled"
        for series in derivations.origins(i.columns())
        for year in break_years(caveats, series)
        if panel.periods[0] < year <= panel.periods[-1]
    ]
    if crossed:
        raise DataError(
            f"The index scheme {scheme.id!r} compares years across a break in a series.",
            expected="scaling: within_year for a series whose definition changes",
            found=offenders(crossed),
            remedy="set scaling: within_year for these indicators or end the panel before the break",
        )
