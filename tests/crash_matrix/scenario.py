"""A scenario: a step that is cut off, and how its client goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.crash_matrix.world import World


class Recovery(StrEnum):
    """Who comes after a crash."""

    CLIENT = "client"  # the same request again
    WEBHOOKS = "webhooks"  # what Stripe has not delivered yet
    RECONCILER = "reconciler"


type Recoveries = frozenset[Recovery]


def _nothing(*_: object) -> None:
    """Nothing in particular."""


@dataclass(frozen=True)
class Case:
    """A situation, built.

    right: whether an answer of the step is the one that it has to have. again: its client, who
    repeats it and asserts the answer. settled: what is to be found after some recoveries, beyond
    what every scenario asserts. afterwards: how the story goes on when all is done.
    """

    step: Callable[[], Any]
    right: Callable[[Any], bool]
    again: Callable[[], None]
    settled: Callable[[Recoveries], None] = _nothing
    afterwards: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Scenario:
    """`function` is the one under test; `given` builds the situation before its step."""

    name: str
    function: str
    given: Callable[[World], Case]
