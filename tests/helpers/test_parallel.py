"""A process that nobody started together with others is alone, and nothing changes for it."""

import pytest
import torch
from support import among_processes
from torch import distributed, nn

from handreader.common.errors import UserError
from helpers import parallel

CPU = torch.device("cpu")


def test_process_by_itself_is_alone_and_waits_for_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    monkeypatch.delattr(distributed, "init_process_group")
    model, values = nn.Linear(2, 1), torch.tensor([1.0, 2.0])
    with parallel.together(CPU):
        assert (parallel.rank(), parallel.count()) == (0, 1)
        assert parallel.share(model) is model
        assert parallel.total(values).tolist() == [1.0, 2.0]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that the launcher started alone, so that it need not wait for others."""
    for name, value in {
        "TORCHELASTIC_RUN_ID": "test",
        "MASTER_ADDR": "localhost",
        "MASTER_PORT": "0",
        "RANK": "0",
        "WORLD_SIZE": "1",
    }.items():
        monkeypatch.setenv(name, value)


def stop_together() -> None:
    """Stop while processes work together."""
    with parallel.together(CPU):
        assert distributed.is_initialized()
        raise KeyboardInterrupt


@pytest.mark.usefixtures("launched")
def test_launched_process_meets_the_others_and_takes_leave_even_after_an_error():
    with pytest.raises(KeyboardInterrupt):
        stop_together()
    assert not distributed.is_initialized()


@pytest.mark.usefixtures("launched")
def test_process_that_does_not_know_its_place_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RANK", "first")
    with pytest.raises(UserError, match="start them by torchrun"), parallel.together(CPU):
        raise AssertionError("it went on")


@pytest.mark.usefixtures("launched")
@pytest.mark.parametrize(("kind", "backend"), [("cuda", "nccl"), ("cpu", "gloo"), ("mps", "gloo")])
def test_processes_talk_in_the_way_that_suits_their_device(
    kind: str, backend: str, monkeypatch: pytest.MonkeyPatch
):
    chosen: list[str] = []
    monkeypatch.setattr(distributed, "init_process_group", lambda way, **_: chosen.append(way))
    monkeypatch.setattr(distributed, "destroy_process_group", lambda: None)
    with parallel.together(torch.device(kind)):
        assert chosen == [backend]


@pytest.mark.usefixtures("launched")
def test_one_of_two_processes_learns_from_the_mean_gradient(monkeypatch: pytest.MonkeyPatch):
    model = nn.Linear(2, 1)
    with parallel.together(CPU):
        monkeypatch.setattr(distributed, "get_world_size", lambda *_: 2)
        shared = parallel.share(model)
    assert isinstance(shared, nn.parallel.DistributedDataParallel)
    assert shared.module is model


def test_one_of_several_processes_knows_its_number_and_the_sum_of_all(
    monkeypatch: pytest.MonkeyPatch,
):
    among_processes(monkeypatch, 1, 2, others=torch.tensor([10.0, 20.0]))
    assert (parallel.rank(), parallel.count()) == (1, 2)
    assert parallel.total(torch.tensor([1.0, 2.0])).tolist() == [11.0, 22.0]
