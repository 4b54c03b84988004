"""A line is read as its network says, whatever its height, and says where its digits are."""

import numpy as np
import pytest

from handreader.digits import DIGIT_WEIGHTS
from handreader.lines import LINE_WEIGHTS, LONGEST, SIGNS, LineReader, fitted
from handreader.networks import Network, NetworkError

SURE = 9.0  # a score that leaves no room for others


class Told:
    """A network that says some signs at some columns, whatever is on the line."""

    def __init__(self, said: dict[int, str], score: float = SURE):
        self.said, self.score = said, score

    def __call__(self, lines: np.ndarray) -> np.ndarray:
        """Scores as those of a network for lines."""
        scores = np.zeros((1, 1 + len(SIGNS), -(-lines.shape[-1] // 4)))
        scores[:, 0] = self.score
        for column, sign in self.said.items():
            if column < scores.shape[2]:
                scores[0, :, column] = 0
                scores[0, 1 + SIGNS.index(sign), column] = self.score
        return scores


def reader_of(said: dict[int, str], score: float = SURE, **changes: float) -> LineReader:
    """A reader that says some signs."""
    return LineReader(Network(Told(said, score), **changes))


def paper(high: int, wide: int) -> np.ndarray:
    """A picture with something on it."""
    return np.random.default_rng(0).integers(0, 255, (high, wide)).astype(np.uint8)


def test_text_is_read_with_its_marks_and_without():
    line = reader_of({1: "3", 4: ".", 6: "1", 9: "4"}).read(paper(32, 60))
    assert (line.text, line.digits_only) == ("3.14", "314")
    assert [sign.text for sign in line.digits] == ["3", "1", "4"]


@pytest.mark.parametrize("high", [16, 32, 80])
def test_places_are_in_pixels_of_the_picture_that_was_handed_in(high: int):
    line = reader_of({4: "7", 10: "7"}).read(paper(high, high * 2))
    scale = high / 32
    middles = [(sign.left + sign.right) / 2 / scale for sign in line.signs]
    assert middles == pytest.approx([18, 42], abs=0.1)
    assert line.signs[0].right == line.signs[1].left
    assert 0 <= line.signs[0].left < line.signs[1].right <= 2 * high


def test_confidence_is_that_of_the_whole_text_and_falls_with_the_temperature():
    sure = reader_of({2: "7"}).read(paper(32, 64))
    assert sure.confidence > 0.95
    warm = reader_of({2: "7"}, temperature=3.0).read(paper(32, 64))
    assert warm.confidence < 0.6
    assert not sure.unsure
    assert reader_of({2: "7"}, sure_from=0.999).read(paper(32, 64)).unsure


def test_empty_line_says_nothing():
    line = reader_of({}).read(paper(32, 64))
    assert (line.text, line.signs) == ("", [])
    assert str(line).startswith("no number (9")


def test_marks_at_either_end_belong_to_no_number():
    line = reader_of({1: "-", 3: "1", 5: ",", 7: "2", 9: ".", 11: "-"}).read(paper(32, 64))
    assert line.text == "1,2"
    assert len(line.signs) == 3
    assert reader_of({1: "-"}).read(paper(32, 64)).text == ""


def test_question_mark_follows_the_digit_that_is_doubted():
    reader = reader_of({2: "7", 8: "3"}, sure_from=0.9)
    assert str(reader.read(paper(32, 64))) == "73 (97 %)"
    shown = str(reader_of({2: "7"}, 3.0, sure_from=0.9).read(paper(32, 64)))
    assert shown.startswith("7? (")


def test_line_is_brought_to_32_pixels_and_a_very_long_one_is_squeezed():
    assert fitted(paper(64, 200)).shape == (32, 100)
    assert fitted(paper(16, 50)).shape == (32, 100)
    assert fitted(paper(4, 4000)).shape == (32, LONGEST)
    assert fitted(paper(80, 1)).shape == (32, 8)


def test_network_for_digits_is_no_reader_of_lines():
    with pytest.raises(NetworkError, match="other classes"):
        LineReader(DIGIT_WEIGHTS)
    with pytest.raises(NetworkError, match="does not give 16 finite scores"):
        LineReader(lambda lines: np.zeros((len(lines), 10)))


def test_weights_of_the_project_are_small_and_load():
    assert LINE_WEIGHTS.stat().st_size < 2_000_000
    assert LineReader().read(np.full((50, 200), 255, np.uint8)).text == ""
