"""Strict reading of YAML and JSON: plain data, each key once, finite numbers, nothing that runs.

A file of settings may hold mappings, lists, texts, numbers, truth values and null. Tags, templates, keys that
are no text or occur twice, values that hold themselves and numbers that are not finite are refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from shuyi.errors import ConfigError

if TYPE_CHECKING:
    from yaml.nodes import MappingNode

TEMPLATES = "__use_yte__"
"""Key by which Snakemake would render a file as a template, and run the expressions in it."""
DEEPEST = 50
"""Levels of nesting; beyond it the file is no settings file."""
LARGEST = 100_000
"""Values with those of every alias written out; beyond it the file is no settings file."""


def parse_yaml(text: str, name: str) -> Any:
    """Return the content of a YAML text.

    Parameters
    ----------
    text : str
        One document.
    name : str
        File name for messages.

    Returns
    -------
    Any
        Mappings, lists, texts, finite numbers, truth values and None.

    Raises
    ------
    ConfigError
        If the text is no YAML, or holds what plain settings do not; the message names the line.
    """
    import yaml

    try:
        content = yaml.load(text, Loader=_loader())
        _check_size(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(name, mark.line + 1 if mark else 1, str(error.problem or error.context)) from None
    except yaml.YAMLError as error:
        raise _refused(name, _line_of(text, error), str(error).splitlines()[0]) from None
    except (ValueError, RecursionError) as error:
        raise _refused(name, 0, str(error)) from None
    return content


def parse_json(text: str, name: str) -> Any:
    """Return the content of a JSON text.

    Parameters
    ----------
    text : str
        One document.
    name : str
        File name for messages.

    Returns
    -------
    Any
        Plain data.

    Raises
    ------
    ConfigError
        If the text is no JSON, holds a key twice or a number that is not finite.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _refused(name, error.lineno, error.msg, "JSON") from None
    except (ValueError, RecursionError) as error:
        raise _refused(name, 0, str(error), "JSON") from None


def merged(base: Any, changes: Any) -> Any:
    """Return settings with changes: mappings are merged key by key, all else is replaced.

    Parameters
    ----------
    base, changes : Any
        Plain data.

    Returns
    -------
    Any
        New data; neither argument is changed.
    """
    if not isinstance(changes, Mapping):
        return changes
    kept = dict(base) if isinstance(base, Mapping) else {}
    return kept | {key: merged(kept.get(key), value) for key, value in changes.items()}


def not_finite(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the key paths of numbers that are not finite.

    Parameters
    ----------
    content : Any
        Plain data.
    path : tuple
        Where the content stands.

    Returns
    -------
    list of tuple
        Key paths in the order of the content.
    """
    if isinstance(content, float):
        return [] if math.isfinite(content) else [path]
    if isinstance(content, Mapping):
        return [found for key, value in content.items() for found in not_finite(value, (*path, key))]
    if isinstance(content, list):
        return [found for i, value in enumerate(content) for found in not_finite(value, (*path, i))]
    return []


@cache
def _loader() -> type[Any]:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):
        """Builds plain data alone."""

        def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
            """Return a mapping whose keys are texts, each once."""
            _check_keys(node)
            return dict(super().construct_mapping(node, deep=deep))

        def construct_number(self, node: Any) -> float:
            """Return a finite number."""
            value = float(self.construct_yaml_float(node))
            return value if math.isfinite(value) else self._refuse(node)

        def construct_whole(self, node: Any) -> int:
            """Return a whole number."""
            try:
                return int(self.construct_yaml_int(node))
            except ValueError:
                return self._refuse(node)

        def _refuse(self, node: Any) -> Any:
            problem = f"{node.value[:20]} is no finite number"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)

    for tag, constructor in (
        ("float", Loader.construct_number),
        ("int", Loader.construct_whole),
        ("timestamp", Loader.construct_yaml_str),
        *((tag, Loader.construct_undefined) for tag in ("binary", "set", "omap", "pairs")),
    ):
        Loader.add_constructor(f"tag:yaml.org,2002:{tag}", constructor)
    return Loader


def _check_size(content: Any) -> None:
    waiting, seen = [(content, 1)], 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            raise ValueError(f"more than {DEEPEST} levels of nesting, or a value that holds itself")
        if seen > LARGEST:
            raise ValueError(f"more than {LARGEST} values")
        held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(one, depth + 1) for one in held]


def _check_keys(node: MappingNode) -> None:
    import yaml

    lines: dict[str, int] = {}
    for key, _ in node.value:
        scalar = isinstance(key, yaml.ScalarNode)
        text, line = str(key.value) if scalar else "the key", key.start_mark.line + 1
        reason = ""
        if not scalar or key.tag != "tag:yaml.org,2002:str":
            reason = f"a key that is no text; put quotation marks around {text[:40]}"
        elif text == TEMPLATES:
            reason = f"the key {TEMPLATES}: settings are no templates"
        elif text in lines:
            reason = f"the key {text!r} a second time (first in line {lines[text]})"
        if reason:
            raise yaml.MarkedYAMLError(problem=reason, problem_mark=key.start_mark)
        lines[text] = line


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} a second time")
    return found


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no finite number")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_constant(text)


def _line_of(text: str, error: Any) -> int:
    place = getattr(error, "position", None)
    return text.count("\n", 0, place) + 1 if isinstance(place, int) else 1


def _refused(name: str, line: int, problem: str, form: str = "YAML") -> ConfigError:
    place = f"line {line}: " if line else ""
    return ConfigError(
        f"{name} cannot be read.",
        expected=f"plain {form}: each key once, finite numbers, no tags or templates",
        found=f"{place}{problem}",
        remedy="correct the file, or restore it from version control",
    )
