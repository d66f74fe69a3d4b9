"""Many requests at once: one charge, one intent, one customer, and an answer for everyone."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.conftest import NewPayment, Person, World
from tests.support.api_client import Answer
from tests.support.simulator_client import Simulator

SECRET_KEY = "sk_test_simulator"


def at_once(times: int, request: Callable[[], Answer]) -> list[Answer]:
    """Send the same request many times at once."""
    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(request) for _ in range(times)]]


def test_two_hundred_confirms_of_one_payment_make_one_charge(
    ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment()
    token = stripe.cvc_token()

    answers = at_once(200, lambda: ada.api.confirm(payment_id, cvc_token=token))

    assert Counter(answer.status for answer in answers) == {200: 200}
    assert {answer.body["status"] for answer in answers} == {"succeeded"}
    assert len(stripe.listed(SECRET_KEY, "/v1/charges", payment_intent=intent_id)) == 1
    assert ada.api.payment(payment_id).body["status"] == "succeeded"


def test_confirms_with_a_cvc_each_make_one_charge(
    ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment()

    answers = at_once(50, lambda: ada.api.confirm(payment_id, cvc_token=stripe.cvc_token()))

    busy = [answer for answer in answers if answer.status != 200]
    assert {answer.code for answer in busy} <= {"rate_limited"}
    assert {answer.body["status"] for answer in answers if answer.status == 200} == {"succeeded"}
    assert len(stripe.listed(SECRET_KEY, "/v1/charges", payment_intent=intent_id)) == 1


def test_fifty_creates_with_one_key_make_one_intent(
    world: World, ada: Person, stripe: Simulator
) -> None:
    card = ada.api.attached(stripe.payment_method("4242424242424242"))
    before = len(world.rows(world.stack.payments_table))

    answers = at_once(
        50,
        lambda: ada.api.create(
            key="e2e-fifty-at-once", product_id="coffee-beans", payment_method_id=card
        ),
    )

    assert Counter(answer.status for answer in answers) == {201: 50}
    assert len({answer.body["payment_intent_id"] for answer in answers}) == 1
    assert len(world.rows(world.stack.payments_table)) == before + 1
    made = [
        intent
        for intent in stripe.listed(SECRET_KEY, "/v1/payment_intents")
        if intent["metadata"]["payment_id"] == answers[0].body["payment_id"]
    ]
    assert len(made) == 1


def test_a_person_without_a_customer_gets_one_from_many_first_steps_at_once(
    world: World, stripe: Simulator
) -> None:
    stripe.fault("POST", "/v1/customers", "http_500", times=3)
    person = world.person()  # signed up while Stripe was down

    answers = at_once(10, person.api.cards)

    assert Counter(answer.status for answer in answers) == {200: 10}
    customers = stripe.listed(SECRET_KEY, "/v1/customers", email=person.email)
    assert len(customers) == 1
