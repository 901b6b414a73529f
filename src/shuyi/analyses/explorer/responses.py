r"""What some units and all others respond with when a regressor rises in some units.

With :math:`M = (I - \rho W)^{-1} (b I + \theta W)`, row i responding to a change in column j (LeSage and Pace
2009), and rises a (zero in most units), unit i responds to its own rise by :math:`M_{ii} a_i`, to those of
its neighbours by :math:`\sum_{j \ne i} M_{ij} a_j`, and in total by :math:`(M a)_i`. The page computes the
same from what `material` ships: W reduced to Hessenberg form, :math:`W = Q H Q'`, in which one system costs
n^2 instead of n^3 operations per draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.spatialpanel.effects import Coefficients, coefficients, draw, quasi_normal, reference_quantile

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel import Specification
    from shuyi.weights import Weights

    Array = NDArray[np.float64]

PARTS = ("own", "neighbours", "total")
DRAWS_AT_ONCE = 2048
ALL = "all"
"""What stands for the sum over all units in the column of units."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """The parameters of the effects under one weights matrix and covariance, and their draws.

    Parameters
    ----------
    weights, covariance : str
        Names.
    at : Coefficients
        Estimates and a root of their covariance.
    interval : tuple of float, or None
        Admissible rho; None where the model has none.
    draws, seed : int
        Number and seed of the draws.
    """

    weights: str
    covariance: str
    at: Coefficients
    interval: tuple[float, float] | None
    draws: int
    seed: int

    def sample(self) -> Array:
        """Return the draws, as the ledger's (`shuyi.spatialpanel.effects.draw`).

        Returns
        -------
        ndarray, shape (draws, 2 K + 1)
            b, th and rho.
        """
        return draw(self.at, self.interval, self.draws, self.seed)[0]

    def redrawn(self) -> tuple[NDArray[np.int64], Array]:
        """Return the positions and values of the draws that fell outside the interval and were replaced.

        Returns
        -------
        positions : ndarray of int, shape (m,)
        values : ndarray, shape (m, 2 K + 1)
        """
        first = self.at.values + quasi_normal(self.draws, self.at.root.shape[1], self.seed) @ self.at.root.T
        sample = self.sample()
        positions = np.flatnonzero((first != sample).any(axis=1))
        return positions, sample[positions]


def drawn_parameters(
    parameters: pd.DataFrame, specification: Specification, *, draws: int, seed: int
) -> list[Drawn]:
    """Return the parameters of a model's effects under each of the weights and covariances.

    Parameters
    ----------
    parameters : DataFrame
        As `shuyi.analyses.ledger.frames.parameters_frame` gives them.
    specification : Specification
        What was estimated.
    draws, seed : int
        Number and seed of the draws.

    Returns
    -------
    list of Drawn
        In the order of the frame.
    """
    found = []
    for (name, kind), rows in parameters.groupby(["weights", "covariance"], sort=False):
        names = tuple(rows["parameter"])
        durbin = tuple(x for x in specification.regressors if f"W_{x}" in names)
        at = coefficients(
            names,
            tuple(specification.regressors),
            durbin,
            rows["value"].to_numpy(),
            rows[list(names)].to_numpy(),
        )
        bounds = rows.set_index("parameter")[["admissible_low", "admissible_high"]]
        interval = tuple(bounds.loc["rho"]) if "rho" in names else None
        found.append(Drawn(str(name), str(kind), at, interval, draws, seed))
    return found


def sobol_digits(draws: int, dimension: int, seed: int) -> tuple[list[list[int]], int]:
    """Return the scrambled Sobol sequence behind `shuyi.spatialpanel.effects.quasi_normal` as data.

    The sequence is digital: point i is point i - 1 with the digits of one direction number changed, that of
    the lowest bit set in i.

    Parameters
    ----------
    draws, dimension, seed : int
        As `quasi_normal` takes them.

    Returns
    -------
    digits : list of list of int
        The first point, then one direction number per bit of the count, each of all dimensions.
    scale : int
        What the integers are divided by.
    """
    from scipy.stats.qmc import Sobol

    m = max(draws - 1, 0).bit_length()
    engine = Sobol(dimension, rng=np.random.default_rng(seed))
    scale = 2 ** int(engine.bits)
    whole = (engine.random_base2(m) * scale).astype(np.int64)
    numbers = [whole[2**j] ^ whole[2**j - 1] for j in range(m)]
    return [row.tolist() for row in (whole[0], *numbers)], scale


def responses(values: Array, w: Array, k: int, rises: Array) -> Array:
    """Return the response of every unit, part by part, for parameters of the effects.

    Parameters
    ----------
    values : ndarray, shape (m, 2 K + 1)
        Parameters in the order b, th, rho.
    w : ndarray, shape (n, n)
        Weights.
    k : int
        Position of the regressor.
    rises : ndarray, shape (n,)
        By how much it rises in each unit.

    Returns
    -------
    ndarray, shape (m, n, 3)
        Own, neighbours, total (see `PARTS`).
    """
    n, raised = len(w), np.flatnonzero(rises)
    terms = values.shape[1] // 2
    found = np.empty((len(values), n, 3))
    for start in range(0, len(values), DRAWS_AT_ONCE):
        part = values[start : start + DRAWS_AT_ONCE]
        b, th, rho = (part[:, j][:, None, None] for j in (k, terms + k, -1))
        right = b * np.eye(n)[:, raised] + th * w[:, raised]
        columns = np.linalg.solve(np.eye(n) - rho * w, right) * rises[raised]
        total, own = columns.sum(axis=2), np.zeros((len(part), n))
        own[:, raised] = columns[:, raised, np.arange(raised.size)]
        found[start : start + DRAWS_AT_ONCE] = np.stack([own, total - own, total], axis=-1)
    return found


def scenario_frame(
    name: str, rises: Mapping[str, float], drawn: Drawn, weights: Weights, term: str, level: float
) -> pd.DataFrame:
    """Return the responses to one set of rises with their intervals.

    Parameters
    ----------
    name : str
        Of the scenario.
    rises : mapping of str to float
        Rise of the term by unit; the others' is zero.
    drawn : Drawn
        Estimates and draws under the weights.
    weights : Weights
        Of the sample.
    term : str
        Name of the regressor.
    level : float
        Level of the intervals: percentiles of the draws at the level at which normal draws reach as many
        standard errors as Student's t with n - 1 degrees of freedom.

    Returns
    -------
    DataFrame
        scenario, weights, covariance, term, unit (one row each, and ``all`` for their sum), rise, and own,
        neighbours and total, each with ``_low`` and ``_high``.
    """
    import pandas as pd

    units, w = list(weights.labels), weights.to_dense()
    amounts = np.array([rises.get(unit, 0.0) for unit in units])
    k = drawn.at.terms.index(term)
    found = responses(np.vstack([drawn.at.values, drawn.sample()]), w, k, amounts)
    found = np.concatenate([found, found.sum(axis=1, keepdims=True)], axis=1)
    wide = reference_quantile(level, len(units) - 1)[1]
    low, high = np.quantile(found[1:], [0.5 - wide / 2, 0.5 + wide / 2], axis=0)
    columns: dict[str, Any] = {
        "scenario": name,
        "weights": drawn.weights,
        "covariance": drawn.covariance,
        "term": term,
        "unit": [*units, ALL],
        "rise": [*amounts, amounts.sum()],
    }
    for j, part in enumerate(PARTS):
        columns |= {part: found[0, :, j], f"{part}_low": low[:, j], f"{part}_high": high[:, j]}
    return pd.DataFrame(columns)


def rises_of(members: Iterable[str], units: Sequence[str], rise: float, shared: bool) -> dict[str, float]:
    """Return the rise of each member of a set of units that the sample has.

    Parameters
    ----------
    members, units : iterable of str
        The set, and the units of the sample.
    rise : float
        One standard deviation of the regressor within units.
    shared : bool
        Whether one amount, a rise for each unit of the whole sample, is shared among the members.

    Returns
    -------
    dict of str to float
        Rise by unit.

    Examples
    --------
    >>> from shuyi.analyses.explorer.responses import rises_of
    >>> rises_of(["a", "b", "z"], ["a", "b", "c", "d"], 0.1, shared=True)
    {'a': 0.2, 'b': 0.2}
    """
    known = [unit for unit in members if unit in units]
    each = rise * len(units) / len(known) if shared and known else rise
    return dict.fromkeys(known, each)


def material(drawn: Sequence[Drawn], weights: Mapping[str, Weights], level: float) -> dict[str, Any]:
    """Return what a page needs to compute responses and their intervals.

    Parameters
    ----------
    drawn : sequence of Drawn
        Estimates under each of the weights and covariances, at least one.
    weights : mapping of str to Weights
        Of the sample, by name.
    level : float
        Level of the intervals.

    Returns
    -------
    dict
        Units, terms, draws as digits of a Sobol sequence, weights with their Hessenberg form, estimates.
    """
    from scipy.linalg import hessenberg

    first = drawn[0]
    units = list(weights[first.weights].labels)
    digits, scale = sobol_digits(first.draws, first.at.root.shape[1], first.seed)
    systems = {}
    for name in dict.fromkeys(each.weights for each in drawn):
        w = weights[name].to_dense()
        h, q = hessenberg(w, calc_q=True)
        systems[name] = {"weights": w.tolist(), "hessenberg": h.tolist(), "basis": q.tolist()}
    estimates = []
    for each in drawn:
        positions, values = each.redrawn()
        estimates.append(
            {
                "weights": each.weights,
                "covariance": each.covariance,
                "values": each.at.values.tolist(),
                "root": each.at.root.tolist(),
                "redrawn": {"positions": positions.tolist(), "values": values.tolist()},
            }
        )
    return {
        "units": units,
        "terms": list(first.at.terms),
        "draws": first.draws,
        "seed": first.seed,
        "level": level,
        "percentiles": reference_quantile(level, len(units) - 1)[1],
        "sobol": {"digits": digits, "scale": scale},
        "systems": systems,
        "estimates": estimates,
    }
