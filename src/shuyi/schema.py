"""Problems of configuration files: found all at once, explained, and mended where the mend can be guessed."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shuyi.errors import ConfigError, did_you_mean
from shuyi.strict import not_finite, parse_yaml

LONGEST = 100
"""Letters of a value that a message quotes."""
NO_LINE = "(?!\\n)"
"""End of a pattern that keeps ``$`` from matching before a line break."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file of the configuration.

    Parameters
    ----------
    file : str
        File of the configuration.
    place : str
        Key path (``weights.contiguity.kind``) or row and column (``row 3 (sdm), column weights``).
    found : str
        What stands there.
    allowed : str
        What could stand there.
    hint : str, default ""
        A guess at what was meant, or an example.
    fix : tuple of (path, value), optional
        A correction of the configuration, where one can be guessed: the value to set at the path,
        ``REMOVE``, or a tuple (new key, value) that renames the key.

    Examples
    --------
    >>> from shuyi.schema import Problem
    >>> print(Problem("config.yaml", "panel.first_year", "'x'", "a year"))
    config.yaml: panel.first_year: found 'x'; allowed: a year
    """

    file: str
    place: str
    found: str
    allowed: str
    hint: str = ""
    fix: tuple[tuple[Any, ...], Any] | None = None

    @property
    def section(self) -> str:
        """The first key of the place."""
        return self.place.split(".")[0]

    def __str__(self) -> str:
        tail = f" -- {self.hint}" if self.hint else ""
        return f"{self.file}: {self.place}: found {self.found}; allowed: {self.allowed}{tail}"


class _Remove:
    """Marks a key that a correction takes away."""


REMOVE = _Remove()


def check_config(
    config: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = "config/config.yaml"
) -> list[Problem]:
    """Compare a configuration with its JSON schema.

    Parameters
    ----------
    config, schema : mapping
        Parsed YAML.
    file : str
        Name for messages.

    Returns
    -------
    list of Problem
        In the order of the keys; empty if the configuration is valid. A key that is misspelt is one problem,
        not two: that it is missing under its right name follows.
    """
    from jsonschema import Draft202012Validator

    if not isinstance(config, Mapping):
        return [Problem(file, "(top level)", shown(config), "keys with values, `key: value`")]
    infinite = [Problem(file, dotted(path), "no finite number", "a number") for path in not_finite(config)]
    errors = sorted(
        Draft202012Validator(schema).iter_errors(config), key=lambda e: [str(p) for p in e.absolute_path]
    )
    problems = [problem for error in errors for problem in _explain(error, file)]
    renamed = {
        dotted((*p.fix[0][:-1], p.fix[1][0])) for p in problems if p.fix and isinstance(p.fix[1], tuple)
    }
    return infinite + [p for p in problems if p.place not in renamed]


def unsound(config: Any, problems: Iterable[Problem], keys: Iterable[str]) -> set[str]:
    """Return the sections of a configuration that have problems or are not there.

    Parameters
    ----------
    config : Any
        As it was read.
    problems : iterable of Problem
        From `check_config`.
    keys : iterable of str
        Every section.

    Returns
    -------
    set of str
        Sections that other checks must not rest on.
    """
    held = config if isinstance(config, Mapping) else {}
    return {problem.section for problem in problems} | {key for key in keys if key not in held}


def with_whole_numbers(content: Any, schema: Mapping[str, Any]) -> Any:
    """Return a configuration in which ``4.0`` is ``4`` wherever its schema asks for a whole number.

    Parameters
    ----------
    content : Any
        Plain data.
    schema : mapping
        JSON schema of the content.

    Returns
    -------
    Any
        New data.
    """
    return _converted(content, schema, schema, _whole)


def with_types(content: Any, schema: Mapping[str, Any]) -> Any:
    """Return a configuration in which texts are read as YAML wherever its schema asks for no text.

    Parameters
    ----------
    content : Any
        Plain data, whose numbers are texts: what stands on a command line.
    schema : mapping
        JSON schema of the content.

    Returns
    -------
    Any
        New data.
    """
    return _converted(content, schema, schema, _typed)


def _converted(
    content: Any, schema: Mapping[str, Any], root: Mapping[str, Any], convert: Callable[[Any, Any], Any]
) -> Any:
    for part in _parts(schema, root):
        content = convert(content, part)
        if isinstance(content, Mapping):
            named, others = part.get("properties", {}), part.get("additionalProperties")
            rules = {key: named.get(key, others) for key in content}
            content = {
                key: _converted(value, rules[key], root, convert)
                if isinstance(rules[key], Mapping)
                else value
                for key, value in content.items()
            }
        elif isinstance(content, list) and isinstance(part.get("items"), Mapping):
            content = [_converted(value, part["items"], root, convert) for value in content]
    return content


def _parts(schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a schema with those that it refers to or that may hold beside it."""
    found = [schema]
    if "$ref" in schema:
        target: Any = root
        for key in schema["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        found += _parts(target, root)
    for word in ("allOf", "anyOf", "oneOf"):
        found += [part for one in schema.get(word, ()) for part in _parts(one, root)]
    for word in ("then", "else"):
        if isinstance(schema.get(word), Mapping):
            found += _parts(schema[word], root)
    return found


def _whole(value: Any, schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", ())
    wanted = "integer" in ((kinds,) if isinstance(kinds, str) else kinds)
    chosen = any(type(choice) is int and choice == value for choice in schema.get("enum", ()))
    return int(value) if isinstance(value, float) and value.is_integer() and (wanted or chosen) else value


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    empty = "null" in kinds and value in ("", "null", "~")
    plain = bool(kinds) and "string" not in kinds
    numbers = [choice for choice in schema.get("enum", ()) if not isinstance(choice, str)]
    if not isinstance(value, str) or not (empty or plain or numbers):
        return value
    return parse_yaml(value, "--config")


def shown(value: Any) -> str:
    """Return a value as it is quoted in a message: on one line, not too long.

    Parameters
    ----------
    value : Any
        Plain data.

    Returns
    -------
    str
        At most about a hundred letters.
    """
    text = "null" if value is None else repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _explain(error: Any, file: str) -> list[Problem]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_keys(error, path, file)
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return [_missing_key(error, path, key, file) for key in missing if f"'{key}'" in error.message]
    if error.validator == "enum":
        return [_wrong_choice(error, path, file)]
    return [Problem(file, dotted(path), shown(error.instance), _requirement(error))]


def _unknown_keys(error: Any, path: tuple[Any, ...], file: str) -> list[Problem]:
    allowed = list(error.schema.get("properties", {}))
    problems = []
    for key in error.instance:
        if key in allowed:
            continue
        near = did_you_mean(str(key), [a for a in allowed if a not in error.instance])
        guess = re.findall(r"'(.*)'", near)
        fix = ((*path, key), (guess[0], error.instance[key])) if guess else ((*path, key), REMOVE)
        problems.append(Problem(file, dotted((*path, key)), "an unknown key", ", ".join(allowed), near, fix))
    return problems


def _missing_key(error: Any, path: tuple[Any, ...], key: str, file: str) -> Problem:
    about = error.schema.get("properties", {}).get(key, {})
    example = about.get("examples", [None])[0]
    fix = ((*path, key), example) if "examples" in about else None
    others = [str(name) for name in error.instance if name not in error.schema.get("properties", {})]
    near = did_you_mean(key, others).replace("did you mean", "is it the key")
    return Problem(
        file, dotted((*path, key)), "no such key", about.get("description", "required").strip(),
        near or (f"for example {key}: {example!r}" if fix else ""), fix,
    )  # fmt: skip


def _wrong_choice(error: Any, path: tuple[Any, ...], file: str) -> Problem:
    allowed = [str(choice) for choice in error.validator_value]
    near = did_you_mean(str(error.instance), allowed)
    guess = re.findall(r"'(.*)'", near)
    fix = (path, guess[0]) if guess else None
    return Problem(file, dotted(path), shown(error.instance), ", ".join(allowed), near, fix)


def _requirement(error: Any) -> str:
    about = error.schema.get("description", "").strip() if isinstance(error.schema, dict) else ""
    kind = str(error.validator_value)
    rule = {
        "type": f"a value of type {kind}",
        "minimum": f"at least {kind}",
        "maximum": f"at most {kind}",
        "exclusiveMinimum": f"more than {kind}",
        "exclusiveMaximum": f"less than {kind}",
        "minItems": f"at least {kind} item(s)",
        "maxItems": f"at most {kind} item(s)",
        "minLength": "a text that is not empty",
        "uniqueItems": "each item once",
        "pattern": f"text of the form {kind.removesuffix(NO_LINE)}",
        "propertyNames": "names of a-z, 0-9 and _, a letter first",
    }.get(error.validator, error.message)
    return f"{rule} ({about})" if about else rule


def dotted(path: Iterable[Any]) -> str:
    """Return a key path as text, e.g. ``weights.contiguity.kind``.

    Parameters
    ----------
    path : iterable of object
        Keys from the top level down.

    Returns
    -------
    str
        Keys joined by points, or ``(top level)``.

    Examples
    --------
    >>> from shuyi.schema import dotted
    >>> dotted(["weights", "contiguity", "kind"])
    'weights.contiguity.kind'
    """
    return ".".join(str(p) for p in path) or "(top level)"


def corrected(config: Mapping[str, Any], problems: Sequence[Problem]) -> str:
    """Return the corrected top-level blocks as YAML to paste, or nothing where none can be guessed.

    Parameters
    ----------
    config : mapping
        Configuration with the problems; it stays as it is.
    problems : sequence of Problem
        Problems, of which those with a correction are mended.

    Returns
    -------
    str
        YAML of the blocks that changed, or an empty string.
    """
    import yaml

    mended = copy.deepcopy(dict(config)) if isinstance(config, Mapping) else {}
    touched = []
    for problem in problems:
        if problem.fix is not None and _apply(mended, *problem.fix):
            path, value = problem.fix
            touched.append(value[0] if len(path) == 1 and isinstance(value, tuple) else path[0])
    blocks = {key: mended[key] for key in dict.fromkeys(touched) if key in mended}
    return yaml.safe_dump(blocks, allow_unicode=True, sort_keys=False) if blocks else ""


def _apply(mended: Any, path: tuple[Any, ...], value: Any) -> bool:
    for key in path[:-1]:
        if not _holds(mended, key):
            return False
        mended = mended[key]
    renames = isinstance(value, tuple)
    if not isinstance(mended, dict | list) or ((renames or value is REMOVE) and not _holds(mended, path[-1])):
        return False
    if renames:
        mended[value[0]] = mended.pop(path[-1])
    elif value is REMOVE:
        mended.pop(path[-1])
    else:
        mended[path[-1]] = value
    return True


def _holds(node: Any, key: Any) -> bool:
    if isinstance(node, list):
        return isinstance(key, int) and key < len(node)
    return isinstance(node, dict) and key in node


def raise_problems(problems: Sequence[Problem], config: Mapping[str, Any]) -> None:
    """Raise one ConfigError that lists every problem, with corrected YAML to paste, if there is any.

    Parameters
    ----------
    problems : sequence of Problem
        Problems found; with none nothing is raised.
    config : mapping
        Configuration to correct.

    Raises
    ------
    ConfigError
        Listing every problem.
    """
    if not problems:
        return
    listed = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, 1))
    block = corrected(config, problems)
    pasted = f"\nCorrected YAML to paste:\n\n{block}" if block else ""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise ConfigError(f"The configuration has {count}; no job was started.\n{listed}{pasted}")


def unknown_name(
    file: str, place: str, found: str, allowed: Sequence[str], path: tuple[Any, ...] | None = None
) -> Problem:
    """Return the problem of a name that is not among the allowed ones.

    Parameters
    ----------
    file : str
        File in which the name stands.
    place : str
        Key path, or row and column.
    found : str
        The name.
    allowed : sequence of str
        Names that would have been right.
    path : tuple of object, optional
        Keys of the name, if a near name may be proposed as a correction.

    Returns
    -------
    Problem
        With the nearest allowed name as hint and correction.

    Examples
    --------
    >>> from shuyi.schema import unknown_name
    >>> print(unknown_name("config.yaml", "index.weighting", "entrpy", ["entropy", "equal"]))
    config.yaml: index.weighting: found 'entrpy'; allowed: entropy, equal -- did you mean 'entropy'?
    """
    near = did_you_mean(found, allowed)
    guess = re.findall(r"'(.*)'", near)
    fix = (path, guess[0]) if guess and path else None
    return Problem(file, place, repr(found), ", ".join(allowed), near, fix)
