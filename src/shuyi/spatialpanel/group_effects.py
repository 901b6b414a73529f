"""Effects of one regressor by group of receivers, by group of senders, and from group to group.

    y_t = rho W y_t + sum_k b_k B_kt x_t + Z_t g + W Z_t h + mu + xi_t 1 + e_t

A block B is the identity or W (or a part of its links), with the columns of units outside a sending group and
the rows of units outside a receiving group set to zero. All groups are estimated in one equation, never on
split samples. With ``S = (I - rho W)^{-1}`` the effects are averages of ``M_t = S sum_k b_k B_kt``: direct
over the diagonal elements of a group, received over the rows, given over the columns, and sent from one group
to another over their block; errors by the delta method. One group is the plain spatial Durbin model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from shuyi.errors import DataError, IdentificationError, check_known, offenders
from shuyi.spatialpanel.models import SAR, SDM

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.spatialpanel.results import Fit
    from shuyi.weights import Weights

BY = ("receiver", "sender", "directed", "link")
LEAST = 3
"""Units that a group must have: with fewer, the jackknife over units does not identify its coefficients."""
WITHIN, BETWEEN = "within", "between"


class Block(NamedTuple):
    """One block of the equation.

    Parameters
    ----------
    name : str
        Of its column.
    order : int
        Zero for the own value, one for the spatial lag.
    receivers, senders : str or None
        Groups that it is restricted to.
    links : str or None
        ``"within"`` or ``"between"`` groups, where only these links count.
    """

    name: str
    order: int
    receivers: str | None = None
    senders: str | None = None
    links: str | None = None


@dataclass(frozen=True, eq=False)
class GroupFit:
    """Estimates by group.

    Attributes
    ----------
    fit : Fit
        Of the equation, with the blocks among its regressors.
    blocks : tuple of Block
        In the order of the regressors.
    member : ndarray of str, shape (T, n)
        Group of each unit in each period.
    groups : tuple of str
        Names of the groups.
    by : {"receiver", "sender", "directed", "link"}
        What the blocks distinguish.
    term : str
        The regressor.

    Examples
    --------
    >>> from shuyi.spatialpanel.group_effects import GroupFit, fit_groups
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> groups = {unit: "east" if i < 8 else "west" for i, unit in enumerate(panel.units)}
    >>> fit = fit_groups(panel, weights, outcome="y", regressors=["x1"], term="x1", groups=groups)
    >>> isinstance(fit, GroupFit), fit.effects()["component"].unique().tolist()
    (True, ['direct', 'indirect'])
    """

    fit: Fit
    blocks: tuple[Block, ...]
    member: NDArray[np.str_]
    groups: tuple[str, ...]
    by: str
    term: str

    def effects(self) -> pd.DataFrame:
        """Return direct and indirect effects by group.

        Returns
        -------
        DataFrame
            Columns component (``direct``, ``indirect``), receivers, senders (groups, or empty for all units),
            links, units (mean number of units that the average goes over), estimate, std_error. Indirect
            effects are those received by a group (``by="receiver"``), given by a group (``"sender"``), sent
            from one group to another (``"directed"``), or received over links within and between groups
            (``"link"``).
        """
        import pandas as pd

        rows, _ = self._computed
        return pd.DataFrame(rows)

    def covariance(self) -> NDArray[np.float64]:
        """Return the covariance of the rows of `effects`.

        Returns
        -------
        ndarray, shape (R, R)
        """
        return self._computed[1]

    def equality(self, component: str) -> dict[str, float]:
        """Test that the effects of one kind are equal in all groups.

        Parameters
        ----------
        component : {"direct", "indirect"}
            Kind of effect.

        Returns
        -------
        dict
            statistic (Wald over its number of restrictions), df, df_denom (units less one), p_value, from the
            F distribution.
        """
        from scipy.stats import f

        rows, cov = self._computed
        places = [i for i, row in enumerate(rows) if row["component"] == component]
        values = np.array([rows[i]["estimate"] for i in places])
        contrast = np.eye(len(places))[1:] - np.eye(len(places))[0]
        matrix = contrast @ cov[np.ix_(places, places)] @ contrast.T
        gap = contrast @ values
        df, denominator = len(places) - 1, self.fit.n - 1
        statistic = float(gap @ np.linalg.solve(matrix, gap)) / df
        p = float(f.sf(statistic, df, denominator))
        return {"statistic": statistic, "df": df, "df_denom": denominator, "p_value": p}

    @property
    def _computed(self) -> tuple[list[dict[str, Any]], NDArray[np.float64]]:
        names = list(self.fit.names)
        places = [names.index(block.name) for block in self.blocks]
        rho = names.index("rho")
        used = [*places, rho]
        b = self.fit.values[places]
        rows: list[dict[str, Any]] = []
        slopes = []
        for about, average in self._averages():
            value, slope = average(self, b, float(self.fit.values[rho]))
            rows.append({**about, "estimate": value})
            slopes.append(slope)
        matrix = np.array(slopes)
        cov = matrix @ self.fit.covariance_matrix[np.ix_(used, used)] @ matrix.T
        for row, variance in zip(rows, np.diag(cov), strict=True):
            row["std_error"] = float(np.sqrt(variance))
        return rows, cov

    def _averages(self) -> list[tuple[dict[str, Any], Any]]:
        found: list[tuple[dict[str, Any], Any]] = []
        for group in self.groups:
            found.append(self._entry("direct", group, "", ""))
        if self.by == "directed":
            pairs = [(b.receivers, b.senders) for b in self.blocks if b.order]
            return found + [self._entry("indirect", str(r), str(s), "") for r, s in pairs]
        if self.by == "link":
            return found + [self._entry("indirect", "", "", links) for links in (WITHIN, BETWEEN)]
        for group in self.groups:
            pair = (group, "") if self.by == "receiver" else ("", group)
            found.append(self._entry("indirect", *pair, ""))
        return found

    def _entry(self, component: str, receivers: str, senders: str, links: str) -> tuple[dict[str, Any], Any]:
        about: dict[str, Any] = {"component": component, "receivers": receivers, "senders": senders}
        about["links"] = links
        over = senders if self.by == "sender" and component == "indirect" else receivers
        inside = (self.member == over).sum(axis=1) if over else np.full(len(self.member), self.fit.n)
        about["units"] = float(inside[inside > 0].mean())

        def average(fit: GroupFit, b: NDArray, rho: float) -> tuple[float, NDArray[np.float64]]:
            return _average(fit, b, rho, component, receivers, senders, links)

        return about, average


def fit_groups(
    panel: Panel,
    weights: Weights,
    *,
    outcome: str,
    regressors: Sequence[str],
    term: str,
    groups: Mapping[str, str] | NDArray,
    by: str = "receiver",
    effects: str = "twoways",
    correction: str = "lee_yu",
    covariance: str = "cluster_jackknife",
    durbin: Sequence[str] | None = None,
) -> GroupFit:
    """Estimate a spatial Durbin model in which one regressor's coefficients differ by group.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : Weights
        Of the panel's units.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        All regressors, the term among them.
    term : str
        The regressor whose coefficients differ.
    groups : mapping of str to str, or ndarray of str, shape (T, n)
        Group of every unit; by period where it changes, for instance by halves of the sample.
    by : {"receiver", "sender", "directed", "link"}, default "receiver"
        Whether spillovers differ by the group that receives them, by the group that they come from, by both,
        or by whether they stay within a group. The own coefficient differs by group in all of them.
    effects : str, default "twoways"
        Fixed effects of the model.
    correction : str, default "lee_yu"
        How they are removed.
    covariance : str, default "cluster_jackknife"
        Kind of covariance.
    durbin : sequence of str, optional
        Other regressors whose spatial lags are included; all of them by default.

    Returns
    -------
    GroupFit

    Raises
    ------
    ConfigError
        If `by` is unknown.
    DataError
        If a unit has no group, or there is one group alone where several are needed.
    IdentificationError
        If a group has fewer than `LEAST` units, or no link joins what is to be told apart.

    Examples
    --------
    >>> from shuyi.spatialpanel.group_effects import fit_groups
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> groups = {unit: "east" if i < 8 else "west" for i, unit in enumerate(panel.units)}
    >>> fit = fit_groups(panel, weights, outcome="y", regressors=["x1"], term="x1", groups=groups)
    >>> sorted(fit.equality("direct"))
    ['df', 'df_denom', 'p_value', 'statistic']
    """
    check_known(by, BY, "way of telling groups apart")
    if term not in regressors:
        raise DataError(f"{term!r} is not among the regressors.", expected=offenders(regressors, 12))
    member, names = _members(panel, groups)
    _check_sizes(member, names)
    dense = weights.to_dense()
    blocks = _blocks(by, names, member, dense, term)
    columns = {block.name: _column(block, panel[term], member, dense) for block in blocks}
    others = [name for name in regressors if name != term]
    lagged = others if durbin is None else [name for name in durbin if name != term]
    common: dict[str, Any] = {"outcome": outcome, "regressors": [*columns, *others], "effects": effects}
    wide = panel.with_variables(columns)
    model = SDM(wide, weights, durbin=lagged, **common) if lagged else SAR(wide, weights, **common)
    fit = model.fit(correction, covariance)
    return GroupFit(fit, tuple(blocks), member, names, by, term)


def _members(panel: Panel, groups: Mapping[str, str] | NDArray) -> tuple[NDArray[np.str_], tuple[str, ...]]:
    if isinstance(groups, Mapping):
        without = [unit for unit in panel.units if not groups.get(unit)]
        if without:
            raise DataError(
                "Units without a group.", expected="a group for every unit", found=offenders(without)
            )
        row = np.array([str(groups[unit]) for unit in panel.units])
        member = np.broadcast_to(row, (panel.T, panel.n))
        order = dict.fromkeys(str(g) for u, g in groups.items() if u in panel.units)
        return member, tuple(order)
    member = np.asarray(groups).astype(str)
    if member.shape != (panel.T, panel.n):
        raise DataError(
            "Groups by period do not fit the panel.",
            expected=f"shape {(panel.T, panel.n)}",
            found=str(member.shape),
        )
    return member, tuple(dict.fromkeys(member.ravel().tolist()))


def _check_sizes(member: NDArray, names: tuple[str, ...]) -> None:
    sizes = {name: int((member == name).any(axis=0).sum()) for name in names}
    small = [f"{name} ({size})" for name, size in sizes.items() if size < LEAST]
    if small:
        raise IdentificationError(
            "A group has too few units to have coefficients of its own.",
            expected=f"at least {LEAST} units in every group",
            found=offenders(small),
            remedy="join small groups, or use another grouping",
        )


def _blocks(by: str, names: tuple[str, ...], member: NDArray, dense: NDArray, term: str) -> list[Block]:
    own = [Block(f"{term}[{g}]", 0, g, g) for g in names]
    if by == "receiver":
        return own + [Block(f"lag_{term}[{g}]", 1, g) for g in names]
    if by == "sender":
        return own + [Block(f"lag_{term}[{g}]", 1, None, g) for g in names]
    if by == "link":
        lags = [Block(f"lag_{term}[{kind}]", 1, None, None, kind) for kind in (WITHIN, BETWEEN)]
        missing = [b.links for b in lags if not _matrix(b, member[0], dense).any()]
        if missing:
            raise IdentificationError(
                "No link joins what is to be told apart.",
                expected="links within groups and between them",
                found=f"none {offenders(missing)} groups",
                remedy="use other weights or another grouping",
            )
        return own + lags
    pairs = [Block(f"lag_{term}[{s} to {r}]", 1, r, s) for r in names for s in names]
    return own + [b for b in pairs if _matrix(b, member[0], dense).any()]


def _matrix(block: Block, row: NDArray, dense: NDArray) -> NDArray[np.float64]:
    """Return B of one period."""
    found = dense.copy() if block.order else np.eye(len(row))
    if block.receivers is not None:
        found = found * (row == block.receivers)[:, None]
    if block.senders is not None:
        found = found * (row == block.senders)
    if block.links is not None:
        same = row[:, None] == row
        found = found * (same if block.links == WITHIN else ~same)
    return found


def _column(block: Block, x: NDArray, member: NDArray, dense: NDArray) -> NDArray[np.float64]:
    return np.stack([_matrix(block, row, dense) @ values for row, values in zip(member, x, strict=True)])


def _average(
    fit: GroupFit, b: NDArray, rho: float, component: str, receivers: str, senders: str, links: str
) -> tuple[float, NDArray[np.float64]]:
    """Return an average of M over periods and units of a group, and its slopes by b and rho."""
    assert fit.fit.lags is not None
    w = fit.fit.lags.at(0).to_dense()
    multiplier = np.linalg.inv(np.eye(len(w)) - rho * w)
    total, slope, periods = 0.0, np.zeros(len(b) + 1), 0
    rows, counts = np.unique(fit.member, axis=0, return_counts=True)
    for row, times in zip(rows, counts, strict=True):
        weight = _weight(fit, row, component, receivers, senders, links, w)
        if not weight.any():
            continue
        parts = np.stack([multiplier @ _matrix(block, row, w) for block in fit.blocks])
        effect = np.einsum("k,kij->ij", b, parts)
        total += times * float((weight * effect).sum())
        slope[:-1] += times * np.einsum("ij,kij->k", weight, parts)
        slope[-1] += times * float((weight * (multiplier @ w @ effect)).sum())
        periods += int(times)
    return total / periods, slope / periods


def period_blocks(fit: GroupFit) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the matrix of effects in the last period, its slopes by the parameters, and their covariance.

    Parameters
    ----------
    fit : GroupFit
        Estimates by group.

    Returns
    -------
    effect : ndarray, shape (n, n)
        Effect of the column's unit on the row's unit.
    slopes : ndarray, shape (K + 1, n, n)
        By the coefficients of the K blocks and rho.
    covariance : ndarray, shape (K + 1, K + 1)

    Examples
    --------
    >>> from shuyi.spatialpanel.group_effects import fit_groups, period_blocks
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> groups = dict.fromkeys(panel.units, "all")
    >>> fit = fit_groups(panel, weights, outcome="y", regressors=["x1"], term="x1", groups=groups)
    >>> [a.shape for a in period_blocks(fit)]
    [(16, 16), (3, 16, 16), (3, 3)]
    """
    assert fit.fit.lags is not None
    w = fit.fit.lags.at(0).to_dense()
    names = list(fit.fit.names)
    used = [*(names.index(block.name) for block in fit.blocks), names.index("rho")]
    multiplier = np.linalg.inv(np.eye(len(w)) - fit.fit.values[used[-1]] * w)
    parts = np.stack([multiplier @ _matrix(block, fit.member[-1], w) for block in fit.blocks])
    effect = np.einsum("k,kij->ij", fit.fit.values[used[:-1]], parts)
    slopes = np.concatenate([parts, (multiplier @ w @ effect)[None]])
    return effect, slopes, fit.fit.covariance_matrix[np.ix_(used, used)]


def _weight(
    fit: GroupFit, row: NDArray, component: str, receivers: str, senders: str, links: str, w: NDArray
) -> NDArray[np.float64]:
    """Return the weights of the elements of M in an average: shape (n, n)."""
    n = len(row)
    mask = np.eye(n) if component == "direct" else 1.0 - np.eye(n)
    if receivers:
        mask = mask * (row == receivers)[:, None]
    if senders:
        mask = mask * (row == senders)
    if links:
        same = row[:, None] == row
        mask = mask * (same if links == WITHIN else ~same)
    size = (row == senders).sum() if fit.by == "sender" and senders else (row == receivers).sum()
    return mask / (size if receivers or senders else n) if mask.any() else mask
