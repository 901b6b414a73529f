"""Several fits side by side, as a frame and as LaTeX, HTML and Word.

Cells are rounded and files are written by `shuyi.tables`, so that a comparison looks like the tables of a
paper and the same fits always give the same bytes. Names stand as they are, without labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shuyi.errors import ConfigError, DataError, offenders

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.publish.table import Table
    from shuyi.spatialpanel.results import Fit


TAIL = ("tau", "eta", "rho", "lam", "sigma2")
"""Parameters that stand below all coefficients, in this order."""

STATISTICS = ("n", "T", "n_effective", "loglik", "aic", "bic")


@dataclass(frozen=True, eq=False, repr=False)
class FitComparison:
    """Fits by heading.

    Attributes
    ----------
    fits : mapping of str to Fit
    title : str
    decimals : int
    stars : tuple of float
        Levels of ``*``, ``**`` and so on, from large to small.
    """

    fits: Mapping[str, Fit]
    title: str
    decimals: int
    stars: tuple[float, ...]

    def __repr__(self) -> str:
        return self.display().to_string() + "\n" + "\n".join(self.notes())

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_frame(self) -> pd.DataFrame:
        """Return estimate, std_error, z and p_value in full precision: parameters by (heading, number)."""
        import pandas as pd

        return pd.concat(
            {c: f.to_frame()[["estimate", "std_error", "z", "p_value"]] for c, f in self.fits.items()}, axis=1
        ).reindex(self._parameters())

    def statistics(self) -> pd.DataFrame:
        """Return n, T, effective observations, log-likelihood, AIC and BIC by heading."""
        import pandas as pd

        return pd.DataFrame(
            {column: {s: getattr(fit, s) for s in STATISTICS} for column, fit in self.fits.items()}
        ).loc[list(STATISTICS)]

    def display(self) -> pd.DataFrame:
        """Return the cells as printed: estimates with stars, standard errors in parentheses, statistics."""
        import pandas as pd

        from shuyi.publish.numbers import TableOptions, count, in_parentheses, number, starred

        options = TableOptions(decimals=self.decimals, stars=self.stars)
        numbers, statistics = self.to_frame(), self.statistics()
        rows: list[tuple[str, list[str]]] = []
        for name in numbers.index:
            cells = [numbers.loc[name, c] for c in self.fits]
            known = [not pd.isna(cell["estimate"]) for cell in cells]
            stars = [None if name == "sigma2" else cell["p_value"] for cell in cells]
            estimates = [starred(c["estimate"], p, options) for c, p in zip(cells, stars, strict=True)]
            errors = [in_parentheses(c["std_error"], None, None, options) for c in cells]
            rows.append((name, [e if k else "" for e, k in zip(estimates, known, strict=True)]))
            rows.append(("", [e if k else "" for e, k in zip(errors, known, strict=True)]))
        for name, values in statistics.iterrows():
            whole = name in ("n", "T", "n_effective")
            rows.append((str(name), [count(v) if whole else number(v, self.decimals) for v in values]))
        index = pd.Index([name for name, _ in rows])
        return pd.DataFrame([cells for _, cells in rows], index=index, columns=list(self.fits))

    def notes(self) -> list[str]:
        """Return what the table must say: how each column was estimated, and the notes of its fit."""
        outcomes = self._by_value(lambda fit: fit.outcome)
        sentences = [
            self._said("Outcome", outcomes),
            self._said("Effects", self._by_value(lambda fit: fit.effects_structure)),
            self._said("Convention", self._by_value(lambda fit: f"{fit.convention} ({fit.convention_note})")),
            self._said("Standard errors", self._by_value(lambda fit: fit.covariance_kind)),
            self._said("Weights", self._by_value(_weights)),
            self._said("Periods", self._by_value(lambda fit: f"{fit.periods[0]} to {fit.periods[-1]}")),
        ]
        if len({(fit.convention, fit.effects_structure) for fit in self.fits.values()}) > 1:
            sentences.append("Log-likelihoods of different conventions or effects do not compare.")
        for note in dict.fromkeys(note for fit in self.fits.values() for note in fit.notes):
            columns = [c for c, fit in self.fits.items() if note in fit.notes]
            whole = len(columns) == len(self.fits)
            sentences.append(note if whole else f"{', '.join(columns)}: {note}")
        levels = ", ".join(f"{'*' * (i + 1)} p < {level:g}" for i, level in enumerate(self.stars))
        return [*sentences, f"Standard errors in parentheses. {levels}.".replace(" .", "")]

    def to_latex(self) -> str:
        """Return a LaTeX ``table`` environment."""
        from shuyi.publish.latex import to_latex

        return to_latex(self._table())

    def to_html(self) -> str:
        """Return one HTML page without outside resources."""
        from shuyi.publish.html import to_html

        return to_html(self._table())

    def to_docx(self) -> bytes:
        """Return a Word document."""
        from shuyi.publish.word import to_docx

        return to_docx(self._table())

    def _table(self) -> Table:
        import pandas as pd

        from shuyi.publish.table import Table

        frames = [f.to_frame().reset_index().assign(column=c) for c, f in self.fits.items()]
        data = pd.concat(frames, ignore_index=True)
        return Table("variables", self.title, self.title, data, self.display(), tuple(self.notes()))

    def _parameters(self) -> list[str]:
        names = list(dict.fromkeys(name for fit in self.fits.values() for name in fit.names))
        first = [name for name in names if name not in TAIL]
        lagged = [name for name in first if name.startswith("W_")]
        own = [name for name in first if name not in lagged]
        return [*own, *lagged, *(name for name in TAIL if name in names)]

    def _by_value(self, of: Callable[[Fit], str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for column, fit in self.fits.items():
            found.setdefault(of(fit), []).append(column)
        return found

    @staticmethod
    def _said(what: str, values: Mapping[str, Sequence[str]]) -> str:
        if len(values) == 1:
            return f"{what}: {next(iter(values))}."
        parts = [f"{value} in {', '.join(columns)}" for value, columns in values.items()]
        return f"{what}: {'; '.join(parts)}."


def compare(
    fits: Sequence[Fit] | Mapping[str, Fit],
    *,
    title: str = "Estimates",
    decimals: int = 3,
    stars: Sequence[float] = (0.1, 0.05, 0.01),
) -> FitComparison:
    """Put fits side by side.

    Parameters
    ----------
    fits : sequence of Fit, or mapping of str to Fit
        A sequence is headed ``(1) SDM``, ``(2) SAR`` and so on.
    title : str
    decimals : int
    stars : sequence of float
        Levels from large to small; empty for none.

    Raises
    ------
    ConfigError
        If there is no fit, or the options of numbers are inadmissible.
    DataError
        If something else than a fit is given.
    """
    from shuyi.publish.numbers import TableOptions
    from shuyi.spatialpanel.results import Fit

    named = dict(fits) if isinstance(fits, Mapping) else _numbered(list(fits))
    if not named:
        raise ConfigError("A comparison needs fits.", expected="one or more", found="none")
    wrong = [f"{name}: {type(fit).__name__}" for name, fit in named.items() if not isinstance(fit, Fit)]
    if wrong:
        raise DataError("A comparison is one of fits.", expected="Fit", found=offenders(wrong))
    options = TableOptions(decimals=decimals, stars=tuple(stars))
    return FitComparison(named, title, options.decimals, options.stars)


def _numbered(fits: Sequence[Any]) -> dict[str, Any]:
    return {f"({i}) {str(getattr(fit, 'model', '')).upper()}": fit for i, fit in enumerate(fits, 1)}


def _weights(fit: Fit) -> str:
    info = fit.weights_info
    if not info:
        return "none"
    parts = [
        f"{w['kind']}, normalised: {w['normalisation']}" + (" (error process)" if role == "error" else "")
        for role, w in info.items()
        if role == "lag" or w != info.get("lag")
    ]
    return " and ".join(parts)
