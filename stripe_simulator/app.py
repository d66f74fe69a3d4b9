"""The HTTP application: Stripe's API, with Stripe.js and the steering API beside it.

A request to Stripe's API passes, in this order: fault → key and its rights → version → parameters →
idempotency key → the object's lock → the endpoint's function, which runs without a break, so that
nothing else happens in between → `expand` → journal.
"""

import asyncio
import logging
import re
import time
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_simulator import form, keys, steering, stripe_js
from stripe_simulator.connections import Dropped
from stripe_simulator.endpoints import ENDPOINTS, ENDPOINTS_OF_STRIPE_JS, Endpoint
from stripe_simulator.errors import StripeError, not_simulated
from stripe_simulator.expand import expanded
from stripe_simulator.faults import FaultKind, FaultOrder, raise_error_of, server_error
from stripe_simulator.idempotency import Result
from stripe_simulator.journal import Entry, app_in, redacted
from stripe_simulator.simulator import Simulator
from stripe_simulator.state import API_VERSION, Call, new_id
from stripe_simulator.validation import validate

_LOGGER = logging.getLogger(__name__)
_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]
_API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\w+)?")


def create_app(simulator: Simulator) -> Starlette:
    """The application of one simulator; the server gives it `state.connections`."""
    routes = [
        Route(endpoint.path, partial(_serve, simulator, endpoint), methods=[endpoint.method])
        for endpoint in (*ENDPOINTS, *ENDPOINTS_OF_STRIPE_JS)
    ]
    routes.append(Route("/v1/{rest:path}", partial(_serve, simulator, None), methods=_METHODS))
    routes.extend(steering.routes(simulator))
    routes.extend(stripe_js.routes())
    cors = Middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=_METHODS,
        allow_headers=["*"],
        expose_headers=["Request-Id"],
    )
    return Starlette(routes=routes, middleware=[cors])


async def _serve(simulator: Simulator, endpoint: Endpoint | None, request: Request) -> Response:
    # Nothing is awaited between taking a fault and reserving the idempotency key: whichever request
    # comes first meets the fault, and the others find it in progress.
    body = await request.body()
    started = time.perf_counter()
    entry = Entry(
        method=request.method,
        path=request.url.path,
        request_id=new_id("req", 14),
        idempotency_key=request.headers.get("idempotency-key") or None,
        app=app_in(request.headers.get("user-agent", "")),
    )
    simulator.journal.add(entry)
    fault = simulator.faults.take(request.method, request.url.path)
    entry.fault = fault.kind if fault else None
    response = await _answer(simulator, endpoint, request, body, entry, fault)
    entry.duration_ms = round((time.perf_counter() - started) * 1000, 3)
    return response


async def _answer(
    simulator: Simulator,
    endpoint: Endpoint | None,
    request: Request,
    body: bytes,
    entry: Entry,
    fault: FaultOrder | None,
) -> Response:
    headers = {"Request-Id": entry.request_id}
    try:
        encoded = _encoded_form(request, body)
        entry.params = redacted(encoded)
        if fault and fault.kind in {FaultKind.CONNECTION_RESET, FaultKind.TIMEOUT_BEFORE}:
            return Dropped(fault.ms / 1000, reset=fault.kind is FaultKind.CONNECTION_RESET)
        if fault and fault.kind is FaultKind.PROXY_ERROR:
            return _answered_by_a_proxy(fault, entry)
        if fault:
            raise_error_of(fault)
        result = await _execute(simulator, endpoint, request, encoded, entry, fault)
    except StripeError as error:
        result = _refusal(error, entry.request_id)
    except Exception:
        _LOGGER.exception("The Stripe simulator failed at %s %s", entry.method, entry.path)
        broken = StripeError("The Stripe simulator failed; its log says why.", kind="api_error")
        result = Result(500, broken.body(), entry.request_id)
    if fault and fault.kind is FaultKind.TIMEOUT_AFTER:
        return Dropped(fault.ms / 1000, reset=False)
    if fault and fault.kind is FaultKind.PROXY_ERROR_AFTER:
        return _answered_by_a_proxy(fault, entry)
    entry.status = result.status
    entry.error_code = result.body.get("error", {}).get("code")
    entry.replayed = result.request_id != entry.request_id
    headers |= result.headers
    if entry.idempotency_key:
        headers |= {
            "Idempotency-Key": entry.idempotency_key,
            "Original-Request": result.request_id,
        }
    if entry.replayed:
        headers["Idempotent-Replayed"] = "true"
    headers["Stripe-Version"] = request.headers.get("stripe-version", API_VERSION)
    return JSONResponse(result.body, result.status, headers)


def _answered_by_a_proxy(fault: FaultOrder, entry: Entry) -> Response:
    entry.status, body = fault.proxy_answer
    media_type = "application/json" if body.lstrip().startswith("{") else "text/html"
    return Response(body, entry.status, media_type=media_type)


def _refusal(error: StripeError, request_id: str) -> Result:
    return Result(error.status, error.body(), request_id, error.headers)


def _encoded_form(request: Request, body: bytes) -> form.Form:
    if request.method != "POST":
        return form.decode(request.url.query.encode())
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if body and content_type != "application/x-www-form-urlencoded":
        message = f"Stripe's API takes forms, and no {content_type or 'body without a type'}."
        raise StripeError(message, began=False)
    return form.decode(body)


async def _execute(
    simulator: Simulator,
    endpoint: Endpoint | None,
    request: Request,
    encoded: form.Form,
    entry: Entry,
    fault: FaultOrder | None,
) -> Result:
    in_header = "authorization" in request.headers
    key_in_form = None if in_header else encoded.pop("key", None)
    key = simulator.keys.authenticate(request.headers, key_in_form)
    account = simulator.account_of(key)
    entry.key_type = "publishable" if key.publishable else "secret"
    if endpoint is None:
        message = f"Not an endpoint that is simulated: {entry.method} {entry.path}."
        raise StripeError(message, status=404, began=False)
    if key.publishable and not endpoint.browser:
        raise keys.secret_key_required()
    simulator.keys.check_right(key, endpoint.method, endpoint.path, account.id)
    if not _API_VERSION.fullmatch(request.headers.get("stripe-version", API_VERSION)):
        raise StripeError("Invalid Stripe API version.", began=False)
    call = Call(
        account=account,
        params=_validated(endpoint, encoded, publishable=key.publishable),
        object_id=request.path_params.get("id", ""),
        nested_id=request.path_params.get("nested_id", ""),
        path=entry.path,
        publishable=key.publishable,
        request_id=entry.request_id,
        idempotency_key=entry.idempotency_key if request.method == "POST" else None,
        base_url=str(request.base_url).rstrip("/"),
    )
    if call.idempotency_key is None:
        return await _run(simulator, endpoint, call, fault)
    return await _run_once(simulator, endpoint, call, encoded, fault)


def _validated(endpoint: Endpoint, encoded: form.Form, *, publishable: bool) -> dict[str, Any]:
    extra = endpoint.from_browsers if publishable and endpoint.browser else frozenset()
    params = validate(encoded, endpoint.params_class, extra)
    if endpoint.simulated is not None:
        for name in params:
            if name not in endpoint.simulated and name not in {"expand", *extra}:
                raise not_simulated(name)
    return params


async def _run_once(
    simulator: Simulator,
    endpoint: Endpoint,
    call: Call,
    encoded: form.Form,
    fault: FaultOrder | None,
) -> Result:
    idempotency_keys, key = simulator.idempotency_keys, str(call.idempotency_key)
    replay = idempotency_keys.begin(
        call.account.id, key, method=endpoint.method, path=call.path, form=encoded
    )
    if replay:
        return replay
    try:
        result = await _run(simulator, endpoint, call, fault)
    except BaseException:
        idempotency_keys.release(call.account.id, key)
        raise
    idempotency_keys.finish(call.account.id, key, result)
    return result


async def _run(
    simulator: Simulator, endpoint: Endpoint, call: Call, fault: FaultOrder | None
) -> Result:
    locked = call.object_id if endpoint.method != "GET" else ""
    kind = fault.kind if fault else None
    async with simulator.locks.held(locked):
        if fault and kind is FaultKind.LATENCY:
            await asyncio.sleep(fault.ms / 1000)
        try:
            if kind is FaultKind.REMEMBERED_500:
                raise server_error(began=True)
            answer = endpoint.function(call)
            body = expanded(call.account, answer, call.params.get("expand", ()))
            result = Result(200, body, str(call.request_id))
        except StripeError as error:
            if not error.began:
                raise
            result = _refusal(error, str(call.request_id))
        if kind is FaultKind.REMEMBERED_500_AFTER:
            result = _refusal(server_error(began=True), str(call.request_id))
        return result
