"""Cards in a real browser: saved with consent, preferred, edited, replaced, removed, and undone."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Person, World, eventually
from tests.e2e.shopper import Shopper
from tests.support.accessibility import serious_violations
from tests.support.browser import chromium
from tests.support.simulator_client import Simulator
from tests.support.stripe_elements import CardFields

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"
MASTERCARD = "5555555555554444"
CHALLENGED_AT_SAVING = "4000002500003155"
ALWAYS_3DS = "4000002760003184"
DECLINED = "4000000000000002"
SCREENSHOTS = os.environ.get("TILL_SCREENSHOTS")
ALONE = "Save this card for the payments that I make myself."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        locale="en-GB", viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
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


def picture(page: Page, name: str) -> None:
    """Take a picture for the docs, if they are being made."""
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


def announced(page: Page, text: str) -> None:
    """A live region says it, and the page is accessible."""
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()
    assert serious_violations(page) == []


def press(shopper: Shopper, name: str | re.Pattern[str], role: Any = "button") -> None:
    """Reach a button or a link by keyboard, and press it."""
    shopper.tab_to(shopper.page.get_by_role(role, name=name, exact=True))
    shopper.page.keyboard.press("Enter")


def saved(person: Person) -> dict[str, dict[str, Any]]:
    """The person's cards by their last four digits."""
    return {card["last4"]: card for card in person.api.cards().body["data"]}


def at_stripe(stripe: Simulator, person: Person) -> list[dict[str, Any]]:
    """The cards of the person's Customer at Stripe."""
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers", email=person.email)
    return stripe.listed(SECRET_KEY, f"/v1/customers/{customer['id']}/payment_methods")


def shown(page: Page, last4: str) -> Locator:
    """A card on the page of cards."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=last4)


def test_a_card_is_saved_with_what_the_person_agreed_to(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    shopper.go("/cards", "Your cards")
    press(shopper, "Add a card", "link")
    shopper.sees_heading("Add a card")
    consent = page.get_by_role("checkbox", name="let the shop charge it when I am not here")
    expect(consent).not_to_be_checked()
    expect(page.get_by_text(ALONE)).to_be_visible()
    shopper.tab_to(consent)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Cancel").scroll_into_view_if_needed()
    picture(page, "cards-consent-desk-light")
    wording = consent.evaluate("box => box.labels[0].innerText").strip()
    assert serious_violations(page) == []
    shopper.add_card(CHALLENGED_AT_SAVING)
    shopper.answer_bank("Complete")

    shopper.sees_heading("Your cards")
    announced(page, "Visa ending in 3155 is saved.")
    expect(page.get_by_text("The shop may charge it when you are not here.")).to_be_visible()
    (card,) = at_stripe(stripe, grace)
    assert card["metadata"]["consent_usage"] == "off_session"
    assert card["metadata"]["consent_text"] == wording
    assert saved(grace)["3155"]["usable_off_session"]
    page.reload()
    shopper.sees_heading("Your cards")
    expect(page.get_by_text("is saved.")).to_have_count(0)


def test_nobody_agrees_to_more_by_default(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    shopper.go("/cards/new", "Add a card")
    shopper.add_card(VISA)
    shopper.sees_heading("Your cards")
    (card,) = at_stripe(stripe, grace)
    assert card["metadata"]["consent_usage"] == "on_session"
    assert card["metadata"]["consent_text"] == ALONE
    assert not saved(grace)["4242"]["usable_off_session"]
    expect(page.get_by_text("when you are not here")).to_have_count(0)


def test_a_challenge_fails_a_card_is_declined_and_another_one_is_saved(
    shopper: Shopper, grace: Person, page: Page
) -> None:
    shopper.go("/cards/new", "Add a card")
    shopper.add_card(CHALLENGED_AT_SAVING)
    shopper.answer_bank("Fail")
    expect(page.get_by_text("Your bank could not confirm that it was you.")).to_be_visible()
    CardFields(page).fill(DECLINED)
    shopper.press("Save card")
    expect(page.get_by_text("declined")).to_be_visible()
    assert saved(grace) == {}

    CardFields(page).fill(MASTERCARD)
    shopper.press("Save card")

    shopper.sees_heading("Your cards")
    assert list(saved(grace)) == ["4444"]


def test_a_removal_is_undone_and_another_one_is_not(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    for number in (VISA, MASTERCARD):
        grace.api.attached(stripe.payment_method(number))
    shopper.go("/cards", "Your cards")
    press(shopper, "Remove: Visa ending in 4242")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(undo).to_have_accessible_description(re.compile("Visa ending in 4242 is removed in"))
    assert serious_violations(page) == []
    picture(page, "cards-undo-desk-light")
    page.keyboard.press("Enter")
    announced(page, "Visa ending in 4242 stays.")
    expect(shown(page, "4242").get_by_role("button", name="Edit")).to_be_visible()

    press(shopper, "Remove: Mastercard ending in 4444")
    expect(undo).to_be_focused()
    announced(page, "Mastercard ending in 4444 is removed.")
    expect(page.get_by_role("status").filter(has_text="removed")).to_be_focused()
    expect(shown(page, "4444")).to_have_count(0)

    eventually(lambda: list(saved(grace)) == ["4242"])
    assert [card["card"]["last4"] for card in at_stripe(stripe, grace)] == ["4242"]


@pytest.mark.parametrize("leaving", ["another screen", "another site", "a closed tab", "a log-out"])
def test_a_card_is_removed_when_the_page_is_left(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page, leaving: str
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.go("/cards", "Your cards")
    shopper.press("Remove: Visa ending in 4242")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    match leaving:
        case "another screen":
            shopper.press("Purchases", role="link")
        case "another site":
            page.goto("about:blank")
        case "a closed tab":
            page.close(run_before_unload=True)
        case "a log-out":
            shopper.press("Log out")
    eventually(lambda: saved(grace) == {})


def test_a_card_that_a_payment_needs_stays_and_the_payment_is_named(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    card = grace.api.attached(stripe.payment_method(ALWAYS_3DS))
    payment = grace.api.create(product_id="coffee-beans", currency="gbp", payment_method_id=card)
    payment_id = payment.body["payment_id"]
    grace.api.confirm(payment_id, cvc_token=stripe.cvc_token())
    shopper.go("/cards", "Your cards")
    shopper.press("Remove: Visa ending in 3184")
    alert = page.get_by_role("alert").filter(has_text="This card is needed for a payment")
    expect(alert).to_be_focused()
    assert serious_violations(page) == []
    expect(shown(page, "3184")).to_be_visible()

    press(shopper, "See the payment", "link")

    shopper.sees_heading("Payment")
    assert payment_id in page.url
    assert list(saved(grace)) == ["3184"]


def test_the_default_card_is_marked_and_chosen_in_the_checkout(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    for number in (VISA, MASTERCARD):
        grace.api.attached(stripe.payment_method(number))
    shopper.go("/cards", "Your cards")
    press(shopper, "Make default: Visa ending in 4242")
    announced(page, "Visa ending in 4242 is your default card now.")
    expect(page.get_by_role("status").filter(has_text="default")).to_be_focused()
    expect(shown(page, "4242").get_by_text("Default", exact=True)).to_be_visible()
    expect(shown(page, "4444").get_by_text("Default", exact=True)).to_have_count(0)
    assert saved(grace)["4242"]["default"]

    shopper.check_out()
    expect(page.get_by_role("radio", name=re.compile("4242.*Default"))).to_be_checked()


def test_a_card_is_edited_by_keyboard(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.go("/cards", "Your cards")
    edit = page.get_by_role("button", name="Edit: Visa ending in 4242")
    dialog = page.get_by_role("dialog", name="Edit your Visa ending in 4242")
    press(shopper, "Edit: Visa ending in 4242")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(edit).to_be_focused()

    page.keyboard.press("Enter")
    shopper.type_into("Name on card", " ")
    press(shopper, "Save changes")
    expect(page.get_by_label("Name on card")).to_be_focused()
    expect(page.get_by_text("Enter the name on the card.")).to_be_visible()
    assert serious_violations(page) == []
    shopper.type_into("Name on card", "Grace Hopper")
    shopper.tab_to(page.get_by_label("Expiry year"))
    page.keyboard.type("2039")
    shopper.type_into("Town or city", "New York")
    picture(page, "cards-edit-desk-light")
    press(shopper, "Save changes")

    announced(page, "Your changes to Visa ending in 4242 are saved.")
    expect(edit).to_be_focused()
    expect(shown(page, "4242").get_by_text("Grace Hopper")).to_be_visible()
    card = saved(grace)["4242"]
    assert card["exp_year"] == 2039
    assert card["billing_details"]["name"] == "Grace Hopper"
    assert card["billing_details"]["address"]["city"] == "New York"


def test_an_expired_card_is_replaced(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    expired = grace.api.attached(stripe.payment_method(VISA))
    shopper.go("/cards", "Your cards")
    shopper.press("Make default: Visa ending in 4242")
    announced(page, "default")
    stripe.let_expire(expired)
    page.reload()
    expect(shown(page, "4242").get_by_text("Expired")).to_be_visible()
    press(shopper, "Replace: Visa ending in 4242", "link")
    shopper.sees_heading("Replace a card")
    expect(page.get_by_text("The new card takes the place of your Visa")).to_be_visible()
    assert serious_violations(page) == []
    shopper.add_card(MASTERCARD)

    shopper.sees_heading("Your cards")
    announced(page, "Mastercard ending in 4444 is saved.")
    cards = saved(grace)
    assert list(cards) == ["4444"]
    assert cards["4444"]["default"]


def test_a_replaced_card_may_have_the_same_number(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    expired = grace.api.attached(stripe.payment_method(VISA))
    stripe.let_expire(expired)
    shopper.go("/cards", "Your cards")
    shopper.press("Replace: Visa ending in 4242", role="link")
    shopper.sees_heading("Replace a card")
    shopper.add_card(VISA)

    shopper.sees_heading("Your cards")
    announced(page, "Visa ending in 4242 is saved.")
    assert not saved(grace)["4242"]["expired"]
    assert len(at_stripe(stripe, grace)) == 1


def test_a_card_is_added_without_leaving_the_checkout(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(MASTERCARD))
    shopper.check_out()
    address = page.url.partition("?")[0]
    press(shopper, "Add a card")
    expect(page.get_by_role("heading", name="Add a card")).to_be_focused()
    press(shopper, "Cancel")
    expect(page.get_by_role("radio", name=re.compile("4444"))).to_be_focused()

    press(shopper, "Add a card")
    expect(page.get_by_role("checkbox")).to_be_visible()
    assert serious_violations(page) == []
    picture(page, "checkout-add-card-desk-light")
    shopper.add_card(VISA)

    card = page.get_by_role("radio", name=re.compile("4242"))
    expect(card).to_be_checked()
    expect(card).to_be_focused()
    assert page.url.partition("?")[0] == address
    shopper.enter_cvc()
    shopper.pay_button.click()
    payment_id = shopper.sees_receipt()
    payment = grace.api.payment(payment_id).body
    assert payment["payment_method_id"] == saved(grace)["4242"]["payment_method_id"]


def test_a_payment_whose_card_is_gone_is_paid_with_another_one(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    card = grace.api.attached(stripe.payment_method(VISA))
    payment = grace.api.create(product_id="coffee-beans", currency="jpy", payment_method_id=card)
    payment_id = payment.body["payment_id"]
    assert grace.api.delete_card(card).status == 204
    shopper.go(f"/payments/{payment_id}/pay", "Complete your payment")
    expect(page.get_by_text("The card of this payment is no longer saved")).to_be_visible()
    assert serious_violations(page) == []

    shopper.press("Add a card")
    shopper.add_card(MASTERCARD)
    shopper.enter_cvc()
    shopper.pay_button.click()

    assert shopper.sees_receipt() == payment_id
    paid = grace.api.payment(payment_id).body
    assert paid["status"] == "succeeded"
    assert paid["payment_method_id"] == saved(grace)["4444"]["payment_method_id"]


def test_a_phone_in_the_dark_shows_all_of_it(
    browser: Browser, grace: Person, stripe: Simulator, world: World
) -> None:
    expired = grace.api.attached(stripe.payment_method(VISA))
    stripe.let_expire(expired)
    grace.api.attached(stripe.payment_method(MASTERCARD))
    context = browser.new_context(
        locale="en-GB",
        viewport={"width": 360, "height": 740},
        color_scheme="dark",
        reduced_motion="reduce",
    )
    page = context.new_page()
    shopper = Shopper(page, world.stack.web_url)
    shopper.log_in(grace)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

    def fits(name: str) -> None:
        assert serious_violations(page) == [], name
        assert page.evaluate(overflow) == 0, name

    shopper.go("/cards", "Your cards")
    expect(shown(page, "4444")).to_be_visible()
    fits("list")
    picture(page, "cards-phone-dark")
    shopper.press("Edit: Mastercard ending in 4444")
    expect(page.get_by_role("dialog")).to_be_visible()
    fits("edit")
    page.keyboard.press("Escape")
    shopper.press("Remove: Mastercard ending in 4444")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    fits("undo")
    context.close()
