"""Steering of the account: its keys, its search, its events, and what a day makes it forget."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stripe_simulator.keys import KeyOrder
from stripe_simulator.resources import events, invoices, subscriptions
from stripe_simulator.simulator import Simulator
from stripe_simulator.state import Call, StripeObject, new_id
from stripe_simulator.steering.requests import Handler, Order, body_of

_SECONDS_A_DAY = 24 * 3600

type _InvoiceStatus = Literal["draft", "open", "paid", "uncollectible", "void"]
type _SubscriptionStatus = Literal[
    "active",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
]


class _SearchOrder(Order):
    """What it leaves out stays as it is. catch_up: all that there is now can be found."""

    lag_seconds: int | None = Field(default=None, ge=0)
    available: bool | None = None
    catch_up: bool = False


class _NewSubscription(Order):
    customer: str
    status: _SubscriptionStatus = "active"


class _SubscriptionNews(Order):
    status: _SubscriptionStatus


class _NewInvoice(Order):
    customer: str
    status: _InvoiceStatus = "open"


class _InvoiceNews(Order):
    status: _InvoiceStatus


class _Age(Order):
    days: int = Field(ge=1)


class _NewEvent(Order):
    """An event that nothing here caused.

    kind: `snapshot` is one of our own, of any type; `connected` one of an account that is connected
    to ours; `thin` carries no object. The last two are in no list of ours. object is what the event
    is about, or for a thin one, its related_object.
    """

    kind: Literal["snapshot", "connected", "thin"]
    type: str = Field(min_length=1)
    account: str = Field(default="acct_1SimulatorConnectd", pattern=r"^acct_\w+$")
    object: dict[str, Any] | None = None


async def _set_key(simulator: Simulator, request: Request) -> Response:
    order = KeyOrder.model_validate(await body_of(request))
    simulator.keys.follow(order)
    return JSONResponse(order.model_dump(mode="json"))


async def _set_search(simulator: Simulator, request: Request) -> Response:
    order = _SearchOrder.model_validate(await body_of(request))
    account = simulator.account
    index = account.search_index
    if order.lag_seconds is not None:
        index.lag_seconds = order.lag_seconds
    if order.available is not None:
        index.available = order.available
    if order.catch_up:
        index.caught_up.update(account.customers, account.payment_intents)
    return JSONResponse({"lag_seconds": index.lag_seconds, "available": index.available})


async def _expire_idempotency_keys(simulator: Simulator, _request: Request) -> Response:
    return JSONResponse({"expired": simulator.idempotency_keys.expire()})


async def _send_event(simulator: Simulator, request: Request) -> Response:
    order = _NewEvent.model_validate(await body_of(request))
    call = simulator.steering_call(request)
    event = _thin(order) if order.kind == "thin" else _snapshot(call, order)
    if order.kind == "snapshot":
        call.account.events.add(event)
    simulator.webhooks.publish_to_all(call.account, event)
    return JSONResponse(event, 201)


def _snapshot(call: Call, order: _NewEvent) -> StripeObject:
    noun = order.type.rpartition(".")[0]
    about = order.object or {"id": new_id("obj"), "object": noun.rpartition(".")[2] or noun}
    event = call.event(order.type, about)
    if order.kind == "connected":
        event["account"] = order.account
    return event


def _thin(order: _NewEvent) -> StripeObject:
    return {
        "id": new_id("evt"),
        "object": "v2.core.event",
        "context": None,
        "created": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.000Z}",
        "livemode": False,
        "reason": None,
        "related_object": order.object,
        "type": order.type,
    }


async def _age_events(simulator: Simulator, request: Request) -> Response:
    days = _Age.model_validate(await body_of(request)).days
    return JSONResponse({"aged": events.age(simulator.account, days * _SECONDS_A_DAY)})


async def _add_subscription(simulator: Simulator, request: Request) -> Response:
    order = _NewSubscription.model_validate(await body_of(request))
    call = simulator.steering_call(request)
    return JSONResponse(subscriptions.add(call, order.customer, order.status), 201)


async def _move_subscription(simulator: Simulator, request: Request) -> Response:
    news = _SubscriptionNews.model_validate(await body_of(request))
    subscription = simulator.account.subscriptions.find(request.path_params["id"])
    subscriptions.move(simulator.steering_call(request), subscription, news.status)
    return JSONResponse(subscription)


async def _add_invoice(simulator: Simulator, request: Request) -> Response:
    order = _NewInvoice.model_validate(await body_of(request))
    call = simulator.steering_call(request)
    return JSONResponse(invoices.add(call, order.customer, order.status), 201)


async def _move_invoice(simulator: Simulator, request: Request) -> Response:
    news = _InvoiceNews.model_validate(await body_of(request))
    invoice = simulator.account.invoices.find(request.path_params["id"])
    invoices.move(simulator.steering_call(request), invoice, news.status)
    return JSONResponse(invoice)


HANDLERS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/keys", _set_key),
    ("POST", "/search", _set_search),
    ("POST", "/idempotency_keys/expire", _expire_idempotency_keys),
    ("POST", "/events", _send_event),
    ("POST", "/events/age", _age_events),
    ("POST", "/subscriptions", _add_subscription),
    ("POST", "/subscriptions/{id}", _move_subscription),
    ("POST", "/invoices", _add_invoice),
    ("POST", "/invoices/{id}", _move_invoice),
)
