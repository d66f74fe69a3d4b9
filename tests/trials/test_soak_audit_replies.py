"""The soak's audit of answers to clients: unexplained and untrue ones."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.trials.soak_evidence import FINE, LINE, ROW, kinds
from trials.soak.ledger import Fault, Outcome, Reply

CONFIRM = "POST /payments/{payment_id}/confirm"


def reply(route: str, status: int, body: Mapping[str, object]) -> Reply:
    """An answer between two and three o'clock."""
    return Reply(
        route, Outcome.ANSWERED, 2.0, 3.0, status=status, body=body, payment_id="pay_1", key="key-1"
    )


def test_a_failing_answer_needs_a_fault_of_its_function_at_that_time() -> None:
    failed = reply(CONFIRM, 503, {"code": "stripe_unavailable"})

    def explained_by(*faults: Fault) -> bool:
        return kinds(replace(FINE, replies=[failed], faults=faults)) == []

    assert explained_by(Fault("http_500", "till/confirm_payment_intent", 2.5))
    assert not explained_by()
    assert not explained_by(Fault("http_500", "till/confirm_payment_intent", 1.5))
    assert not explained_by(Fault("http_500", "till/get_payment", 2.5))


@pytest.mark.parametrize(
    ("route", "status", "code"),
    [
        (CONFIRM, 500, "internal_error"),
        (CONFIRM, 503, "service_unavailable"),
        (CONFIRM, 502, "stripe_unavailable"),
        (CONFIRM, 404, "payment_not_found"),
        ("POST /payments", 418, "teapot"),
        ("GET /payments", 401, "not_authenticated"),
    ],
)
def test_an_answer_that_no_fault_can_explain_is_found(route: str, status: int, code: str) -> None:
    app = "till/confirm_payment_intent"
    evidence = replace(
        FINE, replies=[reply(route, status, {"code": code})], faults=[Fault("http_500", app, 2.5)]
    )

    assert kinds(evidence) == ["answer"]


def test_no_answer_is_found_unless_the_client_itself_went_away() -> None:
    unanswered = Reply(CONFIRM, Outcome.UNANSWERED, 2.0, 3.0)

    assert kinds(replace(FINE, replies=[unanswered])) == ["unanswered"]
    assert kinds(replace(FINE, replies=[replace(unanswered, outcome=Outcome.LOST)])) == []


def test_a_refused_webhook_is_found_and_a_failed_one_needs_a_fault() -> None:
    fault = Fault("http_500", "till/stripe_webhook", 1.0)

    assert kinds(replace(FINE, webhooks={"200": 5, "400": 1, "no answer": 2})) == ["answer"]
    assert kinds(replace(FINE, webhooks={"200": 5, "503": 1})) == ["answer"]
    assert kinds(replace(FINE, webhooks={"200": 5, "503": 1}, faults=[fault])) == []


def test_what_somebody_was_told_for_good_has_to_stay_true() -> None:
    told = {name: ROW[name] for name in ("payment_id", "amount", "currency", "lines")}
    payment = {**told, "status": "requires_action", "payment_intent_id": "pi_1"}

    def told_of(**changes: object) -> list[str]:
        return kinds(replace(FINE, replies=[reply(CONFIRM, 200, payment | changes)]))

    assert told_of() == told_of(status="succeeded") == []
    assert told_of(status="canceled") == ["told"]
    assert told_of(amount=100) == ["told"]
    assert told_of(lines=[LINE | {"quantity": 3}]) == ["told"]
    assert told_of(payment_id="pay_9") == ["told"] * 3
    assert told_of(amount_refunded=4801) == ["told"]
    assert told_of(amount_refunded=4800) == []  # and then the refund has failed
    over = reply(CONFIRM, 409, {"code": "payment_not_confirmable"})
    assert kinds(replace(FINE, replies=[over])) == ["told"]


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ({"refund_id": "ref_1", "amount": 5}, {"refund_id": "ref_1", "amount": 5}, []),
        ({"refund_id": "ref_1", "amount": 5}, {"refund_id": "ref_2", "amount": 5}, ["key"]),
        ({"order_id": "ord_1", "total": 5}, {"order_id": "ord_1", "total": 5}, []),
        ({"order_id": "ord_1", "total": 5}, {"order_id": "ord_2", "total": 5}, ["key"]),
    ],
)
def test_one_key_is_one_refund_and_one_order(
    first: dict[str, object], second: dict[str, object], found: list[str]
) -> None:
    replies = [
        reply("POST /merchant/orders", 201, {"payment_id": "pay_1", **body})
        for body in (first, second)
    ]

    assert kinds(replace(FINE, replies=replies)) == found


def test_one_key_that_led_to_two_payments_is_found() -> None:
    payment = {name: ROW[name] for name in ("payment_id", "amount", "currency", "lines")}
    first = {**payment, "status": "pending", "payment_intent_id": "pi_1"}
    replies = [
        reply("POST /payments", 201, first),
        reply("POST /payments", 201, first | {"payment_intent_id": "pi_2"}),
    ]

    assert kinds(replace(FINE, replies=replies)) == ["key"]
