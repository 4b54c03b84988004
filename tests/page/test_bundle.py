"""Modules joined to one script."""

from pathlib import Path
from typing import Any

import pytest

from page.bundle import bundled


def write(folder: Path, **modules: str) -> Path:
    """Some modules; the first is where it begins."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / f"{next(iter(modules))}.js"


def test_joined_modules_keep_their_own_names_and_share_what_they_export(
    tmp_path: Path, modules: Any
) -> None:
    main = write(
        tmp_path,
        main='import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\n'
        "const size = 1;\nglobalThis.found = [a(), b, size];\n",
        a='import { b } from "./b.js";\nconst size = 2;\n'
        "export function a() { return b + size; }\n",
        b="globalThis.times = (globalThis.times ?? 0) + 1;\nexport const b = 40;\n",
    )
    modules.evaluate(bundled(main))
    assert modules.evaluate("[...found, times]") == [42, 40, 1, 1]


def test_modules_that_need_each_other_are_refused(tmp_path: Path) -> None:
    imports = 'import {{ a }} from "./{}.js";\nexport const b = a;\n'
    main = write(tmp_path, main=imports.format("a"), a=imports.format("main"))
    with pytest.raises(ValueError, match="import each other"):
        bundled(main)
