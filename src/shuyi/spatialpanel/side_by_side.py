"""Several fits side by side, as a frame and as LaTeX, HTML and Word.

A column is any estimate with the views of `views.EstimateViews` that describes itself: maximum likelihood,
instrumental variables, least squares with dummies, two regimes. Names stand as they are, without labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shuyi.errors import ConfigError, DataError, offenders
from shuyi.spatialpanel import rendering
from shuyi.spatialpanel.views import STATISTICS, Description, EstimateViews

if TYPE_CHECKING:
    import pandas as pd


TAIL = ("tau", "eta", "rho", "lam", "sigma2")
"""Parameters that stand below all coefficients, in this order."""

WHOLE = ("n", "T", "n_effective")
"""Statistics that are counts."""


@dataclass(frozen=True, eq=False, repr=False)
class FitComparison:
    """Fits by heading.

    Attributes
    ----------
    fits : mapping of str to estimates
        Estimates by heading, in the order of the columns.
    title : str
        Caption of the table.
    decimals : int
        Digits after the point.
    stars : tuple of float
        Levels of ``*``, ``**`` and so on, from large to small.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, SDM, FitComparison, compare
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> table = compare([m(panel, weights, outcome="y", regressors=["x1"]).fit() for m in (SAR, SDM)])
    >>> isinstance(table, FitComparison), list(table.fits)
    (True, ['(1) SAR', '(2) SDM'])
    """

    fits: Mapping[str, EstimateViews]
    title: str
    decimals: int
    stars: tuple[float, ...]

    def __repr__(self) -> str:
        return self.display().to_string() + "\n" + "\n".join(self.notes())

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_frame(self) -> pd.DataFrame:
        """Return estimate, std_error, z and p_value in full precision: parameters by (heading, number).

        Returns
        -------
        DataFrame
            NaN where a column lacks a parameter.
        """
        import pandas as pd

        return pd.concat(
            {c: f.to_frame()[["estimate", "std_error", "z", "p_value"]] for c, f in self.fits.items()}, axis=1
        ).reindex(self._parameters())

    def statistics(self) -> pd.DataFrame:
        """Return n, T, effective observations, log-likelihood, AIC and BIC by heading; NaN where none.

        Returns
        -------
        DataFrame
            Statistics in rows, headings in columns.
        """
        import pandas as pd

        return pd.DataFrame(
            {c: {s: d.statistics.get(s, float("nan")) for s in STATISTICS} for c, d in self._about.items()}
        ).loc[list(STATISTICS)]

    def display(self) -> pd.DataFrame:
        """Return the cells as printed.

        Returns
        -------
        DataFrame
            Columns estimates with stars, standard errors in parentheses, statistics.
        """
        import pandas as pd

        numbers, statistics = self.to_frame(), self.statistics()
        rows: list[tuple[str, list[str]]] = []
        for name in numbers.index:
            cells = [numbers.loc[name, c] for c in self.fits]
            known = [not pd.isna(cell["estimate"]) for cell in cells]
            levels = () if name == "sigma2" else self.stars
            estimates = [
                rendering.number(cell["estimate"], self.decimals)
                + rendering.stars_of(cell["p_value"], levels)
                for cell in cells
            ]
            errors = [f"({rendering.number(cell['std_error'], self.decimals)})" for cell in cells]
            rows.append((name, [_cell(*pair) for pair in zip(estimates, known, strict=True)]))
            rows.append(("", [_cell(*pair) for pair in zip(errors, known, strict=True)]))
        for name, values in statistics.iterrows():
            decimals = 0 if name in WHOLE else self.decimals
            shown = [_cell(rendering.number(v, decimals), not pd.isna(v)) for v in values]
            rows.append((str(name), shown))
        index = pd.Index([name for name, _ in rows])
        return pd.DataFrame([cells for _, cells in rows], index=index, columns=list(self.fits))

    def notes(self) -> list[str]:
        """Return what the table must say: how each column was estimated, and the notes of its fit.

        Returns
        -------
        list of str
            Sentences; one that holds for all columns is said once.
        """
        sentences = [
            self._said("Outcome", self._by_value(lambda about: about.outcome)),
            self._said("Effects", self._by_value(lambda about: about.effects)),
            self._said("Convention", self._by_value(lambda about: about.correction)),
            self._said("Standard errors", self._by_value(lambda about: about.covariance)),
            self._said("Weights", self._by_value(lambda about: about.weights)),
            self._said("Periods", self._by_value(lambda about: about.periods)),
        ]
        if len({(about.correction, about.effects) for about in self._about.values()}) > 1:
            sentences.append("Log-likelihoods of different conventions or effects do not compare.")
        for note in dict.fromkeys(note for about in self._about.values() for note in about.notes):
            columns = [c for c, about in self._about.items() if note in about.notes]
            whole = len(columns) == len(self.fits)
            sentences.append(note if whole else f"{', '.join(columns)}: {note}")
        levels = ", ".join(f"{'*' * (i + 1)} p < {level:g}" for i, level in enumerate(self.stars))
        return [*sentences, f"Standard errors in parentheses. {levels}.".replace(" .", "")]

    def to_latex(self) -> str:
        """Return a LaTeX ``table`` environment.

        Returns
        -------
        str
            The environment.
        """
        return rendering.to_latex(self.display(), self.title, self.notes())

    def to_html(self) -> str:
        """Return one HTML page without outside resources.

        Returns
        -------
        str
            The whole page.
        """
        return rendering.to_html(self.display(), self.title, self.notes())

    def to_docx(self) -> bytes:
        """Return a Word document.

        Returns
        -------
        bytes
            A .docx file.
        """
        return rendering.to_docx(self.display(), self.title, self.notes())

    @cached_property
    def _about(self) -> dict[str, Description]:
        return {column: fit.describe() for column, fit in self.fits.items()}

    def _parameters(self) -> list[str]:
        names = list(dict.fromkeys(name for fit in self.fits.values() for name in fit.names))
        first = [name for name in names if name not in TAIL]
        lagged = [name for name in first if name.startswith("W_")]
        own = [name for name in first if name not in lagged]
        return [*own, *lagged, *(name for name in TAIL if name in names)]

    def _by_value(self, of: Callable[[Description], str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for column, about in self._about.items():
            found.setdefault(of(about), []).append(column)
        return found

    @staticmethod
    def _said(what: str, values: Mapping[str, Sequence[str]]) -> str:
        if len(values) == 1:
            return f"{what}: {next(iter(values))}."
        parts = [f"{value} in {', '.join(columns)}" for value, columns in values.items()]
        return f"{what}: {'; '.join(parts)}."


def compare(
    fits: Sequence[EstimateViews] | Mapping[str, EstimateViews],
    *,
    title: str = "Estimates",
    decimals: int = 3,
    stars: Sequence[float] = (0.1, 0.05, 0.01),
) -> FitComparison:
    """Put fits side by side.

    Parameters
    ----------
    fits : sequence of estimates, or mapping of str to estimates
        `Fit`, `SpatialIVFit`, `FixedEffectsFit` or `RegimeFit`. A sequence is headed ``(1) SDM``,
        ``(2) SAR`` and so on.
    title : str, default "Estimates"
        Caption of the table.
    decimals : int, default 3
        Digits after the point.
    stars : sequence of float, default (0.1, 0.05, 0.01)
        Levels from large to small; empty for none.

    Returns
    -------
    FitComparison
        Numbers, cells and notes in several formats.

    Raises
    ------
    ConfigError
        If there is no fit, or the options of numbers are inadmissible.
    DataError
        If something else than a fit is given.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, SDM, compare
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fits = {m.__name__: m(panel, weights, outcome="y", regressors=["x1"]).fit() for m in (SAR, SDM)}
    >>> compare(fits).statistics().round(0).loc["n"].tolist()
    [16.0, 16.0]
    """
    named = dict(fits) if isinstance(fits, Mapping) else _numbered(list(fits))
    if not named:
        raise ConfigError("A comparison needs fits.", expected="one or more", found="none")
    wrong = [
        f"{name}: {type(fit).__name__}" for name, fit in named.items() if not isinstance(fit, EstimateViews)
    ]
    if wrong:
        raise DataError(
            "A comparison is one of fits.", expected="Fit or another estimate", found=offenders(wrong)
        )
    rendering.check_rounding(decimals, stars)
    return FitComparison(named, title, decimals, tuple(stars))


def _numbered(fits: Sequence[EstimateViews]) -> dict[str, EstimateViews]:
    return {f"({i}) {_title(fit)}": fit for i, fit in enumerate(fits, 1)}


def _title(fit: Any) -> str:
    return fit.describe().model if isinstance(fit, EstimateViews) else ""


def _cell(text: str, is_known: bool) -> str:
    return text if is_known else ""
