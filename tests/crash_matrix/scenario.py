"""A scenario: a step that is interrupted, and how its client continues."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.crash_matrix.world import World


class Recovery(StrEnum):
    """What comes after a crash."""

    CLIENT = "client"  # the same request again
    WEBHOOKS = "webhooks"  # what Stripe has not delivered yet
    RECONCILER = "reconciler"


type Recoveries = frozenset[Recovery]


def _nothing(*_: object) -> None:
    """Nothing in particular."""


@dataclass(frozen=True)
class Case:
    """A situation, built.

    right: whether the step's answer is correct. again: its client, which repeats the request and
    asserts the answer. settled: what must be true after some recoveries, in addition to what every
    scenario asserts. afterwards: how the story continues when all is done.
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
