"""The choices of the specification curve: every combination is one specification of the same estimand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.robustness.variants import Material
from shuyi.panel import Panel
from shuyi.publish.notes import label_or
from shuyi.spatialpanel import Specification
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights

CHOICES = ("model", "weights", "effects", "scheme", "weighting", "outcome", "controls", "sample")
"""Names of the choices, in the order in which figures show them."""


@dataclass(frozen=True, eq=False)
class Multiverse:
    """All specifications of the curve with their data.

    Parameters
    ----------
    panels : mapping of str to Panel
        By name of the sample.
    weights : mapping of str to Weights
        By name.
    specifications : tuple of Specification, length S
        The index comes first among the regressors.
    options : tuple of tuple of str, length S
        Each specification's option of every choice, in the order of `CHOICES`.
    """

    panels: Mapping[str, Panel]
    weights: Mapping[str, Weights]
    specifications: tuple[Specification, ...]
    options: tuple[tuple[str, ...], ...]

    def subset(self, chosen: Mapping[str, Sequence[str]]) -> Multiverse:
        """Return the specifications whose options are all among the chosen ones.

        Parameters
        ----------
        chosen : mapping of str to sequence of str
            Options by choice; a choice without an entry keeps all.

        Returns
        -------
        Multiverse
            On the same data, so that random draws agree.
        """
        kept = [
            i
            for i, options in enumerate(self.options)
            if all(o in chosen.get(c, (o,)) for c, o in zip(CHOICES, options, strict=True))
        ]
        return self.part(kept)

    def part(self, positions: Sequence[int]) -> Multiverse:
        """Return the specifications at some positions.

        Parameters
        ----------
        positions : sequence of int
            From zero.

        Returns
        -------
        Multiverse
            On the same data.
        """
        specs = tuple(self.specifications[i] for i in positions)
        return Multiverse(self.panels, self.weights, specs, tuple(self.options[i] for i in positions))


def multiverse(
    material: Material,
    weights: Mapping[str, Weights],
    options: Mapping[str, Any],
    *,
    correction: str,
    covariance: str,
) -> Multiverse:
    """Return every combination of options.

    Each index is divided by its standard deviation once two-way effects are removed, so that effects are
    those of one standard deviation under every scheme.

    Parameters
    ----------
    material : Material
        The headline, its data, further schemes and samples.
    weights : mapping of str to Weights
        By name, of all units.
    options : mapping
        Options by choice (`CHOICES`); ``controls`` are lists of names by name.
    correction, covariance : str
        Of every specification.

    Returns
    -------
    Multiverse
        In the order of the product, the last choice fastest.
    """
    columns = _indices(material, options)
    names = dict.fromkeys([*options["outcome"], *(n for c in options["controls"].values() for n in c)])
    arrays = {**{name: material.panel[name] for name in names}, **columns}
    whole = Panel(
        np.stack(list(arrays.values()), axis=2), material.panel.units, material.panel.periods, tuple(arrays)
    )
    panels = {
        sample: whole.select(units=[u for u in whole.units if u not in material.samples[sample]])
        for sample in options["sample"]
    }
    combinations = tuple(product(*(tuple(options[c]) for c in CHOICES)))
    specs = tuple(
        _specification(i, dict(zip(CHOICES, combination, strict=True)), options, correction, covariance)
        for i, combination in enumerate(combinations)
    )
    return Multiverse(panels, dict(weights), specs, combinations)


def _indices(material: Material, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return every index by name of its column, per standard deviation."""
    found = {}
    for scheme, weighting in product(options["scheme"], options["weighting"]):
        panel = material.with_index(material.schemes[scheme], material.clean, weighting)
        values = panel[material.term]
        found[_column(scheme, weighting)] = values / within(values, "twoways").std()
    return found


def _column(scheme: str, weighting: str) -> str:
    return f"index_{scheme}_{weighting}"


def _specification(
    i: int, chosen: Mapping[str, str], options: Mapping[str, Any], correction: str, covariance: str
) -> Specification:
    index = _column(chosen["scheme"], chosen["weighting"])
    return Specification(
        id=str(i),
        table="",
        column="",
        model=chosen["model"],
        outcome=chosen["outcome"],
        regressors=(index, *options["controls"][chosen["controls"]]),
        durbin="all",
        weights=chosen["weights"],
        effects=chosen["effects"],
        correction=correction,
        sample=chosen["sample"],
        covariance=covariance,
    )


def option_name(choice: str, option: str, labels: Labels) -> str:
    """Return the printed name of an option.

    Parameters
    ----------
    choice, option : str
        Names in the configuration.
    labels : Labels
        Words.

    Returns
    -------
    str
    """
    if choice == "model":
        return option.upper()
    if choice == "weights":
        return label_or(labels, f"weights.{option}", option)
    if choice == "effects":
        return labels.text(f"effects.{option}")
    if choice == "outcome":
        return labels.term(option)
    general = label_or(labels, f"curve.option.{option}", option)
    return label_or(labels, f"curve.option.{choice}.{option}", general)
