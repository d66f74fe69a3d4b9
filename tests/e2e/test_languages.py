"""The app in German, and laid out from right to left: every screen, and who decides about it."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect

from tests.e2e.conftest import Person, World
from tests.e2e.shopper import COFFEE, Shopper
from tests.e2e.test_screens import Screens, browser, linus, tab
from tests.support.catalogue import in_language

__all__ = ["browser", "linus"]  # fixtures

RIGHT_TO_LEFT = "ar-XB"
VARIANTS = [
    ("desk", "light", "de"),
    ("phone", "dark", "de"),
    ("phone", "light", RIGHT_TO_LEFT),
    ("desk", "dark", RIGHT_TO_LEFT),
]


def box(page: Page, selector: str) -> FloatRect:
    """Where an element is on the screen."""
    found = page.locator(selector).first.bounding_box()
    assert found, selector
    return found


@pytest.mark.parametrize(("size", "scheme", "language"), VARIANTS)
def test_every_screen_in_another_language_is_accessible_and_fits(
    browser: Browser,
    world: World,
    linus: Person,
    size: str,
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    page = tab(browser, size, scheme)
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    screens = Screens(page, f"{size}-{scheme}-{language}")
    payments = linus.api.history().body["data"]
    payment, unfinished = (
        next(one["payment_id"] for one in payments if (one["status"] == "succeeded") is is_paid)
        for is_paid in (True, False)
    )

    def check(path: str, heading: str, name: str) -> None:
        separator = "&" if "?" in path else "?"
        shopper.go(f"{path}{separator}lang={language}", in_language(heading, language))
        expect(page.locator("html")).to_have_attribute("lang", language)
        screens.check(name)

    for path, heading, name in (
        ("/", "Shop", "shop"),
        ("/login", "Log in", "login"),
        ("/register", "Register", "register"),
        ("/confirm?email=linus@example.com", "Confirm your email address", "confirm"),
        ("/forgot-password", "Forgotten password", "forgot-password"),
        ("/nothing-here", "Page not found", "nothing-here"),
    ):
        check(path, heading, name)
    shopper.go("/login?lang=en")
    shopper.log_in(linus)
    for path, heading, name in (
        ("/account", "Your account", "account"),
        ("/cards", "Your cards", "cards"),
        ("/cards/new", "Add a card", "cards-new"),
        ("/checkout/coffee-beans?currency=eur", "Checkout", "checkout-coffee-beans"),
        ("/payments", "Your purchases", "payments"),
        (f"/payments/{payment}", "Payment", "payments-one"),
        (f"/payments/{payment}/receipt", "Thank you! Your payment went through.", "receipt"),
        (f"/payments/{unfinished}", "Payment", "payments-unfinished"),
    ):
        check(path, heading, name)
    page.context.close()


def test_the_browser_decides_about_the_language_until_the_person_does(
    browser: Browser, world: World
) -> None:
    page = browser.new_context(locale="de-AT").new_page()
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)

    shopper.go("/?currency=eur", "Shop")
    expect(page.get_by_role("link", name="Anmelden")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^€\s\d+,\d\d$")).first).to_be_visible()  # as in Austria

    shopper.go("/login", "Anmelden")
    shopper.fill(email="nobody@example.com", password="Not-The-Right-1")
    shopper.press("Anmelden")
    shopper.sees_refusal("E-Mail-Adresse oder Passwort falsch")

    page.get_by_role("navigation", name="Sprache").get_by_role("link", name="English").click()
    shopper.sees_heading("Log in")
    assert page.url == f"{shopper.web_url}/login"
    page.reload()
    shopper.sees_heading("Log in")
    shopper.go("/", "Shop")
    expect(page.get_by_text(re.compile(r"^€\d+\.\d\d$")).first).to_be_visible()
    page.context.close()


def test_a_page_in_german_writes_german_whatever_the_browser_is(
    browser: Browser, world: World
) -> None:
    page = browser.new_context(locale="en-US").new_page()
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)

    shopper.go("/?lang=de", "Shop")

    page.get_by_label("Währung").select_option("eur")
    expect(page.get_by_text(re.compile(r"^\d+,\d\d\s€$")).first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(f"Kaufen.*{COFFEE}"))).to_be_visible()
    page.context.close()


def test_from_right_to_left_everything_is_on_the_other_side(browser: Browser, world: World) -> None:
    page = tab(browser, "desk", "light")
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    places = {}
    for language in ("en", RIGHT_TO_LEFT):
        shopper.go(f"/?lang={language}", "Shop")
        expect(page.locator(".product").first).to_be_visible()
        places[language] = [
            box(page, selector) for selector in (".logo", ".account", "h1", ".product >> nth=0")
        ]
    width = page.evaluate("document.documentElement.clientWidth")

    for left, right in zip(places["en"], places[RIGHT_TO_LEFT], strict=True):
        mirrored = width - left["x"] - left["width"]
        assert right["x"] == pytest.approx(mirrored, abs=2)
    page.context.close()
