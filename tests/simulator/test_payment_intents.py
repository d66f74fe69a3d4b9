from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe._v1_services import V1Services

from stripe_simulator.resources.confirmation import CONFIRM_LIMIT
from tests.simulator.conftest import Shopper, Steering


def test_an_intent_asks_first_for_a_card_then_for_confirmation(shopper: Shopper) -> None:
    customer = shopper.customer()
    intent = shopper.server.payment_intents.create(
        {"amount": 1099, "currency": "eur", "customer": customer.id}
    )
    assert intent.status == "requires_payment_method"

    card = shopper.saved_card(customer)
    updated = shopper.server.payment_intents.update(intent.id, {"payment_method": card.id})
    assert updated.status == "requires_confirmation"

    confirmed = shopper.server.payment_intents.confirm(intent.id)
    assert confirmed.status == "succeeded"
    assert (confirmed.amount_received, confirmed.currency) == (1099, "eur")


def test_a_successful_confirm_makes_one_charge(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent(metadata={"payment_id": "p1"}))

    charges = shopper.server.charges.list({"payment_intent": intent.id}).data

    assert [charge.id for charge in charges] == [intent.latest_charge]
    charge = charges[0]
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (1099, 1099, 0)
    assert (charge.status, charge.paid, charge.captured) == ("succeeded", True, True)
    assert charge.customer == intent.customer
    assert charge.metadata["payment_id"] == "p1"
    assert charge.outcome is not None
    assert charge.outcome.type == "authorized"


@pytest.mark.parametrize("final", ["succeeded", "canceled"])
def test_a_final_intent_can_not_be_confirmed_canceled_or_changed(
    shopper: Shopper, final: str
) -> None:
    intent = shopper.manual_intent()
    if final == "succeeded":
        shopper.confirm(intent)
    else:
        shopper.server.payment_intents.cancel(intent.id)

    intents = shopper.server.payment_intents
    acts: list[Callable[[], object]] = [
        lambda: intents.confirm(intent.id),
        lambda: intents.cancel(intent.id),
        lambda: intents.capture(intent.id),
        lambda: intents.update(intent.id, {"amount": 2000}),
    ]
    for act in acts:
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            act()
        assert refusal.value.http_status == 400
        assert refusal.value.code == "payment_intent_unexpected_state"
        assert refusal.value.error is not None
        assert refusal.value.error.payment_intent is not None
        assert refusal.value.error.payment_intent.status == final


def test_an_intent_without_a_card_can_not_be_confirmed(server: V1Services) -> None:
    intent = server.payment_intents.create({"amount": 1099, "currency": "eur"})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.confirm(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error is not None
    assert refusal.value.error.payment_intent is not None
    assert refusal.value.error.payment_intent.status == "requires_payment_method"


def test_create_and_confirm_in_one_call(server: V1Services) -> None:
    intent = server.payment_intents.create(
        {"amount": 1099, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    )

    assert intent.status == "succeeded"


@pytest.mark.parametrize("params", [{"off_session": True}, {"return_url": "https://shop.example"}])
def test_what_belongs_to_a_confirm_is_refused_on_a_mere_create(
    server: V1Services, params: dict[str, object]
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create(
            {"amount": 1099, "currency": "eur", **params}  # type: ignore[typeddict-item]
        )

    assert refusal.value.param in params


def test_a_card_used_without_a_customer_works_once(shopper: Shopper) -> None:
    card = shopper.card()
    first = shopper.server.payment_intents.create(
        {"amount": 1099, "currency": "eur", "payment_method": card.id, "confirm": True}
    )
    assert first.status == "succeeded"

    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        shopper.server.payment_intents.create(
            {"amount": 1099, "currency": "eur", "payment_method": card.id, "confirm": True}
        )


def test_a_card_saved_while_paying_belongs_to_the_customer(shopper: Shopper) -> None:
    customer, card = shopper.customer(), shopper.card()

    shopper.server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": card.id,
            "setup_future_usage": "off_session",
            "confirm": True,
        }
    )

    assert shopper.server.payment_methods.retrieve(card.id).customer == customer.id


def test_another_customers_card_does_not_serve_for_an_intent(shopper: Shopper) -> None:
    card = shopper.saved_card(shopper.customer())
    customer = shopper.customer()

    with pytest.raises(stripe.InvalidRequestError) as on_create:
        shopper.server.payment_intents.create(
            {
                "amount": 1099,
                "currency": "eur",
                "customer": customer.id,
                "payment_method": card.id,
            }
        )
    intent = shopper.server.payment_intents.create(
        {"amount": 1099, "currency": "eur", "customer": customer.id}
    )
    with pytest.raises(stripe.InvalidRequestError) as on_confirm:
        shopper.server.payment_intents.confirm(intent.id, {"payment_method": card.id})

    assert on_confirm.value.error is not None
    assert on_confirm.value.error.payment_intent is not None
    assert on_confirm.value.error.payment_intent.id == intent.id
    for refusal in (on_create, on_confirm):
        assert refusal.value.http_status == 400
        assert refusal.value.code is None
        assert refusal.value.param == "payment_method"


def test_a_customers_card_needs_its_customer_named(shopper: Shopper) -> None:
    card = shopper.saved_card(shopper.customer())

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_intents.create(
            {"amount": 1099, "currency": "eur", "payment_method": card.id}
        )

    assert refusal.value.param == "payment_method"


def test_canceling_an_authorized_intent_gives_the_money_back(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent(capture_method="manual"))

    canceled = shopper.server.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]}
    )

    assert canceled.status == "canceled"
    assert canceled.cancellation_reason == "requested_by_customer"
    assert canceled.canceled_at
    assert isinstance(canceled.latest_charge, stripe.Charge)
    assert canceled.latest_charge.refunded is True


def test_an_unknown_cancellation_reason_is_refused(shopper: Shopper) -> None:
    intent = shopper.manual_intent()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_intents.cancel(intent.id, {"cancellation_reason": "bored"})

    assert refusal.value.param == "cancellation_reason"


def test_past_the_confirm_limit_an_intent_is_canceled(shopper: Shopper) -> None:
    intent = shopper.manual_intent("4000002760003184")
    for _ in range(CONFIRM_LIMIT):
        assert shopper.confirm(intent).status == "requires_action"

    assert shopper.confirm(intent).status == "canceled"


def test_a_confirm_that_names_an_amount_is_for_that_amount(shopper: Shopper) -> None:
    confirmed = shopper.confirm(shopper.manual_intent(), amount_to_confirm=1119)

    assert (confirmed.amount, confirmed.amount_received) == (1119, 1119)


def _lines(*lines: tuple[int, int]) -> dict[str, Any]:
    """Line items, each a quantity and a unit cost."""
    return {
        "amount_details": {
            "line_items": [
                {"product_name": "Coffee", "quantity": quantity, "unit_cost": unit_cost}
                for quantity, unit_cost in lines
            ]
        }
    }


@pytest.mark.parametrize("lines", [[(1, 1099)], [(1, 99), (2, 500)], [(1, 1099), (1, 0)], []])
def test_line_items_may_tell_what_the_amount_is_for(
    shopper: Shopper, lines: list[tuple[int, int]]
) -> None:
    assert shopper.confirm(shopper.manual_intent(), **_lines(*lines)).status == "succeeded"


@pytest.mark.parametrize("lines", [[(1, 1098)], [(2, 1099)], [(1, 1099), (1, 1)]])
def test_line_items_that_do_not_add_up_to_the_amount_are_refused(
    shopper: Shopper, lines: list[tuple[int, int]]
) -> None:
    intent = shopper.manual_intent()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.confirm(intent, **_lines(*lines))

    assert (refusal.value.http_status, refusal.value.param) == (400, "amount_details[line_items]")
    assert shopper.server.charges.list().data == []
    assert shopper.confirm(intent, **_lines((1, 1099))).status == "succeeded"


def test_tax_shipping_and_discount_belong_to_the_sum(shopper: Shopper) -> None:
    details = _lines((1, 1000))["amount_details"] | {
        "tax": {"total_tax_amount": 190},
        "shipping": {"amount": 9},
        "discount_amount": 100,
    }
    confirmed = shopper.confirm(shopper.manual_intent(), amount_details=details)
    assert confirmed.status == "succeeded"


def test_an_intent_may_be_created_with_line_items_of_another_sum_if_it_says_so(
    shopper: Shopper,
) -> None:
    details = _lines((1, 1))["amount_details"]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.manual_intent(amount_details=details)
    assert refusal.value.param == "amount_details[line_items]"

    lenient = details | {"enforce_arithmetic_validation": False}
    assert shopper.manual_intent(amount_details=lenient).status == "requires_confirmation"


@pytest.mark.parametrize(("line", "name"), [((0, 1099), "quantity"), ((1, -1), "unit_cost")])
def test_a_line_item_counts_something(shopper: Shopper, line: tuple[int, int], name: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.confirm(shopper.manual_intent(), **_lines(line))

    assert refusal.value.param == f"amount_details[line_items][0][{name}]"


def test_intents_are_found_by_metadata(shopper: Shopper, steering: Steering) -> None:
    wanted = shopper.manual_intent(metadata={"payment_id": "p1"})
    shopper.manual_intent(metadata={"payment_id": "p2"})
    steering.catch_up_search()

    found = shopper.server.payment_intents.search({"query": "metadata['payment_id']:'p1'"})

    assert [intent.id for intent in found.data] == [wanted.id]


def test_metadata_can_be_changed_after_the_end(shopper: Shopper) -> None:
    intent = shopper.confirm(shopper.manual_intent(metadata={"a": "1"}))

    updated = shopper.server.payment_intents.update(intent.id, {"metadata": {"b": "2"}})

    assert updated.metadata.to_dict() == {"a": "1", "b": "2"}


def test_automatic_methods_and_allowed_types_exclude_each_other(server: V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create(
            {
                "amount": 1099,
                "currency": "eur",
                "allowed_payment_method_types": ["card"],
                "automatic_payment_methods": {"enabled": True},
            }
        )

    assert refusal.value.code == "parameters_exclusive"


@pytest.mark.parametrize(
    ("amount", "currency", "param", "code"),
    [
        (49, "eur", "amount", "amount_too_small"),
        (49, "usd", "amount", "amount_too_small"),
        (0, "usd", "amount", "parameter_invalid_integer"),
        (-1, "usd", "amount", "parameter_invalid_integer"),
        (100_000_000, "eur", "amount", "amount_too_large"),
        (1099, "kwd", "amount", None),
        (1099, "xyz", "currency", None),
        (1099, "doge", "currency", None),
    ],
)
def test_what_stripe_would_not_charge_is_refused(
    server: V1Services, amount: int, currency: str, param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create({"amount": amount, "currency": currency})

    assert (refusal.value.param, refusal.value.code) == (param, code)


@pytest.mark.parametrize(
    ("amount", "currency"), [(50, "eur"), (99_999_999, "usd"), (1099, "jpy"), (1090, "kwd")]
)
def test_every_currency_counts_in_its_own_minor_unit(
    server: V1Services, amount: int, currency: str
) -> None:
    intent = server.payment_intents.create({"amount": amount, "currency": currency.upper()})

    assert (intent.amount, intent.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("param", "text"),
    [
        ("statement_descriptor", "TILL"),
        ("statement_descriptor_suffix", "4711"),
        ("statement_descriptor_suffix", "ΤΙΛΛ"),
        ("statement_descriptor_suffix", "ORDER*4711"),
        ("statement_descriptor_suffix", "O" * 23),
    ],
)
def test_a_statement_can_not_show_everything(server: V1Services, param: str, text: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create(
            {"amount": 1099, "currency": "eur", param: text}  # type: ignore[misc]
        )

    assert (refusal.value.http_status, refusal.value.param) == (400, param)


def test_a_statement_shows_a_suffix(server: V1Services) -> None:
    intent = server.payment_intents.create(
        {"amount": 1099, "currency": "eur", "statement_descriptor_suffix": "ORDER 4711"}
    )

    assert intent.statement_descriptor_suffix == "ORDER 4711"
