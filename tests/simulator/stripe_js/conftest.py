"""A shop's page that loads Stripe.js from the simulator, in a real browser."""

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from stripe_simulator.server import RunningSimulator
from tests.support import browser
from tests.support.stripe_elements import CardFields

type Json = dict[str, Any]

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_SELECTORS = {
    "card": "#card",
    "cardNumber": "#number",
    "cardExpiry": "#expiry",
    "cardCvc": "#cvc",
}
_LAST_CHANGE_IS = """([type, wanted]) => {
    const isOurs = ({name, elementType}) => name === 'change' && elementType === type;
    const last = events.filter(isOurs).at(-1);
    const isIn = (part, whole) => Object.entries(part).every(([key, value]) =>
        value !== null && typeof value === 'object' ? isIn(value, whole[key] ?? {})
            : (whole[key] ?? null) === value);
    return last !== undefined && isIn(wanted, last);
}"""


class _Pages(BaseHTTPRequestHandler):
    """Serves the shop, with a policy that allows only itself and Stripe."""

    def __init__(self, simulator_url: str, *args: Any) -> None:
        self._simulator_url = simulator_url
        super().__init__(*args)

    def do_GET(self) -> None:
        path = Path(__file__).parent / (urlsplit(self.path).path.strip("/") or "shop.html")
        content = path.read_text("utf-8").replace("{simulator}", self._simulator_url)
        allowed = f"'self' {self._simulator_url}"
        self.send_response(200)
        self.send_header("Content-Type", _TYPES[path.suffix])
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; style-src 'self'; img-src data:; script-src {allowed};"
            f" frame-src {self._simulator_url}; connect-src {allowed}",
        )
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name in the library)
        """Keep quiet."""


@dataclass(frozen=True)
class Shop:
    """The open page."""

    page: Page
    problems: list[str]

    @property
    def card(self) -> CardFields:
        return CardFields(self.page)

    def mount(self, element_type: str = "card", options: Json | None = None) -> None:
        """Create an Element in its container, and wait for `ready`."""
        self.page.evaluate(
            "([type, selector, options]) => mount(type, selector, options)",
            [element_type, _SELECTORS[element_type], options or {}],
        )

    def wait_for_change(self, element_type: str = "card", **wanted: Any) -> None:
        """Wait until an Element's latest change event says this; None stands for undefined."""
        self.page.wait_for_function(_LAST_CHANGE_IS, arg=[element_type, wanted])

    def wait_for_event(self, name: str) -> None:
        self.page.wait_for_function("name => events.some((event) => event.name === name)", arg=name)

    def run(self, script: str, argument: object = None) -> Any:
        """The value of an expression, or of a function with one argument."""
        return self.page.evaluate(script, argument)

    def start(self, method: str, *arguments: object) -> None:
        """Call a method of the Stripe object that waits for the cardholder."""
        self.page.evaluate(
            "([method, args]) => { window.outcome = stripe[method](...args) }", [method, arguments]
        )

    def outcome(self) -> Json:
        """What the started call resolved to."""
        outcome: Json = self.page.evaluate("outcome")
        return outcome

    def rejection(self, script: str, argument: object = None) -> str:
        """The error that a call throws or rejects with."""
        message: str = self.page.evaluate(
            f"async (argument) => {{ try {{ await ({script}); }} catch (error)"
            " { return String(error); } return 'nothing was thrown'; }",
            argument,
        )
        return message


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="session")
def shop_url(running: RunningSimulator) -> Iterator[str]:
    # localhost and 127.0.0.1 are different sites, like a shop and Stripe.
    handler = functools.partial(_Pages, running.url)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en-US")
    yield context.new_page()
    context.close()


@pytest.fixture
def shop(page: Page, shop_url: str, simulator: RunningSimulator) -> Iterator[Shop]:  # noqa: ARG001
    """The page, without an Element. Any unexpected error on it fails the test."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: _note(message, problems))
    page.goto(shop_url)
    yield Shop(page, problems)
    assert problems == []


def _note(message: ConsoleMessage, problems: list[str]) -> None:
    # Chromium reports every request that was refused or lost; the tests check those.
    if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
        problems.append(message.text)
