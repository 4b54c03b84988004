"""Modules of JavaScript joined to one script, as a single file can't fetch modules."""

import re
from pathlib import Path

IMPORT = re.compile(r'^import .*? from "(\./[^"]+)";\n', re.M | re.S)
EXPORT = re.compile(r"^export (?=(?:async )?function|const|let|class)", re.M)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)", re.M)


def bundled(entry: Path) -> str:
    """A module and all that it imports, each once, what is needed first coming first."""
    modules = ordered(entry)
    check_names(modules)
    texts = [path.read_text(encoding="utf-8") for path in modules]
    return "\n".join(EXPORT.sub("", IMPORT.sub("", text)).strip() + "\n" for text in texts)


def ordered(entry: Path, seen: tuple[Path, ...] = ()) -> list[Path]:
    """A module after all that it imports."""
    found: list[Path] = []
    for name in IMPORT.findall(entry.read_text(encoding="utf-8")):
        path = (entry.parent / name).resolve()
        if path in seen:
            raise ValueError(f"{entry.name} and {path.name} import each other")
        found += [each for each in ordered(path, (*seen, entry)) if each not in found]
    return [*found, entry]


def check_names(modules: list[Path]) -> None:
    """Refuse two modules that give one name to two things, as joined they would share it."""
    owners: dict[str, str] = {}
    for path in modules:
        for name in TOP_LEVEL.findall(path.read_text(encoding="utf-8")):
            if name in owners:
                raise ValueError(f"{name} is in {owners[name]} and in {path.name}")
            owners[name] = path.name
