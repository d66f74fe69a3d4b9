"""Refunds, captures and cancellations, with Stripe's and DynamoDB's real answers."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support import gateway
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import client_for, merchants_gateway
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
PENDING_REFUND = "4000000000007726"
DISPUTED = "4000000000000259"
INQUIRY = "4000000000001976"
FINAL = {"succeeded", "canceled"}


def merchants(method: str, path: str, body: object = None, *, key: str | None = None) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    return merchants_gateway("staff:sam")(method, path, body=body, headers=headers)


def refund(payment_id: str, *, key: str | None = None, **body: object) -> Answer:
    path = f"/merchant/payments/{payment_id}/refunds"
    return merchants("POST", path, body, key=key or str(uuid.uuid4()))


def listed(payment_id: str) -> list[Mapping[str, Any]]:
    answer = merchants("GET", f"/merchant/payments/{payment_id}/refunds")
    assert answer.status == 200, answer
    assert answer.body["next_cursor"] is None
    return list(answer.body["data"])


def capture(payment_id: str, **body: object) -> Answer:
    return merchants("POST", f"/merchant/payments/{payment_id}/capture", body)


def cancel(payment_id: str) -> Answer:
    return merchants("POST", f"/merchant/payments/{payment_id}/cancel", {})


def seen(payment_id: str) -> Mapping[str, Any]:
    return dict(merchants("GET", f"/merchant/payments/{payment_id}").body)


def begun(person: ApiClient, stripe: Simulator, number: str = VISA, **body: object) -> str:
    """A payment that waits for its confirmation."""
    card = person.attached(stripe.payment_method(number))
    body = {"items": [{"product_id": "coffee"}], "payment_method_id": card, **body}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = person.send("POST", "/payments", body=body, headers=headers)
    assert answer.status == 201, answer
    return str(answer.body["payment_id"])


def paid(person: ApiClient, stripe: Simulator, number: str = VISA, **body: object) -> str:
    """A payment that succeeded."""
    payment_id = begun(person, stripe, number, **body)
    answer = person.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert answer.body["status"] == "succeeded", answer
    return payment_id


def held(person: ApiClient, stripe: Simulator, user_id: str) -> str:
    """A payment of 20.00 EUR that the bank holds."""
    card = person.attached(stripe.payment_method(VISA))
    order = merchants_gateway()(
        "POST",
        "/merchant/orders",
        body={
            "order_reference": "R-1",
            "currency": "eur",
            "user_id": user_id,
            "lines": [{"description": "A room", "quantity": 1, "unit_amount": 2000}],
            "capture_method": "manual",
        },
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert order.status == 201, order
    made = person.create(order_id=order.body["order_id"], payment_method_id=card)
    assert made.status == 201, made
    payment_id = str(made.body["payment_id"])
    answer = person.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert answer.body["status"] == "requires_capture", answer
    return payment_id


@pytest.fixture
def guest(stripe: Simulator) -> "Guest":
    return Guest(stripe)


class Guest:
    """Somebody who books a room."""

    def __init__(self, stripe: Simulator) -> None:
        self.user_id = str(uuid.uuid4())
        self.api = client_for(self.user_id)
        self.payment_id = held(self.api, stripe, self.user_id)


def at_once[Result](requests: Iterable[Callable[[], Result]]) -> list[Result]:
    """Send all of them at the same time."""
    waiting = list(requests)
    with ThreadPoolExecutor(32) as pool:
        return [future.result() for future in [pool.submit(each) for each in waiting]]


def given_back(stripe: Simulator) -> int:
    """What Stripe has given back, or is about to; not what was only held and never taken."""
    kept = {"succeeded", "pending", "requires_action"}
    found = stripe.listed(SECRET_KEY, "/v1/refunds")
    taken = [each for each in found if each["balance_transaction"]]
    return sum(each["amount"] for each in taken if each["status"] in kept)


# Money back


def test_a_part_is_given_back_and_told_everywhere(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe)

    answer = refund(payment_id, amount=500, reason="requested_by_customer", note="A torn bag")

    assert answer.status == 201, answer
    told = answer.body
    assert told["refund_id"].startswith("ref_")
    assert {name: told[name] for name in ("payment_id", "amount", "currency", "status")} == {
        "payment_id": payment_id,
        "amount": 500,
        "currency": "eur",
        "status": "succeeded",
    }
    assert listed(payment_id) == [told]
    assert (told["reason"], told["note"]) == ("requested_by_customer", "A torn bag")
    assert told["actor"] == "staff:sam"
    payment = seen(payment_id)
    assert (payment["amount_refunded"], payment["amount_refundable"]) == (500, 599)
    last = payment["history"][-1]
    assert (last["to_status"], last["by"], last["actor"]) == (
        "partially_refunded",
        "refund",
        "staff:sam",
    )
    [at_stripe] = stripe.listed(SECRET_KEY, "/v1/refunds")
    assert at_stripe["metadata"] | {"request_hash": ""} == {
        "refund_id": told["refund_id"],
        "payment_id": payment_id,
        "stack": "till",
        "actor": "staff:sam",
        "note": "A torn bag",
        "request_hash": "",
        "created_at": told["created_at"],
    }
    assert at_stripe["reason"] == "requested_by_customer"


def test_it_costs_one_call_to_stripe(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe)
    stripe.forget_calls()
    assert refund(payment_id, amount=500).status == 201
    assert [call["path"] for call in stripe.calls()] == ["/v1/refunds"]


def test_a_key_is_one_refund_and_two_keys_are_two(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe)

    first = refund(payment_id, key="refund-1111", amount=500)
    again = refund(payment_id, key="refund-1111", amount=500)
    other = refund(payment_id, key="refund-1111", amount=501)
    second = refund(payment_id, key="refund-2222", amount=500)
    third = refund(payment_id, key="refund-3333", amount=500)

    assert again.body == first.body
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert second.status == 201
    assert (third.status, third.code) == (422, "amount_too_large")
    assert given_back(stripe) == 1000


@pytest.mark.parametrize(("currency", "price"), [("eur", 1099), ("jpy", 1800), ("kwd", 3500)])
def test_the_rest_is_given_back_to_the_unit(
    ada: ApiClient, stripe: Simulator, currency: str, price: int
) -> None:
    payment_id = paid(ada, stripe, currency=currency)
    assert refund(payment_id, amount=20).status == 201
    assert refund(payment_id).body["amount"] == price - 20
    assert (refund(payment_id).status, given_back(stripe)) == (422, price)
    assert seen(payment_id)["history"][-1]["to_status"] == "refunded"


def test_an_amount_that_the_currency_has_not_is_refused(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe, currency="kwd")
    answer = refund(payment_id, amount=1234)
    assert (answer.status, answer.code) == (422, "validation_error")
    assert given_back(stripe) == 0


@pytest.mark.parametrize(
    "body",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": "5"},
        {"amount": 5.5},
        {"reason": "because"},
        {"note": ""},
        {"note": "x" * 501},
        {"currency": "eur"},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    ada: ApiClient, stripe: Simulator, body: dict[str, object]
) -> None:
    path = f"/merchant/payments/{paid(ada, stripe)}/refunds"
    answer = merchants("POST", path, body, key="refund-1111")
    assert (answer.status, answer.code) == (422, "validation_error")


def test_pending_is_told_as_such_until_the_bank_has_decided(
    ada: ApiClient, stripe: Simulator
) -> None:
    payment_id = paid(ada, stripe, PENDING_REFUND)
    told = refund(payment_id, key="refund-1111", amount=500).body
    assert told["status"] == "pending"
    assert seen(payment_id)["amount_refunded"] == 0
    [at_stripe] = stripe.listed(SECRET_KEY, "/v1/refunds")

    stripe.move_refund(at_stripe["id"], "succeeded")
    deliver(events(stripe, "refund.updated")[0])

    assert refund(payment_id, key="refund-1111", amount=500).body["status"] == "succeeded"
    assert seen(payment_id)["amount_refunded"] == 500


def test_a_refund_that_fails_days_later_is_told_and_its_amount_is_there_again(
    ada: ApiClient, stripe: Simulator
) -> None:
    payment_id = paid(ada, stripe)
    assert refund(payment_id, amount=1099).body["status"] == "succeeded"
    [at_stripe] = stripe.listed(SECRET_KEY, "/v1/refunds")
    stripe.move_refund(at_stripe["id"], "failed", failure_reason="lost_or_stolen_card")

    [told] = listed(payment_id)
    assert (told["status"], told["failure_reason"]) == ("failed", "lost_or_stolen_card")
    assert seen(payment_id)["amount_refundable"] == 1099
    assert refund(payment_id, amount=1099).status == 201


def test_refunds_of_the_dashboard_are_listed_and_counted(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe)
    intent_id = seen(payment_id)["payment_intent_id"]
    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent_id, amount="1000")

    answer = refund(payment_id, amount=100)

    assert (answer.status, answer.code) == (422, "amount_too_large")
    refused, made = listed(payment_id)
    assert (refused["status"], refused["failure_reason"]) == ("failed", "amount_too_large")
    assert made["refund_id"].startswith("re_")
    assert (made["amount"], made["status"], made["note"]) == (1000, "succeeded", None)
    assert (refused["actor"], made["actor"]) == ("staff:sam", None)
    assert refund(payment_id).body["amount"] == 99


@pytest.mark.parametrize(
    ("card", "status"), [(DISPUTED, "payment_not_refundable"), (INQUIRY, None)]
)
def test_a_disputed_payment_is_not_refundable_and_an_inquiry_is(
    ada: ApiClient, stripe: Simulator, card: str, status: str | None
) -> None:
    payment_id = paid(ada, stripe, card)
    answer = refund(payment_id, key="refund-1111", amount=500)
    if status is None:
        assert answer.status == 201
        return
    assert (answer.status, answer.code) == (409, status)
    assert refund(payment_id, key="refund-1111", amount=500).status == 409
    assert seen(payment_id)["amount_refundable"] == 1099
    assert given_back(stripe) == 0


def test_after_a_dispute_was_won_the_payment_is_refundable(
    ada: ApiClient, stripe: Simulator
) -> None:
    payment_id = paid(ada, stripe, DISPUTED)
    assert refund(payment_id).status == 409
    [dispute] = stripe.listed(SECRET_KEY, "/v1/disputes")
    stripe.move_dispute(dispute["id"], "won")
    assert refund(payment_id).status == 201


def test_what_took_no_money_is_not_refundable(ada: ApiClient, stripe: Simulator) -> None:
    answer = refund(begun(ada, stripe))
    assert (answer.status, answer.code) == (409, "payment_not_refundable")


def test_what_is_not_there_is_not_found() -> None:
    for answer in (refund("pay_no"), capture("pay_no"), cancel("pay_no"), refund("p" * 300)):
        assert (answer.status, answer.code) == (404, "payment_not_found")
    assert merchants("GET", "/merchant/payments/pay_no/refunds").status == 404


@pytest.mark.parametrize(
    "fault",
    [
        "timeout_before",
        "timeout_after",
        "http_500",
        "remembered_500",
        "remembered_500_after",
        "lock_timeout",
        "rate_limit",
        "proxy_error",
        "proxy_error_after",
    ],
)
def test_whatever_happens_at_stripe_one_key_is_one_refund(
    ada: ApiClient, stripe: Simulator, fault: str
) -> None:
    payment_id = paid(ada, stripe)
    stripe.fault("POST", "/v1/refunds", fault, times=3)
    answers = [refund(payment_id, key="refund-1111", amount=500) for _ in range(4)]
    assert answers[-1].status == 201, answers
    assert all(each.status == 201 or each.body["retryable"] for each in answers)
    assert given_back(stripe) == 500
    assert seen(payment_id)["amount_refundable"] == 599


def test_what_was_cut_off_is_finished_by_reconciliation(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe)
    stripe.fault("POST", "/v1/refunds", "timeout_before", times=3)
    assert refund(payment_id, amount=500).status == 503
    assert [each["status"] for each in listed(payment_id)] == ["pending"]
    gateway.run("reconcile_payments", {"older_than_minutes": -1})
    assert given_back(stripe) == 500
    assert [each["status"] for each in listed(payment_id)] == ["succeeded"]


def test_a_hundred_refunds_at_once_never_exceed_what_was_paid(
    ada: ApiClient, stripe: Simulator
) -> None:
    payment_id = paid(ada, stripe)

    keys = [f"refund-{number}" for number in range(100)]
    answers = at_once([partial(refund, payment_id, key=key, amount=99) for key in keys])

    ends = Counter(answer.status for answer in answers)
    assert set(ends) <= {201, 422, 503, 429}, ends
    assert all(each.body["retryable"] for each in answers if each.status in {429, 503})
    assert given_back(stripe) <= 1099
    # Who got no decision sends it again: by then it is made, or there is nothing left.
    undecided = [key for key, each in zip(keys, answers, strict=True) if each.status in {429, 503}]
    ends += Counter(refund(payment_id, key=key, amount=99).status for key in undecided)
    assert given_back(stripe) == 99 * ends[201] == 99 * 11
    gateway.run("reconcile_payments", {"older_than_minutes": -1})
    payment = seen(payment_id)
    assert payment["amount_refunded"] == given_back(stripe)
    assert payment["amount_refundable"] == 1099 - given_back(stripe)


def test_the_same_refund_many_times_at_once_is_one(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe)
    answers = at_once([lambda: refund(payment_id, key="refund-1111", amount=99)] * 20)
    assert {answer.status for answer in answers} <= {201, 429, 503}
    assert refund(payment_id, key="refund-1111", amount=99).status == 201
    assert given_back(stripe) == 99


# Held, captured, let go


def test_a_hold_is_captured_in_part_and_the_rest_is_let_go(guest: Guest, stripe: Simulator) -> None:
    answer = capture(guest.payment_id, amount=1500)

    assert answer.status == 200, answer
    told = answer.body
    assert (told["status"], told["amount_received"], told["amount_capturable"]) == (
        "succeeded",
        1500,
        0,
    )
    assert told["history"][-1]["actor"] == "staff:sam"
    assert (told["amount_refunded"], told["refunds"]) == (0, [])
    assert capture(guest.payment_id, amount=1500).body == told
    for body in ({"amount": 1400}, {"amount": 2000}, {}):
        other = capture(guest.payment_id, **body)
        assert (other.status, other.code) == (409, "payment_not_capturable")
    # And no more than that is given back
    assert (refund(guest.payment_id, amount=1501).status, refund(guest.payment_id).status) == (
        422,
        201,
    )
    assert given_back(stripe) == 1500


def test_more_than_is_held_is_too_large(guest: Guest) -> None:
    answer = capture(guest.payment_id, amount=2001)
    assert (answer.status, answer.code) == (422, "amount_too_large")
    assert seen(guest.payment_id)["status"] == "requires_capture"


@pytest.mark.parametrize("step", ["capture", "cancel"])
@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "http_500", "remembered_500"])
def test_whatever_happens_at_stripe_it_is_finished(
    guest: Guest, stripe: Simulator, step: str, fault: str
) -> None:
    intent_id = seen(guest.payment_id)["payment_intent_id"]
    stripe.fault("POST", f"/v1/payment_intents/{intent_id}/{step}", fault, times=3)

    def ask() -> Answer:
        if step == "capture":
            return capture(guest.payment_id, amount=1500)
        return cancel(guest.payment_id)

    first = ask()
    assert first.status == 200 or first.body["retryable"], first
    gateway.run("reconcile_payments", {"older_than_minutes": -1})
    payment = seen(guest.payment_id)
    wanted = ("succeeded", 1500) if step == "capture" else ("canceled", 0)
    assert (payment["status"], payment["amount_received"]) == wanted
    assert ask().status == 200


def test_a_hold_is_not_the_persons_to_cancel(guest: Guest) -> None:
    own = guest.api.send("POST", f"/payments/{guest.payment_id}/cancel")
    assert (own.status, own.code) == (409, "payment_not_cancelable")
    assert cancel(guest.payment_id).body["status"] == "canceled"
    assert cancel(guest.payment_id).status == 200


def test_captures_and_cancels_at_once_leave_one_end(guest: Guest) -> None:
    asked = [lambda: capture(guest.payment_id, amount=1500), lambda: cancel(guest.payment_id)] * 10
    answers = at_once(asked)
    payment = seen(guest.payment_id)
    assert payment["status"] in {"succeeded", "canceled"}
    for index, answer in enumerate(answers):
        fits = (payment["status"] == "succeeded") == (index % 2 == 0)
        assert answer.status in ({200, 429, 503} if fits else {409, 429, 503}), answer


@pytest.mark.parametrize("reason", ["automatic", "expired"])
@pytest.mark.parametrize("told_by", ["charge.expired", "payment_intent.canceled", "reconcile"])
def test_a_hold_that_runs_out_ends_payment_and_order(
    guest: Guest, stripe: Simulator, aws: Aws, reason: str, told_by: str
) -> None:
    [intent] = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    assert seen(guest.payment_id)["capture_before"]
    stripe.let_hold_expire(intent["id"], cancellation_reason=reason)

    if told_by == "reconcile":
        key = {"payment_id": guest.payment_id}
        aws.change("PaymentsTable", key, capture_before="2026-01-01T00:00:00.000Z")
        gateway.run("reconcile_payments", {"older_than_minutes": -1})
    else:
        deliver(events(stripe, told_by)[0])

    payment = seen(guest.payment_id)
    assert (payment["status"], payment["amount_capturable"], payment["amount_received"]) == (
        "canceled",
        0,
        0,
    )
    assert [line["to_status"] for line in payment["history"]][-2:] == ["canceled", "hold_expired"]
    order = merchants("GET", f"/merchant/orders/{payment['order_id']}", None).body
    assert order["status"] == "expired"


def test_a_hold_past_its_deadline_is_not_captured(guest: Guest, stripe: Simulator) -> None:
    [intent] = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    stripe.let_deadline_pass(intent["id"])

    answer = capture(guest.payment_id)

    assert (answer.status, answer.code) == (409, "payment_not_capturable")
    stripe.let_hold_expire(intent["id"])
    deliver(events(stripe, "charge.expired")[0])
    assert seen(guest.payment_id)["history"][-1]["to_status"] == "hold_expired"


# Cancelled


def test_the_person_cancels_what_they_have_not_finished(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = begun(ada, stripe)
    own = ada.send("POST", f"/payments/{payment_id}/cancel")
    assert (own.status, own.body["status"], own.body["client_secret"]) == (200, "canceled", None)
    assert ada.send("POST", f"/payments/{payment_id}/cancel").body == own.body
    confirmed = ada.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert (confirmed.status, confirmed.code) == (409, "payment_not_confirmable")


def test_somebody_elses_payment_is_not_there(
    ada: ApiClient, bob: ApiClient, stripe: Simulator
) -> None:
    payment_id = begun(ada, stripe)
    answer = bob.send("POST", f"/payments/{payment_id}/cancel")
    assert (answer.status, answer.code) == (404, "payment_not_found")
    assert seen(payment_id)["status"] == "requires_confirmation"


def test_cancelling_never_refunds(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = paid(ada, stripe)
    answer = cancel(payment_id)
    assert (answer.status, answer.code) == (409, "payment_not_cancelable")
    assert given_back(stripe) == 0


def test_a_cancellation_says_nothing(ada: ApiClient, stripe: Simulator) -> None:
    payment_id = begun(ada, stripe)
    answer = merchants("POST", f"/merchant/payments/{payment_id}/cancel", {"reason": "none"})
    assert (answer.status, answer.code) == (422, "validation_error")


def test_two_hundred_cancels_against_two_hundred_confirms_leave_one_end(
    ada: ApiClient, stripe: Simulator, aws: Aws
) -> None:
    payment_id = begun(ada, stripe)
    cvc = stripe.cvc_token()

    asked = [lambda: ada.confirm(payment_id, cvc_token=cvc), lambda: cancel(payment_id)] * 200
    answers = at_once(asked)

    [intent] = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    assert intent["status"] in {"succeeded", "canceled"}
    for index, answer in enumerate(answers):
        confirmed = index % 2 == 0
        wins = confirmed == (intent["status"] == "succeeded")
        assert answer.status in ({200, 429, 503} if wins else {409, 429, 503}), answer
        assert answer.status != 200 or answer.body["status"] == intent["status"]
    assert ada.payment(payment_id).body["status"] == intent["status"]
    [row] = aws.rows("PaymentsTable")
    ends = [line["to_status"] for line in row["history"] if line["to_status"] in FINAL]
    assert ends == [intent["status"]]
