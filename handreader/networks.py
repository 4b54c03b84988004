"""A network in one ONNX file: loaded safely, checked, and run without PyTorch."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from handreader.common.errors import UserError

FORMAT = "handreader/1"
WEIGHTS = Path(__file__).with_name("weights")
MOST_BYTES = 256 * 2**20  # far more than any network for digits; a larger file is none
TEMPERATURE, SURE_FROM = 1.0, 0.6  # of an uncalibrated network: scores as they are; over half sure
HOTTEST, SUREST = 1000.0, 1.0  # beyond these, all answers are alike, or none is ever sure
QUIET = 4  # ONNX Runtime's level for fatal errors only: the others are raised, too

Scores = Callable[[np.ndarray], np.ndarray]


class NetworkError(UserError):
    """Why a file can't be used as a network, in one sentence that names it."""


@dataclass(frozen=True)
class Network:
    """Scores for pictures, and how far to trust them.

    `scores` takes bytes: framed digits (N, 28, 28), for which it returns (N, 10), or lines
    (N, 32, width), for which it returns (N, 1 + signs, width / 4). Any callable will do.
    """

    scores: Scores
    temperature: float = TEMPERATURE  # scores are divided by it: honest confidences
    sure_from: float = SURE_FROM  # an answer with less confidence is marked as unsure
    name: str = "The network"  # in sentences: its file, if it has one

    def log_probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """Return the logarithm of each class's probability, in the shape of the scores."""
        scores = np.asarray(self.scores(pictures), np.float64) / self.temperature
        return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def prepare(
    source: Network | Scores | str | Path,
    classes: Sequence[str],
    blank: np.ndarray,
    shape: tuple[int, ...],
) -> Network:
    """Return a network from a file or a callable, tried once so that surprises come here."""
    if isinstance(source, (str, Path)):
        source = load(source, classes)
    network = source if isinstance(source, Network) else Network(source)
    check(network, blank, shape)
    return network


def load(path: str | Path, classes: Sequence[str]) -> Network:
    """Load a network for these classes from an ONNX file."""
    return from_bytes(content_of(Path(path)), classes, path)


def from_bytes(content: bytes, classes: Sequence[str], path: str | Path) -> Network:
    """Return the network that is an ONNX file's content."""
    session = session_of(content, path)
    metadata = session.get_modelmeta().custom_metadata_map
    if metadata.get("format") != FORMAT:
        raise NetworkError(f"{path}: is an ONNX file, but not a network for this reader.")
    try:
        found = json.loads(metadata["classes"])
        temperature, sure_from = (float(metadata[name]) for name in ("temperature", "sure_from"))
    except (KeyError, ValueError, RecursionError) as error:
        raise NetworkError(
            f"{path}: lacks its classes or its calibration; export it again."
        ) from error
    if found != list(classes):
        raise NetworkError(f"{path}: its network reads other classes than {' '.join(classes)}.")
    if not 0 < temperature <= HOTTEST or not 0 < sure_from <= SUREST:
        raise NetworkError(f"{path}: its calibration is no calibration; export it again.")
    inputs = session.get_inputs()[0].name

    def scores(pictures: np.ndarray) -> np.ndarray:
        return session.run(None, {inputs: pictures})[0]

    return Network(scores, temperature, sure_from, str(path))


def content_of(path: Path) -> bytes:
    """Read a file that may be a network; it is read whole, so that it can't refer to others."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "no ordinary file")
        if path.stat().st_size > MOST_BYTES:
            raise NetworkError(f"{path}: is larger than any network for digits.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NetworkError(f"{path}: there is no such file.") from error
    except OSError as error:
        raise NetworkError(f"{path}: can't be read ({error.strerror or error}).") from error


def session_of(content: bytes, path: str | Path) -> onnxruntime.InferenceSession:
    """Make an ONNX file's content ready to run, on one thread: there are no more to gain."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = QUIET
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a made-up file can provoke nearly any of them
        raise NetworkError(f"{path}: is not a network in ONNX format, or is damaged.") from error


def check(network: Network, blank: np.ndarray, shape: tuple[int, ...]) -> None:
    """Refuse a network that can't read a blank picture, or answers it in another shape."""
    try:
        answer = np.asarray(network.scores(blank))
    except Exception as error:  # ONNX Runtime, PyTorch and callables all have their own
        sentence = f"{network.name}: does not read pictures of {described(blank)}."
        raise NetworkError(sentence) from error
    if answer.shape != shape or not np.isfinite(answer).all():
        raise NetworkError(f"{network.name}: does not give {shape[1]} scores for a picture.")


def described(pictures: np.ndarray) -> str:
    """Return the size of pictures (N, high, wide) in words."""
    return f"{pictures.shape[1]} x {pictures.shape[2]} pixels"
