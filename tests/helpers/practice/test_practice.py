"""Practice: synthetic photographs that are the same everywhere, all differ, and can be read."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from support import first_way

from helpers.data import Digits
from helpers.practice import no_digits, scenes, sets, subjects, writing
from helpers.practice.camera import photograph
from helpers.practice.redrawing import enlarge, has_strokes, loops, stretched, with_pen
from helpers.practice.sets import NOTHING, practice_chunk, practice_set, with_photographs
from helpers.practice.subjects import ink_of
from helpers.reading.reader import WEIGHTS, Reader
from helpers.recipes import Pens, Recipe, Warps
from helpers.runs import cautious_loss, make_changes, make_loss

COUNT = 120
REAL = WEIGHTS / "cnn.pt"
SCENES = {
    "any": scenes.ANY,
    "dark": scenes.DARK,
    "clean": scenes.CLEAN,
    "small": scenes.SMALL,
}


def source(digits: Digits) -> tuple[np.ndarray, np.ndarray]:
    """Digits to photograph, and what they are."""
    return digits.train.images[:, 0].numpy(), digits.train.labels.numpy()


@pytest.fixture(scope="module")
def chunk(digits: Digits) -> tuple[np.ndarray, np.ndarray]:
    """Some pictures to practise on."""
    return practice_chunk(*source(digits), 3, 0, COUNT)


def test_practice_holds_all_digits_and_what_is_none(chunk: tuple[np.ndarray, np.ndarray]):
    pictures, shown = chunk
    assert pictures.shape == (COUNT, 28, 28)
    assert pictures.dtype == np.uint8
    assert set(shown.tolist()) == {NOTHING, *range(10)}
    assert 0.1 < (shown == NOTHING).mean() < 0.45
    assert (pictures[shown != NOTHING].max((1, 2)) == 255).all()


def test_photographs_all_differ(chunk: tuple[np.ndarray, np.ndarray]):
    pictures, shown = chunk
    known = pictures[shown != NOTHING]
    assert len({picture.tobytes() for picture in known}) == len(known)


def test_photographed_digits_look_like_their_class(
    chunk: tuple[np.ndarray, np.ndarray], digits: Digits
):
    pictures, shown = chunk
    images, labels = source(digits)
    means = np.stack([images[labels == digit].mean(0).ravel() for digit in range(10)])
    rows = pictures[shown != NOTHING].reshape(-1, 784).astype(float)
    nearest = np.linalg.norm(rows[:, None] - means, axis=2).argmin(1)
    assert (nearest == shown[shown != NOTHING]).mean() > 0.5  # five times as often as by chance


def test_same_seed_gives_the_same_set_however_many_processes_make_it(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sets, "CHUNK", 12)
    images, labels = digits.train.images[:, 0], digits.train.labels
    pictures, shown = practice_set(images, labels, 30, seed=5)
    assert pictures.shape == (30, 28, 28)
    assert (pictures.dtype, shown.dtype) == (torch.uint8, torch.int64)
    made = [practice_chunk(*source(digits), 5, *part) for part in ((0, 12), (1, 12), (2, 6))]
    assert np.array_equal(pictures.numpy(), np.concatenate([each for each, _ in made]))
    assert np.array_equal(shown.numpy(), np.concatenate([each for _, each in made]))
    assert not np.array_equal(made[0][0], made[1][0])
    other, _ = practice_chunk(*source(digits), 6, 0, 12)
    assert not np.array_equal(made[0][0], other)


def test_making_practice_leaves_the_global_random_state_alone(digits: Digits):
    before = np.random.get_state()[1].copy(), torch.get_rng_state()
    practice_chunk(*source(digits), 0, 0, 5)
    assert np.array_equal(np.random.get_state()[1], before[0])
    assert torch.equal(torch.get_rng_state(), before[1])


def test_photographs_come_beside_the_digits(digits: Digits, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sets, "ProcessPoolExecutor", ThreadPoolExecutor)
    both = with_photographs(digits, 20, seed=1).train
    assert len(both) == 1432
    assert torch.equal(both.images[:1412], digits.train.images)
    assert torch.equal(both.labels[:1412], digits.train.labels)
    assert both.images[1412:].shape == (20, 1, 28, 28)
    assert both.images.dtype == torch.uint8
    again = with_photographs(digits, 20, seed=1).train
    assert torch.equal(again.images, both.images)


# Photographs


@pytest.mark.parametrize("name", SCENES)
def test_photograph_of_each_scene_shows_the_digit(name: str):
    random, scene, seen = np.random.default_rng(0), SCENES[name], []
    for _ in range(12):
        ink = writing.draw(writing.write_digit(3, random), 60, 7)
        picture = photograph(ink, scene, random)
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        seen.append(first_way(picture).framed)
    mean = np.mean(seen, 0)
    assert mean[12:16, 4:9].mean() < mean[12:16, 12:18].mean()  # a three is open on its left


def test_same_chance_gives_the_same_photograph():
    ink = writing.draw(writing.write_digit(4, np.random.default_rng(0)), 50, 5)
    one, same, other = (photograph(ink, scenes.ANY, np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_dark_scene_is_dark_and_clean_scene_is_clean():
    ink = writing.draw(writing.write_digit(1, np.random.default_rng(0)), 40, 4)
    random = np.random.default_rng(0)
    for _ in range(5):
        assert np.median(photograph(ink, scenes.DARK, random)) < 90
        clean = photograph(ink, scenes.CLEAN, random)
        assert np.quantile(np.abs(clean.astype(float) - np.median(clean)), 0.7) < 12


def extent(ink: np.ndarray) -> int:
    """The longer side of what is inked."""
    rows, columns = np.flatnonzero(ink.max(1) > 60), np.flatnonzero(ink.max(0) > 60)
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


@pytest.mark.parametrize("height", [10, 28, 90])
def test_enlarged_digit_has_the_height_that_was_wished(digits: Digits, height: int):
    for image in digits.train.images[:10, 0].numpy():
        ink = enlarge(image, height)
        assert extent(ink) == pytest.approx(height, abs=0.2 * height)
        assert ink.max() > 180


def test_lower_weight_makes_thicker_strokes(digits: Digits):
    image = digits.train.images[0, 0].numpy()
    masses = [enlarge(image, 80, weight).sum(dtype=float) for weight in (0.3, 0.5, 0.65)]
    assert masses[0] > 1.1 * masses[1] > 1.2 * masses[2]


def test_empty_picture_has_no_ink_to_enlarge():
    assert not enlarge(np.zeros((28, 28), np.uint8), 40).any()


@pytest.mark.parametrize("thickness", [1, 3, 8])
def test_pen_has_the_width_that_was_wished(digits: Digits, thickness: int):
    ink = with_pen(digits.train.images[2, 0].numpy(), 100, thickness) > 0
    padded = cv2.copyMakeBorder(ink.astype(np.uint8), 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    away = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    assert np.quantile(away[away > 0], 0.98) * 2 == pytest.approx(thickness + 1, abs=2.5)


@pytest.mark.parametrize("height", [8, 30, 150])
def test_digit_written_again_has_about_the_height_that_was_wished(digits: Digits, height: int):
    for image in digits.train.images[:6, 0].numpy():
        ink = with_pen(image, height, height * 0.08)
        assert 0.65 * height < extent(ink) < 1.15 * height  # the middle of fat strokes is shorter
        assert ink.max() > 100


def small_ring(thickness: int) -> np.ndarray:
    """A 0 in 28 x 28 whose hole is the smaller, the thicker its stroke."""
    picture = np.zeros((28, 28), np.uint8)
    cv2.ellipse(picture, (14, 14), (6, 8), 0, 0, 360, 255, thickness)
    return picture


def test_digit_whose_loop_is_full_of_ink_is_not_written_again():
    assert has_strokes(small_ring(2), 0)
    assert not has_strokes(small_ring(2), 8)  # for want of a second loop
    assert not has_strokes(small_ring(-1), 0)
    assert not has_strokes(small_ring(-1), 1)  # a blob; nobody knows where its stroke is


def test_loops_are_counted():
    picture = np.zeros((40, 40), np.uint8)
    assert loops(picture) == 0
    for count, row in enumerate((0, 16), start=1):  # the first one touches the border
        cv2.rectangle(picture, (5, row), (20, row + 12), 255)
        assert loops(picture) == count


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.4])
def test_stretched_ink_keeps_its_longer_side(factor: float):
    for shape in ((60, 40), (40, 60)):
        high, wide = stretched(np.full(shape, 255, np.uint8), factor).shape
        assert max(high, wide) == 60
        assert wide / high == pytest.approx(shape[1] / shape[0] * factor, rel=0.05)


def test_a_one_is_never_stretched(digits: Digits):
    one = digits.train.images[digits.train.labels == 1][0, 0].numpy()
    scene = replace(scenes.ANY, stretched=1, height=(60, 60))
    shapes = {ink_of(one, 1, scene, np.random.default_rng(seed)).shape for seed in range(20)}
    plain = replace(scene, stretched=0)
    assert shapes == {ink_of(one, 1, plain, np.random.default_rng(s)).shape for s in range(20)}


def parts(mask: np.ndarray) -> int:
    """How many pieces a shape is in."""
    return cv2.connectedComponents(mask.astype(np.uint8))[0] - 1


def test_skeleton_is_one_pixel_wide_and_leaves_the_shape_in_one_piece(digits: Digits):
    for image in digits.train.images[:12, 0].numpy():
        ink = cv2.copyMakeBorder(enlarge(image, 70), 3, 3, 3, 3, cv2.BORDER_CONSTANT)
        thin = writing.skeleton(ink) > 0
        assert not (thin & (ink <= 127)).any()
        blocks = thin[1:, 1:] & thin[1:, :-1] & thin[:-1, 1:] & thin[:-1, :-1]
        assert blocks.sum() <= 0.02 * thin.sum()
        assert parts(thin) == parts(ink > 127)


def test_skeleton_of_a_bar_is_its_middle_line():
    ink = np.zeros((21, 60), np.uint8)
    ink[7:14, 10:50] = 255
    thin = writing.skeleton(ink) > 0
    assert (thin[:, 16:44].sum(0) == 1).all()
    assert np.flatnonzero(thin[:, 30]).tolist() == [10]


def test_skeleton_of_nothing_is_nothing():
    assert not writing.skeleton(np.zeros((9, 9), np.uint8)).any()


# Digits and other things written by code


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_can_be_written_and_never_the_same_twice(digit: int):
    random = np.random.default_rng(digit)
    drawn = [writing.draw(writing.write_digit(digit, random), 60, 5) for _ in range(8)]
    assert len({ink.tobytes() for ink in drawn}) == 8
    for ink in drawn:
        assert ink.dtype == np.uint8
        assert ink.max() == 255
        assert max(ink.shape) == pytest.approx(60, abs=10)
        assert parts(ink > 127) <= 2
    again = np.random.default_rng(digit)
    assert np.array_equal(writing.draw(writing.write_digit(digit, again), 60, 5), drawn[0])


def test_digits_beside_each_other_touch_and_stay_two():
    random = np.random.default_rng(4)
    for _ in range(30):
        two = [writing.draw(writing.write_digit(d, random), 60, 6) for d in (0, 8)]
        both = subjects.beside(*two, random)
        assert parts(both > 127) == 1
        assert both.shape[1] > 1.2 * max(ink.shape[1] for ink in two)
        assert both.sum(dtype=float) > 0.8 * sum(ink.sum(dtype=float) for ink in two)


def test_text_is_printed_in_the_size_that_was_wished():
    for height in (8, 40, 140):
        ink = writing.printed("4", np.random.default_rng(0), height, height * 0.1)
        assert extent(ink) == pytest.approx(height, rel=0.35)


def test_writing_leaves_the_ways_to_write_as_they_are():
    before = repr(writing.WAYS)
    random = np.random.default_rng(0)
    for digit in range(10):
        writing.write_digit(digit, random)
    assert repr(writing.WAYS) == before


@pytest.mark.skipif(not REAL.exists(), reason="there are no trained weights here")
def test_trained_network_reads_digits_written_by_code_and_doubts_all_else():
    random, reader = np.random.default_rng(9), Reader.load(REAL)

    def seen(ink: np.ndarray) -> np.ndarray:
        page = cv2.copyMakeBorder(ink, 25, 25, 25, 25, cv2.BORDER_CONSTANT)
        return first_way(np.repeat(255 - page[..., None], 3, 2)).framed

    wanted = [digit for digit in range(10) for _ in range(8)]
    drawn = [writing.draw(writing.write_digit(digit, random), 90, 8) for digit in wanted]
    readings = reader.read([seen(ink) for ink in drawn])
    right = [each.digit == digit for each, digit in zip(readings, wanted, strict=True)]
    assert np.mean(right) > 0.9
    kinds = (no_digits.letter, no_digits.face, no_digits.scribble)
    others = [kinds[n % 3](random, 90, 8) for n in range(45)]
    assert np.mean([each.unsure for each in reader.read([seen(ink) for ink in others])]) > 0.6


KINDS = (
    no_digits.letter,
    no_digits.scribble,
    no_digits.face,
    no_digits.figure,
    no_digits.hatching,
    no_digits.blobs,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("height", "thickness"), [(7, 0.6), (30, 2), (140, 20)])
def test_what_is_no_digit_is_drawn_in_every_size(kind: Callable, height: int, thickness: float):
    random = np.random.default_rng(1)
    inked = 0
    for _ in range(10):
        ink = kind(random, height, thickness)
        assert ink.dtype == np.uint8
        assert ink.ndim == 2
        assert min(ink.shape) >= 1
        assert max(ink.shape) < 6 * height + 60
        inked += bool(ink.max() > 100)
    assert inked >= 7


def test_what_is_no_digit_depends_on_chance_alone():
    one, same = (
        [no_digits.write_nothing(np.random.default_rng(s), 40, 3) for s in range(20)] for _ in "ab"
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert len({ink.tobytes() for ink in one}) > 15


# What practice makes of a run


def test_loss_of_digits_is_cross_entropy():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(50, 10, generator=generator)
    labels = torch.randint(0, 10, (50,), generator=generator)
    expected = torch.nn.functional.cross_entropy(logits, labels)
    torch.testing.assert_close(cautious_loss(logits, labels), expected)


def test_loss_of_what_is_no_digit_is_smallest_when_all_ten_are_as_likely():
    nothing = torch.full((4,), NOTHING)
    equal = torch.full((4, 10), 2.5, requires_grad=True)
    least = cautious_loss(equal, nothing)
    assert least.item() == pytest.approx(math.log(10), rel=1e-6)
    least.backward()
    assert equal.grad.abs().max() < 1e-7
    for seed in range(5):
        other = torch.randn(4, 10, generator=torch.Generator().manual_seed(seed))
        assert cautious_loss(other, nothing) > least


def test_loss_of_both_is_their_mean_over_all_pictures():
    logits = torch.randn(6, 10, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([3, NOTHING, 5, 0, NOTHING, 9])
    alone = [cautious_loss(logits[n : n + 1], labels[n : n + 1]) for n in range(6)]
    torch.testing.assert_close(cautious_loss(logits, labels), torch.stack(alone).mean())


def test_recipe_decides_what_is_learned_from_and_with_which_loss():
    assert make_changes(Recipe()) == []
    both = make_changes(Recipe(warps=Warps(shift=1), pens=Pens(fade=0.5)))
    assert [type(change).__name__ for change in both] == ["Warper", "Pen"]
    assert make_loss(Recipe(photos=5)) is cautious_loss
    assert make_loss(Recipe(label_smoothing=0.1)).keywords == {"label_smoothing": 0.1}
