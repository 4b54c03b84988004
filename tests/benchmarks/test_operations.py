"""An epoch is taken apart into kinds of operations, none of which is lost."""

from tqdm import tqdm

from benchmarks import operations
from helpers.data import Digits
from helpers.recipes import Recipe, Warps
from helpers.runs import Run

SMALL = Recipe(model="cnn", sizes=(2, 3), batch_norm=True, warps=Warps(rotation=5))


def test_epoch_and_what_it_takes_alone_are_told_by_the_same_kinds(digits: Digits) -> None:
    with tqdm(total=3, disable=True) as bar:
        epoch, alone = operations.taken_apart(Run(SMALL, digits), bar)
    learning = {"convolutions", "pooling", "batch norm", "matrix products", "ReLU", "optimiser"}
    assert learning | {"fetching a batch", operations.OUTSIDE} <= epoch.keys() & alone.keys()
    assert all(seconds > 0 for seconds in [*epoch.values(), *alone.values()])


def test_table_has_the_slowest_first_and_a_sum() -> None:
    lines = operations.table("x", {"a": 1.0, "b": 3.0, "c": 0.0}, {"a": 1.0, "b": 2.0, "c": 0.0})
    assert lines[2:] == [
        "| b | 3.00 s | 2.00 s | 1.50 |",
        "| a | 1.00 s | 1.00 s | 1.00 |",
        "| c | 0.00 s | 0.00 s |  |",
        "| all | 4.00 s | 3.00 s | 1.33 |",
        "",
    ]


def test_operations_have_one_kind_each_and_unknown_ones_are_not_lost() -> None:
    kinds = {
        "aten::convolution_backward": "convolutions",
        "aten::max_pool2d_with_indices": "pooling",
        "aten::addmm": "matrix products",
        "Optimizer.step#AdamW.step": "optimiser",
        "aten::brand_new": operations.OTHERS,
    }
    assert {name: operations.kind_of(name) for name in kinds} == kinds
