"""The account in a real browser, by keyboard alone: details, email, password, data, deletion."""

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, Page, expect

from local import confirmation_code
from local.mailbox import emailed_codes
from tests.e2e.conftest import PASSWORD, Person, World, eventually
from tests.e2e.shopper import Shopper
from tests.support.accessibility import serious_violations
from tests.support.browser import chromium
from tests.support.simulator_client import Simulator

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"
NEW_PASSWORD = "Analytical-Engine-1843"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def grace(world: World) -> Person:
    """A person with an account."""
    return world.person()


@pytest.fixture
def shopper(page: Page, grace: Person, world: World) -> Shopper:
    """That person, logged in."""
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    shopper.log_in(grace)
    return shopper


def announced(page: Page, text: str | re.Pattern[str]) -> None:
    """A live region says it, and the page is accessible."""
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()
    assert serious_violations(page) == []


def customer(stripe: Simulator, email: str) -> dict[str, object]:
    """The person's Customer at Stripe."""
    (found,) = stripe.listed(SECRET_KEY, "/v1/customers", email=email)
    return dict(found)


def press(shopper: Shopper, name: str) -> None:
    """Reach a button by keyboard, and press it."""
    shopper.tab_to(shopper.page.get_by_role("button", name=name, exact=True))
    shopper.page.keyboard.press("Enter")


def test_name_and_phone_change_here_and_at_stripe(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    shopper.go("/account", "Your account")
    shopper.type_into("Name", " ")
    press(shopper, "Save")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.get_by_text("Enter your name.")).to_be_visible()

    shopper.type_into("Name", "Grace Hopper")
    shopper.type_into("Phone (optional)", "+1 202 555-0123")
    press(shopper, "Save")

    announced(page, "Your name and phone have been saved.")
    expect(page.get_by_role("banner").get_by_text("Grace Hopper")).to_be_visible()
    account = grace.api.send("GET", "/account").body
    assert (account["name"], account["phone"]) == ("Grace Hopper", "+12025550123")
    at_stripe = customer(stripe, grace.email)
    assert (at_stripe["name"], at_stripe["phone"]) == ("Grace Hopper", None)  # no need to know


def test_a_new_address_counts_once_its_code_was_entered(
    shopper: Shopper, grace: Person, world: World, stripe: Simulator, page: Page
) -> None:
    new = f"{secrets.token_hex(6)}@example.com"
    shopper.go("/account", "Your account")
    shopper.type_into("New email address", new)
    press(shopper, "Change email address")
    announced(page, f"We sent a code to {new}")
    expect(page.get_by_label("Code from the email")).to_be_focused()
    first = confirmation_code(world.stack, new)
    page.reload()  # the step survives it

    press(shopper, "Send another code")
    announced(page, f"We sent another code to {new}")
    shopper.type_into("Code from the email", first)
    page.keyboard.press("Enter")
    refused = page.get_by_role("alert").filter(has_text="This is not the code we sent you")
    expect(refused).to_be_focused()
    assert customer(stripe, grace.email)["email"] == grace.email

    sent = [mail.code for mail in emailed_codes(world.stack.aws_endpoint_url) if mail.email == new]
    shopper.type_into("Code from the email", sent[-1])
    page.keyboard.press("Enter")

    announced(page, f"Your email address is now {new}.")
    expect(page.get_by_role("heading", name="Email address")).to_be_focused()
    eventually(lambda: stripe.listed(SECRET_KEY, "/v1/customers", email=new) != [])
    assert stripe.listed(SECRET_KEY, "/v1/customers", email=grace.email) == []
    press(shopper, "Log out")
    shopper.log_in_with(new, PASSWORD, then="Shop")


def test_whoever_changes_their_mind_keeps_the_address(
    shopper: Shopper, grace: Person, page: Page
) -> None:
    shopper.go("/account", "Your account")
    shopper.type_into("New email address", f"{secrets.token_hex(6)}@example.com")
    press(shopper, "Change email address")
    press(shopper, "Keep the present address")
    announced(page, f"Your email address is still {grace.email}.")
    expect(page.get_by_label("New email address")).to_be_visible()


def test_the_password_changes_for_whoever_knows_the_present_one(
    shopper: Shopper, grace: Person, world: World, page: Page
) -> None:
    shopper.go("/account", "Your account")
    shopper.type_into("Current password", "Not-The-Password-1")
    shopper.type_into("New password", NEW_PASSWORD)
    press(shopper, "Change password")
    expect(page.get_by_text("This is not your current password.")).to_be_visible()
    expect(page.get_by_label("Current password")).to_be_focused()

    shopper.type_into("Current password", PASSWORD)
    press(shopper, "Change password")

    announced(page, "Your password has been changed.")
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        world.log_in(grace.email)
    press(shopper, "Log out")
    shopper.log_in_with(grace.email, NEW_PASSWORD, then="Shop")


def test_everything_that_is_kept_can_be_downloaded(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    card = grace.api.attached(stripe.payment_method(VISA))
    payment = grace.api.create(product_id="coffee-beans", payment_method_id=card).body
    shopper.go("/account", "Your account")

    with page.expect_download() as download:
        press(shopper, "Download my data")

    announced(page, "Your data is in till-my-data.json.")
    text = Path(download.value.path()).read_text()
    data = json.loads(text)
    assert data["account"]["email"] == grace.email
    assert [each["payment_method_id"] for each in data["payment_methods"]] == [card]
    assert [each["payment_id"] for each in data["payments"]] == [payment["payment_id"]]
    assert "client_secret" not in text


def test_an_account_is_deleted_after_a_word_was_typed(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    card = grace.api.attached(stripe.payment_method(VISA))
    payment_id = grace.api.create(product_id="coffee-beans", payment_method_id=card).body[
        "payment_id"
    ]
    shopper.go("/account", "Your account")
    press(shopper, "Delete my account")
    expect(page.get_by_label("Type “delete” to confirm")).to_be_focused()
    expect(page.get_by_text("Type the word “delete”.")).to_be_visible()

    shopper.type_into("Type “delete” to confirm", "delete")
    page.keyboard.press("Enter")

    shopper.sees_heading("You have deleted your account")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    announced(page, re.compile("Your account will be erased after .+"))
    announced(page, f"Payment {payment_id} is not finished.")
    expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()

    # A new login shows the same on the account page, and nothing else opens.
    shopper.log_in_with(grace.email, PASSWORD, then="Your account is being deleted")
    for path in ("/", "/cards", "/payments", f"/payments/{payment_id}"):
        shopper.go(path, "Your account is being deleted")
        assert serious_violations(page) == []
    shopper.tab_to(page.get_by_role("main").get_by_role("link", name="Your account"))
    page.keyboard.press("Enter")
    shopper.sees_heading("Your account")
    announced(page, f"Payment {payment_id} is not finished.")
    with page.expect_download():
        press(shopper, "Download my data")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_another_device_learns_that_the_account_is_being_deleted(
    shopper: Shopper, grace: Person
) -> None:
    assert grace.api.send("DELETE", "/account").status == 202
    shopper.go("/cards", "Your account is being deleted")
