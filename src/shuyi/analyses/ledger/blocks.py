r"""The spillover ledger of the headline model, by unit and by group, and the verdict by weights.

With M the unit-by-unit effects of one regressor (row i responds to a change in column j), the spillover from
group a to group b is the sum of :math:`M_{ij}` over i in b, j in a, :math:`i \neq j`. Within-group spillover
is a = b; a group of one unit has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.arguments import check_level
from shuyi.errors import DataError, offenders
from shuyi.spatialpanel import Fit
from shuyi.spatialpanel.effects import coefficients, draw

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.weights import Weights

    Array = NDArray[np.float64]


DRAWS_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class Blocks:
    """Spillover between groups.

    Parameters
    ----------
    groups : tuple of str, length g
        Names of the groups.
    sizes : tuple of int, length g
        Number of units of each group.
    estimate : ndarray, shape (g, g)
        From the column's to the row's group.
    simulated : ndarray, shape (draws, g, g)
        The same for each draw of the parameters.
    level : float
        Level of the percentiles that bound the intervals.
    """

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    estimate: Array
    simulated: Array
    level: float

    def pairs(self) -> NDArray[np.int_]:
        """Return the number of ordered pairs of different units in each block, shape (g, g).

        Returns
        -------
        ndarray of int, shape (g, g)
            Sender in columns, receiver in rows.
        """
        sizes = np.array(self.sizes)
        return np.outer(sizes, sizes) - np.diag(sizes)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per ordered pair of groups: sender, receiver, pairs, total with its interval, mean.

        ``mean`` is the total per ordered pair of units; a block without a pair has NaN throughout.

        Returns
        -------
        DataFrame
            Columns sender, receiver, pairs, total, its error and bounds, and mean.
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

        Returns
        -------
        DataFrame
            Columns group, units, and within, given, received and net, each with its error and bounds.
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
    check_level(level)
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
        Name of a regressor.
    groups : mapping of str to str
        Group of each unit; groups are taken in the order in which they first occur here.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    level : float
        Level of the percentiles.

    Returns
    -------
    Blocks
        Estimate and draws by pair of groups.

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


def share_of_weights(ledger: pd.DataFrame, weights: Weights) -> dict[str, float]:
    """Return how much of the accounts follows from the weights alone.

    To first order the effects of one regressor are the weights times one number, so that what a unit gives is
    proportional to its column sum.

    Parameters
    ----------
    ledger : DataFrame
        Columns unit, given, received and net.
    weights : Weights
        They are cut to the units of the ledger.

    Returns
    -------
    dict
        ``given`` and ``net``: squared correlation with the column sums of the weights, NaN where either does
        not vary; ``received``: standard deviation over the absolute mean.
    """
    columns = weights.subset(list(ledger["unit"])).to_dense().sum(axis=0)
    received = ledger["received"].to_numpy()
    return {
        **{name: _squared_correlation(ledger[name].to_numpy(), columns) for name in ("given", "net")},
        "received": float(received.std(ddof=1) / abs(received.mean())),
    }


def _squared_correlation(x: Array, y: Array) -> float:
    if np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1] ** 2)


def _effect_matrices(b: Array, th: Array, rho: Array, w: Array) -> Array:
    unit = np.eye(len(w))
    inverse = np.linalg.inv(unit - rho[:, None, None] * w)
    return np.asarray(inverse @ (b[:, None, None] * unit + th[:, None, None] * w))


def _summed(matrices: Array, member: Array) -> Array:
    """Return the sums of the off-diagonal entries by group, shape (m, g, g)."""
    n = len(member)
    outside = matrices * (1.0 - np.eye(n))
    return np.asarray(member.T @ outside @ member)
