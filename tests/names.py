"""Which names the notebook's code binds and reads, found without running it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from tools.asserts import parse

SCOPES = (ast.FunctionDef, ast.ClassDef, ast.Lambda)  # what these bind is their own
LOOPS = (ast.For, ast.comprehension)


@dataclass
class Names:
    """Of one cell: what it binds at its top level and by loops, and what it needs to be there."""

    assigned: set[str]
    loops: set[str]
    needed: set[str]


def top_level(node: ast.AST) -> Iterator[ast.AST]:
    """All parts of a tree but the insides of functions and classes."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, SCOPES):
            yield from top_level(child)


def bound_by(node: ast.AST) -> set[str]:
    """The names that a statement, or a part of one, binds by itself."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return {node.id} - {"_"}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).partition(".")[0]}
    return {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef) else set()


def names_of(source: str) -> Names:
    """The names of a cell; what IPython adds to Python binds none."""
    tree = parse(source)
    top, every = list(top_level(tree)), list(ast.walk(tree))
    targets = {part for each in top if isinstance(each, LOOPS) for part in ast.walk(each.target)}
    loops = set().union(*map(bound_by, targets))
    assigned = set().union(*(bound_by(part) for part in top if part not in targets))
    read = {part.id for part in every if isinstance(part, ast.Name)}
    inner = {part.arg for part in every if isinstance(part, ast.arg)}.union(*map(bound_by, every))
    return Names(assigned, loops, read - assigned - loops - inner)


def doubles(cells: list[NotebookNode]) -> list[str]:
    """Each name that means two things, and the cells in which it does; it should be empty."""
    assigned, loops, needed, found = defaultdict(list), defaultdict(list), defaultdict(list), []
    for cell in cells:
        names = names_of(cell.source)
        for kind, where in ((names.loops, loops), (names.needed, needed)):
            for name in kind:
                where[name].append(cell.id)
        is_exercise = "exercises.check(" in cell.source
        for name in names.assigned - ({"answer"} if is_exercise else set()):
            assigned[name].append(cell.id)
    for name, where in assigned.items():
        if len(where) > 1:
            found.append(f"{name} is assigned in {', '.join(where)}")
        if name in loops:
            of_loops = ", ".join(loops[name])
            found.append(f"{name} is assigned in {', '.join(where)}, of a loop in {of_loops}")
    for name in needed.keys() & loops.keys() - assigned.keys():
        cells_, of_loops = ", ".join(needed[name]), ", ".join(loops[name])
        found.append(f"{name} is needed by {cells_} and left over from a loop in {of_loops}")
    return found
