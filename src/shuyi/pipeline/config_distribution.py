"""Cross-checks of the configuration's sections inequality, convergence, dynamics and geography."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shuyi.schema import Problem, dotted, unknown_name

SECTIONS = ("inequality", "convergence", "dynamics", "geography")
MIN_YEARS = 5
"""Years that a trend of dispersion and the log t test need at least."""


def check_distribution(
    config: Mapping[str, Any], variables: Sequence[str], *, file: str = "config/config.yaml"
) -> list[Problem]:
    """Check that variables, weights, years and spans of the sections fit the panel.

    Parameters
    ----------
    config : mapping
        A configuration that passed the schema.
    variables : sequence of str
        Known panel variables.
    file : str
        Name for messages.
    """
    return [
        *_check_names(config, variables, file),
        *_check_weights(config, file),
        *_check_years(config, file),
    ]


def distribution_variables(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the panel variables that the sections name, in the order of the configuration."""
    return tuple(dict.fromkeys(name for _, name in _named_variables(config)))


def _named_variables(config: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    lists = (
        ("inequality", "variables"),
        ("convergence", "variables"),
        ("convergence", "controls"),
        ("geography", "variables"),
    )
    for section, key in lists:
        yield from (((section, key, i), name) for i, name in enumerate(config[section][key]))
    yield from ((("convergence", "clubs", name), name) for name in config["convergence"]["clubs"])
    yield ("dynamics", "variable"), config["dynamics"]["variable"]


def _check_names(config: Mapping[str, Any], variables: Sequence[str], file: str) -> list[Problem]:
    problems = [
        unknown_name(file, dotted(path), name, variables, path if path[1] != "clubs" else None)
        for path, name in _named_variables(config)
        if name not in variables
    ]
    twice = sorted(set(config["convergence"]["controls"]) & set(config["convergence"]["variables"]))
    return problems + [
        Problem(file, "convergence.controls", name, "variables whose convergence is not studied")
        for name in twice
    ]


def _check_weights(config: Mapping[str, Any], file: str) -> list[Problem]:
    problems = []
    for section in ("inequality", "convergence", "dynamics"):
        name, path = config[section]["weights"], (section, "weights")
        if name not in config["weights"]:
            problems.append(unknown_name(file, dotted(path), name, tuple(config["weights"]), path))
        elif section != "inequality" and config["weights"][name]["normalisation"] != "row":
            found = f"{name} (normalisation: {config['weights'][name]['normalisation']})"
            problems.append(Problem(file, dotted(path), found, "weights with normalisation: row"))
    return problems


def _check_years(config: Mapping[str, Any], file: str) -> list[Problem]:
    first, last = config["panel"]["first_year"], config["panel"]["last_year"]
    problems = [
        Problem(file, f"{section}.years", str(year), f"years of the panel, {first} to {last}")
        for section in ("inequality", "geography")
        for year in config[section]["years"]
        if not first <= year <= last
    ]
    if last - first + 1 < MIN_YEARS:
        allowed = f"at least {MIN_YEARS} years, which a trend of dispersion needs"
        problems.append(Problem(file, "panel.last_year", f"{first} to {last}", allowed))
    lag, span = config["dynamics"]["lag"], config["convergence"]["span"]
    if lag > last - first:
        problems.append(Problem(file, "dynamics.lag", str(lag), f"at most {last - first}"))
    if span > (last - first) // 2:
        allowed = f"at most {(last - first) // 2}, for two intervals from {first} to {last}"
        problems.append(Problem(file, "convergence.span", str(span), allowed))
    elif (last - first) % span:
        allowed = f"a divisor of {last - first}, the years from {first} to {last}"
        problems.append(Problem(file, "convergence.span", str(span), allowed))
    return problems
