"""A request to each route, and everything that comes before it."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.integration.conftest import SECRET_KEY
from tests.support import gateway
from tests.support.api_client import Answer, ApiClient
from tests.support.gateway import Gateway, client_for
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

type Request = Callable[[], Answer]

VISA = "4242424242424242"


def a_person_with_a_card(stripe: Simulator) -> tuple[ApiClient, str]:
    """Somebody who can pay."""
    ada = client_for()
    return ada, ada.attached(stripe.payment_method(VISA))


def a_payment(stripe: Simulator) -> tuple[ApiClient, str]:
    """Somebody who has begun to pay, and the payment."""
    ada, card = a_person_with_a_card(stripe)
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    return ada, payment["payment_id"]


def news(stripe: Simulator) -> Mapping[str, Any]:
    """An event that says something new."""
    ada, card = a_person_with_a_card(stripe)
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}/cancel")
    return events(stripe, "payment_intent.canceled")[0]


def sign_up(_: Simulator) -> Request:
    email = f"{secrets.token_hex(8)}@example.com"
    anybody = ApiClient(Gateway(None))
    return partial(anybody.signup, email=email, password="Correct-Horse-1", name="Ada")


def attach(stripe: Simulator) -> Request:
    ada, _ = a_person_with_a_card(stripe)
    return partial(ada.attach, stripe.payment_method(VISA))


def somebody() -> ApiClient:
    """Somebody who is in the user pool and at Stripe."""
    email = f"{secrets.token_hex(8)}@example.com"
    signed_up = ApiClient(Gateway(None)).signup(email=email, password="Correct-Horse-1", name="Ada")
    return client_for(str(signed_up.body["user_id"]))


def set_up(_: Simulator) -> Request:
    return client_for().set_up_card


def change(stripe: Simulator) -> Request:
    ada, card = a_person_with_a_card(stripe)
    return partial(ada.change_card, card, default=True)


def remove(stripe: Simulator) -> Request:
    ada, card = a_person_with_a_card(stripe)
    return partial(ada.delete_card, card)


def create(stripe: Simulator) -> Request:
    ada, card = a_person_with_a_card(stripe)
    return partial(ada.create, product_id="coffee", payment_method_id=card)


def confirm(stripe: Simulator) -> Request:
    ada, payment_id = a_payment(stripe)
    return partial(ada.confirm, payment_id, cvc_token=stripe.cvc_token())


def look(stripe: Simulator) -> Request:
    ada, payment_id = a_payment(stripe)
    return partial(ada.payment, payment_id)


def merchant(method: str, path: str, body: object = None) -> Request:
    """A program's request, with a key of its own."""
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    return partial(gateway.merchants_gateway(), method, path, body=body, headers=headers)


def an_order(stripe: Simulator) -> tuple[str, ApiClient, str]:
    """An order for somebody with a card that may be charged in their absence, and the person."""
    user_id = str(uuid.uuid4())
    person = client_for(user_id)
    setup = person.set_up_card("off_session", consent_text="Charge me when I am away.").body
    stripe.set_up_card(setup["client_secret"], stripe.payment_method(VISA))
    card = person.attach_set_up(setup["setup_intent_id"]).body["payment_method_id"]
    person.change_card(card, default=True)
    order = merchant("POST", "/merchant/orders", order_body(user_id))()
    return str(order.body["order_id"]), person, user_id


def order_body(user_id: str, **members: object) -> Mapping[str, object]:
    lines = [{"description": "Coffee", "quantity": 1, "unit_amount": 1099}]
    return {
        "order_reference": "R-1",
        "user_id": user_id,
        "currency": "eur",
        "lines": lines,
    } | members


def make_order(stripe: Simulator) -> Request:
    return merchant("POST", "/merchant/orders", order_body(an_order(stripe)[2]))


def get_order(stripe: Simulator) -> Request:
    order_id, person, _ = an_order(stripe)
    return partial(person.order, order_id)


def of_an_order(method: str, path: str, body: object = None) -> Callable[[Simulator], Request]:
    return lambda stripe: merchant(method, path.format(an_order(stripe)[0]), body)


def charge_in_absence(stripe: Simulator) -> Request:
    order_id, _, user_id = an_order(stripe)
    return merchant("POST", "/merchant/payments", {"order_id": order_id, "user_id": user_id})


def of_a_payment(
    method: str, path: str, body: object = None, *, paid: bool = False
) -> Callable[[Simulator], Request]:
    def request(stripe: Simulator) -> Request:
        ada, payment_id = a_payment(stripe)
        if paid:
            assert ada.confirm(payment_id, cvc_token=stripe.cvc_token()).status == 200
        return merchant(method, f"/merchant/payments/{payment_id}{path}", body)

    return request


def capture(stripe: Simulator) -> Request:
    _, person, user_id = an_order(stripe)
    order = merchant(
        "POST", "/merchant/orders", order_body(user_id, capture_method="manual")
    )().body
    card = person.cards().body["data"][0]["payment_method_id"]
    payment = person.create(order_id=order["order_id"], payment_method_id=card).body
    person.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    return merchant("POST", f"/merchant/payments/{payment['payment_id']}/capture", {})


def cancel_own(stripe: Simulator) -> Request:
    ada, payment_id = a_payment(stripe)
    return partial(ada.send, "POST", f"/payments/{payment_id}/cancel")


# Everything that comes before a request, and then the request.
REQUESTS: dict[str, Callable[[Simulator], Request]] = {
    "signup": sign_up,
    "sign_out": lambda _: client_for().sign_out,
    "get_account": lambda _: somebody().account,
    "update_account": lambda _: partial(somebody().change_account, name="Ada King"),
    "delete_account": lambda _: somebody().delete_account,
    "export_account": lambda _: somebody().export,
    "list_products": lambda _: client_for().products,
    "get_product": lambda _: partial(client_for().product, "coffee"),
    "create_setup_intent": set_up,
    "attach_payment_method": attach,
    "list_payment_methods": lambda stripe: a_person_with_a_card(stripe)[0].cards,
    "update_payment_method": change,
    "detach_payment_method": remove,
    "create_payment_intent": create,
    "confirm_payment_intent": confirm,
    "get_payment": look,
    "list_payments": lambda _: client_for().history,
    "cancel_payment": cancel_own,
    "get_order": get_order,
    "create_order": make_order,
    "list_orders": of_an_order("GET", "/merchant/orders"),
    "get_merchant_order": of_an_order("GET", "/merchant/orders/{}"),
    "cancel_order": of_an_order("POST", "/merchant/orders/{}/cancel", {}),
    "charge_in_absence": charge_in_absence,
    "list_merchant_payments": lambda _: merchant("GET", "/merchant/payments"),
    "get_merchant_payment": of_a_payment("GET", ""),
    "cancel_merchant_payment": of_a_payment("POST", "/cancel", {}),
    "capture_payment": capture,
    "create_refund": of_a_payment("POST", "/refunds", {}, paid=True),
    "list_refunds": of_a_payment("GET", "/refunds", paid=True),
    "list_merchant_products": lambda _: merchant("GET", "/merchant/products"),
    "put_product": lambda _: merchant(
        "PUT", "/merchant/products/mug", {"name": "Mug", "prices": {"eur": 900}}
    ),
    "delete_product": lambda _: merchant("DELETE", "/merchant/products/coffee"),
    "stripe_webhook": lambda stripe: partial(deliver, news(stripe)),
}
