"""One card once, and none after it was removed: with Stripe's and DynamoDB's real answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import client_for, run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
MASTERCARD = "5555555555554444"
ALWAYS_3DS = "4000002760003184"


def a_newer(stripe: Simulator, card: str, number: str = VISA) -> str:
    """The same card typed in again: of two in one second, the greater id is the newer one."""
    return next(made for made in iter(lambda: stripe.payment_method(number), None) if made > card)


def cards_of(person: ApiClient) -> set[str]:
    """The cards that a person sees."""
    return {each["payment_method_id"] for each in person.cards().body["data"]}


def the_customer(aws: Aws) -> str:
    """The Stripe Customer of the only person with one."""
    (row,) = aws.rows("CustomersTable")
    return str(row["stripe_customer_id"])


def attached(stripe: Simulator, aws: Aws) -> set[str]:
    """What that Customer has at Stripe."""
    path = f"/v1/customers/{the_customer(aws)}/payment_methods"
    return {each["id"] for each in stripe.listed(SECRET_KEY, path)}


def saved(aws: Aws) -> set[str]:
    """The cards in that person's row."""
    (row,) = aws.rows("CustomersTable")
    return {each.split(" ")[0] for each in row.get("saved_cards", ())}


def bought(person: ApiClient, card: str) -> str:
    """A payment that waits for its confirmation."""
    return str(person.create(product_id="coffee", payment_method_id=card).body["payment_id"])


def reconcile() -> dict[str, Any]:
    """The scheduled run."""
    return dict(run("reconcile_payments", {"older_than_minutes": -1}))


@pytest.fixture
def visa(ada: ApiClient, stripe: Simulator) -> str:
    """Ada's saved card."""
    return ada.attached(stripe.payment_method(VISA))


# One card once


def test_a_card_saved_again_is_there_once(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    other = ada.attached(stripe.payment_method(MASTERCARD))
    newer = a_newer(stripe, visa)
    answer = ada.attach(newer)
    assert (answer.status, answer.body["payment_method_id"]) == (201, newer)
    assert cards_of(ada) == attached(stripe, aws) == saved(aws) == {newer, other}


@pytest.mark.usefixtures("visa")
def test_another_card_costs_one_call_to_stripe(ada: ApiClient, stripe: Simulator) -> None:
    stripe.forget_calls()
    ada.attach(stripe.payment_method(MASTERCARD))
    (call,) = stripe.calls()
    assert call["path"].endswith("/attach")


def test_the_default_card_saved_again_stays_the_default(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    name = "invoice_settings[default_payment_method]"
    stripe.post(SECRET_KEY, f"/v1/customers/{the_customer(aws)}", **{name: visa})
    newer = ada.attached(a_newer(stripe, visa))
    told = {each["payment_method_id"]: each["default"] for each in ada.cards().body["data"]}
    assert told == {newer: True}


def test_of_many_saved_at_once_one_stays(ada: ApiClient, aws: Aws, stripe: Simulator) -> None:
    ada.cards()
    made = [stripe.payment_method(VISA) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(ada.attach, made))
    assert {answer.status for answer in answers} <= {200, 201}
    (left,) = cards_of(ada)
    assert attached(stripe, aws) == saved(aws) == {left}
    assert left in made


def test_a_save_that_was_cut_off_before_it_decided_is_finished_by_the_event(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    newer = a_newer(stripe, visa)
    stripe.fault("POST", f"/v1/payment_methods/{visa}/detach", "http_500", times=3)
    answer = ada.attach(newer)
    assert (answer.status, answer.code) == (503, "stripe_unavailable")
    assert attached(stripe, aws) == {visa, newer}
    stripe.clear_faults()
    # When
    event = events(stripe, "payment_method.attached")[0]
    assert event["data"]["object"]["id"] == newer
    assert deliver(event).status == 200
    # Then
    assert cards_of(ada) == attached(stripe, aws) == saved(aws) == {newer}


def test_a_card_that_was_saved_elsewhere_is_replaced_too(
    ada: ApiClient, aws: Aws, stripe: Simulator
) -> None:
    """Its customer was there before Till, and with it the card."""
    ada.cards()
    before = stripe.payment_method(VISA)
    customer = the_customer(aws)
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{before}/attach", customer=customer)
    newer = ada.attached(a_newer(stripe, before))
    # When
    for event in events(stripe, "payment_method.attached"):
        assert deliver(event).status == 200
    # Then
    assert cards_of(ada) == attached(stripe, aws) == saved(aws) == {newer}


def test_a_card_of_an_open_payment_stays_until_that_is_over(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    payment_id = bought(ada, visa)
    newer = ada.attached(a_newer(stripe, visa))
    assert cards_of(ada) == saved(aws) == {newer}
    assert attached(stripe, aws) == {visa, newer}
    # When it is paid with the card that it has
    paid = ada.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert (paid.status, paid.body["status"]) == (200, "succeeded")
    assert attached(stripe, aws) == {visa, newer}
    assert aws.payment()["replaced_card"] == visa
    # Then
    assert reconcile().get("failed", 0) == 0
    assert attached(stripe, aws) == {newer}
    assert "open" not in aws.payment()
    assert "replaced_card" not in aws.payment()


def test_the_event_of_a_payment_lets_go_of_its_card_at_once(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    payment_id = bought(ada, visa)
    newer = ada.attached(a_newer(stripe, visa))
    ada.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert deliver(events(stripe, "payment_intent.succeeded")[0]).status == 200
    assert attached(stripe, aws) == {newer}
    assert "open" not in aws.payment()


def test_a_replaced_card_starts_no_other_payment(
    ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    bought(ada, visa)
    ada.attach(a_newer(stripe, visa))
    answer = ada.create(product_id="coffee", payment_method_id=visa)
    assert (answer.status, answer.code) == (404, "payment_method_not_found")


# Removing a card


def test_a_removed_card_is_gone_and_removing_it_again_does_no_harm(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    other = ada.attached(stripe.payment_method(MASTERCARD))
    answer = ada.delete_card(visa)
    assert (answer.status, answer.body) == (204, None)
    assert "Content-Type" not in answer.headers
    assert cards_of(ada) == attached(stripe, aws) == saved(aws) == {other}
    again = ada.delete_card(visa)
    assert (again.status, again.code) == (404, "payment_method_not_found")
    assert cards_of(ada) == {other}


def test_a_removal_leaves_no_duplicate(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    bought(ada, visa)  # which keeps the older one
    newer = ada.attached(a_newer(stripe, visa))
    stripe.post(
        SECRET_KEY,
        f"/v1/payment_methods/{stripe.payment_method(VISA)}/attach",
        customer=the_customer(aws),
    )
    assert ada.delete_card(newer).status == 204
    assert attached(stripe, aws) == saved(aws) == set()


@pytest.mark.parametrize("who_has_it", ["somebody else", "nobody"])
def test_a_card_that_is_not_ones_own_is_not_found(
    ada: ApiClient, bob: ApiClient, aws: Aws, stripe: Simulator, visa: str, who_has_it: str
) -> None:
    bob.attach(stripe.payment_method(MASTERCARD))
    card = visa if who_has_it == "somebody else" else stripe.payment_method(VISA)
    for person in (bob, client_for()):  # the other one has no customer
        answer = person.delete_card(card)
        assert (answer.status, answer.code) == (404, "payment_method_not_found")
    assert cards_of(ada) == {visa}
    assert len(aws.rows("CustomersTable")) == 2


@pytest.mark.parametrize("card", ["pm_unknown", "pm_" + "x" * 300, "cus_1", "%00", "pm_%C3%A9"])
def test_what_is_no_card_is_not_found(ada: ApiClient, visa: str, card: str) -> None:
    answer = ada.delete_card(card)
    assert answer.status == 404
    assert cards_of(ada) == {visa}


def test_a_card_with_which_a_payment_is_under_way_stays_and_says_so(
    ada: ApiClient, stripe: Simulator
) -> None:
    card = ada.attached(stripe.payment_method(ALWAYS_3DS))
    payment_id = bought(ada, card)
    ada.confirm(payment_id, cvc_token=stripe.cvc_token())
    answer = ada.delete_card(card)
    assert (answer.status, answer.code) == (409, "payment_method_in_use")
    assert answer.body["payment_id"] == payment_id
    assert cards_of(ada) == {card}


def test_a_payment_whose_card_was_removed_is_paid_with_another_one(
    ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    other = ada.attached(stripe.payment_method(MASTERCARD))
    payment_id = bought(ada, visa)
    assert ada.delete_card(visa).status == 204
    without = ada.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert (without.status, without.code) == (404, "payment_method_not_found")
    paid = ada.confirm(payment_id, cvc_token=stripe.cvc_token(), payment_method_id=other)
    assert (paid.status, paid.body["status"]) == (200, "succeeded")


def test_saving_paying_and_removing_at_once_leaves_nothing_half_done(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str
) -> None:
    payment_id = bought(ada, visa)
    newer = a_newer(stripe, visa)
    cvc_token = stripe.cvc_token()
    steps: list[Callable[[], Answer]] = [
        lambda: ada.attach(newer),
        lambda: ada.confirm(payment_id, cvc_token=cvc_token),
        lambda: ada.delete_card(visa),
        lambda: ada.create(product_id="coffee", payment_method_id=visa),
    ]
    with ThreadPoolExecutor(len(steps)) as threads:
        answers = list(threads.map(lambda step: step(), steps))
    save, pay, remove, buy = (answer.status for answer in answers)
    assert (save, remove in {204, 404, 409}, buy in {201, 404}) == (201, True, True), answers
    assert pay in {200, 404}, answers
    # When everything is delivered and reconciled
    for event in reversed(events(stripe, "payment_method.attached")):
        assert deliver(event).status == 200
    reconcile()
    # Then each payment is paid or can be, each card is there once, and the row says so
    left = cards_of(ada)
    assert len(left) <= 1
    assert saved(aws) <= left | {visa, newer}  # what is dead stays so
    rows = {row["payment_id"]: row for row in aws.rows("PaymentsTable")}
    assert (rows[payment_id]["status"] == "succeeded") == (pay == 200)
    charged = stripe.listed(SECRET_KEY, "/v1/charges")
    assert len([charge for charge in charged if charge["paid"]]) == (1 if pay == 200 else 0)
    for row in rows.values():
        if row["status"] in {"requires_confirmation", "requires_payment_method"}:
            card = ada.attached(stripe.payment_method(MASTERCARD))
            again = ada.confirm(
                row["payment_id"], cvc_token=stripe.cvc_token(), payment_method_id=card
            )
            assert (again.status, again.body["status"]) == (200, "succeeded")


# Failures


@pytest.mark.parametrize("fault", ["http_500", "timeout_before", "timeout_after", "remembered_500"])
def test_a_removal_whose_call_to_stripe_fails_is_finished_by_the_next_one(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str, fault: str
) -> None:
    stripe.fault("POST", f"/v1/payment_methods/{visa}/detach", fault, times=3)
    answer = ada.delete_card(visa)
    assert answer.status in {204, 503}
    assert answer.status == 204 or answer.body["retryable"] is True
    stripe.clear_faults()
    assert ada.delete_card(visa).status in {204, 404}
    assert cards_of(ada) == attached(stripe, aws) == saved(aws) == set()


@pytest.mark.parametrize("fault", ["http_500", "timeout_before", "timeout_after", "remembered_500"])
@pytest.mark.parametrize("held", [False, True])
def test_a_save_whose_decision_fails_is_finished_by_the_next_one(
    ada: ApiClient, aws: Aws, stripe: Simulator, visa: str, fault: str, held: bool
) -> None:
    if held:
        bought(ada, visa)
    newer = a_newer(stripe, visa)
    path = f"/v1/payment_methods/{visa}" + ("" if held else "/detach")
    stripe.fault("POST", path, fault, times=3)
    answer = ada.attach(newer)
    assert answer.status in {201, 503}
    stripe.clear_faults()
    again = ada.attach(newer)
    assert (again.status, again.body["payment_method_id"]) == (200, newer)
    assert cards_of(ada) == saved(aws) == {newer}
    assert attached(stripe, aws) == ({visa, newer} if held else {newer})
