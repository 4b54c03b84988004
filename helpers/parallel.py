"""Training of one network by several processes, started by PyTorch's launcher `torchrun`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from handreader.common.errors import UserError


class LostError(Exception):
    """The end of another process, without which this one can't go on training."""


def launched() -> bool:
    """Tell whether `torchrun` started this process, so that there may be others."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def restarts() -> str:
    """Return how often `torchrun` has restarted this group, after one of its processes ended."""
    return os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")


def restarted() -> bool:
    """Tell whether `torchrun` has restarted this process."""
    return restarts() != "0"


def rank() -> int:
    """Return the number of this process; 0 if it is alone."""
    return distributed.get_rank() if count() > 1 else 0


def count() -> int:
    """Return how many processes train together."""
    together = distributed.is_available() and distributed.is_initialized()
    return distributed.get_world_size() if together else 1


@contextmanager
def together(device: torch.device) -> Iterator[None]:
    """Join the other processes, if there are any, and leave the group at the end."""
    if not launched():
        yield
        return
    try:
        store, rank, count = next(distributed.rendezvous("env://"))
        store = distributed.PrefixStore(restarts(), store)  # or a restart would meet ended ones
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, store=store, rank=rank, world_size=count)
    except (ValueError, RuntimeError) as error:
        raise UserError("The processes don't find each other: start them by torchrun.") from error
    try:
        yield
    finally:
        distributed.destroy_process_group()


@contextmanager
def noticing_loss() -> Iterator[None]:
    """Raise a LostError if another process has ended; pass other errors on."""
    try:
        yield
    except RuntimeError as error:  # Gloo has no error class of its own
        if count() > 1 and (isinstance(error, distributed.DistError) or "gloo" in str(error)):
            raise LostError from error
        raise


def share(model: nn.Module) -> nn.Module:
    """Return the model as all processes train it together, by the mean of their gradients."""
    return DistributedDataParallel(model) if count() > 1 else model


def total(values: Tensor) -> Tensor:
    """Return the sum over all processes; `values` is overwritten."""
    if count() > 1:
        distributed.all_reduce(values)
    return values
