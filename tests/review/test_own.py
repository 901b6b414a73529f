"""The pipeline's rounded tables in both languages, and the eigenvalues of the usual weights."""

import csv
from pathlib import Path

import pytest

from shuyi.china import provinces
from shuyi.review.own import check_printed
from shuyi.review.usual_weights import SMALLEST_EIGENVALUE, usual_weights
from shuyi.weights import build_contiguity, build_inverse_distance, build_knn

ROOT = Path(__file__).resolve().parents[2]

ESTIMATES = """\ufeffgroup,row,SAR,SDM
Coefficients,Digital development index,0.131***,0.121**
Coefficients,,(0.047),(0.049)
Coefficients,W × Digital development index,,-0.049
Coefficients,,,(0.100)
Coefficients,Spatial lag (ρ),-0.047,-0.090
Coefficients,,(0.092),(0.097)
Model,Effects,Two-way,Two-way
Model,σ²,0.00026,0.00024
Model,Log-likelihood,650.06,657.45
Model,AIC,"-1,286.12","-1,290.90"
Model,Provinces (n),31,31
Model,Years (T),9,9
Model,Observations,279,279
Model,Effective observations,240,240
"""
EFFECTS = """\ufeffgroup,row,Direct,Indirect,Total
SDM,Digital development index,0.122**,-0.056,0.066
SDM,simulated error,(0.049),(0.100),(0.099)
SDM,delta-method error,[0.049],[0.093],[0.096]
SDM,simulated interval,"[0.020, 0.228]","[-0.250, 0.154]","[-0.133, 0.274]"
SAR,Digital development index,0.132***,-0.006,0.126***
SAR,,(0.047),(0.013),(0.046)
"""
CHINESE = {
    "Digital development index": "数字发展指数",
    "Coefficients": "系数",
    "Spatial lag (ρ)": "空间滞后系数（ρ）",
    "Model": "模型",
    "Effects,Two-way,Two-way": "固定效应,双向,双向",
    "Log-likelihood": "对数似然",
    "Provinces (n)": "省份数（n）",
    "Years (T)": "年数（T）",
    "Effective observations": "有效观测数",
    "Observations": "观测数",
    "Direct": "直接效应",
    "Indirect": "间接效应",
    "Total": "总效应",
    "simulated error": "模拟标准误",
    "delta-method error": "德尔塔法标准误",
    "simulated interval": "模拟区间",
}
TESTS = """\ufeffgroup,row,Null hypothesis,Statistic,Distribution,df,p
Dependence,LM lag (year effects),ρ = 0,14.479***,χ²,1,<0.001
Dependence,LM error (year effects),λ = 0,0.019,χ²,1,0.891
Dependence,Robust LM lag (year effects),"ρ = 0, λ free",19.167***,χ²,1,<0.001
Dependence,Robust LM error (year effects),"λ = 0, ρ free",4.706**,χ²,1,0.030
Dependence,LM lag and error (year effects),ρ = λ = 0,19.185***,χ²,2,<0.001
Simplification,LR: SDM to SAR,θ = 0,14.790**,χ²,5,0.011
Simplification,Wald: SDM to SEM,θ + ρβ = 0,15.084**,χ²,5,0.010
Residuals,"Pesaran CD, SDM",weak dependence,-1.867*,"N(0, 1)",—,0.062
"""
WEIGHTS = """\ufeffgroup,row,Direction,Entropy,Weight
Industry (weight 0.45),Software,+,0.90,0.25
Industry (weight 0.45),Sales,+,0.92,0.20
Talent（权重 0.55）,Patents,+,0.86,0.35
Talent（权重 0.55）,Market,+,0.92,0.20
"""
TABLES = {
    "estimates.rounded.csv": ESTIMATES,
    "effects.rounded.csv": EFFECTS,
    "specification_tests": TESTS,
    "index_weights": WEIGHTS,
}


def translated(text):
    for english, chinese in sorted(CHINESE.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(english, chinese)
    return text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_own_tables_pass_in_both_languages(language):
    tables = {k: translated(t) for k, t in TABLES.items()} if language == "zh" else TABLES
    found = check_printed(tables, language=language, row_standardised=True)
    assert found["passed"], found["failures"]
    assert list(found["tables"]) == ["estimates + effects", "specification_tests", "index_weights"]
    identities = {c["identity"] for t in found["tables"].values() for c in t["checks"]}
    assert {"A1", "A2", "B1", "B2", "C1", "C2", "D2", "D4", "E1", "G1", "H1", "H2", "H3"} <= identities
    assert found["comparisons"] > 60


def test_both_languages_check_the_same():
    counts = []
    for tables in (TABLES, {k: translated(t) for k, t in TABLES.items()}):
        found = check_printed(tables, row_standardised=True)
        counts.append({name.split()[0]: t["counts"] for name, t in found["tables"].items()})
    assert counts[0] == counts[1]


def test_effects_meet_their_coefficients():
    wrong = TABLES | {"effects.rounded.csv": EFFECTS.replace("0.066", "0.166").replace("-0.056", "0.044")}
    found = check_printed(wrong, row_standardised=True)
    assert not found["passed"]
    assert any("A2 SDM: Digital development index" in failure for failure in found["failures"])


def test_tables_without_identities_are_named():
    found = check_printed({"table3": "group,row,Mean,SD\n,x,0.1,0.2\n"})
    assert found["unchecked"] == ["table3"]
    assert found["passed"]


@pytest.fixture(scope="module")
def smallest():
    codes, points = provinces.codes(), provinces.coordinates_of_capitals()
    with (ROOT / "data/snapshot/adjacency.csv").open(encoding="utf-8-sig", newline="") as file:
        borders = [(row["adcode_i"], row["adcode_j"]) for row in csv.DictReader(file)]
    matrices = {
        "contiguity": build_contiguity(codes, borders, links=[("440000", "460000")]),
        "contiguity, Hainan without neighbours": build_contiguity(codes, borders, islands="keep"),
        "inverse distance": build_inverse_distance(codes, points),
        "inverse distance squared": build_inverse_distance(codes, points, power=2),
        **{f"{k} nearest": build_knn(codes, points, k=k) for k in range(3, 9)},
    }
    return {name: 1 / W.normalise("row").eigenvalue_interval[0] for name, W in matrices.items()}


@pytest.mark.parametrize("kind", SMALLEST_EIGENVALUE)
def test_smallest_eigenvalues_are_those_of_the_committed_borders(smallest, kind):
    assert SMALLEST_EIGENVALUE[kind] == pytest.approx(smallest[kind], abs=5.1e-6)


@pytest.mark.parametrize(
    ("name", "n", "kind"),
    [
        ("Queen contiguity", 31, "contiguity"),
        ("0-1邻接矩阵", 30, "contiguity"),
        ("inverse distance squared", 31, "inverse distance squared"),
        ("反距离权重", 30, "inverse distance"),
        ("Four nearest capitals", 31, "4 nearest"),
        ("economic distance", 31, ""),
        ("contiguity", 48, ""),
        ("", 31, ""),
    ],
)
def test_names_of_weights(name, n, kind):
    assert usual_weights(name, n) == kind


@pytest.mark.parametrize("heading", ["Detectable", "Smallest detectable", "MDE", "可检出", "最小可检出效应"])
def test_what_a_design_could_detect_is_no_estimate(heading):
    rows = [
        "x: Direct,0.009,0.422",
        ",(0.146),",
        "x: Indirect,0.094,1.252",
        ",(0.432),",
        "x: Total,0.103,1.190",
    ]
    text = f"row,Estimate,{heading}\n" + "\n".join([*rows, "LM test,3.84,", "p,0.050,0.2"]) + "\n"
    found = check_printed({"thresholds": text})
    assert found["passed"] and found["comparisons"], found["failures"]


def test_a_summary_of_many_estimates_is_named_as_unchecked():
    text = "group,row,Direct,Indirect,Total\nThe curve,Median,0.042,1.116,1.217\n"
    found = check_printed({"curve": text, "effects": text.replace("1.217", "1.158")})
    assert found["passed"] and found["unchecked"] == ["curve"]
    assert not check_printed({"effects": text})["passed"]
