"""Scenarios in which nobody waits: reconcile, publish, replay."""

import copy
import time
from collections.abc import Mapping
from typing import Any

from tests.crash_matrix.calls import How
from tests.crash_matrix.paying import is_created, is_paid, unrecorded
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import VISA, Failed, World
from tests.support.gateway import run

_LONG_AGO = "2020-01-01T00:00:00.000Z"


def _did_all(answer: Any) -> bool:
    return isinstance(answer, Mapping) and answer.get("failed", 0) == 0


def reconcile(world: World) -> Case:
    """One payment is open, one never reached Stripe, one is abandoned, one refund was missed."""
    card = world.saved_card()
    world.cut_off(lambda: world.create("never-begun", card), How.AFTER, "dynamodb PutItem")
    abandoned = world.created("abandoned", card)
    world.aws.put_payment(world.payment(abandoned) | {"updated_at": _LONG_AGO})
    refunded = world.created("refunded", card)
    world.confirm(refunded, world.cvc(refunded))
    world.deliver_all()
    world.refund(refunded, 99)
    paid, token = unrecorded(world, VISA, key="paid-but-unrecorded")
    world.let_a_minute_pass()

    def again() -> None:
        confirmed = world.confirm_again(paid, token)
        assert is_paid(confirmed), confirmed
        begun = world.create("never-begun", card)
        assert is_created(begun), begun
        for payment_id in (abandoned, refunded):
            assert world.ada.payment(payment_id).status == 200

    def settled(done: Recoveries) -> None:
        if Recovery.RECONCILER in done:
            assert world.payment(abandoned)["status"] == "canceled"

    return Case(step=world.reconcile, right=_did_all, again=again, settled=settled)


def _long_history(world: World) -> None:
    """More lines of history than fit into one call. A webhook wrote the last one."""
    payment_id = world.created("refunded-often", world.saved_card())
    world.confirm(payment_id, world.cvc(payment_id))
    for _ in range(9):
        world.refund(payment_id, 1)
        world.ada.payment(payment_id)
    world.refund(payment_id, 1)
    world.deliver_all()


def publish(world: World) -> Case:
    _long_history(world)
    records = world.everything.stream()

    def again() -> None:
        world.publish(records)

    return Case(
        step=lambda: world.publish(records),
        right=lambda answer: answer is None and world.has_published_all(),
        again=again,
    )


def _is_published_or_queued(world: World) -> bool:
    return world.has_published_all() or bool(world.everything.queued())


def publish_past_poison(world: World) -> Case:
    """One of the records cannot be read, and is published from its row later."""
    _long_history(world)
    records = copy.deepcopy(world.everything.stream())
    del records[-3]["dynamodb"]["NewImage"]["amount"]

    def again() -> None:
        world.publish(records)
        _work_off(world)

    return Case(
        step=lambda: world.publish(records),
        right=lambda answer: answer is None and _is_published_or_queued(world),
        again=again,
    )


def _work_off(world: World) -> None:
    """Everything on the queue is published, once nobody is working on it any more."""
    world.everything.release_messages()
    answer = run("replay_events", {"queued": True})
    assert "messages_left" not in answer["counts"], answer
    assert world.everything.queued() == []
    assert world.has_published_all()


def republish_queued(world: World) -> Case:
    """The queue names a line, and a time in which Lambda gave up calling the publisher."""
    _long_history(world)
    payment = world.payments()[-1]
    arrival = {
        "approximateArrivalOfFirstRecord": "2020-01-01T00:00:00Z",
        "approximateArrivalOfLastRecord": "2999-01-01T00:00:00Z",
    }
    world.aws.queue({"payment_id": payment["payment_id"], "line": 3, "reason": "KeyError"})
    world.aws.queue({"DDBStreamBatchInfo": arrival})

    def right(answer: Any) -> bool:
        return not isinstance(answer, Failed) and _is_published_or_queued(world)

    return Case(
        step=lambda: run("replay_events", {"queued": True}),
        right=right,
        again=lambda: _work_off(world),
    )


def _replay(world: World, event: Mapping[str, Any], paid: str, token: str) -> Case:
    """An operator's command, which they repeat, while the payment's client waits."""

    def step() -> Any:
        return run("replay_events", event)

    def again() -> None:
        step()
        confirmed = world.confirm_again(paid, token)
        assert is_paid(confirmed), confirmed

    def right(answer: Any) -> bool:
        return not isinstance(answer, Failed) and _did_all(answer.get("counts", {}))

    return Case(step=step, right=right, again=again)


def replay_window(world: World) -> Case:
    paid, token = unrecorded(world, VISA, key="unrecorded")
    world.refund(paid, 99)
    world.let_a_minute_pass()
    now = int(time.time())
    return _replay(world, {"since": now - 3600, "until": now}, paid, token)


def replay_event(world: World) -> Case:
    paid, token = unrecorded(world, VISA, key="unrecorded")
    event = world.event("payment_intent.succeeded")
    return _replay(world, {"event_id": event["id"]}, paid, token)


def replay_payment(world: World) -> Case:
    card = world.saved_card()
    world.cut_off(lambda: world.create("never-begun", card), How.AFTER, "dynamodb PutItem")
    (row,) = [row for row in world.payments() if row["status"] == "pending"]
    payment_id = row["payment_id"]
    return _replay(world, {"payment_id": payment_id}, payment_id, world.cvc(payment_id))


def republish(world: World) -> Case:
    _long_history(world)

    def step() -> Any:
        return run("replay_events", {"republish_since": _LONG_AGO})

    def right(answer: Any) -> bool:
        return not isinstance(answer, Failed) and world.has_published_all()

    def again() -> None:
        assert right(step())

    return Case(step=step, right=right, again=again)


SCENARIOS = [
    Scenario("reconcile", "reconcile_payments", reconcile),
    Scenario("publish", "publish_payment_events", publish),
    Scenario("replay a window", "replay_events", replay_window),
    Scenario("replay an event", "replay_events", replay_event),
    Scenario("replay a payment", "replay_events", replay_payment),
    Scenario("publish again", "replay_events", republish),
    Scenario("publish past poison", "publish_payment_events", publish_past_poison),
    Scenario("publish what is queued", "replay_events", republish_queued),
]
