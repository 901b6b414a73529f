"""Tables of the simulation study for the documentation: compact CSV files, and Markdown made from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.pipeline.reference import replace_block
from shuyi.spatialpanel.montecarlo.coverage import TERMS

if TYPE_CHECKING:
    import pandas as pd


CELL = ("layout", "n", "T", "rho", "errors", "persistence")
MEASURED = ("convention", "covariance", "interval")
BAND = (0.93, 0.97)
"""Coverage within these bounds counts as keeping the level of 95 %."""

SHOWN = ("rho", "direct", "indirect")
CELL_HEAD = ("W", "T", "errors", "regressor", "true rho")

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


def documented_coverage(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and entry of `DOCUMENTED` that was measured, with one column per term.

    Coverage is rounded; the Monte Carlo error of a share p of R replications is ``sqrt(p (1 - p)/R)``.
    Columns ``used`` and ``refused`` count replications.

    Parameters
    ----------
    coverage : DataFrame
        Tables of `coverage.coverage_table`, one below the other.

    Returns
    -------
    DataFrame
        Columns of the cell, convention, covariance, interval, used, refused, and coverage by term.
    """
    named = coverage.assign(term="coverage_" + coverage["term"])
    order = [f"coverage_{term}" for term in TERMS]
    wide = _wide(named, list(MEASURED), "term", "coverage", order)
    return wide[[tuple(row) in DOCUMENTED for row in wide[list(MEASURED)].to_numpy()]].reset_index(drop=True)


def documented_size(size: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and true model, with rejection rates by test (and covariance) as columns.

    Parameters
    ----------
    size : DataFrame
        Tables of `size.size_table`, one below the other.

    Returns
    -------
    DataFrame
        Columns of the cell, truth, theta, one per test, used and refused.
    """
    kind = size["covariance"].fillna("")
    named = size.assign(test=size["test"].where(kind == "", size["test"] + "_" + kind))
    return _wide(named, ["truth", "theta"], "test", "rejection", list(dict.fromkeys(named["test"])))


def documented_bias(bias: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and convention, with bias and root mean squared error by term.

    Parameters
    ----------
    bias : DataFrame
        Tables of `coverage.bias_table`, one below the other.

    Returns
    -------
    DataFrame
        Columns of the cell, convention, used, refused, bias and rmse by term.
    """
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


def documented_bootstrap(bootstrapped: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and bootstrap interval, with one column per term.

    Parameters
    ----------
    bootstrapped : DataFrame
        Tables of `resampled.bootstrap_table`, one below the other.

    Returns
    -------
    DataFrame
        Columns as in `documented_coverage`.
    """
    named = bootstrapped.assign(term="coverage_" + bootstrapped["term"])
    order = [f"coverage_{term}" for term in TERMS]
    return _wide(named, list(MEASURED), "term", "coverage", order)


def blocks(tables: Mapping[str, pd.DataFrame], conventions: pd.DataFrame) -> dict[str, str]:
    """Return the content of every block of the page by its name.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The documented tables: ``coverage``, ``bias``, ``size``, ``bootstrap``, ``levels``.
    conventions : DataFrame
        Result of `corrections.compare_corrections`.

    Returns
    -------
    dict of str to str
        Markdown by name of the block.
    """
    coverage = tables["coverage"]
    return {
        "conventions": conventions_markdown(conventions),
        "bias": bias_markdown(tables["bias"]),
        "summary": summary_markdown(coverage),
        "findings": findings_markdown(coverage),
        "coverage": coverage_markdown(coverage),
        "bootstrap": bootstrap_markdown(tables["bootstrap"], coverage),
        "size": size_markdown(tables["size"]),
        "levels_summary": levels_summary_markdown(tables["levels"]),
        "levels": levels_markdown(tables["levels"]),
    }


def write_blocks(text: str, content: Mapping[str, str]) -> str:
    """Return the page with the content of its blocks replaced.

    Parameters
    ----------
    text : str
        The page, with its marked blocks.
    content : mapping of str to str
        Markdown by name of the block.

    Returns
    -------
    str
        The page; everything outside the blocks stays.

    Raises
    ------
    ValueError
        If the page lacks a block.
    """
    for name, block in content.items():
        text = replace_block(text, name, block)
    return text


def _wide(table: pd.DataFrame, keys: list[str], column: str, value: str, order: list[str]) -> pd.DataFrame:
    index = [*CELL, *keys]
    values = table.pivot_table(index=index, columns=column, values=value, sort=False)
    counts = table.groupby(index, sort=False).agg(used=("used", "min"), refused=("refused", "max"))
    return values[order].round(DIGITS).join(counts).reset_index().rename_axis(columns=None)


def coverage_markdown(documented: pd.DataFrame) -> str:
    """Return the coverage of the choices in every cell as Markdown; shares outside `BAND` are bold.

    Parameters
    ----------
    documented : DataFrame
        Result of `documented_coverage`.

    Returns
    -------
    str
        A table.
    """
    found = choices(documented)
    columns = [("uncorrected", t) for t in ("rho", "indirect")]
    columns += [(c, t) for c in ("default", "clustered") for t in SHOWN]
    rows = [[*_cell(key), *(_share(row[column]) for column in columns)] for key, row in found.iterrows()]
    return _markdown([*CELL_HEAD, *(f"{c}: {t}" for c, t in columns)], rows)


def summary_markdown(documented: pd.DataFrame) -> str:
    """Return, by design of errors and regressor, in how many cells each choice keeps its level.

    Parameters
    ----------
    documented : DataFrame
        Result of `documented_coverage`.

    Returns
    -------
    str
        A table.
    """
    found = choices(documented)
    rows = []
    for (errors, persistence), part in found.groupby(level=["errors", "persistence"], sort=False):
        for choice in CHOICES:
            effects = part[[(choice, "direct"), (choice, "indirect")]]
            kept = int(effects.ge(BAND[0]).mul(effects.le(BAND[1])).all(axis=1).sum())
            spans = [_span(part[choice, term]) for term in SHOWN]
            rows.append([errors, _regressor(persistence), choice, f"{kept} of {len(part)}", *spans])
    head = ["errors", "regressor", "choice", "cells with direct and indirect in .93-.97"]
    return _markdown([*head, *SHOWN], rows)


def bias_markdown(documented: pd.DataFrame, rho: float = 0.4) -> str:
    """Return bias and root mean squared error of rho by convention with iid errors at one rho.

    Parameters
    ----------
    documented : DataFrame
        Result of `documented_bias`.
    rho : float, default 0.4
        Spatial parameter of the cells shown.

    Returns
    -------
    str
        A table.
    """
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


def size_markdown(documented: pd.DataFrame) -> str:
    """Return the smallest and largest size of each test over the cells whose null is true, by errors.

    Parameters
    ----------
    documented : DataFrame
        Result of `documented_size`.

    Returns
    -------
    str
        A table.
    """
    errors = list(dict.fromkeys(documented["errors"]))
    tests = documented.columns[documented.columns.get_loc("theta") + 1 : documented.columns.get_loc("used")]
    rows = []
    for test in tests:
        true = documented[_null_holds(documented, str(test))]
        found = [true.loc[true["errors"] == e, test] for e in errors]
        rows.append([f"`{test}`", *(_span(sizes) if len(sizes) else "" for sizes in found)])
    return _markdown(["test", *errors], rows)


LEVELS_BAND = (0.03, 0.07)
"""Shares of rejections of 500 panels within two Monte Carlo errors of .05."""

VERSIONS = {
    "textbook": "textbook",
    "jackknife": "clustered jackknife, chi-squared",
    "jackknife_f": "jackknife, Hotelling's F",
    "ar1": "bootstrap, AR(1)",
    "wild_cluster": "bootstrap, wild by unit",
    "simulated": "simulated null",
    "permutation": "permutations",
}
"""What `levels.csv` calls the versions of a test, in words."""


LM_TESTS = ("lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error", "lm_joint")
SCORE_TESTS = ("score_joint", "score_lag", "score_error", "score_lag_given_error", "score_error_given_lag")
SIMPLIFICATIONS = ("lr_sar", "lr_sem", "wald_sar", "wald_sem")
BOOTSTRAPS = ("ar1", "wild_cluster")

LEVEL_GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("SDM against SAR and SEM: LR and Wald, textbook", SIMPLIFICATIONS, ("textbook",)),
    ("... Wald, clustered jackknife, chi-squared", SIMPLIFICATIONS, ("jackknife",)),
    ("... Wald, clustered jackknife, Hotelling's F", SIMPLIFICATIONS, ("jackknife_f",)),
    ("... LR and Wald, bootstraps", SIMPLIFICATIONS, BOOTSTRAPS),
    ("LM, two-way effects, textbook", LM_TESTS, ("textbook",)),
    ("score, two-way effects, textbook", SCORE_TESTS, ("textbook",)),
    ("LM and score, bootstraps", LM_TESTS + SCORE_TESTS, BOOTSTRAPS),
    ("Hausman, textbook", ("hausman",), ("textbook",)),
    ("Mundlak, textbook", ("mundlak",), ("textbook",)),
    ("Mundlak, jackknife and Hotelling's F", ("mundlak",), ("jackknife_f",)),
    ("Hausman and Mundlak, AR(1) bootstrap", ("hausman", "mundlak"), ("ar1",)),
    ("Hausman and Mundlak, wild bootstrap", ("hausman", "mundlak"), ("wild_cluster",)),
    ("spatial Hausman, textbook", ("spatial_hausman",), ("textbook",)),
    ("spatial Mundlak, textbook", ("spatial_mundlak",), ("textbook",)),
    ("both, bootstraps", ("spatial_hausman", "spatial_mundlak"), BOOTSTRAPS),
    ("LR of individual effects, textbook", ("lr_individual", "lr_effects"), ("textbook",)),
    ("LR of individual effects, AR(1) bootstrap", ("lr_individual", "lr_effects"), ("ar1",)),
    ("Pesaran CD of two-way residuals", ("pesaran_cd",), ("textbook",)),
    ("weighted CD", ("weighted_cd",), ("textbook",)),
    ("`dependence_test`", ("cross_section_dependence",), ("simulated",)),
)
"""Rows of the summary of levels: what, tests, versions."""


def levels_summary_markdown(documented: pd.DataFrame) -> str:
    """Return the smallest and largest level of groups of tests by design (`levels.level_table`)."""
    rows = []
    for what, tests, versions in LEVEL_GROUPS:
        part = documented[documented["test"].isin(tests) & documented["version"].isin(versions)]
        if tests in (LM_TESTS, SCORE_TESTS, LM_TESTS + SCORE_TESTS):
            part = part[part["effects"] == "twoways"]
        rows.append([what, *(_level_span(_of_design(part, d)["level"]) for d in _designs(documented))])
    return _markdown(["test", *_design_heads(documented)], rows)


def levels_markdown(documented: pd.DataFrame) -> str:
    """Return the levels of the tests by design (`levels.level_table`), bold outside `LEVELS_BAND`."""
    keys = ["test", "effects", "version"]
    cells = documented.set_index([*keys, "errors_ar", "regressors_ar"])["level"]
    rank = {test: i for i, test in enumerate(dict.fromkeys(documented["test"]))}
    found = documented[keys].drop_duplicates().itertuples(index=False, name=None)
    designs = _designs(documented)
    order = sorted(found, key=lambda key: (rank[key[0]], key[1], list(VERSIONS).index(key[2])))
    rows = [
        [
            f"`{key[0]}`",
            key[1],
            VERSIONS[key[2]],
            *(_level(cells.get((*key, *d))) for d in designs),
        ]
        for key in order
    ]
    return _markdown([*keys, *_design_heads(documented)], rows)


def _designs(documented: pd.DataFrame) -> list[tuple[float, float]]:
    return list(dict.fromkeys(zip(documented["errors_ar"], documented["regressors_ar"], strict=True)))


def _design_heads(documented: pd.DataFrame) -> list[str]:
    return [f"errors {e:g}, regressors {r:g}" for e, r in _designs(documented)]


def _of_design(documented: pd.DataFrame, design: tuple[float, float]) -> pd.DataFrame:
    chosen = (documented["errors_ar"] == design[0]) & (documented["regressors_ar"] == design[1])
    return documented[chosen]


def _level_span(levels: pd.Series) -> str:
    if levels.empty:
        return ""
    low, high = _plain(float(levels.min())), _plain(float(levels.max()))
    return low if low == high else f"{low}-{high}"


def _level(share: float | None) -> str:
    if share is None:
        return ""
    return _plain(share) if LEVELS_BAND[0] <= share <= LEVELS_BAND[1] else f"**{_plain(share)}**"


def _null_holds(documented: pd.DataFrame, test: str) -> pd.Series:
    if test == "serial_correlation":
        return documented["errors"] != "ar1"
    without_spillover = (documented["rho"] == 0) & (documented["theta"] == 0)
    if test.startswith("lm_"):
        return without_spillover
    return (documented["truth"] == ("sar" if "_sar" in test else "sem")) | without_spillover


def bootstrap_markdown(documented: pd.DataFrame, coverage: pd.DataFrame) -> str:
    """Return the coverage of bootstrap intervals beside that of the clustered choice in the same cells.

    Parameters
    ----------
    documented : DataFrame
        Result of `documented_bootstrap`.
    coverage : DataFrame
        Result of `documented_coverage`, with the same cells.

    Returns
    -------
    str
        A table.
    """
    clustered = choices(coverage)["clustered"]
    rows = []
    for key, row in documented.set_index(list(CELL)).iterrows():
        shares = [_share(row[f"coverage_{term}"]) for term in SHOWN]
        beside = [_share(clustered.loc[key, term]) for term in SHOWN]
        interval = f"{row['covariance']}, {row['interval']}"
        rows.append([*_cell(key), interval, *shares, str(row["used"]), *beside])
    head = [*CELL_HEAD, "interval", *SHOWN, "panels"]
    return _markdown([*head, *(f"clustered: {term}" for term in SHOWN)], rows)


def findings_markdown(documented: pd.DataFrame) -> str:
    """Return, in words, where default and clustered choice keep their level and where not.

    Parameters
    ----------
    documented : DataFrame
        Result of `documented_coverage`.

    Returns
    -------
    str
        One item of a list per choice and group of error designs.
    """
    found = choices(documented)
    errors = found.index.get_level_values("errors")
    independent = errors.isin(["iid", "heteroskedastic"])
    lines = [
        _finding("default", found[independent], "iid and heteroskedastic errors"),
        _finding("default", found[errors == "heavy_tails"], "heavy tails"),
        _finding("default", found[errors == "ar1"], "AR(1) errors"),
        _finding("clustered", found[errors == "ar1"], "AR(1) errors"),
        _finding("clustered", found[independent], "iid and heteroskedastic errors"),
    ]
    return "\n".join(lines) + "\n"


def _finding(choice: str, cells: pd.DataFrame, where: str) -> str:
    outside = [
        f"{term} {_plain(row[choice, term])} ({_in_words(key)})"
        for key, row in cells.iterrows()
        for term in ("direct", "indirect")
        if not BAND[0] <= row[choice, term] <= BAND[1]
    ]
    total = 2 * len(cells)
    start = (
        f"- *{choice}*, {where}: {total - len(outside)} of {total} intervals of direct and indirect effects"
    )
    return f"{start} cover 93 to 97 %{'; outside: ' + ', '.join(outside) if outside else ''}."


def conventions_markdown(table: pd.DataFrame) -> str:
    """Return the table of `corrections.compare_corrections` as Markdown.

    Parameters
    ----------
    table : DataFrame
        Conventions in rows, estimates and errors in columns.

    Returns
    -------
    str
        A table.
    """
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

    Parameters
    ----------
    documented : DataFrame
        Result of `documented_coverage`.

    Returns
    -------
    DataFrame
        Indexed by cell; NaN where a choice was not measured.
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


def _cell(key: Any) -> list[str]:
    label = dict(zip(CELL, key, strict=True))
    weights = f"{label['layout']} ({label['n']})"
    return [weights, str(label["T"]), label["errors"], _regressor(label["persistence"]), f"{label['rho']:g}"]


def _in_words(key: Any) -> str:
    weights, periods, errors, regressor, rho = _cell(key)
    return f"{weights}, T = {periods}, {errors} errors, {regressor} regressor, rho = {rho}"


def _regressor(persistence: float) -> str:
    return f"AR(1) {persistence:g}" if persistence else "independent"


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
