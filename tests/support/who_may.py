"""Who may use which route: the same table for the template and for a running stack."""

from collections.abc import Mapping

from tests.support.routes import MERCHANTS, PUBLIC

# Each caller, and what they may use of the merchant's routes: by the scopes of the design.
READ = {
    "GET /merchant/orders",
    "GET /merchant/orders/{order_id}",
    "GET /merchant/payments",
    "GET /merchant/payments/{payment_id}",
    "GET /merchant/payments/{payment_id}/refunds",
}
REFUND = "POST /merchant/payments/{payment_id}/refunds"
WRITE_PAYMENTS = {
    "POST /merchant/payments",
    "POST /merchant/payments/{payment_id}/capture",
    "POST /merchant/payments/{payment_id}/cancel",
    REFUND,
}
WRITE_ORDERS = {"POST /merchant/orders", "POST /merchant/orders/{order_id}/cancel"}
CATALOGUE = "GET /merchant/products"
WRITE_PRODUCTS = {
    CATALOGUE,
    "PUT /merchant/products/{product_id}",
    "DELETE /merchant/products/{product_id}",
}
NOTHING: set[str] = set()

# People of this pool, with a valid ID token.
PEOPLE: Mapping[str, set[str]] = {
    "shopper": NOTHING,
    "support": READ | {REFUND, CATALOGUE},
    "merchant": READ | WRITE_PAYMENTS | WRITE_ORDERS | WRITE_PRODUCTS,
    "merchant without one-time codes": NOTHING,
}
PROGRAMS: Mapping[str, set[str]] = {
    "payments.read": READ,
    "payments.write": WRITE_PAYMENTS,
    "orders.write": WRITE_ORDERS,
    "products.write": WRITE_PRODUCTS,
}
# Nobody whom this pool knows now.
NOBODY = ("none", "nonsense", "expired", "other pool", "access token of a person")
CALLERS = (*PEOPLE, *PROGRAMS, *NOBODY)


def refusal(caller: str, route: str) -> int | None:
    """The status that keeps a caller out of a route, or None if they are let in."""
    if route in PUBLIC:
        return None
    if route not in MERCHANTS:
        return None if caller in PEOPLE else 401
    if caller in NOBODY:
        return 401
    return None if route in {**PEOPLE, **PROGRAMS}[caller] else 403
