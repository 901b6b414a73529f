r"""The spillover ledger of the headline model, by unit and by group, and the verdict by weights.

With M the unit-by-unit effects of one regressor (row i responds to a change in column j), the spillover from
group a to group b is the sum of :math:`M_{ij}` over i in b, j in a, :math:`i \neq j`. Within-group spillover
is a = b; a group of one unit has none.

The verdict compares the interval of the average indirect effect with zero: wholly above, digital development
elsewhere raises the outcome (diffusion); wholly below, it drains it (siphon); else there is no evidence of
either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuyi.errors import ConvergenceError, DataError, IdentificationError, WeightsError, offenders
from shuyi.estimation import cut_to_sample, estimate
from shuyi.regions import CITY_CLUSTERS, OUTSIDE, in_order
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.effects import coefficients, draw, reference_quantile
from shuyi.tiers import TIERS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.nonspatial import FixedEffectsFit
    from shuyi.panel import Panel
    from shuyi.weights import Weights

    Array = NDArray[np.float64]

Verdict = Literal["diffusion", "siphon", "no_evidence"]
VERDICTS: tuple[Verdict, ...] = ("diffusion", "siphon", "no_evidence")
LEE_YU, LEE_YU_ANY_WEIGHTS = "lee_yu", "lee_yu_bias"
"""The transformation needs row-standardised weights; the analytic bias correction does not."""
DRAWS_AT_ONCE = 500
OF_EFFECTS = (
    *("estimate", "std_error", "std_error_delta", "ci_low", "ci_high", "ci_low_delta", "ci_high_delta"),
    "p_value",
)
"""Columns of the effects that a verdict keeps."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """Spillover between groups.

    Parameters
    ----------
    groups : tuple of str, length g
    sizes : tuple of int, length g
    estimate : ndarray, shape (g, g)
        From the column's to the row's group.
    simulated : ndarray, shape (draws, g, g)
    level : float
        Level of the percentiles that bound the intervals.
    """

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    estimate: Array
    simulated: Array
    level: float

    def pairs(self) -> NDArray[np.int_]:
        """Return the number of ordered pairs of different units in each block, shape (g, g)."""
        sizes = np.array(self.sizes)
        return np.outer(sizes, sizes) - np.diag(sizes)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per ordered pair of groups: sender, receiver, pairs, total with its interval, mean.

        ``mean`` is the total per ordered pair of units; a block without a pair has NaN throughout.
        """
        import pandas as pd

        pairs = self.pairs()
        rows = [
            {"sender": a, "receiver": b, "pairs": int(pairs[j, i])}
            | _spread("total", self.estimate[j, i], self.simulated[:, j, i], self.level, pairs[j, i] > 0)
            | {"mean": float(self.estimate[j, i] / pairs[j, i]) if pairs[j, i] else np.nan}
            for i, a in enumerate(self.groups)
            for j, b in enumerate(self.groups)
        ]
        return pd.DataFrame(rows)

    def summary(self) -> pd.DataFrame:
        """Return one row per group: spillover within it, given to and received from the others, and net.

        Each has its simulated error and interval; per_pair columns divide by the ordered pairs of units.
        """
        import pandas as pd

        within = np.diag(self.pairs())
        between = self.pairs().sum(axis=0) - within
        estimates, draws = _accounts(self.estimate[None])[0], _accounts(self.simulated)
        rows = []
        for i, (group, size) in enumerate(zip(self.groups, self.sizes, strict=True)):
            row: dict[str, float | str] = {"group": group, "units": size}
            for k, name in enumerate(("within", "given", "received", "net")):
                known = bool((within if name == "within" else between)[i] > 0)
                row |= _spread(name, estimates[i, k], draws[:, i, k], self.level, known)
            row["within_per_pair"] = estimates[i, 0] / within[i] if within[i] else np.nan
            row["given_per_pair"] = estimates[i, 1] / between[i] if between[i] else np.nan
            row["received_per_pair"] = estimates[i, 2] / between[i] if between[i] else np.nan
            rows.append(row)
        return pd.DataFrame(rows)


def _accounts(blocks: Array) -> Array:
    """Return within, given, received and net of blocks of shape (m, g, g), shape (m, g, 4)."""
    within = np.diagonal(blocks, axis1=1, axis2=2)
    given, received = blocks.sum(axis=1) - within, blocks.sum(axis=2) - within
    return np.stack([within, given, received, given - received], axis=-1)


def _spread(name: str, estimate: float, draws: Array, level: float, known: bool) -> dict[str, float]:
    """Return an estimate with the standard deviation and the percentiles of its draws, or NaN."""
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    values = (estimate, draws.std(ddof=1), low, high) if known else (np.nan,) * 4
    keys = (name, f"{name}_std_error", f"{name}_low", f"{name}_high")
    return {key: float(value) for key, value in zip(keys, values, strict=True)}


def blocks_of(
    fit: Fit, term: str, groups: Mapping[str, str], *, draws: int, seed: int, level: float
) -> Blocks:
    """Return the spillover of one regressor between groups of units, with simulated errors.

    The parameters are drawn as in `Fit.ledger`; with the same seed the sums of blocks are those of its rows.

    Parameters
    ----------
    fit : Fit
        With its weights.
    term : str
    groups : mapping of str to str
        Group of each unit; groups are taken in the order in which they first occur here.
    draws, seed : int
    level : float
        Level of the percentiles.

    Raises
    ------
    DataError
        If a unit has no group, or the fit has no spatial terms.
    ConfigError
        If the model has no such regressor.
    """
    without = [unit for unit in fit.units if unit not in groups]
    if without:
        raise DataError("A unit has no group.", expected="a group per unit", found=offenders(without))
    matrix = fit.effect_matrix(term).to_numpy()
    present = [group for unit, group in groups.items() if unit in fit.units]
    names = tuple(dict.fromkeys(present))
    member = np.array([[groups[unit] == name for name in names] for unit in fit.units], dtype=np.float64)
    at = coefficients(fit.names, fit.regressors, fit.durbin, fit.values, fit.covariance_matrix)
    sample, _ = draw(at, fit.rho_interval, draws, seed)
    b, th, rho = at.split(sample)
    k, w = at.terms.index(term), fit.lag_weights.to_dense()
    slices = [slice(start, start + DRAWS_AT_ONCE) for start in range(0, draws, DRAWS_AT_ONCE)]
    parts = [_summed(_effect_matrices(b[s, k], th[s, k], rho[s], w), member) for s in slices]
    sizes = tuple(int(size) for size in member.sum(axis=0))
    return Blocks(names, sizes, _summed(matrix[None], member)[0], np.concatenate(parts), level)


def _effect_matrices(b: Array, th: Array, rho: Array, w: Array) -> Array:
    unit = np.eye(len(w))
    inverse = np.linalg.inv(unit - rho[:, None, None] * w)
    return np.asarray(inverse @ (b[:, None, None] * unit + th[:, None, None] * w))


def _summed(matrices: Array, member: Array) -> Array:
    """Return the sums of the off-diagonal entries by group, shape (m, g, g)."""
    n = len(member)
    outside = matrices * (1.0 - np.eye(n))
    return np.asarray(member.T @ outside @ member)


def groupings(
    tiers: pd.DataFrame, *, clusters: Mapping[str, str], region: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return the groupings of the ledger: tier of the last period, region, city cluster.

    Parameters
    ----------
    tiers : DataFrame
        Columns unit, period, tier.
    clusters, region : mapping of str to str
        Cluster and region of each unit.
    """
    last = tiers[tiers["period"] == tiers["period"].max()]
    tier = dict(zip(last["unit"], last["tier"], strict=True))
    orders = (TIERS, in_order(region.values()), (*CITY_CLUSTERS, OUTSIDE))
    named = {"tier": tier, "region": region, "cluster": clusters}
    return {
        name: dict(sorted(groups.items(), key=lambda item: order.index(item[1])))
        for (name, groups), order in zip(named.items(), orders, strict=True)
    }


def ledger_frames(
    fit: Fit,
    term: str,
    groupings: Mapping[str, Mapping[str, str]],
    *,
    draws: int,
    seed: int,
    level: float,
) -> dict[str, pd.DataFrame]:
    """Return the ledger of one regressor by unit and by group.

    Intervals are percentiles at the level at which normal draws reach as many standard errors as Student's t
    with n - 1 degrees of freedom, like those of the effects.

    Parameters
    ----------
    fit : Fit
        With its weights.
    term : str
    groupings : mapping of str to mapping
        Group of each unit by name of the grouping.
    draws, seed : int
    level : float

    Returns
    -------
    dict of DataFrame
        ``ledger`` (`Fit.ledger` and one column per grouping), ``matrix`` (receiver, sender, effect, the
        diagonal included), ``blocks`` and ``groups`` (`Blocks.to_frame` and `Blocks.summary` by grouping).
    """
    import pandas as pd

    wide = reference_quantile(level, fit.n - 1)[1]
    ledger = fit.ledger(term, draws=draws, seed=seed, level=wide)
    for name, groups in groupings.items():
        ledger.insert(1, name, [groups.get(unit, "") for unit in ledger["unit"]])
    found = {
        name: blocks_of(fit, term, groups, draws=draws, seed=seed, level=wide)
        for name, groups in groupings.items()
    }
    matrix = fit.effect_matrix(term).rename_axis("receiver").reset_index()
    return {
        "ledger": ledger,
        "matrix": matrix.melt("receiver", var_name="sender", value_name="effect"),
        "blocks": pd.concat([_by(name, b.to_frame()) for name, b in found.items()], ignore_index=True),
        "groups": pd.concat([_by(name, b.summary()) for name, b in found.items()], ignore_index=True),
    }


def _by(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    frame.insert(0, "grouping", name)
    return frame


def verdict(low: float, high: float) -> Verdict:
    """Return what the interval of the average indirect effect says (see the module's description)."""
    if low > 0.0:
        return "diffusion"
    return "siphon" if high < 0.0 else "no_evidence"


def under_weights(specification: Specification, name: str, weights: Weights) -> Specification:
    """Return a specification under other weights.

    The transformation of Lee and Yu over time effects needs rows that sum to one; under other weights the
    analytic bias correction of the same authors stands in for it.
    """
    over_units = specification.effects in ("time", "twoways")
    needs_rows = specification.correction == LEE_YU and over_units and not weights.is_row_standardised
    correction = LEE_YU_ANY_WEIGHTS if needs_rows else specification.correction
    return replace(specification, weights=name, correction=correction)


def verdicts(
    panel: Panel,
    weights: Mapping[str, Weights],
    specification: Specification,
    excluded: Sequence[str],
    *,
    term: str,
    draws: int,
    seed: int,
    level: float,
) -> pd.DataFrame:
    """Estimate a specification under several weights and say of each whether it shows diffusion or siphon.

    Parameters
    ----------
    panel : Panel
    weights : mapping of str to Weights
        By name, in the order of the rows.
    specification : Specification
    excluded : sequence of str
        Units that the sample leaves out.
    term : str
    draws, seed : int
    level : float

    Returns
    -------
    DataFrame
        weights, correction, n, loglik, rho (NaN where the model has none), estimate, std_error,
        std_error_delta, ci_low, ci_high (of the average indirect effect), ci_low_delta, ci_high_delta,
        p_value, direct, total, verdict, verdict_delta, reason (why these weights do not identify the
        model; then NaN and an empty verdict).
    """
    import pandas as pd

    rows = []
    for name, matrix in weights.items():
        own = under_weights(specification, name, matrix)
        try:
            cut, kept = cut_to_sample(panel, matrix, excluded)
            fit = estimate(cut, kept, own)
            rows.append(_verdict_row(fit, own, term, draws, seed, level))
        except (WeightsError, IdentificationError, ConvergenceError) as error:
            lines = (line.strip() for line in str(error).splitlines())
            rows.append({"weights": name, "correction": own.correction, "reason": "; ".join(lines)})
    texts = ["verdict", "verdict_delta", "reason"]
    columns = ["weights", "correction", "n", "loglik", "rho", *OF_EFFECTS, "direct", "total", *texts]
    return pd.DataFrame(rows, columns=columns).fillna(dict.fromkeys(texts, ""))


def _verdict_row(
    fit: Fit | FixedEffectsFit, specification: Specification, term: str, draws: int, seed: int, level: float
) -> dict[str, float | str]:
    if not isinstance(fit, Fit):
        raise DataError(
            "A model without spatial terms has no spillover to judge.",
            expected="a headline with a spatial lag of the outcome or the regressors",
            found=specification.model,
            remedy="set estimation.headline to such a specification",
        )
    effects = fit.effects(draws=draws, seed=seed, level=level).to_frame().set_index(["term", "component"])
    indirect = effects.loc[(term, "indirect")]
    return {
        "weights": specification.weights,
        "correction": specification.correction,
        "n": fit.n,
        "loglik": fit.loglik,
        "rho": fit["rho"] if "rho" in fit.names else np.nan,
        **{name: float(indirect[name]) for name in OF_EFFECTS},
        "direct": float(effects.loc[(term, "direct"), "estimate"]),
        "total": float(effects.loc[(term, "total"), "estimate"]),
        "verdict": verdict(indirect["ci_low"], indirect["ci_high"]),
        "verdict_delta": verdict(indirect["ci_low_delta"], indirect["ci_high_delta"]),
        "reason": "",
    }
