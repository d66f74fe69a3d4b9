import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.simulator.stripe_js.conftest import Json, Shop
from tests.support.accessibility import serious_violations
from tests.support.stripe_elements import EXPIRY_FRAME, NUMBER_FRAME, cvc_field, frame

THIS_YEAR = datetime.now(UTC).year % 100


def _number_field(shop: Shop) -> Locator:
    return frame(shop.page, NUMBER_FRAME).get_by_label("Credit or debit card number")


def _expiry_field(shop: Shop) -> Locator:
    return frame(shop.page, EXPIRY_FRAME).get_by_label("expiration date")


def test_its_inputs_help_to_fill_them_in(shop: Shop) -> None:
    shop.mount()
    card = shop.card

    for field, name, autocomplete, input_mode in (
        (card.number, "cardnumber", "cc-number", "numeric"),
        (card.expiry, "exp-date", "cc-exp", "numeric"),
        (card.cvc, "cvc", "cc-csc", "numeric"),
        (card.postal_code, "postal", "billing postal-code", "text"),
    ):
        expect(field).to_have_attribute("name", name)
        expect(field).to_have_attribute("autocomplete", autocomplete)
        expect(field).to_have_attribute("inputmode", input_mode)
        expect(field).to_have_attribute("aria-invalid", "false")


def test_a_number_is_grouped_as_on_the_card(shop: Shop) -> None:
    shop.mount("cardNumber")

    for typed, shown, brand in (
        ("4242424242424242", "4242 4242 4242 4242", "visa"),
        ("4242-4242 4242x4242 999", "4242 4242 4242 4242", "visa"),
        ("42424", "4242 4", "visa"),
        ("5555555555554444", "5555 5555 5555 4444", "mastercard"),
        ("2223003122003222", "2223 0031 2200 3222", "mastercard"),
        ("378282246310005", "3782 822463 10005", "amex"),
        ("6011111111111117", "6011 1111 1111 1117", "discover"),
        ("36227206271667", "3622 720627 1667", "diners"),
        ("3056930009020004", "3056 9300 0902 0004", "diners"),
        ("3566002020360505", "3566 0020 2036 0505", "jcb"),
        ("6205500000000000004", "6205 5000 0000 0000 004", "unionpay"),
        ("9", "9", "unknown"),
    ):
        _number_field(shop).press_sequentially(typed)
        expect(_number_field(shop)).to_have_value(shown)
        shop.wait_for_change("cardNumber", brand=brand, complete=len(typed) > len("42424"))
        _number_field(shop).clear()


def test_an_expiry_is_written_as_on_the_card(shop: Shop) -> None:
    shop.mount("cardExpiry")

    for typed, shown in (
        ("1", "1"),
        ("5", "05 / "),
        ("12", "12 / "),
        ("13", "01 / 3"),
        ("1240", "12 / 40"),
        ("540", "05 / 40"),
        ("1/40", "01 / 40"),
        ("12 / 40", "12 / 40"),
    ):
        _expiry_field(shop).clear()
        _expiry_field(shop).press_sequentially(typed)
        expect(_expiry_field(shop)).to_have_value(shown)


def test_an_expiry_can_be_filled_in_at_once(shop: Shop) -> None:
    shop.mount("cardExpiry")

    _expiry_field(shop).fill("4/2041")

    expect(_expiry_field(shop)).to_have_value("04 / 41")


def test_deleting_goes_back_over_what_was_put_in_between(shop: Shop) -> None:
    shop.mount("cardExpiry")
    _expiry_field(shop).press_sequentially("123")

    for shown in ("12", "1", ""):
        _expiry_field(shop).press("Backspace")
        expect(_expiry_field(shop)).to_have_value(shown)


def test_a_digit_can_be_put_right_in_the_middle(shop: Shop) -> None:
    shop.mount("cardNumber")
    field = _number_field(shop)
    field.press_sequentially("424242424242424")

    field.press("Home")
    for _ in range(6):
        field.press("ArrowRight")
    field.press_sequentially("9")

    expect(field).to_have_value("4242 4924 2424 2424")
    assert field.evaluate("input => input.selectionStart") == 7


def test_a_whole_card_is_typed_without_leaving_the_keys(shop: Shop) -> None:
    shop.mount()
    shop.card.number.focus()

    shop.page.keyboard.type("4242424242424242")
    shop.page.keyboard.type("1240")
    shop.page.keyboard.type("123")
    shop.page.keyboard.type("10115")

    expect(shop.card.expiry).to_have_value("12 / 40")
    expect(shop.card.cvc).to_have_value("123")
    expect(shop.card.postal_code).to_have_value("10115")
    shop.wait_for_change(
        empty=False, complete=True, error=None, brand="visa", value={"postalCode": "10115"}
    )


def test_backspace_in_an_empty_field_leads_to_the_one_before(shop: Shop) -> None:
    shop.mount()
    shop.card.expiry.press("Backspace")

    expect(shop.card.number).to_be_focused()


@pytest.mark.parametrize(
    ("number", "code"),
    [("4242424242424241", "invalid_number"), ("378282246310006", "invalid_number")],
)
def test_a_wrong_number_is_reported_at_once(shop: Shop, number: str, code: str) -> None:
    shop.mount("cardNumber")

    _number_field(shop).press_sequentially(number)

    shop.wait_for_change(
        "cardNumber", complete=False, error={"type": "validation_error", "code": code}
    )
    expect(_number_field(shop)).to_have_attribute("aria-invalid", "true")
    expect(_number_field(shop)).to_have_accessible_description("Your card number is invalid.")


@pytest.mark.parametrize(
    ("expiry", "code"),
    [
        (f"12{THIS_YEAR - 1}", "invalid_expiry_year_past"),
        (f"12{(THIS_YEAR + 51) % 100}", "invalid_expiry_year"),
        ("0040", "invalid_expiry_month"),
    ],
)
def test_an_impossible_expiry_is_reported_at_once(shop: Shop, expiry: str, code: str) -> None:
    shop.mount("cardExpiry")

    _expiry_field(shop).press_sequentially(expiry)

    shop.wait_for_change("cardExpiry", complete=False, error={"code": code})


def test_the_present_month_is_still_good_and_the_one_before_is_past(page: Page, shop: Shop) -> None:
    page.clock.set_fixed_time("2040-05-31T12:00:00Z")
    shop.mount("cardExpiry")

    _expiry_field(shop).fill("05 / 40")
    shop.wait_for_change("cardExpiry", complete=True)
    _expiry_field(shop).fill("04 / 40")
    shop.wait_for_change("cardExpiry", error={"code": "invalid_expiry_month_past"})


def test_what_is_incomplete_is_an_error_only_after_one_has_gone_on(shop: Shop) -> None:
    shop.mount()
    shop.card.number.press_sequentially("4242")
    shop.wait_for_change(complete=False, error=None, brand="visa")

    shop.card.expiry.focus()

    shop.wait_for_change(complete=False, error={"code": "incomplete_number"})
    expect(shop.page.locator("#card")).to_have_class(re.compile("StripeElement--invalid"))
    shop.card.number.fill("4242424242424242")
    shop.wait_for_change(error=None)
    expect(shop.page.locator("#card")).not_to_have_class(re.compile("StripeElement--invalid"))


def test_the_container_shows_the_state(shop: Shop) -> None:
    shop.mount("cardCvc")
    container = shop.page.locator("#cvc")
    expect(container).to_have_class("StripeElement StripeElement--empty")

    cvc_field(shop.page).fill("123")
    expect(container).to_have_class(
        "StripeElement StripeElement--focus StripeElement--complete", timeout=5000
    )
    shop.page.get_by_role("button", name="Pay").focus()
    expect(container).to_have_class("StripeElement StripeElement--complete")


def test_the_classes_can_be_the_pages_own(shop: Shop) -> None:
    shop.mount("cardCvc", {"classes": {"base": "field", "empty": "field--empty untouched"}})

    expect(shop.page.locator("#cvc")).to_have_class("field field--empty untouched")


def test_focus_blur_and_escape_are_events(shop: Shop) -> None:
    shop.mount()

    shop.run("elements.getElement('card').focus()")
    shop.wait_for_event("focus")
    expect(shop.card.number).to_be_focused()
    shop.card.number.press("Escape")
    shop.wait_for_event("escape")
    shop.run("elements.getElement('card').blur()")
    shop.wait_for_event("blur")

    focused = [event["name"] for event in shop.run("events")]
    assert focused == ["ready", "focus", "escape", "blur"]


def test_a_label_for_the_container_is_a_label_of_the_element(shop: Shop) -> None:
    shop.mount()

    shop.page.get_by_text("Card", exact=True).click()

    expect(shop.card.number).to_be_focused()


def test_a_label_around_the_container_is_a_label_of_the_element(shop: Shop) -> None:
    shop.mount("cardCvc")

    shop.page.get_by_text("Security code").click()

    expect(cvc_field(shop.page)).to_be_focused()


def test_enter_submits_the_form_around_it(shop: Shop) -> None:
    shop.mount()

    shop.card.cvc.press("Enter")

    shop.page.wait_for_function("submits === 1")


def test_an_element_can_be_cleared(shop: Shop) -> None:
    shop.mount()
    shop.card.fill(number="4242424242424241", postal_code="10115")

    shop.run("elements.getElement('card').clear()")

    shop.wait_for_change(empty=True, complete=False, error=None, value={"postalCode": ""})
    expect(shop.card.number).to_have_value("")


def test_options_are_honoured_and_can_be_changed(shop: Shop) -> None:
    shop.mount(
        "card",
        {
            "hidePostalCode": True,
            "disabled": True,
            "style": {"base": {"color": "rgb(1, 2, 3)", "::placeholder": {"color": "#040506"}}},
        },
    )
    number = shop.card.number
    expect(shop.card.postal_code).to_be_hidden()
    expect(number).to_be_disabled()
    expect(number).to_have_css("color", "rgb(1, 2, 3)")

    shop.run(
        "elements.getElement('card').update({hidePostalCode: false, disabled: false,"
        " value: {postalCode: '10115'}, style: {base: {color: 'rgb(7, 8, 9)', fontSize: '20px'}}})"
    )

    expect(shop.card.postal_code).to_have_value("10115")
    expect(number).to_be_enabled()
    expect(number).to_have_css("color", "rgb(7, 8, 9)")
    expect(number).to_have_css("font-size", "20px")


def test_without_the_postal_code_a_card_is_complete_by_its_cvc(shop: Shop) -> None:
    shop.mount("card", {"hidePostalCode": True})

    shop.card.fill()

    shop.wait_for_change(complete=True, value={"postalCode": ""})


def test_a_style_can_not_break_out_of_its_rule(shop: Shop) -> None:
    shop.mount("cardCvc", {"style": {"base": {"color": "red} input {display: none"}}})

    expect(cvc_field(shop.page)).to_be_visible()


@pytest.mark.parametrize(("number", "cvc"), [("378282246310005", "1234"), ("42424242", "123")])
def test_separate_elements_know_of_each_other(shop: Shop, number: str, cvc: str) -> None:
    for element_type in ("cardNumber", "cardCvc"):
        shop.mount(element_type)
    _number_field(shop).fill(number)

    cvc_field(shop.page).press_sequentially("12345")

    expect(cvc_field(shop.page)).to_have_value(cvc)


def test_a_longer_cvc_is_asked_for_as_soon_as_the_card_is_known(shop: Shop) -> None:
    for element_type in ("cardNumber", "cardCvc"):
        shop.mount(element_type)
    cvc_field(shop.page).fill("123")
    shop.wait_for_change("cardCvc", complete=True)

    _number_field(shop).fill("378282246310005")

    shop.wait_for_change("cardCvc", complete=False, error={"code": "incomplete_cvc"})


@pytest.mark.parametrize(("cvc", "complete"), [("12", False), ("123", True), ("1234", True)])
def test_a_cvc_alone_may_be_of_either_length(shop: Shop, cvc: str, complete: bool) -> None:
    shop.mount("cardCvc")

    cvc_field(shop.page).fill(cvc)

    shop.wait_for_change("cardCvc", complete=complete, empty=False)


def test_an_unmounted_element_can_be_mounted_again_and_is_empty(shop: Shop) -> None:
    shop.mount()
    shop.card.number.fill("4242424242424242")
    shop.wait_for_change(empty=False)

    shop.run("elements.getElement('card').unmount()")
    expect(shop.page.locator("#card")).to_have_class("")
    expect(shop.page.locator("#card iframe")).to_have_count(0)
    shop.run("elements.getElement('card').mount(document.querySelector('#number'))")

    expect(shop.card.number).to_have_value("")


def test_listeners_can_be_taken_off(shop: Shop) -> None:
    shop.mount("cardCvc")
    shop.run(
        """() => {
            const element = elements.getElement('cardCvc');
            window.heard = [];
            const never = () => heard.push('never');
            element.on('change', never).off('change', never);
            element.once('change', () => heard.push('once')).on('change', () => heard.push('each'));
        }"""
    )

    cvc_field(shop.page).press_sequentially("12")

    shop.page.wait_for_function("heard.length === 3")
    assert shop.run("heard") == ["once", "each", "each"]


def test_what_is_typed_is_out_of_the_pages_reach(shop: Shop) -> None:
    shop.mount()
    shop.card.fill(postal_code="10115")
    shop.wait_for_change(complete=True)

    assert shop.run("document.querySelector('#card iframe').contentDocument") is None
    assert "SecurityError" in shop.rejection(
        "document.querySelector('#card iframe').contentWindow.stripeElement"
    )
    assert "4242" not in str(shop.run("JSON.stringify(events)"))


def test_a_frame_that_has_loaded_is_left_in_peace(page: Page, shop: Shop) -> None:
    page.clock.install()
    shop.mount()

    page.clock.run_for(11_000)

    assert [event["name"] for event in shop.run("events")] == ["ready"]


def test_a_frame_that_does_not_load_is_reported(page: Page, shop: Shop) -> None:
    page.clock.install()
    page.route("**/v3/frame.html", lambda route: route.abort())
    page.evaluate("void mount('card', '#card')")
    expect(page.locator("#card iframe")).to_have_count(1)

    page.clock.run_for(11_000)

    shop.wait_for_event("loaderror")
    error: Json = shop.run(
        "stripe.createPaymentMethod({type: 'card', card: elements.getElement('card')})"
    )
    assert error["error"]["type"] == "api_connection_error"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1024])
def test_it_is_accessible_and_fits(shop: Shop, scheme: str, width: int) -> None:
    shop.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    shop.page.set_viewport_size({"width": width, "height": 800})
    shop.mount()
    shop.card.fill(number="4242424242424241", postal_code="10115")
    shop.wait_for_change(error={"code": "invalid_number"})

    inner = shop.page.locator("#card iframe").element_handle().content_frame()
    assert inner is not None
    # It is transparent, but axe thinks it is white.
    inner.evaluate("document.body.style.background = 'Canvas'")
    assert serious_violations(shop.page) == []
    assert serious_violations(inner) == []
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inner.evaluate("document.documentElement.scrollHeight <= innerHeight")
