"""Single identities: what holds, what fails, and what cannot be told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuyi.review import Verdict, check_table, read_form
from shuyi.review.words import IDENTITY, LABELS, QUESTION, REASONS, sentence


def checks(text, identity):
    (table,) = read_form(text)
    return [c for c in check_table(table).checks if c.identity == identity]


def verdicts(text, identity):
    return [c.verdict for c in checks(text, identity)]


SDM = """columns: [{name: SDM, model: sdm, b: {x: [0.500, 0.050, '***'], z: [0.200, 0.050, '***']},
 theta: {x: [0.300, 0.100, '***'], z: [-0.100, 0.100, '']}, rho: [0.400, 0.050, '***'],
 effects: {x: {total: [TOTAL]}}}]
paren_label: se
"""


@pytest.mark.parametrize(
    ("total", "verdict"),
    [
        ("1.333", Verdict.HOLDS),
        ("1.335", Verdict.ROUNDING),
        ("1.400", Verdict.SIMULATION),
        ("1.700", Verdict.FAILS),
    ],
)
def test_total_effect_of_an_sdm(total, verdict):
    assert verdicts(SDM.replace("TOTAL", total), "A2") == [verdict]


def test_plug_in_effects_have_no_allowance():
    assert verdicts(SDM.replace("TOTAL", "1.400") + "simulated: no\n", "A2") == [Verdict.FAILS]


def test_no_formula_for_weights_that_are_not_row_standardised():
    assert verdicts(SDM.replace("TOTAL", "1.700") + "row_standardised: no\n", "A2") == [Verdict.CANNOT_TELL]


def test_a_table_that_may_leave_rows_out_is_not_judged():
    text = "columns: [{name: m, b: {x: [0.5]}, rho: 0.4, effects: {x: {total: [1.333]}}}]"
    assert verdicts(text, "A2") == [Verdict.CANNOT_TELL]


@pytest.mark.parametrize(
    ("model", "numbers", "verdict"),
    [
        ("sar", "b: {x: [0.500]}, rho: 0.200, effects: {x: {total: [0.625]}}", Verdict.HOLDS),
        ("slx", "b: {x: [0.500]}, theta: {x: [0.200]}, effects: {x: {total: [0.700]}}", Verdict.HOLDS),
        (
            "sdem",
            "b: {x: [0.500]}, theta: {x: [0.200]}, lam: 0.3, effects: {x: {total: [0.900]}}",
            Verdict.FAILS,
        ),
        ("sac", "b: {x: [0.500]}, rho: 0.200, lam: 0.3, effects: {x: {total: [0.625]}}", Verdict.HOLDS),
    ],
)
def test_total_by_model(model, numbers, verdict):
    text = f"simulated: no\ncolumns: [{{name: m, model: {model}, {numbers}}}]"
    assert verdicts(text, "A2") == [verdict]


def test_direct_effect_of_a_model_without_spatial_lag_is_the_coefficient():
    text = (
        "simulated: no\ncolumns: [{name: SLX, b: {x: [0.500]}, theta: {x: [0.200]}, "
        "effects: {x: {direct: [0.600], indirect: [0.200]}}}]"
    )
    assert verdicts(text, "A2") == [Verdict.FAILS, Verdict.HOLDS]


def test_one_multiplier_for_all_regressors_whatever_w_sums_to():
    # s1 = 1.2 and 1'S1/n = 2: direct = b s1 + th (s1 - 1)/rho, total = b s + th (s - 1)/rho.
    effects = "x: {direct: [0.750], total: [1.750]}, z: {direct: [0.190], total: [0.150]}"
    text = (
        "simulated: no\nrow_standardised: no\ncolumns: [{name: SDM, model: sdm, b: {x: [0.500], z: [0.200]}, "
        f"theta: {{x: [0.300], z: [-0.100]}}, rho: 0.400, effects: {{{effects}}}}}]"
    )
    assert Verdict.FAILS not in verdicts(text, "A3")
    assert verdicts(text, "A5") == [Verdict.ROUNDING]
    assert Verdict.FAILS in verdicts(text.replace("0.190", "0.290"), "A3")
    assert verdicts(text.replace("total: [0.150]", "total: [0.350]"), "A5") == [Verdict.FAILS]


def test_short_and_long_run_of_a_dynamic_model():
    text = (
        "simulated: no\ncolumns: [{name: D, model: sdm, b: {x: [0.400]}, theta: {x: [0.200]}, tau: 0.300, "
        "rho: 0.200,"
        " eta: 0.100, short: {x: {total: [SHORT]}}, long: {x: {total: [LONG]}}}]"
    )
    right = text.replace("SHORT", "0.750").replace("LONG", "1.500")
    swapped = text.replace("SHORT", "1.500").replace("LONG", "0.750")
    assert verdicts(right, "A4") == [Verdict.HOLDS, Verdict.HOLDS]
    assert verdicts(swapped, "A4") == [Verdict.FAILS, Verdict.FAILS]
    assert verdicts(right, "G2") == [Verdict.HOLDS]
    assert verdicts(right.replace("tau: 0.300", "tau: 0.800"), "G2") == [Verdict.FAILS]


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [
        ("[0.200, 0.100, '**']", Verdict.ROUNDING),  # t = 2.0 lies between the normal and the t(30) value
        ("[0.300, 0.100, '***']", Verdict.HOLDS),
        ("[0.300, 0.100, '']", Verdict.FAILS),
        ("[0.100, 0.100, '*']", Verdict.FAILS),
    ],
)
def test_stars_against_the_error(cell, verdict):
    text = (
        f"paren_label: se\ncolumns: [{{name: m, b: {{x: {cell}, y: [0.9, 0.1, '***'], z: [0.01, 0.1, '']}}}}]"
    )
    assert verdicts(text, "B1")[0] == verdict


def test_levels_of_the_stars_are_those_that_explain_most():
    cells = "x: [2.100, 1.000, '*'], y: [2.700, 1.000, '**'], z: [3.900, 1.000, '***'], v: [1.700, 1.000, '']"
    text = f"paren_label: se\ncolumns: [{{name: m, b: {{{cells}}}}}]"
    assert Verdict.FAILS not in verdicts(text, "B1")
    assert checks(text, "B1")[0].figures["* p < 0.05"] == "1.960 to 2.042"
    assert Verdict.FAILS in verdicts(text + "\nstars: [0.1, 0.05, 0.01]", "B1")


def test_signs_of_t_statistics():
    text = "paren_label: t\ncolumns: [{name: m, b: {x: [0.5, -2.2, '**'], y: [-0.5, -2.2, '**']}}]"
    assert verdicts(text, "B5") == [Verdict.FAILS, Verdict.HOLDS]
    absolute = "paren_label: t\ncolumns: [{name: m, b: {x: [-0.5, 2.2, '**'], y: [0.5, 2.2, '**']}}]"
    assert verdicts(absolute, "B5") == []


@pytest.mark.parametrize(("label", "truth"), [("t", "se"), ("se", "t")])
def test_a_label_of_the_parentheses_that_cannot_be(label, truth):
    cells = [(0.5, 0.1), (0.03, 0.02), (0.4, 0.1), (-0.6, 0.1), (0.01, 0.2), (0.9, 0.2)]
    rows = []
    for i, (b, se) in enumerate(cells):
        t = b / se
        stars = "***" if abs(t) > 2.8 else ""
        rows.append(f"x{i}: [{b}, {se if truth == 'se' else round(t, 2)}, '{stars}']")
    text = f"paren_label: {label}\ncolumns: [{{name: m, b: {{{', '.join(rows)}}}}}]"
    (check,) = checks(text, "B4")
    assert (check.verdict, check.reason) == (Verdict.FAILS, f"holds_{truth}")
    assert Verdict.FAILS not in verdicts(text, "B1")


def test_equal_degrees_of_freedom_as_stated():
    tests = "[{test: LR A, stat: 24.74, p: 0.0161}, {test: LR B, stat: 53.84, p: 0.0047}]"
    text = f"tests: {tests}\nequal_df: [[LR A, LR B]]"
    assert verdicts(text, "B3") == [Verdict.FAILS]


def test_no_degrees_of_freedom_give_the_pair():
    text = "tests: [{test: LR SDM/SAR, stat: 5.000, p: 0.0100}]"
    (check,) = checks(text, "B2")
    assert (check.verdict, check.reason) == (Verdict.FAILS, "no_df")


def test_p_may_be_cut_off_instead_of_rounded():
    assert verdicts("tests: [{test: LR SDM/SAR, stat: 13.42, p: 0.019, df: 5}]", "B2") == [Verdict.ROUNDING]


def test_a_normal_test_and_one_of_another_distribution():
    normal = "{test: CD, stat: -1.663, p: 0.096, distribution: 'N(0, 1)'}"
    text = f"tests: [{normal}, {{test: F test, stat: 3.2, p: 0.001}}]"
    assert verdicts(text, "B2") == [Verdict.HOLDS, Verdict.CANNOT_TELL]


def test_joint_lm_test():
    four = "LM_lag: [7.0, .008], LM_err: [4.0, .046], RLM_lag: [5.0, .025], RLM_err: [2.0, .157]"
    block = f"lm: [{{{four}, LM_joint: [X]}}]"
    assert verdicts(block.replace("X", "9.0, .011"), "C2") == [Verdict.HOLDS, Verdict.HOLDS]
    assert verdicts(block.replace("X", "9.5, .009"), "C2") == [Verdict.FAILS, Verdict.FAILS]


def test_likelihood_ratio_of_two_columns():
    text = (
        "columns: [{name: SDM, b: {x: [1]}, theta: {x: [1]}, logL: 510.141}, "
        "{name: SAR, b: {x: [1]}, logL: 482.497}]\n"
        "tests: [{test: LR SDM/SAR, stat: STAT, p: 0.000}]"
    )
    assert verdicts(text.replace("STAT", "55.288"), "D1") == [Verdict.HOLDS]
    assert verdicts(text.replace("STAT", "52.288"), "D1") == [Verdict.FAILS]


def test_restrictions_of_fixed_effects():
    text = "n: 31\nT: 9\ntests: [{test: 'LR test individual effects', stat: 90.00, p: 0.000, df: DF}]"
    assert verdicts(text.replace("DF", "30"), "D6") == [Verdict.HOLDS]
    assert verdicts(text.replace("DF", "31"), "D6") == [Verdict.FAILS]


def test_restrictions_of_an_sdm_may_include_rows_that_are_not_printed():
    text = (
        "columns: [{name: SDM, b: {x: [1], z: [1]}, theta: {x: [1], z: [1]}}]\n"
        "tests: [{test: LR SDM/SAR, stat: 20.0, p: 0.001, df: DF}]"
    )
    assert verdicts(text.replace("DF", "2"), "D6") == [Verdict.HOLDS]
    assert verdicts(text.replace("DF", "5"), "D6") == [Verdict.CANNOT_TELL]
    assert verdicts(text.replace("DF", "1"), "D6") == [Verdict.FAILS]


LIKELIHOOD = """n: 31
T: 9
N: COUNT
structure: STRUCTURE
columns: [{name: SAR, b: {x: [1]}, rho: 0.1, sigma2: 0.0050, logL: 342.9}]
"""


def test_observations_of_a_likelihood():
    fixed = LIKELIHOOD.replace("STRUCTURE", "fixed")
    assert verdicts(fixed.replace("COUNT", "279"), "D2")[0] is not Verdict.FAILS
    assert verdicts(fixed.replace("COUNT", "2790").replace("T: 9", "T: 90"), "D2") == [Verdict.FAILS]
    random = LIKELIHOOD.replace("STRUCTURE", "random").replace("COUNT", "2790")
    assert verdicts(random, "D2") == [Verdict.CANNOT_TELL]


def test_a_likelihood_without_its_constant_is_named():
    # -(N/2)(ln s2 + 1) with N = 279, s2 = 0.005
    text = "n: 31\nT: 9\nN: 279\ncolumns: [{name: OLS, b: {x: [1]}, sigma2: 0.00500, logL: 599.614}]"
    (check,) = checks(text, "D2")
    assert (check.verdict, check.reason) == (Verdict.CANNOT_TELL, "no_constant")


def test_observations_of_the_variance():
    facts = "N: COUNT\nparen_label: se\ncovariance: 'KIND'\n"
    text = facts + "columns: [{name: OLS, b: {x: [1]}, sigma2: [0.00500, 0.000423]}]"
    assert verdicts(text.replace("COUNT", "279").replace("KIND", ""), "D3") == [Verdict.HOLDS]
    assert verdicts(text.replace("COUNT", "2790").replace("KIND", ""), "D3") == [Verdict.FAILS]
    assert verdicts(text.replace("COUNT", "2790").replace("KIND", "cluster"), "D3") == [Verdict.CANNOT_TELL]


def test_information_criteria():
    text = "N: 279\nn: 31\nT: 9\ncolumns: [{name: m, b: {x: [1]}, logL: 657.45, AIC: A, BIC: B}]"
    right = text.replace("A,", "-1290.90,").replace("B}", "-1247.33}")
    assert verdicts(right, "D4") == [Verdict.HOLDS]
    assert Verdict.FAILS not in verdicts(right, "D5")
    assert verdicts(right.replace("-1290.90", "-1291.50"), "D4") == [Verdict.FAILS]
    assert Verdict.FAILS in verdicts(right.replace("-1247.33", "-1267.33"), "D5")
    divided = text.replace("A,", "-4.627,").replace("B}", "-4.471}")
    assert verdicts(divided, "D4") == [Verdict.CANNOT_TELL]


@pytest.mark.parametrize(
    ("facts", "identity", "verdict"),
    [
        ("n: 31\nT: 9\nN: 279", "E1", Verdict.HOLDS),
        ("n: 31\nT: 9\nN: 270", "E1", Verdict.FAILS),
        ("n: 31\nT: 9\nN: 248", "E1", Verdict.CANNOT_TELL),
        ("n: 31\nT: 9\nN: 270\nbalanced: no", "E1", Verdict.CANNOT_TELL),
        ("n: 31\nT: 9\nN: 300\nbalanced: no", "E1", Verdict.FAILS),
    ],
)
def test_observations_of_a_panel(facts, identity, verdict):
    assert verdicts(f"{facts}\ncolumns: [{{name: m, b: {{x: [1]}}}}]", identity) == [verdict]


def test_effective_observations_of_a_dynamic_model():
    column = "columns: [{name: m, b: {x: [1]}, tau: 0.4}]"
    assert verdicts(f"n: 31\nT: 9\nN: 248\n{column}", "E3") == [Verdict.HOLDS]
    assert verdicts(f"n: 31\nT: 9\nN: 279\n{column}", "E3") == [Verdict.CANNOT_TELL]


@pytest.mark.parametrize(
    ("number", "label", "verdict"),
    [
        ("0.515", "R2", Verdict.HOLDS),
        ("1.02", "R2", Verdict.FAILS),
        ("-0.05", "R2", Verdict.FAILS),
        ("-0.05", "Adjusted R2", Verdict.CANNOT_TELL),
    ],
)
def test_r_squared(number, label, verdict):
    text = f"columns: [{{name: m, b: {{x: [1]}}, R2: {number}, R2_label: {label}}}]"
    assert verdicts(text, "E2") == [verdict]


@pytest.mark.parametrize(
    ("rho", "facts", "verdict"),
    [
        ("0.95", "", Verdict.HOLDS),
        ("1.20", "", Verdict.FAILS),
        ("-1.20", "", Verdict.CANNOT_TELL),
        ("-1.20", "W: contiguity\nn: 31", Verdict.HOLDS),
        ("-1.65", "W: 0-1 邻接矩阵\nn: 31", Verdict.CANNOT_TELL),
        ("-1.90", "W: queen contiguity\nn: 30", Verdict.FAILS),
        ("-1.90", "W: queen contiguity\nn: 285", Verdict.CANNOT_TELL),
        ("-1.90", "w_min: -0.5", Verdict.HOLDS),
        ("-2.10", "w_min: -0.5", Verdict.FAILS),
        ("1.20", "row_standardised: no", Verdict.CANNOT_TELL),
    ],
)
def test_where_rho_may_lie(rho, facts, verdict):
    assert verdicts(f"{facts}\ncolumns: [{{name: SAR, b: {{x: [1]}}, rho: {rho}}}]", "G1") == [verdict]


MORAN = """n: 31
moran:
  - {year: 2011, I: 0.197, z: 2.42, E: -0.033}
  - {year: 2012, I: 0.199, z: 2.46, E: -0.033}
  - {year: 2013, I: 0.236, z: 2.82, E: -0.033}
  - {year: 2014, I: 0.244, z: 2.93, E: -0.033, quadrants: [10, 8, 9, 4]}
  - {year: 2015, I: 0.257, z: 3.04, E: -0.033}
  - {year: 2016, I: 0.239, z: 2.85, E: -0.033}
"""


def test_moran_over_years():
    assert Verdict.FAILS not in [c.verdict for c in check_table(read_form(MORAN)[0]).checks]
    assert verdicts(MORAN.replace("I: 0.236", "I: 0.336"), "F1").count(Verdict.FAILS) == 1
    assert Verdict.FAILS in verdicts(MORAN.replace("[10, 8, 9, 4]", "[10, 8, 9, 5]"), "F2")
    assert Verdict.FAILS in verdicts(MORAN.replace("n: 31", "n: 285"), "F3")
    assert Verdict.FAILS in verdicts(MORAN.replace("I: 0.236", "I: 2.36"), "F2")


INDEX = """entropy:
  dimensions: {base: 0.45, use: 0.55}
  weights:
    - {indicator: a, dimension: base, weight: 0.25, entropy: 0.90}
    - {indicator: b, dimension: base, weight: 0.20, entropy: 0.92}
    - {indicator: c, dimension: use, weight: 0.35, entropy: 0.86}
    - {indicator: d, dimension: use, weight: 0.20, entropy: 0.92}
"""


def test_weights_of_an_index():
    assert Verdict.FAILS not in [c.verdict for c in check_table(read_form(INDEX)[0]).checks]
    wrong = INDEX.replace("weight: 0.35", "weight: 0.53")
    assert {c.identity for c in check_table(read_form(wrong)[0]).failed} == {"H1", "H2", "H3"}


def test_unknown_keys_are_named_and_other_spellings_read():
    column = "{name: m, beta: {x: [0.5]}, ll: 10.2, k: 5}"
    (table,) = read_form(f"remark: x\ncolumns: [{column}]\nmoran: {{2011: [0.2, 2.4, 0.016]}}")
    assert table.notes == ("left out: table: remark", "left out: column: k")
    assert (table.columns[0].loglik.value, table.moran[0].z.value) == (10.2, 2.4)


def test_per_cent_weights():
    text = "entropy: {weights: {a: 25.3, b: 74.7}}"
    assert verdicts(text, "H1") == [Verdict.HOLDS]


def test_jumps_of_magnitude_are_remarks_alone():
    columns = ", ".join(
        f"{{name: m{i}, b: {{x: [0.5, {se}, '']}}}}" for i, se in enumerate((0.021, 0.22, 0.023, 0.02))
    )
    report = check_table(read_form(f"paren_label: se\ncolumns: [{columns}]")[0])
    assert [r.place for r in report.remarks] == ["m1: x"]
    assert not any(c.identity == "M1" for c in report.checks)


def test_lost_zeros_are_noted_and_can_be_stated():
    cells = ", ".join(f"x{i}: [0.{i}1{j}, 0.0{i}]" for i in range(1, 10) for j in (3, 7) if (i, j) != (1, 3))
    both = f"{cells}, {cells.replace('x', 'y')}"
    text = f"columns: [{{name: m, b: {{{both}}}, effects: {{q: {{direct: [0.2]}}}}}}]"
    (table,) = read_form(text)
    assert any("trailing zeros" in note for note in table.notes)
    (sharp,) = read_form(text + "\ndecimals: 3")
    assert sharp.columns[0].effects["q"].direct.value.unit == pytest.approx(1e-3)


@settings(max_examples=60, deadline=None)
@given(
    b=st.floats(0.05, 5) | st.floats(-5, -0.05),
    theta=st.floats(-3, 3),
    rho=st.floats(-0.8, 0.9),
    decimals=st.integers(2, 4),
    trace=st.floats(1.01, 1.6),
)
def test_rounded_effects_of_an_sdm_never_fail(b, theta, rho, decimals, trace):
    if abs(rho) < 0.02:
        return
    direct = b * trace + theta * (trace - 1) / rho
    total = (b + theta) / (1 - rho)
    cells = {"b": b, "th": theta, "rho": rho, "direct": direct, "indirect": total - direct, "total": total}
    p = {k: f"'{v:.{decimals}f}'" for k, v in cells.items()}
    text = (
        f"simulated: no\ncolumns: [{{name: SDM, model: sdm, b: {{x: [{p['b']}]}}, theta: {{x: [{p['th']}]}}, "
        f"rho: [{p['rho']}], effects: {{x: {{direct: [{p['direct']}], indirect: [{p['indirect']}], "
        f"total: [{p['total']}]}}}}}}]"
    )
    report = check_table(read_form(text)[0])
    assert [c for c in report.failed if not (c.reason == "below_one" and rho < 0)] == []


@settings(max_examples=60, deadline=None)
@given(
    d_lag=st.floats(-40, 40),
    d_error=st.floats(-40, 40),
    t_w=st.floats(10, 400),
    extra=st.floats(1, 400),
    decimals=st.integers(2, 4),
)
def test_lm_identity_holds_for_any_data_and_weights(d_lag, d_error, t_w, extra, decimals):
    j = t_w + extra
    four = {
        "LM_lag": d_lag**2 / j,
        "LM_err": d_error**2 / t_w,
        "RLM_lag": (d_lag - d_error) ** 2 / extra,
        "RLM_err": (d_error - d_lag * t_w / j) ** 2 / (t_w * (1 - t_w / j)),
    }
    cells = ", ".join(f"{k}: ['{v:.{decimals}f}']" for k, v in four.items())
    assert Verdict.FAILS not in verdicts(f"lm: [{{name: W, {cells}}}]", "C1")


def test_every_sentence_exists_in_both_languages():
    for table in (IDENTITY, QUESTION, REASONS, LABELS):
        for pair in table.values():
            assert len(pair) == 2
            assert all(pair)
    assert set(QUESTION) == set(IDENTITY)


def test_a_failure_is_told_as_a_question():
    (check,) = checks("columns: [{name: m, b: {x: [1]}, R2: 1.2}]", "E2")
    assert sentence(check, "en").endswith("?")
    assert sentence(check, "zh").endswith("？")
