"""What remains of the headline, in computed sentences in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shuyi.analyses.estimation.influence import HEADLINE
from shuyi.analyses.estimation.levels import CHOICE_LEVEL, choice
from shuyi.analyses.robustness.comparison import WITHOUT
from shuyi.analyses.robustness.persistence import RESIDUALS
from shuyi.publish.numbers import number

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.publish.labels import Labels

LANGUAGES = ("en", "zh")
DECIMALS = 3
DIFFERENCES, UNSHARED = "differences", "none_shared"
"""Variants that the answer names where the run has them."""


@dataclass(frozen=True)
class Answer:
    """The answer of the paper.

    Parameters
    ----------
    numbers : mapping of str to float
        In full precision.
    names : mapping of str to str
        The influential unit, the verdict on the spillover and that on persistence.
    text : mapping of str to str
        The sentences by language.
    """

    numbers: Mapping[str, float]
    names: Mapping[str, str]
    text: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, names and text as plain values, for JSON.

        Returns
        -------
        dict
            The fields by name.
        """
        return {"numbers": dict(self.numbers), "names": dict(self.names), "text": dict(self.text)}

    def both(self) -> str:
        """Return the sentences of all languages, one paragraph each.

        Returns
        -------
        str
            Lines that end with a line break.
        """
        return "".join(f"{text}\n" for text in self.text.values())


def answer(
    frames: Mapping[str, pd.DataFrame],
    headline: pd.DataFrame,
    told: Mapping[str, Any],
    specification: Mapping[str, Any],
    labels: Mapping[str, Labels],
    tests: pd.DataFrame,
) -> Answer:
    """Return what remains of the headline.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The frames of the analysis: ``effects``, ``units``, ``persistence``.
    headline : DataFrame
        Effects of the headline with their percentile intervals, as `spatialpanel.effects.Effects` gives them.
    told : mapping
        The caveats of the headline, as `analyses.estimation.caveats.Caveats.to_dict` gives them.
    specification : mapping
        The headline.
    labels : mapping of str to Labels
        Words by language.
    tests : DataFrame
        Specification tests of the headline, as `analyses.estimation.levels.with_levels` gives them.

    Returns
    -------
    Answer
        Numbers, and sentences that hold them.
    """
    numbers = _numbers(frames, headline, told) | _choice(tests)
    names = {
        "unit": str(told["influential"]),
        "verdict": verdict(numbers["indirect_low"], numbers["indirect_high"]),
        "persistence": str(frames["persistence"].set_index("series").loc[RESIDUALS, "verdict"]),
    }
    text = {language: _text(numbers, names, told, specification, words) for language, words in labels.items()}
    return Answer(numbers, names, text)


def _choice(tests: pd.DataFrame) -> dict[str, float]:
    """Return the p-values of the Durbin model against SAR and SEM under the names that sentences use."""
    return {f"{name}_p": value for name, value in choice(tests).items()}


def verdict(low: float, high: float) -> str:
    """Return what an interval of the indirect effect says.

    Parameters
    ----------
    low, high : float
        Its ends.

    Returns
    -------
    {"positive", "negative", "none"}
        Key of a sentence.
    """
    return "positive" if low > 0 else "negative" if high < 0 else "none"


def in_sentence(text: str) -> str:
    """Return a label as it stands within a sentence: a capital that opens an ordinary word is lowered.

    Parameters
    ----------
    text : str
        A label.

    Returns
    -------
    str
        The label, except for its first letter.
    """
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _numbers(
    frames: Mapping[str, pd.DataFrame], headline: pd.DataFrame, told: Mapping[str, Any]
) -> dict[str, float]:
    table = headline[headline["term"] == told["term"]].set_index("component")
    found: dict[str, float] = {"level": 100 * told["level"], "power": 100 * told["power"]}
    for component in ("direct", "indirect"):
        row = table.loc[component]
        found[component] = float(row["estimate"])
        found[f"{component}_low"], found[f"{component}_high"] = float(row["ci_low"]), float(row["ci_high"])
        found[f"{component}_detectable"] = float(told["detectable"][component])
    variants = frames["effects"].dropna(subset=["estimate"])
    direct = variants[variants["component"] == "direct"].set_index("variant")
    for name in (WITHOUT, DIFFERENCES, UNSHARED):
        if name in direct.index:
            found[name] = float(direct.loc[name, "estimate"])
    others = variants[variants["variant"] != HEADLINE]
    outside = (others["ci_low"] > 0) | (others["ci_high"] < 0)
    counted = others["component"].isin(["direct", "indirect"])
    found |= {"variants": float(others["variant"].nunique()), "outside": float((outside & counted).sum())}
    residuals = frames["persistence"].set_index("series").loc[RESIDUALS]
    found |= {key: float(residuals[key]) for key in ("value", "independent", "unit_root")}
    return found | {"share": 100 * float(told["share"])}


def _text(
    numbers: Mapping[str, float],
    names: Mapping[str, str],
    told: Mapping[str, Any],
    specification: Mapping[str, Any],
    labels: Labels,
) -> str:
    shown = {name: number(value, DECIMALS) for name, value in numbers.items()}
    shown |= {key: f"{numbers[key]:.0f}" for key in ("level", "power", "share", "variants", "outside")}
    weights = specification["weights"]
    words = {
        "term": in_sentence(labels.term(told["term"])),
        "outcome": in_sentence(labels.term(specification["outcome"])),
        "weights": in_sentence(labels.texts.get(f"weights.{weights}", weights)),
        "unit": labels.unit(names["unit"]),
    }
    parts = [f"answer.spillover.{names['verdict']}", "answer.direct"]
    parts += [f"answer.{name}" for name in (WITHOUT, DIFFERENCES, UNSHARED) if name in numbers]
    if "sar_p" in numbers:
        chosen = min(numbers["sar_p"], numbers["sem_p"]) < CHOICE_LEVEL
        parts.append(f"answer.choice.{'some' if chosen else 'none'}")
    parts += [
        f"answer.variants.{'some' if numbers['outside'] else 'none'}",
        f"answer.persistence.{names['persistence']}",
    ]
    space = " " if labels.language == "en" else ""
    return space.join(labels.text(key, **shown, **words) for key in parts)
