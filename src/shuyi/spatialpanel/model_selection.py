"""Compare models and weights: information criteria, marginal likelihoods, posterior probabilities.

Every candidate is one model with one matrix of weights. Candidates have equal prior probability; their
posterior probability is proportional to the marginal likelihood (`marginal`). Effects averaged over
candidates are mixtures weighted by it (LeSage and Parent 2007; LeSage 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import check_draws, check_seed
from shuyi.errors import ConfigError, ConvergenceError, IdentificationError, check_known, offenders
from shuyi.spatialpanel.effects import COMPONENTS, reference_quantile
from shuyi.spatialpanel.likelihood import LikelihoodProblem, build_problem
from shuyi.spatialpanel.marginal import PRIORS, Marginal, marginal_likelihood
from shuyi.spatialpanel.models import MODELS, SpatialModel
from shuyi.spatialpanel.results import Fit
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, resolve_convention
from shuyi.weights.container import how_to_standardise

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


COMPARED = ("slx", "sar", "sem", "sdm", "sdem")
"""Models that can be compared: at most one spatial parameter."""

NEGLIGIBLE = 1e-6
"""Probability below which a candidate without an estimate is left out of averages."""

LIKELIHOODS = ("lee_yu", "exact", "demean_then_lag")
"""Conventions that are a likelihood of transformed data."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One model with one matrix of weights.

    Attributes
    ----------
    model, weights : str
        Id of the model and name of the weights.
    fit : Fit or None
        Its maximum-likelihood estimate; None where that ends at the edge of its interval.
    marginal : Marginal
        Marginal likelihood.
    probability : float
        Posterior probability among all candidates.
    """

    model: str
    weights: str
    fit: Fit | None
    marginal: Marginal
    probability: float

    def record(self) -> dict[str, Any]:
        """Return one row of `ModelComparison.to_frame`.

        Returns
        -------
        dict
            Value by column.
        """
        fit = self.fit
        spatial = next((name for name in ("rho", "lam") if fit and name in fit.names), None)
        return {
            "model": self.model,
            "weights": self.weights,
            "loglik": fit.loglik if fit else None,
            "parameters": fit.n_parameters if fit else None,
            "aic": fit.aic if fit else None,
            "bic": fit.bic if fit else None,
            "log_marginal": self.marginal.log_likelihood,
            "probability": self.probability,
            "spatial": spatial,
            "estimate": fit[spatial] if fit and spatial else None,
            "posterior_mean": self.marginal.mean,
            "posterior_std": self.marginal.std,
        }


@dataclass(frozen=True, slots=True, eq=False)
class AveragedEffects:
    """Effects averaged over candidates by their posterior probabilities.

    Attributes
    ----------
    terms : tuple of str, length K
        Names of the regressors.
    estimate : ndarray, shape (K, 3)
        Probability-weighted plug-in effects: direct, indirect, total.
    std_error : ndarray, shape (K, 3)
        Standard deviation of the mixture's draws.
    std_error_delta : ndarray, shape (K, 3)
        Root of the mean delta-method variance plus the variance of the estimates between candidates.
    share_between : ndarray, shape (K, 3)
        Share of the latter variance that lies between candidates.
    interval : ndarray, shape (K, 3, 2)
        Percentiles of the mixture's draws.
    candidates : tuple of (str, str, float)
        Model, weights and probability of what was averaged.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    level, df : float
        Confidence level of the intervals, and the degrees of freedom they refer to.
    """

    terms: tuple[str, ...]
    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    std_error_delta: NDArray[np.float64]
    share_between: NDArray[np.float64]
    interval: NDArray[np.float64]
    candidates: tuple[tuple[str, str, float], ...]
    draws: int
    seed: int
    level: float
    df: float

    def records(self) -> list[dict[str, Any]]:
        """Return one row per term and component, as in `to_frame`.

        Returns
        -------
        list of dict
            Value by column.
        """
        arrays = {name: getattr(self, name) for name in ("estimate", "std_error", "std_error_delta")}
        return [
            {
                "term": term,
                "component": component,
                **{name: float(values[i, j]) for name, values in arrays.items()},
                "share_between": float(self.share_between[i, j]),
                "ci_low": float(self.interval[i, j, 0]),
                "ci_high": float(self.interval[i, j, 1]),
            }
            for i, term in enumerate(self.terms)
            for j, component in enumerate(COMPONENTS)
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per term and component.

        Returns
        -------
        DataFrame
            Columns term, component, estimate, std_error, std_error_delta, share_between, ci_low and ci_high.
        """
        import pandas as pd

        return pd.DataFrame(self.records())

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers but the draws as plain values, for JSON.

        Returns
        -------
        dict
            Keys rows, candidates, draws, seed, level and df (None where infinite).
        """
        df = self.df if isfinite(self.df) else None
        rest = {"draws": self.draws, "seed": self.seed, "level": self.level, "df": df}
        return {"rows": self.records(), "candidates": [list(c) for c in self.candidates], **rest}


@dataclass(frozen=True, slots=True, eq=False)
class ModelComparison:
    """Candidates with their criteria and posterior probabilities.

    Attributes
    ----------
    candidates : tuple of Candidate
        By weights in the order given, then by model.
    outcome : str
        Name of the dependent variable.
    regressors : tuple of str
        Names of the regressors.
    effects_structure : str
        Effects that were removed from the data, or random.
    convention : str
        How the effects were removed.
    prior : {"unit_information", "diffuse"}
        Of the coefficients.
    notes : tuple of str, default empty
        What a reader of the comparison must know.

    Examples
    --------
    >>> from shuyi.spatialpanel import compare_models
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> options = {"outcome": "y", "regressors": ["x1"], "models": ["sar", "sdm"]}
    >>> comparison = compare_models(panel, {"rook": weights}, **options)
    >>> comparison.to_frame()[["model", "weights", "parameters"]]
      model weights  parameters
    0   sar    rook           3
    1   sdm    rook           4
    >>> round(float(comparison.model_probabilities().sum()), 6)
    1.0
    """

    candidates: tuple[Candidate, ...]
    outcome: str
    regressors: tuple[str, ...]
    effects_structure: str
    convention: str
    prior: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        best = self.best
        return (
            f"<ModelComparison of {len(self.candidates)} candidates for {self.outcome!r}; most probable: "
            f"{best.model} with {best.weights!r} ({best.probability:.3f})>"
        )

    @property
    def best(self) -> Candidate:
        """The most probable candidate; the first of equals."""
        return max(self.candidates, key=lambda c: c.probability)

    @property
    def models(self) -> tuple[str, ...]:
        """Models compared, in order."""
        return tuple(dict.fromkeys(c.model for c in self.candidates))

    @property
    def weights(self) -> tuple[str, ...]:
        """Names of the weights compared, in order."""
        return tuple(dict.fromkeys(c.weights for c in self.candidates))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per candidate.

        Returns
        -------
        DataFrame
            Columns model, weights, loglik, parameters, aic, bic, log_marginal, probability, spatial (rho, lam
            or none), estimate (maximum likelihood), posterior_mean, posterior_std.
        """
        import pandas as pd

        return pd.DataFrame([c.record() for c in self.candidates])

    def model_probabilities(self) -> pd.Series:
        """Return the posterior probability of each model, summed over weights.

        Returns
        -------
        Series
            Indexed by model; sums to one.
        """
        return _sums(self.candidates, "model")

    def weights_probabilities(self, model: str | None = None) -> pd.Series:
        """Return the posterior probability of each matrix of weights, summed over models or within one.

        Parameters
        ----------
        model : str, optional
            Id of a model; by default all are summed.

        Returns
        -------
        Series
            Indexed by weights; sums to one.

        Raises
        ------
        ConfigError
            If the model was not compared.
        """
        return _sums(self._of(model), "weights")

    def average_effects(
        self,
        model: str | None = None,
        *,
        draws: int = 1000,
        seed: int = 1,
        level: float = 0.95,
        df: float | None = None,
    ) -> AveragedEffects:
        """Average direct, indirect and total effects over weights and models by posterior probability.

        Parameters
        ----------
        model : str, optional
            Average over the weights within this model only.
        draws : int, default 1000
            Draws of the mixture: each picks a candidate by its probability, then parameters from the normal
            distribution of its estimates.
        seed : int, default 1
            Seed of the random draws.
        level : float, default 0.95
            Level of the intervals, in (0, 1).
        df : float, optional
            Degrees of freedom that intervals refer to, by default n - 1 as in `Fit.effects`.

        Returns
        -------
        AveragedEffects
            Effects of the mixture.

        Raises
        ------
        ConfigError
            If the model was not compared, or there are fewer than two draws.
        ConvergenceError
            If a candidate without an estimate has a probability above `NEGLIGIBLE`; below it is left out.
        """
        chosen = _estimated(self._of(model))
        draws, seed = check_draws(draws, each=80 * len(chosen)), check_seed(seed)
        p = np.array([c.probability for c, _ in chosen])
        p = p / p.sum()
        reference = float(chosen[0][1].n - 1) if df is None else df
        parts = [fit.effects(draws, seed, level, df=reference) for _, fit in chosen]
        estimates = np.stack([part.estimate for part in parts])
        mean = np.tensordot(p, estimates, 1)
        within = np.tensordot(p, np.stack([part.std_error_delta**2 for part in parts]), 1)
        between = np.tensordot(p, (estimates - mean) ** 2, 1)
        whole = within + between
        pick = np.random.default_rng([seed, len(chosen)]).choice(len(chosen), draws, p=p)
        sample = np.stack([part.simulated for part in parts])[pick, np.arange(draws)]
        widened = reference_quantile(level, reference)[1]
        tails = np.quantile(sample, [0.5 - widened / 2, 0.5 + widened / 2], axis=0)
        return AveragedEffects(
            terms=parts[0].terms,
            estimate=mean,
            std_error=sample.std(axis=0, ddof=1),
            std_error_delta=np.sqrt(whole),
            share_between=np.divide(between, whole, out=np.zeros_like(whole), where=whole > 0),
            interval=np.moveaxis(tails, 0, -1),
            candidates=tuple((c.model, c.weights, float(q)) for (c, _), q in zip(chosen, p, strict=True)),
            draws=draws,
            seed=seed,
            level=level,
            df=reference,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values in full precision, for JSON.

        Returns
        -------
        dict
            Candidates, probabilities and what they rest on.
        """
        return {
            "outcome": self.outcome,
            "regressors": list(self.regressors),
            "effects": self.effects_structure,
            "convention": self.convention,
            "prior": self.prior,
            "candidates": [c.record() for c in self.candidates],
            "model_probabilities": self.model_probabilities().to_dict(),
            "weights_probabilities": self.weights_probabilities().to_dict(),
            "notes": list(self.notes),
        }

    def _of(self, model: str | None) -> tuple[Candidate, ...]:
        if model is None:
            return self.candidates
        check_known(model, self.models, "model of this comparison")
        return tuple(c for c in self.candidates if c.model == model)


def compare_models(
    data: Any,
    weights: Mapping[str, Any],
    *,
    outcome: str,
    regressors: Sequence[str],
    models: Sequence[str] = COMPARED,
    durbin: str | Sequence[str] = "all",
    effects: str = "twoways",
    correction: str = "lee_yu",
    covariance: str = "information",
    prior: str = "unit_information",
    islands: str = "refuse",
) -> ModelComparison:
    """Estimate every model with every matrix of weights and return criteria and posterior probabilities.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : mapping of str to weights
        By name; each is anything that a model accepts.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    models : sequence of str, default `COMPARED`
        From `COMPARED`.
    durbin : "all" or sequence of str, default "all"
        Spatially lagged regressors of SLX, SDM and SDEM.
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        Fixed effects of the model.
    correction : {"lee_yu", "exact", "demean_then_lag"}, default "lee_yu"
        Whose likelihood is integrated. ``"lee_yu"`` is the density of the transformed data, free of fixed
        effects; under the others the fixed effects are set to their maximum, not integrated.
    covariance : str, default "information"
        Kind of covariance of the estimates, used by averaged effects.
    prior : {"unit_information", "diffuse"}, default "unit_information"
        Of the coefficients (see `marginal`).
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    ModelComparison

    Raises
    ------
    ConfigError
        If there are no weights, or an option is unknown or repeated.
    IdentificationError
        If flat priors meet models with different numbers of coefficients.
    ShuyiError
        Whatever a model refuses, but for an estimate at the edge of its interval: its marginal likelihood
        exists, and a note names the candidate.

    Examples
    --------
    >>> from shuyi.spatialpanel import compare_models
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> options = {"outcome": "y", "regressors": ["x1"], "models": ["sem", "sdm"]}
    >>> compare_models(panel, {"rook": weights}, **options).model_probabilities().idxmax()
    'sdm'
    """
    _check_options(weights, models, effects, correction, prior)
    terms = {"outcome": outcome, "regressors": regressors, "effects": effects, "islands": islands}
    names = [(model, str(name)) for name in weights for model in models]
    specified = [_specify(model, data, w, durbin, terms) for w in weights.values() for model in models]
    _check_dimensions(specified, prior)
    fits = [_fit_or_none(model, correction, covariance) for model in specified]
    problems = [likelihood_problem(model, correction) for model in specified]
    marginals = [marginal_likelihood(problem, prior) for problem in problems]
    probabilities = posterior([m.log_likelihood for m in marginals])
    parts = zip(names, fits, marginals, probabilities, strict=True)
    candidates = tuple(Candidate(*name, fit, marginal, p) for name, fit, marginal, p in parts)
    convention = problems[0].convention.name
    return ModelComparison(
        candidates,
        outcome,
        tuple(regressors),
        effects,
        convention,
        prior,
        _notes(convention, prior, candidates),
    )


def _specify(
    model: str, data: Any, weights: Any, durbin: str | Sequence[str], terms: Mapping[str, Any]
) -> SpatialModel:
    kind = MODELS[model]
    return kind(data, weights, durbin=durbin if kind.terms.durbin else None, **terms)


def _fit_or_none(model: SpatialModel, correction: str, covariance: str) -> Fit | None:
    try:
        return model.fit(correction, covariance)
    except ConvergenceError:
        return None


def likelihood_problem(model: SpatialModel, correction: str) -> LikelihoodProblem:
    """Return the transformed data of a model whose likelihood is integrated.

    Parameters
    ----------
    model : SpatialModel
        Static, with fixed effects or none.
    correction : {"lee_yu", "exact", "demean_then_lag"}
        How fixed effects are removed.

    Returns
    -------
    LikelihoodProblem
        Under the convention of the correction.
    """
    design = model.design
    lags = [used for used in (design.lags, design.error_lags) if used is not None]
    convention = resolve_convention(
        correction,
        model.effects,
        design.n,
        design.T,
        row_standardised=all(used.is_row_standardised for used in lags),
        constant_weights=all(used.is_constant for used in lags),
        standardise=how_to_standardise([w for used in lags for w in used.by_period]),
    )
    return build_problem(design, convention, has_lag=model.terms.lag)


def posterior(log_marginals: Sequence[float]) -> list[float]:
    """Return the posterior probabilities of candidates with equal prior probability, by log-sum-exp.

    Parameters
    ----------
    log_marginals : sequence of float
        Logarithms of the marginal likelihoods.

    Returns
    -------
    list of float
        Sum to one.

    Examples
    --------
    >>> from shuyi.spatialpanel.model_selection import posterior
    >>> [round(p, 3) for p in posterior([-1000.0, -1001.0])]
    [0.731, 0.269]
    """
    logs = np.asarray(log_marginals, float)
    mass = np.exp(logs - logs.max())
    return [float(p) for p in mass / mass.sum()]


def _sums(candidates: Sequence[Candidate], key: str) -> pd.Series:
    """Sum the probabilities of candidates, made to sum to one, by an attribute."""
    import pandas as pd

    total = sum(c.probability for c in candidates)
    sums: dict[str, float] = {}
    for c in candidates:
        sums[getattr(c, key)] = sums.get(getattr(c, key), 0.0) + c.probability / total
    return pd.Series(sums, name="probability").rename_axis(key)


def _estimated(candidates: Sequence[Candidate]) -> list[tuple[Candidate, Fit]]:
    """Return the candidates with their estimates, without those that have none and hardly any probability."""
    total = sum(c.probability for c in candidates)
    wanting = [c for c in candidates if c.fit is None and c.probability > NEGLIGIBLE * total]
    if wanting:
        raise ConvergenceError(
            "Effects cannot be averaged over candidates whose estimate lies at the edge of its interval.",
            expected=f"an estimate of every candidate with a probability above {NEGLIGIBLE:g}",
            found=offenders(f"{c.model} with {c.weights!r} ({c.probability:.3g})" for c in wanting),
            remedy="leave these models or weights out of the comparison",
        )
    return [(c, c.fit) for c in candidates if c.fit is not None]


def _notes(convention: str, prior: str, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    priors = {
        "unit_information": "Coefficients have Zellner's g-prior with g = 1/N, sigma2 the density 1/sigma2.",
        "diffuse": "Coefficients have flat priors, sigma2 the density 1/sigma2 (LeSage 2014).",
    }
    notes = [
        priors[prior],
        "The spatial parameter is uniform on its interval; candidates are equally likely.",
    ]
    if convention not in ("lee_yu", "none"):
        notes.append("Fixed effects are set to their maximum, not integrated: use correction='lee_yu'.")
    edge = [f"{c.model} with {c.weights!r}" for c in candidates if c.fit is None]
    if edge:
        notes.append(f"Without an estimate, which lies at the edge of its interval: {offenders(edge, 20)}.")
    return tuple(notes)


def _check_options(
    weights: Mapping[str, Any], models: Sequence[str], effects: str, correction: str, prior: str
) -> None:
    if not isinstance(weights, Mapping) or not weights:
        raise ConfigError(
            "A comparison needs weights by name.",
            expected="a mapping of names to weights, e.g. {'contiguity': weights}",
            found="an empty mapping" if isinstance(weights, Mapping) else f"a {type(weights).__name__}",
        )
    if isinstance(models, str) or not models:
        raise ConfigError("Models are a list of ids.", expected=", ".join(COMPARED), found=repr(models))
    for model in models:
        check_known(model, COMPARED, "model to compare")
    repeated = sorted({m for m in models if list(models).count(m) > 1})
    if repeated:
        raise ConfigError("A comparison names each model once.", found=f"repeated: {offenders(repeated)}")
    check_known(effects, FIXED_EFFECTS, "effects structure")
    check_known(correction, LIKELIHOODS, "correction whose likelihood can be integrated")
    check_known(prior, PRIORS, "prior")


def _check_dimensions(specified: list[SpatialModel], prior: str) -> None:
    sizes = {model.terms.name: len(model.design.names) for model in specified}
    if prior == "diffuse" and len(set(sizes.values())) > 1:
        raise IdentificationError(
            "Under flat priors the marginal likelihoods of models with different numbers of coefficients are "
            "not comparable: they depend on the units of the regressors.",
            expected="models with the same number of coefficients, such as slx, sdm and sdem, or sar and sem",
            found=", ".join(f"{model}: {size}" for model, size in sizes.items()),
            remedy="use prior='unit_information', or compare these models apart",
        )
