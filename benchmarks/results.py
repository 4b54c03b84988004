"""Train the ladder from five seeds, keep every run, and write the table of the README."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import commands, records  # noqa: E402
from helpers.files import write_text  # noqa: E402

README = ROOT / "README.md"


def in_readme(readme: str, runs: list[dict]) -> str:
    """The README with the table between its two marks renewed."""
    return records.between_marks(readme, "results", records.table(runs))


def readme_text() -> str:
    """What the README says now."""
    return records.text_of(README)


def train_all(todo: list[tuple[str, str, int]], runs: list[dict]) -> list[dict]:
    """Add the runs that are to be made, saving after each."""
    from helpers import data, jobs, outcome
    from helpers.progress import progress_bar
    from helpers.runs import Run

    commands.interruptible()
    digits = {
        name: data.load_digits(jobs.source_of(name)) for name in {name for _, name, _ in todo}
    }
    with progress_bar(len(todo), "runs", "run") as bar:
        for name, dataset, seed in todo:
            bar.set_postfix_str(f"{name}, seed {seed}")
            run = Run(records.recipe_of(name, dataset), digits[dataset], seed)
            jobs.use_threads_for(run)
            run.train()
            runs = [old for old in runs if not records.is_of(old, name, dataset, seed)]
            runs.append(outcome.describe(name, run, digits[dataset]))
            write_text(records.RESULTS, json.dumps({"runs": runs}, indent=1) + "\n")
            bar.update()
    return runs


def main() -> int:
    """Run what is missing, then renew the README."""
    parser = commands.Parser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="run all, also what is recorded")
    again = parser.parse_args().again
    commands.prepare()
    commands.work_in(ROOT)  # so that the default folder is the repository's
    runs = records.read()
    in_readme(readme_text(), runs)
    if todo := records.missing([] if again else runs):
        runs = train_all(todo, runs)
    write_text(README, in_readme(readme_text(), runs))
    print(records.table(runs))
    return 0


if __name__ == "__main__":
    commands.run(main, "Stopped by you; finished runs are kept, call again to go on.")
