"""Checks that a finished run has passed: each compares numbers of the run with what must hold.

A check returns a report; `require` turns a failing report into an error, so that the run stops there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, offenders

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.estimation.estimates import PeerComparison
    from shuyi.weights import Weights


ROUNDING = 1e-10
"""Relative size of rounding in sums of up to a few hundred float64 terms."""
PEER = 1e-6
"""spreg stops its search for rho at a step of 1e-7; every other estimate follows from rho."""
SAME_MAXIMUM = 1e-5
"""Difference of log-likelihoods below which two estimates are at the same maximum: estimates that agree to
1e-6 differ by far less, two maxima by far more."""

NO_PEERS = "The sheet has no SAR or SEM on all provinces, which the other package estimates too."
"""Why nothing is compared with another package."""
NO_EFFECTS = "No row of the sheet has spatial effects."
"""Why no effects are compared."""


@dataclass(frozen=True)
class Finding:
    """One comparison.

    Parameters
    ----------
    what : str
        What is compared.
    found, expected : float
        The two numbers compared.
    tolerance : float
        Largest absolute difference that passes.
    """

    what: str
    found: float
    expected: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether found and expected agree; a value that is not a number never does."""
        return bool(abs(self.found - self.expected) <= self.tolerance)


@dataclass(frozen=True)
class CheckReport:
    """The outcome of one check.

    Parameters
    ----------
    check : str
        Name of the check.
    findings : tuple of Finding
        Its comparisons.
    notes : tuple of str, default empty
        What a reader of the report must know.
    nothing : str, default ""
        Why there is nothing to compare, where there is nothing.

    Examples
    --------
    >>> from shuyi.pipeline.checks import CheckReport, Finding
    >>> CheckReport("sums", (Finding("a + b", 1.0, 1.0, 1e-12),)).to_record()["passed"]
    True
    """

    check: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    nothing: str = ""

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Findings that do not agree."""
        return tuple(finding for finding in self.findings if not finding.passed)

    def to_record(self) -> dict[str, Any]:
        """Return the report as plain data for JSON.

        Returns
        -------
        dict
            Keys check, passed, comparisons, notes and findings.
        """
        return {
            "check": self.check,
            "passed": not self.failures,
            "comparisons": len(self.findings),
            "notes": [*self.notes, *([self.nothing] if self.nothing else [])],
            "findings": [asdict(finding) | {"passed": finding.passed} for finding in self.findings],
        }


def require(report: CheckReport) -> CheckReport:
    """Return a report that passed.

    Parameters
    ----------
    report : CheckReport
        Outcome of a check.

    Returns
    -------
    CheckReport
        The same report.

    Raises
    ------
    DataError
        If the report is empty and does not say why (a check that compared nothing proves nothing), or a
        comparison failed.
    """
    if not report.findings and not report.nothing:
        raise DataError(f"The check {report.check!r} compared nothing.", expected="at least one comparison")
    if report.failures:
        shown = (f"{f.what}: {f.found!r} where {f.expected!r} was expected" for f in report.failures)
        raise DataError(
            f"The check {report.check!r} failed; the run is not finished.",
            expected=f"all {len(report.findings)} comparisons within their tolerance",
            found=f"{len(report.failures)} failed: {offenders(shown)}",
            remedy="do not use the tables of this run; report the numbers above",
        )
    return report


def check_weights(
    weights: Mapping[str, Weights], borders: Iterable[Sequence[str]], specs: Mapping[str, Mapping[str, Any]]
) -> CheckReport:
    """Check row sums, diagonals and, for contiguity, that the links are the borders and named links alone.

    Parameters
    ----------
    weights : mapping of str to Weights
        Weights by name.
    borders : iterable of pairs of labels
        Land borders, each once.
    specs : mapping
        The entries of the configuration that the weights were built from.

    Returns
    -------
    CheckReport
        One finding or more per weights.
    """
    pairs = [tuple(pair) for pair in borders]
    findings: list[Finding] = []
    for name, built in weights.items():
        findings += _row_findings(name, built)
        if specs[name]["kind"] == "contiguity":
            findings += _border_findings(name, built, [*pairs, *map(tuple, specs[name]["links"])])
    return CheckReport("weights", tuple(findings))


def _row_findings(name: str, weights: Weights) -> list[Finding]:
    findings = [
        Finding(f"{name}: largest diagonal", float(np.abs(weights.to_dense().diagonal()).max()), 0, 0)
    ]
    if weights.normalisation == "row":
        for label, total in zip(weights.labels, weights.row_sums, strict=True):
            expected = 0.0 if label in weights.islands else 1.0
            findings.append(Finding(f"{name}: row sum of {label}", float(total), expected, ROUNDING))
    if weights.normalisation == "spectral":
        radius = float(np.abs(weights.eigenvalues).max())
        findings.append(Finding(f"{name}: spectral radius", radius, 1.0, ROUNDING))
    return findings


def _border_findings(name: str, weights: Weights, pairs: list[tuple[str, ...]]) -> list[Finding]:
    place = {label: i for i, label in enumerate(weights.labels)}
    expected = np.zeros((weights.n, weights.n), dtype=bool)
    for a, b in pairs:
        expected[place[a], place[b]] = expected[place[b], place[a]] = True
    wrong = int(np.sum((weights.to_dense() != 0) != expected))
    return [Finding(f"{name}: links that differ from the land borders and named links", wrong, 0, 0)]


def check_effects(
    effects: Mapping[str, pd.DataFrame], fits: Mapping[str, Any], row_standardised: Mapping[str, bool]
) -> CheckReport:
    """Check that direct + indirect = total and, where W is row-standardised, total = (b + th) / (1 - rho).

    Parameters
    ----------
    effects : mapping of str to DataFrame
        Columns term, component and estimate, by specification.
    fits : mapping of str to fit
        With ``params``, by specification.
    row_standardised : mapping of str to bool
        Whether a specification's weights are row-standardised, by specification.

    Returns
    -------
    CheckReport
        One finding or two per term and specification.
    """
    findings: list[Finding] = []
    for spec, frame in effects.items():
        wide = frame.pivot(index="term", columns="component", values="estimate")
        for term, row in wide.iterrows():
            size = ROUNDING * (1.0 + abs(row["direct"]) + abs(row["indirect"]))
            parts = float(row["direct"] + row["indirect"])
            findings.append(Finding(f"{spec}: direct + indirect of {term}", parts, float(row["total"]), size))
            if row_standardised[spec]:
                closed = _closed_total(fits[spec].params, str(term))
                findings.append(Finding(f"{spec}: total of {term}", float(row["total"]), closed, size * 10))
    return CheckReport("effects", tuple(findings), nothing="" if findings else NO_EFFECTS)


def _closed_total(params: Mapping[str, float], term: str) -> float:
    own, lagged = params.get(term, 0.0), params.get(f"W_{term}", 0.0)
    return float((own + lagged) / (1.0 - params.get("rho", 0.0)))


def check_imputation(record: Mapping[str, Any], largest_share: float) -> CheckReport:
    """Check that no variable rests on more imputed cells than allowed, and that the log accounts for them.

    Parameters
    ----------
    record : mapping
        Description of the clean panel: ``variables`` with their ``imputed_share``, and ``imputed_cells``.
    largest_share : float
        Share of a variable's cells that may be imputed.

    Returns
    -------
    CheckReport
        One finding or two per variable.
    """
    first, last = record["years"]
    cells = len(record["provinces"]) * (last - first + 1)
    logged = [cell["series"] for cell in record["imputed_cells"]]
    findings = []
    for name, about in record["variables"].items():
        share = float(about["imputed_share"])
        above = max(share - largest_share, 0.0)
        findings.append(Finding(f"{name}: share of imputed cells above {largest_share:g}", above, 0, 0))
        if about["series"] == [name]:
            findings.append(
                Finding(
                    f"{name}: imputed cells in the log", logged.count(name), share * cells, ROUNDING * cells
                )
            )
    return CheckReport("imputation", tuple(findings))


def check_manifest(
    manifest: Mapping[str, Any], outputs: Mapping[str, str], inputs: Mapping[str, str]
) -> CheckReport:
    """Check that the manifest names every file with the digest that the file has now.

    Parameters
    ----------
    manifest : mapping
        As `shuyi.pipeline.provenance.manifest` returns it.
    outputs, inputs : mapping of str to str
        Digest by path, computed anew.

    Returns
    -------
    CheckReport
        One finding per file, and one per count.
    """
    findings = []
    for kind, digests in (("outputs", outputs), ("inputs", inputs)):
        stated = manifest[kind]
        findings += [
            Finding(f"{kind}: {path} has the digest of the manifest", float(stated.get(path) == digest), 1, 0)
            for path, digest in digests.items()
        ]
        findings.append(Finding(f"{kind}: files in the manifest", len(stated), len(digests), 0))
    return CheckReport("manifest", tuple(findings))


def check_peers(name: str, comparisons: Iterable[PeerComparison], tolerance: float) -> CheckReport:
    """Check that another package finds the same maximum of the likelihood, and no higher one.

    Where the other package stopped at a lower, local maximum, its estimates prove nothing about ours; the
    report says so in a note, and the comparison is that of the likelihoods.

    Parameters
    ----------
    name : str
        Name of the check.
    comparisons : iterable of PeerComparison
        Our and the other package's estimates by specification.
    tolerance : float
        Of estimates, relative to their size, at least one. Terms that only one side has fail.

    Returns
    -------
    CheckReport
        One finding per likelihood and estimate.
    """
    findings: list[Finding] = []
    notes = []
    for c in comparisons:
        above = max(c.loglik_at_peer - c.loglik, 0.0)
        findings.append(Finding(f"{c.id}: log-likelihood at the peer above ours", above, 0.0, SAME_MAXIMUM))
        if c.loglik - c.loglik_at_peer > SAME_MAXIMUM:
            below = c.loglik - c.loglik_at_peer
            notes.append(f"{c.id}: the peer stopped at a local maximum, {below:.4f} below ours")
            continue
        findings += [_peer_finding(c, term, tolerance) for term in dict.fromkeys([*c.ours, *c.peer])]
    return CheckReport(name, tuple(findings), tuple(notes), "" if findings else NO_PEERS)


def _peer_finding(comparison: PeerComparison, term: str, tolerance: float) -> Finding:
    ours, peer = (side.get(term, math.nan) for side in (comparison.ours, comparison.peer))
    return Finding(f"{comparison.id}: {term}", ours, peer, tolerance * max(1.0, abs(peer)))
