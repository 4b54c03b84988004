"""Load a network from one ONNX file safely, check it, and run it without PyTorch."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from handreader.common.errors import UserError

FORMAT = "handreader/1"
WEIGHTS = Path(__file__).with_name("weights")
MOST_BYTES = 256 * 2**20  # far more than any network for digits has; larger files are refused
TEMPERATURE, SURE_FROM = 1.0, 0.6  # without calibration: scores as they are, sure from 60 %
HOTTEST, SUREST = 1000.0, 1.0  # upper limits: beyond, all answers are alike, or none is sure
QUIET = 4  # ONNX Runtime logs only fatal errors: the others are also raised

Scores = Callable[[np.ndarray], np.ndarray]


class NetworkError(UserError):
    """The reason why a file can't be used as a network, in a sentence that names the file."""


@dataclass(frozen=True)
class Network:
    """A function that scores pictures, and the calibration of its scores.

    `scores` takes bytes. For framed digits (N, 28, 28) it returns (N, 10); for lines (N, 32, W) it
    returns (N, 1 + signs, W / 4). Any callable will do.
    """

    scores: Scores
    temperature: float = TEMPERATURE  # scores are divided by it to calibrate the confidence
    sure_from: float = SURE_FROM  # an answer with less confidence is marked as unsure
    name: str = "The network"  # for error messages: its file, if it has one

    def log_probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """Return the log-probability of each class, in the shape of the scores."""
        scores = np.asarray(self.scores(pictures), np.float64) / self.temperature
        return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def prepare(
    source: Network | Scores | str | Path,
    classes: Sequence[str],
    blank: np.ndarray,
    shape: tuple[int, ...],
) -> Network:
    """Return a network from a file or a callable, after a trial run that reveals errors early."""
    if isinstance(source, (str, Path)):
        source = load(source, classes)
    network = source if isinstance(source, Network) else Network(source)
    check(network, blank, shape)
    return network


def load(path: str | Path, classes: Sequence[str]) -> Network:
    """Load a network for these classes from an ONNX file."""
    return from_bytes(content_of(Path(path)), classes, path)


def from_bytes(content: bytes, classes: Sequence[str], path: str | Path) -> Network:
    """Return the network in an ONNX file's content; `path` is for error messages."""
    scores = OnnxScores(content, path)
    metadata = scores.session.get_modelmeta().custom_metadata_map
    if metadata.get("format") != FORMAT:
        raise NetworkError(f"{path}: is an ONNX file, but not a network for this reader.")
    try:
        found = json.loads(metadata["classes"])
        temperature, sure_from = (float(metadata[name]) for name in ("temperature", "sure_from"))
    except (KeyError, ValueError, RecursionError) as error:
        sentence = f"{path}: lacks its classes or its calibration; export it again."
        raise NetworkError(sentence) from error
    if found != list(classes):
        raise NetworkError(f"{path}: its network reads other classes than {' '.join(classes)}.")
    if not 0 < temperature <= HOTTEST or not 0 < sure_from <= SUREST:
        raise NetworkError(f"{path}: its calibration is no calibration; export it again.")
    return Network(scores, temperature, sure_from, str(path))


class OnnxScores:
    """Scores by an ONNX file's content, which can be pickled for another process."""

    def __init__(self, content: bytes, path: str | Path):
        self.content, self.path = content, path
        self.session = session_of(content, path)
        self.inputs = self.session.get_inputs()[0].name

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Return the scores of a batch of pictures."""
        return self.session.run(None, {self.inputs: pictures})[0]

    def __reduce__(self) -> tuple:
        """Be made again from the file's content: a session of ONNX Runtime can't be pickled."""
        return OnnxScores, (self.content, self.path)


def content_of(path: Path) -> bytes:
    """Read the whole file: a network given as bytes can't refer to other files."""
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
    """Load an ONNX file's content for running on one thread; more bring no gain."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # lines differ in width
    options.log_severity_level = QUIET
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a malicious file can provoke nearly any error
        raise NetworkError(f"{path}: is not a network in ONNX format, or is damaged.") from error


def check(network: Network, blank: np.ndarray, shape: tuple[int, ...]) -> None:
    """Raise NetworkError if a blank picture fails, or has not finite scores of this shape."""
    try:
        answer = np.asarray(network.scores(blank))
    except Exception as error:  # ONNX Runtime, PyTorch and callables each raise their own
        size = f"{blank.shape[1]} x {blank.shape[2]} pixels"
        raise NetworkError(f"{network.name}: does not read pictures of {size}.") from error
    if answer.shape != shape or not np.isfinite(answer).all():
        raise NetworkError(f"{network.name}: does not give {shape[1]} finite scores for a picture.")
