"""Variables derived by an expression such as ``ln(gdp / pop)``: parsed, checked, evaluated; no code is run.

An expression holds numbers, names of variables, ``+ - * / **``, parentheses and the functions of `FUNCTIONS`.
Sums and differences need one unit of measurement on both sides; logarithms and powers state what they are of.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, did_you_mean, offenders
from shuyi.periods import Period, lag_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel

LONGEST = 500
"""Letters of an expression."""
DEEPEST = 40
"""Operations within one another."""
OPERATORS: dict[type, tuple[str, Callable[..., Any]]] = {
    ast.Add: ("+", np.add),
    ast.Sub: ("-", np.subtract),
    ast.Mult: ("×", np.multiply),
    ast.Div: ("/", np.divide),
    ast.Pow: ("**", np.power),
}
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "ln": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
}
OVER_TIME = ("lag", "diff", "growth", "first", "deflate")
"""Functions that look along the periods of a unit."""
FUNCTIONS = (*ELEMENTWISE, *OVER_TIME)
HELP = (
    "numbers, names of variables, + - * / **, ln(x), log10(x), exp(x), sqrt(x), abs(x), lag(x, k), "
    "diff(x, k), growth(x, k), first(x), deflate(x, index)"
)


@dataclass(frozen=True, eq=False)
class Expression:
    """A parsed expression.

    Parameters
    ----------
    text : str
        As written.
    tree : ast.expr
        Checked syntax tree.
    names : tuple of str
        Variables that it reads, in the order of their first appearance.

    Examples
    --------
    >>> parse_expression("ln(gdp / pop)").names
    ('gdp', 'pop')
    """

    text: str
    tree: ast.expr
    names: tuple[str, ...]

    def evaluate(self, panel: Panel) -> NDArray[np.float64]:
        """Return the values over a panel.

        Parameters
        ----------
        panel : Panel
            Holds every variable of the expression.

        Returns
        -------
        ndarray, shape (T, n)
            NaN where an input is missing or an earlier period lies outside the panel.

        Raises
        ------
        DataError
            If a variable is missing, or a result is not finite where its inputs are.
        """
        with np.errstate(all="ignore"):
            values = np.broadcast_to(_value(self.tree, panel), (panel.T, panel.n)).astype(np.float64)
        known = np.all([np.isfinite(panel[name]) for name in self.names], axis=0)
        wrong = np.isinf(values) if self._looks_back else known & ~np.isfinite(values)
        if wrong.any():
            cells = [f"{panel.units[i]} {panel.periods[t]}" for t, i in np.argwhere(wrong)]
            raise DataError(
                f"The expression {self.text!r} is not finite.",
                expected="logarithms of values above zero, divisors other than zero",
                found=f"at {offenders(cells)}",
                remedy="correct the cells, or change the expression",
            )
        return values

    @property
    def _looks_back(self) -> bool:
        calls = [node.func.id for node in ast.walk(self.tree) if isinstance(node, ast.Call)]  # type: ignore[attr-defined]
        return any(name in OVER_TIME for name in calls)

    def measure(self, measures: Mapping[str, str]) -> str:
        """Return the unit of measurement that follows from those of the inputs.

        Parameters
        ----------
        measures : mapping of str to str
            Unit of measurement by variable; empty where it is not known.

        Returns
        -------
        str
            Empty where it does not follow.

        Raises
        ------
        ConfigError
            If two units are added or subtracted.
        """
        return _measure(self.tree, measures, self.text)


def parse_expression(text: str) -> Expression:
    """Parse an expression and check that it holds nothing but arithmetic.

    Parameters
    ----------
    text : str
        For example ``ln(gdp / population)``.

    Returns
    -------
    Expression
        Ready to be evaluated.

    Raises
    ------
    ConfigError
        If it is no expression, is too long, or holds anything that is not in `FUNCTIONS` and arithmetic.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.panel import Panel
    >>> panel = Panel(np.array([[[1.0, 2.0]], [[3.0, 12.0]]]), ("a",), (2020, 2021), ("x", "y"))
    >>> parse_expression("y / x - 1").evaluate(panel).ravel()
    array([1., 3.])
    """
    if len(text) > LONGEST:
        raise _wrong(text[:60], f"{len(text)} letters; at most {LONGEST}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(text, getattr(error, "msg", "") or "no expression") from None
    names: dict[str, None] = {}
    _check(tree, text, names, 0)
    return Expression(text, tree, tuple(names))


def _wrong(text: str, found: str, remedy: str = "") -> ConfigError:
    return ConfigError(f"The expression {text!r} cannot be read.", expected=HELP, found=found, remedy=remedy)


def _check(node: ast.AST, text: str, names: dict[str, None], depth: int) -> None:
    if depth > DEEPEST:
        raise _wrong(text[:60], f"more than {DEEPEST} operations within one another")
    match node:
        case ast.Constant(value=bool()):
            raise _wrong(text, "a truth value")
        case ast.Constant(value=int() | float()):
            return
        case ast.Name(id=name):
            names.setdefault(name)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _check(inner, text, names, depth + 1)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            _check(left, text, names, depth + 1)
            _check(right, text, names, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            _check_call(name, arguments, text, names, depth)
        case _:
            raise _wrong(text, f"{ast.unparse(node)!r}, which is no arithmetic")


def _check_call(
    name: str, arguments: Sequence[ast.expr], text: str, names: dict[str, None], depth: int
) -> None:
    if name not in FUNCTIONS:
        meant = {"log": "write ln for the natural and log10 for the common logarithm"}
        raise _wrong(text, f"the function {name!r}", meant.get(name, "") or did_you_mean(name, FUNCTIONS))
    most = 2 if name in ("lag", "diff", "growth", "deflate") else 1
    least = 2 if name == "deflate" else 1
    if not least <= len(arguments) <= most:
        raise _wrong(text, f"{name} with {len(arguments)} arguments", f"{name} takes {least} to {most}")
    _check(arguments[0], text, names, depth + 1)
    if name == "deflate":
        _check(arguments[1], text, names, depth + 1)
    elif len(arguments) == 2:
        _steps(arguments[1], name, text)


def _steps(node: ast.expr, name: str, text: str = "") -> int:
    if not (isinstance(node, ast.Constant) and type(node.value) is int and node.value > 0):
        raise _wrong(
            text, f"{name} by {ast.unparse(node)!r}", "the number of periods is a whole number above zero"
        )
    return node.value


def _value(node: ast.expr, panel: Panel) -> Any:
    match node:
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return panel[name]
        case ast.UnaryOp(op=operator, operand=inner):
            return -_value(inner, panel) if isinstance(operator, ast.USub) else _value(inner, panel)
        case ast.BinOp(left=left, op=operator, right=right):
            return OPERATORS[type(operator)][1](_value(left, panel), _value(right, panel))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, arguments, panel)
    raise AssertionError(ast.dump(node))


def _call(name: str, arguments: Sequence[ast.expr], panel: Panel) -> Any:
    values = np.broadcast_to(_value(arguments[0], panel), (panel.T, panel.n))
    if name in ELEMENTWISE:
        return ELEMENTWISE[name](values)
    if name == "first":
        return np.broadcast_to(values[0], values.shape)
    if name == "deflate":
        prices = np.broadcast_to(_value(arguments[1], panel), values.shape)
        return values / (prices / prices[0])
    back = _lagged(values, panel, _steps(arguments[1], name) if len(arguments) == 2 else 1)
    return {"lag": back, "diff": values - back, "growth": values / back - 1.0}[name]


def _lagged(values: NDArray[np.float64], panel: Panel, steps: int) -> NDArray[np.float64]:
    """Return the values of as many periods before, by the calendar and never by the row."""
    periods = [p if isinstance(p, Period) else Period("year", int(p)) for p in panel.periods]
    earlier = np.array(lag_positions(periods, steps))
    found = values[earlier].copy()
    found[earlier < 0] = np.nan
    return found


def _measure(node: ast.expr, measures: Mapping[str, str], text: str) -> str:
    match node:
        case ast.Name(id=name):
            return measures.get(name, "")
        case ast.UnaryOp(operand=inner):
            return _measure(inner, measures, text)
        case ast.BinOp(left=left, op=operator, right=right):
            return _of_operation(
                operator, _measure(left, measures, text), _measure(right, measures, text), text
            )
        case ast.Call(func=ast.Name(id=name), args=arguments):
            inner_unit = _measure(arguments[0], measures, text)
            if name in ("ln", "log10"):
                return f"{name} of {inner_unit}" if inner_unit else ""
            return inner_unit if name in ("lag", "diff", "first", "abs") else ""
    return ""


def _of_operation(operator: ast.operator, left: str, right: str, text: str) -> str:
    if isinstance(operator, (ast.Add, ast.Sub)):
        if left and right and left != right:
            raise ConfigError(
                f"The expression {text!r} adds or subtracts different units.",
                expected="one unit of measurement on both sides",
                found=f"{left!r} and {right!r}",
                remedy="convert one side: multiply it by a number, or correct measures:",
            )
        return left or right
    if isinstance(operator, ast.Div) and left and right:
        return f"{left} per {right}" if left != right else "ratio"
    return ""


def ordered(expressions: Mapping[str, Expression], held: Sequence[str]) -> list[str]:
    """Return the names of derived variables so that each follows those that it reads.

    Parameters
    ----------
    expressions : mapping of str to Expression
        By name of the variable.
    held : sequence of str
        Variables of the sources.

    Returns
    -------
    list of str
        Every name once.

    Raises
    ------
    ConfigError
        If a name is unknown, or expressions refer to each other in a circle.

    Examples
    --------
    >>> ordered({"b": parse_expression("a + 1"), "a": parse_expression("x")}, ["x"])
    ['a', 'b']
    """
    known, done = (*held, *expressions), list[str]()
    for name, expression in expressions.items():
        unknown = [n for n in expression.names if n not in known]
        if unknown:
            raise ConfigError(
                f"The derived variable {name!r} reads what the paper has not.",
                expected=f"variables among {offenders(known, 20)}",
                found=offenders(unknown),
                remedy=did_you_mean(unknown[0], known),
            )
    while len(done) < len(expressions):
        ready = [
            name
            for name, expression in expressions.items()
            if name not in done and all(n in done or n not in expressions for n in expression.names)
        ]
        if not ready:
            left = [name for name in expressions if name not in done]
            raise ConfigError(
                "Derived variables refer to each other in a circle.",
                found=offenders(left),
                expected="no circle",
            )
        done += ready
    return done
