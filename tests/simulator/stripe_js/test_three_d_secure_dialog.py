import functools
from typing import Any

import pytest
import stripe
from playwright.sync_api import Locator, Route, expect

from tests.simulator.conftest import Shopper, Steering
from tests.simulator.stripe_js.conftest import Shop
from tests.support.accessibility import serious_violations

ALWAYS = "4000002760003184"
THEN_INSUFFICIENT_FUNDS = "4000008260003178"


def _challenged(shopper: Shopper, number: str = ALWAYS, **params: Any) -> stripe.PaymentIntent:
    """An intent that the server has confirmed, and for which the bank wants a challenge."""
    return shopper.confirm(shopper.manual_intent(number, **params))


def _open(shop: Shop, intent: stripe.PaymentIntent, method: str = "handleCardAction") -> Locator:
    argument = (
        intent.client_secret
        if method == "handleCardAction"
        else {"clientSecret": intent.client_secret}
    )
    shop.start(method, argument)
    dialog = shop.page.get_by_role("dialog", name="Confirm with your bank")
    expect(dialog).to_be_visible()
    return dialog


def _button(dialog: Locator, name: str) -> Locator:
    return dialog.get_by_role("button", name=name, exact=True)


def test_it_shows_who_charges_how_much(shop: Shop, shopper: Shopper) -> None:
    intent = _challenged(shopper)
    shown = {}
    for amount, currency in (
        (1099, "eur"),
        (5, "usd"),
        (1099, "jpy"),
        (10_990, "kwd"),
        (50_000, "isk"),
        (99_999_999, "usd"),
    ):
        changes = {"amount": amount, "currency": currency}
        shop.page.route("**/v1/payment_intents/*", functools.partial(_changed, changes=changes))
        dialog = _open(shop, intent)
        expect(dialog).to_contain_text("test bank")
        expect(dialog.get_by_role("definition").nth(0)).to_have_text(shop.run("location.host"))
        shown[amount, currency] = dialog.get_by_role("definition").nth(1).inner_text()
        shop.page.reload()

    assert {key: text.replace("\xa0", " ") for key, text in shown.items()} == {
        (1099, "eur"): "€10.99",
        (5, "usd"): "$0.05",
        (1099, "jpy"): "¥1,099",
        (10_990, "kwd"): "KWD 10.990",
        (50_000, "isk"): "ISK 500.00",
        (99_999_999, "usd"): "$999,999.99",
    }


def _changed(route: Route, changes: dict[str, object]) -> None:
    response = route.fetch()
    route.fulfill(response=response, json=response.json() | changes)


def test_completed_in_the_manual_flow_the_server_confirms_again(
    shop: Shop, shopper: Shopper
) -> None:
    intent = _challenged(shopper)
    dialog = _open(shop, intent)

    _button(dialog, "Complete").click()

    assert shop.outcome()["paymentIntent"]["status"] == "requires_confirmation"
    expect(dialog).to_be_hidden()
    assert shopper.confirm(intent).status == "succeeded"


def test_completed_in_the_automatic_flow_it_is_paid(shop: Shop, shopper: Shopper) -> None:
    intent = _challenged(shopper, confirmation_method="automatic")
    dialog = _open(shop, intent, "handleNextAction")

    _button(dialog, "Complete").click()

    assert shop.outcome()["paymentIntent"]["status"] == "succeeded"


def test_a_decline_after_the_challenge_is_reported(shop: Shop, shopper: Shopper) -> None:
    intent = _challenged(shopper, THEN_INSUFFICIENT_FUNDS, confirmation_method="automatic")
    dialog = _open(shop, intent, "handleNextAction")

    _button(dialog, "Complete").click()

    error = shop.outcome()["error"]
    assert (error["type"], error["decline_code"]) == ("card_error", "insufficient_funds")
    assert error["payment_intent"]["status"] == "requires_payment_method"


@pytest.mark.parametrize("way", ["Fail", "Close", "Escape"])
def test_failed_or_closed_it_is_an_error(shop: Shop, shopper: Shopper, way: str) -> None:
    intent = _challenged(shopper)
    dialog = _open(shop, intent)

    if way == "Escape":
        shop.page.keyboard.press("Escape")
    else:
        _button(dialog, way).click()

    error = shop.outcome()["error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    expect(dialog).to_be_hidden()
    assert shopper.server.payment_intents.retrieve(intent.id).payment_method is None


def test_it_works_without_a_mouse(shop: Shop, shopper: Shopper) -> None:
    pay = shop.page.get_by_role("button", name="Pay")
    pay.focus()
    dialog = _open(shop, _challenged(shopper))
    expect(dialog.get_by_role("heading")).to_be_focused()

    for name in ("Complete", "Fail", "Close", "Complete"):
        shop.page.keyboard.press("Tab")
        expect(_button(dialog, name)).to_be_focused()
    shop.page.keyboard.press("Shift+Tab")
    expect(_button(dialog, "Close")).to_be_focused()
    shop.page.keyboard.press("Tab")
    shop.page.keyboard.press("Enter")

    assert shop.outcome()["paymentIntent"]["status"] == "requires_confirmation"
    expect(pay).to_be_focused()


def test_a_lost_network_can_be_waited_for(shop: Shop, shopper: Shopper) -> None:
    dialog = _open(shop, _challenged(shopper))
    shop.page.context.set_offline(True)
    _button(dialog, "Complete").click()
    expect(dialog.get_by_role("alert")).to_have_text(
        "The bank could not be reached. Check your connection and try again."
    )

    shop.page.context.set_offline(False)
    _button(dialog, "Complete").click()

    assert shop.outcome()["paymentIntent"]["status"] == "requires_confirmation"


def test_closed_without_a_network_it_is_a_connection_error(shop: Shop, shopper: Shopper) -> None:
    intent = _challenged(shopper)
    dialog = _open(shop, intent)
    shop.page.context.set_offline(True)

    _button(dialog, "Close").click()

    assert shop.outcome()["error"]["type"] == "api_connection_error"
    assert shopper.server.payment_intents.retrieve(intent.id).status == "requires_action"


def test_closed_while_an_answer_is_under_way_the_answer_counts(
    shop: Shop, shopper: Shopper, steering: Steering
) -> None:
    dialog = _open(shop, _challenged(shopper))
    steering.fault("latency", path="/v1/payment_intents/*/three_d_secure", ms=200)

    _button(dialog, "Complete").click()
    shop.page.keyboard.press("Escape")

    assert shop.outcome()["paymentIntent"]["status"] == "requires_confirmation"
    answers = [r for r in steering.requests() if r["path"].endswith("/three_d_secure")]
    assert [answer["params"]["outcome"] for answer in answers] == ["succeed"]


def test_answered_elsewhere_the_intent_says_what_happened(
    shop: Shop, shopper: Shopper, steering: Steering
) -> None:
    intent = _challenged(shopper)
    dialog = _open(shop, intent)
    steering.answer_challenge(intent.id, "succeed")

    _button(dialog, "Fail").click()

    assert shop.outcome()["paymentIntent"]["status"] == "requires_confirmation"


def test_what_needs_no_action_is_an_integration_error(shop: Shop, shopper: Shopper) -> None:
    confirmed = shopper.manual_intent()
    automatic = _challenged(shopper, confirmation_method="automatic")

    error = shop.rejection("stripe.handleCardAction(argument)", confirmed.client_secret)
    assert "requires_confirmation, and not requires_action" in error
    error = shop.rejection("stripe.handleCardAction(argument)", automatic.client_secret)
    assert "use handleNextAction" in error
    guessed = f"{automatic.id}_secret_guessed"
    refused = shop.run("secret => stripe.handleCardAction(secret)", guessed)
    assert refused["error"]["code"] == "resource_missing"


def test_a_setup_intent_is_challenged_as_well(shop: Shop, shopper: Shopper) -> None:
    intent = shopper.server.setup_intents.create(
        {"payment_method": shopper.card(ALWAYS).id, "confirm": True, "use_stripe_sdk": True}
    )

    shop.start("handleNextAction", {"clientSecret": intent.client_secret})
    expect(shop.page.get_by_role("dialog")).to_contain_text("nothing is charged")
    shop.page.get_by_role("button", name="Fail").click()

    error = shop.outcome()["error"]
    assert error["code"] == "setup_intent_authentication_failure"
    assert error["setup_intent"]["status"] == "requires_payment_method"


def test_with_a_return_url_the_bank_has_a_page_of_its_own(
    shop: Shop, shop_url: str, shopper: Shopper
) -> None:
    intent = shopper.server.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": shop_url,
        }
    )

    shop.run("secret => void stripe.handleNextAction({clientSecret: secret})", intent.client_secret)
    shop.page.get_by_role("button", name="Complete").click()

    shop.page.wait_for_url(f"{shop_url}?payment_intent={intent.id}*redirect_status=succeeded")
    assert shopper.server.payment_intents.retrieve(intent.id).status == "succeeded"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(shop: Shop, shopper: Shopper, scheme: str) -> None:
    shop.page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    dialog = _open(shop, _challenged(shopper))
    shop.page.context.set_offline(True)
    _button(dialog, "Fail").click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()

    assert serious_violations(shop.page) == []


@pytest.mark.parametrize(("motion", "animation"), [("reduce", "none"), ("no-preference", "appear")])
def test_it_moves_only_for_those_who_like_it(
    shop: Shop, shopper: Shopper, motion: str, animation: str
) -> None:
    shop.page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")

    dialog = _open(shop, _challenged(shopper))

    expect(dialog).to_have_css("animation-name", animation)
