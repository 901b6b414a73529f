"""Channel variables from official figures, and the index without what it shares with a channel.

* ``variable``: a variable of the panel;
* ``ratio``: one series over another, over the years that both are printed in;
* ``growth``: the change of a series since the year before, relative to that year;
* ``upgrading``: ``sum_k k s_k`` over the shares s of sectors, in the order given (primary first);
* ``similarity``: the mean cosine of the sector shares of a unit with those of its neighbours;
* ``quotient``: a series' share in a total, over the same share of all units together.

A channel and the index must not measure one series: indicators whose numerator measures a series that the
channel measures leave the index of that channel's equation, and controls that do leave the equation. Years at
either end in which the source does not print every unit are left out; nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, offenders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.data.derivations import Derivations
    from shuyi.data.series import SeriesTable
    from shuyi.indices import Scheme
    from shuyi.panel import Panel
    from shuyi.weights import Weights

NEEDS = {
    "variable": ("variable",),
    "ratio": ("series", "of"),
    "growth": ("series",),
    "upgrading": ("sectors",),
    "similarity": ("sectors",),
    "quotient": ("series", "of"),
}
"""Keys of each kind."""


@dataclass(frozen=True, eq=False)
class Figures:
    """What channels are built from.

    Parameters
    ----------
    panel : Panel
        The estimation panel, cut to the sample.
    series : SeriesTable
        All official series, over all years that they are printed in.
    weights : Weights
        Neighbours of the units of the panel.
    """

    panel: Panel
    series: SeriesTable
    weights: Weights

    def window(self, name: str, first: int, last: int) -> NDArray[np.float64]:
        """Return a series over some years, units in the order of the panel.

        Parameters
        ----------
        name : str
            Name of the series.
        first, last : int
            Years.

        Returns
        -------
        ndarray, shape (last - first + 1, n)
            As printed, in base units.
        """
        places = [self.series.units.index(unit) for unit in self.panel.units]
        return self.series[name].window(first, last)[:, places]

    def printed(self, names: Sequence[str], before: int = 0) -> list[int]:
        """Return the years of the panel in which all of some series are printed, and so many years before.

        Parameters
        ----------
        names : sequence of str
            Series.
        before : int, default 0
            Earlier years that are needed too.

        Returns
        -------
        list of int
            Increasing.

        Raises
        ------
        DataError
            If there are none.
        """
        years = [
            int(year)
            for year in self.panel.periods
            if all(self.series[name].covers(int(year) - before, int(year)) for name in names)
        ]
        if not years:
            raise DataError(
                "A channel has no year of figures within the panel.",
                expected=f"figures of {offenders(names)} between {self.panel.periods[0]} and "
                f"{self.panel.periods[-1]}",
                found="none",
            )
        return years


@dataclass(frozen=True, eq=False)
class Channel:
    """A channel variable.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        Its values.
    periods : list of int
        The years that it has.
    """

    values: NDArray[np.float64]
    periods: list[int]


def build_channel(entry: Mapping[str, Any], figures: Figures) -> Channel:
    """Return a channel variable.

    Parameters
    ----------
    entry : mapping
        ``kind`` and what that kind needs.
    figures : Figures
        Panel, series and neighbours.

    Returns
    -------
    Channel
        Over the years of the panel that its figures have.

    Raises
    ------
    DataError
        If a cell is missing between the first and the last year that are printed for all units.
    """
    channel = _complete(KINDS[entry["kind"]](entry, figures))
    missing = np.argwhere(~np.isfinite(channel.values))
    if len(missing):
        cells = [f"{figures.panel.units[i]} in {channel.periods[t]}" for t, i in missing]
        raise DataError(
            "A channel has missing figures.", expected="a value in every cell", found=offenders(cells)
        )
    return channel


def _complete(channel: Channel) -> Channel:
    """Leave out years at either end in which the source does not print every unit."""
    whole = np.flatnonzero(np.isfinite(channel.values).all(axis=1))
    if not len(whole):
        return channel
    kept = slice(int(whole[0]), int(whole[-1]) + 1)
    return Channel(channel.values[kept], channel.periods[kept])


def _variable(entry: Mapping[str, Any], figures: Figures) -> Channel:
    return Channel(figures.panel[entry["variable"]], list(figures.panel.periods))


def _ratio(entry: Mapping[str, Any], figures: Figures) -> Channel:
    years = figures.printed([entry["series"], entry["of"]])
    own, of = (figures.window(entry[key], years[0], years[-1]) for key in ("series", "of"))
    return Channel(own / of, years)


def _growth(entry: Mapping[str, Any], figures: Figures) -> Channel:
    years = figures.printed([entry["series"]], before=1)
    values = figures.window(entry["series"], years[0] - 1, years[-1])
    return Channel(values[1:] / values[:-1] - 1, years)


def _shares(entry: Mapping[str, Any], figures: Figures) -> tuple[NDArray[np.float64], list[int]]:
    years = figures.printed(entry["sectors"])
    values = np.stack([figures.window(name, years[0], years[-1]) for name in entry["sectors"]], axis=2)
    return values / values.sum(axis=2, keepdims=True), years


def _upgrading(entry: Mapping[str, Any], figures: Figures) -> Channel:
    shares, years = _shares(entry, figures)
    return Channel(shares @ np.arange(1.0, shares.shape[2] + 1), years)


def _similarity(entry: Mapping[str, Any], figures: Figures) -> Channel:
    shares, years = _shares(entry, figures)
    unit = shares / np.linalg.norm(shares, axis=2, keepdims=True)
    cosines = np.einsum("tik,tjk->tij", unit, unit)
    linked = (figures.weights.to_dense() > 0).astype(float)
    return Channel((cosines * linked).sum(axis=2) / linked.sum(axis=1), years)


def _quotient(entry: Mapping[str, Any], figures: Figures) -> Channel:
    share = _ratio(entry, figures)
    first, last = share.periods[0], share.periods[-1]
    own, of = (figures.window(entry[key], first, last).sum(axis=1) for key in ("series", "of"))
    return Channel(share.values / (own / of)[:, None], share.periods)


KINDS: Mapping[str, Callable[[Mapping[str, Any], Figures], Channel]] = {
    "variable": _variable,
    "ratio": _ratio,
    "growth": _growth,
    "upgrading": _upgrading,
    "similarity": _similarity,
    "quotient": _quotient,
}
"""Each rule by the name that the configuration gives it."""


def measured_by(entry: Mapping[str, Any], derivations: Derivations) -> set[str]:
    """Return the official series that a channel measures.

    Parameters
    ----------
    entry : mapping
        The channel as configured.
    derivations : Derivations
        From which series the variables of the panel follow.

    Returns
    -------
    set of str
        Series, without those that only set the scale.
    """
    if entry["kind"] == "variable":
        return set(derivations.origins([entry["variable"]], measured=True))
    return set(entry.get("sectors", [entry.get("series")]))


def shared_indicators(entry: Mapping[str, Any], scheme: Scheme, derivations: Derivations) -> list[str]:
    """Return the indicators of the index that measure a series of the channel.

    Parameters
    ----------
    entry : mapping
        The channel as configured.
    scheme : Scheme
        The index.
    derivations : Derivations
        From which series variables follow.

    Returns
    -------
    list of str
        Ids; they leave the index of the channel's equation.
    """
    measured = measured_by(entry, derivations)
    return [
        i.id for i in scheme.indicators if measured & set(derivations.origins([i.numerator], measured=True))
    ]


def shared_controls(entry: Mapping[str, Any], controls: Sequence[str], derivations: Derivations) -> list[str]:
    """Return the controls that measure a series of the channel.

    Parameters
    ----------
    entry : mapping
        The channel as configured.
    controls : sequence of str
        Of the headline.
    derivations : Derivations
        From which series variables follow.

    Returns
    -------
    list of str
        Controls that leave the channel's equation.
    """
    measured = measured_by(entry, derivations)
    return [name for name in controls if measured & set(derivations.origins([name], measured=True))]
