import copy

import pytest
import yaml

from shuyi import files
from shuyi.analyses.registry import ANALYSES
from shuyi.errors import ConfigError
from shuyi.pipeline import config as pipeline_config
from shuyi.pipeline.run import with_analyses
from shuyi.spatialpanel.transforms import DESCRIPTIONS

SCHEMA = files.read_yaml("workflow/schemas/config.schema.yaml")
CONFIG = files.read_yaml("config/config.yaml")
SHEET = files.read_rows("config/specifications.csv")
VARIABLES = sorted(
    {v for row in SHEET for v in (row["outcome"], *row["regressors"].split())}
    | {"ln_income_pc", "gdp_pc_real", "gdp_real"}
    | {name for analysis in ANALYSES for _, name in analysis.variables(CONFIG)}
)
COVERAGE = dict.fromkeys(VARIABLES, (2011, 2024)) | {"digital": (2016, 2024)}


def checked(config=CONFIG, rows=SHEET):
    return pipeline_config.checked_run(config, rows, SCHEMA, schemes=["four_dimensions"], coverage=COVERAGE)


def changed(*path, value=None, base=CONFIG):
    config = copy.deepcopy(base)
    node = config
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return config


def with_row(number, **cells):
    rows = [dict(row) for row in SHEET]
    rows[number] |= cells
    return rows


def message(config=CONFIG, rows=SHEET):
    with pytest.raises(ConfigError) as caught:
        checked(config, rows)
    return str(caught.value)


def test_shipped_configuration_is_valid():
    run = checked()
    assert run.years == tuple(range(2016, 2025))
    assert run.config["estimation"]["headline"] in run.ids
    assert run.row("sdm").durbin == "all"
    assert run.row("sar").durbin == "none"
    assert run.row("sdm").regressors[0] == "digital"


def test_every_problem_is_reported_at_once():
    config = changed("index", "weighting", value="entropie")
    config["langauge"] = config.pop("language")
    del config["maps"]["dpi"]
    text = message(config, with_row(2, weights="contigity"))
    assert "4 problems" in text
    for part in (
        "langauge",
        "did you mean 'language'?",
        "index.weighting",
        "maps.dpi",
        "line 4 (sar), column weights",
    ):
        assert part in text


def test_corrected_yaml_can_be_pasted():
    config = changed("index", "weighting", value="entropie")
    config["weights"]["contiguity"]["island"] = config["weights"]["contiguity"].pop("islands")
    block = message(config).split("Corrected YAML to paste:\n\n")[1]
    assert checked(config | yaml.safe_load(block)).ids == checked().ids


def test_renaming_a_key_keeps_its_value():
    config = copy.deepcopy(CONFIG)
    config["sede"] = config.pop("seed")
    config["langage"] = config.pop("language")
    config["langage"] = "zh"
    block = yaml.safe_load(message(config).split("to paste:\n\n")[1])
    assert block["language"] == "zh"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("language",), "fr", "allowed: en, zh"),
        (("seed",), "x", "a value of type integer"),
        (("panel", "first_year"), 2010, "is covered from 2011 to 2024"),
        (("panel", "last_year"), 2016, "a year after first_year"),
        (("lisa", "years"), [2015], "years of the panel, 2016 to 2024"),
        (("maps", "approval_number"), "", "a text that is not empty"),
        (("index", "scheme"), "four_dimension", "did you mean 'four_dimensions'?"),
        (("moran", "weights"), ["contigity"], "did you mean 'contiguity'?"),
        (("moran", "variables"), ["digtal"], "did you mean 'digital'?"),
        (("estimation", "headline"), "sdmm", "did you mean 'sdm'?"),
        (("estimation", "draws"), 10, "at least 100"),
        (("estimation", "confidence"), 1.0, "less than 1"),
        (("samples", "all"), ["540000"], "an empty list"),
        (("samples", "without_tibet"), ["54"], "GB/T 2260 codes of the provinces"),
        (("weights", "contiguity", "kind"), "contigous", "did you mean 'contiguity'?"),
        (("weights", "contiguity", "islands"), "link_all", "allowed: refuse, keep, link"),
        (("tables", "stars"), [0.1, 0.05, 0.01, 0.001], "at most 3"),
    ],
)
def test_wrong_value_is_explained(path, value, expected):
    text = message(changed(*path, value=value))
    assert ".".join(path[:2]) in text
    assert expected in text


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"model": "sdn"}, "did you mean 'sdm'?"),
        ({"durbin": "none"}, "all, or regressors to lag, for sdm"),
        ({"durbin": "digitl"}, "did you mean 'digital'?"),
        ({"model": "sar"}, "none: sar has no lagged regressors"),
        ({"effects": "pooled"}, "leave nothing to correct"),
        ({"outcome": "ln_gdp"}, "did you mean 'ln_gdp_pc'?"),
        ({"outcome": "digital"}, "not the outcome"),
        ({"regressors": "digital urbanization"}, "did you mean 'urbanisation'?"),
        ({"sample": "no_tibet"}, "column sample"),
        ({"covariance": "clustered"}, "did you mean 'cluster'?"),
        ({"covariance": "conley"}, "column covariance"),
        ({"effects": "random", "correction": "none", "covariance": "cluster"}, "information, hessian for"),
        ({"model": "ols", "durbin": "none", "correction": "none", "covariance": "hessian"}, "for model ols"),
        ({"id": "sar"}, "each id once"),
        ({"id": "S D M"}, "a-z, 0-9 and _"),
    ],
)
def test_wrong_specification_is_explained(cells, expected):
    text = message(rows=with_row(4, **cells))
    assert "config/specifications.csv" in text
    assert expected in text


def test_lee_yu_needs_row_standardised_weights_over_units():
    text = message(changed("weights", "contiguity", "normalisation", value="spectral"))
    assert "exact or lee_yu_bias" in text


def test_every_choice_of_the_sheet_has_a_label(english):
    for column in ("effects", "covariance"):
        for choice in pipeline_config.CHOICES[column]:
            assert english.text(f"{column}.{choice}")
            assert english.text(f"short.{column}.{choice}")
    for convention in (*DESCRIPTIONS, "dummies"):
        assert english.text(f"correction.{convention}")
        assert english.text(f"short.correction.{convention}")


def test_two_rows_of_a_table_with_one_heading_are_refused():
    text = message(rows=with_row(4, column=SHEET[2]["column"]))
    assert f"{SHEET[2]['column']!r} 2 times in table {SHEET[2]['table']}" in text
    assert f"{SHEET[2]['id']}, {SHEET[4]['id']}" in text
    checked(rows=with_row(4, column=SHEET[2]["column"], table="own"))


@pytest.mark.parametrize("table", ["own", "9", "x_2"])
def test_every_table_of_the_sheet_has_its_tables(table):
    rows = with_row(3, table=table)
    run = with_analyses(checked(rows=rows))
    names = [item.name for item in run.items]
    assert f"estimates_{table}" in names
    assert (f"effects_{table}" in names) == bool(run.effects_of(table))
    assert {"estimates", "effects"} <= set(names)


@pytest.mark.parametrize("table", ["My table", "", "Ä", "a-b"])
def test_a_table_of_the_sheet_is_a_number_or_a_name(table):
    assert "a number or a name of a-z, 0-9 and _" in message(rows=with_row(3, table=table))


def test_other_header_is_refused():
    rows = [{**row, "note": ""} for row in SHEET]
    assert "header" in message(rows=rows)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("coordination", "sets"), ["digital_regionl"], "did you mean 'digital_regional'?"),
        (("coordination", "years"), [2030], "years of the panel, 2016 to 2024"),
        (("coordination", "weighting"), "pca", "allowed: entropy, critic, equal"),
        (("tiers", "years"), [2015], "years of the panel, 2016 to 2024"),
        (("tiers", "axes", "four_dimensions", "x"), ["talents"], "did you mean 'talent'?"),
        (("tiers", "axes", "four_dimensions", "y"), ["industry"], "each dimension on one axis"),
        (("tiers", "axes"), {}, "an entry for the index scheme four_dimensions"),
        (("tiers", "quantiles"), [0.6, 0.3], "a lower quantile below the upper"),
        (("ledger", "term"), "digitl", "did you mean 'digital'?"),
        (("ledger", "weights"), ["contigity"], "did you mean 'contiguity'?"),
        (("industry", "neighbours"), "nearest", "nearest_4"),
    ],
)
def test_mistakes_of_the_measurement_sections_are_explained(path, value, expected):
    with pytest.raises(ConfigError) as caught:
        pipeline_config.checked_run(
            changed(*path, value=value), SHEET, SCHEMA, schemes=["four_dimensions"], coverage=COVERAGE,
            sets=["digital_regional", "economy_society_government"],
            dimensions=["industry", "resources", "talent", "informatisation"],
        )  # fmt: skip
    assert expected in str(caught.value)
    assert ".".join(path[:2]) in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("inequality", "variables"), ["digitl"], "did you mean 'digital'?"),
        (("inequality", "weights"), "contigity", "did you mean 'contiguity'?"),
        (("inequality", "years"), [2010], "years of the panel, 2016 to 2024"),
        (("inequality", "gap_threshold"), 1, "more than 1"),
        (("convergence", "models"), ["lag"], "sar, sem, sdm"),
        (("convergence", "span"), 3, "a divisor of 8"),
        (("convergence", "span"), 8, "at most 4"),
        (("convergence", "clubs"), {"digital": "ln"}, "log, none"),
        (("convergence", "clubs"), {"digitl": "log"}, "did you mean 'digital'?"),
        (("convergence", "controls"), ["digital"], "variables whose convergence is not studied"),
        (("dynamics", "lag"), 9, "at most 8"),
        (("dynamics", "variable"), "digitl", "did you mean 'digital'?"),
        (("geography", "years"), [2025], "years of the panel, 2016 to 2024"),
        (("geography", "trend_order"), 3, "1, 2"),
    ],
)
def test_mistakes_of_the_distribution_sections_are_explained(path, value, expected):
    text = message(changed(*path, value=value))
    assert expected in text
    assert ".".join(path) in text


def test_weights_of_convergence_and_dynamics_are_row_standardised():
    text = message(changed("weights", "contiguity", "normalisation", value="spectral"))
    for path in ("convergence.weights", "dynamics.weights"):
        assert f"{path}: found contiguity (normalisation: spectral)" in text


def test_years_of_the_distribution_variables_are_checked():
    short = COVERAGE | {"gdp_real": (2018, 2024)}
    with pytest.raises(ConfigError, match=r"panel\.first_year: found 2016; allowed: gdp_real is covered"):
        pipeline_config.checked_run(CONFIG, SHEET, SCHEMA, schemes=["four_dimensions"], coverage=short)


def test_years_of_the_report_lie_in_the_panel():
    text = message(changed("report", "years", value=[2015, 2024, 2031]))
    assert "2 problems" in text
    assert "report.years: found 2015; allowed: years of the panel, 2016 to 2024" in text


def test_rule_of_the_control_chart_has_its_range():
    config = changed("monitor", "baseline", value=1)
    config["monitor"]["sigmas"] = 0
    text = message(config)
    assert "monitor.baseline" in text
    assert "monitor.sigmas" in text
