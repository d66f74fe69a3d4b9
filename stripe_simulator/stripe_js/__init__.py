"""Stripe.js without a network: `/v3/stripe.js`, and the frames that its fields live in.

The scripts are plain ES2020, served as they are written: the files of one script share a scope, so
they are put one after another into a function of their own. `shared` goes into both scripts.

    host/   runs in the shop's page and defines window.Stripe
    frame/  runs in the <iframe> of an Element, from the simulator's own origin: what is typed into
            it is out of the page's reach, as it is with Stripe
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_simulator.state import API_VERSION

_SOURCES = Path(__file__).parent
_SCRIPTS = {
    "/v3/stripe.js": (
        "shared/api.js",
        "host/errors.js",
        "host/frames.js",
        "host/elements.js",
        "host/money.js",
        "host/three_d_secure.js",
        "host/intents.js",
        "host/stripe.js",
    ),
    "/v3/frame.js": (
        "shared/api.js",
        "frame/brands.js",
        "frame/fields.js",
        "frame/appearance.js",
        "frame/frame.js",
    ),
}
_FILES = {
    "/v3/frame.html": ("frame/frame.html", "text/html"),
    "/v3/frame.css": ("frame/frame.css", "text/css"),
}
_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
    ),
}


def routes() -> list[Route]:
    """What a page loads from https://js.stripe.com in production."""
    return [Route(path, _serve) for path in (*_SCRIPTS, *_FILES)]


async def _serve(request: Request) -> Response:
    path = request.url.path
    if path in _SCRIPTS:
        return Response(_script(path), media_type="text/javascript", headers=_HEADERS)
    name, media_type = _FILES[path]
    return Response((_SOURCES / name).read_bytes(), media_type=media_type, headers=_HEADERS)


def _script(path: str) -> str:
    sources = "\n".join((_SOURCES / name).read_text("utf-8") for name in _SCRIPTS[path])
    release = API_VERSION.partition(".")[2]
    return f"(() => {{\n'use strict';\n\nconst RELEASE = '{release}';\n\n{sources}}})();\n"
