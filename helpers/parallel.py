"""One network trained by several processes, as PyTorch's own launcher `torchrun` starts them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from handreader.common.errors import UserError


def launched() -> bool:
    """Whether `torchrun` started this process, so that there may be others."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def restarts() -> str:
    """How often `torchrun` started this process again, after one of its group had ended."""
    return os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")


def restarted() -> bool:
    """Whether there were such processes before these."""
    return restarts() != "0"


def rank() -> int:
    """The number of this process; 0 if it is alone."""
    return distributed.get_rank() if joined() else 0


def count() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if joined() else 1


def joined() -> bool:
    """Whether this process can talk to others."""
    return distributed.is_available() and distributed.is_initialized()


@contextmanager
def together(device: torch.device) -> Iterator[None]:
    """Meet the other processes, if there are any, and take leave of them at the end."""
    if not launched():
        yield
        return
    try:
        meet("nccl" if device.type == "cuda" else "gloo")
    except (ValueError, RuntimeError) as error:
        raise UserError("The processes don't find each other: start them by torchrun.") from error
    try:
        yield
    finally:
        distributed.destroy_process_group()


def meet(backend: str) -> None:
    """Wait for the other processes; those that were started again, only for one another."""
    store, rank, count = next(distributed.rendezvous("env://"))
    store = distributed.PrefixStore(restarts(), store)
    distributed.init_process_group(backend, store=store, rank=rank, world_size=count)


class LostError(Exception):
    """Another process ended, and this one can't train without it."""


@contextmanager
def noticing_loss() -> Iterator[None]:
    """Tell the end of another process from a mistake."""
    try:
        yield
    except RuntimeError as error:  # Gloo has no kind of error of its own
        if count() > 1 and (isinstance(error, distributed.DistError) or "gloo" in str(error)):
            raise LostError from error
        raise


def share(model: nn.Module) -> nn.Module:
    """The model as all processes train it: each with its own digits, all with the mean gradient."""
    return DistributedDataParallel(model) if count() > 1 else model


def total(values: Tensor) -> Tensor:
    """The sum over all processes."""
    if count() > 1:
        distributed.all_reduce(values)
    return values
