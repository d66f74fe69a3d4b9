"""The reference of the API at /docs: readable for everybody, in light and dark, with a way back."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.conftest import World
from tests.support.browser import chromium

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def page_in(browser: Browser, scheme: Literal["light", "dark"], size: ViewportSize = DESK) -> Page:
    """A new tab with this colour scheme."""
    return browser.new_context(color_scheme=scheme, viewport=size, locale="en-GB").new_page()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_reference_is_accessible_and_comes_from_here_alone(
    browser: Browser, world: World, scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    page = page_in(browser, scheme, size)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))

    page.goto(f"{world.stack.web_url}/docs/")

    expect(page.get_by_role("heading", name="Start a payment")).to_be_visible()
    expect(page.get_by_text("Idempotency-Key").first).to_be_visible()
    violations = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["target"]) for each in violations] == []
    assert {urlsplit(url).netloc for url in requested} == {urlsplit(page.url).netloc}
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(246, 246, 243)", "dark": "rgb(20, 22, 26)"}[scheme]
    page.context.close()


def test_the_reference_is_found_without_a_slash_and_leads_back(
    browser: Browser, world: World
) -> None:
    page = page_in(browser, "light")

    page.goto(f"{world.stack.web_url}/docs")

    assert page.url == f"{world.stack.web_url}/docs/"
    page.get_by_role("navigation").get_by_role("link", name="Start a payment").click()
    assert page.url.endswith("/docs/#create_payment_intent")
    page.get_by_role("link", name="Back to the shop").click()
    expect(page.get_by_role("heading", name="Shop")).to_be_visible()
    page.context.close()
