import httpx
import pytest

from stripe_simulator.server import RunningSimulator
from stripe_simulator.state import API_VERSION
from tests.simulator.stripe_js.conftest import Shop


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/v3/stripe.js", "text/javascript; charset=utf-8"),
        ("/v3/frame.js", "text/javascript; charset=utf-8"),
        ("/v3/frame.html", "text/html; charset=utf-8"),
        ("/v3/frame.css", "text/css; charset=utf-8"),
    ],
)
def test_its_files_are_served_and_never_kept(
    simulator: RunningSimulator, path: str, content_type: str
) -> None:
    answer = httpx.get(f"{simulator.url}{path}", headers={"Origin": "http://localhost:5173"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_loading_it_is_no_call_of_the_api(shop: Shop, simulator: RunningSimulator) -> None:
    shop.mount()

    journal = httpx.get(f"{simulator.url}/_simulator/requests").json()["data"]

    assert journal == []


def test_it_makes_a_radar_session(shop: Shop) -> None:
    shop.mount()

    first, second = (shop.run("stripe.createRadarSession()") for _ in range(2))

    assert first["radarSession"]["id"].startswith("rse_")
    assert first != second


def test_it_is_what_the_react_library_demands(shop: Shop) -> None:
    needed = ["elements", "createToken", "createPaymentMethod", "confirmCardPayment"]
    introductions = ["registerAppInfo", "_registerWrapper"]

    missing = shop.run(
        "names => names.filter((name) => typeof stripe[name] !== 'function')",
        needed + introductions,
    )

    assert missing == []
    # The loader in @stripe/stripe-js calls it without `new`, and compares the release.
    assert shop.run("typeof Stripe.apply(undefined, ['pk_test_1']).elements") == "function"
    assert shop.run("Stripe.version") == API_VERSION.split(".")[1]
    assert shop.run("stripe._registerWrapper({ name: 'react-stripe-js', version: '7' })") is None
    assert shop.run("stripe.registerAppInfo({ name: 'react-stripe-js' })") is None


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("sk_test_simulator", "secret key"),
        ("rk_live_1", "secret key"),
        ("pk_live_1", "test keys"),
        ("nonsense", "test keys"),
        ("", "needs a publishable key"),
        (None, "needs a publishable key"),
    ],
)
def test_any_key_but_a_publishable_test_key_is_refused(
    shop: Shop, key: str | None, complaint: str
) -> None:
    error = shop.rejection("Stripe(argument)", key)

    assert error.startswith("IntegrationError: ")
    assert complaint in error


def test_there_are_no_connected_accounts(shop: Shop) -> None:
    assert "connected accounts" in shop.rejection("Stripe('pk_test_1', {stripeAccount: 'acct_1'})")


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("elements.create('payment')", "has no 'payment' Element"),
        ("elements.create('card').mount('#nowhere')", "There is no node"),
        ("(elements.create('card'), elements.create('card'))", "There is a 'card' Element already"),
        ("stripe.createPaymentMethod({type: 'sepa_debit'})", "no sepa_debit"),
        (
            "stripe.createPaymentMethod({type: 'card', card: elements.create('card')})",
            "needs a mounted Element of type card or cardNumber",
        ),
        ("stripe.createPaymentMethod({type: 'card', card: {number: '42'}})", "mounted Element"),
        ("stripe.createToken('cvc_update')", "needs a mounted Element of type cardCvc"),
        ("stripe.retrievePaymentIntent('pi_1')", "needs the client_secret of a payment_intent"),
        ("stripe.retrieveSetupIntent('pi_1_secret_2')", "of a setup_intent"),
        ("stripe.handleNextAction({clientSecret: 'nonsense'})", "payment_intent or a setup_intent"),
    ],
)
def test_a_use_that_can_not_work_is_an_integration_error(
    shop: Shop, script: str, complaint: str
) -> None:
    error = shop.rejection(script)

    assert error.startswith("IntegrationError: ")
    assert complaint in error


def test_elements_are_found_again_by_type_and_by_react_component(shop: Shop) -> None:
    shop.run("window.made = elements.create('card')")

    assert shop.run("elements.getElement('card') === made") is True
    assert shop.run("elements.getElement({__elementType: 'card'}) === made") is True
    assert shop.run("elements.getElement('cardCvc')") is None


def test_a_destroyed_element_makes_room_for_another(shop: Shop) -> None:
    shop.mount()
    shop.run("(window.old = elements.getElement('card')).destroy()")

    assert "was destroyed" in shop.rejection("old.mount('#card')")
    shop.mount()
    assert shop.page.locator("#card iframe").count() == 1
