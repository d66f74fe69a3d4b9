"""Getting one payment."""

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"


@pytest.fixture
def visa(ada: ApiClient, stripe: Simulator) -> str:
    """Ada's saved card."""
    return ada.attached(stripe.payment_method(VISA))


def test_a_payment_is_its_owners(aws: Aws, ada: ApiClient, bob: ApiClient, visa: str) -> None:
    payment = ada.create(product_id="coffee", payment_method_id=visa).body

    own = ada.payment(payment["payment_id"])
    others = bob.payment(payment["payment_id"])
    none = ada.payment("pay_unknown")

    history = own.body.pop("history")
    assert (own.status, own.body) == (200, payment)
    assert [(line["to_status"], line["by"], line["actor"]) for line in history] == [
        ("requires_confirmation", "create", f"person:{aws.payment()['user_id']}")
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


def test_a_payment_that_its_account_no_longer_knows_is_lost(
    aws: Aws, ada: ApiClient, stripe: Simulator, visa: str
) -> None:
    payment_id = ada.create(product_id="coffee", payment_method_id=visa).body["payment_id"]
    aws.put_payment(aws.payment() | {"payment_intent_id": "pi_unknown"})
    unknown_account = ada.payment(payment_id)
    aws.put_payment(aws.payment() | {"account_id": "acct_1SimulatorAccount"})

    assert unknown_account.status >= 500
    for _ in range(2):
        assert ada.payment(payment_id).body["status"] == "lost_at_stripe"
    answer = ada.confirm(payment_id, cvc_token=stripe.cvc_token())
    assert (answer.status, answer.code) == (409, "payment_not_confirmable")
    row = aws.payment()
    assert (row["last_payment_error"]["code"], "open" in row) == ("lost_at_stripe", False)


def test_a_payment_of_another_account_is_left_alone(aws: Aws, ada: ApiClient, visa: str) -> None:
    ada.create(product_id="coffee", payment_method_id=visa)
    aws.put_payment(aws.payment() | {"account_id": "acct_1SomebodyElse"})
    before = aws.payment()

    counts = run("reconcile_payments", {"older_than_minutes": -1})

    assert counts["other_account"] == 1
    assert aws.payment() == before


def test_reconciliation_notes_the_account(aws: Aws, ada: ApiClient, visa: str) -> None:
    ada.create(product_id="coffee", payment_method_id=visa)

    first, second = (run("reconcile_payments", {"older_than_minutes": -1}) for _ in range(2))

    assert (first["changed"], second["unchanged"]) == (1, 1)
    assert aws.payment()["account_id"] == "acct_1SimulatorAccount"


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("succeeded", "partially_refunded"),
        ("failed", "refund_failed"),
        ("canceled", "refund_canceled"),
    ],
)
def test_only_what_has_succeeded_is_told_as_refunded(
    aws: Aws, ada: ApiClient, stripe: Simulator, status: str, line: str
) -> None:
    card = ada.attached(stripe.payment_method("4000000000007726"))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    intent_id = payment["payment_intent_id"]
    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent_id, amount="99")

    deliver(events(stripe, "refund.created")[0])

    row = aws.payment()
    assert (row["amount_refunded"], row["history"][-1]["to_status"]) == (0, "refund_pending")
    stripe.move_refund(row["refunds"][0]["refund_id"], status)
    told = ada.payment(payment["payment_id"]).body
    assert told["amount_refunded"] == (99 if status == "succeeded" else 0)
    assert told["history"][-1]["to_status"] == line


@pytest.mark.parametrize("marks_charge", [True, False])
def test_an_inquiry_is_told_and_is_no_dispute(
    aws: Aws, ada: ApiClient, stripe: Simulator, marks_charge: bool
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    (charge,) = stripe.listed(SECRET_KEY, "/v1/charges")
    inquiry = stripe.dispute_charge(charge["id"], inquiry=True, marks_charge=marks_charge)
    for event in reversed(events(stripe, "charge.dispute.created")):
        deliver(event)
    assert aws.payment()["history"][-1]["to_status"] == "inquiry"

    stripe.move_dispute(inquiry, "warning_closed")

    told = ada.payment(payment["payment_id"]).body
    assert told["dispute_status"] == "warning_closed"
    assert told["history"][-1]["to_status"] == "inquiry_closed"
