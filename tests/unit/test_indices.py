import copy
from dataclasses import replace

import numpy as np
import pytest
from snapshot_files import clean, scheme_schema, scheme_yaml

from shuyi.china.clean import DERIVATIONS
from shuyi.errors import ConfigError, DataError
from shuyi.indices import (
    WEIGHTINGS,
    Indicator,
    Scheme,
    ZeroRule,
    bartlett,
    check_no_overlap,
    compute_index,
    critic_weights,
    entropies,
    entropy_weights,
    indicator_panel,
    kmo,
    load_scheme,
    pca_weights,
)
from shuyi.panel import Panel, stack

EXACT = 1e-12
"""Sums of a few hundred terms in double precision."""

PEER = 1e-10
"""Peers compute the same formula in another order of operations."""

HEADLINE = ("ln_gdp_pc", "ln_income_pc", "urbanisation", "fiscal_share", "secondary_share", "retail_share")


@pytest.fixture(scope="module")
def scheme():
    return load_scheme(scheme_yaml(), scheme_schema())


@pytest.fixture(scope="module")
def results(scheme):
    cleaned = clean()
    return {
        w: compute_index(scheme, cleaned.panel, weighting=w, caveats=cleaned.caveats, derivations=DERIVATIONS)
        for w in WEIGHTINGS
    }


def indicator(name, **changes):
    plain = Indicator(name, "d", {}, name, None, 1.0, "u", "positive", "none", "pooled")
    return replace(plain, **changes)


def small(*indicators):
    dimensions = {i.dimension: {} for i in indicators}
    return Scheme("small", {}, "", (), dimensions, indicators)


def panel_of(**columns):
    values = np.stack([np.asarray(c, float) for c in columns.values()], axis=2)
    periods = tuple(range(2016, 2016 + values.shape[0]))
    return Panel(values, tuple("abcdef"[: values.shape[1]]), periods, tuple(columns))


def random_matrix(rows=200, columns=5, seed=1):
    common = np.random.default_rng(seed).normal(size=(rows, 1))
    return 1 / (1 + np.exp(-common - np.random.default_rng(seed + 1).normal(size=(rows, columns))))


def test_entropy_of_two_columns_by_hand():
    matrix = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(entropies(matrix), [1.0, np.log(2) / np.log(4)], rtol=EXACT)
    np.testing.assert_allclose(entropy_weights(matrix), [0.0, 1.0], atol=EXACT)


def test_entropy_and_critic_weights_agree_with_pymcdm():
    weights = pytest.importorskip("pymcdm.weights")
    matrix = random_matrix()
    np.testing.assert_allclose(entropy_weights(matrix), weights.entropy_weights(matrix), rtol=PEER)
    scaled = (matrix - matrix.min(axis=0)) / (matrix.max(axis=0) - matrix.min(axis=0))
    np.testing.assert_allclose(critic_weights(scaled), weights.critic_weights(matrix), rtol=PEER)


def test_entropy_of_the_panel_agrees_with_scipy(results):
    from scipy.stats import entropy

    matrix = stack(results["entropy"].normalised)
    np.testing.assert_allclose(
        results["entropy"].entropy, entropy(matrix, axis=0) / np.log(len(matrix)), rtol=PEER
    )


def test_critic_weights_of_the_panel_agree_with_pymcdm(results):
    weights = pytest.importorskip("pymcdm.weights")
    matrix = stack(results["critic"].normalised)
    np.testing.assert_allclose(results["critic"].weights, weights.critic_weights(matrix), rtol=PEER)


def test_pca_scores_agree_with_scikit_learn(results):
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    result = results["pca"]
    peer = PCA().fit(StandardScaler().fit_transform(stack(result.normalised)))
    kept = int((np.linalg.eigvalsh(np.corrcoef(stack(result.normalised), rowvar=False)) > 1).sum())
    assert result.diagnostics["components"] == kept
    assert result.diagnostics["explained_share"] == pytest.approx(
        peer.explained_variance_ratio_[:kept].sum(), rel=PEER
    )
    components = peer.components_[:kept] * np.sign(peer.components_[:kept].sum(axis=1, keepdims=True))
    scores = StandardScaler().fit_transform(stack(result.normalised)) @ components.T
    combined = scores @ (peer.explained_variance_[:kept] / peer.explained_variance_[:kept].sum())
    rescaled = (combined - combined.min()) / (combined.max() - combined.min())
    np.testing.assert_allclose(stack(result.scores), rescaled, atol=PEER)


def test_bartlett_agrees_with_statsmodels():
    from statsmodels.stats.multivariate import test_cov_diagonal as peer

    matrix = random_matrix()
    found, expected = (
        bartlett(np.corrcoef(matrix, rowvar=False), 200),
        peer(np.cov(matrix, rowvar=False), 200),
    )
    assert found["bartlett"] == pytest.approx(expected.statistic, rel=PEER)
    assert found["bartlett_df"] == expected.df
    assert found["bartlett_p"] == pytest.approx(expected.pvalue, rel=PEER)


def test_kmo_of_known_matrices():
    assert kmo(np.array([[1.0, 0.6], [0.6, 1.0]])) == pytest.approx(0.5, rel=EXACT)
    r = 0.5
    equal = np.full((3, 3), r) + (1 - r) * np.eye(3)
    partial = (r - r**2) / (1 - r**2)
    assert kmo(equal) == pytest.approx(r**2 / (r**2 + partial**2), rel=EXACT)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_scores_weights_and_sub_scores(results, scheme, weighting):
    result = results[weighting]
    assert result.scores.shape == (9, 31)
    assert result.dimension_scores.shape == (9, 31, 4)
    assert np.abs(result.weights).sum() == pytest.approx(1.0, rel=EXACT)
    for values in (result.scores, result.dimension_scores, result.normalised, result.entropy):
        assert values.min() >= 0.0
        assert values.max() <= 1.0 + EXACT
    for j, name in enumerate(scheme.indicators):
        lows = result.normalised[:, :, j].min(axis=1)
        assert lows.max() == 0.0 if name.scaling == "within_year" else lows.min() == 0.0


@pytest.mark.parametrize("weighting", ["entropy", "critic", "equal"])
def test_contributions_and_sub_scores_return_the_score(results, weighting):
    result = results[weighting]
    np.testing.assert_allclose(result.contributions.sum(axis=2), result.scores, atol=EXACT)
    shares = np.array(list(result.dimension_weights().values()))
    np.testing.assert_allclose(result.dimension_scores @ shares, result.scores, atol=EXACT)


def test_four_dimensions_with_their_indicators(scheme, results):
    assert list(scheme.dimensions) == ["industry", "resources", "talent", "informatisation"]
    assert [len(scheme.positions(d)) for d in scheme.dimensions] == [4, 5, 3, 3]
    cells = {(c.series, c.unit) for c in results["entropy"].assumed}
    assert cells == {
        (s, "540000") for s in ("software_revenue", "it_service_revenue", "tech_market_turnover")
    }
    assert len(results["entropy"].assumed) == 9 + 9 + 1
    frame = results["entropy"].weights_frame()
    assert frame.loc[frame["indicator"] == "tech_market_to_grp", "assumed_cells"].item() == 1
    assert frame["weight"].sum() == pytest.approx(1.0, rel=EXACT)


def test_indicators_are_ratios_with_units(scheme):
    panel, _ = indicator_panel(scheme, clean().panel)
    cable = clean().panel["optical_cable_length"] / clean().panel["population_resident"]
    np.testing.assert_allclose(panel["optical_cable_pc"], 1e4 * cable, rtol=EXACT)
    assert panel.measures["optical_cable_pc"] == "km per 10,000 residents"


def test_break_in_the_definition_does_not_move_the_index(scheme):
    panel = clean().panel
    late = np.array(panel.periods) >= 2023
    doubled = np.where(late[:, None], 2.0, 1.0) * panel["ecommerce_enterprises"]
    changed = panel.with_variables({"ecommerce_enterprises": doubled})
    before, after = (
        compute_index(scheme, p, caveats=clean().caveats, derivations=DERIVATIONS).scores
        for p in (panel, changed)
    )
    np.testing.assert_allclose(after, before, atol=EXACT)


def test_index_becomes_panel_variables(scheme, results):
    panel = results["entropy"].attach(clean().panel)
    np.testing.assert_array_equal(panel["digital"], results["entropy"].scores)
    assert {"digital_industry", "digital_resources", "digital_talent", "digital_informatisation"} <= set(
        panel.variables
    )
    frame = results["entropy"].scores_frame()
    assert frame.loc[0, ["unit", "period"]].tolist() == ["110000", 2016]
    assert frame["digital"].iloc[8] == results["entropy"].scores[8, 0]
    with pytest.raises(DataError, match="other provinces or years"):
        results["entropy"].attach(clean().panel.select(periods=range(2017, 2025)))


def test_sign_turns_the_scale():
    panel = panel_of(x=[[1.0, 2.0], [3.0, 5.0]], y=[[1.0, 0.0], [0.0, 0.5]])
    turned = small(indicator("x", sign="negative"), indicator("y"))
    result = compute_index(turned, panel, weighting="equal", caveats=())
    np.testing.assert_allclose(result.normalised[:, :, 0], [[1.0, 0.75], [0.5, 0.0]], rtol=EXACT)


def test_zero_rule_holds_only_for_its_cells():
    panel = panel_of(x=[[np.nan, 2.0], [np.nan, 4.0]])
    rule = small(indicator("x", zero=(ZeroRule("a", 2016, 2017),), reason="not printed"))
    result = compute_index(rule, panel, weighting="equal", caveats=())
    np.testing.assert_allclose(result.scores, [[0.0, 0.5], [0.0, 1.0]], rtol=EXACT)
    assert [(c.unit, c.year, c.reason) for c in result.assumed] == [
        ("a", 2016, "not printed"),
        ("a", 2017, "not printed"),
    ]
    short = small(indicator("x", zero=(ZeroRule("a", 2016, 2016),), reason="not printed"))
    with pytest.raises(DataError, match=r"empty or infinite cells[\s\S]*x a 2017"):
        compute_index(short, panel, weighting="equal", caveats=())


def test_refusals_of_values():
    panel = panel_of(x=[[0.0, 2.0], [1.0, 4.0]], flat=[[1.0, 1.0], [1.0, 1.0]], year=[[1.0, 1.0], [2.0, 3.0]])
    refused = [
        (indicator("x", transform="log"), r"enters in logarithms[\s\S]*a 2016"),
        (indicator("flat"), r"'flat' cannot be scaled[\s\S]*one value in the whole panel"),
        (indicator("year", scaling="within_year"), r"'year' cannot be scaled[\s\S]*no variation in 2016"),
        (indicator("year", denominator="x"), r"empty or infinite cells[\s\S]*year a 2016"),
    ]
    for one, message in refused:
        with pytest.raises(DataError, match=message):
            compute_index(small(one), panel, weighting="equal", caveats=())


def test_weightings_that_are_not_determined_are_refused():
    panel = panel_of(x=[[0.0, 2.0], [1.0, 4.0]])
    for weighting in ("critic", "pca"):
        with pytest.raises(DataError, match="at least two indicators"):
            compute_index(small(indicator("x")), panel, weighting=weighting, caveats=())
    same = np.repeat(random_matrix(50, 1), 2, axis=1)
    with pytest.raises(DataError, match="collinear"):
        pca_weights(same)
    with pytest.raises(DataError, match="no information of their own"):
        critic_weights(same)
    with pytest.raises(DataError, match=r"'entorpy'[\s\S]*did you mean 'entropy'"):
        compute_index(small(indicator("x")), panel, weighting="entorpy", caveats=())


def test_missing_columns_are_all_named(scheme):
    licensed = replace(scheme, indicators=(indicator("pku_index"), indicator("internet_penetration")))
    with pytest.raises(DataError, match=r"missing: pku_index, internet_penetration[\s\S]*user_file"):
        compute_index(licensed, clean().panel, caveats=clean().caveats, derivations=DERIVATIONS)


def test_pooled_scaling_across_a_break_is_refused(scheme):
    pooled = replace(scheme, indicators=tuple(replace(i, scaling="pooled") for i in scheme.indicators))
    with pytest.raises(
        DataError, match=r"ecommerce_enterprise_share \(ecommerce_enterprises changes in 2023"
    ):
        compute_index(pooled, clean().panel, caveats=clean().caveats, derivations=DERIVATIONS)
    early = clean().panel.select(periods=range(2016, 2023))
    assert compute_index(pooled, early, caveats=clean().caveats, derivations=DERIVATIONS).scores.shape == (
        7,
        31,
    )


def test_overlap_concerns_what_is_measured(scheme):
    check_no_overlap(scheme, HEADLINE, DERIVATIONS)
    with pytest.raises(DataError) as caught:
        check_no_overlap(scheme, ["ln_gdp_pc", "patents_per_10k", "tech_market_turnover"], DERIVATIONS)
    message = str(caught.value)
    assert (
        "indicator patent_grants_per_10k and variable patents_per_10k both measure patent_grants" in message
    )
    assert "indicator tech_market_to_grp and variable tech_market_turnover both measure" in message
    with pytest.raises(DataError, match="both measure gdp_nominal"):
        check_no_overlap(small(indicator("gdp_nominal")), ["ln_gdp_pc"], DERIVATIONS)


def test_scheme_files_report_every_problem_at_once():
    raw = copy.deepcopy(scheme_yaml())
    first = raw["dimensions"][0]["indicators"][0]
    first["sing"] = first.pop("sign")
    first["scaling"] = "pooledd"
    raw["dimensions"][1]["title"]["fr"] = "x"
    raw["weighting"] = "entropy"
    with pytest.raises(ConfigError) as caught:
        load_scheme(raw, scheme_schema(), file="config/indices/mine.yaml")
    message = str(caught.value)
    for part in ("config/indices/mine.yaml", "sing", "pooledd", "within_year", "fr", "weighting"):
        assert part in message


def test_scheme_files_need_unique_ids_and_reasons():
    raw = copy.deepcopy(scheme_yaml())
    indicators = raw["dimensions"][0]["indicators"]
    indicators[1]["id"] = indicators[0]["id"]
    indicators[0]["missing"]["reason"] = ""
    with pytest.raises(ConfigError, match=r"software_share' twice[\s\S]*software_share.missing.reason"):
        load_scheme(raw, scheme_schema())


def test_schema_forbids_unknown_keys_at_every_level():
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)

    found = list(objects(scheme_schema()))
    assert len(found) == 6
    assert all(node["additionalProperties"] is False for node in found)
    assert all(set(node["required"]) == set(node["properties"]) for node in found)
