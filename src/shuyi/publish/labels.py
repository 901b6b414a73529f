"""Words for tables and figures in the language of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import TYPE_CHECKING, Literal

from shuyi.errors import ConfigError, check_known, did_you_mean, offenders

if TYPE_CHECKING:
    import pandas as pd


Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Labels:
    """A dictionary of texts in one language.

    Parameters
    ----------
    language : {"en", "zh"}
        Language of the texts.
    texts : mapping
        Text per key; a text may hold ``{fields}``.
    numbers : mapping of str to str, default empty
        Number of each table and figure of the paper by name.
    units : mapping of str to str, default empty
        Display name of each unit by label.

    Examples
    --------
    >>> from shuyi.publish.labels import Labels
    >>> labels = Labels("en", {"gdp": "GDP per head", "lag.W": "W × {term}"})
    >>> labels.term("W_gdp")
    'W × GDP per head'
    """

    language: Language
    texts: Mapping[str, str]
    numbers: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_rows(
        cls, rows: Iterable[Mapping[str, str]], language: Language, numbers: Mapping[str, str] | None = None
    ) -> Labels:
        """Build the labels of one language from rows with the fields key, en and zh.

        Parameters
        ----------
        rows : iterable of mapping of str to str
            Rows with the fields key, en and zh.
        language : {"en", "zh"}
            Language wanted.
        numbers : mapping of str to str, optional
            Number of each table and figure of the paper by name.

        Returns
        -------
        Labels
            Texts by key, in the order of the rows.

        Raises
        ------
        ConfigError
            If the language is unknown, a key occurs twice, a text is empty in either language, or the texts
            of a key have other fields or stray braces.
        """
        rows = list(rows)
        check_known(language, LANGUAGES, "language")
        keys = [row["key"] for row in rows]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        empty = [row["key"] for row in rows if not all(row[known] for known in LANGUAGES)]
        if twice or empty:
            raise ConfigError(
                "The labels in config/labels are not complete.",
                expected="each key once, with a text in en and zh",
                found=f"repeated: {offenders(twice) or 'none'}; without a text: {offenders(empty) or 'none'}",
            )
        _check_fields(rows)
        return cls(language, {row["key"]: row[language] for row in rows}, numbers or {})

    def with_units(self, names: Mapping[str, str]) -> Labels:
        """Return the labels with the display names of units, which `unit` gives.

        Parameters
        ----------
        names : mapping of str to str
            Display name by label.

        Returns
        -------
        Labels
            Otherwise the same.
        """
        return replace(self, units=dict(names))

    def unit(self, identifier: object) -> str:
        """Return the display name of a unit, or its id where it has none.

        Parameters
        ----------
        identifier : object
            Label of a unit.

        Returns
        -------
        str
            The name, ready to print.
        """
        return self.units.get(str(identifier), str(identifier))

    def number(self, name: str) -> str:
        """Return the number of a table or figure; one that the paper does not number goes by its name.

        Parameters
        ----------
        name : str
            Name of a table or figure.

        Returns
        -------
        str
            For example ``9b``.
        """
        return self.numbers.get(name, name)

    def text(self, key: str, **fields: object) -> str:
        """Return the text of a key with its fields filled in.

        Parameters
        ----------
        key : str
            Key of the text.
        **fields
            Values of the fields in braces.

        Returns
        -------
        str
            The text, ready to print.

        Raises
        ------
        ConfigError
            If the key has no text.
        """
        if key not in self.texts:
            raise ConfigError(
                f"No label for {key!r}.",
                expected="a row in one of the files of config/labels",
                remedy=did_you_mean(key, self.texts) or f"add the row: {key},<English>,<Chinese>",
            )
        if not fields:
            return self.texts[key]
        try:
            return self.texts[key].format(**fields)
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise ConfigError(
                f"The label {key!r} has braces that are no field.",
                expected=f"fields among {', '.join(f'{{{name}}}' for name in fields)}; other braces doubled",
                found=f"{self.texts[key]!r} ({error})",
                remedy="correct the text in config/labels",
            ) from None

    def term(self, name: str) -> str:
        """Return the label of a model term; ``W_x`` and ``L_x`` are the spatial and time lag of ``x``.

        A user's own variable without a label is called by its name.

        Parameters
        ----------
        name : str
            Name of a variable or model term.

        Returns
        -------
        str
            The text, ready to print.
        """
        if name in self.texts:
            return self.texts[name]
        for prefix in ("W_", "L_"):
            if name.startswith(prefix):
                return self.text(f"lag.{prefix[0]}", term=self.term(name.removeprefix(prefix)))
        return name

    def name(self, kind: str, identifier: str) -> str:
        """Return the label of ``kind.identifier``, or the identifier that a user chose.

        Parameters
        ----------
        kind : str
            First part of the key.
        identifier : str
            Second part of the key.

        Returns
        -------
        str
            The text, ready to print.
        """
        return self.texts.get(f"{kind}.{identifier}", identifier)


def _check_fields(rows: Iterable[Mapping[str, str]]) -> None:
    """Raise ConfigError unless both texts of each key have the same plain fields."""
    wrong = []
    for row in rows:
        texts = [row[language] for language in LANGUAGES]
        if not any("{" in text or "}" in text for text in texts):
            continue
        fields = [_fields(text) for text in texts]
        if None in fields:
            wrong.append(f"{row['key']!r}: {row[LANGUAGES[fields.index(None)]]!r} has a stray brace")
        elif fields[0] != fields[1]:
            named = (f"{{{', '.join(sorted(found or ()))}}}" for found in fields)
            wrong.append(f"{row['key']!r}: {' but '.join(named)} in the other language")
    if wrong:
        raise ConfigError(
            "Texts in config/labels have fields that cannot be filled in.",
            expected="the same {fields}, names alone, in en and zh; a brace that is printed is doubled",
            found="; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""),
            remedy="correct the texts in config/labels",
        )


def _fields(text: str) -> set[str] | None:
    """Return the names of a text's fields, or None where braces are no plain fields."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return None
    plain = all(name and name.isidentifier() and not (form or kind) for _, name, form, kind in parts)
    return {str(name) for _, name, _, _ in parts} if plain else None


Row = tuple[str, Mapping[str, str]]


def label_rows(rows: Iterable[Row]) -> pd.DataFrame:
    """Return pairs of key and text by language as a frame with the columns key, en and zh.

    Parameters
    ----------
    rows : iterable of (str, mapping)
        A key that occurs again with the same text is kept once.

    Returns
    -------
    DataFrame
        In the order in which the keys first occur.
    """
    import pandas as pd

    found = pd.DataFrame([(key, text["en"], text["zh"]) for key, text in rows], columns=["key", "en", "zh"])
    return found.drop_duplicates(ignore_index=True)
