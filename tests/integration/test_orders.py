"""Orders: one person pays each, once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.conftest import SECRET_KEY
from tests.integration.orders import Shopper, cancel, intents, let_expire, made, order, shown
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for, merchants_gateway, run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events


@pytest.fixture
def grace(stripe: Simulator) -> Shopper:
    return Shopper(stripe)


# Paying one


def test_a_person_pays_what_the_program_has_priced(grace: Shopper, stripe: Simulator) -> None:
    shipping = {"name": "Grace", "address": {"line1": "1 Way", "city": "Bonn", "country": "DE"}}
    asked = made(
        grace,
        shipping=shipping,
        receipt_email="grace@example.com",
        statement_descriptor_suffix="R 1001",
        metadata={"campaign": "autumn"},
    )

    payment = grace.pays(asked["order_id"])
    paid = grace.confirms(payment.body)

    assert (payment.status, paid.status) == (201, 200)
    assert (paid.body["status"], paid.body["amount"]) == ("succeeded", asked["total"])
    assert (paid.body["order_id"], paid.body["order_reference"]) == (asked["order_id"], "R-1001")
    assert paid.body["lines"] == asked["lines"]
    (intent,) = intents(stripe)
    assert intent["amount_received"] == asked["total"]
    assert intent["shipping"]["address"]["line1"] == "1 Way"
    assert intent["receipt_email"] == "grace@example.com"
    assert intent["statement_descriptor_suffix"] == "R 1001"
    assert intent["metadata"]["campaign"] == "autumn"
    assert intent["metadata"]["order_id"] == asked["order_id"]
    after = grace.api.order(asked["order_id"]).body
    assert (after["status"], after["payment_id"]) == ("paid", payment.body["payment_id"])


def test_the_order_of_somebody_else_is_404(grace: Shopper, stripe: Simulator) -> None:
    asked = made(grace)
    bob = Shopper(stripe)

    for answer in (bob.pays(asked["order_id"]), bob.api.order(asked["order_id"])):
        assert (answer.status, answer.code) == (404, "order_not_found")


def test_every_key_gets_the_one_payment_until_it_is_paid(grace: Shopper, stripe: Simulator) -> None:
    asked = made(grace)
    other_card = grace.api.attached(stripe.payment_method("5555555555554444"))

    first = grace.pays(asked["order_id"], key="first-key")
    second = grace.pays(asked["order_id"], key="second-key", card=other_card)

    assert first.body["payment_id"] == second.body["payment_id"]
    assert len(intents(stripe)) == 1
    assert grace.confirms(first.body, payment_method_id=other_card).status == 200
    for key, card in (("first-key", None), ("second-key", other_card)):
        replay = grace.pays(asked["order_id"], key=key, card=card)
        assert (replay.status, replay.body["status"]) == (201, "succeeded")
    third = grace.pays(asked["order_id"], key="third-key")
    assert (third.status, third.code) == (409, "order_not_payable")
    assert third.body["detail"] == "This order is paid."


def test_a_key_is_used_for_one_thing(grace: Shopper) -> None:
    first, second = made(grace), made(grace, order_reference="R-1002")
    grace.pays(first["order_id"], key="order-key")
    grace.api.create(
        items=[{"product_id": "coffee"}], payment_method_id=grace.card, key="items-key"
    )

    reused = [
        grace.pays(second["order_id"], key="order-key"),
        grace.pays(first["order_id"], key="items-key"),
        grace.api.create(
            items=[{"product_id": "coffee"}], payment_method_id=grace.card, key="order-key"
        ),
    ]

    assert {(each.status, each.code) for each in reused} == {(409, "idempotency_key_reused")}


def test_the_next_payment_starts_only_when_stripe_has_cancelled_the_last(
    grace: Shopper, stripe: Simulator
) -> None:
    asked = made(grace)
    first = grace.pays(asked["order_id"], key="first-key").body
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{first['payment_intent_id']}/cancel")

    unaware = grace.pays(asked["order_id"], key="second-key").body
    assert unaware["payment_id"] == first["payment_id"]
    assert unaware["status"] == "canceled"
    following = grace.pays(asked["order_id"], key="third-key").body

    assert following["payment_id"] != first["payment_id"]
    assert grace.confirms(following).body["status"] == "succeeded"
    assert grace.pays(asked["order_id"], key="first-key").body["status"] == "canceled"


def test_a_refused_payment_is_followed(grace: Shopper, stripe: Simulator) -> None:
    asked = made(grace)
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{grace.card}/detach")  # unknown to the row
    refused = grace.pays(asked["order_id"])
    assert (refused.status, refused.code) == (404, "payment_method_not_found")

    grace.card = grace.api.attached(stripe.payment_method("5555555555554444"))
    payment = grace.pays(asked["order_id"])

    assert grace.confirms(payment.body).body["status"] == "succeeded"


def test_a_mismatched_payment_is_followed_once_it_is_cancelled_at_stripe(
    grace: Shopper, stripe: Simulator
) -> None:
    """Somebody has changed its amount there. Until it is cancelled, it may be charged."""
    asked = made(grace)
    first = grace.pays(asked["order_id"]).body
    path = f"/v1/payment_intents/{first['payment_intent_id']}"
    stripe.post(SECRET_KEY, path, amount="100")
    assert grace.api.payment(first["payment_id"]).body["status"] == "mismatched"
    unpayable = grace.pays(asked["order_id"]).body
    assert (unpayable["payment_id"], unpayable["status"]) == (first["payment_id"], "mismatched")

    stripe.post(SECRET_KEY, f"{path}/cancel")
    deliver(events(stripe, "payment_intent.canceled")[-1])
    following = grace.pays(asked["order_id"]).body

    assert following["payment_id"] != first["payment_id"]
    assert grace.api.payment(first["payment_id"]).body["status"] == "canceled"
    assert grace.confirms(following).body["status"] == "succeeded"
    assert [each["status"] for each in intents(stripe)].count("succeeded") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": "mismatched", "amount": 1},
        {"status": "lost_at_stripe", "payment_intent_id": "pi_that_stripe_does_not_show"},
    ],
)
def test_an_order_whose_payment_nobody_can_judge_is_cancelled_and_made_again(
    aws: Aws, grace: Shopper, change: dict[str, object]
) -> None:
    asked = made(grace)
    grace.pays(asked["order_id"])
    (row,) = [row for row in aws.rows("PaymentsTable") if row.get("order_id")]
    aws.put_payment(row | change)
    grace.pays(asked["order_id"])
    assert [each["payment_id"] for each in aws.rows("PaymentsTable") if each.get("order_id")] == [
        row["payment_id"]
    ]

    answer = merchants_gateway()("POST", f"/merchant/orders/{asked['order_id']}/cancel", body={})
    assert (answer.status, answer.body["status"]) == (200, "canceled")
    again = grace.pays(made(grace)["order_id"]).body

    assert grace.confirms(again).body["status"] == "succeeded"


def test_an_expired_payment_whose_intent_exists_after_all_is_not_followed(
    aws: Aws, grace: Shopper, stripe: Simulator
) -> None:
    asked = made(grace)
    first = grace.pays(asked["order_id"]).body
    (row,) = [row for row in aws.rows("PaymentsTable") if row.get("order_id")]
    del row["payment_intent_id"]
    aws.put_payment(row | {"status": "expired"})

    second = grace.pays(asked["order_id"]).body

    assert (second["payment_id"], second["status"]) == (
        first["payment_id"],
        "requires_confirmation",
    )
    assert len(intents(stripe)) == 1


def test_twenty_devices_at_once_make_one_payment(grace: Shopper, stripe: Simulator) -> None:
    asked = made(grace)
    ready = threading.Barrier(20)

    def pays(_: int) -> Answer:
        ready.wait(60)
        return grace.pays(asked["order_id"])

    with ThreadPoolExecutor(20) as devices:
        answers = list(devices.map(pays, range(20)))

    assert {each.status for each in answers} <= {201, 503}
    assert {each.body["payment_id"] for each in answers if each.status == 201} == {
        intent["metadata"]["payment_id"] for intent in intents(stripe)
    }
    assert len(intents(stripe)) == 1
    assert all(each.body["retryable"] for each in answers if each.status != 201)


# An order that is over


def test_a_cancelled_order_cannot_be_paid_nor_confirmed(grace: Shopper, stripe: Simulator) -> None:
    asked = made(grace)
    payment = grace.pays(asked["order_id"]).body

    canceled = cancel(asked["order_id"])

    assert (canceled.status, canceled.body["status"]) == (200, "canceled")
    assert cancel(asked["order_id"]).body["status"] == "canceled"
    assert [intent["status"] for intent in intents(stripe)] == ["canceled"]
    again = grace.pays(asked["order_id"])
    assert (again.status, again.code) == (409, "order_not_payable")
    assert grace.confirms(payment).status == 409


def test_an_expired_order_charges_nothing_and_reconciliation_cancels_its_intent(
    aws: Aws, grace: Shopper, stripe: Simulator
) -> None:
    asked = made(grace)
    payment = grace.pays(asked["order_id"]).body
    let_expire(aws, asked["order_id"])

    for answer in (grace.confirms(payment), grace.pays(asked["order_id"])):
        assert (answer.status, answer.code) == (409, "order_not_payable")
    assert shown(asked["order_id"])["status"] == "expired"
    assert stripe.listed(SECRET_KEY, "/v1/charges") == []
    run("reconcile_payments", {"older_than_minutes": 0})
    assert [intent["status"] for intent in intents(stripe)] == ["canceled"]


def test_a_paid_order_cannot_be_cancelled(grace: Shopper) -> None:
    asked = made(grace)
    grace.confirms(grace.pays(asked["order_id"]).body)

    answer = cancel(asked["order_id"])

    assert (answer.status, answer.code) == (409, "order_not_payable")
    assert shown(asked["order_id"])["status"] == "paid"


def test_a_cancelled_order_that_is_paid_all_the_same_is_told_loudly(
    grace: Shopper, stripe: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = made(grace)
    payment = grace.pays(asked["order_id"]).body
    # The function that confirmed died before it could write.
    confirm = f"/v1/payment_intents/{payment['payment_intent_id']}/confirm"
    cvc = {"payment_method_options[card][cvc_token]": stripe.cvc_token()}
    stripe.post(SECRET_KEY, confirm, **cvc)
    assert cancel(asked["order_id"]).status == 200
    for event in events(stripe, "payment_intent.succeeded"):
        deliver(event)

    history = merchants_gateway()("GET", f"/merchant/payments/{payment['payment_id']}").body
    assert history["status"] == "succeeded"
    assert "order_canceled_but_paid" in {line["to_status"] for line in history["history"]}
    assert shown(asked["order_id"])["status"] == "canceled"
    assert stripe.listed(SECRET_KEY, "/v1/refunds") == []
    assert "Order_canceled_but_paid" in capsys.readouterr().out


def test_a_cancellation_against_confirmations_leaves_one_end(
    grace: Shopper, stripe: Simulator
) -> None:
    """Whoever is faster: the order is paid, or cancelled, or both with an alarm."""
    for number in range(5):
        asked = made(grace, order_reference=f"R-{number}")
        payment = grace.pays(asked["order_id"]).body
        tokens = [stripe.cvc_token() for _ in range(3)]
        ready = threading.Barrier(4)

        def confirms(
            token: str, ready: threading.Barrier = ready, payment_id: str = payment["payment_id"]
        ) -> Answer:
            ready.wait(60)
            return grace.api.confirm(payment_id, cvc_token=token)

        def cancels(ready: threading.Barrier = ready, order_id: str = asked["order_id"]) -> Answer:
            ready.wait(60)
            return cancel(order_id)

        with ThreadPoolExecutor(4) as everybody:
            confirmations = [everybody.submit(confirms, token) for token in tokens]
            cancellation = everybody.submit(cancels)
        statuses = {each.result().status for each in confirmations}
        assert statuses <= {200, 409, 503}, [each.result() for each in confirmations]
        assert cancellation.result().status in {200, 409, 503}
        path = f"/merchant/payments/{payment['payment_id']}"
        row = merchants_gateway()("GET", path).body
        paid = row["status"] == "succeeded"
        told = "order_canceled_but_paid" in {line["to_status"] for line in row["history"]}
        after = shown(asked["order_id"])["status"]
        assert (paid, after, told) in {
            (True, "paid", False),
            (True, "canceled", True),
            (False, "canceled", False),
        }
        assert (200 in statuses) <= paid
    charges = stripe.listed(SECRET_KEY, "/v1/charges")
    charged = [charge["payment_intent"] for charge in charges if charge["paid"]]
    assert len(charged) == len(set(charged))


def test_an_export_has_the_orders_of_the_person(grace: Shopper) -> None:
    made(grace)
    signed_up = ApiClient(Gateway(None)).signup(
        email="new@example.com", password="Correct-Horse-1", name="New"
    )
    user_id = signed_up.body["user_id"]
    asked = order(user_id=user_id, receipt_email="n@example.com", metadata={"from": "shop"})

    page = client_for(user_id).export()

    assert page.status == 200, page
    (exported,) = page.body["orders"]
    assert exported["order_id"] == asked.body["order_id"]
    assert exported["receipt_email"] == "n@example.com"
    assert exported["metadata"] == {"from": "shop"}


def test_an_erased_person_leaves_no_address_in_an_order(aws: Aws, grace: Shopper) -> None:
    shipping = {"name": "Grace", "address": {"line1": "1 Way", "country": "DE"}}
    made(grace, shipping=shipping, receipt_email="grace@example.com", metadata={"note": "gift"})

    from payments import wiring  # noqa: PLC0415

    wiring.orders().forget_person(grace.user_id)

    (row,) = aws.rows("OrdersTable")
    assert not {"shipping", "receipt_email", "metadata"} & set(row)
    assert shown(row["order_id"])["total"] == 3288
