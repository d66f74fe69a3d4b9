import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper


@pytest.mark.parametrize(
    ("currency", "least"),
    [
        ("usd", 50),
        ("eur", 50),
        ("gbp", 30),
        ("jpy", 50),
        ("aed", 200),
        ("czk", 1500),
        ("dkk", 250),
        ("hkd", 400),
        ("huf", 17_500),
        ("mxn", 1000),
        ("nok", 300),
        ("thb", 1000),
    ],
)
def test_the_least_amount_is_the_published_one(
    server: V1Services, currency: str, least: int
) -> None:
    assert server.payment_intents.create({"amount": least, "currency": currency}).amount == least
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create({"amount": least - 1, "currency": currency})
    assert (refusal.value.code, refusal.value.param) == ("amount_too_small", "amount")


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("krw", 100), ("vnd", 1000), ("ugx", 100_000), ("kwd", 50), ("idr", 50_000), ("twd", 1000)],
)
def test_elsewhere_half_a_dollar_is_the_least(
    server: V1Services, currency: str, amount: int
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create({"amount": amount, "currency": currency})

    assert refusal.value.code == "amount_too_small"
    created = server.payment_intents.create({"amount": amount * 100, "currency": currency})
    assert created.currency == currency


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("ugx", 500_050),
        ("ugx", 500_001),
        ("isk", 100_010),
        ("bhd", 1001),
        ("jod", 1005),
        ("kwd", 1099),
        ("omr", 1001),
        ("tnd", 10_009),
    ],
)
def test_a_currency_has_no_finer_fraction_than_its_own(
    server: V1Services, currency: str, amount: int
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create({"amount": amount, "currency": currency})

    assert refusal.value.param == "amount"


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("ugx", 500_000),
        ("isk", 100_000),
        ("bhd", 1000),
        ("huf", 17_501),
        ("twd", 10_001),
        ("krw", 1001),
        ("xaf", 1001),
    ],
)
def test_huf_and_twd_are_charged_with_two_decimals_and_zero_decimals_as_they_are(
    server: V1Services, currency: str, amount: int
) -> None:
    assert server.payment_intents.create({"amount": amount, "currency": currency}).amount == amount


@pytest.mark.parametrize(
    ("currency", "largest"), [("usd", 99_999_999), ("jpy", 99_999_999), ("idr", 999_999_999_999)]
)
def test_the_largest_amount_has_eight_digits_and_in_rupiah_twelve(
    server: V1Services, currency: str, largest: int
) -> None:
    assert server.payment_intents.create({"amount": largest, "currency": currency})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create({"amount": largest + 1, "currency": currency})
    assert refusal.value.code == "amount_too_large"


@pytest.mark.parametrize("currency", ["xyz", "btc", "veb", "euro"])
def test_a_currency_that_stripe_does_not_charge_in_is_refused_by_name(
    server: V1Services, currency: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create({"amount": 1000, "currency": currency})

    assert refusal.value.param == "currency"
    assert refusal.value.error is not None
    assert refusal.value.error.type == "invalid_request_error"


def test_an_open_intent_can_be_changed_and_keeps_the_rules(shopper: Shopper) -> None:
    intent = shopper.manual_intent()

    changed = shopper.server.payment_intents.update(
        intent.id, {"amount": 500, "currency": "jpy", "metadata": {"changed_by": "someone"}}
    )

    assert (changed.amount, changed.currency) == (500, "jpy")
    assert changed.metadata.to_dict() == {"changed_by": "someone"}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_intents.update(intent.id, {"amount": 500, "currency": "huf"})
    assert refusal.value.code == "amount_too_small"


def test_an_open_intent_can_pass_to_another_customer(shopper: Shopper) -> None:
    intent = shopper.server.payment_intents.create({"amount": 1099, "currency": "eur"})
    customer = shopper.customer()

    changed = shopper.server.payment_intents.update(intent.id, {"customer": customer.id})

    assert changed.customer == customer.id
