import pytest
import stripe

from tests.simulator.conftest import Shopper


def test_refunds_add_up_to_the_charge_and_no_further(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent())
    charge_id = str(intent.latest_charge)

    first = shopper.server.refunds.create({"payment_intent": intent.id, "amount": 1000})
    assert (first.status, first.amount, first.charge) == ("succeeded", 1000, charge_id)
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        shopper.server.refunds.create({"charge": charge_id, "amount": 100})
    assert too_much.value.param == "amount"
    rest = shopper.server.refunds.create({"charge": charge_id, "reason": "duplicate"})
    assert (rest.amount, rest.reason) == (99, "duplicate")
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        shopper.server.refunds.create({"charge": charge_id})
    assert nothing_left.value.code == "charge_already_refunded"

    charge = shopper.server.charges.retrieve(charge_id, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (1099, True)
    assert charge.refunds is not None
    assert [refund.id for refund in charge.refunds.data] == [rest.id, first.id]
    listed = shopper.server.refunds.list({"payment_intent": intent.id}).data
    assert [refund.id for refund in listed] == [rest.id, first.id]
    assert shopper.server.refunds.retrieve(first.id).amount == 1000


def test_one_key_gives_back_once_and_a_refusal_is_repeated(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent())
    refunds = shopper.server.refunds

    made = [
        refunds.create(
            {"payment_intent": intent.id, "amount": 1000}, {"idempotency_key": "refund-1"}
        ).id
        for _ in range(2)
    ]
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            refunds.create(
                {"payment_intent": intent.id, "amount": 100}, {"idempotency_key": "refund-2"}
            )

    assert made[0] == made[1]
    assert len(refunds.list({"payment_intent": intent.id}).data) == 1
    assert refusal.value.headers is not None
    assert refusal.value.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("amount", [0, -5])
def test_a_refund_is_of_something(shopper: Shopper, amount: int) -> None:
    intent = shopper.confirm(shopper.manual_intent())

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.refunds.create({"payment_intent": intent.id, "amount": amount})

    assert refusal.value.param == "amount"


def test_what_was_never_charged_can_not_be_refunded(shopper: Shopper) -> None:
    unpaid = shopper.manual_intent()
    declined = shopper.manual_intent("4000000000000341")
    with pytest.raises(stripe.CardError):
        shopper.confirm(declined)
    authorized = shopper.confirm(shopper.manual_intent(capture_method="manual"))

    for intent in (unpaid, declined, authorized):
        with pytest.raises(stripe.InvalidRequestError):
            shopper.server.refunds.create({"payment_intent": intent.id})


def test_a_refund_names_what_it_refunds(shopper: Shopper) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.refunds.create({"amount": 100})

    assert refusal.value.code == "parameter_missing"
