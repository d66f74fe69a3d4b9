"""The app in a real browser, on the deployed stack: the real build, as people use it."""

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from local import confirmation_code
from tests.e2e.conftest import PASSWORD, Person, World
from tests.e2e.shopper import COFFEE, Shopper
from tests.support.browser import chromium
from tests.support.simulator_client import Simulator

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"
ALWAYS_3DS = "4000002760003184"


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
def newcomer(page: Page, world: World) -> Shopper:
    """Someone who has never been here."""
    assert world.stack.web_url
    return Shopper(page, world.stack.web_url)


@pytest.fixture
def grace(world: World) -> Person:
    """A person with an account."""
    return world.person()


@pytest.fixture
def shopper(newcomer: Shopper, grace: Person) -> Shopper:
    """That person, logged in."""
    newcomer.log_in(grace)
    return newcomer


def charges(stripe: Simulator, person: Person) -> list[int]:
    """What the person was charged, in minor units."""
    customers = stripe.listed(SECRET_KEY, "/v1/customers", email=person.email)
    return [
        charge["amount"]
        for customer in customers
        for charge in stripe.listed(SECRET_KEY, "/v1/charges", customer=customer["id"])
        if charge["status"] == "succeeded"
    ]


def happenings(page: Page) -> Locator:
    """The lines of the payment's timeline."""
    return page.get_by_role("region", name="What happened").get_by_role("listitem")


def test_from_registration_to_receipt(
    newcomer: Shopper, world: World, stripe: Simulator, page: Page
) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    newcomer.go("/", "Shop")
    newcomer.press("Register", role="link")
    newcomer.fill(name="Grace Hopper", email=email, phone="+1 202 555 0123", birthdate="1986-12-09")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Gender").select_option("female")
    newcomer.press("Register")

    newcomer.sees_heading("Confirm your email address")
    newcomer.fill(code=confirmation_code(world.stack, email))
    newcomer.press("Confirm")

    # The password is at hand: nobody is asked for it again.
    newcomer.sees_heading("Shop")

    newcomer.check_out()
    newcomer.press("Add a card")
    newcomer.add_card(VISA)
    newcomer.sees_heading("Checkout")
    newcomer.enter_cvc()
    newcomer.pay_button.click()

    payment_id = newcomer.sees_receipt()
    newcomer.press("Your purchases", role="link")
    newcomer.sees_heading("Your purchases")
    newcomer.press(COFFEE, role="link")
    expect(page).to_have_url(re.compile(payment_id))
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers", email=email)
    (charge,) = stripe.listed(SECRET_KEY, "/v1/charges", customer=customer["id"])
    (intent,) = stripe.listed(SECRET_KEY, "/v1/payment_intents", customer=customer["id"])
    assert intent["metadata"]["payment_id"] == payment_id
    assert charge["payment_intent"] == intent["id"]
    assert charge["status"] == "succeeded"


def test_a_challenge_is_completed(shopper: Shopper, grace: Person, stripe: Simulator) -> None:
    grace.api.attached(stripe.payment_method(ALWAYS_3DS))
    shopper.check_out()
    shopper.enter_cvc()
    shopper.pay_button.click()

    shopper.answer_bank("Complete")

    shopper.sees_receipt()
    assert len(charges(stripe, grace)) == 1


@pytest.mark.parametrize("answer", ["Fail", "Close"])
def test_a_challenge_fails_and_another_card_pays(
    shopper: Shopper, grace: Person, stripe: Simulator, answer: str
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    grace.api.attached(stripe.payment_method(ALWAYS_3DS))
    shopper.check_out()
    shopper.choose_card("3184")
    shopper.enter_cvc()
    shopper.pay_button.click()
    shopper.answer_bank(answer)
    shopper.sees_refusal("check was not completed")

    shopper.choose_card("4242")
    shopper.enter_cvc()
    shopper.pay_button.click()

    shopper.sees_receipt()
    assert len(charges(stripe, grace)) == 1


def test_a_wrong_code_then_the_right_one(
    shopper: Shopper, grace: Person, stripe: Simulator
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.check_out()
    shopper.enter_cvc("999")
    shopper.pay_button.click()
    shopper.sees_refusal("security code")

    shopper.enter_cvc("123")
    shopper.pay_button.click()

    shopper.sees_receipt()
    assert len(charges(stripe, grace)) == 1


def test_a_double_click_pays_once(shopper: Shopper, grace: Person, stripe: Simulator) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.check_out()
    shopper.enter_cvc()

    shopper.pay_button.dblclick()

    shopper.sees_receipt()
    assert len(charges(stripe, grace)) == 1


def test_two_tabs_with_the_same_order_make_one_charge_and_the_second_one_is_told(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(ALWAYS_3DS))
    second = Shopper(page.context.new_page(), shopper.web_url)
    for each in (shopper, second):
        each.page.bring_to_front()  # a browser paints no frames of a tab behind another
        each.check_out()
        expect(each.pay_button).to_be_visible()
        each.enter_cvc()
    page.bring_to_front()
    shopper.pay_button.click()
    expect(page.get_by_role("dialog", name="Confirm with your bank")).to_be_visible()
    second.page.bring_to_front()
    second.pay_button.click()
    expect(second.page.get_by_text("You are paying for this in another tab")).to_be_visible()

    page.bring_to_front()
    shopper.answer_bank("Complete")

    shopper.sees_receipt()
    expect(second.page.get_by_text(re.compile("You have already (paid|bought)"))).to_be_visible()
    assert len(charges(stripe, grace)) == 1

    # The same again, on purpose, also after the browser was closed: nothing is kept in the tab.
    page.evaluate("sessionStorage.clear()")
    shopper.check_out()
    expect(page.get_by_text("You have already bought this")).to_be_visible()
    expect(shopper.pay_button).to_have_count(0)
    shopper.press("Buy it again")
    shopper.enter_cvc()
    shopper.pay_button.click()
    shopper.answer_bank("Complete")
    shopper.sees_receipt()
    assert len(charges(stripe, grace)) == 2

    shopper.press("Log out")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    kept = page.evaluate("Object.keys(localStorage).filter(key => key.includes('attempt'))")
    assert kept == []


def test_a_screen_that_cannot_be_loaded_leaves_the_layout_and_comes_back_by_itself(
    shopper: Shopper, page: Page
) -> None:
    page.context.set_offline(True)
    shopper.press("Cards", role="link")
    shopper.sees_refusal("We could not load this page")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    alert = page.get_by_role("alert").bounding_box()
    assert alert
    assert alert["height"] < 300  # as high as its text, not as the window

    page.context.set_offline(False)

    shopper.sees_heading("Your cards")


def test_a_new_release_that_removed_a_screen_reloads_once(shopper: Shopper, page: Page) -> None:
    page.route("**/assets/CardsPage-*.js", lambda route: route.fulfill(status=404))
    with page.expect_event("load"):
        shopper.press("Cards", role="link")
    shopper.sees_refusal("We could not load this page")
    page.unroute("**/assets/CardsPage-*.js")

    shopper.press("Try again")
    shopper.sees_heading("Your cards")


def test_a_reload_in_mid_payment_goes_on_with_the_same_payment(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(ALWAYS_3DS))
    shopper.check_out()
    shopper.enter_cvc()
    shopper.pay_button.click()
    expect(page.get_by_role("dialog", name="Confirm with your bank")).to_be_visible()

    page.reload()
    expect(page.get_by_text("You have an unfinished payment for this order")).to_be_visible()
    shopper.pay_button.click()
    shopper.answer_bank("Complete")

    shopper.sees_receipt()
    assert len(charges(stripe, grace)) == 1
    assert len(grace.api.history().body["data"]) == 1


def test_the_network_is_cut_while_the_bank_answers(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.check_out()
    shopper.enter_cvc()
    lost: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)  # the server did it, but nobody learns of it
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/confirm", lose_the_first_answer)
    shopper.pay_button.click()

    shopper.sees_receipt()
    assert lost == [200]
    assert len(charges(stripe, grace)) == 1


def test_a_session_that_ended_leads_to_the_log_in_and_back(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.check_out()
    page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('Cognito'))"
        ".forEach((key) => localStorage.removeItem(key))"
    )
    shopper.enter_cvc()
    shopper.pay_button.click()

    shopper.sees_heading("Log in")
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    shopper.fill(password=PASSWORD)
    shopper.press("Log in")

    shopper.sees_heading("Checkout")
    shopper.enter_cvc()
    shopper.pay_button.click()
    shopper.sees_receipt()
    assert len(charges(stripe, grace)) == 1


def test_a_price_that_changed_is_asked_about(
    shopper: Shopper, grace: Person, stripe: Simulator, world: World, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.check_out()
    shopper.enter_cvc()
    with world.changed_price("coffee-beans", "gbp", 1234):
        shopper.pay_button.click()
        expect(page.get_by_text("£12.34").first).to_be_visible()
        assert charges(stripe, grace) == []

    page.get_by_role("button", name=re.compile("£12.34")).first.click()

    shopper.sees_receipt()
    assert charges(stripe, grace) == [1234]


def test_a_payment_left_half_way_is_resumed_from_the_history(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    card = grace.api.attached(stripe.payment_method(VISA))
    grace.api.create(product_id="coffee-beans", currency="jpy", payment_method_id=card)
    shopper.go("/payments", "Your purchases")
    expect(page.get_by_text(re.compile("1,800"))).to_be_visible()

    shopper.press("Continue to payment", role="link")
    shopper.enter_cvc()
    shopper.pay_button.click()

    shopper.sees_receipt()
    assert charges(stripe, grace) == [1800]


def test_a_refund_shows_on_the_payments_page(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    card = grace.api.attached(stripe.payment_method(VISA))
    order = {"product_id": "coffee-beans", "currency": "gbp", "payment_method_id": card}
    payment = grace.api.create(**order).body
    grace.api.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    shopper.go(f"/payments/{payment['payment_id']}", "Payment")
    expect(page.get_by_text("Paid", exact=True)).to_be_visible()
    expect(happenings(page)).to_contain_text(["You placed the order.", "You paid £9.49."])

    intent = payment["payment_intent_id"]
    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent, amount="400")
    page.reload()

    expect(page.get_by_text("Partly refunded", exact=True)).to_be_visible()
    expect(page.get_by_text("£4.00", exact=True)).to_be_visible()
    expect(happenings(page).last).to_contain_text("You were refunded £4.00 of £9.49.")

    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent)
    page.reload()

    # As the status; the amount beside it has the same word as its label.
    expect(page.get_by_role("definition").get_by_text("Refunded", exact=True)).to_be_visible()
    expect(happenings(page)).to_have_count(4)
    expect(happenings(page).last).to_contain_text("You were refunded the full £9.49.")
    shopper.press("All your purchases", role="link")
    shopper.sees_heading("Your purchases")
    expect(page.get_by_text("Refunded", exact=True)).to_be_visible()
    expect(page.get_by_text("£9.49 refunded")).to_be_visible()


def test_a_forgotten_password_takes_the_address_along_and_another_code(
    newcomer: Shopper, grace: Person, page: Page
) -> None:
    newcomer.go("/login", "Log in")
    newcomer.fill(email=grace.email)
    newcomer.press("Forgotten your password?", role="link")
    newcomer.sees_heading("Forgotten password")
    expect(page.get_by_label("Email address")).to_have_value(grace.email)
    newcomer.press("Send code")
    newcomer.sees_heading("Choose a new password")
    newcomer.press("Send another code")
    expect(page.get_by_text("we have sent another code")).to_be_visible()

    newcomer.press("Use another email address", role="link")
    newcomer.sees_heading("Forgotten password")
    newcomer.press("Back to log in", role="link")
    newcomer.sees_heading("Log in")
    expect(page.get_by_label("Email address")).to_have_value(grace.email)


def test_another_quantity_keeps_the_code_that_was_typed(
    shopper: Shopper, grace: Person, stripe: Simulator, page: Page
) -> None:
    grace.api.attached(stripe.payment_method(VISA))
    shopper.check_out()
    shopper.enter_cvc()
    page.get_by_label("Quantity").select_option("2")
    expect(shopper.pay_button).to_contain_text("18.98")

    shopper.pay_button.click()

    shopper.sees_receipt()
    assert charges(stripe, grace) == [1898]


def test_logging_out_everywhere_ends_the_session_in_every_browser(
    shopper: Shopper, page: Page, browser: Browser, grace: Person, world: World
) -> None:
    context = browser.new_context(locale="en-GB")
    elsewhere = Shopper(context.new_page(), world.stack.web_url)
    elsewhere.log_in(grace)

    shopper.press(re.compile("Your account"), role="link")
    shopper.sees_heading("Your account")
    shopper.press("Log out everywhere")

    shopper.sees_heading("Shop")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    elsewhere.check_out()  # looking is allowed until the token ends
    elsewhere.go("/cards/new", "Add a card")
    elsewhere.add_card(VISA)
    elsewhere.sees_heading("Log in")
    context.close()


def test_the_session_survives_a_reload_and_ends_with_the_log_out(
    shopper: Shopper, page: Page
) -> None:
    page.reload()
    shopper.go("/cards", "Your cards")

    shopper.press("Log out")

    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    shopper.go("/cards", "Log in")
