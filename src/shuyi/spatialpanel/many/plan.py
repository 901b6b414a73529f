"""Sort specifications into groups that can be estimated together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, ShuyiError, did_you_mean, offenders
from shuyi.panel import Panel
from shuyi.spatialpanel.design import ISLAND_RULES, RESERVED
from shuyi.spatialpanel.many.bank import Bank, build_bank
from shuyi.spatialpanel.many.batch import BATCHED, setting_of
from shuyi.spatialpanel.many.effects import Places
from shuyi.spatialpanel.models import MODELS, WITH_INTERCEPT
from shuyi.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.many.stack import Setting
    from shuyi.spatialpanel.specification import Specification

LAG_PREFIX = "W_"
WITHOUT_LAGS = ("none", ())
"""Values of a specification's durbin that ask for no spatial lags of regressors."""


@dataclass(frozen=True, slots=True)
class Group:
    """What the specifications of one group have in common.

    Parameters
    ----------
    sample : str
        Name of the sample.
    weights : str
        Name of the weights.
    model : str
        A key of `models.MODELS`.
    effects : str
        Effects of the model.
    correction : str
        How fixed effects are removed.
    covariance : str
        Kind of covariance, a key of `covariance.COVARIANCES`.
    regressors, durbin : int
        Number of regressors, and of spatially lagged ones.
    """

    sample: str
    weights: str
    model: str
    effects: str
    correction: str
    covariance: str
    regressors: int
    durbin: int

    @property
    def treatment(self) -> tuple[str, str, str, str, bool]:
        """What decides how variables are transformed: groups alike in this stand side by side."""
        error = MODELS[self.model].terms.error
        return self.sample, self.weights, self.effects, self.correction, error


@dataclass(frozen=True, eq=False)
class Inputs:
    """Samples and weights by name.

    Attributes
    ----------
    panels : mapping of str to Panel, or one for all samples
        Data by name of the sample.
    weights : mapping of str to weights, or one for all specifications
        Spatial weights with the panel's units in the panel's order.
    variables : tuple of str
        Every variable that some specification uses.
    islands : {"refuse", "keep"}
        What to do with units without neighbours: an error, or spatial lags of zero.
    """

    panels: Mapping[str, Panel] | Panel
    weights: Any
    variables: tuple[str, ...]
    islands: str
    _cut: dict[tuple[str, str], Any] = field(default_factory=dict)
    _banks: dict[tuple[Any, ...], Bank] = field(default_factory=dict)

    def panel(self, sample: str) -> Panel:
        """Return the panel of a sample.

        Parameters
        ----------
        sample : str
            Name of the sample.

        Returns
        -------
        Panel
            With more variables than a specification may use.
        """
        return self.panels if isinstance(self.panels, Panel) else self.panels[sample]

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Units of all samples, in order of appearance."""
        return tuple(dict.fromkeys(unit for panel in self._panels() for unit in panel.units))

    @cached_property
    def periods(self) -> tuple[int, ...]:
        """Periods of all samples, increasing."""
        return tuple(sorted({period for panel in self._panels() for period in panel.periods}))

    def weights_of(self, sample: str, name: str) -> Any:
        """Return the named weights; where they hold more units than the sample, cut and normalised anew.

        Parameters
        ----------
        sample : str
            Name of the sample.
        name : str
            Name of the weights.

        Returns
        -------
        Weights, other weights or None
            For the units of the sample.
        """
        key = (sample, name)
        if key not in self._cut:
            given = self.weights.get(name) if isinstance(self.weights, Mapping) else self.weights
            units = self.panel(sample).units
            if given is not None and not isinstance(given, list | tuple):
                given = Weights.coerce(given)
                given = given.subset(units) if set(units) < set(given.labels) else given
            self._cut[key] = given
        return self._cut[key]

    def _panels(self) -> list[Panel]:
        return [self.panels] if isinstance(self.panels, Panel) else list(self.panels.values())

    def bank(self, group: Group, setting: Setting) -> Bank:
        """Return the transformed variables of a group; those of the group before are kept if they serve.

        Parameters
        ----------
        group : Group
            What the specifications have in common.
        setting : Setting
            What their fits share.

        Returns
        -------
        Bank
            Transformed as the setting says.
        """
        last, has_error = setting.convention.lags_last, setting.spatial == "lam"
        weights = "" if setting.weights is None else group.weights
        key = (group.sample, group.effects, weights, last, has_error)
        if key not in self._banks:
            self._banks.clear()
            panel = self.panel(group.sample)
            layer = {name: j for j, name in enumerate(panel.variables)}
            names = tuple(v for v in self.variables if v in layer)
            values = np.ascontiguousarray(panel.values.transpose(2, 0, 1)[[layer[v] for v in names]])
            self._banks[key] = build_bank(
                names, values, group.effects, setting.weights, lags_last=last, has_error=has_error
            )
        return self._banks[key]


@dataclass(frozen=True, eq=False)
class Members:
    """The specifications of one group and the rows of the bank that they use.

    Attributes
    ----------
    positions : ndarray of int, shape (S,)
        Among all specifications.
    outcomes : ndarray of int, shape (S,)
        Row of each outcome in the bank.
    columns : ndarray of int, shape (S, k)
        Regressors with the constant first where there is one, then their spatial lags.
    lagged : ndarray of int, shape (S, K)
        Position among the columns of each regressor's spatial lag; -1 where it has none.
    constants : int
        Number of constants: zero or one.
    """

    positions: NDArray[np.int64]
    outcomes: NDArray[np.int64]
    columns: NDArray[np.int64]
    lagged: NDArray[np.int64]
    constants: int

    @cached_property
    def own(self) -> NDArray[np.int64]:
        """Position among the columns of each regressor, shape (K,)."""
        return np.arange(self.lagged.shape[1]) + self.constants

    def places(self, part: NDArray) -> Places:
        """Return where the coefficients of the members named by position in this group stand.

        Parameters
        ----------
        part : ndarray of int, shape (B,)
            Positions among the members.

        Returns
        -------
        Places
            Of these members.
        """
        return Places(self.own, self.lagged[part])


def build_inputs(data: Any, weights: Any, specifications: Sequence[Specification], islands: str) -> Inputs:
    """Bring data into panels and check that every name of a sample and of weights is known.

    Parameters
    ----------
    data : Panel or DataFrame, or mapping of str to these
        Balanced panel that holds the outcome and the regressors.
    weights : weights, or mapping of str to weights
        Spatial weights with the panel's units in the panel's order.
    specifications : sequence of Specification
        All that are to be fitted.
    islands : {"refuse", "keep"}
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    Inputs
        With the variables that they use.

    Raises
    ------
    ConfigError
        If two specifications share an id, or a sample or weights are not given, or the rule is unknown.
    ShuyiError
        If a panel cannot be built.
    """
    _check_repeated_ids(specifications)
    if islands not in ISLAND_RULES:
        raise ConfigError("Unknown rule for islands.", expected=f"one of {', '.join(ISLAND_RULES)}")
    panels: Mapping[str, Panel] | Panel
    if isinstance(data, Mapping):
        _check_known("sample", (s.sample for s in specifications), data)
        panels = {name: _as_panel(given) for name, given in data.items()}
    else:
        panels = _as_panel(data)
    if isinstance(weights, Mapping):
        spatial = (s.weights for s in specifications if s.model != "ols")
        _check_known("weights", spatial, weights)
    variables = dict.fromkeys(v for s in specifications for v in (s.outcome, *s.regressors))
    return Inputs(panels, weights, tuple(variables), islands)


def sort_specifications(
    specifications: Sequence[Specification],
) -> tuple[dict[Group, list[int]], list[int]]:
    """Return the specifications by group, by position, and those whose names only a single fit can judge.

    Parameters
    ----------
    specifications : sequence of Specification
        All that are to be fitted.

    Returns
    -------
    dict of Group to list of int
        Positions by group.
    list of int
        Positions of those fitted one by one.
    """
    alone = []
    keys: dict[tuple[Any, ...], list[int]] = {}
    for i, spec in enumerate(specifications):
        durbin = durbin_of(spec)
        if durbin is None or not _plain_names(spec.outcome, spec.regressors, durbin):
            alone.append(i)
            continue
        key = (
            spec.sample,
            spec.weights,
            spec.model,
            spec.effects,
            spec.correction,
            spec.covariance,
            len(spec.regressors),
            len(durbin),
        )
        keys.setdefault(key, []).append(i)
    groups = {Group(*key): members for key, members in keys.items()}
    return dict(sorted(groups.items(), key=lambda item: item[0].treatment)), alone


def group_setting(inputs: Inputs, group: Group) -> Setting | None:
    """Return the setting of a group, or None where its fits are done, or refused, one by one.

    Parameters
    ----------
    inputs : Inputs
        Samples and weights.
    group : Group
        What the specifications have in common.

    Returns
    -------
    Setting or None
        What their fits share.

    Raises
    ------
    ShuyiError
        If the single fits would be refused for what they have in common.
    """
    terms = MODELS[group.model].terms
    needs_weights = terms.lag or terms.error or terms.durbin
    panel, weights = inputs.panel(group.sample), inputs.weights_of(group.sample, group.weights)
    if group.covariance not in BATCHED or (needs_weights and not isinstance(weights, Weights)):
        return None
    if isinstance(weights, list | tuple):
        return None
    if weights is not None and (
        weights.labels != panel.units or (inputs.islands == "refuse" and weights.islands)
    ):
        return None
    count = group.regressors + group.durbin + (group.effects in WITH_INTERCEPT)
    try:
        return setting_of(terms, group.effects, group.correction, weights, panel.n, panel.T, count)
    except ShuyiError:
        return None


def members_of(
    group: Group, positions: Sequence[int], specifications: Sequence[Specification], bank: Bank
) -> tuple[Members, list[int]]:
    """Return the members of a group that can be estimated together, and the positions of all others.

    Parameters
    ----------
    group : Group
        What the specifications have in common.
    positions : sequence of int
        Of the group's specifications.
    specifications : sequence of Specification
        All of them.
    bank : Bank
        Transformed variables.

    Returns
    -------
    Members
        Those estimated together.
    list of int
        Positions of all others.
    """
    place, count = bank.place, bank.count
    constants = [bank.constant] if group.effects in WITH_INTERCEPT else []
    kept, alone, outcomes, columns, lagged = [], [], [], [], []
    first = group.regressors + len(constants)
    for i in positions:
        spec = specifications[i]
        durbin = durbin_of(spec) or ()
        if not place.keys() >= {spec.outcome, *spec.regressors}:
            alone.append(i)
            continue
        kept.append(i)
        outcomes.append(place[spec.outcome])
        columns.append(
            [*constants, *(place[r] for r in spec.regressors), *(count + place[z] for z in durbin)]
        )
        lagged.append(_lag_places(spec.regressors, durbin, first))
    shape = (len(kept), -1) if kept else (0, first + group.durbin)
    rows = np.array(columns, dtype=np.int64).reshape(shape)
    y = np.array(outcomes, dtype=np.int64)
    usable = bank.usable[y] & bank.usable[rows].all(axis=1)
    alone += [kept[j] for j in np.flatnonzero(~usable)]
    where = np.array(lagged, dtype=np.int64).reshape(len(kept), group.regressors)
    numbers = np.array(kept, dtype=np.int64)
    return Members(numbers[usable], y[usable], rows[usable], where[usable], len(constants)), alone


def durbin_of(spec: Specification) -> tuple[str, ...] | None:
    """Return the regressors whose spatial lags are included; None where the model refuses what is asked.

    Parameters
    ----------
    spec : Specification
        One specification.

    Returns
    -------
    tuple of str or None
        Names of regressors.
    """
    if spec.durbin in WITHOUT_LAGS:
        return ()
    if not MODELS[spec.model].terms.durbin:
        return None
    return spec.regressors if spec.durbin == "all" else tuple(spec.durbin)


def position(regressors: Sequence[str], term: str | int) -> int:
    """Return the position of a regressor named or counted from zero, or -1 where there is none.

    Parameters
    ----------
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    term : str or int
        Name of a regressor, or its position.

    Returns
    -------
    int
        From zero.

    Examples
    --------
    >>> from shuyi.spatialpanel.many.plan import position
    >>> position(["x1", "x2"], "x2"), position(["x1", "x2"], 5)
    (1, -1)
    """
    if isinstance(term, int):
        return term if term < len(regressors) else -1
    return regressors.index(term) if term in regressors else -1


def _lag_places(regressors: tuple[str, ...], durbin: tuple[str, ...], first: int) -> list[int]:
    if durbin == regressors:
        return list(range(first, first + len(durbin)))
    return [first + durbin.index(r) if r in durbin else -1 for r in regressors]


def _plain_names(outcome: str, regressors: tuple[str, ...], durbin: tuple[str, ...]) -> bool:
    """Whether the names are clearly those of different variables (see `design.build_design`)."""
    names = {outcome, *regressors}
    return (
        len(names) == 1 + len(regressors)
        and names.isdisjoint(RESERVED)
        and (durbin == regressors or (len(set(durbin)) == len(durbin) and names.issuperset(durbin)))
        and outcome not in durbin
        and not any(name.startswith(LAG_PREFIX) for name in names)
    )


def _as_panel(data: Any) -> Panel:
    if isinstance(data, Panel):
        return data
    if type(data).__name__ != "DataFrame":
        raise DataError(
            "Data must carry the names of units and periods.",
            expected="a Panel, a DataFrame indexed by (unit, period), or a mapping of sample names to these",
            found=f"an object of type {type(data).__name__}",
            remedy="call frame.set_index([unit_column, period_column])",
        )
    return Panel.from_frame(data)


def _check_repeated_ids(specifications: Sequence[Specification]) -> None:
    seen: set[str] = set()
    twice = [s.id for s in specifications if s.id in seen or seen.add(s.id)]  # type: ignore[func-returns-value]
    if twice:
        raise ConfigError("Each specification has an id of its own.", found=f"repeated: {offenders(twice)}")


def _check_known(what: str, names: Any, known: Mapping[str, Any]) -> None:
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        raise ConfigError(
            f"Specifications name {what} that is not given.",
            expected=f"one of {offenders(known, 12)}",
            found=offenders(map(repr, unknown)),
            remedy=did_you_mean(unknown[0], list(known)) or f"add it to the {what}",
        )
