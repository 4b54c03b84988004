"""Modules of JavaScript joined to one script, as a single file can't fetch modules."""

import re
from pathlib import Path

IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";\n', re.M)
EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|const|let|class) (\w+))", re.M)


def bundled(entry: Path) -> str:
    """A module and all that it imports, each once, what is needed first coming first."""
    return "\n".join(closed(path) for path in ordered(entry))


def ordered(entry: Path, seen: tuple[Path, ...] = ()) -> list[Path]:
    """A module after all that it imports."""
    found: list[Path] = []
    for _, name in IMPORT.findall(entry.read_text(encoding="utf-8")):
        path = entry.with_name(f"{name}.js")
        if path in (*seen, entry):
            raise ValueError(f"{entry.name} and {path.name} import each other.")
        found += [each for each in ordered(path, (*seen, entry)) if each not in found]
    return [*found, entry]


def closed(path: Path) -> str:
    """A module as a function that is called at once: what it doesn't export stays its own."""
    text = path.read_text(encoding="utf-8")
    names = ", ".join(name for _, name in EXPORT.findall(text))
    text = IMPORT.sub(r"const \1 = module_\2;\n", text)
    body = EXPORT.sub(r"\1", text).strip()
    return f"const module_{path.stem} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n"
