"""Turn a notebook's asserts into records, so that a failing assert is noted and stops nothing.

`record()` does that in a kernel, without changing the cells; `records` holds the results. This
module needs nothing but the standard library and IPython, so that any kernel can import it.
"""

import ast
import json
import math
import operator
import re
import sys
from collections.abc import Callable
from typing import Any

MAGIC = re.compile(r"^(\s*)[%!].*$", re.M)
MARK = "claims: "  # before the records
NAME = "__record_assert__"  # function that asserts become calls of; no cell uses such a name
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Is": operator.is_,
    "IsNot": operator.is_not,
    "In": lambda one, many: one in many,
    "NotIn": lambda one, many: one not in many,
}
HERE = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)  # work differently inside a function
SIGNS = {"Lt": 1, "LtE": 1, "Gt": -1, "GtE": -1}  # of right minus left, if the claim holds
records: list[dict[str, Any]] = []


def record() -> None:
    """Record the asserts of every cell that this kernel runs from now on."""
    from IPython import get_ipython

    shell, cells = get_ipython(), []
    shell.events.register("pre_run_cell", lambda run: cells.append(run) if run.store_history else 0)
    shell.ast_transformers.append(AssertRecorder())
    shell.user_ns[NAME] = lambda *claim: note(len(cells), *claim)


def tell() -> None:
    """Print all records as JSON on a marked line, as a cell may make the kernel print more."""
    sys.stdout.write(f"\n{MARK}{json.dumps(records)}\n")


class AssertRecorder(ast.NodeTransformer):
    """A transformer that turns each `assert` into a call that records its text and comparisons."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """Return a call with the assert's text and a part for each claim that `and` joins."""
        text = ast.Constant(ast.unparse(node.test))
        part = eager if any(isinstance(each, HERE) for each in ast.walk(node.test)) else deferred
        arguments = [text, *map(part, parts_of(node.test))]
        call = ast.Call(ast.Name(NAME, ast.Load()), arguments, [])
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), node))


def parse(source: str) -> ast.Module:
    """Parse a cell, leaving out lines in IPython's own syntax, with % or !."""
    return ast.parse(MAGIC.sub(r"\1pass", source))


def asserts_in(source: str) -> list[str]:
    """Return the text of each assert in a cell."""
    found = [node for node in ast.walk(parse(source)) if isinstance(node, ast.Assert)]
    return [ast.unparse(node.test) for node in found]


def without_asserts(source: str) -> str:
    """Return a cell's code without asserts, and without an `if` that guards only asserts."""
    return ast.unparse(AssertRemover().visit(parse(source)))


class AssertRemover(ast.NodeTransformer):
    """A transformer that drops asserts, and each `if` that guards nothing else."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Drop the assert."""

    def visit_If(self, node: ast.If) -> ast.If | None:
        """Drop the `if` if nothing is left in it."""
        self.generic_visit(node)
        is_empty = all(isinstance(each, ast.Pass) for each in [*node.body, *node.orelse])
        return None if is_empty else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Put a `pass` into a block that has become empty."""
        super().generic_visit(node)
        if getattr(node, "body", None) == [] and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node


def parts_of(test: ast.expr) -> list[ast.expr]:
    """Return the conditions that `and` joins, or the only one."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return test.values
    return [test]


def deferred(test: ast.expr) -> ast.expr:
    """Return code for a tuple: the names of the comparisons, then a function for each value."""
    names, values = [], [test]
    if isinstance(test, ast.Compare):
        names = [type(each).__name__ for each in test.ops]
        values = [test.left, *test.comparators]
    nothing = ast.arguments([], [], None, [], [], None, [])
    functions = [ast.Lambda(nothing, value) for value in values]
    return ast.Tuple([ast.Constant(" ".join(names)), *functions], ast.Load())


def eager(test: ast.expr) -> ast.expr:
    """Return code for a tuple whose condition is computed where the assert stands.

    Its comparisons and numbers aren't recorded.
    """
    held = ast.arguments([], [ast.arg("held")], None, [], [], None, [test])  # lambda held=test
    function = ast.Lambda(held, ast.Name("held", ast.Load()))
    return ast.Tuple([ast.Constant(""), function], ast.Load())


def note(cell: int, text: str, *parts: tuple) -> None:
    """Record one assert of a cell; like Python, stop at the first part that is false."""
    held, numbers = True, []
    for names, first, *others in parts:
        left = first()
        held = bool(left) if not names else True
        for name, value_of in zip(names.split(), others, strict=True):
            right = value_of()
            held = bool(OPERATORS[name](left, right))
            if name in SIGNS and is_number(left) and is_number(right):
                ends = [as_float(left), as_float(right)]
                numbers.append([*ends, SIGNS[name] * (ends[1] - ends[0])])
            left = right
            if not held:
                break
        if not held:
            print(f"This claim did not hold here: {text}", file=sys.stderr)
            break
    records.append({"cell": cell, "text": text, "held": held, "numbers": numbers})


def is_number(value: Any) -> bool:
    """Tell whether a value is a single number, of Python, NumPy or PyTorch."""
    if isinstance(value, bool | str | bytes):
        return False
    return getattr(value, "ndim", 0) == 0 and hasattr(value, "__float__")


def as_float(value: Any) -> float:
    """Return a number as a Python float; without its gradient, of which PyTorch would warn."""
    try:
        return float(value.detach() if hasattr(value, "detach") else value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
