"""Scenarios of a person's cards: save by SetupIntent, save again, change, remove, pay."""

from functools import partial
from typing import Any

from tests.crash_matrix.paying import is_created, is_paid
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import ADA, VISA, World
from tests.support.api_client import Answer

_KEY = "a-key-of-adas"
_CONSENT = {"usage": "off_session", "consent_text": "You may charge it when I am away."}


def _succeeded(answer: Answer) -> bool:
    return answer.status in {200, 201}


def _is_removed(answer: Answer) -> bool:
    """What was removed before is not found: the answer may have been lost."""
    return answer.status == 204 or (
        answer.status == 404 and answer.code == "payment_method_not_found"
    )


def _customer(world: World) -> str:
    (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
    return str(row["stripe_customer_id"])


def _attached(world: World) -> set[str]:
    """Ada's cards at Stripe."""
    return {
        card["id"]
        for card in world.objects("payment_methods")
        if card["customer"] == _customer(world)
    }


def _listed(world: World) -> dict[str, Any]:
    """The cards that she sees."""
    return {card["payment_method_id"]: card for card in world.ada.cards().body["data"]}


def _is_there_once(world: World, card: str) -> None:
    """Her only card, at Stripe as well."""
    assert list(_listed(world)) == [card]
    assert _attached(world) == {card}, "a duplicate is left at Stripe"
    (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
    assert {each.split(" ")[0] for each in row["saved_cards"]} <= {card}, row


def _saving(world: World, card: str) -> Case:
    """The step is to save this card, which is the only one in the end."""

    def again() -> None:
        answer = world.ada.attach(card)
        assert _succeeded(answer), answer
        assert answer.body["payment_method_id"] == card

    return Case(
        step=lambda: world.ada.attach(card),
        right=_succeeded,
        again=again,
        afterwards=partial(_is_there_once, world, card),
    )


def save_again(world: World) -> Case:
    return _saving(world, world.newer_card(world.saved_card()))


def save_the_default_again(world: World) -> Case:
    earlier = world.saved_card()
    world.make_default(_customer(world), earlier)
    card = world.newer_card(earlier)
    case = _saving(world, card)

    def afterwards() -> None:
        case.afterwards()
        assert _listed(world)[card]["default"] is True

    return Case(step=case.step, right=case.right, again=case.again, afterwards=afterwards)


def save_what_a_payment_needs(world: World) -> Case:
    """It is paid with the earlier one, which then leaves."""
    earlier = world.saved_card()
    payment_id = world.created(_KEY, earlier)
    card = world.newer_card(earlier)
    case = _saving(world, card)

    def afterwards() -> None:
        assert list(_listed(world)) == [card]
        assert _attached(world) == {earlier, card}, "the payment has lost its card"
        paid = world.confirm(payment_id, world.cvc(payment_id))
        assert is_paid(paid), paid
        world.reconcile_calmly()
        case.afterwards()

    return Case(step=case.step, right=case.right, again=case.again, afterwards=afterwards)


def start_saving(world: World) -> Case:
    world.ada.cards()
    return start_saving_as_first_step(world)


def start_saving_as_first_step(world: World) -> Case:
    def step() -> Answer:
        return world.ada.send("POST", "/setup-intents", body=_CONSENT)

    def again() -> None:
        answer = step()
        assert answer.status == 201, answer
        card = world.set_up(answer.body["setup_intent_id"])
        saved = world.ada.send(
            "POST", "/payment-methods", body={"setup_intent_id": answer.body["setup_intent_id"]}
        )
        assert _succeeded(saved), saved
        assert saved.body["payment_method_id"] == card
        assert saved.body["usable_off_session"] is True

    return Case(step=step, right=_succeeded, again=again)


def save_set_up(world: World) -> Case:
    """The browser comes back, or only the event does."""
    started = world.ada.send("POST", "/setup-intents", body=_CONSENT).body["setup_intent_id"]
    card = world.set_up(started)

    def step() -> Answer:
        return world.ada.send("POST", "/payment-methods", body={"setup_intent_id": started})

    def again() -> None:
        answer = step()
        assert _succeeded(answer), answer
        assert answer.body["payment_method_id"] == card

    def settled(done: Recoveries) -> None:
        if done & {Recovery.CLIENT, Recovery.WEBHOOKS}:
            assert _listed(world)[card]["usable_off_session"] is True
            (row,) = [row for row in world.customer_rows() if row["user_id"] == ADA]
            assert [each.split(" ")[0] for each in row["saved_cards"]] == [card]

    return Case(
        step=step,
        right=_succeeded,
        again=again,
        settled=settled,
        afterwards=partial(_is_there_once, world, card),
    )


def set_up_event(world: World) -> Case:
    """The browser never comes back, and an earlier card is the same."""
    earlier = world.saved_card()
    started = world.ada.send("POST", "/setup-intents", body=_CONSENT).body["setup_intent_id"]
    card = world.set_up(started, after=earlier)
    event = world.event("setup_intent.succeeded")

    def again() -> None:
        assert list(_listed(world)), "she has lost her card"

    return Case(
        step=lambda: world.deliver(event),
        right=_succeeded,
        again=again,
        settled=lambda done: None if Recovery.WEBHOOKS not in done else _is_there_once(world, card),
        afterwards=partial(_is_there_once, world, card),
    )


def attached_elsewhere(world: World) -> Case:
    """The merchant attaches a card that she has."""
    card = world.newer_card(world.saved_card())
    world.attach_elsewhere(card, _customer(world))
    event = world.event("payment_method.attached")

    def again() -> None:
        assert list(_listed(world)), "she has lost her card"

    return Case(
        step=lambda: world.deliver(event),
        right=_succeeded,
        again=again,
        settled=lambda done: None if Recovery.WEBHOOKS not in done else _is_there_once(world, card),
        afterwards=partial(_is_there_once, world, card),
    )


def change(world: World) -> Case:
    card = world.saved_card()
    body = {"billing_details": {"name": "Ada King"}, "exp_year": 2041, "default": True}

    def step() -> Answer:
        return world.ada.send("PATCH", f"/payment-methods/{card}", body=body)

    def is_changed(shown: dict[str, Any]) -> bool:
        told = (shown["cardholder_name"], shown["exp_year"], shown["default"])
        return told == ("Ada King", 2041, True)

    def again() -> None:
        answer = step()
        assert answer.status == 200, answer
        assert is_changed(answer.body), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert is_changed(_listed(world)[card])

    return Case(
        step=step,
        right=lambda answer: answer.status == 200 and is_changed(answer.body),
        again=again,
        settled=settled,
    )


def _removing(world: World, card: str) -> Case:
    """The step is to remove her last card."""

    def step() -> Answer:
        return world.ada.delete_card(card)

    def again() -> None:
        answer = step()
        assert _is_removed(answer), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert _listed(world) == {}
            assert _attached(world) == set()

    return Case(step=step, right=_is_removed, again=again, settled=settled)


def remove(world: World) -> Case:
    return _removing(world, world.saved_card())


def remove_with_duplicates(world: World) -> Case:
    """An open payment needs the earlier one, and is paid with another card."""
    earlier = world.saved_card()
    payment_id = world.created(_KEY, earlier)
    case = _removing(world, world.ada.attached(world.newer_card(earlier)))

    def afterwards() -> None:
        assert _attached(world) == set()
        other = world.saved_card("5555555555554444")
        paid = world.confirm(payment_id, world.cvc(payment_id), payment_method_id=other)
        assert is_paid(paid), paid

    return Case(
        step=case.step,
        right=case.right,
        again=case.again,
        settled=case.settled,
        afterwards=afterwards,
    )


def create_with_a_card_from_elsewhere(world: World) -> Case:
    """The merchant has attached it, and its event is still to come."""
    world.ada.cards()
    card = world.stripe.payment_method(VISA)
    world.attach_elsewhere(card, _customer(world))

    def again() -> None:
        answer = world.create(_KEY, card)
        assert is_created(answer), answer

    def afterwards() -> None:
        (payment,) = world.ada.history().body["data"]
        paid = world.confirm(payment["payment_id"], world.cvc(payment["payment_id"]))
        assert is_paid(paid), paid

    return Case(
        step=lambda: world.create(_KEY, card), right=is_created, again=again, afterwards=afterwards
    )


def let_go(world: World) -> Case:
    """A payment is over, and the card that stayed for it is to be detached."""
    earlier = world.saved_card()
    payment_id = world.created(_KEY, earlier)
    card = world.ada.attached(world.newer_card(earlier))
    world.confirm(payment_id, world.cvc(payment_id))
    world.let_a_minute_pass()

    def right(answer: Any) -> bool:
        return isinstance(answer, dict) and answer.get("failed", 0) == 0

    def again() -> None:
        paid = world.ada.payment(payment_id)
        assert is_paid(paid), paid

    def settled(done: Recoveries) -> None:
        if done & {Recovery.RECONCILER, Recovery.WEBHOOKS}:
            _is_there_once(world, card)
            assert "replaced_card" not in world.payment(payment_id)

    return Case(step=world.reconcile, right=right, again=again, settled=settled)


SCENARIOS = [
    Scenario("save again", "attach_payment_method", save_again),
    Scenario("save the default again", "attach_payment_method", save_the_default_again),
    Scenario("save what a payment needs", "attach_payment_method", save_what_a_payment_needs),
    Scenario("start saving", "create_setup_intent", start_saving),
    Scenario("start saving, without a customer", "create_setup_intent", start_saving_as_first_step),
    Scenario("save what was set up", "attach_payment_method", save_set_up),
    Scenario("webhook setup_intent.succeeded", "stripe_webhook", set_up_event),
    Scenario("webhook payment_method.attached", "stripe_webhook", attached_elsewhere),
    Scenario("change a card", "update_payment_method", change),
    Scenario("remove a card", "detach_payment_method", remove),
    Scenario("remove a card, and its duplicate", "detach_payment_method", remove_with_duplicates),
    Scenario(
        "create, with a card from elsewhere",
        "create_payment_intent",
        create_with_a_card_from_elsewhere,
    ),
    Scenario("reconcile, and let go of a card", "reconcile_payments", let_go),
]
