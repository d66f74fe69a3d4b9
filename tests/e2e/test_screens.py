"""Every screen, on a phone and on a desktop, light and dark: accessible, and nothing cut off.

With TILL_SCREENSHOTS=docs/images, this takes the screenshots for the README; with TILL_PICTURES,
every screen is pictured (make pictures).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.conftest import PASSWORD, Person, World
from tests.e2e.shopper import Shopper
from tests.support.accessibility import serious_violations
from tests.support.browser import chromium

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
PICTURES = {
    "shop-desk-light",
    "cards-desk-dark",
    "checkout-coffee-beans-desk-light",
    "checkout-coffee-beans-phone-light",
    "payments-desk-light",
    "payments-one-receipt-desk-light",
    "product-desk-light",
    "cart-phone-light",
    "cart-checkout-desk-light",
    "account-desk-light",
    "account-email-code-phone-light",
    "account-deleted-desk-light",
    "account-being-deleted-desk-dark",
    "checkout-coffee-beans-desk-light-de",
}
WHOLE_PAGE = {"account-desk-light", "checkout-coffee-beans-desk-light-de"}
SECRET_KEY = "sk_test_simulator"
SCREENSHOTS = os.environ.get("TILL_SCREENSHOTS")
ALL_PICTURES = os.environ.get("TILL_PICTURES")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def linus(world: World) -> Person:
    """A person with cards, purchases, a refund, a dispute, and an unfinished payment."""
    person = world.person()
    stripe = world.stripe
    expired = person.api.attached(stripe.payment_method("378282246310005", cvc="1234"))
    stripe.let_expire(expired)
    person.api.attached(stripe.payment_method("5555555555554444"))
    visa = person.api.attached(stripe.payment_method("4242424242424242"))
    assert person.api.change_card(visa, default=True).status == 200
    disputed = person.api.attached(stripe.payment_method("4000000000000259"))
    challenged = person.api.attached(stripe.payment_method("4000002760003184"))
    for product, currency, card in (
        ("stoneware-mug", "usd", disputed),
        ("stoneware-mug", "eur", challenged),
        ("tea-ceremony-class", "jpy", visa),
    ):
        order = {"product_id": product, "currency": currency, "payment_method_id": card}
        payment = person.api.create(**order).body
        payment_id, intent = payment["payment_id"], payment["payment_intent_id"]
        person.api.confirm(payment_id, cvc_token=stripe.cvc_token())
        if card == challenged:
            stripe.answer_challenge(intent, "fail")
            person.api.confirm(payment_id)
            person.api.confirm(payment_id, cvc_token=stripe.cvc_token())
            stripe.answer_challenge(intent, "succeed")
            person.api.confirm(payment_id)
            stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent, amount="900")
        person.api.payment(payment_id)  # for the history, if the webhook is late
    person.api.create(product_id="coffee-beans", currency="eur", payment_method_id=visa)
    return person


def tab(browser: Browser, size: str, scheme: Literal["light", "dark"]) -> Page:
    """A browser tab of this size and colour scheme; close its context."""
    return browser.new_context(
        locale="en-GB",
        viewport=DESK if size == "desk" else PHONE,
        color_scheme=scheme,
        reduced_motion="reduce",
    ).new_page()


VARIANTS = [("desk", "light"), ("desk", "dark"), ("phone", "light")]


@pytest.mark.parametrize(("size", "scheme"), VARIANTS)
def test_every_screen_is_accessible_and_fits(
    browser: Browser, world: World, linus: Person, size: str, scheme: Literal["light", "dark"]
) -> None:
    page = tab(browser, size, scheme)
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    screens = Screens(page, f"{size}-{scheme}")

    for path, heading in (
        ("/", "Shop"),
        ("/register", "Register"),
        ("/confirm?email=linus@example.com", "Confirm your email address"),
        ("/forgot-password", re.compile("password", re.IGNORECASE)),
        ("/nothing-here", re.compile(".+")),
    ):
        shopper.go(path)
        shopper.sees_heading(heading)
        screens.check(path.strip("/").split("?")[0] or "shop")
    shopper.log_in(linus)
    payments = linus.api.history().body["data"]
    paid, refunded, disputed = [
        payment["payment_id"] for payment in payments if payment["status"] == "succeeded"
    ]
    for path, heading in (
        ("/account", "Your account"),
        ("/cards", "Your cards"),
        ("/cards/new", "Add a card"),
        ("/checkout/coffee-beans?currency=eur", "Checkout"),
        ("/payments", "Your purchases"),
        (f"/payments/{paid}", "Payment"),
        (f"/payments/{paid}/receipt", "Thank you! Your payment went through."),
        (f"/payments/{refunded}", "Payment"),
        (f"/payments/{disputed}", "Payment"),
    ):
        shopper.go(path, heading)
        name = path.strip("/").split("?")[0].replace(paid, "one")
        screens.check(name.replace(refunded, "refunded").replace(disputed, "disputed"))
    shopper.go("/account?new_email=linus@example.org", "Your account")
    page.get_by_label("Code from the email").scroll_into_view_if_needed()
    screens.check("account-email-code")
    page.context.close()


@pytest.mark.parametrize(("size", "scheme"), VARIANTS)
def test_the_screens_of_an_account_that_is_being_deleted(
    browser: Browser, world: World, size: str, scheme: Literal["light", "dark"]
) -> None:
    leaver = world.person()
    card = leaver.api.attached(world.stripe.payment_method("4242424242424242"))
    leaver.api.create(product_id="coffee-beans", currency="eur", payment_method_id=card)
    page = tab(browser, size, scheme)
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    screens = Screens(page, f"{size}-{scheme}")
    shopper.log_in(leaver)
    shopper.go("/account", "Your account")

    shopper.fill(confirmation="delete")
    shopper.press("Delete my account")

    shopper.sees_heading("You have deleted your account")
    screens.check("account-deleted")
    shopper.log_in_with(leaver.email, PASSWORD, then="Your account is being deleted")
    screens.check("being-deleted")
    shopper.go("/account", "Your account")
    expect(page.get_by_text("Your account will be erased after")).to_be_visible()
    screens.check("account-being-deleted")
    page.context.close()


class Screens:
    """Checks one screen after the other."""

    def __init__(self, page: Page, variant: str) -> None:
        self._page = page
        self._variant = variant

    def check(self, name: str) -> None:
        """No serious violation, and no sideways scrolling."""
        expect(self._page.locator(".skeleton, .spinner")).to_have_count(0)
        assert serious_violations(self._page) == [], name
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self._page.evaluate(overflow) == 0, name
        picture = f"{name.replace('/', '-')}-{self._variant}"
        if ALL_PICTURES:
            self._page.screenshot(path=Path(ALL_PICTURES) / f"{picture}.png", full_page=True)
        if SCREENSHOTS and picture in PICTURES:
            whole = picture in WHOLE_PAGE
            self._page.screenshot(path=Path(SCREENSHOTS) / f"{picture}.png", full_page=whole)
