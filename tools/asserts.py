"""Turn a notebook's asserts into records, so that a failing assert is noted and stops nothing.

`record()` does that in a kernel, without changing the cells; RECORDS names the file it writes. This
module needs nothing but the standard library and IPython, so that any kernel can import it.
"""

import ast
import json
import math
import os
import re
import sys
from itertools import pairwise
from typing import Any

MAGIC = re.compile(r"^(\s*)[%!].*$", re.M)
RECORDS = "RECORDED_ASSERTS"  # an environment variable: the file of the records, one on a line
BEGIN, SEE, RECORD = "__begin_assert__", "__see_value__", "__record_assert__"  # no cell's names
SIGNS = {"Lt": 1, "LtE": 1, "Gt": -1, "GtE": -1}  # of right minus left, if the claim holds
seen: list[list[tuple[str, Any]]] = []  # the values of each assert that is being evaluated


def record() -> None:
    """Record the asserts of every cell that this kernel runs from now on."""
    from IPython import get_ipython

    shell, cells = get_ipython(), []
    shell.events.register("pre_run_cell", lambda run: cells.append(run) if run.store_history else 0)
    shell.ast_transformers.append(AssertRecorder())
    shell.user_ns[BEGIN] = lambda: seen.append([])
    shell.user_ns[SEE] = see
    shell.user_ns[RECORD] = lambda _, held, text: note(len(cells), text, bool(held))


class AssertRecorder(ast.NodeTransformer):
    """A transformer that turns each `assert` into a call that records its text and comparisons."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """Return a call; its arguments note that the assert begins, evaluate it, and name it."""
        text, test, parts = ast.unparse(node.test), node.test, [node.test]
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            parts = test.values
        for part in parts:
            if isinstance(part, ast.Compare):
                part.left = call(SEE, part.left, ast.Constant(""))
                part.comparators = [
                    call(SEE, value, ast.Constant(type(comparison).__name__))
                    for value, comparison in zip(part.comparators, part.ops, strict=True)
                ]
        recorded = call(RECORD, call(BEGIN), test, ast.Constant(text))
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(recorded), node))


def call(name: str, *arguments: ast.expr) -> ast.Call:
    """Return code that calls a function."""
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def see(value: Any, comparison: str) -> Any:
    """Keep a value of an assert, and how it is compared with the one before it; return it."""
    seen[-1].append((comparison, value))
    return value


def note(cell: int, text: str, held: bool) -> None:
    """Record one assert of a cell, with each number that it compared and how far it lay off."""
    values, numbers = seen.pop(), []
    for (_, left), (comparison, right) in pairwise(values):
        if comparison in SIGNS and is_number(left) and is_number(right):
            ends = [as_float(left), as_float(right)]
            numbers.append([*ends, SIGNS[comparison] * (ends[1] - ends[0])])
    if not held:
        print(f"This claim did not hold here: {text}", file=sys.stderr)
    with open(os.environ[RECORDS], "a", encoding="utf-8") as file:
        file.write(
            json.dumps({"cell": cell, "text": text, "held": held, "numbers": numbers}) + "\n"
        )


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
