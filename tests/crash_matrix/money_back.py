"""Scenarios of the merchant's money: refunds, captures, and payments that are cancelled."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tests.crash_matrix.calls import REMEMBERED, How
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import VISA, World
from tests.support.api_client import Answer

_KEY = "a-key-of-adas"
_REFUND_KEY = "a-refund-of-99"
_REFUND = {"amount": 99, "reason": "requested_by_customer", "note": "A torn bag"}
_PART = 600
_STRIPE_REFUNDS = "stripe POST /v1/refunds"
_BOTH_ASK = {Recovery.CLIENT, Recovery.RECONCILER}


def _refund(world: World, payment_id: str, **body: object) -> Answer:
    path = f"/merchant/payments/{payment_id}/refunds"
    return world.merchant("POST", path, body=_REFUND | body, key=_REFUND_KEY)


def _is_refunded(answer: Answer) -> bool:
    return (answer.status, answer.body.get("status")) == (201, "succeeded")


def _paid(world: World, number: str = VISA) -> str:
    payment_id = world.created(_KEY, world.saved_card(number))
    answer = world.confirm(payment_id, world.cvc(payment_id))
    assert answer.body["status"] == "succeeded", answer
    return payment_id


def _refund_of(world: World, payment_id: str, right: Callable[[Answer], bool]) -> Case:
    """Ask for a refund, and ask again."""

    def again() -> None:
        answer = _refund(world, payment_id)
        assert right(answer), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert [refund["amount"] for refund in world.objects("refunds")] == [99]
        if done & _BOTH_ASK:  # what was never written down, only the client knows of
            written = world.everything.rows("RefundsTable")
            assert len(world.objects("refunds")) == len(written)
            assert world.payment(payment_id)["refund_requests"] == []

    def afterwards() -> None:
        answer = _refund(world, payment_id)
        assert right(answer), answer
        other = _refund(world, payment_id, amount=100)
        assert (other.status, other.code) == (409, "idempotency_key_reused")
        assert len(world.objects("refunds")) == 1
        assert len(_told(world, payment_id)) == 1

    return Case(
        step=lambda: _refund(world, payment_id),
        right=right,
        again=again,
        settled=settled,
        afterwards=afterwards,
    )


def _told(world: World, payment_id: str) -> list[str]:
    """The lines of the history about refunds."""
    lines = [line["to_status"] for line in world.payment(payment_id)["history"]]
    return [line for line in lines if "refund" in line]


def _create_refund(world: World) -> Case:
    return _refund_of(world, _paid(world), _is_refunded)


def _create_refund_again(world: World, how: How) -> Case:
    """Stripe has failed at it and remembers that, and then the step died."""
    payment_id = _paid(world)
    world.fail_for_a_day(how)
    world.cut_off(lambda: _refund(world, payment_id), How.AFTER, _STRIPE_REFUNDS)
    return _refund_of(world, payment_id, _is_refunded)


def _create_refund_refused(world: World) -> Case:
    """The payment is disputed: the amount is released, and every request hears the same."""
    payment_id = _paid(world)
    world.dispute(payment_id)
    world.deliver_all()

    def is_refused(answer: Answer) -> bool:
        return answer.status == 409 and answer.code == "payment_not_refundable"

    def settled(done: Recoveries) -> None:
        assert world.objects("refunds") == []
        if Recovery.CLIENT in done:
            assert world.payment(payment_id)["refund_requests"] == []

    def afterwards() -> None:
        assert is_refused(_refund(world, payment_id))
        assert _told(world, payment_id) == ["refund_refused"]

    case = _refund_of(world, payment_id, is_refused)
    return replace(case, settled=settled, afterwards=afterwards)


def _list_refunds(world: World) -> Case:
    """One was made in the dashboard, and our row does not know it."""
    payment_id = _paid(world)
    world.refund(payment_id, 99)

    def listed() -> Answer:
        return world.merchant("GET", f"/merchant/payments/{payment_id}/refunds")

    def is_listed(answer: Answer) -> bool:
        return answer.status == 200 and [each["amount"] for each in answer.body["data"]] == [99]

    def again() -> None:
        answer = listed()
        assert is_listed(answer), answer

    return Case(step=listed, right=is_listed, again=again)


def _held(world: World) -> str:
    card = world.saved_card()
    order = world.make_order("an-order-of-adas", capture_method="manual")
    payment_id = str(world.pay_order(_KEY, order.body["order_id"], card).body["payment_id"])
    answer = world.confirm(payment_id, world.cvc(payment_id))
    assert answer.body["status"] == "requires_capture", answer
    return payment_id


def _capture(world: World) -> Case:
    """A part is captured; the same again is harmless, and another amount is not."""
    payment_id = _held(world)
    order_id = world.payment(payment_id)["order_id"]

    def capture(amount: int = _PART) -> Answer:
        path = f"/merchant/payments/{payment_id}/capture"
        return world.merchant("POST", path, body={"amount": amount})

    def right(answer: Answer) -> bool:
        return answer.status == 200 and answer.body["amount_received"] == _PART

    def again() -> None:
        answer = capture()
        assert right(answer), answer

    def settled(done: Recoveries) -> None:
        row = world.payment(payment_id)
        if done & _BOTH_ASK:  # what was never written down, only the client knows of
            assert "instruction" not in row
        if Recovery.CLIENT in done:
            assert row["status"] == "succeeded"
        if row["status"] == "succeeded":
            assert row["amount_received"] == _PART
            assert world.order_row(order_id)["paid_at"]

    def afterwards() -> None:
        again()
        assert capture(_PART + 1).code == "payment_not_capturable"

    return Case(step=capture, right=right, again=again, settled=settled, afterwards=afterwards)


def _cancellation(world: World, payment_id: str, step: Callable[[], Answer]) -> Case:
    def is_canceled(answer: Answer) -> bool:
        return answer.status == 200 and answer.body["status"] == "canceled"

    def again() -> None:
        answer = step()
        assert is_canceled(answer), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            row = world.payment(payment_id)
            assert (row["status"], row.get("instruction")) == ("canceled", None)

    def afterwards() -> None:
        again()
        told = [line["to_status"] for line in world.payment(payment_id)["history"]]
        assert told.count("canceled") == 1

    return Case(step=step, right=is_canceled, again=again, settled=settled, afterwards=afterwards)


def _by_merchant(world: World, payment_id: str) -> Answer:
    return world.merchant("POST", f"/merchant/payments/{payment_id}/cancel", body={})


def _cancel_held(world: World) -> Case:
    payment_id = _held(world)
    return _cancellation(world, payment_id, partial(_by_merchant, world, payment_id))


def _cancel_own(world: World) -> Case:
    payment_id = world.created(_KEY, world.saved_card())
    path = f"/payments/{payment_id}/cancel"
    return _cancellation(world, payment_id, partial(world.ada.send, "POST", path))


def _cancel_of_cut_off_creation(world: World) -> Case:
    """Nobody knows whether Stripe has begun it."""
    card = world.saved_card()
    world.cut_off(lambda: world.create(_KEY, card), How.BEFORE, "stripe POST /v1/payment_intents")
    (row,) = [row for row in world.payments() if row["status"] == "pending"]
    payment_id = str(row["payment_id"])
    return _cancellation(world, payment_id, partial(_by_merchant, world, payment_id))


def _hold_runs_out(world: World) -> Case:
    payment_id = _held(world)
    intent = world.intent_of(payment_id)
    assert intent
    world.stripe.let_hold_expire(intent["id"])
    event = world.event("charge.expired")

    def seen() -> None:
        path = f"/merchant/payments/{payment_id}"
        assert world.merchant("GET", path).body["status"] == "canceled"

    def settled(_: Recoveries) -> None:
        row = world.payment(payment_id)
        if row["status"] == "canceled":
            assert row["history"][-1]["to_status"] == "hold_expired"
            assert world.order_row(row["order_id"])["hold_expired_at"]

    return Case(
        step=lambda: world.deliver(event),
        right=lambda answer: answer.status == 200,
        again=seen,
        settled=settled,
    )


SCENARIOS = [
    Scenario("refund", "create_refund", _create_refund),
    Scenario("refund, refused", "create_refund", _create_refund_refused),
    *(
        Scenario(
            f"refund, {how} it before", "create_refund", partial(_create_refund_again, how=how)
        )
        for how in REMEMBERED
    ),
    Scenario("list refunds", "list_refunds", _list_refunds),
    Scenario("capture", "capture_payment", _capture),
    Scenario("cancel, held", "cancel_merchant_payment", _cancel_held),
    Scenario("cancel, creation cut off", "cancel_merchant_payment", _cancel_of_cut_off_creation),
    Scenario("cancel one's own", "cancel_payment", _cancel_own),
    Scenario("webhook of a hold that runs out", "stripe_webhook", _hold_runs_out),
]
