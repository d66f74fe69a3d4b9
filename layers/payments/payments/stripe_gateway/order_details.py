"""What a payment pays for, in the fields that Stripe has for that, within their limits.

See https://docs.stripe.com/payments/payment-line-items and https://docs.stripe.com/api/metadata
"""

import json
import re
from collections.abc import Iterable
from itertools import batched
from typing import TYPE_CHECKING, cast

from payments.domain.order import Order
from payments.domain.payment import Payment

if TYPE_CHECKING:
    from stripe.params import (
        PaymentIntentConfirmParamsAmountDetails,
        PaymentIntentConfirmParamsAmountDetailsLineItem,
        PaymentIntentCreateParams,
        PaymentIntentCreateParamsShipping,
    )

_LONGEST_PRODUCT_NAME = 1024
_PRODUCT_CODE = re.compile(r"[\w-]{1,12}", re.ASCII)
_MOST_KEYS = 50  # of metadata
_LONGEST_VALUE = 500
_DESCRIPTION_LENGTHS = (1024, 200, 100, 50, 0)

# Members that only our rows have. A lost row is made again with them: docs/runbooks/restore.md.
PAYMENT_MADE = (
    "created_at",
    "created_by",
    "off_session",
    "tax_amount",
    "shipping_amount",
    "discount_amount",
    "key_id",
    "key_hash",
)
ORDER_MADE = ("created_at", "created_by", "expires_at")


def amount_details(payment: Payment) -> "PaymentIntentConfirmParamsAmountDetails":
    """The lines and the other amounts, which add up to the payment's amount.

    Stripe may refuse tax, shipping and discount that come to more than the amount
    (`amount_details_tax_shipping_discount_greater_than_amount`, which it does not explain). Then
    one line has the whole amount.
    """
    if payment.tax_amount + payment.shipping_amount + payment.discount_amount > payment.amount:
        name = payment.lines[0].description[:_LONGEST_PRODUCT_NAME]
        return {
            "line_items": [{"product_name": name, "quantity": 1, "unit_cost": payment.amount}],
        }
    details: PaymentIntentConfirmParamsAmountDetails = {"line_items": _line_items(payment)}
    if payment.tax_amount:
        details["tax"] = {"total_tax_amount": payment.tax_amount}
    if payment.shipping_amount:
        details["shipping"] = {"amount": payment.shipping_amount}
    if payment.discount_amount:
        details["discount_amount"] = payment.discount_amount
    return details


def _line_items(payment: Payment) -> "list[PaymentIntentConfirmParamsAmountDetailsLineItem]":
    items: list[PaymentIntentConfirmParamsAmountDetailsLineItem] = []
    for line in payment.lines:
        item: PaymentIntentConfirmParamsAmountDetailsLineItem = {
            "product_name": line.description[:_LONGEST_PRODUCT_NAME],
            "quantity": line.quantity,
            "unit_cost": line.unit_amount,
        }
        if line.product_id and _PRODUCT_CODE.fullmatch(line.product_id):
            item["product_code"] = line.product_id
        items.append(item)
    return items


def add_order(params: "PaymentIntentCreateParams", order: Order) -> None:
    """Add what an order says about its charge beyond the amounts."""
    params["capture_method"] = "manual" if order.capture_method == "manual" else "automatic"
    params["payment_details"] = {"order_reference": order.order_reference}
    if order.shipping:
        params["shipping"] = cast("PaymentIntentCreateParamsShipping", dict(order.shipping))
    if order.receipt_email:
        params["receipt_email"] = order.receipt_email
    if order.statement_descriptor_suffix:
        params["statement_descriptor_suffix"] = order.statement_descriptor_suffix


def metadata(payment: Payment, order: Order | None, *, stack: str) -> dict[str, str]:
    """What makes the intent ours, and what the payment's row can be made again from.

    What the merchant adds to an order is there as well, unless it has one of our names.
    """
    ours = {
        "payment_id": payment.payment_id,
        "user_id": payment.user_id,
        "stack": stack,
        "order_id": payment.order_id,
        "order_reference": payment.order_reference,
        "request_hash": payment.request_hash,
        "payment_made": _packed_members(payment, PAYMENT_MADE),
        "order_made": _packed_members(order, ORDER_MADE) if order else None,
    }
    theirs = order.metadata if order else {}
    told = {**theirs, **{name: value for name, value in ours.items() if value}}
    return told | _packed_lines(payment, most_keys=_MOST_KEYS - len(told))


def _packed_members(row: Payment | Order, names: Iterable[str]) -> str:
    """These members of a row as one JSON text, in this order."""
    return json.dumps([getattr(row, name) for name in names], separators=(",", ":"))


def _packed_lines(payment: Payment, *, most_keys: int) -> dict[str, str]:
    """The lines as one JSON text, cut into `lines_1`, `lines_2` and so on.

    Each line is `[product_id, quantity, unit_amount, description]`. Where that is too long, the
    descriptions are shortened, and if that is not enough, the ids are left out. The line items have
    the whole descriptions.
    """
    for longest in _DESCRIPTION_LENGTHS:
        packed = _packed(payment, longest_description=longest)
        if len(packed) <= most_keys * _LONGEST_VALUE:
            break
    else:
        packed = _packed(payment, longest_description=0, with_ids=False)
    parts = batched(packed, _LONGEST_VALUE, strict=False)
    return {f"lines_{number}": "".join(part) for number, part in enumerate(parts, start=1)}


def _packed(payment: Payment, *, longest_description: int, with_ids: bool = True) -> str:
    lines = [
        (
            line.product_id if with_ids else None,
            line.quantity,
            line.unit_amount,
            line.description[:longest_description],
        )
        for line in payment.lines
    ]
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))
