"""The committed index schemes and the data files beside them, on the committed figures."""

from pathlib import Path

import numpy as np
import pytest

from shuyi import files
from shuyi.analyses.coordination import degrees
from shuyi.analyses.facts import register as facts_register
from shuyi.analyses.industry import quotients
from shuyi.china.clean import DERIVATIONS, build_panel
from shuyi.china.places import PLACES
from shuyi.china.provinces import codes
from shuyi.data.series import caveats_from
from shuyi.errors import DataError
from shuyi.indices import WEIGHTINGS, check_no_overlap, compute_index, load_scheme
from shuyi.panel import Panel

EXACT = 1e-12  # the weighted sum of sub-scores repeats the weighted sum of indicators

ROOT = Path(__file__).parents[3]
SCHEMA = files.read_yaml(ROOT / "workflow/schemas/index_scheme.schema.yaml")
FILES = sorted((ROOT / "config/indices").glob("*.yaml"))
SCHEMES = {path.stem: load_scheme(files.read_yaml(path), SCHEMA, file=path.name) for path in FILES}
LICENSED = {
    "five_indicator": ["ict_employment", "telecom_volume", "mobile_phone_users", "pku_digital_finance"],
    "fourteen_indicator": [
        *("mobile_base_stations", "ict_employment", "telecom_volume"),
        *("mobile_phone_users", "online_retail_sales"),
    ],
}
OFFICIAL = sorted(set(SCHEMES) - set(LICENSED))
DEFAULT_PAPER = (
    "ln_gdp_pc",
    "ln_income_pc",
    "urbanisation",
    "fiscal_share",
    "secondary_share",
    "retail_share",
)


@pytest.fixture(scope="module")
def snapshot():
    tables = [
        files.read_csv_text(ROOT / f"data/snapshot/{name}.csv")
        for name in ("provincial_figures", "codebook", "caveats")
    ]
    clean = build_panel(*tables, first_year=2016, last_year=2024, base_year=2015)
    return clean.panel, caveats_from(tables[2], codes())


def supplied(panel, columns, seed=0):
    rng = np.random.default_rng(seed)
    return panel.with_variables({c: rng.uniform(1.0, 2.0, (panel.T, panel.n)) for c in columns})


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_files_are_called_as_their_scheme(path):
    assert SCHEMES[path.stem].id == path.stem


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("name", OFFICIAL)
def test_official_schemes_run_on_the_committed_figures(name, weighting, snapshot):
    panel, caveats = snapshot
    found = compute_index(SCHEMES[name], panel, weighting=weighting, caveats=caveats, derivations=DERIVATIONS)
    assert found.scores.shape == (9, 31)
    assert ((found.scores >= 0.0) & (found.scores <= 1.0)).all()
    assert {cell.unit for cell in found.assumed} <= {"540000"}
    if weighting != "pca":
        weights = np.array(list(found.dimension_weights().values()))
        np.testing.assert_allclose(found.dimension_scores @ weights, found.scores, atol=EXACT)


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_schemes_do_not_overlap_with_the_default_paper(name):
    check_no_overlap(SCHEMES[name], DEFAULT_PAPER, DERIVATIONS)


@pytest.mark.parametrize(("name", "columns"), LICENSED.items())
def test_licensed_schemes_name_what_is_missing_and_run_with_it(name, columns, snapshot):
    panel, caveats = snapshot
    with pytest.raises(DataError, match=f"missing: {', '.join(columns)}"):
        compute_index(SCHEMES[name], panel, caveats=caveats, derivations=DERIVATIONS)
    found = compute_index(SCHEMES[name], supplied(panel, columns), caveats=caveats, derivations=DERIVATIONS)
    assert len(found.scheme.indicators) == {"five_indicator": 5, "fourteen_indicator": 14}[name]


def test_coordination_runs_on_the_committed_figures(snapshot):
    panel, caveats = snapshot
    raw = files.read_yaml(ROOT / "config/coordination.yaml")
    schema = files.read_yaml(ROOT / "workflow/schemas/coordination.schema.yaml")
    sets = degrees.load_sets(raw, schema, SCHEMES, SCHEMA, DERIVATIONS)
    for name, system_set in sets.items():
        data = supplied(panel, ["egov_index"]) if name == "digital_economy_society_government" else panel
        found = degrees.coordinate_set(system_set, data, caveats=caveats, derivations=DERIVATIONS)
        np.testing.assert_allclose(found.obstacles.degrees.sum(axis=2), 1.0, atol=1e-9)
        assert len(found.coordination.to_frame()) == 9 * 31


def test_industry_map_and_facts_run_on_the_committed_figures(snapshot):
    panel, _ = snapshot
    rules = quotients.load_industry_rules(
        files.read_yaml(ROOT / "config/negative_list_rules.yaml"),
        files.read_yaml(ROOT / "workflow/schemas/negative_list_rules.schema.yaml"),
    )
    found = quotients.industry_map(rules, panel)
    no_data = found.to_frame().query("no_data")
    assert set(no_data["unit"]) == {"540000"}
    assert set(no_data["sector"]) == {"software", "it_services"}
    register = facts_register.check_claims(
        facts_register.load_claims(files.read_rows(ROOT / "data/facts/claims.csv")),
        facts_register.Evidence(panel, PLACES),
    )
    frame = register.to_frame().set_index("id")
    official = panel["invention_grants"][panel.periods.index(2022)]
    east = np.array([_belts()[u] == "East" for u in panel.units])
    assert frame.loc["digital_patents_east", "recomputed"] == pytest.approx(
        100 * official[east].sum() / official.sum(), abs=1e-9
    )
    assert frame.loc["gap_above_three", "recomputed"] == pytest.approx(_largest_gap(panel), rel=1e-12)


def _belts():
    return files.read_csv_text(ROOT / "data/snapshot/regions.csv").set_index("province_code")["belt3"]


def _largest_gap(panel: Panel) -> float:
    """The same ratio by pandas: sums by belt of the printed cells."""
    claim = {c.id: c for c in facts_register.load_claims(files.read_rows(ROOT / "data/facts/claims.csv"))}[
        "gap_above_three"
    ]
    year = panel.to_frame().xs(2023, level="period")
    ratios = []
    for pair in claim.arguments["indicators"].split("|"):
        numerator, denominator = pair.split("/")
        printed = year[[numerator, denominator]].dropna()
        sums = printed.groupby(_belts().reindex(printed.index)).sum()
        levels = sums[numerator] / sums[denominator]
        ratios.append(levels.max() / levels.min())
    return max(ratios)
