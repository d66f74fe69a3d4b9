"""What Till itself measures when something goes wrong meets exactly its alarm's condition.

tests/infra/test_alarms.py has the faults that AWS measures, and every alarm.
"""

import json
from collections.abc import Callable, Iterator

import pytest

from payments import wiring
from payments.aws.stripe_secret import StripeSecret
from payments.domain.errors import ServiceUnavailableError
from payments.repositories.limits import LimitsRepository
from payments.stripe_gateway import permissions
from tests.integration.conftest import SECRET_KEY
from tests.integration.orders import Shopper, cancel, made
from tests.support.alarms import Metrics, going_off
from tests.support.api_client import ApiClient
from tests.support.gateway import run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
# Nothing else runs in these tests, and its absence is noticed.
SILENT = {"ReconcileSilentAlarm", "ErasureSilentAlarm"}
type WentOff = Callable[[], set[str]]
type Use = Callable[[str], None]


@pytest.fixture
def went_off(capsys: pytest.CaptureFixture[str]) -> WentOff:
    """The alarms whose condition is met by what was measured since the last look."""

    def look() -> set[str]:
        metrics = Metrics()
        lines = capsys.readouterr().out.splitlines()
        metrics.add_emf(json.loads(line) for line in lines if '"_aws"' in line)
        return going_off(metrics) - SILENT

    return look


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Name the step that runs, as its function's environment does."""
    return lambda name: monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", name)


@pytest.fixture
def use_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Deploy another key."""

    def use(key: str) -> None:
        monkeypatch.setattr(StripeSecret, "secret_key", lambda _, refresh=False: key)  # noqa: ARG005
        wiring.stripe_gateway.cache_clear()

    monkeypatch.setattr(permissions, "_told_at", {})
    yield use
    wiring.stripe_gateway.cache_clear()


def test_nothing_while_somebody_pays(
    ada: ApiClient, stripe: Simulator, step: Callable[[str], None], went_off: WentOff
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    step("stripe_webhook")
    for event in events(stripe, "payment_intent.succeeded"):
        assert deliver(event).status == 200
    step("reconcile_payments")
    run("reconcile_payments", {"older_than_minutes": -1})
    assert went_off() == set()


def test_a_mismatched_payment(
    ada: ApiClient, stripe: Simulator, step: Callable[[str], None], went_off: WentOff
) -> None:
    step("confirm_payment_intent")
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}", amount="99")
    ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    assert went_off() == {"PaymentMismatchedAlarm"}


def test_a_cancelled_order_that_is_paid(
    stripe: Simulator, step: Callable[[str], None], went_off: WentOff
) -> None:
    step("stripe_webhook")
    grace = Shopper(stripe)
    asked = made(grace)
    payment = grace.pays(asked["order_id"]).body
    confirm = f"/v1/payment_intents/{payment['payment_intent_id']}/confirm"
    cvc = {"payment_method_options[card][cvc_token]": stripe.cvc_token()}
    stripe.post(SECRET_KEY, confirm, **cvc)
    cancel(asked["order_id"])
    for event in events(stripe, "payment_intent.succeeded"):
        deliver(event)
    assert went_off() == {"CanceledOrderPaidAlarm"}


@pytest.mark.usefixtures("stripe")
def test_signatures_that_are_not_stripes(
    stripe: Simulator, step: Callable[[str], None], went_off: WentOff
) -> None:
    event = stripe.send_event("thin", "v1.charge.refunded")
    step("stripe_webhook")
    for _ in range(5):
        assert deliver(event, secret="whsec_forged").status == 400
    assert went_off() == {"SignaturesRefusedAlarm"}


def test_events_that_are_not_understood(
    stripe: Simulator, step: Callable[[str], None], went_off: WentOff
) -> None:
    event = stripe.send_event("snapshot", "charge.dispute.created", object={"new": True})
    step("stripe_webhook")
    assert deliver(event).body == {"outcome": "not_understood"}
    assert went_off() == {"EventsNotUnderstoodAlarm"}


@pytest.mark.usefixtures("stripe")
def test_a_revoked_key(use_key: Use, step: Callable[[str], None], went_off: WentOff) -> None:
    use_key("sk_test_revoked")
    step("reconcile_payments")
    run("reconcile_payments", {"older_than_minutes": -1})
    assert went_off() == {"StripeKeyRefusedAlarm"}


def test_a_key_of_another_account(
    ada: ApiClient,
    stripe: Simulator,
    use_key: Use,
    step: Callable[[str], None],
    went_off: WentOff,
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    step("reconcile_payments")
    ada.create(product_id="coffee", payment_method_id=card)
    run("reconcile_payments", {"older_than_minutes": -1})
    assert went_off() == set()
    use_key("sk_test_other")
    run("reconcile_payments", {"older_than_minutes": -1})
    assert went_off() == {"StripeAccountAlarm"}


def test_a_right_that_the_key_lacks(
    ada: ApiClient,
    stripe: Simulator,
    use_key: Use,
    step: Callable[[str], None],
    went_off: WentOff,
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body
    stripe.set_key("rk_test_1", denied=["rak_payment_intent_write"])
    use_key("rk_test_1")
    step("confirm_payment_intent")
    assert ada.confirm(payment["payment_id"], cvc_token=stripe.cvc_token()).status == 502
    assert went_off() == {"StripePermissionAlarm"}


def test_counters_of_the_guard_that_cannot_be_reached(
    ada: ApiClient,
    stripe: Simulator,
    step: Callable[[str], None],
    went_off: WentOff,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = ada.attached(stripe.payment_method(VISA))
    step("create_payment_intent")

    def cannot_be_reached(*_: object, **__: object) -> None:
        raise ServiceUnavailableError

    for name in ("add", "get"):
        monkeypatch.setattr(LimitsRepository, name, cannot_be_reached, raising=False)
    assert ada.create(product_id="coffee", payment_method_id=card).status == 201
    assert went_off() == {"LimitsUnavailableAlarm"}


@pytest.mark.usefixtures("stripe")
def test_a_key_of_the_other_mode(
    use_key: Use, step: Callable[[str], None], went_off: WentOff
) -> None:
    use_key("sk_live_other")
    step("reconcile_payments")
    run("reconcile_payments", {"older_than_minutes": -1})
    assert went_off() == {"StripeKeyRefusedAlarm"}
