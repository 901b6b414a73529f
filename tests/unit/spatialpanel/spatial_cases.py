"""Weights of several kinds and simulated panels of the general nesting model."""

import numpy as np

from shuyi.panel import Panel
from shuyi.spatialpanel import MODELS
from shuyi.weights import Weights

NAMES = {"outcome": "y", "regressors": ["x1", "x2"]}


def labels(n):
    return tuple(f"u{i:02d}" for i in range(n))


def ring(n):
    a = np.zeros((n, n))
    for i in range(n):
        a[i, (i + 1) % n] = a[(i + 1) % n, i] = 1.0
    a[0, n // 2] = a[n // 2, 0] = 1.0
    return a


def nearest(n, k, seed=3):
    xy = np.random.default_rng(seed).random((n, 2))
    d = ((xy[:, None] - xy) ** 2).sum(axis=2)
    np.fill_diagonal(d, np.inf)
    a = np.zeros((n, n))
    a[np.arange(n)[:, None], np.argsort(d, axis=1)[:, :k]] = 1.0
    return a


def make_weights(kind, n):
    if kind == "symmetric":
        return Weights(ring(n), labels(n), kind)
    if kind == "row":
        return Weights(ring(n), labels(n), kind).normalise("row")
    if kind == "nearest":
        return Weights(nearest(n, 3), labels(n), kind).normalise("row")
    if kind == "spectral":
        return Weights(nearest(n, 3) * np.linspace(0.5, 2, n), labels(n), kind).normalise("spectral")
    raise ValueError(kind)


def make_panel(n, T, weights, *, rho=0.3, lam=0.0, k=2, seed=0, error_weights=None):
    rng = np.random.default_rng(seed)
    w = weights.to_dense()
    x = rng.standard_normal((T, n, k)) + rng.standard_normal((n, k))
    mu, xi = 0.3 * rng.standard_normal(n), 0.3 * rng.standard_normal(T)
    e = 0.5 * rng.standard_normal((T, n))
    u = np.linalg.solve(np.eye(n) - lam * (error_weights or weights).to_dense(), e.T).T
    mean = x @ np.linspace(1.0, 0.5, k) + np.einsum("ij,tjk->tik", w, x) @ np.full(k, 0.4)
    y = np.linalg.solve(np.eye(n) - rho * w, (mean + mu + xi[:, None] + u).T).T
    values = np.concatenate([y[:, :, None], x], axis=2)
    return Panel(values, labels(n), tuple(range(2000, 2000 + T)), ("y", *(f"x{j + 1}" for j in range(k))))


def fitted(model, panel, weights, correction="lee_yu", **options):
    return MODELS[model](panel, weights, **NAMES, **options).fit(correction)
