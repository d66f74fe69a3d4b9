"""A page for each product, a cart that is kept over visits, a search, and one charge."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from local.aws import session
from tests.e2e.conftest import Person, World
from tests.e2e.shopper import COFFEE, Shopper
from tests.e2e.test_screens import VARIANTS, Screens, tab
from tests.support.browser import chromium

MUG = "Stoneware mug"
VISA = "4242424242424242"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-IE", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def shopper(page: Page, world: World) -> Shopper:
    assert world.stack.web_url
    return Shopper(page, world.stack.web_url)


@pytest.fixture(scope="module")
def mary(world: World) -> Person:
    """Somebody with a card."""
    person = world.person()
    person.api.attached(world.stripe.payment_method(VISA))
    return person


def fill_cart(shopper: Shopper) -> None:
    """A mug from the list, and two bags of coffee from their own page."""
    shopper.go("/", "Shop")
    shopper.press(re.compile(f"Add to cart.*{MUG}"))
    expect(shopper.page.get_by_text("It is in your cart.")).to_be_visible()
    shopper.page.get_by_role("link", name=COFFEE, exact=True).click()
    shopper.sees_heading(COFFEE)
    for _ in range(2):
        shopper.press(re.compile("Add to cart"))


def in_cart(page: Page) -> int:
    """How many things the header says are in the cart."""
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("Cart"))
    found = re.search(r"(\d+) items?", link.inner_text())
    return int(found[1]) if found else 0


def test_a_cart_is_kept_over_visits_and_paid_once_logged_in(
    shopper: Shopper, page: Page, mary: Person
) -> None:
    fill_cart(shopper)
    assert in_cart(page) == 3
    assert page.title() == f"{COFFEE} · Till"

    page.reload()
    shopper.press(re.compile("Cart"), role="link")
    shopper.sees_heading("Your cart")
    total = page.locator(".order-total strong").inner_text()
    shopper.press("Check out", role="link")
    shopper.sees_heading("Log in")
    shopper.fill(email=mary.email, password="Correct-Horse-1-Battery")
    shopper.press("Log in")
    shopper.sees_heading("Checkout")
    expect(page.locator(".order-total strong")).to_have_text(total)
    shopper.enter_cvc()
    shopper.pay_button.click()
    payment_id = shopper.sees_receipt()

    assert in_cart(page) == 0
    payment = mary.api.payment(payment_id).body
    assert payment["status"] == "succeeded"
    assert [(line["product_id"], line["quantity"]) for line in payment["lines"]] == [
        ("stoneware-mug", 1),
        ("coffee-beans", 2),
    ]
    assert payment["currency"] == "eur"


def test_the_same_cart_in_two_tabs_is_charged_once(
    shopper: Shopper, page: Page, world: World
) -> None:
    person = world.person()
    person.api.attached(world.stripe.payment_method(VISA))
    shopper.log_in(person)
    fill_cart(shopper)
    other = Shopper(page.context.new_page(), shopper.web_url)
    for each in (shopper, other):
        each.go("/checkout?currency=eur", "Checkout")
        each.enter_cvc()

    shopper.pay_button.click()
    shopper.sees_receipt()

    expect(other.page.get_by_text("You have already bought this")).to_be_visible()
    payments = person.api.history().body["data"]
    assert [payment["status"] for payment in payments] == ["succeeded"]


def test_a_changed_price_is_told_before_anything_is_charged(
    shopper: Shopper, page: Page, world: World
) -> None:
    person = world.person()
    person.api.attached(world.stripe.payment_method(VISA))
    shopper.log_in(person)
    fill_cart(shopper)
    shopper.go("/checkout?currency=eur", "Checkout")
    shopper.enter_cvc()

    with world.changed_price("stoneware-mug", "eur", 2150):
        shopper.pay_button.click()
        shopper.sees_refusal("Your order has changed")
        expect(page.get_by_text(re.compile(f"{MUG}.* and costs €21.50 now"))).to_be_visible()
        assert person.api.history().body["data"] == []
        shopper.enter_cvc()
        shopper.pay_button.click()
        payment_id = shopper.sees_receipt()

    first, _ = person.api.payment(payment_id).body["lines"]
    assert (first["product_id"], first["unit_amount"]) == ("stoneware-mug", 2150)


def test_logging_out_empties_the_cart(shopper: Shopper, page: Page, mary: Person) -> None:
    shopper.log_in(mary)
    fill_cart(shopper)
    shopper.press("Log out")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    shopper.go("/cart", "Your cart")
    expect(page.get_by_text("Your cart is empty.")).to_be_visible()


def test_a_cart_is_filled_changed_and_emptied_by_keyboard(shopper: Shopper, page: Page) -> None:
    shopper.go("/products/coffee-beans", COFFEE)
    shopper.tab_to(page.get_by_role("button", name=re.compile("Add to cart")))
    page.keyboard.press("Enter")
    shopper.go("/cart", "Your cart")
    shopper.tab_to(page.get_by_label(re.compile("Quantity")))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label(re.compile("Quantity"))).to_have_value("2")
    shopper.tab_to(page.get_by_role("button", name=re.compile("Remove")))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your cart is empty.")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "cart"


@contextmanager
def more_products(world: World) -> Iterator[None]:
    """More than a dozen products."""
    dynamodb = session(world.stack.aws_endpoint_url).resource("dynamodb")
    table = dynamodb.Table(world.stack.products_table)
    rows: list[dict[str, Any]] = [
        {
            "product_id": f"tea-{number}",
            "name": f"Tea no. {number}",
            "description": "Leaves.",
            "prices": {"eur": 900},
            "active": True,
            "listed": "listed",
        }
        for number in range(8)
    ]
    for row in rows:
        table.put_item(Item=row)
    try:
        yield
    finally:
        for row in rows:
            table.delete_item(Key={"product_id": row["product_id"]})


def test_a_search_is_offered_where_there_are_more_than_a_dozen_products(
    shopper: Shopper, page: Page, world: World
) -> None:
    with more_products(world):
        shopper.go("/", "Shop")
        page.get_by_role("searchbox").fill("tea 3")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=2)).to_have_text(["Tea no. 3"])
        expect(page.get_by_text("1 product was found.")).to_be_visible()
        page.reload()
        expect(page.get_by_role("searchbox")).to_have_value("tea 3")


@pytest.mark.parametrize(("size", "scheme"), VARIANTS)
def test_the_new_screens_are_accessible_and_fit(
    browser: Browser, world: World, mary: Person, size: str, scheme: Literal["light", "dark"]
) -> None:
    page = tab(browser, size, scheme)
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    screens = Screens(page, f"{size}-{scheme}")
    shopper.log_in(mary)
    fill_cart(shopper)

    screens.check("product")
    shopper.go("/cart", "Your cart")
    screens.check("cart")
    shopper.press("Check out", role="link")
    shopper.sees_heading("Checkout")
    screens.check("cart-checkout")
    page.context.close()
