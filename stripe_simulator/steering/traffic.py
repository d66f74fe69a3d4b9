"""Steering of what travels: the journal, faults and webhooks."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stripe_simulator.faults import FaultOrder
from stripe_simulator.simulator import Simulator
from stripe_simulator.steering.requests import Handler, Order, body_of
from stripe_simulator.webhooks import ReleaseOrder, WebhookSettings


class _SigningSecret(Order):
    signing_secret: str = Field(pattern=r"^whsec_\w+$")


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
    order = FaultOrder.model_validate(await body_of(request))
    simulator.faults.add(order)
    return JSONResponse(order.model_dump(mode="json", exclude_none=True), 201)


async def _clear_faults(simulator: Simulator, _request: Request) -> Response:
    simulator.faults.clear()
    return JSONResponse({"data": []})


async def _set_signing_secret(simulator: Simulator, request: Request) -> Response:
    secret = _SigningSecret.model_validate(await body_of(request)).signing_secret
    endpoint = simulator.account.webhook_endpoints.find(request.path_params["id"])
    simulator.account.signing_secrets[endpoint["id"]] = secret
    return JSONResponse(endpoint)


async def _describe_webhooks(simulator: Simulator, _request: Request) -> Response:
    return JSONResponse(simulator.webhooks.describe())


async def _configure_webhooks(simulator: Simulator, request: Request) -> Response:
    simulator.webhooks.configure(WebhookSettings.model_validate(await body_of(request)))
    return JSONResponse(simulator.webhooks.describe())


async def _release_webhooks(simulator: Simulator, request: Request) -> Response:
    order = ReleaseOrder.model_validate(await body_of(request))
    return JSONResponse(await simulator.webhooks.release(order))


HANDLERS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/health", _health),
    ("POST", "/reset", _reset),
    ("GET", "/requests", _list_requests),
    ("DELETE", "/requests", _clear_requests),
    ("GET", "/faults", _list_faults),
    ("POST", "/faults", _add_fault),
    ("DELETE", "/faults", _clear_faults),
    ("POST", "/webhook_endpoints/{id}", _set_signing_secret),
    ("GET", "/webhooks", _describe_webhooks),
    ("POST", "/webhooks", _configure_webhooks),
    ("POST", "/webhooks/release", _release_webhooks),
)
