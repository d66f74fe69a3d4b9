"""Scenarios of a person and their cards: sign up, attach, list."""

from functools import partial

from tests.crash_matrix.calls import REMEMBERED, How
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import ADA, VISA, World
from tests.support.api_client import Answer, ApiClient
from tests.support.gateway import Gateway

_STRIPE_CREATES = "stripe POST /v1/customers"
_STRIPE_ATTACHES = "stripe POST /v1/payment_methods/*/attach"
_REGISTRATION = {
    "email": "grace@example.com",
    "password": "Flow-Matic-1955",
    "name": "Grace Hopper",
}


def _succeeded(answer: Answer) -> bool:
    return answer.status in {200, 201}


def _has_no_cards(answer: Answer) -> bool:
    return answer.status == 200 and answer.body["data"] == []


def _has_customer(world: World, user_id: str) -> bool:
    """Whether the person's row names the customer that Stripe has."""
    customers = {each["id"]: each for each in world.objects("customers")}
    return (
        [
            (row["email"], row["name"])
            for row in world.customer_rows()
            if row["user_id"] == user_id and row.get("deleted") is False
        ]
        == [
            (customer["email"], customer["name"])
            for customer in customers.values()
            if not customer.get("deleted") and customer["metadata"]["user_id"] == user_id
        ]
        != []
    )


def signup(world: World) -> Case:
    anybody = ApiClient(Gateway(None))

    def signed_up(answer: Answer) -> bool:
        return answer.status == 201 or answer.code == "user_exists"

    def again() -> None:
        answer = anybody.signup(**_REGISTRATION)
        assert signed_up(answer), answer
        (user_id,) = world.everything.users()
        claims = {"sub": user_id, "email": _REGISTRATION["email"], "name": _REGISTRATION["name"]}
        cards = ApiClient(Gateway(claims)).cards()
        assert _has_no_cards(cards), cards

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            (user_id,) = world.everything.users()
            assert _has_customer(world, user_id)

    return Case(
        step=lambda: anybody.signup(**_REGISTRATION),
        right=signed_up,
        again=again,
        settled=settled,
    )


def attach(world: World) -> Case:
    world.ada.cards()
    return attach_as_first_step(world)


def attach_as_first_step(world: World) -> Case:
    card = world.stripe.payment_method(VISA)

    def again() -> None:
        answer = world.ada.attach(card)
        assert _succeeded(answer), answer
        assert answer.body["payment_method_id"] == card

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert _has_customer(world, ADA)

    def afterwards() -> None:
        cards = world.ada.cards().body["data"]
        assert [each["payment_method_id"] for each in cards] == [card]

    return Case(
        step=lambda: world.ada.attach(card),
        right=_succeeded,
        again=again,
        settled=settled,
        afterwards=afterwards,
    )


def attach_after_failure(world: World, call: str, how: How) -> Case:
    """Stripe has failed at a call of the first step and remembers that; then the step died."""
    if call != _STRIPE_CREATES:
        world.ada.cards()
    case = attach_as_first_step(world)
    world.fail_for_a_day(how)
    world.cut_off(case.step, How.AFTER, call)
    return case


def list_cards(world: World) -> Case:
    card = world.saved_card()

    def again() -> None:
        answer = world.ada.cards()
        assert answer.status == 200, answer
        assert [each["payment_method_id"] for each in answer.body["data"]] == [card]

    return Case(step=world.ada.cards, right=_succeeded, again=again)


def list_cards_as_first_step(world: World) -> Case:
    def again() -> None:
        answer = world.ada.cards()
        assert _has_no_cards(answer), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert _has_customer(world, ADA)

    return Case(step=world.ada.cards, right=_succeeded, again=again, settled=settled)


def list_products(world: World) -> Case:
    def again() -> None:
        assert len(world.ada.products().body["data"]) == 1

    return Case(step=world.ada.products, right=_succeeded, again=again)


def get_product(world: World) -> Case:
    def get() -> Answer:
        return world.ada.product("coffee")

    def again() -> None:
        assert get().body["product_id"] == "coffee"

    return Case(step=get, right=_succeeded, again=again)


def list_payments(world: World) -> Case:
    payment_id = world.created("a-key-of-adas", world.saved_card())

    def again() -> None:
        data = world.ada.history().body["data"]
        assert [payment["payment_id"] for payment in data] == [payment_id]

    return Case(step=world.ada.history, right=_succeeded, again=again)


def customer_deleted(world: World) -> Case:
    """The merchant deletes Ada's customer, and with it her cards."""
    world.saved_card()
    (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
    world.delete_customer(row["stripe_customer_id"])
    event = world.event("customer.deleted")

    def again() -> None:
        answer = world.ada.cards()
        assert _has_no_cards(answer), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert _has_customer(world, ADA)
        else:
            (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
            assert row["deleted"] or _has_customer(world, ADA)

    return Case(
        step=lambda: world.deliver(event),
        right=_succeeded,
        again=again,
        settled=settled,
    )


SCENARIOS = [
    Scenario("signup", "signup", signup),
    Scenario("attach", "attach_payment_method", attach),
    Scenario("attach, without a customer", "attach_payment_method", attach_as_first_step),
    *(
        Scenario(
            f"attach, {how} {what} before",
            "attach_payment_method",
            partial(attach_after_failure, call=call, how=how),
        )
        for how in REMEMBERED
        for what, call in {"it": _STRIPE_ATTACHES, "the customer": _STRIPE_CREATES}.items()
    ),
    Scenario("list cards", "list_payment_methods", list_cards),
    Scenario("list cards, without a customer", "list_payment_methods", list_cards_as_first_step),
    Scenario("list products", "list_products", list_products),
    Scenario("get product", "get_product", get_product),
    Scenario("list payments", "list_payments", list_payments),
    Scenario("webhook customer.deleted", "stripe_webhook", customer_deleted),
]
