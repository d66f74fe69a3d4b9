"""Many requests at once: one charge, one intent, one customer, and an answer for everyone."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx

from tests.e2e.conftest import NewPayment, Person, World
from tests.support.api_client import Answer
from tests.support.simulator_client import Simulator
from tests.support.staff import program_token

SECRET_KEY = "sk_test_simulator"


def all_at_once[Result](requests: Sequence[Callable[[], Result]]) -> list[Result]:
    """Send these requests, each once, all at the same time."""
    with ThreadPoolExecutor(len(requests)) as pool:
        return [future.result() for future in [pool.submit(each) for each in requests]]


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


def test_forty_refunds_at_once_give_back_what_was_paid_and_no_more(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment()
    paid = ada.api.confirm(payment_id, cvc_token=stripe.cvc_token()).body["amount_received"]
    program = world.client(program_token(world.stack))

    def refund(key: str) -> Answer | None:
        """The answer, or None if it takes too long: then nobody knows what became of it."""
        try:
            return program.send(
                "POST",
                f"/merchant/payments/{payment_id}/refunds",
                body={"amount": 99},
                headers={"Idempotency-Key": key},
            )
        except httpx.TimeoutException:
            return None

    keys = [f"race-{payment_id}-{number}" for number in range(40)]
    answers = all_at_once([partial(refund, key) for key in keys])

    ends = Counter(answer.status for answer in answers if answer)
    assert set(ends) <= {201, 422, 429, 503, 504}, ends
    given_back = partial(stripe.listed, SECRET_KEY, "/v1/refunds", payment_intent=intent_id)
    assert sum(each["amount"] for each in given_back()) <= paid
    # Who got no decision asks again: by then it is made, or there is nothing left.
    decided = {201, 422}
    undecided = [
        key
        for key, each in zip(keys, answers, strict=True)
        if each is None or each.status not in decided
    ]
    again = [refund(key) for key in undecided]
    assert all(each and each.status in decided for each in again), again
    ends += Counter(each.status for each in again if each)
    assert ends[201] == len(given_back()) == min(40, paid // 99)
    assert sum(each["amount"] for each in given_back()) == 99 * ends[201]
    seen = program.send("GET", f"/merchant/payments/{payment_id}").body
    assert (seen["amount_refunded"], seen["amount_refundable"]) == (
        99 * ends[201],
        paid - 99 * ends[201],
    )


def test_fifty_cancels_against_fifty_confirms_leave_one_end(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment()
    program = world.client(program_token(world.stack))
    token = stripe.cvc_token()
    path = f"/merchant/payments/{payment_id}/cancel"

    def confirm() -> Answer:
        return ada.api.confirm(payment_id, cvc_token=token)

    def cancel() -> Answer:
        return program.send("POST", path, body={})

    answers = all_at_once([confirm, cancel] * 50)

    listed = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    (intent,) = [each for each in listed if each["id"] == intent_id]
    assert intent["status"] in {"succeeded", "canceled"}
    for confirmed, answer in zip([True, False] * 50, answers, strict=True):
        wins = confirmed == (intent["status"] == "succeeded")
        assert answer.status in ({200, 429, 503} if wins else {409, 429, 503}), answer
        assert answer.status != 200 or answer.body["status"] == intent["status"]
    charges = stripe.listed(SECRET_KEY, "/v1/charges", payment_intent=intent_id)
    assert len(charges) == (intent["status"] == "succeeded")
    assert ada.api.payment(payment_id).body["status"] == intent["status"]
    finals = {"succeeded", "canceled"}
    ends = [line["to_status"] for line in world.row(payment_id)["history"]]
    assert [each for each in ends if each in finals] == [intent["status"]]
