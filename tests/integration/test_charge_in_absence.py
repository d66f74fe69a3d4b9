"""The merchant charges a saved card while its person is away."""

import uuid
from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.integration.orders import Shopper, intents, made, shown
from tests.support.api_client import Answer
from tests.support.gateway import merchants_gateway
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"
ALWAYS_CHALLENGED = "4000002760003184"


def saved_for_absence(
    stripe: Simulator, number: str = VISA, *, default: bool = True, person: Shopper | None = None
) -> Shopper:
    """Somebody who has agreed to be charged while they are away."""
    person = person or Shopper(stripe)
    setup = person.api.set_up_card(
        "off_session", consent_text="You may charge this card when I am not there."
    ).body
    card = stripe.payment_method(number)
    if stripe.set_up_card(setup["client_secret"], card) == "requires_action":
        stripe.answer_challenge(setup["setup_intent_id"], "succeed")
    answer = person.api.attach_set_up(setup["setup_intent_id"])
    assert answer.status == 201, answer
    person.card = answer.body["payment_method_id"]
    if default:
        person.api.change_card(person.card, default=True)
    return person


def charge(order: dict[str, Any], key: str | None = None, **more: str) -> Answer:
    return merchants_gateway()(
        "POST",
        "/merchant/payments",
        body={"order_id": order["order_id"], "user_id": order["user_id"], **more},
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def test_the_default_card_is_charged_in_two_calls(stripe: Simulator) -> None:
    person = saved_for_absence(stripe)
    order = made(person)
    stripe.forget_calls()

    answer = charge(order)

    assert (answer.status, answer.body["status"]) == (201, "succeeded")
    assert (answer.body["amount_received"], answer.body["off_session"]) == (order["total"], True)
    assert answer.body["history"][-1]["actor"] == "program:shop"
    assert shown(order["order_id"])["status"] == "paid"
    made_at_stripe = [
        call["path"].split("/")[-1] for call in stripe.calls() if call["method"] == "POST"
    ]
    assert made_at_stripe == ["payment_intents", "confirm"]


def test_a_named_card_is_charged_and_a_key_charges_once(stripe: Simulator) -> None:
    person = saved_for_absence(stripe, default=False)
    order = made(person)

    first = charge(order, "a-key-of-mine", payment_method_id=person.card)
    again = charge(order, "a-key-of-mine", payment_method_id=person.card)
    other = charge(order, "a-key-of-mine")
    another = charge(order, payment_method_id=person.card)

    assert first.body["payment_id"] == again.body["payment_id"]
    assert (again.status, again.body["status"]) == (201, "succeeded")
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert (another.status, another.code) == (409, "order_not_payable")
    assert len(stripe.listed(SECRET_KEY, "/v1/charges")) == 1


def test_a_card_without_consent_is_never_charged(stripe: Simulator) -> None:
    person = Shopper(stripe)
    person.api.change_card(person.card, default=True)
    order = made(person)

    for answer in (charge(order), charge(order, payment_method_id=person.card)):
        assert (answer.status, answer.code) == (422, "validation_error")
        assert answer.body["errors"][0]["field"] == "payment_method_id"
    assert intents(stripe) == []


def test_somebody_elses_card_and_order_are_404(stripe: Simulator) -> None:
    person, bob = saved_for_absence(stripe), saved_for_absence(stripe)
    order = made(person)

    wrong_card = charge(order, payment_method_id=bob.card)
    wrong_person = charge(order | {"user_id": bob.user_id})

    assert (wrong_card.status, wrong_card.code) == (404, "payment_method_not_found")
    assert (wrong_person.status, wrong_person.code) == (404, "order_not_found")
    assert intents(stripe) == []


def test_a_decline_says_whether_and_when_trying_again_makes_sense(stripe: Simulator) -> None:
    person = saved_for_absence(stripe)
    order = made(person)
    stripe.let_expire(person.card)

    answer = charge(order)

    assert (answer.status, answer.body["status"]) == (201, "requires_payment_method")
    error = answer.body["last_payment_error"]
    assert (error["code"], error["retryable"]) == ("expired_card", False)
    assert error["retry_after_seconds"] is None
    assert shown(order["order_id"])["status"] == "open"


def test_the_person_finishes_what_their_bank_wants_to_see_them_for(stripe: Simulator) -> None:
    person = saved_for_absence(stripe, ALWAYS_CHALLENGED)
    order = made(person)

    answer = charge(order, "a-key-of-mine")

    assert (answer.status, answer.body["status"]) == (201, "requires_payment_method")
    assert answer.body["last_payment_error"]["code"] == "authentication_required"
    assert answer.body["history"][-1]["to_status"] == "authentication_required"
    assert stripe.listed(SECRET_KEY, "/v1/charges") == []
    replay = charge(order, "a-key-of-mine")
    assert replay.body["status"] == "requires_payment_method"

    other = person.api.attached(stripe.payment_method(VISA))
    paid = person.confirms(answer.body, payment_method_id=other)

    assert (paid.status, paid.body["status"]) == (200, "succeeded")
    assert shown(order["order_id"])["status"] == "paid"


@pytest.mark.parametrize("path", ["/payment_intents", "/confirm"])
@pytest.mark.parametrize("kind", ["remembered_500", "remembered_500_after", "timeout_after"])
def test_whatever_is_lost_the_key_charges_once(stripe: Simulator, path: str, kind: str) -> None:
    person = saved_for_absence(stripe)
    order = made(person)
    stripe.fault("POST", path, kind=kind, times=9 if kind == "timeout_after" else 1)

    first = charge(order, "a-key-of-mine")
    stripe.clear_faults()
    again = charge(order, "a-key-of-mine")

    assert first.status in {201, 503}, first
    assert (again.status, again.body["status"]) == (201, "succeeded")
    assert len(stripe.listed(SECRET_KEY, "/v1/charges")) == 1


def test_while_the_person_pays_themselves_nobody_charges_them(stripe: Simulator) -> None:
    person = saved_for_absence(stripe)
    order = made(person)
    person.pays(order["order_id"])

    answer = charge(order)

    assert (answer.status, answer.code) == (409, "order_not_payable")


def test_nobody_is_charged_who_has_asked_for_the_deletion(stripe: Simulator) -> None:
    person = saved_for_absence(stripe)
    order = made(person)

    from payments import wiring  # noqa: PLC0415

    wiring.customers().request_deletion(
        person.user_id, at="2026-01-01T00:00:00.000Z", signed_out_at="2026-01-01T00:00:00.000Z"
    )

    answer = charge(order)
    assert (answer.status, answer.code) == (403, "account_being_deleted")
    assert intents(stripe) == []


def test_another_attempt_charges_the_card_that_it_names(stripe: Simulator) -> None:
    person = saved_for_absence(stripe)
    expired = person.card
    stripe.let_expire(expired)
    order = made(person)
    assert charge(order).body["status"] == "requires_payment_method"
    person = saved_for_absence(stripe, "5555555555554444", person=person)

    answer = charge(order, payment_method_id=person.card)

    assert (answer.status, answer.body["status"]) == (201, "succeeded")
    assert answer.body["payment_method_id"] == person.card != expired


def test_what_was_cut_off_is_not_charged_once_the_person_is_leaving(stripe: Simulator) -> None:
    person = saved_for_absence(stripe)
    order = made(person)
    stripe.fault("POST", "/v1/payment_intents", kind="timeout_before", times=9)
    assert charge(order, "a-key-of-mine").status == 503
    stripe.clear_faults()

    from payments import wiring  # noqa: PLC0415

    wiring.customers().request_deletion(
        person.user_id, at="2026-01-01T00:00:00.000Z", signed_out_at="2026-01-01T00:00:00.000Z"
    )

    answer = charge(order, "a-key-of-mine")
    assert (answer.status, answer.code) == (403, "account_being_deleted")
    assert stripe.listed(SECRET_KEY, "/v1/charges") == []


def test_while_the_persons_own_challenge_is_passed_a_replay_charges_nothing(
    stripe: Simulator,
) -> None:
    person = saved_for_absence(stripe, ALWAYS_CHALLENGED)
    order = made(person)
    payment = charge(order, "a-key-of-mine").body
    challenged = person.confirms(payment, payment_method_id=person.card)
    assert challenged.body["status"] == "requires_action", challenged
    stripe.answer_challenge(payment["payment_intent_id"], "succeed")
    person.api.payment(payment["payment_id"])
    stripe.forget_idempotency_keys()  # as it does after a day

    replay = charge(order, "a-key-of-mine")

    assert replay.body["status"] == "requires_confirmation"
    assert stripe.listed(SECRET_KEY, "/v1/charges") == []
    assert person.api.confirm(payment["payment_id"]).body["status"] == "succeeded"
