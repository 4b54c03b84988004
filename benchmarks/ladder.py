"""Train the ladder from five seeds, keep every run, and write the README's table."""

import json

from benchmarks import readme
from handreader.common.files import write_text
from handreader.common.progress import progress_bar
from helpers import data, records
from helpers.runs import Run, describe
from trainer import command as train


def train_all(todo: list[tuple[str, str, int]], runs: list[dict]) -> list[dict]:
    """Do the missing runs and add them to the others, saving after each."""
    digits = {
        name: data.load_digits(train.source_of(name)) for name in {name for _, name, _ in todo}
    }
    with progress_bar(len(todo), "runs", "run") as bar:
        for name, dataset, seed in todo:
            bar.set_postfix_str(f"{name}, seed {seed}")
            run = Run(records.recipe_of(name, dataset), digits[dataset], seed)
            train.use_threads_for(run)
            run.train()
            runs = [old for old in runs if not records.is_of(old, name, dataset, seed)]
            runs.append(describe(name, run, digits[dataset]))
            write_text(records.RESULTS, json.dumps({"runs": runs}, indent=1) + "\n")
            bar.update()
    return runs


def main(again: bool) -> int:
    """Do the missing runs (`again`: all runs), then renew the README's table."""
    runs = records.read()
    readme.check_place("results")
    if todo := records.missing([] if again else runs):
        runs = train_all(todo, runs)
    readme.renew("results", records.table(runs))
    print(records.table(runs))
    return 0
