"""The matrix: every call of a step, interrupted in every way, then every order of recoveries.

The orders form a tree. Moments that Till could not tell apart (see `snapshot`) have the same
future, so we continue from each of them only once, and all cells that lead there share the result.
"""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import permutations

from tests.crash_matrix import invariants
from tests.crash_matrix.calls import REMEMBERED, Cut, How
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.snapshot import Snapshot
from tests.crash_matrix.world import BOB, Died, Failed, World
from tests.support.api_client import Answer

ORDERS = len(list(permutations(Recovery))) + len(Recovery)  # all three; each alone
PROPERTY = "crash matrix"  # the property of a test's report that the summary shows

_EVERYONE: Recoveries = frozenset(Recovery)
_RETRYABLE = {429, 502, 503}
_LONGEST = 300
_HAS_ANOTHER_WAY = {
    "stripe POST /v1/customers",
    "stripe POST /v1/payment_intents",
    "stripe POST /v1/payment_methods/*/attach",
    "stripe POST /v1/refunds",
}


@dataclass
class Report:
    """The results of a scenario's cells."""

    calls: list[str] = field(default_factory=list)
    cells: int = 0
    moments: int = 0
    failures: list[str] = field(default_factory=list)


def walk(world: World, scenario: Scenario) -> Report:
    """Go through every cell of a scenario."""
    beginning = world.everything.keep()
    case = scenario.given(world)
    walker = _Walker(world, case, invariants.belongings(world, BOB))
    given = world.everything.keep()
    try:
        return walker.walk(given)
    finally:
        world.everything.bring_back(beginning)


class _Walker:
    def __init__(self, world: World, case: Case, bob: list[dict[str, object]]) -> None:
        self._world = world
        self._case = case
        self._bob = bob
        self._known: dict[tuple[str, Recoveries], list[str]] = {}
        self._overtaken_wrongly: AssertionError | None = None
        self.report = Report()

    def walk(self, given: Snapshot) -> Report:
        answer, self.report.calls = self._world.attempt(self._case.step)
        assert self._case.right(answer), answer
        self._judge("not cut off", lambda: False)
        for number, call in enumerate(self.report.calls):
            for name, cut in self._cuts(number, call):
                self._world.everything.bring_back(given)
                self._judge(f"{name} call {number}, {call}", partial(self._run, cut))
        self.report.moments = len(self._known)
        return self.report

    def _cuts(self, number: int, call: str) -> Iterator[tuple[str, Cut]]:
        for how in How:
            if how is How.OVERTAKEN:
                for recovery in Recovery:
                    meanwhile = partial(self._overtake, recovery)
                    yield (
                        f"is overtaken by the {recovery} before",
                        Cut(call, how, number, meanwhile),
                    )
            elif how not in REMEMBERED or call.startswith("stripe POST"):
                yield how, Cut(call, how, number)

    def _overtake(self, recovery: Recovery) -> None:
        try:
            self._recover(recovery)
        except AssertionError as error:  # the step would swallow it
            self._overtaken_wrongly = error

    def _run(self, cut: Cut) -> bool:
        """Run the step; return whether all is well without any recovery."""
        self._overtaken_wrongly = None
        answer, _ = self._world.attempt(self._case.step, cut)
        if self._overtaken_wrongly:
            raise self._overtaken_wrongly
        if isinstance(answer, Died):
            return False
        if not self._case.right(answer):
            number = cut.number or 0
            is_first = cut.call not in self.report.calls[:number]
            assert _is_honest(answer, cut, is_first=is_first), f"it answered {answer}"
            return False
        self._check_rows(frozenset({Recovery.CLIENT}))
        return cut.how is How.OVERTAKEN

    def _judge(self, cell: str, run: Callable[[], bool]) -> None:
        self.report.cells += 1
        try:
            if run():
                self._check(frozenset())
                self._check_published()
            else:
                futures = self._futures(frozenset())
                self.report.failures += [f"{cell}{failure}" for failure in futures]
        except AssertionError as error:
            self.report.failures.append(f"{cell}: {_told(error)}")
        except Exception as error:
            error.add_note(f"It was in the cell: {cell}")
            raise

    def _futures(self, done: Recoveries) -> list[str]:
        """What is wrong now, or after some of the recoveries that are still to come."""
        now = self._world.everything.keep()
        key = (now.seen_by_till, done)
        if key not in self._known:
            self._known[key] = list(self._walk_on(now, done))
        return self._known[key]

    def _walk_on(self, now: Snapshot, done: Recoveries) -> Iterator[str]:
        try:
            self._check(done)
        except AssertionError as error:
            yield f": {_told(error)}"
            return
        for recovery in sorted(_EVERYONE - done):
            self._world.everything.bring_back(now)
            try:
                self._recover(recovery)
            except AssertionError as error:
                yield f", then the {recovery}: {_told(error)}"
                continue
            for failure in self._futures(done | {recovery}):
                yield f", then the {recovery}{failure}"

    def _recover(self, recovery: Recovery) -> None:
        match recovery:
            case Recovery.CLIENT:
                answer, _ = self._world.attempt(self._case.again)
                assert not isinstance(answer, Failed), answer
            case Recovery.WEBHOOKS:
                self._world.deliver_all()
            case Recovery.RECONCILER:
                self._world.reconcile_calmly()

    def _check(self, done: Recoveries) -> None:
        invariants.check_always(self._world, bob=self._bob)
        if done:
            self._check_rows(done)
            self._case.settled(done)
            self._check_published()
        if done == _EVERYONE:
            self._world.reconcile_calmly()  # which notes the account of what came after it
            rows = self._world.payments()
            self._world.deliver_again()
            self._world.reconcile_calmly()
            assert self._world.payments() == rows, "old events have changed a row"
            self._case.afterwards()
            invariants.check_always(self._world, bob=self._bob)

    def _check_published(self) -> None:
        self._world.publish_all()
        invariants.check_published(self._world)

    def _check_rows(self, done: Recoveries) -> None:
        """Every row says what Stripe says, as far as the recoveries could know it."""
        for row, intent, differences in invariants.behind(self._world):
            if done == {Recovery.WEBHOOKS}:
                told = intent is not None and invariants.was_told(self._world, intent)
                assert not told, differences
            else:
                raise AssertionError(f"{row['status']}: {differences}")


def _is_honest(answer: object, cut: Cut, *, is_first: bool) -> bool:
    """Whether it says that it did not work and may be tried again; nobody retries a sign-up.

    Where Stripe fails for a day the step finds another way, but not from a second failure of the
    same kind; and a confirmation may be tried again with another CVC.
    """
    healed = cut.how is How.LOST_ONCE and not cut.call.startswith("cognito")
    failed_for_a_day = cut.how is How.FAILED_FOR_A_DAY and cut.call.endswith("/confirm")
    healed |= cut.how in REMEMBERED and is_first and cut.call in _HAS_ANOTHER_WAY
    if isinstance(answer, Answer):
        honest = answer.status in _RETRYABLE and answer.body["retryable"] is True
        honest |= failed_for_a_day and answer.code == "cvc_required"
    else:
        honest = isinstance(answer, Failed) or bool(answer)
    return honest and not healed


def _told(error: AssertionError) -> str:
    """What was wrong, in one line: the assertion's own message if it has one."""
    where = traceback.extract_tb(error.__traceback__)[-1].line or ""
    return (str(error) or where).split("\n", maxsplit=1)[0][:_LONGEST]
