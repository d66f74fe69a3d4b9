"""A person's journey through the deployed stack."""

from typing import Any

from tests.e2e.conftest import World
from tests.support.api_client import PAYMENT_FIELDS
from tests.support.simulator_client import Simulator
from trials.journey.stripe_js import BEHIND_THE_SCENES

SECRET_KEY = "sk_test_simulator"
ALWAYS_3DS = "4000002760003184"


def test_from_signing_up_to_a_paid_purchase_with_3ds(world: World, stripe: Simulator) -> None:
    ada = world.person()
    assert _calls(stripe) == ["POST /v1/customers"]

    products = world.client(None).products()
    assert products.status == 200
    assert _calls(stripe) == []

    attached = ada.api.attach(stripe.payment_method(ALWAYS_3DS))
    assert (attached.status, attached.body["last4"]) == (201, "3184")
    card = attached.body["payment_method_id"]
    assert _calls(stripe) == [f"POST /v1/payment_methods/{card}/attach"]

    cards = ada.api.cards()
    assert (cards.status, cards.body["data"]) == (200, [attached.body])
    assert [call.split("/")[-1] for call in _calls(stripe)] == ["payment_methods"]

    created = ada.api.create(product_id="coffee-beans", currency="jpy", payment_method_id=card)
    assert (created.status, created.body["status"]) == (201, "requires_confirmation")
    assert set(created.body) == PAYMENT_FIELDS
    assert _calls(stripe) == ["POST /v1/payment_intents"]
    payment_id, intent_id = created.body["payment_id"], created.body["payment_intent_id"]

    token = stripe.cvc_token()
    challenged = ada.api.confirm(payment_id, cvc_token=token)
    assert (challenged.status, challenged.body["status"]) == (200, "requires_action")
    (confirm,) = _asked_by_steps(stripe)
    assert confirm["params"]["payment_method_options"]["card"]["cvc_token"] == token
    assert _calls(stripe) == [f"POST /v1/payment_intents/{intent_id}/confirm"]

    stripe.answer_challenge(intent_id, "succeed")
    paid = ada.api.confirm(payment_id)
    assert (paid.status, paid.body["status"]) == (200, "succeeded")
    assert _calls(stripe) == [f"POST /v1/payment_intents/{intent_id}/confirm"]

    found = ada.api.payment(payment_id).body
    history = [line["to_status"] for line in found.pop("history")]
    assert history == ["requires_confirmation", "requires_action", "succeeded"]
    assert found == paid.body
    assert _calls(stripe) == [f"GET /v1/payment_intents/{intent_id}"]
    (past,) = ada.api.history().body["data"]
    assert past == paid.body | {"client_secret": None}
    assert _calls(stripe) == []

    (charge,) = stripe.listed(SECRET_KEY, "/v1/charges", payment_intent=intent_id)
    assert (charge["amount"], charge["currency"]) == (created.body["amount"], "jpy")


def _calls(stripe: Simulator) -> list[str]:
    """The Stripe calls that the person's steps made since the last time."""
    calls = [f"{call['method']} {call['path']}" for call in _asked_by_steps(stripe)]
    stripe.forget_calls()
    return calls


def _asked_by_steps(stripe: Simulator) -> list[dict[str, Any]]:
    """The calls of the steps, without those of webhooks that arrive meanwhile."""
    return [call for call in stripe.calls() if call["app"] not in BEHIND_THE_SCENES]


def test_a_declined_card_then_another(world: World, stripe: Simulator) -> None:
    ada = world.person()
    declined = ada.api.attached(stripe.payment_method("4000000000000341"))
    good = ada.api.attached(stripe.payment_method("5555555555554444"))
    payment = ada.api.create(product_id="coffee-beans", payment_method_id=declined).body

    refused = ada.api.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    assert (refused.status, refused.code) == (402, "card_declined")

    paid = ada.api.confirm(
        payment["payment_id"], cvc_token=stripe.cvc_token(), payment_method_id=good
    )
    assert (paid.status, paid.body["status"]) == (200, "succeeded")
