"""Estimate many specifications in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ShuyiError
from shuyi.spatialpanel.design import INTERCEPT
from shuyi.spatialpanel.many.batch import BatchResult, compute
from shuyi.spatialpanel.many.plan import (
    Group,
    Inputs,
    Members,
    build_inputs,
    group_setting,
    members_of,
    sort_specifications,
)
from shuyi.spatialpanel.many.results import ManyFits
from shuyi.spatialpanel.many.stack import Setting, build_stack
from shuyi.spatialpanel.specification import Specification, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.many.bank import Bank
    from shuyi.spatialpanel.results import Fit

CHUNK = 256
"""Specifications whose arrays are held at once: at 31 x 9 some ten MB, most of the second-level cache."""


def fit_many(
    data: Any, weights: Any, specifications: Sequence[Specification], *, islands: str = "refuse"
) -> ManyFits:
    """Estimate many specifications that share data, weights and transformations.

    Every number is that of `specification.fit` to ten digits. OLS, SLX, SAR, SEM, SDM and SDEM with fixed
    effects or none, one weights matrix for all periods, and errors of kind ``information`` or
    ``cluster_jackknife`` (each unit a cluster) are computed for all specifications at once; everything else,
    and what comes close to a refusal, is fitted one by one.

    Parameters
    ----------
    data : Panel, DataFrame indexed by (unit, period), or mapping of str to these
        One panel for all specifications, or a panel by name of the sample. It may hold more variables than a
        specification uses.
    weights : Weights, libpysal Graph or W, labelled square DataFrame, or mapping of str to these
        One matrix for all specifications, or a matrix by name; None where no model needs any. Where a matrix
        names more units than a sample, it is cut to them and normalised anew.
    specifications : sequence of Specification
        With ids of their own. They may differ in everything.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with a unit without neighbours; kept, its spatial lags are zero.

    Returns
    -------
    ManyFits
        A specification whose single fit would be refused has no numbers, and the reason in
        `ManyFits.reasons`.

    Raises
    ------
    ConfigError
        If two specifications share an id, or name a sample or weights that are not given.
    DataError
        If a panel is unbalanced or not numeric.

    Examples
    --------
    >>> from shuyi.spatialpanel import Specification
    >>> from shuyi.spatialpanel.many import fit_many
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> specs = [Specification(m, "", "", m, "y", ("x1",)) for m in ("slx", "sdm")]
    >>> fit_many(panel, weights, specs).to_frame("x1")[["id", "model"]]
        id model
    0  slx   slx
    1  sdm   sdm
    """
    specifications = tuple(specifications)
    inputs = build_inputs(data, weights, specifications, islands)
    found = _Table(specifications)
    groups, alone = sort_specifications(specifications)
    for group, positions in groups.items():
        setting = group_setting(inputs, group)
        if setting is None:
            alone += positions
            continue
        bank = inputs.bank(group, setting)
        members, others = members_of(group, positions, specifications, bank)
        alone += others
        alone += _estimate_group(found, group, setting, bank, members)
    for i in alone:
        _estimate_alone(found, inputs, i)
    return found.result()


def _estimate_group(found: _Table, group: Group, setting: Setting, bank: Bank, members: Members) -> list[int]:
    """Estimate the members of a group chunk by chunk and return those that need a single fit."""
    alone: list[int] = []
    for start in range(0, len(members.positions), CHUNK):
        part = np.arange(start, min(start + CHUNK, len(members.positions)))
        columns, y = members.columns[part], members.outcomes[part]
        lagged = bank.lagged[y] if setting.spatial else None
        lagged_x = bank.lagged[columns] if setting.spatial == "lam" else None
        stack = build_stack(setting, bank.columns[columns], bank.columns[y], lagged, lagged_x)
        result = compute(stack, group.correction, group.covariance, members.places(part))
        if result is None:
            alone += members.positions[part].tolist()
            continue
        alone += members.positions[part[~result.sound]].tolist()
        found.enter(setting, members, part, result)
    return alone


def _estimate_alone(found: _Table, inputs: Inputs, i: int) -> None:
    spec = found.specifications[i]
    try:
        weights = inputs.weights_of(spec.sample, spec.weights)
        single = fit(inputs.panel(spec.sample), weights, spec, islands=inputs.islands)
        found.enter_single(i, single)
    except (ShuyiError, np.linalg.LinAlgError) as error:
        found.reasons[i] = str(error)


class _Table:
    """The arrays of a `ManyFits` while they are filled."""

    def __init__(self, specifications: tuple[Specification, ...]) -> None:
        self.specifications = specifications
        count = len(specifications)
        width = max((len(s.regressors) for s in specifications), default=0)
        self.wide = {name: np.full((count, width), np.nan) for name in ("beta", "theta")}
        self.wide |= {f"{name}_std_error": np.full((count, width), np.nan) for name in tuple(self.wide)}
        self.flat = {name: np.full(count, np.nan) for name in ("rho", "lam", "sigma2")}
        self.flat |= {f"{name}_std_error": np.full(count, np.nan) for name in tuple(self.flat)}
        self.flat |= {name: np.full(count, np.nan) for name in ("loglik", "gradient")}
        self.cubes = {name: np.full((count, width, 3), np.nan) for name in ("effects", "effects_std_error")}
        self.counts = {name: np.zeros(count, np.int64) for name in ("n", "T", "n_effective", "iterations")}
        self.reasons = [""] * count
        self.together = np.zeros(count, bool)

    def enter(self, setting: Setting, members: Members, part: NDArray, result: BatchResult) -> None:
        """Enter the sound fits of one chunk."""
        sound = result.sound
        rows, lagged = members.positions[part[sound]], members.lagged[part[sound]]
        K = lagged.shape[1]
        errors = np.sqrt(np.diagonal(result.covariance[sound], axis1=1, axis2=2))
        fits = np.arange(len(rows))[:, None]
        for ending, values in (("", result.values[sound]), ("_std_error", errors)):
            self.wide[f"beta{ending}"][rows, :K] = values[:, members.own]
            self.wide[f"theta{ending}"][rows, :K] = np.where(lagged >= 0, values[fits, lagged], np.nan)
            self.flat[f"sigma2{ending}"][rows] = values[:, -1]
            if setting.spatial:
                self.flat[f"{setting.spatial}{ending}"][rows] = values[:, -2]
        self.cubes["effects"][rows, :K] = result.effects.estimate[sound]
        self.cubes["effects_std_error"][rows, :K] = result.effects.std_error[sound]
        for name in ("loglik", "gradient"):
            self.flat[name][rows] = getattr(result, name)[sound]
        self._count(rows, setting.n, setting.T, setting.size, result.iterations[sound])
        self.together[rows] = True

    def enter_single(self, i: int, single: Fit) -> None:
        """Enter one fit, unless its effects are refused."""
        effects = single.effects(draws=0)
        place = {name: j for j, name in enumerate(single.names)}
        terms = [name for name in single.regressors if name != INTERCEPT]
        errors = np.sqrt(np.diag(single.covariance_matrix))
        for ending, values in (("", single.values), ("_std_error", errors)):
            for j, term in enumerate(terms):
                self.wide[f"beta{ending}"][i, j] = values[place[term]]
                if f"W_{term}" in place:
                    self.wide[f"theta{ending}"][i, j] = values[place[f"W_{term}"]]
            for name in ("rho", "lam", "sigma2"):
                if name in place:
                    self.flat[f"{name}{ending}"][i] = values[place[name]]
        self.cubes["effects"][i, : len(terms)] = effects.estimate
        self.cubes["effects_std_error"][i, : len(terms)] = effects.std_error_delta
        self.flat["loglik"][i] = single.loglik
        self.flat["gradient"][i] = single.convergence.get("gradient", np.nan)
        steps = int(single.convergence.get("iterations", 0))
        self._count(i, single.n, single.T, single.n_effective, steps)

    def result(self) -> ManyFits:
        """Return the arrays as a frozen result."""
        arrays = {**self.wide, **self.flat, **self.cubes, **self.counts, "together": self.together}
        for array in arrays.values():
            array.setflags(write=False)
        return ManyFits(specifications=self.specifications, reasons=tuple(self.reasons), **arrays)

    def _count(self, rows: Any, n: int, T: int, size: int, iterations: Any) -> None:
        for name, value in (("n", n), ("T", T), ("n_effective", size), ("iterations", iterations)):
            self.counts[name][rows] = value
