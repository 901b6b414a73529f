"""False alarms and detections of ``shuyi check-table`` on simulated tables.

    python benchmarks/check_table.py --tables 1000 --seed 1 --output results/check_table.json

Every table holds models estimated on a simulated panel, its LM block, likelihood ratios, Moran's I by year
and entropy weights, rounded to 2 to 4 decimals. Correct tables show the share of checks that fail; in a copy
one digit of one cell is changed, by kind of cell.
"""

import argparse
import copy
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from shuyi.errors import ShuyiError
from shuyi.review import Verdict, check_table
from shuyi.review.readers.form import forms
from shuyi.spatialpanel import MODELS
from shuyi.weights import Weights

MODEL_NAMES = ("ols", "slx", "sar", "sem", "sdm", "sdem", "sac", "dynamic")
STATIC = ("exact", "demean_then_lag", "lee_yu", "lee_yu_bias")
LEVELS = (0.1, 0.05, 0.01)
COVARIANCES = ("information", "information", "hessian", "robust", "cluster")
ALTERATIONS = 6
"""Altered copies per table, each of another kind of cell."""


@dataclass(frozen=True)
class Printer:
    """How a table rounds: decimals of coefficients, and what it prints in parentheses."""

    decimals: int
    beside: str

    def number(self, value: float) -> str:
        return f"{value:.{self.decimals}f}"

    def small(self, value: float) -> str:
        """Return a variance with at least two significant digits."""
        digits = max(self.decimals, 2 - int(np.floor(np.log10(value)))) if value > 0 else self.decimals
        return f"{value:.{digits}f}"

    def cell(self, value: float, error: float, p: float) -> list[str]:
        beside = {"se": error, "t": value / error, "p": p}[self.beside]
        return [self.number(value), self.number(beside), "*" * sum(p < level for level in LEVELS)]


def weights_matrix(rng: np.random.Generator, n: int) -> tuple[Weights, bool]:
    """Return random weights and whether their rows sum to one."""
    points = rng.uniform(size=(n, 2))
    distance = np.linalg.norm(points[:, None] - points, axis=2) + np.eye(n)
    kind = rng.choice(["ring", "nearest", "inverse", "inverse_squared", "band"])
    if kind == "ring":
        matrix = np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)
    elif kind == "nearest":
        rank = (distance + 9 * np.eye(n)).argsort(axis=1).argsort(axis=1)
        matrix = (rank < rng.integers(3, 7)).astype(float)
    elif kind == "band":
        reach = np.sort(distance + 9 * np.eye(n), axis=1)[:, 1].max()
        matrix = (distance <= reach).astype(float)
    else:
        matrix = distance ** (-1.0 if kind == "inverse" else -2.0)
    np.fill_diagonal(matrix, 0.0)
    labels = tuple(f"u{i:03d}" for i in range(n))
    by_row = bool(rng.random() < 0.8)
    return Weights(matrix, labels, "user").normalise("row" if by_row else "spectral"), by_row


def panel(rng: np.random.Generator, W: Weights, T: int, names: list[str], dynamic: bool) -> pd.DataFrame:
    """Return a simulated panel with a spatial lag of outcome and regressors."""
    n, dense = W.n, W.to_dense()
    rho, scale = rng.uniform(-0.4, 0.8), 10.0 ** rng.uniform(-2, 0.5)
    tau, eta = (rng.uniform(0.1, 0.5), rng.uniform(-0.2, 0.1)) if dynamic else (0.0, 0.0)
    rho = rho * (0.5 if dynamic else 1.0)
    X = rng.normal(size=(T + 20, n, len(names))) + rng.normal(size=(n, len(names)))
    b, theta = rng.normal(size=len(names)), rng.normal(size=len(names)) * rng.choice([0.0, 0.5])
    inverse = np.linalg.inv(np.eye(n) - rho * dense)
    mu, y, rows = rng.normal(size=n), np.zeros(n), []
    for t in range(T + 20):
        shock = mu + X[t] @ b + dense @ X[t] @ theta + rng.normal(size=n)
        y = inverse @ (tau * y + eta * dense @ y + shock)
        rows.append(y * scale)
    index = pd.MultiIndex.from_product([W.labels, range(2000, 2000 + T)], names=["unit", "period"])
    frame = pd.DataFrame(X[20:].transpose(1, 0, 2).reshape(n * T, -1), index, names)
    return frame.assign(y=np.array(rows[20:]).T.ravel())


def estimated_column(rng, data, W, model, names, printer, simulated, structure, convention):
    """Return the form of one estimated column, or None where the estimate is refused."""
    dynamic = {"dynamic": "both"} if model == "dynamic" else {}
    covariance = str(rng.choice(COVARIANCES))
    convention = "lee_yu" if dynamic else convention
    try:
        specified = MODELS["sdm" if dynamic else model](
            data, None if model == "ols" else W, outcome="y", regressors=names, effects=structure, **dynamic
        )
        fit = specified.fit(convention, "information" if dynamic else covariance)
    except ShuyiError:
        return None
    if not np.isfinite(fit.standard_errors).all() or (fit.standard_errors <= 0).any():
        return None
    column = {
        "name": model.upper(),
        "model": "sdm" if dynamic else model,
        **coefficients(fit, names, printer),
    }
    column |= {
        "logL": f"{fit.loglik:.3f}",
        "AIC": f"{fit.aic:.2f}",
        "BIC": f"{fit.bic:.2f}",
        "N": str(fit.n * fit.T),
        "n": str(fit.n),
        "T": str(fit.T),
        "n_effective": str(fit.n_effective),
    }
    return column | effects(fit, names, printer, simulated, bool(dynamic)), covariance


def coefficients(fit, names, printer) -> dict:
    cells = {
        name: printer.cell(float(v), float(e), float(p))
        for name, v, e, p in zip(fit.names, fit.values, fit.standard_errors, fit.pvalues, strict=True)
        if name != "sigma2"
    }
    column = {"b": {name: cells[name] for name in names if name in cells}}
    theta = {name: cells[f"W_{name}"] for name in names if f"W_{name}" in cells}
    column |= {"theta": theta} if theta else {}
    column |= {name: cells[name] for name in ("rho", "lam", "tau", "eta") if name in cells}
    variance = float(fit["sigma2"])
    at = list(fit.names).index("sigma2")
    error = float(fit.standard_errors[at])
    return column | {"sigma2": [printer.small(variance), printer.small(error)], "sigma2_kind": "se"}


def effects(fit, names, printer, simulated, dynamic) -> dict:
    if fit.model in ("ols", "sem"):
        return {}
    runs = {"short": "short", "long": "long"} if dynamic else {"effects": "short"}
    return {place: effects_of(fit, names, printer, simulated, horizon) for place, horizon in runs.items()}


def effects_of(fit, names, printer, simulated, horizon) -> dict:
    draws = 500 if simulated else 0
    found = fit.effects(draws=draws, seed=3, horizon=horizon)
    values = found.mean_draws if simulated else found.estimate
    errors = found.std_error if simulated else found.std_error_delta
    row = {term: i for i, term in enumerate(found.terms)}
    printed = {}
    for name in names:
        parts = zip(("direct", "indirect", "total"), values[row[name]], errors[row[name]], strict=True)
        printed[name] = {
            part: printer.cell(float(v), float(e), 2 * stats.t.sf(abs(v / e), fit.n - 1))
            for part, v, e in parts
            if e > 0
        }
    return printed


def lm_block(rng, decimals: int) -> dict:
    """Return LM tests with the algebra of any data: scores d, informations J and T_W."""
    T_w = rng.uniform(20, 400)
    J = T_w + rng.uniform(5, 300)
    d_lag, d_error = rng.normal(0, 3, 2) * np.sqrt([J, T_w])
    lag, error = d_lag**2 / J, d_error**2 / T_w
    robust_lag = (d_lag - d_error) ** 2 / (J - T_w)
    robust_error = (d_error - d_lag * T_w / J) ** 2 / (T_w * (1 - T_w / J))
    values = {"LM_lag": lag, "LM_err": error, "RLM_lag": robust_lag, "RLM_err": robust_error}
    block = {k: [f"{v:.{decimals}f}", f"{stats.chi2.sf(v, 1):.3f}"] for k, v in values.items()}
    joint = lag + robust_error
    return {"name": "W1", **block, "LM_joint": [f"{joint:.{decimals}f}", f"{stats.chi2.sf(joint, 2):.3f}"]}


def tests(rng, columns: list[dict], regressors: int, decimals: int) -> list[dict]:
    """Return likelihood ratios of the columns where these stand side by side, and other tests of the same
    df."""
    logs = {c["model"]: c["logL"] for c in columns if c["name"] != "DYNAMIC"}
    shown, printed = bool(rng.random() < 0.5), []
    for name, simple in (
        ("LR SDM/SAR", "sar"),
        ("LR SDM/SEM", "sem"),
        ("Wald SDM/SAR", ""),
        ("Wald SDM/SEM", ""),
    ):
        value = float(stats.chi2.rvs(regressors, random_state=rng) * rng.uniform(0.7, 3))
        if {"sdm", simple} <= set(logs):
            value = 2 * (float(logs["sdm"]) - float(logs[simple]))
        p = f"{stats.chi2.sf(value, regressors):.{max(decimals, 3)}f}"
        printed.append({"test": name, "stat": f"{value:.{decimals}f}", "p": p})
    value = float(stats.chi2.rvs(regressors, random_state=rng) * 2)
    printed.append(
        {"test": "Hausman", "stat": f"{value:.{decimals}f}", "p": f"{stats.chi2.sf(value, regressors):.3f}"}
    )
    return [t | {"df": str(regressors)} for t in printed] if shown else printed


def moran(rng, W: Weights, decimals: int) -> list[dict]:
    """Return Moran's I of ten years with z under randomisation."""
    dense, n = W.to_dense(), W.n
    s0, base = dense.sum(), rng.normal(size=n)
    s1, s2 = ((dense + dense.T) ** 2).sum() / 2, ((dense.sum(0) + dense.sum(1)) ** 2).sum()
    rows = []
    for year in range(2010, 2020):
        x = base + 0.3 * rng.normal(size=n) + 0.8 * dense @ base
        x = x - x.mean()
        value, kurtosis = n / s0 * (x @ dense @ x) / (x @ x), n * (x**4).sum() / (x @ x) ** 2
        expected = -1 / (n - 1)
        top = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) - kurtosis * (
            (n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2
        )
        sd = np.sqrt(top / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2)
        z = (value - expected) / sd
        rows.append({"group": "W1", "year": str(year), "I": f"{value:.{max(decimals, 3)}f}", "z": f"{z:.3f}"})
    return rows


def entropy(rng, decimals: int) -> dict:
    e = 1 - rng.uniform(0.02, 0.3, size=9)
    w = (1 - e) / (1 - e).sum()
    digits = max(decimals, 3)
    rows = [
        {
            "indicator": f"x{i}",
            "dimension": f"d{i // 3}",
            "weight": f"{w[i]:.{digits}f}",
            "entropy": f"{e[i]:.4f}",
        }
        for i in range(9)
    ]
    return {
        "weights": rows,
        "dimensions": {f"d{j}": f"{w[3 * j : 3 * j + 3].sum():.{digits}f}" for j in range(3)},
    }


def correct_table(seed: int) -> dict:
    """Return the form of a simulated table in which every identity holds."""
    rng = np.random.default_rng(seed)
    n, T = int(rng.integers(20, 46)), int(rng.integers(6, 16))
    W, by_row = weights_matrix(rng, n)
    printer = Printer(int(rng.integers(2, 5)), str(rng.choice(["se", "se", "t", "p"])))
    names = [f"x{i}" for i in range(1, int(rng.integers(2, 5)) + 1)]
    simulated = bool(rng.random() < 0.5)
    structure = str(rng.choice(["individual", "twoways"] if by_row else ["individual"]))
    chosen = [MODEL_NAMES[seed % len(MODEL_NAMES)], str(rng.choice(MODEL_NAMES[:-1])), "sdm"]
    data = panel(rng, W, T, names, dynamic="dynamic" in chosen)
    shared = (names, printer, simulated, structure, str(rng.choice(STATIC)))
    columns = [estimated_column(rng, data, W, m, *shared) for m in dict.fromkeys(chosen)]
    made = [c for c in columns if c is not None]
    covariances = {c for _, c in made}
    robust = next((c for c in ("cluster", "robust") if c in covariances), "")
    for column, _ in made:
        if column.pop("sigma2_kind", ""):
            value, error = column["sigma2"]
            column["sigma2"], column["sigma2_se"] = value, error
    lowest = W.eigenvalue_interval[0]
    return {
        "id": str(seed),
        "paren_label": printer.beside,
        "stars": ["0.1", "0.05", "0.01"] if rng.random() < 0.5 else [],
        "columns": [c for c, _ in made],
        "lm": [lm_block(rng, printer.decimals)],
        "tests": tests(rng, [c for c, _ in made], len(names), printer.decimals),
        "moran": moran(rng, W, printer.decimals),
        "entropy": entropy(rng, printer.decimals),
        "n": str(n),
        "row_standardised": ("yes" if rng.random() < 0.7 else "") if by_row else "no",
        "w_min": f"{1 / lowest:.6f}" if np.isfinite(lowest) and rng.random() < 0.5 else "",
        "simulated": ("yes" if simulated else "no") if rng.random() < 0.5 else "",
        "covariance": robust,
    }


def cells(form: dict) -> dict[str, list[tuple]]:
    """Return the paths of all printed cells by kind."""
    found: dict[str, list[tuple]] = {}

    def add(kind: str, *path) -> None:
        found.setdefault(kind, []).append(path)

    for i, column in enumerate(form["columns"]):
        for part in ("b", "theta"):
            for name in column.get(part, {}):
                add(part, "columns", i, part, name, 0)
                add(f"{part}, in parentheses", "columns", i, part, name, 1)
                add("stars", "columns", i, part, name, 2)
        for key in ("rho", "lam", "tau", "eta"):
            if key in column:
                add(key, "columns", i, key, 0)
                add("rho, lam, tau, eta, in parentheses", "columns", i, key, 1)
        for key in ("sigma2", "sigma2_se", "logL", "AIC", "BIC", "N"):
            add(key, "columns", i, key)
        for run in ("effects", "short", "long"):
            for name, parts in column.get(run, {}).items():
                for part in parts:
                    add(part, "columns", i, run, name, part, 0)
                    add("effects, in parentheses", "columns", i, run, name, part, 1)
    for key in ("LM_lag", "LM_err", "RLM_lag", "RLM_err", "LM_joint"):
        add("LM statistic", "lm", 0, key, 0)
        add("LM p", "lm", 0, key, 1)
    for i in range(len(form["tests"])):
        add("test statistic", "tests", i, "stat")
        add("test p", "tests", i, "p")
    for i in range(len(form["moran"])):
        add("Moran's I", "moran", i, "I")
        add("Moran's z", "moran", i, "z")
    for i in range(len(form["entropy"]["weights"])):
        add("index weight", "entropy", "weights", i, "weight")
        add("entropy", "entropy", "weights", i, "entropy")
    for name in form["entropy"]["dimensions"]:
        add("dimension weight", "entropy", "dimensions", name)
    return found


def altered(form: dict, path: tuple, rng) -> dict:
    """Return a form with one digit, or the number of stars, of one cell changed."""
    changed = copy.deepcopy(form)
    place = changed
    for key in path[:-1]:
        place = place[key]
    text = place[path[-1]]
    if set(text) <= {"*"}:
        place[path[-1]] = "*" * int(rng.choice([k for k in range(4) if k != len(text)]))
        return changed
    at = int(rng.choice([i for i, c in enumerate(text) if c.isdigit()]))
    digit = str(rng.choice([d for d in "0123456789" if d != text[at]]))
    place[path[-1]] = text[:at] + digit + text[at + 1 :]
    return changed


def report_of(form: dict):
    return check_table(next(forms([form])))


def is_caught(form: dict) -> bool:
    """Return whether a check fails, or the form is refused (a count of zero, say)."""
    try:
        return bool(report_of(form).failed)
    except ShuyiError:
        return True


def study(tables: int, seed: int) -> dict:
    """Return counts of checks and failures on correct tables, and of detections by kind of cell."""
    checks, verdicts, failures = Counter(), Counter(), []
    tried, caught = Counter(), Counter()
    for i in range(seed, seed + tables):
        form, rng = correct_table(i), np.random.default_rng([i, 7])
        report = report_of(form)
        checks.update(c.identity for c in report.checks)
        verdicts.update(c.verdict.value for c in report.checks)
        failures += [
            {"table": i, **{k: getattr(c, k) for k in ("identity", "place", "printed", "implied")}}
            for c in report.failed
        ]
        if report.failed:
            continue
        kinds = cells(form)
        for kind in rng.permutation(sorted(kinds))[:ALTERATIONS]:
            paths = kinds[kind]
            tried[str(kind)] += 1
            caught[str(kind)] += is_caught(altered(form, paths[int(rng.integers(len(paths)))], rng))
    total = sum(checks.values())
    return {
        "tables": tables,
        "seed": seed,
        "checks": total,
        "failures": len(failures),
        "per_1000": 1000 * len(failures) / total,
        "tables_with_failures": len({f["table"] for f in failures}),
        "by_identity": {k: [checks[k], sum(f["identity"] == k for f in failures)] for k in sorted(checks)},
        "verdicts": {v.value: verdicts[v.value] for v in Verdict},
        "detection": {k: [tried[k], caught[k], round(caught[k] / tried[k], 3)] for k in sorted(tried)},
        "examples": failures[:40],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    found = json.dumps(study(arguments.tables, arguments.seed), indent=1, ensure_ascii=False)
    if arguments.output:
        arguments.output.write_text(found + "\n", encoding="utf-8")
    else:
        print(found)  # noqa: T201


if __name__ == "__main__":
    main()
