"""One entry of a configuration turned into weights.

An entry is a mapping with a `kind` and the parameters of that kind; `normalisation` (default ``"row"``)
belongs to every kind. The parameters of a kind are those of its builder in `shuyi.weights.build`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, check_known, did_you_mean, offenders
from shuyi.weights import build
from shuyi.weights.build import Coordinates, Groups
from shuyi.weights.container import Weights
from shuyi.weights.formats import from_user_csv

if TYPE_CHECKING:
    from shuyi.panel import Panel

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Sources:
    """What weights are built from.

    Parameters
    ----------
    labels : tuple of str, length n
        Units, in the order of rows and columns.
    borders : sequence of pairs of labels, default empty
        Land borders, each once.
    coordinates : mapping of str to (float, float), default empty
        (latitude, longitude) in degrees by label.
    panel : Panel, optional
        Levels for weights of economic distance.
    groups : mapping of str to mapping, default empty
        Grouping schemes by name; each maps a label to its group or groups.
    files : mapping of str to str, default empty
        Text of users' weights tables by path as written in the entry.
    resolve : callable, optional
        Turns a name in a user's table into a label.
    specs : mapping of str to mapping, default empty
        All entries by name, so that a nested entry can refer to another.

    Examples
    --------
    >>> from shuyi.weights import Sources, build_weights
    >>> sources = Sources(("a", "b", "c"), borders=[("a", "b"), ("b", "c")])
    >>> build_weights({"kind": "contiguity", "normalisation": "none"}, sources).to_dense()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """

    labels: tuple[str, ...]
    borders: Sequence[Sequence[str]] = ()
    coordinates: Coordinates = field(default_factory=dict)
    panel: Panel | None = None
    groups: Mapping[str, Groups] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    resolve: Callable[[str], str] | None = None
    specs: Mapping[str, Spec] = field(default_factory=dict)


def build_weights(spec: Spec, sources: Sources) -> Weights:
    """Build the weights that one entry describes.

    Parameters
    ----------
    spec : mapping
        One of (optional parameters in brackets)

        * ``kind: contiguity``, [``links``], [``islands``]
        * ``kind: inverse_distance``, ``power``, [``cutoff_km``], [``islands``]
        * ``kind: nearest_neighbours``, ``k``
        * ``kind: band``, ``upper_km``, [``lower_km``], [``islands``]
        * ``kind: block``, ``groups``, [``islands``]
        * ``kind: economic_distance``, ``variable``, [``year``: first or a year], [``ties``]
        * ``kind: nested``, ``power``, ``variable``, [``year``]: see `build_nested`
        * ``kind: convex``, ``geographic``, ``economic``, ``share``: see `build_convex`
        * ``kind: file``, ``path``, [``islands``: refuse or keep], [``signed``]

        each with [``normalisation``: row, spectral or none]. `geographic` and `economic` are entries
        themselves or names of entries in ``sources.specs``.
    sources : Sources
        What the weights are built from.

    Returns
    -------
    Weights
        Normalised as the entry says.

    Raises
    ------
    ConfigError
        If the kind or a parameter is unknown, one is missing, or entries refer to each other in a circle.
    WeightsError, AlignmentError, DataError
        As the builders do.

    Examples
    --------
    >>> from shuyi.weights import Sources, build_weights
    >>> points = {"a": (30.0, 110.0), "b": (30.0, 111.0), "c": (30.0, 113.0)}
    >>> sources = Sources(tuple(points), coordinates=points)
    >>> build_weights({"kind": "inverse_distance", "power": 2}, sources).to_dense().round(3)
    array([[0.   , 0.9  , 0.1  ],
           [0.8  , 0.   , 0.2  ],
           [0.308, 0.692, 0.   ]])
    """
    kind: Any = spec.get("kind")
    check_known(kind, _KINDS, "kind of weights")
    required, optional, builder = _KINDS[kind]
    _check_parameters(spec, required, optional)
    parameters = {k: v for k, v in spec.items() if k not in ("kind", "normalisation")}
    return builder(sources, **parameters).normalise(spec.get("normalisation", "row"))


def build_all(specs: Mapping[str, Spec], sources: Sources) -> dict[str, Weights]:
    """Build every entry of a configuration, by name, in the order given.

    Parameters
    ----------
    specs : mapping of str to mapping
        Entries by name, as `build_weights` takes them.
    sources : Sources
        What the weights are built from.

    Returns
    -------
    dict of str to Weights
        Weights by name.

    Raises
    ------
    ConfigError, WeightsError, AlignmentError, DataError
        As `build_weights` does.

    Examples
    --------
    >>> from shuyi.weights import Sources, build_all
    >>> sources = Sources(("a", "b"), borders=[("a", "b")])
    >>> list(build_all({"border": {"kind": "contiguity"}}, sources))
    ['border']
    """
    return {name: build_named(name, specs, sources) for name in specs}


def build_named(name: str, specs: Mapping[str, Spec], sources: Sources) -> Weights:
    """Build one entry of a configuration, which may refer to the others.

    Parameters
    ----------
    name : str
        Name of the entry.
    specs : mapping of str to mapping
        All entries by name.
    sources : Sources
        What the weights are built from.

    Returns
    -------
    Weights
        Normalised as the entry says.

    Raises
    ------
    ConfigError, WeightsError, AlignmentError, DataError
        As `build_weights` does.

    Examples
    --------
    >>> from shuyi.weights import Sources, build_named
    >>> sources = Sources(("a", "b"), borders=[("a", "b")])
    >>> build_named("border", {"border": {"kind": "contiguity"}}, sources).normalisation
    'row'
    """
    return build_weights(specs[name], replace(sources, specs=specs))


def _check_parameters(spec: Spec, required: Sequence[str], optional: Sequence[str]) -> None:
    allowed = ("kind", *required, *optional, "normalisation")
    unknown = [key for key in spec if key not in allowed]
    missing = [key for key in required if key not in spec]
    if unknown or missing:
        parts = [f"unknown: {offenders(unknown)}"] if unknown else []
        parts += [f"missing: {offenders(missing)}"] if missing else []
        raise ConfigError(
            f"The parameters of weights of kind {spec['kind']!r} do not fit.",
            expected=f"{', '.join(required) or 'none'}; optional: {', '.join((*optional, 'normalisation'))}",
            found="; ".join(parts),
            remedy=did_you_mean(unknown[0], allowed) if unknown else "",
        )


def _contiguity(sources: Sources, **parameters: Any) -> Weights:
    return build.build_contiguity(
        sources.labels, sources.borders, coordinates=sources.coordinates or None, **parameters
    )


def _inverse_distance(sources: Sources, **parameters: Any) -> Weights:
    return build.build_inverse_distance(sources.labels, sources.coordinates, **parameters)


def _nearest(sources: Sources, **parameters: Any) -> Weights:
    return build.build_knn(sources.labels, sources.coordinates, **parameters)


def _band(sources: Sources, **parameters: Any) -> Weights:
    return build.build_band(sources.labels, sources.coordinates, **parameters)


def _block(sources: Sources, *, groups: str, **parameters: Any) -> Weights:
    if groups not in sources.groups:
        raise ConfigError(
            "Unknown grouping of units.",
            expected=f"one of {offenders(sources.groups, 12)}",
            found=repr(groups),
            remedy=did_you_mean(groups, sources.groups),
        )
    weights = build.build_block(
        sources.labels, sources.groups[groups], coordinates=sources.coordinates or None, **parameters
    )
    return replace(weights, definition={"scheme": groups, **weights.definition})


def _economic(sources: Sources, *, variable: str, year: int | str = "first", **parameters: Any) -> Weights:
    levels, period = _levels(sources, variable, year)
    weights = build.build_economic(sources.labels, levels, **parameters)
    return replace(weights, definition={"variable": variable, "year": period, **weights.definition})


def _nested(sources: Sources, *, power: float, variable: str, year: int | str = "first") -> Weights:
    geographic = _inverse_distance(sources, power=power)
    levels, period = _levels(sources, variable, year)
    weights = build.build_nested(geographic, levels)
    return replace(weights, definition={"variable": variable, "year": period, **weights.definition})


def _convex(sources: Sources, *, geographic: str | Spec, economic: str | Spec, share: float) -> Weights:
    return build.build_convex(_part(sources, geographic), _part(sources, economic), share=share)


def _file(sources: Sources, *, path: str, islands: str = "refuse", signed: bool = False) -> Weights:
    if path not in sources.files:
        raise DataError(
            "A weights table was not supplied.",
            expected=f"the text of {path}",
            found=f"files: {offenders(sources.files) or 'none'}",
        )
    if islands not in ("refuse", "keep"):
        raise ConfigError(
            "Islands in a user's weights table can be refused or kept.",
            expected="refuse or keep",
            found=repr(islands),
            remedy="write the link into the table",
        )
    weights = from_user_csv(
        sources.files[path], sources.labels, source=path, resolve=sources.resolve, signed=signed
    )
    if weights.islands and islands == "refuse":
        build.check_no_islands(weights.islands)
    return replace(weights, definition={**weights.definition, "islands": islands})


def _part(sources: Sources, entry: str | Spec) -> Weights:
    if not isinstance(entry, str):
        return build_weights(entry, sources)
    if entry not in sources.specs:
        raise ConfigError(
            "Convex weights refer to an unknown entry, or in a circle.",
            expected=f"one of {offenders(sources.specs, 12)}",
            found=repr(entry),
            remedy=did_you_mean(entry, sources.specs),
        )
    others = {name: spec for name, spec in sources.specs.items() if name != entry}
    return build_weights(sources.specs[entry], replace(sources, specs=others))


def _levels(sources: Sources, variable: str, year: int | str) -> tuple[dict[str, float], int]:
    """Return the level of each label in one year, by default the panel's first, and that year."""
    if sources.panel is None:
        raise DataError("Economic weights need a panel.", expected=f"a panel with {variable!r}")
    panel = sources.panel.select(units=sources.labels)
    period = panel.periods[0] if year == "first" else year
    if period not in panel.periods:
        raise DataError(
            "Economic weights name a year outside the panel.",
            expected=f"first, or a year from {panel.periods[0]} to {panel.periods[-1]}",
            found=repr(year),
        )
    values = panel[variable][panel.periods.index(int(period))]
    return dict(zip(panel.units, np.asarray(values).tolist(), strict=True)), int(period)


_Kind = tuple[tuple[str, ...], tuple[str, ...], Callable[..., Weights]]
_KINDS: dict[str, _Kind] = {
    "contiguity": ((), ("links", "islands"), _contiguity),
    "inverse_distance": (("power",), ("cutoff_km", "islands"), _inverse_distance),
    "nearest_neighbours": (("k",), (), _nearest),
    "band": (("upper_km",), ("lower_km", "islands"), _band),
    "block": (("groups",), ("islands",), _block),
    "economic_distance": (("variable",), ("year", "ties"), _economic),
    "nested": (("power", "variable"), ("year",), _nested),
    "convex": (("geographic", "economic", "share"), (), _convex),
    "file": (("path",), ("islands", "signed"), _file),
}
