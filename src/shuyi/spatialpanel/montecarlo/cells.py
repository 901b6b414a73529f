"""Cells of the simulation study: which panels are drawn, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from shuyi.errors import ConfigError, offenders
from shuyi.spatialpanel.design import Design, Lags
from shuyi.spatialpanel.montecarlo.simulate import Process, autoregressive, draw_errors, outcomes
from shuyi.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from shuyi.weights import Sources


SIDE = 10
"""Units along one side of the square lattice."""

CONLEY_LAGS = 2
"""Lags in time of the Conley covariance: ``floor(4 (T/100)^(2/9))`` for T from 6 to 14."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One design of the study: a two-way spatial Durbin model with one regressor.

    Attributes
    ----------
    layout : {"provinces", "lattice"}
        Whose contiguity W is: row-standardised land borders of the provinces with the links of the settings,
        or rook contiguity of a square lattice.
    T : int
        Number of periods.
    rho : float
        Spatial parameter.
    errors : str
        A key of `simulate.ERRORS`; the variance is one.
    persistence : float
        First-order autocorrelation of the regressor within units; zero draws it independently.
    beta : float
        Coefficient of the regressor.
    theta : float
        Coefficient of its spatial lag.
    replications, seed : int
        Number of replications, and the seed from which, with the cell's name, they are drawn.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo import Cell
    >>> cell = Cell("lattice", 9, 0.4, "iid", 0.0, 1.0, 0.5, replications=500, seed=1)
    >>> cell.labels(36)
    {'layout': 'lattice', 'n': 36, 'T': 9, 'rho': 0.4, 'errors': 'iid', 'persistence': 0.0}
    """

    layout: str
    T: int
    rho: float
    errors: str
    persistence: float
    beta: float
    theta: float
    replications: int
    seed: int

    @property
    def name(self) -> str:
        """Name of the cell in files, e.g. ``provinces_T9_rho0.7_iid``."""
        ending = f"_x{self.persistence:g}" if self.persistence else ""
        return f"{self.layout}_T{self.T}_rho{self.rho:g}_{self.errors}{ending}"

    @property
    def process(self) -> Process:
        """Parameters of the equation."""
        return Process((self.beta,), (self.theta,), self.rho)

    def labels(self, n: int) -> dict[str, Any]:
        """Return the columns that identify the cell in a table.

        Parameters
        ----------
        n : int
            Number of units of the layout.

        Returns
        -------
        dict
            Value by column.
        """
        return {
            "layout": self.layout,
            "n": n,
            "T": self.T,
            "rho": self.rho,
            "errors": self.errors,
            "persistence": self.persistence,
        }


@dataclass(frozen=True, slots=True)
class Resampling:
    """Which bootstrap is measured, and where.

    Attributes
    ----------
    cells : tuple of str
        Names of cells.
    replications : int
        Replications of a cell, the first of all.
    kind : str
        A key of `bootstrap.KINDS`.
    draws : int
        Bootstrap draws per replication.
    studentise : str
        Kind of covariance of studentised intervals.
    seed : int
        Of the bootstrap of the first replication; replication r adds r.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo.cells import Resampling
    >>> Resampling(("lattice",), 100, "wild", 199, "clustered", seed=1).draws
    199
    """

    cells: tuple[str, ...]
    replications: int
    kind: str
    draws: int
    studentise: str
    seed: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What the study runs.

    Attributes
    ----------
    cells : tuple of Cell
        Cells in the order in which they are run.
    measured : mapping of str to tuple of str
        Kinds of covariance by convention.
    simulated : tuple of str
        Kinds of covariance whose simulated intervals of effects and Wald tests are measured too.
    simulated_corrections : tuple of str
        Conventions for which simulated intervals are measured.
    draws : int
        Draws of a simulated interval.
    test_replications : int
        Replications of a cell, the first of all, on which tests are computed.
    bootstrap : Resampling
        Which bootstrap intervals are measured, and in which cells.
    layouts : mapping of str to mapping
        By name, ``conley_cutoff`` and, for the provinces, the entry of their ``weights``.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo import Cell, Settings
    >>> from shuyi.spatialpanel.montecarlo.cells import Resampling
    >>> cell = Cell("lattice", 9, 0.4, "iid", 0.0, 1.0, 0.5, replications=500, seed=1)
    >>> resampling = Resampling((cell.name,), 100, "wild", 199, "clustered", seed=1)
    >>> layouts = {"lattice": {"conley_cutoff": 2.0}}
    >>> settings = Settings((cell,), {"lee_yu": ("information",)}, (), (), 500, 200, resampling, layouts)
    >>> settings.cell(cell.name).T
    9
    """

    cells: tuple[Cell, ...]
    measured: Mapping[str, tuple[str, ...]]
    simulated: tuple[str, ...]
    simulated_corrections: tuple[str, ...]
    draws: int
    test_replications: int
    bootstrap: Resampling
    layouts: Mapping[str, Mapping[str, Any]]

    @property
    def corrections(self) -> tuple[str, ...]:
        """Conventions, in order."""
        return tuple(self.measured)

    @property
    def covariances(self) -> tuple[str, ...]:
        """Kinds of covariance, in order of first appearance."""
        return tuple(dict.fromkeys(kind for kinds in self.measured.values() for kind in kinds))

    def cell(self, name: str) -> Cell:
        """Return the cell of that name.

        Parameters
        ----------
        name : str
            Name of a cell, as `Cell.name` gives it.

        Returns
        -------
        Cell
            The cell.

        Raises
        ------
        ConfigError
            If there is none.
        """
        found = [c for c in self.cells if c.name == name]
        if not found:
            raise ConfigError(
                f"The study has no cell {name!r}.", expected=offenders([c.name for c in self.cells], 4)
            )
        return found[0]

    @property
    def names(self) -> list[str]:
        """Names of all cells, in order."""
        return [c.name for c in self.cells]

    def layout(self, cell: Cell, sources: Sources) -> Layout:
        """Return weights and distances of a cell's layout.

        Parameters
        ----------
        cell : Cell
            Cell whose layout is wanted.
        sources : Sources
            What the weights are built from; not read for a lattice.

        Returns
        -------
        Layout
            Weights, and distances as options of Conley's covariance.
        """
        return build_layout(cell.layout, sources, self.layouts[cell.layout])


def load_settings(
    raw: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = "config/validation.yaml"
) -> Settings:
    """Check the settings of the study and expand their blocks into cells.

    Parameters
    ----------
    raw, schema : mapping
        The parsed file and ``workflow/schemas/validation.schema.yaml``.
    file : str, default "config/validation.yaml"
        Name for messages.

    Returns
    -------
    Settings
        Cells in the order of the blocks.

    Raises
    ------
    ConfigError
        Listing every departure from the schema; or if a cell or a convention occurs twice, or the bootstrap
        names a cell that does not exist.
    """
    from shuyi.schema import check_config, raise_problems, with_whole_numbers

    raise_problems(check_config(raw, schema, file=file), raw)
    raw = with_whole_numbers(raw, schema)
    cells = tuple(cell for block in raw["blocks"] for cell in _cells(raw, block))
    corrections = [c for pair in raw["measured"] for c in pair["corrections"]]
    for names, what in (([cell.name for cell in cells], "cell"), (corrections, "convention")):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"{file} holds a {what} twice.", found=offenders(twice), remedy="keep it once")
    unknown = [name for name in raw["bootstrap"]["cells"] if name not in [cell.name for cell in cells]]
    if unknown:
        raise ConfigError(
            f"{file} asks for the bootstrap in a cell that no block holds.",
            expected=f"names such as {cells[0].name}",
            found=offenders(unknown),
        )
    return Settings(
        cells,
        {c: tuple(pair["covariances"]) for pair in raw["measured"] for c in pair["corrections"]},
        tuple(raw["simulated"]["covariances"]),
        tuple(raw["simulated"]["corrections"]),
        raw["draws"],
        raw["test_replications"],
        Resampling(**{**raw["bootstrap"], "cells": tuple(raw["bootstrap"]["cells"])}),
        dict(raw["layouts"]),
    )


def _cells(raw: Mapping[str, Any], block: Mapping[str, Any]) -> Iterator[Cell]:
    for panel in block["panels"]:
        for rho in block["rho"]:
            for errors in block["errors"]:
                yield Cell(
                    panel["layout"],
                    panel["T"],
                    float(rho),
                    errors,
                    float(block["persistence"]),
                    float(raw["beta"]),
                    float(raw["theta"]),
                    raw["replications"],
                    raw["seed"],
                )


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """What the cells of a layout share.

    Attributes
    ----------
    weights : Weights
        Spatial weights of the layout, row-standardised.
    options : mapping of str to mapping
        Options of the kinds of covariance that need some.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo import build_layout
    >>> from shuyi.weights import Sources
    >>> layout = build_layout("lattice", Sources(()), {"conley_cutoff": 2.0})
    >>> layout.weights.n, sorted(layout.options)
    (100, ['conley'])
    """

    weights: Weights
    options: Mapping[str, Mapping[str, Any]]


def build_layout(name: str, sources: Sources, entry: Mapping[str, Any]) -> Layout:
    """Return weights and distances of a layout.

    Parameters
    ----------
    name : {"provinces", "lattice"}
        Whose contiguity is wanted; a lattice has `SIDE` by `SIDE` units.
    sources : Sources
        Units, borders and coordinates of the layout that is no lattice.
    entry : mapping
        ``conley_cutoff`` (kilometres between the coordinates, or edges of the lattice) and, unless it is the
        lattice, an entry of ``weights`` (`shuyi.weights.build_weights`).

    Returns
    -------
    Layout
        Weights, and distances as options of Conley's covariance.
    """
    if name == "lattice":
        steps = np.indices((SIDE, SIDE)).reshape(2, -1)
        distances = np.abs(steps[:, :, None] - steps[:, None]).sum(axis=0).astype(float)
        weights = lattice(SIDE)
    else:
        from shuyi.weights import build_weights, great_circle_km

        weights = build_weights(entry["weights"], sources)
        distances = great_circle_km(sources.labels, sources.coordinates)
    conley = {"distances": distances, "cutoff": entry["conley_cutoff"], "lags": CONLEY_LAGS}
    return Layout(weights, {"conley": conley})


def lattice(side: int) -> Weights:
    """Return row-standardised rook contiguity of a square lattice: neighbours share an edge.

    Parameters
    ----------
    side : int
        Units on an edge.

    Returns
    -------
    Weights, n = side^2
        Units named by row and column, ``"r00c00"`` first.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo import lattice
    >>> lattice(3)
    <Weights 'rook' of 9 units, 24 nonzero entries, 1 component, 0 islands, normalisation: row>
    """
    line = np.diag(np.ones(side - 1), 1)
    line = line + line.T
    matrix = np.kron(np.eye(side), line) + np.kron(line, np.eye(side))
    labels = tuple(f"r{i:02d}c{j:02d}" for i in range(side) for j in range(side))
    return Weights(matrix, labels, "rook", definition={"side": side}).normalise("row")


def draw_designs(cell: Cell, weights: Weights, theta: float | None = None) -> Iterator[Design]:
    """Yield the data of each replication; a cell draws the same regressors and errors for every theta.

    Fixed effects are left out: every convention of the study removes them exactly.

    Parameters
    ----------
    cell : Cell
        Parameters, regressor and errors of the data.
    weights : Weights
        Spatial weights of the cell's layout.
    theta : float, optional
        Instead of the cell's.

    Returns
    -------
    iterator of Design
        One per replication, drawn as it is asked for.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo import Cell, draw_designs, lattice
    >>> cell = Cell("lattice", 4, 0.4, "iid", 0.0, 1.0, 0.5, replications=2, seed=1)
    >>> [design.y.shape for design in draw_designs(cell, lattice(3))]
    [(4, 9), (4, 9)]
    """
    shape = (cell.replications, cell.T, weights.n)
    rng = np.random.default_rng([cell.seed, crc32(cell.name.encode())])
    x = autoregressive(rng.standard_normal(shape), cell.persistence)[..., None]
    e = draw_errors(rng, cell.errors, shape)
    lags = Lags((weights,))
    process = cell.process if theta is None else Process((cell.beta,), (theta,), cell.rho)
    y = outcomes(process, lags, lags, x, e)
    return (design_of(y[r], x[r], lags) for r in range(cell.replications))


def design_of(y: NDArray, x: NDArray, lags: Lags) -> Design:
    """Return the design of a spatial Durbin model with regressor ``x`` from arrays (T, n) and (T, n, 1).

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, 1)
        Regressor.
    lags : Lags
        Spatial weights by period.

    Returns
    -------
    Design
        Outcome ``y``, regressor ``x`` and its spatial lag, periods 1 to T.
    """
    units = lags.at(0).labels
    return Design("y", ("x",), ("x",), y, x, units, tuple(range(1, len(y) + 1)), lags, None)
