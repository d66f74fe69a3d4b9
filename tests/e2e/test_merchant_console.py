"""The merchant's console in a real browser, as support and merchants use it on the deployed stack.

With TILL_SCREENSHOTS=docs/images, this takes the screenshots for docs/app.md.
"""

import os
import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from local.aws import session
from tests.e2e.conftest import PATIENCE_SECONDS, Person, World, eventually
from tests.e2e.shopper import Shopper
from tests.support.accessibility import serious_violations
from tests.support.browser import chromium
from tests.support.staff import StaffMember, add_staff, one_time_code, program_token

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"
DISPUTED = "4000000000000259"
REFUSED = "4000000000000341"  # it attaches, and then every charge is declined
SCREENSHOTS = os.environ.get("TILL_SCREENSHOTS")
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Colleague(Shopper):
    """One of the staff with one browser tab."""

    def log_in_as(self, staff: StaffMember, *, then: str = "Shop") -> None:
        """Log in with a password and a code of the app."""
        assert staff.secret
        self.go("/login", "Log in")
        self.enter(staff, staff.secret)
        self.sees_heading(then)

    def enter(self, staff: StaffMember, secret: str) -> None:
        """Fill in the login page that is open, and the one that asks for a code."""
        self.fill(email=staff.email, password=staff.password)
        self.press("Log in")
        self.sees_heading("Enter your code")
        self.fill(code=one_time_code(secret))
        self.press("Log in")

    def walks_in(self, staff: StaffMember) -> None:
        """Log in and open the console, by keyboard alone."""
        assert staff.secret
        self.go("/login", "Log in")
        self.type_into("Email address", staff.email)
        self.type_into("Password", staff.password)
        self.page.keyboard.press("Enter")
        self.sees_heading("Enter your code")
        self.tab_to(self.page.locator('[name="code"]'))
        self.page.keyboard.type(one_time_code(staff.secret))
        self.page.keyboard.press("Enter")
        self.sees_heading("Shop")
        self.walks_to("Console", "link", "Overview")

    def walks_to(
        self, name: str, role: Literal["link", "button"] = "button", heading: str | None = None
    ) -> None:
        """Reach a button or a link by keyboard, and press it."""
        target = self.page.get_by_role(role, name=name, exact=True)
        expect(target).to_be_visible()
        self.tab_to(target)
        self.page.keyboard.press("Enter")
        if heading:
            self.sees_heading(heading)

    def opens(self, payment_id: str) -> None:
        """Open a payment in the console."""
        self.go(f"/merchant/payments/{payment_id}", "Payment")

    def says_yes(self, question: str, button: str) -> None:
        """Answer the question that is asked before anything is done."""
        dialog = self.page.get_by_role("dialog", name=question)
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name=button, exact=True).click()
        expect(dialog).to_have_count(0, timeout=PATIENCE_SECONDS * 1000)

    def sees_outcome(self, text: str) -> None:
        """The screen says what has become of it."""
        expect(self.page.get_by_text(text, exact=True)).to_be_visible()

    def sees_status(self, text: str) -> None:
        """The badge among the payment's facts."""
        facts = self.page.get_by_role("region", name="Payment", exact=True)
        expect(facts.locator(".badge")).to_have_text(text)

    def section(self, name: str) -> Locator:
        """A part of the screen."""
        return self.page.get_by_role("region", name=name, exact=True)

    def is_accessible(self, picture: str | None = None, *, whole: bool = False) -> None:
        """No serious violation, and no sideways scrolling."""
        expect(self.page.locator(".skeleton, .spinner")).to_have_count(0)
        assert serious_violations(self.page) == []
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(overflow) == 0
        if SCREENSHOTS and picture:
            self.page.screenshot(path=Path(SCREENSHOTS) / f"{picture}.png", full_page=whole)


def tab(
    browser: Browser,
    *,
    phone: bool = False,
    scheme: Literal["light", "dark"] = "light",
    zone: str = "Europe/London",
) -> Page:
    """A browser tab; close its context."""
    return browser.new_context(
        locale="en-GB",
        timezone_id=zone,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 900},
    ).new_page()


@pytest.fixture
def colleague(browser: Browser, world: World) -> Iterator[Colleague]:
    page = tab(browser)
    assert world.stack.web_url
    yield Colleague(page, world.stack.web_url)
    page.context.close()


@pytest.fixture(scope="module")
def support(world: World) -> StaffMember:
    return add_staff(world.stack, "support")


@pytest.fixture(scope="module")
def merchant(world: World) -> StaffMember:
    return add_staff(world.stack, "merchant")


def paid(world: World, person: Person, number: str = VISA, **order: Any) -> dict[str, Any]:
    """A payment of this person's that a bank was asked about."""
    card = person.api.attached(world.stripe.payment_method(number))
    bought = order or {"product_id": "coffee-beans", "currency": "eur"}
    created = person.api.create(payment_method_id=card, **bought)
    assert created.status == 201, created
    payment_id = created.body["payment_id"]
    person.api.confirm(payment_id, cvc_token=world.stripe.cvc_token())
    return dict(person.api.payment(payment_id).body)


def made_order(world: World, person: Person, **more: Any) -> dict[str, Any]:
    """An order of €30.00 that the merchant's program has made for this person."""
    program = world.client(program_token(world.stack))
    body = {
        "order_reference": f"A-{secrets.token_hex(4)}",
        "user_id": person.user_id,
        "currency": "eur",
        "lines": [{"description": "Tea set", "quantity": 2, "unit_amount": 1200}],
        "tax_amount": 200,
        "shipping_amount": 500,
        "discount_amount": 100,
        **more,
    }
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = program.send("POST", "/merchant/orders", body=body, headers=headers)
    assert answer.status == 201, answer
    return dict(answer.body)


def held(world: World, person: Person) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order whose money a bank holds, and its payment."""
    order = made_order(world, person, capture_method="manual")
    payment = paid(world, person, order_id=order["order_id"])
    assert payment["status"] == "requires_capture", payment
    return order, payment


def test_staff_set_up_one_time_codes_before_they_see_anything(
    colleague: Colleague, world: World
) -> None:
    newcomer = add_staff(world.stack, "support", one_time_codes=False)
    page = colleague.page
    colleague.log_in_with(newcomer.email, newcomer.password, then="Shop")

    colleague.press("Console", role="link")

    colleague.sees_heading("Set up one-time codes")
    expect(page.get_by_role("img", name="QR code for your app")).to_be_visible()
    colleague.is_accessible("console-codes-desk-light")
    secret = page.locator("form code").inner_text()
    colleague.fill(code="000000")
    colleague.press("Finish")
    colleague.sees_refusal("This code does not fit")
    colleague.fill(code=one_time_code(secret))
    colleague.press("Finish")
    colleague.sees_heading("Log in")
    colleague.enter(newcomer, secret)
    colleague.sees_heading("Overview")


def test_shoppers_have_no_console(browser: Browser, world: World, ada: Person) -> None:
    page = tab(browser)
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    shopper.log_in(ada)

    shopper.go("/merchant", "Page not found")

    expect(page.get_by_role("link", name="Console")).to_have_count(0)
    assert not [url for url in loaded if "/Console-" in url or "/merchant/" in url]
    page.context.close()


def test_support_finds_a_payment_and_gives_a_part_of_it_back(
    colleague: Colleague, world: World, support: StaffMember
) -> None:
    person = world.person()
    order = made_order(world, person)
    payment = paid(world, person, order_id=order["order_id"])
    page = colleague.page
    colleague.log_in_as(support)
    colleague.go("/merchant/payments", "Payments")
    colleague.fill(email=person.email)
    colleague.press("Search")
    colleague.is_accessible("console-payments-desk-light")
    page.get_by_role("link", name=order["order_reference"]).click()
    colleague.sees_heading("Payment")
    colleague.sees_status("Paid")

    colleague.fill(amount="12.50", note="Lid broken")
    page.get_by_label("Reason").select_option("requested_by_customer")
    colleague.press("Refund …")
    expect(page.get_by_role("button", name="Go back")).to_be_focused()
    colleague.is_accessible("console-refund-desk-light")
    colleague.says_yes("Refund €12.50 (12.50 euros)?", "Refund €12.50")

    colleague.sees_outcome("€12.50 was refunded.")
    expect(colleague.section("Refunds")).to_contain_text("Lid broken")
    expect(colleague.section("What happened")).to_contain_text("by you")
    expect(page.get_by_label("Amount in EUR")).to_have_value("17.50")
    colleague.is_accessible("console-payment-desk-light", whole=True)
    assert page.get_by_role("button", name="Cancel").count() == 0
    (refund,) = world.stripe.listed(
        SECRET_KEY, "/v1/refunds", payment_intent=payment["payment_intent_id"]
    )
    assert refund["amount"] == 1250
    assert person.api.payment(payment["payment_id"]).body["amount_refunded"] == 1250


def test_a_refund_whose_answer_was_lost_is_given_once(
    colleague: Colleague, world: World, support: StaffMember
) -> None:
    person = world.person()
    payment = paid(world, person)
    page = colleague.page
    colleague.log_in_as(support)
    colleague.opens(payment["payment_id"])

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/refunds", lose_the_answer, times=1)
    colleague.fill(amount="2.00")
    colleague.press("Refund …")
    page.get_by_role("button", name="Refund €2.00").dblclick()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE_SECONDS * 1000)

    colleague.sees_outcome("€2.00 was refunded.")
    refunds = world.stripe.listed(
        SECRET_KEY, "/v1/refunds", payment_intent=payment["payment_intent_id"]
    )
    assert [refund["amount"] for refund in refunds] == [200]


def test_a_merchant_captures_a_part_of_what_is_held(
    colleague: Colleague, world: World, merchant: StaffMember
) -> None:
    person = world.person()
    order, payment = held(world, person)
    page = colleague.page
    colleague.log_in_as(merchant)
    colleague.go("/merchant/orders", "Orders")
    colleague.fill(order_reference=order["order_reference"])
    colleague.press("Search")
    page.get_by_role("link", name=order["order_reference"]).click()
    colleague.sees_heading("Order")
    expect(page.get_by_role("row", name="Total")).to_contain_text("€30.00")
    colleague.is_accessible()
    page.get_by_role("link", name=payment["payment_id"]).click()
    colleague.sees_heading("Payment")
    colleague.sees_status("Waiting for capture")

    page.get_by_role("form", name="Capture").get_by_label("Amount in EUR").fill("25")
    colleague.press("Capture …")
    colleague.says_yes("Capture €25.00 (25.00 euros)?", "Capture €25.00")

    colleague.sees_outcome("€25.00 was captured.")
    colleague.sees_status("Paid")
    expect(page.get_by_label("Amount in EUR")).to_have_value("25.00")
    assert person.api.payment(payment["payment_id"]).body["amount_received"] == 2500


def test_a_merchant_lets_go_what_is_held(
    colleague: Colleague, world: World, merchant: StaffMember
) -> None:
    person = world.person()
    _, payment = held(world, person)
    colleague.log_in_as(merchant)
    colleague.opens(payment["payment_id"])

    colleague.press("Cancel the payment …")
    colleague.says_yes("Cancel the payment of €30.00 (30.00 euros)?", "Cancel the payment")

    colleague.sees_outcome("The payment was cancelled.")
    colleague.sees_status("Cancelled")
    assert person.api.payment(payment["payment_id"]).body["status"] == "canceled"


def test_a_merchant_cancels_an_order(
    colleague: Colleague, world: World, merchant: StaffMember
) -> None:
    person = world.person()
    order = made_order(world, person)
    colleague.log_in_as(merchant)
    colleague.go(f"/merchant/orders/{order['order_id']}", "Order")

    colleague.press("Cancel the order …")
    colleague.says_yes("Cancel the order of €30.00 (30.00 euros)?", "Cancel the order")

    colleague.sees_outcome("The order was cancelled.")
    assert person.api.order(order["order_id"]).body["status"] == "canceled"


def test_a_merchant_keeps_the_catalogue(
    colleague: Colleague, world: World, merchant: StaffMember
) -> None:
    product_id = f"bowl-{secrets.token_hex(4)}"
    page = colleague.page
    colleague.log_in_as(merchant)
    colleague.go("/merchant/catalogue", "Catalogue")
    colleague.is_accessible()
    colleague.press("Add a product", role="link")
    colleague.sees_heading("Add a product")

    colleague.fill(product_id=product_id, name="Bowl")
    page.get_by_label("Description").fill("Blue")
    price = page.get_by_role("group", name="Price 1")
    price.get_by_label("Currency").select_option("eur")
    price.get_by_label("Amount").fill("12,50")
    colleague.press("Add a currency")
    price = page.get_by_role("group", name="Price 2")
    price.get_by_label("Currency").select_option("jpy")
    price.get_by_label("Amount").fill("1800")
    colleague.is_accessible("console-product-desk-light", whole=True)
    colleague.press("Save")

    colleague.sees_heading("Catalogue")
    anyone = world.client(None)
    assert anyone.product(product_id).body["prices"] == {"eur": 1250, "jpy": 1800}

    colleague.go(f"/merchant/catalogue/{product_id}", "Product")
    colleague.press("Remove price 2")
    colleague.press("Save")
    colleague.sees_heading("Catalogue")
    assert anyone.product(product_id).body["prices"] == {"eur": 1250}

    colleague.go(f"/merchant/catalogue/{product_id}", "Product")
    colleague.press("Take off sale …")
    colleague.says_yes("Take “Bowl” off sale?", "Take off sale")
    colleague.sees_heading("Catalogue")
    assert anyone.product(product_id).status == 404
    row = page.get_by_role("listitem").filter(has_text=product_id)
    expect(row).to_contain_text("Off sale")
    colleague.is_accessible()

    row.get_by_role("link", name="Bowl").click()
    colleague.sees_heading("Product")
    expect(page.get_by_text("It is off sale. Saving it puts it on sale again.")).to_be_visible()
    colleague.press("Save")
    colleague.sees_heading("Catalogue")
    assert anyone.product(product_id).status == 200


def test_a_refund_needs_no_mouse(colleague: Colleague, world: World, support: StaffMember) -> None:
    """From the log-in to the search, and from there to the money, by keyboard alone."""
    person = world.person()
    order = made_order(world, person)
    payment = paid(world, person, order_id=order["order_id"])
    page = colleague.page
    colleague.walks_in(support)
    colleague.walks_to("Payments", "link", "Payments")
    colleague.type_into("Email address", person.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=order["order_reference"])).to_be_visible()
    colleague.walks_to(order["order_reference"], "link", "Payment")
    expect(page.get_by_role("link", name=person.email)).to_be_visible()

    colleague.type_into("Amount in EUR", "3.00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Go back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    colleague.walks_to("Refund …")
    colleague.walks_to("Refund €3.00")

    expect(page.get_by_text("€3.00 was refunded.", exact=True)).to_be_focused()
    assert person.api.payment(payment["payment_id"]).body["amount_refunded"] == 300


def test_orders_and_the_catalogue_need_no_mouse(
    colleague: Colleague, world: World, merchant: StaffMember
) -> None:
    order = made_order(world, world.person())
    product_id = f"jug-{secrets.token_hex(4)}"
    page = colleague.page
    colleague.walks_in(merchant)
    colleague.walks_to("Orders", "link", "Orders")
    colleague.type_into("Order reference", order["order_reference"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=order["order_reference"])).to_be_visible()
    colleague.walks_to(order["order_reference"], "link", "Order")
    colleague.walks_to("Cancel the order …")
    colleague.walks_to("Cancel the order")
    expect(page.get_by_text("The order was cancelled.", exact=True)).to_be_focused()

    colleague.walks_to("Catalogue", "link", "Catalogue")
    colleague.walks_to("Add a product", "link", "Add a product")
    colleague.type_into("ID", product_id)
    colleague.type_into("Name", "Jug")
    price = page.get_by_role("group", name="Price 1")
    colleague.tab_to(price.get_by_label("Currency"))
    page.keyboard.type("EUR")
    colleague.tab_to(price.get_by_label("Amount"))
    page.keyboard.type("4.50")
    page.keyboard.press("Enter")
    colleague.sees_heading("Catalogue")
    assert world.client(None).product(product_id).body["prices"] == {"eur": 450}


@pytest.fixture(scope="module")
def _busy_month(world: World) -> Iterator[None]:
    """Thirty days of payments in euros and yen, up to today in Tokyo.

    The API dates payments itself, so these are copies of rows, and go again.
    """
    person = world.person()
    euros = world.row(paid(world, person)["payment_id"])
    yen = world.row(
        paid(world, person, product_id="tea-ceremony-class", currency="jpy")["payment_id"]
    )
    declined = world.row(paid(world, person, REFUSED)["payment_id"])
    held(world, person)
    disputed = paid(world, person, DISPUTED)
    eventually(lambda: bool(world.row(disputed["payment_id"]).get("dispute_status")))
    table = (
        session(world.stack.aws_endpoint_url).resource("dynamodb").Table(world.stack.payments_table)
    )
    noon = datetime.now(TOKYO).replace(hour=12, minute=0, second=0, microsecond=0)
    copies = []
    for days in range(1, 30):
        # Nothing on Sundays, and more and more up to today.
        kinds = [euros] * (32 - days) + [yen] * (days % 4) + [declined] * (days % 3)
        if (noon - timedelta(days=days)).weekday() == 6:
            continue
        for number, kind in enumerate(kinds):
            # Just after Tokyo's midnight, which is the day before in UTC.
            at = noon - timedelta(days=days, hours=11, minutes=59 - number)
            copies.append(
                {
                    **{k: v for k, v in kind.items() if k not in {"payment_intent_id", "open"}},
                    "payment_id": f"pay_{uuid.uuid4().hex}",
                    "created_at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                    "history": [],
                }
            )
    with table.batch_writer() as batch:
        for copy in copies:
            batch.put_item(Item=copy)
    yield
    with table.batch_writer() as batch:
        for copy in copies:
            batch.delete_item(Key={"payment_id": copy["payment_id"]})


@pytest.mark.usefixtures("_busy_month")
@pytest.mark.parametrize(("phone", "scheme"), [(False, "light"), (False, "dark"), (True, "light")])
def test_the_overview_counts_days_as_they_are_in_tokyo(
    browser: Browser,
    world: World,
    merchant: StaffMember,
    phone: bool,
    scheme: Literal["light", "dark"],
) -> None:
    page = tab(browser, phone=phone, scheme=scheme, zone="Asia/Tokyo")
    assert world.stack.web_url
    colleague = Colleague(page, world.stack.web_url)
    colleague.log_in_as(merchant)

    colleague.go("/merchant", "Overview")

    yen = page.get_by_role("figure", name="Japanese Yen")
    expect(yen).to_be_visible()
    expect(page.get_by_text("in the time of Asia/Tokyo")).to_be_visible()
    yen.get_by_text("Day by day").click()
    rows = yen.get_by_role("row")
    expect(rows).to_have_count(31)
    yesterday = datetime.now(TOKYO) - timedelta(days=1)
    expect(rows.nth(2)).to_contain_text(f"{yesterday.day} {yesterday:%b}")
    if yesterday.weekday() != 6:
        expect(rows.nth(2)).to_contain_text("JP¥8,800")
    yen.get_by_text("Day by day").click()
    expect(page.get_by_role("figure", name="Euro")).to_be_visible()
    expect(colleague.section("Waiting for capture")).to_contain_text("Capture before")
    expect(colleague.section("Disputes")).to_contain_text("Answer before")
    expect(colleague.section("Declines")).to_contain_text("%")
    size = "phone" if phone else "desk"
    colleague.is_accessible(
        f"console-overview-{size}-light" if scheme == "light" else None, whole=True
    )
    if phone:
        for path, heading in (("payments", "Payments"), ("orders", "Orders")):
            colleague.go(f"/merchant/{path}", heading)
            colleague.is_accessible()
    page.context.close()
