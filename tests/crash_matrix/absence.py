"""Scenarios of the merchant's own payments: charged in absence, and looked at."""

from functools import partial

from tests.crash_matrix.paying import is_paid
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import World
from tests.support.api_client import Answer

_KEY = "a-key-of-the-shop"


def is_charged(answer: Answer) -> bool:
    return answer.status == 201 and answer.body["status"] == "succeeded"


def _charge_in_absence(world: World) -> Case:
    setup = world.ada.set_up_card("off_session", consent_text="Charge me when I am away.")
    setup_intent_id = setup.body["setup_intent_id"]
    world.set_up(setup_intent_id)
    card = world.ada.attach_set_up(setup_intent_id).body["payment_method_id"]
    assert world.ada.change_card(card, default=True).status == 200
    order_id = world.made_order()

    def again() -> None:
        answer = world.charge_in_absence(_KEY, order_id)
        assert is_charged(answer), answer

    def settled(done: Recoveries) -> None:
        succeeded = [
            row
            for row in world.payments()
            if row.get("order_id") == order_id and row["status"] == "succeeded"
        ]
        assert bool(succeeded) == ("paid_at" in world.order_row(order_id))
        if Recovery.CLIENT in done:
            assert succeeded

    return Case(
        step=lambda: world.charge_in_absence(_KEY, order_id),
        right=is_charged,
        again=again,
        settled=settled,
    )


def _look(world: World, path: str, *, refunded: bool) -> Case:
    """A route that looks at a payment, which may have changed at Stripe since it was written."""
    card = world.saved_card()
    payment_id = world.created("a-key-of-adas", card)
    with world.stripe.lost_webhooks():
        assert is_paid(world.confirm(payment_id, world.cvc(payment_id)))
    if refunded:
        world.refund(payment_id, 99)
    where = path.format(payment_id=payment_id)

    def look() -> Answer:
        return world.merchant("GET", where)

    def again() -> None:
        answer = look()
        assert answer.status == 200, answer

    return Case(step=look, right=lambda answer: answer.status == 200, again=again)


SCENARIOS = [
    Scenario("charge in absence", "charge_in_absence", _charge_in_absence),
    Scenario(
        "list payments of all",
        "list_merchant_payments",
        partial(_look, path="/merchant/payments", refunded=False),
    ),
    Scenario(
        "get anybody's payment",
        "get_merchant_payment",
        partial(_look, path="/merchant/payments/{payment_id}", refunded=True),
    ),
]
