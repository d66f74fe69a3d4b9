"""Scenarios of a person and their cards: sign up, log out everywhere, attach, list."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.crash_matrix.calls import REMEMBERED, How
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import ADA, VISA, World
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer, ApiClient
from tests.support.gateway import Gateway, claims_of, run

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
    """Repeated, it starts over: nobody has confirmed the address."""
    anybody = ApiClient(Gateway(None))

    def again() -> None:
        answer = anybody.signup(**_REGISTRATION)
        assert answer.status == 201, answer
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
        right=_succeeded,
        again=again,
        settled=settled,
    )


def signup_by_the_owner(world: World) -> Case:
    """Somebody else has signed up with the address and never confirmed it."""
    earlier = ApiClient(Gateway(None)).signup(**_REGISTRATION | {"name": "Somebody Else"})
    case = signup(world)

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            case.settled(done)
            assert not _is_known(world, earlier.body["user_id"])

    return Case(step=case.step, right=case.right, again=case.again, settled=settled)


def _is_known(world: World, user_id: str) -> bool:
    """Whether anything of a person is left."""
    return (
        user_id in world.everything.users()
        or any(row["user_id"] == user_id for row in world.customer_rows())
        or any(
            each.get("metadata", {}).get("user_id") == user_id
            for each in world.objects("customers")
            if not each.get("deleted")
        )
    )


def remove_unconfirmed_users(world: World) -> Case:
    """One whose sign-up is complete, and one whose sign-up was cut off at Stripe."""
    anybody = ApiClient(Gateway(None))
    anybody.signup(**_REGISTRATION)
    other = _REGISTRATION | {"email": "alan@example.com"}
    world.cut_off(lambda: anybody.signup(**other), How.AFTER, _STRIPE_CREATES)
    people = world.everything.users()

    def step() -> Any:
        return run("remove_unconfirmed_users", {"older_than_days": 0})

    def right(answer: Any) -> bool:
        return isinstance(answer, dict) and answer["failed"] == 0

    def again() -> None:
        assert right(step())

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert not [user_id for user_id in people if _is_known(world, user_id)]

    return Case(step=step, right=right, again=again, settled=settled)


def sign_out(world: World) -> Case:
    world.ada.cards()
    return sign_out_without_a_customer(world)


def sign_out_without_a_customer(world: World) -> Case:
    def again() -> None:
        answer = world.ada.sign_out()
        assert answer.status == 200, answer

    return Case(
        step=world.ada.sign_out,
        right=_succeeded,
        again=again,
        settled=partial(_is_signed_out, world),
    )


def new_password(world: World) -> Case:
    event = {
        "triggerSource": "PostConfirmation_ConfirmForgotPassword",
        "userPoolId": os.environ["USER_POOL_ID"],
        "request": {"userAttributes": {"sub": ADA}},
    }

    def step() -> Any:
        return run("post_confirmation", event)

    def again() -> None:
        assert step() == event

    return Case(
        step=step,
        right=lambda answer: answer == event,
        again=again,
        settled=partial(_is_signed_out, world),
    )


def _is_signed_out(world: World, done: Recoveries) -> None:
    if Recovery.CLIENT in done:
        (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
        assert row["signed_out_at"]


def registration_checked(_: World) -> Case:
    event = {
        "triggerSource": "PreSignUp_SignUp",
        "request": {"userAttributes": {"email": "grace@example.com", "name": "Grace Hopper"}},
    }

    def step() -> Any:
        return run("pre_sign_up", event)

    def again() -> None:
        assert step() == event

    return Case(step=step, right=lambda answer: answer == event, again=again)


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


def claim_imported_customer(world: World, first_step: Callable[[ApiClient], Answer]) -> Case:
    """Ada proved her address. An earlier sign-up was cut off after it had created a Customer."""
    claims = claims_of(ADA)
    email = claims["email"]
    ada = ApiClient(Gateway(claims | {"email_verified": "true"}))
    imported = world.stripe.create_customer(SECRET_KEY, email=email)
    world.aws.put_import(email, imported)
    left_behind = {"email": email, "metadata[user_id]": ADA}
    world.stripe.create_customer(SECRET_KEY, **left_behind)

    def step() -> Answer:
        return first_step(ada)

    def again() -> None:
        answer = step()
        assert _succeeded(answer), answer

    def settled(done: Recoveries) -> None:
        customers = {each["id"]: each for each in world.objects("customers")}
        assert not customers[imported].get("deleted")
        if Recovery.CLIENT in done:
            (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
            assert row["stripe_customer_id"] == imported
            assert customers[imported]["metadata"]["user_id"] == ADA

    return Case(step=step, right=_succeeded, again=again, settled=settled)


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
    Scenario("signup, by the owner of the address", "signup", signup_by_the_owner),
    Scenario("registration checked", "pre_sign_up", registration_checked),
    Scenario("unconfirmed users", "remove_unconfirmed_users", remove_unconfirmed_users),
    Scenario("sign out", "sign_out", sign_out),
    Scenario("sign out, without a customer", "sign_out", sign_out_without_a_customer),
    Scenario("new password", "post_confirmation", new_password),
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
    Scenario(
        "list cards, with an imported customer",
        "list_payment_methods",
        partial(claim_imported_customer, first_step=lambda ada: ada.cards()),
    ),
    Scenario(
        "set up a card, with an imported customer",
        "create_setup_intent",
        partial(claim_imported_customer, first_step=lambda ada: ada.set_up_card()),
    ),
    Scenario("list products", "list_products", list_products),
    Scenario("get product", "get_product", get_product),
    Scenario("list payments", "list_payments", list_payments),
    Scenario("webhook customer.deleted", "stripe_webhook", customer_deleted),
]
