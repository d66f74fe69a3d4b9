"""Everything at once: whatever happens together, rows end up saying what Stripe says."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local import confirmation_code
from tests.e2e.conftest import PASSWORD, NewPayment, Person, World, eventually
from tests.support.api_client import Answer, ApiClient
from tests.support.simulator_client import Simulator
from trials.soak.audit import differences_in
from trials.soak.difference import Difference
from trials.soak.evidence import Evidence

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"
ALWAYS_3DS = "4000002760003184"
# For a single payment, we do not know what was published, nor what the price was.
BEYOND_ONE_PAYMENT = {"event_missing", "price"}


def at_once[Result](requests: Iterable[Callable[[], Result]]) -> list[Result]:
    """Send all of them at the same time."""
    waiting = list(requests)
    with ThreadPoolExecutor(len(waiting)) as pool:
        return [future.result() for future in [pool.submit(each) for each in waiting]]


def differences(world: World, payment_id: str) -> list[Difference]:
    """The contradictions between the payment's row, its history and Stripe's objects."""
    row = world.row(payment_id)
    intent_id = row["payment_intent_id"]
    intents = world.stripe.listed(SECRET_KEY, "/v1/payment_intents")
    evidence = Evidence(
        payments=[row],
        intents=[each for each in intents if each["metadata"].get("payment_id") == payment_id],
        charges=world.stripe.listed(SECRET_KEY, "/v1/charges", payment_intent=intent_id),
        refunds=world.stripe.listed(SECRET_KEY, "/v1/refunds", payment_intent=intent_id),
        disputes=world.stripe.listed(SECRET_KEY, "/v1/disputes", payment_intent=intent_id),
    )
    return [each for each in differences_in(evidence) if each.kind not in BEYOND_ONE_PAYMENT]


def told(world: World, payment_id: str) -> list[str]:
    """The statuses in the row's history."""
    return [line["to_status"] for line in world.row(payment_id)["history"]]


def events_of(stripe: Simulator, intent_id: str) -> list[dict[str, Any]]:
    """All of Stripe's events about the payment, newest first."""
    return [
        event
        for event in stripe.listed(SECRET_KEY, "/v1/events")
        if intent_id in {event["data"]["object"].get(name) for name in ("id", "payment_intent")}
    ]


def persistent(request: Callable[[], Answer]) -> Callable[[], Answer]:
    """The request, repeated while the answer asks to try again in a moment."""

    def send() -> Answer:
        answers: list[Answer] = []

        def answered() -> bool:
            answers.append(request())
            return answers[-1].status not in {429, 503}

        eventually(answered)
        return answers[-1]

    return send


@pytest.mark.parametrize(
    ("kind", "times", "ms"),
    [("http_500", 3, 0), ("timeout_after", 3, 200), ("latency", 1, 3000)],
)
def test_a_sign_up_and_many_first_cards_at_once_make_one_customer(
    world: World, stripe: Simulator, kind: str, times: int, ms: int
) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    stripe.fault("POST", "/v1/customers", kind, times=times, ms=ms)

    def first_card(api: ApiClient) -> Callable[[], Answer]:
        card = stripe.payment_method(VISA)
        return persistent(lambda: api.attach(card))

    with ThreadPoolExecutor(1) as pool:
        signing_up = pool.submit(
            lambda: world.client(None).signup(email=email, password=PASSWORD, name="Ada Lovelace")
        )
        # Cognito has the person long before Stripe does.
        world.cognito.confirm_sign_up(
            ClientId=world.stack.user_pool_client_id,
            Username=email,
            ConfirmationCode=confirmation_code(world.stack, email, timeout=30),
        )
        api = world.client(world.log_in(email)["IdToken"])
        answers = at_once([first_card(api) for _ in range(12)])
        assert signing_up.result().status == 201

    # Twelve times the same card: whoever saves it, one of them stays.
    assert {answer.status for answer in answers} <= {200, 201}
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers", email=email)
    rows = world.rows(world.stack.customers_table)
    (row,) = [row for row in rows if row.get("email") == email]
    assert row["stripe_customer_id"] == customer["id"]
    (card,) = api.cards(limit="100").body["data"]
    assert card["payment_method_id"] in {answer.body["payment_method_id"] for answer in answers}


def test_one_event_delivered_thirty_times_at_once_changes_the_row_once(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment()
    ada.api.confirm(payment_id, cvc_token=stripe.cvc_token())
    eventually(lambda: stripe.webhooks()["in_progress"] == 0)
    with stripe.lost_webhooks():
        stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent_id, amount="100")
    (event,) = [e for e in events_of(stripe, intent_id) if e["type"] == "charge.refunded"]

    answers = at_once([lambda: world.deliver(event)] * 30)

    assert Counter(answer.status for answer in answers) == {200: 30}
    assert told(world, payment_id) == ["requires_confirmation", "succeeded", "partially_refunded"]
    assert differences(world, payment_id) == []


@pytest.mark.parametrize("seed", range(3))
def test_all_events_shuffled_and_duplicated_during_a_confirm_record_each_change_once(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311
    with stripe.lost_webhooks():
        payment_id, intent_id = new_payment(ALWAYS_3DS)
        ada.api.confirm(payment_id, cvc_token=stripe.cvc_token())
        stripe.answer_challenge(intent_id, "succeed")
        deliveries = shuffled_deliveries(world, stripe, intent_id, dice)
        confirms = [lambda: ada.api.confirm(payment_id)] * 3

        answers = at_once([*deliveries, *map(persistent, confirms)])
        after = at_once(shuffled_deliveries(world, stripe, intent_id, dice))

    assert {answer.status for answer in (*answers, *after)} == {200}
    assert {answer.body["status"] for answer in answers[-3:]} == {"succeeded"}
    # It is chance whether someone looked between the challenge and the last confirm.
    middle = ["requires_confirmation"] if len(told(world, payment_id)) == 4 else []
    assert told(world, payment_id) == [
        "requires_confirmation",
        "requires_action",
        *middle,
        "succeeded",
    ]
    assert differences(world, payment_id) == []


def shuffled_deliveries(
    world: World, stripe: Simulator, intent_id: str, dice: random.Random
) -> list[Callable[[], Answer]]:
    """Each event of the payment so far, five times, in random order."""
    deliveries = [
        persistent(lambda event=event: world.deliver(event))  # type: ignore[misc]
        for event in events_of(stripe, intent_id)
        for _ in range(5)
    ]
    dice.shuffle(deliveries)
    return deliveries


def test_reconcilers_confirms_and_webhooks_at_once_make_one_charge(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment
) -> None:
    payment_id, intent_id = new_payment()
    tokens = [stripe.cvc_token() for _ in range(20)]

    def reconcile() -> Answer | None:
        world.invoke(world.stack.reconcile_function, {"older_than_minutes": 0})
        return None

    def confirm(token: str) -> Callable[[], Answer | None]:
        return lambda: ada.api.confirm(payment_id, cvc_token=token)

    def redeliver() -> Answer | None:
        for event in events_of(stripe, intent_id):
            world.deliver(event)
        return None

    answers = at_once([*[reconcile] * 2, *map(confirm, tokens), *[redeliver] * 3])

    confirms = [answer for answer in answers if answer]
    assert len(confirms) == 20
    assert {answer.code for answer in confirms if answer.status != 200} <= {"rate_limited"}
    assert {answer.body["status"] for answer in confirms if answer.status == 200} == {"succeeded"}
    assert len(stripe.listed(SECRET_KEY, "/v1/charges", payment_intent=intent_id)) == 1
    assert told(world, payment_id) == ["requires_confirmation", "succeeded"]
    assert differences(world, payment_id) == []


def cancel(stripe: Simulator, intent_id: str) -> bool:
    """Cancel in the dashboard; return whether Stripe did it."""
    return stripe.try_post(SECRET_KEY, f"/v1/payment_intents/{intent_id}/cancel")


def assert_told_rightly(world: World, payment_id: str, answer: Answer, *, canceled: bool) -> None:
    """The person got Stripe's decision, and the row has it, too."""
    if canceled:
        assert (answer.status, answer.code) == (409, "payment_not_confirmable")
    else:
        assert (answer.status, answer.body["status"]) == (200, "succeeded")
    assert world.row(payment_id)["status"] == ("canceled" if canceled else "succeeded")
    assert differences(world, payment_id) == []


@pytest.mark.parametrize("head_start_ms", range(0, 120, 10))
def test_if_a_cancellation_races_a_confirm_the_person_learns_who_won(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment, head_start_ms: int
) -> None:
    payment_id, intent_id = new_payment()
    token = stripe.cvc_token()

    def cancel_a_little_later() -> bool:
        time.sleep(head_start_ms / 1000)  # the race itself: there is nothing to wait for
        return cancel(stripe, intent_id)

    with ThreadPoolExecutor(1) as pool:
        canceling = pool.submit(cancel_a_little_later)
        answer = ada.api.confirm(payment_id, cvc_token=token)
        canceled = canceling.result()

    assert_told_rightly(world, payment_id, answer, canceled=canceled)


@pytest.mark.parametrize("first", ["cancel", "confirm"])
def test_the_second_request_finds_what_the_first_has_done(
    world: World, ada: Person, stripe: Simulator, new_payment: NewPayment, first: str
) -> None:
    payment_id, intent_id = new_payment()
    token = stripe.cvc_token()
    stripe.fault("POST", f"/v1/payment_intents/{intent_id}/{first}", "latency", ms=700)
    requests: dict[str, Callable[[], Any]] = {
        "cancel": lambda: cancel(stripe, intent_id),
        "confirm": lambda: ada.api.confirm(payment_id, cvc_token=token),
    }
    second = "confirm" if first == "cancel" else "cancel"

    with ThreadPoolExecutor(2) as pool:
        results = {first: pool.submit(requests[first])}
        eventually(lambda: any(call["path"].endswith(f"/{first}") for call in stripe.calls()))
        results[second] = pool.submit(requests[second])
        canceled, answer = results["cancel"].result(), results["confirm"].result()

    assert canceled == (first == "cancel")
    assert_told_rightly(world, payment_id, answer, canceled=canceled)
