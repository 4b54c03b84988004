"""Reading framed digits: what is said, which files are refused, and how far it is to be trusted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support import chances
from torch import nn

from handreader.common.errors import UserError
from handreader.digits import AT_ONCE, DigitReader
from handreader.framing import CLASSES
from handreader.ink.strokes import Steps
from handreader.networks import Network
from handreader.results import Number, Placed, Reading, percent
from helpers import checkpoints
from helpers.checkpoints import Checkpoint, as_reader_network
from helpers.data import Digits
from helpers.models import CNN, MLP
from helpers.network_files import open_network


def network_of(model: nn.Module, **changes: object) -> Checkpoint:
    """A network and what belongs to it, with something changed."""
    return replace(Checkpoint(model, 0.13, 0.31, CLASSES, "made up", {}), **changes)


def saved(path: Path, model: nn.Module, **changes: object) -> Path:
    """A checkpoint file of a network, with something changed."""
    return checkpoints.save(path, network_of(model, **changes))


def reader_of(model: nn.Module, **changes: float) -> DigitReader:
    """A reader that never was in a file."""
    return DigitReader(as_reader_network(network_of(model.eval(), **changes), "a network"))


def reader_in(path: Path) -> DigitReader:
    """The reader whose network is in a checkpoint."""
    network = open_network(str(path))
    assert isinstance(network, Network)
    return DigitReader(network)


@pytest.mark.parametrize(
    ("shares", "unsure", "text"),
    [
        ({"d4": 0.973}, False, "4 (97.3 %)"),
        ({"d0": 1.0}, False, "0 (99.9 %)"),
        ({"d9": 0.99999}, False, "9 (99.9 %)"),
        ({"d4": 0.48, "d9": 0.45}, True, "not sure, perhaps 4 (48 %) or 9 (45 %)"),
        ({"d9": 0.48, "d4": 0.45}, True, "not sure, perhaps 9 (48 %) or 4 (45 %)"),
        ({"d1": 0.999}, True, "not sure, perhaps 1 (99 %) or 0 (0 %)"),
    ],
)
def test_reading_in_words(shares: dict, unsure: bool, text: str):
    assert str(Reading(chances(**shares), unsure)) == text


@pytest.mark.parametrize(
    ("probability", "text"), [(0.5, "50.0 %"), (0.99949, "99.9 %"), (1.0, "99.9 %"), (0.0, "0.0 %")]
)
def test_probability_is_never_a_certainty(probability: float, text: str):
    assert percent(probability) == text
    assert percent(1.0, places=0) == "99 %"


@pytest.mark.parametrize("chance", [1.0, 0.99996])
def test_programs_are_told_no_certainty_either(chance: float):
    digit, reading = Placed("7", chance, False, (1, 2, 3, 4)), Reading(chances(d7=chance), False)
    for said in (reading, digit, Number([digit], chance)):
        assert said.to_dict()["confidence"] == 0.9999
    assert max(reading.to_dict()["probabilities"]) == 0.9999


def test_reading_knows_its_digit_and_how_likely_it_is():
    reading = Reading(chances(d7=0.7, d1=0.2), unsure=False)
    assert (reading.digit, reading.confidence) == (7, 0.7)


@pytest.mark.parametrize(("unsure", "short"), [(False, "7"), (True, "7?")])
def test_reading_in_short_marks_a_guess(unsure: bool, short: str):
    assert Reading(chances(d7=0.7), unsure).short == short


def test_reading_as_plain_values_is_rounded_to_four_places():
    reading = Reading(chances(d7=0.712345, d1=0.2), unsure=True)
    brief = {"digit": 7, "confidence": 0.7123, "unsure": True}
    assert reading.brief() == brief
    rest = round((1 - 0.712345 - 0.2) / 8, 4)
    probabilities = [rest, 0.2, rest, rest, rest, rest, rest, 0.7123, rest, rest]
    assert reading.to_dict() == brief | {"probabilities": probabilities}
    assert list(reading.to_dict()) == ["digit", "confidence", "unsure", "probabilities"]


def test_many_at_a_time_are_read_like_one_by_one(digits: Digits):
    torch.manual_seed(0)
    pictures = digits.train.images[: AT_ONCE + 44, 0].numpy()
    for model in (MLP((784, 16, 10), batch_norm=True), CNN((3, 4), batch_norm=True)):
        reader = reader_of(model)
        together = reader.probabilities(pictures)
        alone = np.concatenate([reader.probabilities(picture[None]) for picture in pictures])
        np.testing.assert_allclose(together, alone, atol=1e-5)
        np.testing.assert_allclose(together.sum(1), 1)


def test_nothing_to_read_is_no_reading():
    assert reader_of(MLP((784, 10))).read([]) == []


def test_temperature_makes_doubt_and_limit_decides_who_is_unsure(digits: Digits):
    torch.manual_seed(0)
    model, pictures = MLP((784, 10)), digits.train.images[:50, 0].numpy()
    usual = reader_of(model).read(pictures)
    level = float(np.median([reading.confidence for reading in usual]))
    limited = reader_of(model, sure_from=level).read(pictures)
    assert [reading.unsure for reading in limited] == [each.confidence < level for each in usual]
    assert sum(reading.unsure for reading in limited) in range(20, 31)
    doubting = reader_of(model, temperature=5.0).read(pictures)
    assert all(one.confidence < two.confidence for one, two in zip(doubting, usual, strict=True))
    assert [reading.digit for reading in doubting] == [reading.digit for reading in usual]


def brightness(framed: np.ndarray) -> np.ndarray:
    """Scores of a network that is the surer of a 3, the brighter a frame is."""
    share = (framed.mean((1, 2)) / 255).clip(0.001, 0.999)[:, None]
    return np.log(np.where(np.arange(10) == 3, share, (1 - share) / 9))


def bright(sure: float) -> Steps:
    """A way to see a picture of which that network is so sure."""
    frame = np.full((28, 28), round(255 * sure), np.uint8)
    return Steps(frame, frame, frame / 255, frame / 255, frame, (0, 0, 28, 28), (0, 0, 28, 28))


def by_brightness() -> DigitReader:
    """What reads with that network."""
    return DigitReader(brightness)


@pytest.mark.parametrize(
    ("sure", "chosen"),
    [
        ((0.95, 0.4), 0),
        ((0.4, 0.95), 1),
        ((0.4, 0.7, 0.95, 0.8), 2),
        ((0.4, 0.55, 0.58), 0),
        ((0.4, 0.65), 1),
        ((0.4,), 0),
    ],
)
def test_of_several_ways_to_see_a_picture_a_clearly_surer_one_counts(sure: tuple, chosen: int):
    ways = [bright(each) for each in sure]
    only = bright(0.5)
    (steps, reading), (other, second) = by_brightness().read_pictures([ways, [only]])
    assert steps is ways[chosen]
    assert reading.confidence == pytest.approx(sure[chosen], abs=0.003)
    assert other is only
    assert second.confidence == pytest.approx(0.5, abs=0.003)
    assert reading.digit == 3


@pytest.mark.parametrize(("first", "left"), [(0.9, 1), (0.7, 0)])
def test_other_ways_are_worked_out_only_where_they_could_be_clearly_surer(first: float, left: int):
    ways = iter([bright(first), bright(0.3)])
    by_brightness().read_pictures([ways])
    assert len(list(ways)) == left


def test_no_pictures_are_no_readings():
    assert by_brightness().read_pictures([]) == []


def test_bytes_are_normalised_as_the_network_was_trained():
    model = MLP((784, 10))
    with torch.no_grad():
        model.layers[1].weight.zero_()[3] = 1 / 784
        model.layers[1].bias.zero_()
    scores = reader_of(model, mean=0.1, std=0.25).network.scores(np.full((1, 28, 28), 51, np.uint8))
    assert scores[0, 3] == pytest.approx((0.2 - 0.1) / 0.25, abs=1e-5)


# Files


def test_reader_of_a_file_is_as_sure_as_the_file_says(tmp_path: Path):
    path = saved(tmp_path / "net.pt", MLP((784, 10)), temperature=1.5, sure_from=0.75)
    reader = reader_in(path)
    assert (reader.network.temperature, reader.network.sure_from) == (1.5, 0.75)
    older = reader_in(saved(tmp_path / "older.pt", MLP((784, 10))))
    assert (older.network.temperature, older.network.sure_from) == (1.0, 0.6)


def spoiled(value: float) -> nn.Module:
    """A network one of whose weights is no number."""
    model = MLP((784, 10))
    with torch.no_grad():
        model.layers[1].bias[3] = value
    return model


OTHERS = {
    "letters": (MLP((784, 10)), {"classes": list("abcdefghij")}, "does not read the digits 0 to 9"),
    "fewer classes": (MLP((784, 5)), {"classes": CLASSES[:5]}, "does not read the digits 0 to 9"),
    "fewer answers": (MLP((784, 5)), {}, "10 finite scores"),
    "smaller pictures": (MLP((64, 10)), {}, "28 x 28"),
    "not a number": (spoiled(float("nan")), {}, "10 finite scores"),
    "infinite": (spoiled(float("inf")), {}, "10 finite scores"),
    "no spread": (MLP((784, 10)), {"std": 0.0}, "10 finite scores"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_network_for_something_else_is_one_sentence(tmp_path: Path, name: str):
    model, changes, part = OTHERS[name]
    path = saved(tmp_path / "net.pt", model, **changes)
    with pytest.raises(UserError, match=part) as caught:
        reader_in(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("shape", [(3, 28, 27), (3, 1, 28, 28), (28, 28)])
def test_what_is_not_framed_is_refused(shape: tuple[int, ...]):
    for kind in (np.uint8, np.float64):
        with pytest.raises(ValueError, match="Framed digits are uint8 arrays"):
            DigitReader().read(np.zeros(shape, kind))
