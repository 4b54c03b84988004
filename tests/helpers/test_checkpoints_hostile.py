"""Files that somebody made up: nothing in them is run, and none can break `load`."""

import io
import pickle
import random
import zipfile
from pathlib import Path

import pytest
import torch
from checkpoint_files import (
    SIZES,
    assert_not_loaded,
    foreign_zip,
    load_or_refuse,
    mutated,
    repacked,
    rewritten,
    saved_by_torch,
)

from helpers import checkpoints
from helpers.checkpoints import FIELDS
from helpers.models import MLP

# Files that are no checkpoint


class Malicious:
    """Unpickling this creates a file, which stands for anything worse."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> tuple:
        return open, (str(self.marker), "w")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        "Vierzig Ziffern\n".encode("utf-16"),
        b"plain text, and more than one line\nof it\n" * 50,
        bytes(5000),
        foreign_zip(),
        pickle.dumps({"format": checkpoints.FORMAT}),
        pickle.dumps({"format": checkpoints.FORMAT}) + foreign_zip(),
        saved_by_torch(MLP(SIZES).state_dict()),
        saved_by_torch([1, 2, 3]),
        saved_by_torch(torch.ones(3)),
        saved_by_torch({"format": torch.ones(3)}),
        saved_by_torch({"format": "handwritten-classifier/0"}),
        saved_by_torch(MLP(SIZES)),
    ],
    ids=lambda content: f"{len(content)}-{content[:8]!r}",
)
def test_wrong_files(content: bytes, tmp_path: Path):
    path = tmp_path / "wrong.pt"
    path.write_bytes(content)
    assert_not_loaded(path)


def malicious_files(marker: Path) -> dict[str, bytes]:
    """The same trap in every wrapping that some loader would open."""
    trap = Malicious(marker)
    legacy = io.BytesIO()
    torch.save({"state": trap}, legacy, _use_new_zipfile_serialization=False)
    return {
        "saved by torch": saved_by_torch({"format": checkpoints.FORMAT, "state": trap}),
        "saved by old torch": legacy.getvalue(),
        "bare pickle": pickle.dumps(trap),
        "pickle that ends like an archive": pickle.dumps(trap) + foreign_zip(),
    }


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nothing_in_a_file_is_run(tmp_path: Path):
    marker, path = tmp_path / "marker", tmp_path / "trap.pt"
    pickle.loads(pickle.dumps(Malicious(marker))).close()
    assert marker.exists(), "the trap works"
    marker.unlink()
    for name, content in malicious_files(marker).items():
        path.write_bytes(content)
        assert_not_loaded(path)
        assert not marker.exists(), name


# Wrong content in a sound file


@pytest.mark.parametrize("name", ["format", *FIELDS])
def test_missing_field(small_file: Path, name: str):
    rewritten(small_file, lambda content: content.pop(name))
    assert_not_loaded(small_file, "" if name == "format" else f"'{name}' is missing")


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [None, 3, b"bytes", (1, 2), torch.ones(2)], ids=repr)
def test_wrong_type_of_field(small_file: Path, name: str, value: object):
    rewritten(small_file, lambda content: content.update({name: value}))
    assert_not_loaded(small_file, f"'{name}' is missing or of the wrong kind")


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "no such thing"},
        {"model": "two\nlines\rof\u2028name"},
        {"model": ["mlp"]},
        {"more": 1},
        {"two\nlines": 1},
        {5: 1},
        {"sizes": [6, 5, 10]},
        {"sizes": [6, 4, 4, 10]},
        {"sizes": []},
        {"sizes": None},
        {"sizes": "abc"},
        {"sizes": ["6", "4", "10"]},
        {"sizes": [6, -4, 10]},
        {"sizes": [6, 10**12, 10]},
        {"sizes": [6, 10**40, 10]},
        {"dropout": 0.5},
        {"dropout": 7},
        {"dropout": "much"},
    ],
    ids=repr,
)
def test_architecture_that_does_not_fit(small_file: Path, changes: dict):
    rewritten(small_file, lambda content: content["architecture"].update(changes))
    assert_not_loaded(small_file, "do not fit its network")


WEIGHT = "layers.1.weight"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "changes",
    [
        {WEIGHT: [[0.5] * 6] * 4},
        {WEIGHT: None},
        {WEIGHT: torch.ones(6, 4)},
        {WEIGHT: torch.ones(4, 6, dtype=torch.int64)},
        {WEIGHT: torch.ones(4, 6).to_sparse()},
        {WEIGHT: torch.ones(4, 6, device="meta")},
        {"layers.9.weight": torch.ones(4, 6)},
        {"two\nlines": torch.ones(4, 6)},
        {"two\nlines": 1},
        {5: torch.ones(4, 6)},
    ],
    ids=lambda changes: repr(changes)[:50],
)
def test_weights_that_are_none(small_file: Path, changes: dict):
    rewritten(small_file, lambda content: content["state"].update(changes))
    assert_not_loaded(small_file, "do not fit its network")


def test_one_number_repeated_over_a_huge_shape_does_not_fill_the_memory(small_file: Path):
    width = 100_000  # more than MOST_BYTES, if it were made of weights of its own
    shapes = {
        "layers.1.weight": (width, 784),
        "layers.1.bias": (width,),
        "layers.3.weight": (10, width),
        "layers.3.bias": (10,),
    }

    def widen(content: dict) -> None:
        content["architecture"]["sizes"] = [784, width, 10]
        half = torch.zeros(1, dtype=torch.float16)
        content["state"] = {name: half.expand(shape) for name, shape in shapes.items()}

    rewritten(small_file, widen)
    assert small_file.stat().st_size < 10_000
    assert_not_loaded(small_file, "memory")


@pytest.mark.parametrize(
    "sizes",
    [[1] * 100_000, (1,) * 100_000, b"\x01" * 100_000, torch.ones(100_000, dtype=torch.int64)],
    ids=["list", "tuple", "bytes", "tensor"],
)
def test_endless_layers_are_refused_before_they_are_built(small_file: Path, sizes: object):
    rewritten(small_file, lambda content: content["architecture"].update(sizes=sizes))
    assert_not_loaded(small_file, "more layers than weights")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_made_up_pickle_with_right_checksums_is_refused_in_good_order(small_file: Path):
    with zipfile.ZipFile(small_file) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        pickled = archive.read(name)
    whole, generator = small_file.read_bytes(), random.Random(0)
    path = small_file.with_name("made-up.pt")
    path.write_bytes(repacked(small_file))
    assert load_or_refuse(path) is not None
    refused = 0
    for _ in range(100):
        path.write_bytes(repacked(small_file, mutated(pickled, generator)))
        refused += load_or_refuse(path) is None
    assert refused > 50
    assert small_file.read_bytes() == whole
