"""What each route of the merchant asks of its caller. The authorizer's policies are made from it.

A program has the scopes that its client was given; none implies another. Staff have theirs by
group.
"""

from collections.abc import Mapping

from payments.domain.token import MERCHANT, SUPPORT, ProgramToken, Token

READ_PAYMENTS = "payments.read"
WRITE_PAYMENTS = "payments.write"
WRITE_ORDERS = "orders.write"
WRITE_PRODUCTS = "products.write"

# The same names as in the template's ResourceServer, which Cognito prefixes with its identifier.
ALL = frozenset({READ_PAYMENTS, WRITE_PAYMENTS, WRITE_ORDERS, WRITE_PRODUCTS})

SCOPES: Mapping[str, str] = {
    "POST /merchant/orders": WRITE_ORDERS,
    "GET /merchant/orders": READ_PAYMENTS,
    "GET /merchant/orders/{order_id}": READ_PAYMENTS,
    "POST /merchant/orders/{order_id}/cancel": WRITE_ORDERS,
    "POST /merchant/payments": WRITE_PAYMENTS,
    "GET /merchant/payments": READ_PAYMENTS,
    "GET /merchant/payments/{payment_id}": READ_PAYMENTS,
    "POST /merchant/payments/{payment_id}/capture": WRITE_PAYMENTS,
    "POST /merchant/payments/{payment_id}/cancel": WRITE_PAYMENTS,
    "POST /merchant/payments/{payment_id}/refunds": WRITE_PAYMENTS,
    "GET /merchant/payments/{payment_id}/refunds": READ_PAYMENTS,
    "GET /merchant/products": WRITE_PRODUCTS,
    "PUT /merchant/products/{product_id}": WRITE_PRODUCTS,
    "DELETE /merchant/products/{product_id}": WRITE_PRODUCTS,
}

# Support reads and gives money back; it captures, charges and cancels nothing.
_SUPPORT_MAY_ALSO = frozenset(
    {"POST /merchant/payments/{payment_id}/refunds", "GET /merchant/products"}
)


def routes_for(caller: Token) -> list[str]:
    """The routes that a program's scopes, or the groups of a staff member, let them use."""
    if isinstance(caller, ProgramToken):
        return [route for route, scope in SCOPES.items() if scope in caller.scopes]
    if MERCHANT in caller.groups:
        return list(SCOPES)
    if SUPPORT in caller.groups:
        return [r for r, s in SCOPES.items() if s == READ_PAYMENTS or r in _SUPPORT_MAY_ALSO]
    return []
