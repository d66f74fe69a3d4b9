"""How steering requests are read and their errors answered."""

import json
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_simulator import form
from stripe_simulator.errors import StripeError
from stripe_simulator.simulator import Simulator

type Handler = Callable[[Simulator, Request], Awaitable[Response]]


class Order(BaseModel):
    """A body that steering takes: nothing in it may be misspelt."""

    model_config = ConfigDict(extra="forbid")


def routed(simulator: Simulator, handlers: Iterable[tuple[str, str, Handler]]) -> list[Route]:
    """Routes for handlers, each with its method and its path below `/_simulator`."""
    return [
        Route(f"/_simulator{path}", partial(_guarded, handler, simulator), methods=[method])
        for method, path, handler in handlers
    ]


async def body_of(request: Request) -> dict[str, Any]:
    """The body, JSON or form, or the query when there is no body.

    Raises:
        StripeError: it is no JSON object.
    """
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


async def _guarded(handler: Handler, simulator: Simulator, request: Request) -> Response:
    try:
        return await handler(simulator, request)
    except StripeError as error:
        return JSONResponse(error.body(), error.status)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        return JSONResponse({"error": {"message": str(error), "details": details}}, 422)
