"""Tables of the simulation study for the documentation: compact CSV files, and Markdown made from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from shuyi.spatialpanel.study.coverage import TERMS

if TYPE_CHECKING:
    import pandas as pd

CELL = ("layout", "n", "T", "rho", "errors", "persistence")
MEASURED = ("convention", "covariance", "interval")
BAND = (0.93, 0.97)
"""Coverage within these bounds counts as keeping the level of 95 %."""

CHOICES = {
    "uncorrected": ("exact", "information", "delta"),
    "default": ("lee_yu", "information", "simulated_t"),
    "clustered": ("lee_yu", "cluster_jackknife", "simulated_t"),
}
"""Convention, covariance and interval of effects of the choices that the page compares."""

DOCUMENTED = (
    *((c, "information", "delta") for c in ("demean_then_lag", "exact", "lee_yu_bias", "lee_yu")),
    ("exact", "cluster", "delta"),
    *(("lee_yu", "information", interval) for interval in ("delta_t", "simulated", "simulated_t")),
    *(("lee_yu", "cluster_jackknife", interval) for interval in ("delta", "delta_t", "simulated_t")),
    *(("lee_yu", kind, "delta_t") for kind in ("hessian", "robust", "cluster", "driscoll_kraay", "conley")),
)
"""Convention, covariance and interval that the documentation's table of coverage holds."""

DIGITS = 4


def collect(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables of the cells below one another."""
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def documented_coverage(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and entry of `DOCUMENTED` that was measured, with one column per term.

    Coverage is rounded; the Monte Carlo error of a share p of R replications is ``sqrt(p (1 - p)/R)``.
    Columns ``used`` and ``refused`` count replications.
    """
    named = coverage.assign(term="coverage_" + coverage["term"])
    order = [f"coverage_{term}" for term in TERMS]
    wide = _wide(named, list(MEASURED), "term", "coverage", order)
    return wide[[tuple(row) in DOCUMENTED for row in wide[list(MEASURED)].to_numpy()]].reset_index(drop=True)


def documented_size(size: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and true model, with rejection rates by test (and covariance) as columns."""
    kind = size["covariance"].fillna("")
    named = size.assign(test=size["test"].where(kind == "", size["test"] + "_" + kind))
    return _wide(named, ["truth", "theta"], "test", "rejection", list(dict.fromkeys(named["test"])))


def documented_bias(bias: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and convention, with bias and root mean squared error by term."""
    parts = [
        _wide(
            bias.assign(term=f"{value}_" + bias["term"]),
            ["convention"],
            "term",
            value,
            [f"{value}_{term}" for term in TERMS],
        )
        for value in ("bias", "rmse")
    ]
    keys = [*CELL, "convention", "used", "refused"]
    return parts[0].merge(parts[1], on=keys)[[*keys, *(f"{v}_{t}" for t in TERMS for v in ("bias", "rmse"))]]


def _wide(table: pd.DataFrame, keys: list[str], column: str, value: str, order: list[str]) -> pd.DataFrame:
    index = [*CELL, *keys]
    values = table.pivot_table(index=index, columns=column, values=value, sort=False)
    counts = table.groupby(index, sort=False).agg(used=("used", "min"), refused=("refused", "max"))
    return values[order].round(DIGITS).join(counts).reset_index().rename_axis(columns=None)


def coverage_markdown(documented: pd.DataFrame) -> str:
    """Return the coverage of the choices in every cell as Markdown; shares outside `BAND` are bold."""
    found = choices(documented)
    columns = [("uncorrected", t) for t in ("rho", "indirect")]
    columns += [(c, t) for c in ("default", "clustered") for t in ("rho", "direct", "indirect")]
    head = ["W", "T", "errors", "regressor", "rho", *(f"{c}: {t}" for c, t in columns)]
    rows = []
    for key, row in found.iterrows():
        label = dict(zip(CELL, key, strict=True))
        regressor = f"AR(1), {label['persistence']:g}" if label["persistence"] else "independent"
        weights = f"{label['layout']} ({label['n']})"
        start = [weights, str(label["T"]), label["errors"], regressor, f"{label['rho']:g}"]
        rows.append([*start, *(_share(row[column]) for column in columns)])
    return _markdown(head, rows)


def summary_markdown(documented: pd.DataFrame) -> str:
    """Return, by design of errors and regressor, in how many cells each choice keeps its level."""
    found = choices(documented)
    rows = []
    for (errors, persistence), part in found.groupby(level=["errors", "persistence"], sort=False):
        for choice in CHOICES:
            effects = part[[(choice, "direct"), (choice, "indirect")]]
            kept = int(effects.ge(BAND[0]).mul(effects.le(BAND[1])).all(axis=1).sum())
            spans = [_span(part[choice, term]) for term in ("rho", "direct", "indirect")]
            regressor = f"AR(1), {persistence:g}" if persistence else "independent"
            rows.append([errors, regressor, choice, f"{kept} of {len(part)}", *spans])
    head = ["errors", "regressor", "choice", "cells with direct and indirect in .93-.97"]
    return _markdown([*head, "rho", "direct", "indirect"], rows)


def bias_markdown(documented: pd.DataFrame, rho: float = 0.4) -> str:
    """Return bias and root mean squared error of rho by convention with iid errors at one rho."""
    part = documented[
        (documented["errors"] == "iid") & (documented["persistence"] == 0) & (documented["rho"] == rho)
    ]
    conventions = list(dict.fromkeys(part["convention"]))
    rows = []
    for (layout, n, T), cell in part.groupby(["layout", "n", "T"], sort=False):
        by = cell.set_index("convention")
        pairs = [f"{by.loc[c, 'bias_rho']:.3f} / {by.loc[c, 'rmse_rho']:.3f}" for c in conventions]
        rows.append([f"{layout} ({n})", str(T), *pairs])
    return _markdown(["W", "T", *conventions], rows)


def conventions_markdown(table: pd.DataFrame) -> str:
    """Return the table of `conventions.compare_conventions` as Markdown."""
    names = [c for c in table.columns if c != "n_effective"]
    rows = [
        [
            str(convention),
            *(_significant(float(row[name]), name) for name in names),
            str(int(row["n_effective"])),
        ]
        for convention, row in table.iterrows()
    ]
    return _markdown(["convention", *names, "n_effective"], rows)


def choices(documented: pd.DataFrame) -> pd.DataFrame:
    """Return the coverage of the choices by cell; columns (choice, term).

    Of rho the interval is that of `Fit.conf_int`, the estimate -+ the normal quantile times its error.
    """
    import pandas as pd

    parts = {}
    for choice, (convention, covariance, interval) in CHOICES.items():
        parts[choice, "rho"] = _of(documented, convention, covariance, "delta")["coverage_rho"]
        effects = _of(documented, convention, covariance, interval)
        for term in ("direct", "indirect"):
            parts[choice, term] = effects[f"coverage_{term}"]
    first = next(iter(parts.values()))
    return pd.DataFrame(parts).reindex(first.index)


def _of(documented: pd.DataFrame, convention: str, covariance: str, interval: str) -> pd.DataFrame:
    wanted = zip(MEASURED, (convention, covariance, interval), strict=True)
    for column, value in wanted:
        documented = documented[documented[column] == value]
    return documented.set_index(list(CELL))


def _span(shares: pd.Series) -> str:
    return f"{_plain(float(shares.min()))}-{_plain(float(shares.max()))}"


def _plain(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


def _share(share: float) -> str:
    return _plain(share) if BAND[0] <= share <= BAND[1] else f"**{_plain(share)}**"


def _significant(value: float, name: str) -> str:
    return f"{value:.4f}" if name == "loglik" else f"{value:.6f}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
