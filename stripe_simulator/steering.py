"""The steering API, `/_simulator/…`: what tests and developers do that Stripe's API can't.

    GET    /_simulator/health
    POST   /_simulator/reset                                everything is as at the start
    GET    /_simulator/requests                             the journal; DELETE empties it
    POST   /_simulator/faults                               see `faults`; GET lists, DELETE clears
    POST   /_simulator/payment_intents/{id}/next_action     outcome=succeed|fail: the cardholder's
    POST   /_simulator/setup_intents/{id}/next_action       answer to 3D Secure
    GET    /_simulator/three_d_secure/{intent}/{challenge}  the page for it; POST answers
    POST   /_simulator/payment_methods/{id}                 exp_month, exp_year: time passes
    POST   /_simulator/disputes/{id}                        status: what became of a dispute
    POST   /_simulator/webhook_endpoints/{id}               signing_secret: one known beforehand
    POST   /_simulator/webhooks                             see `webhooks`; GET describes
    POST   /_simulator/webhooks/release
    POST   /_simulator/idempotency_keys/expire              24 hours pass

Bodies may be JSON or forms. No key is asked for.
"""

import html
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_simulator import form
from stripe_simulator.errors import StripeError
from stripe_simulator.faults import FaultOrder
from stripe_simulator.resources import (
    charges,
    confirmation,
    payment_methods,
    setup_intents,
)
from stripe_simulator.simulator import Simulator
from stripe_simulator.state import StripeObject, copied
from stripe_simulator.webhooks import ReleaseOrder, WebhookSettings

type _Handler = Callable[[Simulator, Request], Awaitable[Response]]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Literal["succeed", "fail"]


class _Expiry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    exp_month: int = Field(ge=1, le=12)
    exp_year: int = Field(ge=1970, le=2999)


class _DisputeStatus(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: Literal["needs_response", "under_review", "won", "lost"]


class _SigningSecret(BaseModel):
    model_config = ConfigDict(extra="forbid")

    signing_secret: str = Field(pattern=r"^whsec_\w+$")


def routes(simulator: Simulator) -> list[Route]:
    """The steering API of one simulator."""
    table: list[tuple[str, str, _Handler]] = [
        ("GET", "/health", _health),
        ("POST", "/reset", _reset),
        ("GET", "/requests", _list_requests),
        ("DELETE", "/requests", _clear_requests),
        ("GET", "/faults", _list_faults),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _clear_faults),
        ("POST", "/payment_intents/{id}/next_action", _answer_challenge),
        ("POST", "/setup_intents/{id}/next_action", _answer_challenge),
        ("GET", "/three_d_secure/{id}/{challenge}", _show_challenge),
        ("POST", "/three_d_secure/{id}/{challenge}", _answer_on_page),
        ("POST", "/payment_methods/{id}", _age_payment_method),
        ("POST", "/disputes/{id}", _move_dispute),
        ("POST", "/webhook_endpoints/{id}", _set_signing_secret),
        ("GET", "/webhooks", _describe_webhooks),
        ("POST", "/webhooks", _configure_webhooks),
        ("POST", "/webhooks/release", _release_webhooks),
        ("POST", "/idempotency_keys/expire", _expire_idempotency_keys),
    ]
    return [
        Route(f"/_simulator{path}", partial(_guarded, handler, simulator), methods=[method])
        for method, path, handler in table
    ]


async def _guarded(handler: _Handler, simulator: Simulator, request: Request) -> Response:
    try:
        return await handler(simulator, request)
    except StripeError as error:
        return JSONResponse(error.body(), error.status)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        return JSONResponse({"error": {"message": str(error), "details": details}}, 422)


async def _body(request: Request) -> dict[str, Any]:
    body = await request.body()
    if not body.strip():
        return form.decode(request.url.query.encode())
    if "json" not in request.headers.get("content-type", "json"):
        return form.decode(body)
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise StripeError("The body is not valid JSON.") from error
    if not isinstance(parsed, dict):
        raise StripeError("The body must be a JSON object.")
    return parsed


async def _health(_simulator: Simulator, _request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _reset(simulator: Simulator, _request: Request) -> Response:
    await simulator.reset()
    return JSONResponse({"reset": True})


async def _list_requests(simulator: Simulator, _request: Request) -> Response:
    return JSONResponse({"data": simulator.journal.entries()})


async def _clear_requests(simulator: Simulator, _request: Request) -> Response:
    simulator.journal.clear()
    return JSONResponse({"data": []})


async def _list_faults(simulator: Simulator, _request: Request) -> Response:
    return JSONResponse({"data": simulator.faults.pending()})


async def _add_fault(simulator: Simulator, request: Request) -> Response:
    order = FaultOrder.model_validate(await _body(request))
    simulator.faults.add(order)
    return JSONResponse(order.model_dump(mode="json"), 201)


async def _clear_faults(simulator: Simulator, _request: Request) -> Response:
    simulator.faults.clear()
    return JSONResponse({"data": []})


async def _answer_challenge(simulator: Simulator, request: Request) -> Response:
    answer = _Answer.model_validate(await _body(request))
    succeeded = answer.outcome == "succeed"
    return JSONResponse(copied(_answered(simulator, request, succeeded=succeeded)))


def _answered(simulator: Simulator, request: Request, *, succeeded: bool) -> StripeObject:
    call = simulator.steering_call(request)
    intent_id = request.path_params["id"]
    challenge_id = request.path_params.get("challenge")
    if intent_id.startswith("seti_"):
        intent = call.account.setup_intents.find(intent_id)
        answer = setup_intents.answer_challenge
    else:
        intent = call.account.payment_intents.find(intent_id)
        answer = confirmation.answer_challenge
    return answer(call, intent, succeeded=succeeded, challenge_id=challenge_id)


async def _show_challenge(simulator: Simulator, request: Request) -> Response:
    intent_id, challenge = request.path_params["id"], request.path_params["challenge"]
    progress = simulator.account.progress.get(intent_id)
    if progress is None or progress.challenge != challenge:
        return HTMLResponse(_PAGE.format(content="<p>This challenge is no longer open.</p>"), 410)
    buttons = "".join(
        f'<button name="outcome" value="{outcome}">{label}</button> '
        for outcome, label in (("succeed", "Complete"), ("fail", "Fail"))
    )
    content = f'<p>{html.escape(intent_id)}</p><form method="post">{buttons}</form>'
    return HTMLResponse(_PAGE.format(content=content))


async def _answer_on_page(simulator: Simulator, request: Request) -> Response:
    answer = _Answer.model_validate(await _body(request))
    intent_id = request.path_params["id"]
    intent = _answered(simulator, request, succeeded=answer.outcome == "succeed")
    return_url = simulator.account.progress[intent_id].return_url
    if not return_url:
        return HTMLResponse(_PAGE.format(content="<p>Done. You can close this page.</p>"))
    noun = intent["object"]
    query = urlencode(
        {
            noun: intent_id,
            f"{noun}_client_secret": intent["client_secret"],
            "redirect_status": "failed" if answer.outcome == "fail" else "succeeded",
        }
    )
    separator = "&" if "?" in return_url else "?"
    return RedirectResponse(f"{return_url}{separator}{query}", 303)


async def _age_payment_method(simulator: Simulator, request: Request) -> Response:
    expiry = _Expiry.model_validate(await _body(request))
    payment_method = simulator.account.payment_methods.find(request.path_params["id"])
    before = copied(payment_method)
    payment_method["card"] |= expiry.model_dump()
    call = simulator.steering_call(request)
    payment_methods.emit_updated(call, payment_method, before, automatically=True)
    return JSONResponse(payment_method)


async def _move_dispute(simulator: Simulator, request: Request) -> Response:
    status = _DisputeStatus.model_validate(await _body(request)).status
    dispute = simulator.account.disputes.find(request.path_params["id"])
    charges.move_dispute(simulator.steering_call(request), dispute, status)
    return JSONResponse(copied(dispute))


async def _set_signing_secret(simulator: Simulator, request: Request) -> Response:
    secret = _SigningSecret.model_validate(await _body(request)).signing_secret
    endpoint = simulator.account.webhook_endpoints.find(request.path_params["id"])
    simulator.account.signing_secrets[endpoint["id"]] = secret
    return JSONResponse(endpoint)


async def _describe_webhooks(simulator: Simulator, _request: Request) -> Response:
    return JSONResponse(simulator.webhooks.describe())


async def _configure_webhooks(simulator: Simulator, request: Request) -> Response:
    simulator.webhooks.configure(WebhookSettings.model_validate(await _body(request)))
    return JSONResponse(simulator.webhooks.describe())


async def _release_webhooks(simulator: Simulator, request: Request) -> Response:
    order = ReleaseOrder.model_validate(await _body(request))
    return JSONResponse(await simulator.webhooks.release(order))


async def _expire_idempotency_keys(simulator: Simulator, _request: Request) -> Response:
    return JSONResponse({"expired": simulator.idempotency_keys.expire()})


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>3D Secure (simulated)</title></head>
<body><main><h1>Confirm your payment</h1>{content}</main></body></html>"""
