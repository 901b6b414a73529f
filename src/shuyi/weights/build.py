"""Builders of spatial weights: each computes one kind and returns it as it is, not normalised.

Distances are great-circle distances in kilometres between the points given (for provinces: the capitals).
Coordinates, levels and groups come as mappings from label to value, so that nothing is aligned by position.
A builder that leaves a unit without neighbours applies the rule for islands: ``"refuse"`` raises,
``"link"`` joins the unit with the nearest other unit in both directions, ``"keep"`` leaves its row and
column empty.

libpysal's ``Graph`` builds nearest neighbours, distance bands and blocks too. They are built here because its
bands take planar distances and not kilometres, its ties depend on the order of the rows, its blocks are a
partition (here a unit may belong to several groups) and its isolates carry no rule; and because coordinates
by label need no frame of geometries. Tests compare both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np

from shuyi.arguments import whole_number
from shuyi.errors import ConfigError, WeightsError, check_known, did_you_mean, offenders
from shuyi.weights.container import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

Coordinates = Mapping[str, tuple[float, float]]
"""Latitude and longitude in degrees (WGS 84) by label."""
Groups = Mapping[str, str | Sequence[str]]
"""Group or groups by label."""
Pairs = Iterable[Sequence[str]]
IslandRule = Literal["refuse", "link", "keep"]
ISLAND_RULES: tuple[IslandRule, ...] = ("refuse", "link", "keep")
TieRule = Literal["refuse", "smallest_gap"]
TIE_RULES: tuple[TieRule, ...] = ("refuse", "smallest_gap")

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth, (2 a + b) / 3 of the GRS 80 ellipsoid (Moritz 2000)."""


def great_circle_km(labels: Sequence[str], coordinates: Coordinates) -> NDArray[np.float64]:
    """Return the great-circle distances between all pairs of units by the haversine formula.

    Parameters
    ----------
    labels : sequence of str, length n
        Units, in the order of rows and columns.
    coordinates : mapping of str to (float, float)
        (latitude, longitude) of every label in degrees (WGS 84), latitude in [-90, 90], longitude in [-180,
        180].

    Returns
    -------
    ndarray, shape (n, n)
        Kilometres on a sphere of radius `EARTH_RADIUS_KM`; within 0.6 % of the ellipsoid's geodesic.

    Raises
    ------
    WeightsError
        If a label has no coordinates or they are out of range.

    Examples
    --------
    >>> from shuyi.weights import great_circle_km
    >>> capitals = {"Beijing": (39.9, 116.4), "Shanghai": (31.2, 121.5)}
    >>> great_circle_km(list(capitals), capitals).round(1)
    array([[   0. , 1071.3],
           [1071.3,    0. ]])
    """
    points = np.array(_values_of(labels, coordinates, "coordinates"), dtype=np.float64).reshape(-1, 2)
    _check_on_the_globe(labels, points)
    lat, lon = np.radians(points).T
    haversine = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    distances = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))
    np.fill_diagonal(distances, 0.0)
    return distances


def build_contiguity(
    labels: Sequence[str],
    borders: Pairs,
    *,
    links: Pairs = (),
    islands: IslandRule = "refuse",
    coordinates: Coordinates | None = None,
) -> Weights:
    """Build binary contiguity: one for units that share a border or are linked by name.

    Parameters
    ----------
    labels : sequence of str, length n
        Units, in the order of rows and columns.
    borders : iterable of pairs of labels
        Each border once, in either direction.
    links : iterable of pairs of labels, default empty
        Further neighbours, e.g. across a strait.
    islands : {"refuse", "link", "keep"}, default "refuse"
        What becomes of a unit without neighbours: an error, a link in both directions to the nearest unit, or
        an empty row.
    coordinates : mapping of str to (float, float), optional
        (latitude, longitude) in degrees by label; needed by ``islands="link"`` alone.

    Returns
    -------
    Weights
        Of kind ``"contiguity"``, symmetric, zeros and ones, not normalised. The definition names links and
        rule.

    Raises
    ------
    WeightsError
        If a pair names an unknown unit or one unit twice, or an island meets ``"refuse"``.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity
    >>> build_contiguity(["a", "b", "c"], [("a", "b"), ("b", "c")])
    <Weights 'contiguity' of 3 units, 4 nonzero entries, 1 component, 0 islands, normalisation: none>
    >>> build_contiguity(["a", "b", "c"], [("a", "b")], links=[("b", "c")]).to_dense()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    links = [tuple(link) for link in links]
    matrix = np.zeros((len(labels), len(labels)))
    for pairs, name in ((borders, "border"), (links, "link")):
        for i, j in _positions_of(labels, pairs, name):
            matrix[i, j] = matrix[j, i] = 1.0
    linked = _settle_islands(matrix, labels, islands, coordinates)
    definition = {"islands": islands, "links": [list(link) for link in links], "linked_islands": linked}
    return Weights(matrix, tuple(labels), "contiguity", definition=definition)


def build_inverse_distance(
    labels: Sequence[str],
    coordinates: Coordinates,
    *,
    power: float = 1.0,
    cutoff_km: float | None = None,
    islands: IslandRule = "refuse",
) -> Weights:
    """Build inverse-distance weights ``d_ij ** -power`` with distances in kilometres.

    Parameters
    ----------
    labels : sequence of str, length n
        Units, in the order of rows and columns.
    coordinates : mapping of str to (float, float)
        (latitude, longitude) of every label in degrees (WGS 84).
    power : float, default 1.0
        Positive; one and two are usual.
    cutoff_km : float, optional
        Pairs farther apart than this many kilometres get zero; by default no pair does.
    islands : {"refuse", "link", "keep"}, default "refuse"
        What becomes of a unit that the cut-off leaves without neighbours: an error, a link to the nearest
        unit with the weight of their distance, or an empty row.

    Returns
    -------
    Weights
        Of kind ``"inverse_distance"``, symmetric, in kilometres to the minus `power`, not normalised.

    Raises
    ------
    WeightsError
        If two units share a point, a parameter is not positive, or an island meets ``"refuse"``.

    Examples
    --------
    >>> from shuyi.weights import build_inverse_distance
    >>> points = {"a": (30.0, 110.0), "b": (30.0, 111.0), "c": (30.0, 113.0)}
    >>> build_inverse_distance(list(points), points).normalise("row").to_frame().round(2)
          a     b     c
    a  0.00  0.75  0.25
    b  0.67  0.00  0.33
    c  0.40  0.60  0.00
    """
    _check_positive(power=power, **({} if cutoff_km is None else {"cutoff_km": cutoff_km}))
    distances = great_circle_km(labels, coordinates)
    _check_distinct_points(labels, distances)
    full = np.zeros_like(distances)
    apart = ~np.eye(len(labels), dtype=bool)
    full[apart] = distances[apart] ** -power
    matrix = full if cutoff_km is None else np.where(distances <= cutoff_km, full, 0.0)
    linked = _settle_islands(matrix, labels, islands, coordinates, full)
    definition = {"power": power, "cutoff_km": cutoff_km, "islands": islands, "linked_islands": linked}
    return Weights(matrix, tuple(labels), "inverse_distance", definition=definition)


def build_band(
    labels: Sequence[str],
    coordinates: Coordinates,
    *,
    upper_km: float,
    lower_km: float = 0.0,
    islands: IslandRule = "refuse",
) -> Weights:
    """Build a distance band: one for ``lower_km < d_ij <= upper_km`` (a ring where lower_km is positive).

    Parameters
    ----------
    labels : sequence of str, length n
        Units, in the order of rows and columns.
    coordinates : mapping of str to (float, float)
        (latitude, longitude) of every label in degrees (WGS 84).
    upper_km : float
        Largest distance of neighbours in kilometres, included.
    lower_km : float, default 0.0
        Kilometres that neighbours are farther apart than; zero or more and below `upper_km`.
    islands : {"refuse", "link", "keep"}, default "refuse"
        What becomes of a unit without neighbours: an error, a link in both directions to the nearest unit, or
        an empty row.

    Returns
    -------
    Weights
        Of kind ``"band"``, symmetric, zeros and ones, not normalised.

    Raises
    ------
    WeightsError
        If the bounds are not ordered, or an island meets ``"refuse"``.

    Examples
    --------
    >>> from shuyi.weights import build_band
    >>> points = {"a": (30.0, 110.0), "b": (30.0, 111.0), "c": (30.0, 113.0)}
    >>> build_band(list(points), points, upper_km=200).to_dense()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    if not 0 <= lower_km < upper_km:
        raise WeightsError(
            "The bounds of a distance band are not ordered.",
            expected="0 <= lower_km < upper_km",
            found=f"lower_km = {lower_km:g}, upper_km = {upper_km:g}",
        )
    distances = great_circle_km(labels, coordinates)
    _check_distinct_points(labels, distances)
    matrix = ((distances > lower_km) & (distances <= upper_km)).astype(np.float64)
    linked = _settle_islands(matrix, labels, islands, coordinates)
    definition = {"lower_km": lower_km, "upper_km": upper_km, "islands": islands, "linked_islands": linked}
    return Weights(matrix, tuple(labels), "band", definition=definition)


def build_knn(labels: Sequence[str], coordinates: Coordinates, *, k: int = 4) -> Weights:
    """Build the k nearest neighbours of each unit, binary and in general not symmetric.

    Of several units at the same distance the one with the smaller label comes first.

    Parameters
    ----------
    labels : sequence of str, length n
        Units, in the order of rows and columns.
    coordinates : mapping of str to (float, float)
        (latitude, longitude) of every label in degrees (WGS 84).
    k : int, default 4
        Neighbours of each unit, from one to n - 1.

    Returns
    -------
    Weights
        Of kind ``"nearest_neighbours"``, k ones in each row, not normalised.

    Raises
    ------
    WeightsError
        If k is not between 1 and n - 1.

    Examples
    --------
    >>> from shuyi.weights import build_knn
    >>> points = {"a": (30.0, 110.0), "b": (30.0, 111.0), "c": (30.0, 113.0)}
    >>> build_knn(list(points), points, k=1).to_dense()
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 1., 0.]])
    """
    n = len(labels)
    try:
        k = whole_number(k, "The number k of nearest neighbours", least=1, most=n - 1)
    except ConfigError as error:
        raise WeightsError(
            error.what, expected=f"{error.expected}, for {n} units", found=f"k = {k}"
        ) from None
    distances = great_circle_km(labels, coordinates)
    np.fill_diagonal(distances, np.inf)
    names = np.array(labels)
    matrix = np.zeros((n, n))
    for i in range(n):
        matrix[i, np.lexsort((names, distances[i]))[:k]] = 1.0
    return Weights(matrix, tuple(labels), "nearest_neighbours", definition={"k": k})


def build_block(
    labels: Sequence[str],
    groups: Groups,
    *,
    islands: IslandRule = "refuse",
    coordinates: Coordinates | None = None,
) -> Weights:
    """Build block weights: one for two units that share a group.

    Parameters
    ----------
    labels : sequence of str, length n
        Units, in the order of rows and columns.
    groups : mapping
        Group, or several groups, of each label. A label that is absent or has an empty group belongs to none
        and is an island.
    islands : {"refuse", "link", "keep"}, default "refuse"
        What becomes of a unit without neighbours: an error, a link in both directions to the nearest unit, or
        an empty row.
    coordinates : mapping of str to (float, float), optional
        (latitude, longitude) in degrees by label; needed by ``islands="link"`` alone.

    Returns
    -------
    Weights
        Of kind ``"block"``, symmetric, zeros and ones, not normalised.

    Raises
    ------
    WeightsError
        If the groups name an unknown unit, or an island meets ``"refuse"``.

    Examples
    --------
    >>> from shuyi.weights import build_block
    >>> build_block(["a", "b", "c"], {"a": "east", "b": ["east", "west"], "c": "west"}).to_dense()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    unknown = sorted(set(groups) - set(labels))
    if unknown:
        raise WeightsError(
            "Groups name units that the weights do not hold.",
            found=offenders(unknown),
            remedy=did_you_mean(unknown[0], labels),
        )
    member = {label: {g} if isinstance(g, str) else set(g) for label, g in groups.items()}
    names = sorted(set().union(*member.values()) - {""})
    belongs = np.array([[g in member.get(label, ()) for g in names] for label in labels], dtype=np.float64)
    matrix = (belongs @ belongs.T > 0).astype(np.float64)
    np.fill_diagonal(matrix, 0.0)
    linked = _settle_islands(matrix, labels, islands, coordinates)
    definition = {"groups": names, "islands": islands, "linked_islands": linked}
    return Weights(matrix, tuple(labels), "block", definition=definition)


def build_economic(
    labels: Sequence[str], levels: Mapping[str, float], *, ties: TieRule = "refuse"
) -> Weights:
    """Build economic-distance weights ``1 / |y_i - y_j|``.

    Parameters
    ----------
    labels : sequence of str, length n
        Units, in the order of rows and columns.
    levels : mapping
        Level y of every label, measured before the sample's changes (its first year), so that the weights
        do not move with the outcome.
    ties : {"refuse", "smallest_gap"}, default "refuse"
        Two units with equal levels have no finite weight: raise, or give them the smallest positive gap
        among all pairs.

    Returns
    -------
    Weights
        Of kind ``"economic_distance"``, symmetric, in the inverse of the level's unit, not normalised.

    Raises
    ------
    WeightsError
        If a level is missing or not finite, all are equal, or a tie meets ``"refuse"``.

    Notes
    -----
    Lin, Long and Wu (2005), "Spatial econometric analysis of regional income convergence in China".

    Examples
    --------
    >>> from shuyi.weights import build_economic
    >>> build_economic(["a", "b", "c"], {"a": 1.0, "b": 2.0, "c": 5.0}).to_dense().round(2)
    array([[0.  , 1.  , 0.25],
           [1.  , 0.  , 0.33],
           [0.25, 0.33, 0.  ]])
    """
    check_known(ties, TIE_RULES, "rule for ties", WeightsError)
    y = _levels(labels, levels)
    gaps = np.abs(y[:, None] - y)
    apart = ~np.eye(len(y), dtype=bool)
    tied = apart & (gaps == 0.0)
    if tied.any() and (ties == "refuse" or tied[apart].all()):
        pairs = _named_pairs(labels, tied)
        raise WeightsError(
            "Units with equal levels have no finite economic distance weight.",
            expected="different levels in every pair",
            found=offenders(pairs),
            remedy="choose another variable or ties: smallest_gap (all levels must not be equal)",
        )
    gaps[tied] = gaps[apart & ~tied].min()
    matrix = np.zeros_like(gaps)
    matrix[apart] = 1.0 / gaps[apart]
    definition = {"ties": ties, "tied_pairs": int(tied.sum()) // 2}
    return Weights(matrix, tuple(labels), "economic_distance", definition=definition)


def build_nested(geographic: Weights, levels: Mapping[str, float]) -> Weights:
    """Build economic-geographic weights ``W_d diag(y_1 / ybar, ..., y_n / ybar)``.

    The weight of neighbour j grows with its level relative to the mean of all units.

    Parameters
    ----------
    geographic : Weights
        Geographic weights W_d, commonly inverse distance.
    levels : mapping
        Positive level y of every label in the first year.

    Returns
    -------
    Weights
        Of kind ``"nested"``, not symmetric, not normalised, with the labels of `geographic`.

    Raises
    ------
    WeightsError
        If a level is missing, not finite or not positive.

    Notes
    -----
    Li, Tan and Bai (2010), "Spatial econometric analysis of regional innovation production in China"; a form
    of 经济地理嵌套矩阵. Row standardisation takes the mean level out again.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, build_nested
    >>> near = build_contiguity(["a", "b", "c"], [("a", "b"), ("b", "c")])
    >>> build_nested(near, {"a": 1.0, "b": 2.0, "c": 3.0}).normalise("row").to_dense()
    array([[0.  , 1.  , 0.  ],
           [0.25, 0.  , 0.75],
           [0.  , 1.  , 0.  ]])
    """
    y = _levels(geographic.labels, levels)
    if (y <= 0).any():
        low = [f"{label} = {v:g}" for label, v in zip(geographic.labels, y, strict=True) if v <= 0]
        raise WeightsError("Nested weights need positive levels.", found=offenders(low))
    share = y / y.mean()
    definition = {"geographic": _described(geographic)}
    return Weights(geographic.to_dense() * share, geographic.labels, "nested", definition=definition)


def build_convex(geographic: Weights, economic: Weights, *, share: float) -> Weights:
    """Build nested weights ``share W_geographic + (1 - share) W_economic`` of row-standardised parts.

    Both parts are row-standardised first: kilometres and levels have no common unit.

    Parameters
    ----------
    geographic, economic : Weights
        Two weights of the same units; the second is put in the order of the first.
    share : float
        Share of the geographic weights, from zero to one.

    Returns
    -------
    Weights
        Of kind ``"convex"``; rows sum to one where both parts have neighbours.

    Raises
    ------
    WeightsError
        If the share is out of range.
    AlignmentError
        If the two name different units.

    Notes
    -----
    Shao, Li, Cao and Yang (2016), "The economic policy choices for haze pollution control in China"; the
    other form of 经济地理嵌套矩阵 beside `build_nested`.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, build_convex, build_economic
    >>> near = build_contiguity(["a", "b", "c"], [("a", "b"), ("b", "c")])
    >>> alike = build_economic(["a", "b", "c"], {"a": 1.0, "b": 2.0, "c": 5.0})
    >>> build_convex(near, alike, share=0.5).to_dense().round(3)
    array([[0.   , 0.9  , 0.1  ],
           [0.625, 0.   , 0.375],
           [0.214, 0.786, 0.   ]])
    """
    if not 0.0 <= share <= 1.0:
        raise WeightsError(
            "The share of the geographic weights is out of range.",
            expected="0 <= share <= 1",
            found=f"share = {share:g}",
        )
    parts = geographic.normalise("row"), economic.reindex(geographic.labels).normalise("row")
    matrix = share * parts[0].to_dense() + (1.0 - share) * parts[1].to_dense()
    definition = {
        "share": share,
        "geographic": _described(geographic),
        "economic": _described(economic),
    }
    return Weights(matrix, geographic.labels, "convex", definition=definition)


def check_no_islands(names: Sequence[str]) -> NoReturn:
    """Raise WeightsError for units without neighbours and say which rules there are.

    Parameters
    ----------
    names : sequence of str
        Labels of the units without neighbours.

    Raises
    ------
    WeightsError
        Always.
    """
    raise WeightsError(
        f"{'A unit has' if len(names) == 1 else 'Units have'} no neighbours.",
        expected="a neighbour for every unit, or a rule for islands that can be applied",
        found=offenders(names),
        remedy="name a link, e.g. links: [[unit, neighbour]], or choose islands: link (the nearest unit, "
        "which needs coordinates) or islands: keep",
    )


def _described(weights: Weights) -> dict[str, Any]:
    return {"kind": weights.kind, **weights.definition}


def _settle_islands(
    matrix: NDArray[np.float64],
    labels: Sequence[str],
    rule: IslandRule,
    coordinates: Coordinates | None,
    values: NDArray[np.float64] | None = None,
) -> list[list[str]]:
    """Apply the rule for islands in place and return the pairs it linked, islands first."""
    check_known(rule, ISLAND_RULES, "rule for islands", WeightsError)
    alone = [int(i) for i in np.flatnonzero(~matrix.any(axis=1))]
    if not alone or rule == "keep":
        return []
    if coordinates is None or rule == "refuse" or len(labels) == 1:
        check_no_islands([labels[i] for i in alone])
    distances = great_circle_km(labels, coordinates)
    np.fill_diagonal(distances, np.inf)
    nearest = [int(np.lexsort((np.array(labels), distances[i]))[0]) for i in alone]
    for i, j in zip(alone, nearest, strict=True):
        matrix[i, j] = matrix[j, i] = 1.0 if values is None else values[i, j]
    return [[labels[i], labels[j]] for i, j in zip(alone, nearest, strict=True)]


def _values_of(labels: Sequence[str], values: Mapping[str, Any], name: str) -> list[Any]:
    missing = [label for label in labels if label not in values]
    if missing:
        raise WeightsError(
            f"Units without {name}.",
            expected=f"{name} for each of {len(labels)} units",
            found=f"missing: {offenders(missing)}",
        )
    return [values[label] for label in labels]


def _levels(labels: Sequence[str], levels: Mapping[str, float]) -> NDArray[np.float64]:
    y = np.array(_values_of(labels, levels, "a level"), dtype=np.float64)
    wrong = [label for label, level in zip(labels, y, strict=True) if not np.isfinite(level)]
    if wrong:
        raise WeightsError("Levels must be finite numbers.", found=f"not finite: {offenders(wrong)}")
    return y


def _positions_of(labels: Sequence[str], pairs: Pairs, name: str) -> list[tuple[int, int]]:
    place = {label: i for i, label in enumerate(labels)}
    pairs = [tuple(pair) for pair in pairs]
    wrong = [pair for pair in pairs if len(pair) != 2 or pair[0] == pair[1]]
    if wrong:
        raise WeightsError(f"A {name} joins two different units.", found=offenders(wrong))
    unknown = sorted({unit for pair in pairs for unit in pair if unit not in place}, key=str)
    if unknown:
        raise WeightsError(
            f"A {name} names a unit that the weights do not hold.",
            expected=f"labels such as {offenders(labels, 3)}",
            found=offenders(unknown),
            remedy=did_you_mean(unknown[0], labels),
        )
    return [(place[i], place[j]) for i, j in pairs]


def _check_on_the_globe(labels: Sequence[str], points: NDArray[np.float64]) -> None:
    inside = (np.abs(points[:, 0]) <= 90.0) & (np.abs(points[:, 1]) <= 180.0)
    if not inside.all():
        first = [f"{labels[int(i)]} = {tuple(points[i].tolist())}" for i in np.flatnonzero(~inside)]
        raise WeightsError(
            "Coordinates are out of range.",
            expected="(latitude in -90..90, longitude in -180..180) in degrees",
            found=offenders(first),
            remedy="give the latitude first",
        )


def _check_distinct_points(labels: Sequence[str], distances: NDArray[np.float64]) -> None:
    same = _named_pairs(labels, distances == 0.0)
    if same:
        raise WeightsError(
            "Two units share a point: their distance is zero.",
            found=offenders(same),
            remedy="mend the coordinates",
        )


def _named_pairs(labels: Sequence[str], among: NDArray[np.bool_]) -> list[str]:
    return [f"{labels[int(i)]} and {labels[int(j)]}" for i, j in np.argwhere(np.triu(among, k=1))]


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise WeightsError(f"{name} must be positive.", found=f"{name} = {value:g}")
