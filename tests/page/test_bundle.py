"""Modules joined to one script."""

from pathlib import Path

import pytest

from page.bundle import bundled


def write(folder: Path, **modules: str) -> Path:
    """Some modules; the first is where it begins."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / f"{next(iter(modules))}.js"


def test_what_is_needed_comes_first_and_once(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main='import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\na(b);\n',
        a='import { b } from "./b.js";\nexport function a() { return b; }\n',
        b="export const b = 1;\n",
    )
    expected = "const b = 1;\n\nfunction a() { return b; }\n\na(b);\n"
    assert bundled(main) == expected


def test_two_things_of_one_name_are_refused(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main='import { a } from "./a.js";\nconst size = a;\n',
        a="export const a = 1;\nconst size = 2;\n",
    )
    with pytest.raises(ValueError, match=r"size is in a\.js and in main\.js"):
        bundled(main)


def test_modules_that_need_each_other_are_refused(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main='import { a } from "./a.js";\nexport const b = a;\n',
        a='import { b } from "./main.js";\nexport const a = b;\n',
    )
    with pytest.raises(ValueError, match="import each other"):
        bundled(main)
