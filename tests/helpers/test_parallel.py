"""A process that nobody started together with others is alone, and nothing changes for it."""

import pytest
import torch
from torch import distributed, nn

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


def test_launched_process_meets_the_others_and_takes_leave_even_after_an_error(
    monkeypatch: pytest.MonkeyPatch,
):
    for name, value in {
        "TORCHELASTIC_RUN_ID": "test",
        "MASTER_ADDR": "localhost",
        "MASTER_PORT": "0",
        "RANK": "0",
        "WORLD_SIZE": "1",
    }.items():
        monkeypatch.setenv(name, value)

    def broken_off() -> None:
        with parallel.together(torch.device("cpu")):
            assert parallel.joined()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert not parallel.joined()
