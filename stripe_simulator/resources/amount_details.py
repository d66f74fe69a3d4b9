"""What an amount is made of: line items, tax, shipping and discount, with Stripe's limits.

By default a sum that differs from the amount is refused. With `enforce_arithmetic_validation=false`
the intent says what is wrong, in `amount_details.error`.

See https://docs.stripe.com/payments/payment-line-items
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripe_simulator.errors import StripeError, invalid_parameter, not_simulated
from stripe_simulator.state import Call, StripeObject, new_id

_MEMBERS = frozenset(
    {"discount_amount", "enforce_arithmetic_validation", "line_items", "shipping", "tax"}
)
_LINE_MEMBERS = frozenset(
    {"product_code", "product_name", "quantity", "unit_cost", "unit_of_measure"}
)
_MOST_LINES = 200
_LONGEST = {"product_code": 12, "product_name": 1024}
_LEAST = {"quantity": 1, "unit_cost": 0}
_LONGEST_POSTAL_CODE = 10


@dataclass(frozen=True)
class AmountDetails:
    """told: as it is in the intent. line_items: they come only where they are expanded."""

    told: StripeObject
    line_items: list[StripeObject]


def of_request(call: Call, intent: StripeObject, amount: int) -> AmountDetails | None:
    """The details after a request that gives some; what it leaves out stays.

    Raises:
        StripeError: a value that Stripe does not take, or a sum that differs from the amount.
    """
    given = call.params.get("amount_details")
    if given is None:
        return None
    if not given:
        return AmountDetails({"tip": {}}, [])
    _check(given)
    told = {name: value for name, value in intent["amount_details"].items() if name != "error"}
    for name in given.keys() - {"enforce_arithmetic_validation", "line_items"}:
        told[name] = given[name] or None
    line_items = call.account.line_items.get(intent["id"], [])
    if "line_items" in given:
        line_items = [_as_object(line) for line in given["line_items"] or []]
    code, message = _difference(told, line_items, amount)
    if code and given.get("enforce_arithmetic_validation", True):
        raise StripeError(message, code=code, param="amount_details[line_items]", began=False)
    if code:
        told["error"] = {"code": code, "message": message}
    return AmountDetails(told, line_items)


def _check(given: Mapping[str, Any]) -> None:
    for name in given.keys() - _MEMBERS:
        raise not_simulated(f"amount_details[{name}]")
    lines = given.get("line_items") or []
    if len(lines) > _MOST_LINES:
        message = f"There can be at most {_MOST_LINES} line items."
        raise invalid_parameter("amount_details[line_items]", message)
    for number, line in enumerate(lines):
        _check_line(line, f"amount_details[line_items][{number}]")
    tax, shipping = given.get("tax") or {}, given.get("shipping") or {}
    _check_least("amount_details[tax][total_tax_amount]", tax.get("total_tax_amount"), 0)
    _check_least("amount_details[shipping][amount]", shipping.get("amount"), 0)
    _check_least("amount_details[discount_amount]", given.get("discount_amount"), 1)
    for name in ("from_postal_code", "to_postal_code"):
        _check_length(f"amount_details[shipping][{name}]", shipping.get(name), _LONGEST_POSTAL_CODE)


def _check_line(line: Mapping[str, Any], param: str) -> None:
    for name in line.keys() - _LINE_MEMBERS:
        raise not_simulated(f"{param}[{name}]")
    for name, longest in _LONGEST.items():
        _check_length(f"{param}[{name}]", line.get(name), longest)
    for name, least in _LEAST.items():
        _check_least(f"{param}[{name}]", line[name], least)


def _check_length(param: str, text: str | None, longest: int) -> None:
    if text and len(text) > longest:
        raise invalid_parameter(param, f"It has at most {longest} characters.")


def _check_least(param: str, number: int | str | None, least: int) -> None:
    if isinstance(number, int) and number < least:
        message = f"This value must be greater than or equal to {least}."
        raise invalid_parameter(param, message, "parameter_invalid_integer")


def _difference(told: StripeObject, lines: list[StripeObject], amount: int) -> tuple[str, str]:
    tax = (told.get("tax") or {}).get("total_tax_amount") or 0
    shipping = (told.get("shipping") or {}).get("amount") or 0
    discount = told.get("discount_amount") or 0
    if tax + shipping + discount > amount:
        code = "amount_details_tax_shipping_discount_greater_than_amount"
        return code, f"Tax, shipping and discount are more than the amount, {amount}."
    total = sum(line["quantity"] * line["unit_cost"] for line in lines) + tax + shipping - discount
    if lines and total != amount:
        message = f"The line items come to {total}, and the amount is {amount}."
        return "amount_details_amount_mismatch", message
    return "", ""


def _as_object(line: Mapping[str, Any]) -> StripeObject:
    return {
        "id": new_id("uli"),
        "object": "payment_intent_amount_details_line_item",
        "discount_amount": None,
        "payment_method_options": None,
        "product_code": line.get("product_code"),
        "product_name": line["product_name"],
        "quantity": line["quantity"],
        "tax": None,
        "unit_cost": line["unit_cost"],
        "unit_of_measure": line.get("unit_of_measure"),
    }
