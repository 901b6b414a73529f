"""A fit as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuyi.spatialpanel.effects import p_value

if TYPE_CHECKING:
    from shuyi.spatialpanel.views import LikelihoodFitViews

WIDTH = 78


def summary(fit: LikelihoodFitViews) -> str:
    """Return title, header, coefficient table and notes, without date or time.

    Parameters
    ----------
    fit : Fit
        Estimates of a model.

    Returns
    -------
    str
        Lines of at most `WIDTH` characters where names are short.
    """
    title = f"{fit.model.upper()} of {fit.outcome}"
    rule = "=" * WIDTH
    thin = "-" * WIDTH
    if fit.convergence.get("stable") is False:
        title += "\nNOT A RESULT: the estimate lies outside the stable region."
    lines = [title, rule, *_header(fit), thin, *_table(fit), rule, *_notes(fit)]
    return "\n".join(lines)


def _header(fit: LikelihoodFitViews) -> list[str]:
    pairs = [
        ("Effects", fit.effects_structure),
        ("Convention", fit.convention),
        ("Units (n)", str(fit.n)),
        ("Periods (T)", str(fit.T)),
        ("Effective observations", str(fit.n_effective)),
        ("Log-likelihood", f"{fit.loglik:.4f}"),
        ("AIC", f"{fit.aic:.4f}"),
        ("BIC", f"{fit.bic:.4f}"),
        ("Covariance", fit.covariance_kind),
        ("Log-determinant", str(fit.logdet.get("method", "none"))),
    ]
    cells = [f"{label:<23}{value:>14}" for label, value in pairs]
    return [f"{left}  {right}" for left, right in zip(cells[::2], cells[1::2], strict=True)]


def _table(fit: LikelihoodFitViews) -> list[str]:
    width = max(12, *(len(name) for name in fit.names))
    rows = [f"{'':<{width}}{'estimate':>14}{'std. error':>13}{'z':>10}{'p':>9}"]
    for name, value, error in zip(fit.names, fit.values.tolist(), fit.standard_errors.tolist(), strict=True):
        line = f"{name:<{width}}{value:>14.6g}{error:>13.6g}"
        if not name.startswith("sigma2"):
            line += f"{value / error:>10.3f}{p_value(value / error, fit.df_reference):>9.4f}"
        rows.append(line)
    return rows


def _notes(fit: LikelihoodFitViews) -> list[str]:
    notes = [f"Effects removed by: {fit.convention_note}."]
    for name, (low, high) in fit.intervals.items():
        notes.append(f"Admissible interval of {name}: ({low:.6f}, {high:.6f}).")
    return [*notes, *fit.notes]
