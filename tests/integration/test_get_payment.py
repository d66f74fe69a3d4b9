"""Getting one payment."""

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator

VISA = "4242424242424242"


@pytest.fixture
def visa(ada: ApiClient, stripe: Simulator) -> str:
    """Ada's saved card."""
    return ada.attached(stripe.payment_method(VISA))


def test_a_payment_is_its_owners(ada: ApiClient, bob: ApiClient, visa: str) -> None:
    payment = ada.create(product_id="coffee", payment_method_id=visa).body

    own = ada.payment(payment["payment_id"])
    others = bob.payment(payment["payment_id"])
    none = ada.payment("pay_unknown")

    history = own.body.pop("history")
    assert (own.status, own.body) == (200, payment)
    assert [(line["from_status"], line["to_status"], line["by"]) for line in history] == [
        ("pending", "requires_confirmation", "create")
    ]
    assert (others.status, others.code) == (404, "payment_not_found")
    assert (none.status, none.code) == (404, "payment_not_found")


def test_getting_a_payment_brings_its_row_up_to_date(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    payment = ada.create(product_id="coffee", payment_method_id=visa).body
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}/cancel")

    assert ada.payment(payment["payment_id"]).body["status"] == "canceled"

    row = aws.payment()
    assert row["status"] == "canceled"
    assert "open" not in row
