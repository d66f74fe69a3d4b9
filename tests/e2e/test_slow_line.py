"""The first visit on a slow line: the page's frame, what is loaded, and when.

The times of the last run are in .local/e2e/slow-line.json; docs/app.md has them, too.
"""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from local.paths import LOCAL
from tests.e2e.conftest import World
from tests.support.browser import chromium

BYTES_PER_SECOND = 400_000 // 8
LATENCY_MS = 150
TIMES = LOCAL / "e2e" / "slow-line.json"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def visit(browser: Browser, locale: str = "en-GB", scheme: Any = "light") -> Page:
    """A tab of somebody who has never been here."""
    return browser.new_context(locale=locale, color_scheme=scheme).new_page()


def slow(page: Page) -> None:
    """400 kbit/s, as Chromium's own tools emulate it."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )


def scripts_of(page: Page, url: str) -> dict[str, int]:
    """The scripts that the first screen loads, and their sizes after gzip."""
    sizes: dict[str, int] = {}

    def note(response: Response) -> None:
        if response.request.resource_type == "script":
            sizes[response.url] = len(gzip.compress(response.body()))

    page.on("response", note)
    page.goto(url)
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    return sizes


@pytest.mark.parametrize(("locale", "most"), [("en-GB", 60_000), ("de-DE", 75_000)])
def test_the_first_screen_needs_little_script_and_none_of_stripes(
    browser: Browser, world: World, locale: str, most: int
) -> None:
    page = visit(browser, locale)

    sizes = scripts_of(page, f"{world.stack.web_url}/")

    assert 0 < sum(sizes.values()) < most, sizes
    assert not [url for url in sizes if url.startswith(world.stack.stripe_api_url)]
    page.context.close()


def test_stripes_script_comes_only_where_cards_are(browser: Browser, world: World) -> None:
    person = world.person()
    page = visit(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{world.stack.web_url}/login")
    page.get_by_label("Email address").fill(person.email)
    page.locator('[name="password"]').fill("Correct-Horse-1-Battery")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1, name="Shop")).to_be_visible()
    for path in ("/products/coffee-beans", "/cart", "/payments", "/account"):
        page.goto(f"{world.stack.web_url}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if url.startswith(world.stack.stripe_api_url)]

    page.goto(f"{world.stack.web_url}/checkout/coffee-beans")
    expect(page.get_by_role("button", name="Add a card")).to_be_visible()
    assert [url for url in asked if url.startswith(world.stack.stripe_api_url)]
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_frame_is_there_before_styles_and_scripts_in_the_right_colours(
    browser: Browser, world: World, scheme: str
) -> None:
    page = visit(browser, scheme=scheme)
    page.route("**/assets/**", lambda _: None)  # they never come

    page.goto(f"{world.stack.web_url}/", wait_until="commit")

    header = page.locator(".shell-header")
    expect(header).to_be_visible()
    assert header.bounding_box()["height"] >= 56  # type: ignore[index]
    colour = "element => getComputedStyle(element).backgroundColor"
    shown = page.locator("body").evaluate(colour)
    assert shown == {"light": "rgb(246, 246, 243)", "dark": "rgb(20, 22, 26)"}[scheme]
    page.context.close()


def test_the_frame_comes_first_then_the_header_then_the_products(
    browser: Browser, world: World
) -> None:
    """Which comes when is told; how long it takes depends on this machine, too."""
    page = visit(browser)
    slow(page)
    page.add_init_script("""
        window.times = {};
        const note = (name, there) => {
          if (window.times[name] === undefined && there) window.times[name] = performance.now();
        };
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) note(entry.name, true);
        }).observe({ type: 'paint', buffered: true });
        new MutationObserver(() => {
          note('header', document.querySelector('.header'));
          note('products', document.querySelector('.product h2'));
        }).observe(document, { childList: true, subtree: true });
    """)

    page.goto(f"{world.stack.web_url}/")
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    page.wait_for_function("'first-paint' in window.times")

    times = page.evaluate("window.times")
    TIMES.write_text(json.dumps({name: round(time) for name, time in times.items()}))
    assert times["first-paint"] < times["header"] <= times["products"]
    page.context.close()
