"""Which names the notebook's code binds and reads, found without running it."""

import ast
from dataclasses import dataclass, field

from nbformat import NotebookNode

from tools.asserts import MAGIC


@dataclass
class Names(ast.NodeVisitor):
    """Of one cell: what it binds at its top level and by loops, and what it needs to be there."""

    assigned: set[str] = field(default_factory=set)
    loops: set[str] = field(default_factory=set)
    needed: set[str] = field(default_factory=set)
    inner: list[set[str]] = field(default_factory=list)  # of functions and comprehensions

    def bind(self, name: str, kind: set[str]) -> None:
        """Note a name where it belongs; what a function binds is its own."""
        if not self.inner and name != "_":
            kind.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        """A name that is bound or read."""
        known = (self.assigned, self.loops, *self.inner)
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id, self.assigned)
        elif not any(node.id in names for names in known):
            self.needed.add(node.id)

    def visit_alias(self, node: ast.alias) -> None:
        """An import."""
        self.bind((node.asname or node.name).partition(".")[0], self.assigned)

    def visit_Assign(self, node: ast.Assign) -> None:
        """What is assigned is read before."""
        for part in (node.value, *node.targets):
            self.visit(part)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Read as well as bound."""
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.visit(ast.Name(node.target.id, ast.Load()))
        self.visit(node.target)

    def visit_For(self, node: ast.For) -> None:
        """A loop, whose variables outlive it."""
        self.visit(node.iter)
        for name in stored(node.target):
            self.bind(name, self.loops)
        for part in (*node.body, *node.orelse):
            self.visit(part)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """A loop within an expression."""
        self.visit(node.iter)
        for test in node.ifs:
            self.visit(test)

    def visit_scope(self, node: ast.AST) -> None:
        """A function, a class or a comprehension: what it binds is its own."""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self.bind(node.name, self.assigned)
        own = stored(node) | {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
        if isinstance(node, COMPREHENSIONS):
            for name in own:
                self.bind(name, self.loops)
        self.inner.append(own)
        self.generic_visit(node)
        self.inner.pop()

    visit_FunctionDef = visit_ClassDef = visit_Lambda = visit_scope  # noqa: N815
    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_scope  # noqa: N815


COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def stored(node: ast.AST) -> set[str]:
    """All names that are bound anywhere in it."""
    every = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return {each.id for each in every if isinstance(each.ctx, ast.Store)}


def names_of(source: str) -> Names:
    """The names of a cell; what IPython adds to Python binds none."""
    found = Names()
    found.visit(ast.parse(MAGIC.sub(r"\1pass", source)))
    return found


def doubles(cells: list[NotebookNode]) -> list[str]:
    """Each name that means two things, and the cells in which it does; it should be empty."""
    uses = {cell.id: names_of(cell.source) for cell in cells}
    exercises = {cell.id for cell in cells if "exercises.check(" in cell.source}
    assigned, loops = by_name(uses, "assigned"), by_name(uses, "loops")
    found = []
    for name, where in assigned.items():
        if len(where) > 1 and not (name == "answer" and set(where) <= exercises):
            found.append(f"{name} is assigned in {', '.join(where)}")
        if name in loops:
            found.append(
                f"{name} is assigned in {', '.join(where)}, of a loop in {', '.join(loops[name])}"
            )
    for cell, names in uses.items():
        found += [
            f"{name} is needed by {cell} and left over from a loop in {', '.join(loops[name])}"
            for name in sorted(names.needed & set(loops) - set(assigned))
        ]
    return found


def by_name(uses: dict[str, Names], kind: str) -> dict[str, list[str]]:
    """For each name, the cells that have it."""
    every = sorted(set().union(*(getattr(names, kind) for names in uses.values())))
    return {
        name: [cell for cell, names in uses.items() if name in getattr(names, kind)]
        for name in every
    }
