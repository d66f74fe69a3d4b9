import pytest
import stripe
from stripe.params import SetupIntentConfirmParamsMandateData

from tests.simulator.conftest import Shopper, Steering

ONLINE: SetupIntentConfirmParamsMandateData = {
    "customer_acceptance": {
        "type": "online",
        "online": {"ip_address": "127.0.0.1", "user_agent": "a browser"},
    }
}


def test_a_mandate_is_made_once_the_card_is_set_up(shopper: Shopper, steering: Steering) -> None:
    customer, card = shopper.customer(), shopper.card("4000002500003155")
    setup = shopper.server.setup_intents.create({"customer": customer.id})
    confirmed = shopper.server.setup_intents.confirm(
        setup.id, {"payment_method": card.id, "mandate_data": ONLINE}
    )
    assert (confirmed.status, confirmed.mandate) == ("requires_action", None)

    mandate_id = steering.answer_challenge(setup.id, "succeed")["mandate"]

    mandate = shopper.server.mandates.retrieve(mandate_id)
    assert (mandate.status, mandate.type, mandate.payment_method) == (
        "active",
        "multi_use",
        card.id,
    )
    assert mandate.customer_acceptance.online is not None
    assert mandate.customer_acceptance.online.user_agent == "a browser"


def test_a_mandate_ends_with_its_card(shopper: Shopper) -> None:
    card = shopper.card()
    setup = shopper.server.setup_intents.create(
        {
            "customer": shopper.customer().id,
            "payment_method": card.id,
            "confirm": True,
            "mandate_data": {"customer_acceptance": {"type": "offline", "offline": {}}},
        }
    )

    shopper.server.payment_methods.detach(card.id)

    assert shopper.server.mandates.retrieve(str(setup.mandate)).status == "inactive"


def test_without_an_acceptance_there_is_no_mandate(shopper: Shopper) -> None:
    setup = shopper.server.setup_intents.create(
        {"customer": shopper.customer().id, "payment_method": shopper.card().id, "confirm": True}
    )

    assert (setup.status, setup.mandate) == ("succeeded", None)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.mandates.retrieve("mandate_unknown")
    assert refusal.value.http_status == 404
