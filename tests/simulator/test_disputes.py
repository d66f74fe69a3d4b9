import pytest
import stripe

from tests.simulator.conftest import Json, Shopper, Steering

DISPUTED = "4000000000000259"
INQUIRY = "4000000000001976"


def _disputed(shopper: Shopper, number: str) -> stripe.Dispute:
    intent = shopper.confirm(shopper.manual_intent(number))
    return shopper.server.disputes.list({"payment_intent": intent.id}).data[0]


def _move(steering: Steering, dispute: stripe.Dispute, *statuses: str) -> Json:
    moved: Json = {}
    for status in statuses:
        moved = steering.post(f"/disputes/{dispute.id}", {"status": status})
    return moved


def _types_since(shopper: Shopper, event_type: str) -> list[str]:
    """What has happened since an event, oldest first."""
    types = [str(event.type) for event in shopper.server.events.list({"limit": 100}).data]
    return types[: types.index(event_type)][::-1]


def _refund(shopper: Shopper, dispute: stripe.Dispute) -> stripe.Refund:
    return shopper.server.refunds.create({"charge": str(dispute.charge), "amount": 100})


def test_a_chargeback_comes_before_the_news_of_the_payment(shopper: Shopper) -> None:
    dispute = _disputed(shopper, DISPUTED)

    assert _types_since(shopper, "payment_intent.created") == [
        "charge.succeeded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "payment_intent.succeeded",
    ]
    assert (dispute.status, dispute.is_charge_refundable) == ("needs_response", False)
    assert [t.amount for t in dispute.balance_transactions] == [-1099]
    charge = shopper.server.charges.retrieve(str(dispute.charge), {"expand": ["dispute"]})
    assert charge["dispute"]["id"] == dispute.id


def test_a_charge_that_is_captured_later_is_disputed_then(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent(DISPUTED, capture_method="manual"))
    assert shopper.server.disputes.list().data == []

    shopper.server.payment_intents.capture(intent.id)

    assert len(shopper.server.disputes.list().data) == 1


@pytest.mark.parametrize(
    ("statuses", "refundable"),
    [
        ((), False),
        (("under_review",), False),
        (("lost",), False),
        (("under_review", "won"), True),
    ],
)
def test_a_chargeback_forbids_refunds_until_it_is_won(
    shopper: Shopper, steering: Steering, statuses: tuple[str, ...], refundable: bool
) -> None:
    dispute = _disputed(shopper, DISPUTED)
    _move(steering, dispute, *statuses)

    assert shopper.server.disputes.retrieve(dispute.id).is_charge_refundable is refundable
    if refundable:
        assert _refund(shopper, dispute).status == "succeeded"
    else:
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            _refund(shopper, dispute)
        assert refusal.value.code == "charge_disputed"
    assert shopper.server.charges.retrieve(str(dispute.charge)).disputed is True


def test_a_won_chargeback_brings_the_money_back(shopper: Shopper, steering: Steering) -> None:
    dispute = _disputed(shopper, DISPUTED)

    won = _move(steering, dispute, "under_review", "won")

    assert [t["amount"] for t in won["balance_transactions"]] == [-1099, 1099]
    assert _types_since(shopper, "payment_intent.succeeded") == [
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


@pytest.mark.parametrize("end", ["warning_needs_response", "warning_under_review"])
def test_an_inquiry_only_asks(shopper: Shopper, steering: Steering, end: str) -> None:
    dispute = _disputed(shopper, INQUIRY)
    _move(steering, dispute, end)

    asked = shopper.server.disputes.retrieve(dispute.id)

    assert asked.payment_method_details is not None
    assert asked.payment_method_details.card is not None
    assert asked.payment_method_details.card.case_type == "inquiry"
    assert (asked.status, asked.is_charge_refundable) == (end, True)
    assert asked.balance_transactions == []
    assert shopper.server.charges.retrieve(str(dispute.charge)).disputed is True
    assert "charge.dispute.funds_withdrawn" not in _types_since(shopper, "charge.succeeded")
    assert _refund(shopper, dispute).status == "succeeded"


def test_a_charge_may_say_nothing_of_an_inquiry_until_it_becomes_a_chargeback(
    shopper: Shopper, steering: Steering
) -> None:
    charge_id = str(shopper.confirm(shopper.manual_intent()).latest_charge)
    inquiry = steering.post(
        f"/charges/{charge_id}/disputes", {"inquiry": True, "marks_charge": False}
    )
    charge = shopper.server.charges.retrieve(charge_id)
    assert (charge.disputed, charge["dispute"]) == (False, None)

    steering.post(f"/disputes/{inquiry['id']}", {"status": "needs_response"})

    charge = shopper.server.charges.retrieve(charge_id)
    assert (charge.disputed, charge["dispute"]) == (True, inquiry["id"])


def test_an_inquiry_comes_to_an_end(shopper: Shopper, steering: Steering) -> None:
    dispute = _disputed(shopper, INQUIRY)

    closed = _move(steering, dispute, "warning_under_review", "warning_closed")

    assert (closed["status"], closed["balance_transactions"]) == ("warning_closed", [])
    assert _types_since(shopper, "payment_intent.succeeded") == [
        "charge.dispute.updated",
        "charge.dispute.closed",
    ]


def test_an_inquiry_can_become_a_chargeback(shopper: Shopper, steering: Steering) -> None:
    dispute = _disputed(shopper, INQUIRY)

    escalated = _move(steering, dispute, "needs_response")

    assert escalated["payment_method_details"]["card"]["case_type"] == "chargeback"
    assert escalated["is_charge_refundable"] is False
    assert [t["amount"] for t in escalated["balance_transactions"]] == [-1099]
    assert _types_since(shopper, "payment_intent.succeeded") == [
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
    ]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _refund(shopper, dispute)
    assert refusal.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("number", "statuses", "never"),
    [
        (DISPUTED, (), "warning_needs_response"),
        (DISPUTED, ("won",), "warning_closed"),
        (INQUIRY, (), "won"),
        (INQUIRY, ("warning_under_review",), "lost"),
        (INQUIRY, ("warning_closed",), "needs_response"),
    ],
)
def test_a_dispute_keeps_to_its_kind(
    shopper: Shopper, steering: Steering, number: str, statuses: tuple[str, ...], never: str
) -> None:
    dispute = _disputed(shopper, number)
    _move(steering, dispute, *statuses)

    answer = steering.http.post(f"/_simulator/disputes/{dispute.id}", json={"status": never})

    assert answer.status_code == 409


def test_a_charge_can_be_disputed_late_and_more_than_once(
    shopper: Shopper, steering: Steering
) -> None:
    intent = shopper.confirm(shopper.manual_intent())
    path = f"/charges/{intent.latest_charge}/disputes"

    first = steering.post(path, {"reason": "duplicate", "amount": 500})
    second = steering.post(path, {"inquiry": True})

    newest_first = shopper.server.disputes.list({"charge": str(intent.latest_charge)}).data
    assert [dispute.id for dispute in newest_first] == [second["id"], first["id"]]
    assert (first["reason"], first["amount"], first["status"]) == (
        "duplicate",
        500,
        "needs_response",
    )
    assert (second["amount"], second["status"]) == (1099, "warning_needs_response")
    assert _types_since(shopper, "payment_intent.succeeded") == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.created",
    ]


def test_what_took_no_money_is_not_disputed(shopper: Shopper, steering: Steering) -> None:
    intent = shopper.confirm(shopper.manual_intent(capture_method="manual"))

    answer = steering.http.post(f"/_simulator/charges/{intent.latest_charge}/disputes")

    assert answer.status_code == 409


def test_nobody_disputes_more_than_was_charged(shopper: Shopper, steering: Steering) -> None:
    intent = shopper.confirm(shopper.manual_intent())
    path = f"/_simulator/charges/{intent.latest_charge}/disputes"

    assert steering.http.post(path, json={"amount": 1100}).status_code == 400
