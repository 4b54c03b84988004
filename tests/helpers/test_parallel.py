"""A process that nobody started together with others is alone, and nothing changes for it."""

import pytest
import torch
from support import among_processes
from torch import distributed, nn

from handreader.common.errors import UserError
from helpers import parallel


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)


def test_process_by_itself_is_the_first_of_one():
    assert not parallel.launched()
    assert not parallel.joined()
    assert (parallel.rank(), parallel.count()) == (0, 1)


def test_process_by_itself_trains_its_own_network_and_sums_nothing():
    model, values = nn.Linear(2, 1), torch.tensor([1.0, 2.0])
    assert parallel.share(model) is model
    assert parallel.total(values).tolist() == [1.0, 2.0]


def test_process_by_itself_waits_for_nobody(monkeypatch: pytest.MonkeyPatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("others are waited for")

    monkeypatch.setattr(distributed, "init_process_group", never)
    with parallel.together(torch.device("cpu")):
        assert not parallel.joined()


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


def stopped_together() -> None:
    """Stop while processes work together."""
    with parallel.together(torch.device("cpu")):
        assert parallel.joined()
        raise KeyboardInterrupt


@pytest.mark.usefixtures("launched")
def test_launched_process_meets_the_others_and_takes_leave_even_after_an_error():
    assert parallel.launched()
    with pytest.raises(KeyboardInterrupt):
        stopped_together()
    assert not parallel.joined()


@pytest.mark.usefixtures("launched")
@pytest.mark.parametrize("value", [None, "first"])
def test_process_that_does_not_know_its_place_is_one_sentence(
    value: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RANK", value or "")
    if value is None:
        monkeypatch.delenv("RANK")
    with (
        pytest.raises(UserError, match="start them by torchrun"),
        parallel.together(torch.device("cpu")),
    ):
        raise AssertionError("it went on")


@pytest.mark.usefixtures("launched")
def test_processes_that_are_started_again_do_not_meet_those_that_ended(
    monkeypatch: pytest.MonkeyPatch,
):
    store, found = distributed.HashStore(), []
    monkeypatch.setattr(distributed, "rendezvous", lambda _: iter([(store, 0, 1)]))
    monkeypatch.setattr(distributed, "destroy_process_group", lambda: None)

    def meet(_way: str, store: distributed.Store, **_: int) -> None:
        found.append(store.check(["address"]))
        store.set("address", "mine")

    monkeypatch.setattr(distributed, "init_process_group", meet)
    for restarts in ("0", "1", "1"):
        monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", restarts)
        with parallel.together(torch.device("cpu")):
            assert parallel.restarted() == (restarts == "1")
    assert found == [False, False, True]


@pytest.mark.usefixtures("launched")
@pytest.mark.parametrize(("kind", "backend"), [("cuda", "nccl"), ("cpu", "gloo"), ("mps", "gloo")])
def test_processes_talk_in_the_way_that_suits_their_device(
    kind: str, backend: str, monkeypatch: pytest.MonkeyPatch
):
    chosen = []
    monkeypatch.setattr(distributed, "init_process_group", lambda way, **_: chosen.append(way))
    monkeypatch.setattr(distributed, "destroy_process_group", lambda: None)
    with parallel.together(torch.device(kind)):
        pass
    assert chosen == [backend]


@pytest.mark.usefixtures("launched")
def test_one_of_two_processes_learns_from_the_mean_gradient(monkeypatch: pytest.MonkeyPatch):
    model = nn.Linear(2, 1)
    with parallel.together(torch.device("cpu")):
        assert parallel.share(model) is model
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
