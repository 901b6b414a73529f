"""The page "which rho?" holds what its tables hold, and its advice is what they show."""

from pathlib import Path
from runpy import run_path

import pytest
import validation_page as page

from shuyi import files
from shuyi.spatialpanel import SDM
from shuyi.spatialpanel.corrections import compare_corrections
from shuyi.spatialpanel.montecarlo import load_settings
from shuyi.spatialpanel.montecarlo.cells import Settings

ROOT = Path(__file__).parents[2]
WHAT = ("coverage", "bias", "size", "bootstrap")

# Four binomial errors of 1,000 panels below .95, and the smallest share of intervals inside .93-.97 that the
# page calls keeping the level.
LEAST = 0.922
MOST_CELLS = 0.9


@pytest.fixture(scope="module")
def tables():
    found = {what: files.read_csv(ROOT / f"docs/validation/{what}.csv") for what in WHAT}
    return found | {"levels": files.read_csv(ROOT / "src/shuyi/resources/levels.csv")}


@pytest.fixture(scope="module")
def settings() -> Settings:
    schema = files.read_yaml(ROOT / "workflow/schemas/validation.schema.yaml")
    return load_settings(files.read_yaml(ROOT / "config/validation.yaml"), schema)


@pytest.fixture(scope="module")
def cigar():
    """Arguments of a model of the cigarette panel of the documentation."""
    made = run_path(str(ROOT / "docs/cigarette.py"))
    return {k: made[k] for k in ("data", "weights")} | {"outcome": "logc", "regressors": ["logp", "logy"]}


def test_page_holds_its_tables(tables, cigar):
    conventions = compare_corrections(**cigar)
    text = files.read_text(ROOT / "docs/which_rho.md")
    assert text == page.write_blocks(text, page.blocks(tables, conventions)), (
        "run python tools/document_validation.py"
    )


def test_tables_hold_the_cells_of_the_settings(tables, settings):
    asked = sorted((c.layout, c.T, c.rho, c.errors, c.persistence) for c in settings.cells)
    for what in ("coverage", "bias", "size"):
        keys = tables[what][["layout", "T", "rho", "errors", "persistence"]].drop_duplicates()
        assert sorted(keys.itertuples(index=False, name=None)) == asked
    assert len(tables["coverage"]) == len(page.DOCUMENTED) * len(settings.cells)
    assert len(tables["bias"]) == len(settings.corrections) * len(settings.cells)
    for what, used in (
        ("coverage", settings.cells[0].replications),
        ("bias", settings.cells[0].replications),
        ("size", settings.test_replications),
        ("bootstrap", settings.bootstrap.replications),
    ):
        assert (tables[what]["used"] + tables[what]["refused"] == used).all()


def coverage_of(tables, choice, errors):
    found = page.choices(tables["coverage"])
    part = found[found.index.get_level_values("errors").isin(errors)]
    return part[[(choice, "direct"), (choice, "indirect")]]


def test_the_default_keeps_its_level_under_independent_errors(tables):
    shares = coverage_of(tables, "default", ["iid", "heteroskedastic"])
    assert shares.min(axis=None) > LEAST
    assert shares.ge(page.BAND[0]).mul(shares.le(page.BAND[1])).mean(axis=None) > MOST_CELLS


def test_the_clustered_choice_keeps_its_level_under_serial_correlation(tables):
    shares = coverage_of(tables, "clustered", ["ar1"])
    assert shares.min(axis=None) > LEAST
    assert shares.ge(page.BAND[0]).mul(shares.le(page.BAND[1])).mean(axis=None) > MOST_CELLS


def test_the_default_fails_where_errors_and_regressors_are_serially_correlated(tables):
    shares = coverage_of(tables, "default", ["ar1"])
    persistent = shares[shares.index.get_level_values("persistence") > 0]
    assert persistent.max(axis=None) < page.BAND[0]


def test_uncorrected_rho_is_too_small_at_every_length(tables):
    cells = list(page.CELL)
    by = {c: t.set_index(cells)["bias_rho"] for c, t in tables["bias"].groupby("convention")}
    assert (by["exact"] < 0).all()
    assert (by["demean_then_lag"] < 0).all()
    assert (by["lee_yu"].abs() < by["exact"].abs()).all()
    longer = by["exact"].xs(("provinces", 0.4, "iid", 0.0), level=["layout", "rho", "errors", "persistence"])
    assert longer.abs().min() > 0.9 * longer.abs().max()


def test_starting_points(tables):
    found = tables["coverage"].query(
        "layout == 'provinces' and T == 9 and rho == 0.7 and errors == 'iid' and persistence == 0"
        " and covariance == 'information' and interval == 'delta'"
    )
    by = found.set_index("convention")
    assert by.loc["exact", "coverage_rho"] == pytest.approx(0.67, abs=0.045)
    assert by.loc["exact", "coverage_indirect"] == pytest.approx(0.69, abs=0.045)
    assert by.loc["lee_yu", "coverage_rho"] == pytest.approx(0.95, abs=0.025)
    assert by.loc["lee_yu", "coverage_indirect"] == pytest.approx(0.94, abs=0.025)


def test_clustered_errors_of_the_cigarette_panel_are_more_than_twice_as_large(cigar):
    model = SDM(**cigar)
    plain, clustered = (model.fit("lee_yu", kind) for kind in ("information", "cluster_jackknife"))
    assert "serially correlated" in " ".join(plain.notes)
    errors = [fit.effects(draws=0).std_error_delta[:, 1] for fit in (plain, clustered)]
    assert (errors[1] > 2 * errors[0]).all()
