"""Several digits side by side: the page reads them as Python's reader for lines does."""

from typing import Any

import cv2
import numpy as np
import pytest
from parity import carried, sent

from handreader.ctc import best_prefix, likelihood, places_of
from handreader.lines import LineReader, fitted
from page.numbers import packed_networks
from trainer.line_network import as_reader_network

EACH = 20  # drawn lines
FONT = cv2.FONT_HERSHEY_SIMPLEX  # of single strokes, as from a pen


def drawn(random: np.random.Generator) -> np.ndarray:
    """A few signs side by side, dark on white, as the pad hands them over: bytes."""
    text = "".join(random.choice(list("0123456789-"), random.integers(2, 7)))
    scale, thick = random.uniform(1.5, 4), int(random.integers(3, 14))
    (wide, high), _ = cv2.getTextSize(text, FONT, scale, thick)
    edge = int(random.integers(10, 40))
    picture = np.full((high + 2 * edge, wide + 2 * edge), 255, np.uint8)
    return cv2.putText(picture, text, (edge, high + edge), FONT, scale, 0, thick, cv2.LINE_AA)


@pytest.fixture(scope="module")
def lines() -> list[np.ndarray]:
    """Drawn lines of many sizes."""
    random = np.random.default_rng(3)
    return [drawn(random) for _ in range(EACH)]


@pytest.fixture(scope="module")
def reader() -> LineReader:
    """Python's, with the page's weights."""
    return LineReader(as_reader_network(carried("line")))


TABLE = """
  const { table } = await import("./frame.js");
  const asTable = ([text, high, wide]) =>
    table(high, wide, Float64Array.from(atob(text), (letter) => letter.charCodeAt(0)));
"""


def both(pictures: list[np.ndarray]) -> list[list]:
    """Pictures as the browser gets them."""
    return [[sent(each), *each.shape] for each in pictures]


def test_lines_are_fitted_within_a_grey_level(modules: Any, lines: list[np.ndarray]) -> None:
    found = modules.evaluate(
        f"""async (pictures) => {{ {TABLE}
          const {{ fitted }} = await import("./line.js");
          return pictures.map((each) => [...fitted(asTable(each)).values]);
        }}""",
        both(lines),
    )
    for now, line in zip(found, lines, strict=True):
        then = fitted(line).astype(int)
        assert np.abs(np.array(now).reshape(then.shape) - then).max() <= 1


def test_columns_get_the_scores_that_pytorch_gives(
    modules: Any, lines: list[np.ndarray], reader: LineReader
) -> None:
    small = [fitted(line) for line in lines]
    found = modules.evaluate(
        f"""async ([packed, pictures]) => {{ {TABLE}
          const {{ unpacked, forward }} = await import("./network.js");
          const {{ centred }} = await import("./line.js");
          const network = unpacked(packed);
          const scores = (each) => [...forward(network, centred(asTable(each))).at(-1).values];
          return pictures.map(scores);
        }}""",
        [packed_networks()["line"], both(small)],
    )
    for now, picture in zip(found, small, strict=True):
        then = reader.network.scores(picture[None])[0].T  # (columns, signs), before any softmax
        assert np.abs(np.array(now).reshape(then.shape) - then).max() < 1e-3


def test_page_reads_the_line_that_python_reads_at_one_look(
    modules: Any, lines: list[np.ndarray], reader: LineReader
) -> None:
    found = modules.evaluate(
        f"""async ([packed, pictures]) => {{ {TABLE}
          const {{ unpacked }} = await import("./network.js");
          const {{ lineReading }} = await import("./line.js");
          const network = unpacked(packed);
          return pictures.map((each) => {{
            const {{ text, confidence, unsure }} = lineReading(network, asTable(each));
            return [text, confidence, unsure];
          }});
        }}""",
        [packed_networks()["line"], both(lines)],
    )
    for (text, confidence, unsure), line in zip(found, lines, strict=True):
        small, chances = reader.look(line)
        then = reader.line_in([chances], line.shape[1] / small.shape[1])
        assert text == "".join(map(str, then.signs))
        assert confidence == pytest.approx(then.confidence, abs=0.01)
        assert unsure == then.unsure


def test_a_byte_for_each_weight_changes_next_to_no_line(
    lines: list[np.ndarray], reader: LineReader
) -> None:
    before, after = LineReader().read_all(lines), reader.read_all(lines)
    pairs = list(zip(before, after, strict=True))
    assert sum(one.text != other.text for one, other in pairs) <= 1
    assert max(abs(one.confidence - other.confidence) for one, other in pairs) < 0.1


def test_any_columns_mean_what_they_mean_in_python(modules: Any) -> None:
    random = np.random.default_rng(4)
    tables = []
    for _ in range(40):
        scores = random.normal(0, 3, (int(random.integers(2, 30)), 5))
        tables.append(scores - np.logaddexp.reduce(scores, 1)[:, None])
    found = modules.evaluate(
        """async (tables) => {
          const { bestPrefix, likelihood, peaks } = await import("./columns.js");
          return tables.map((chances) => {
            const signs = bestPrefix(chances);
            return [signs, likelihood(chances, signs), peaks(chances, signs)];
          });
        }""",
        [each.tolist() for each in tables],
    )
    for (signs, sure, peaks), chances in zip(found, tables, strict=True):
        assert tuple(signs) == best_prefix(chances)
        assert sure == pytest.approx(likelihood(chances, signs), abs=1e-9)
        assert peaks == pytest.approx([place.chance for place in places_of(chances, signs)])


def test_ink_is_put_on_white_paper_with_some_around_it(modules: Any) -> None:
    high, wide, least, corner = modules.evaluate("""async () => {
      const { table } = await import("./frame.js");
      const { onPaper } = await import("./line.js");
      const paper = onPaper(table(100, 300, new Float64Array(30000).fill(1)));
      return [paper.high, paper.wide, Math.min(...paper.values), paper.values[0]];
    }""")
    assert (high, wide, least, corner) == (130, 350, 0, 255)
