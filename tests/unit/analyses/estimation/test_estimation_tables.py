"""Tables of the estimation: what they print of fits, effects and tests, and what they refuse."""

import numpy as np
import pandas as pd
import pytest

from shuyi import files
from shuyi.analyses.estimation import estimates, tables
from shuyi.analyses.estimation.tables import transformed_r2
from shuyi.errors import DataError
from shuyi.panel import Panel
from shuyi.publish import notes as publish_notes
from shuyi.publish import numbers
from shuyi.spatialpanel import SAR, SDM, SLX
from shuyi.spatialpanel.least_squares import fit_fixed_effects
from shuyi.weights import Weights

EXACT = 1e-12
"""The same arithmetic in another order."""

OPTIONS = numbers.TableOptions()
MODEL = {"outcome": "ln_gdp_pc", "regressors": ["digital", "urbanisation"]}


@pytest.fixture(scope="module")
def panel():
    values = np.random.default_rng(3).normal(size=(5, 12, 3))
    values[:, :, 0] += values[:, :, 1]
    return Panel(values, tuple("abcdefghijkl"), tuple(range(2016, 2021)), ("ln_gdp_pc", *MODEL["regressors"]))


@pytest.fixture(scope="module")
def ring():
    matrix = np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1)
    return Weights(matrix, tuple("abcdefghijkl"), "contiguity").normalise("row")


@pytest.fixture(scope="module")
def fits(panel, ring):
    return {
        "FE-OLS": fit_fixed_effects(panel, **MODEL),
        "SAR": SAR(panel, ring, **MODEL, effects="twoways").fit("lee_yu"),
        "SDM": SDM(panel, ring, **MODEL, durbin="all", effects="twoways").fit("lee_yu"),
    }


class TestEstimates:
    def test_every_estimate_stands_in_its_row(self, fits, labels):
        table = tables.estimates_table(fits, labels, OPTIONS)
        first = table.display.iloc[0]
        assert table.display.index[0][1] == labels.term("digital")
        for column, fit in fits.items():
            assert first[column].rstrip("*") == f"{fit.params['digital']:.3f}".replace("-", "−")
            below = table.display.iloc[1][column]
            assert below == f"({fit.std_errors['digital']:.3f})"

    def test_terms_that_a_model_lacks_stay_blank(self, fits, english):
        rows = tables.estimates_table(fits, english, OPTIONS).display.droplevel(0)
        assert rows.loc["W × Digital development index"].tolist()[:2] == ["", ""]
        assert rows.loc["Spatial lag (ρ)"].tolist()[0] == "" and rows.loc["Spatial lag (ρ)"].tolist()[1] != ""

    def test_data_hold_everything_in_full_precision(self, fits, english):
        data = tables.estimates_table(fits, english, OPTIONS).data
        found = data[(data["column"] == "SDM") & (data["name"] == "rho")].iloc[0]
        assert found["estimate"] == fits["SDM"].params["rho"]
        assert found["std_error"] == fits["SDM"].std_errors["rho"]
        assert found["p_value"] == fits["SDM"].pvalues["rho"]
        loglik = data[(data["column"] == "SAR") & (data["name"] == "loglik")]["estimate"].item()
        assert loglik == fits["SAR"].loglik

    def test_uncertainty_can_be_t_or_p(self, fits, english):
        for kind, series in (("t", "tstats"), ("p", "pvalues")):
            table = tables.estimates_table(fits, english, numbers.TableOptions(uncertainty=kind))
            value = getattr(fits["SAR"], series)["urbanisation"]
            shown = table.display.iloc[3]["SAR"].strip("()").replace("−", "-")
            assert shown == "<0.001" or float(shown) == pytest.approx(value, abs=0.005)
            assert english.text(f"note.parentheses.{kind}") in table.note()

    def test_notes_state_what_a_reader_needs(self, fits, ring, labels):
        notes = publish_notes.weights_notes("contiguity", ring, labels)
        note = tables.estimates_table(fits, labels, OPTIONS, notes=notes).note()
        for key in (
            *("effects.twoways", "correction.lee_yu", "correction.dummies"),
            *("covariance.information", "covariance.cluster", "note.source", "note.loglik_not_comparable"),
        ):
            assert labels.text(key) in note
        assert labels.term("ln_gdp_pc") in note and labels.text("weights.contiguity") in note
        low, high = fits["SDM"].rho_interval
        assert f"({low:.3f}, {high:.3f})".replace("-", "−") in note

    def test_columns_of_other_samples_say_so(self, fits, panel, english):
        small = fit_fixed_effects(panel.select(units=panel.units[:11]), **MODEL)
        note = tables.estimates_table({**fits, "Fewer": small}, english, OPTIONS).note()
        assert "Fewer: n = 11 provinces" in note and "FE-OLS, SAR, SDM: n = 12 provinces" in note

    def test_two_outcomes_are_refused(self, fits, panel, english):
        other = fit_fixed_effects(panel, outcome="urbanisation", regressors=["digital"])
        with pytest.raises(DataError, match="found: ln_gdp_pc, urbanisation"):
            tables.estimates_table({**fits, "Other": other}, english, OPTIONS)

    def test_transformed_r2_is_linearmodels_for_least_squares(self, fits):
        assert transformed_r2(fits["FE-OLS"]) == pytest.approx(fits["FE-OLS"].r2_within, rel=EXACT)

    def test_a_fit_read_back_without_arrays_prints_a_dash(self, fits, english):
        payload = fits["FE-OLS"].to_dict(arrays=False)
        table = tables.estimates_table({"FE-OLS": type(fits["FE-OLS"]).from_dict(payload)}, english, OPTIONS)
        assert table.display.droplevel(0).loc["R² (transformed)", "FE-OLS"] == "—"


@pytest.fixture(scope="module")
def spilling(fits, panel, ring):
    slx = SLX(panel, ring, **MODEL, durbin="all", effects="twoways").fit("lee_yu")
    return {"SDM": fits["SDM"], "SLX": slx}


@pytest.fixture(scope="module")
def effects(spilling):
    return [
        tables.ModelEffects.of(column, fit.effects(draws=200, seed=5)) for column, fit in spilling.items()
    ]


class TestEffects:
    @pytest.fixture
    def make(self, spilling):
        def made(effects, labels, **changes):
            return tables.effects_table(effects, labels, OPTIONS, **{"fits": spilling, **changes})

        return made

    def test_the_headline_has_both_errors_and_intervals(self, make, effects, labels):
        table = make(effects, labels)
        assert table.display.shape == (2 * 5 + 2 * 2, 3)
        row = effects[0].frame.iloc[0]
        column = table.display.iloc[:, 0]
        assert column.iloc[1] == f"({row['std_error']:.3f})"
        assert column.iloc[2] == f"[{row['std_error_delta']:.3f}]"
        assert column.iloc[3] == f"[{row['ci_low']:.3f}, {row['ci_high']:.3f}]".replace("-", "−")
        assert "200" in table.note() and "5" in table.note()

    def test_printed_effects_add_up(self, make, effects, english):
        data = make(effects, english).data
        wide = data.pivot_table(index=["column", "term"], columns="component", values="estimate")
        np.testing.assert_allclose(wide["direct"] + wide["indirect"], wide["total"], rtol=EXACT, atol=EXACT)

    def test_frames_from_files_give_the_same_table(self, make, effects, spilling, english, tmp_path):
        for column, fit in spilling.items():
            frame = estimates.effects_frame(fit.effects(draws=200, seed=5))
            files.write_csv(tmp_path / f"{column}.csv", frame)
        again = tables.model_effects({c: files.read_csv(tmp_path / f"{c}.csv") for c in spilling})
        pd.testing.assert_frame_equal(make(again, english).display, make(effects, english).display)
        assert make(again, english).note() == make(effects, english).note()

    def test_samples_by_model(self, make, effects, spilling, panel, ring, english):
        units = panel.units[:11]
        small = SLX(panel.select(units=units), ring.subset(units), **MODEL, durbin="all", effects="twoways")
        note = make(effects, english, fits=spilling | {"SLX": small.fit("exact")}).note()
        assert "SDM: n = 12" in note and "SLX: n = 11" in note

    def test_the_note_states_the_covariance_that_each_column_was_estimated_with(
        self, make, panel, ring, spilling, labels
    ):
        clustered = SDM(panel, ring, **MODEL, durbin="all", effects="twoways").fit(
            "lee_yu", covariance="cluster_jackknife"
        )
        fits = {"SDM": spilling["SDM"], "Clustered": clustered}
        shown = [tables.ModelEffects.of(c, f.effects(draws=200, seed=5)) for c, f in fits.items()]
        note = make(shown, labels, fits=fits).note()
        for column, fit in fits.items():
            text = labels.text(f"covariance.{fit.covariance_kind}")
            assert labels.text("note.of_columns", text=text, columns=column) in note

    def test_mixed_simulations_are_refused(self, make, effects, fits, english):
        other = tables.ModelEffects.of("SAR", fits["SAR"].effects(draws=100, seed=5))
        with pytest.raises(DataError, match="SAR: draws 100, seed 5"):
            make([*effects, other], english)


class TestTests:
    FRAME = pd.DataFrame(
        {
            "group": ["spatial_dependence", "mine", "spatial_dependence"],
            "test": ["lm_lag", "pesaran_cd", "lm_error"],
            "null": ["rho_zero", "weak_dependence", "lam_zero"],
            "spec": ["twoways", np.nan, "time"],
            "statistic": [46.901, -1.5, 0.33],
            "df": [1.0, np.nan, 1.0],
            "p_value": [7.4e-12, 0.134, 0.566],
            "distribution": ["chi2", "normal", "chi2"],
            "note": ["convention: exact", "generalised inverse", "convention: lee_yu"],
        }
    )

    @pytest.fixture
    def make(self, fits):
        def made(labels, frame=self.FRAME, **changes):
            return tables.specification_tests_table(frame, labels, OPTIONS, fit=fits["SDM"], **changes)

        return made

    def test_rows_of_a_group_come_together(self, make, labels):
        groups = list(make(labels).display.index.get_level_values(0))
        assert groups[0] == groups[1] == labels.text("testgroup.spatial_dependence") and groups[2] == "mine"

    def test_cells(self, make, english):
        display = make(english).display
        assert display.iloc[0].tolist() == ["ρ = 0", "46.901", "χ²", "1", "<0.001"]
        assert display.iloc[2].tolist() == [
            "weak cross-section dependence",
            "−1.500",
            "N(0, 1)",
            "—",
            "0.134",
        ]
        assert display.index[1][1] == "LM error (year effects)"

    def test_periods_and_permutations_are_named(self, make, english):
        frame = self.FRAME.assign(test="residual_moran", period=2016, spec="twoways", note="I = 0.1")
        table = make(english, frame, permutations=999, seed=3)
        assert table.display.index[0][1] == "Moran's I of residuals (z), 2016"
        assert "999 random permutations, seed 3" in table.note() and "I = 0.1" not in table.note()

    def test_ratios_name_the_effects_that_both_models_have(self, make, english):
        frame = self.FRAME.assign(group="effects", test="lr_time", spec="individual")
        table = make(english, frame)
        assert table.display.index[0][1] == "LR: year effects, given province effects"

    def test_notes_of_tests_are_kept_where_they_add_something(self, make, english):
        note = make(english).note()
        assert "Pesaran CD: generalised inverse." in note
        assert "LM lag: maximum likelihood with dummies" in note
        assert "LM error: " not in note
