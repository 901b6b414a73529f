import os

import pytest

from shuyi import files
from shuyi.china.clean import DERIVATIONS
from shuyi.china.places import PLACES
from shuyi.data import coverage
from shuyi.errors import ConfigError, DataError
from shuyi.pipeline import run

CODEBOOK = files.read_rows("data/snapshot/codebook.csv")


@pytest.fixture
def config():
    return files.read_yaml("config/config.yaml")


def test_shipped_project_is_a_valid_run(config):
    found = run.load_run(config)
    assert found.years == tuple(range(2016, 2025))
    assert "ln_gdp_pc" in found.covered_variables
    assert "scitech_share" not in found.covered_variables
    assert found.effects_of("7")[0] == config["estimation"]["headline"]
    assert found.units("sdm_without_tibet") == 30


def test_index_is_covered_where_all_of_its_series_are(config):
    assert run.coverage_of(config)["digital"] == (2016, 2024)


def test_derived_variables_are_covered_where_their_series_are():
    spans = coverage.variable_coverage(CODEBOOK, DERIVATIONS)
    assert spans["ln_gdp_pc"] == (2011, 2024)
    assert spans["ln_income_pc"] == (2016, 2024)
    assert spans["scitech_share"] == (2011, 2023)
    assert "ln_income_pc" not in coverage.covered_variables(spans, DERIVATIONS.names, 2011, 2024)


def test_year_outside_coverage_names_the_variable(config):
    config["panel"]["first_year"] = 2012
    with pytest.raises(
        ConfigError, match=r"panel.first_year: found 2012; allowed: \w+ is covered from 2016.* digital"
    ):
        run.load_run(config)


def test_columns_of_a_user_file_can_be_named(config, tmp_path):
    own = tmp_path / "own.csv"
    names = [PLACES.names("zh")[code] for code in PLACES.codes]
    rows = [f"{name},{year},1" for name in names for year in range(2016, 2025)]
    own.write_text("\n".join(["province,year,finance", *rows]), encoding="gb18030")
    config["panel"]["user_file"] = str(own)
    config["moran"]["variables"] = ["finance"]
    assert run.load_run(config).user_files == (str(own),)
    config["panel"]["user_file"] = str(tmp_path / "none.csv")
    with pytest.raises(ConfigError, match="no such file"):
        run.load_run(config)


def test_read_only_results_are_explained(config, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(DataError, match="read-only folder"):
        run.load_run(config)


def test_a_missing_earlier_vintage_is_named_before_any_job(config):
    config["monitor"]["previous_vintage"] = "data/vintages/none.csv"
    with pytest.raises(ConfigError, match=r"'data/vintages/none\.csv': no such file"):
        run.load_run(config)


def test_columns_that_a_scheme_lacks_are_named_before_any_job(config):
    config["index"]["scheme"] = "five_indicator"
    with pytest.raises(ConfigError, match=r"needs columns(.|\n)*missing: .*pku_digital_finance"):
        run.load_run(config)


def own_index(tmp_path, config):
    """Change a configuration to an index of own columns and the years 2011 to 2023."""
    rows = [
        f"{code},{year},{i % 97 + year / 7}"
        for i, code in enumerate(PLACES.codes)
        for year in range(2011, 2025)
    ]
    (tmp_path / "own.csv").write_text("\n".join(["province,year,own", *rows]), encoding="utf-8")
    config["panel"] |= {"first_year": 2011, "last_year": 2023, "user_file": str(tmp_path / "own.csv")}
    return config


def test_years_before_the_official_index_work_with_own_columns_alone(config, tmp_path, monkeypatch):
    config = own_index(tmp_path, config)
    monkeypatch.setattr(run, "_scheme_columns", lambda scheme: ["own"])
    for section in ("coordination", "tiers", "inequality", "geography", "lisa", "maps"):
        config[section]["years"] = [2011, 2023]
    config["report"]["years"] = [2023]
    config["moran"]["variables"] = ["digital"]
    config["convergence"]["controls"] = ["urbanisation", "fiscal_share"]
    with pytest.raises(ConfigError) as caught:
        run.load_run(config)
    said = str(caught.value)
    for part in (
        "analysis coordination has no figures for: ",
        "analysis industry has no figures for: ",
        "software_revenue (2016-2024)",
        '"industry" into analyses.off',
        "retail_share",
    ):
        assert part in said
    assert "digital is covered" not in said
    config["analyses"]["off"] = ["coordination", "industry"]
    with pytest.raises(ConfigError) as caught:
        run.load_run(config)
    assert "has no figures for" not in str(caught.value)
