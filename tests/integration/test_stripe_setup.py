"""Setting up Stripe: the webhook, the check, and rotating keys while people pay."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
import stripe as sdk

from payments.use_cases.stripe_webhook import HANDLERS
from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS, forget_clients
from tests.support.aws import Aws
from tests.support.gateway import Gateway, client_for
from tests.support.simulator_client import Simulator
from tools.stripe_setup import keys
from tools.stripe_setup.check import check
from tools.stripe_setup.target import Target
from tools.stripe_setup.webhook import SetupError, Webhook

VISA = "4242424242424242"
RESTRICTED = "rk_test_restricted"


@pytest.fixture
def statuses() -> list[int]:
    """What the stack answered to each delivery."""
    return []


@pytest.fixture
def target(aws: Aws, stripe: Simulator, statuses: list[int]) -> Iterator[Target]:
    """The stack, with an address at which it takes webhooks."""
    assert aws
    with api(statuses) as url:
        target = Target(
            name="till",
            aws=boto3.Session(),
            key_secret="StripeKeySecret",
            webhook_secret="StripeWebhookSecret",
            webhook_url=f"{url}/stripe/webhook",
            api_base=stripe.url,
        )
        target.write(target.webhook_secret, {"webhook_signing_secrets": []})
        forget_clients()
        yield target
    target.write("StripeKeySecret", {"secret_key": SECRET_KEY})
    target.write("StripeWebhookSecret", {"webhook_signing_secrets": SIGNING_SECRETS})
    forget_clients()


@contextmanager
def api(statuses: list[int]) -> Iterator[str]:
    """API Gateway's part in a webhook; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {"Stripe-Signature": self.headers["Stripe-Signature"]}
            answer = Gateway(None)("POST", "/stripe/webhook", body=body, headers=headers)
            statuses.append(answer.status)
            self.send_response(answer.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def webhook(target: Target) -> Webhook:
    return Webhook(target, target.client(SECRET_KEY))


def endpoints(stripe: Simulator) -> list[dict[str, Any]]:
    return stripe.listed(SECRET_KEY, "/v1/webhook_endpoints")


def held(target: Target) -> dict[str, Any]:
    return target.read(target.webhook_secret)


# The webhook


def test_one_command_makes_the_webhook_stores_its_secret_and_sees_an_event_arrive(
    webhook: Webhook, target: Target, stripe: Simulator, statuses: list[int]
) -> None:
    list(webhook.ensure())

    assert "was accepted" in webhook.check_arrival()
    [endpoint] = endpoints(stripe)
    assert endpoint["url"] == target.webhook_url
    assert endpoint["api_version"] == sdk.api_version
    assert endpoint["enabled_events"] == list(HANDLERS)
    assert len(held(target)["webhook_signing_secrets"]) == 1
    assert set(statuses) == {200}


def test_run_again_it_changes_nothing(webhook: Webhook, target: Target, stripe: Simulator) -> None:
    list(webhook.ensure())
    before = endpoints(stripe), held(target)

    [line] = webhook.ensure()

    assert "Nothing was changed" in line
    assert (endpoints(stripe), held(target)) == before


def test_an_endpoint_that_was_changed_is_put_right(
    webhook: Webhook, target: Target, stripe: Simulator
) -> None:
    list(webhook.ensure())
    [endpoint] = endpoints(stripe)
    changed = {"enabled_events[]": "customer.deleted", "disabled": "true"}
    stripe.post(SECRET_KEY, f"/v1/webhook_endpoints/{endpoint['id']}", **changed)
    secret = held(target)

    list(webhook.ensure())

    [endpoint] = endpoints(stripe)
    assert (endpoint["enabled_events"], endpoint["status"]) == (list(HANDLERS), "enabled")
    assert held(target) == secret


@pytest.mark.parametrize("version", ["2024-06-20", sdk.api_version])
def test_one_of_another_version_or_whose_secret_nobody_knows_is_replaced(
    webhook: Webhook, target: Target, stripe: Simulator, version: str
) -> None:
    by_hand = {"url": target.webhook_url, "enabled_events[]": "*", "api_version": version}
    stripe.post(SECRET_KEY, "/v1/webhook_endpoints", **by_hand)
    elsewhere = {"url": "https://other.example.com/hook", "enabled_events[]": "*"}
    stripe.post(SECRET_KEY, "/v1/webhook_endpoints", **elsewhere)

    list(webhook.ensure())

    urls = [each["url"] for each in endpoints(stripe)]
    assert sorted(urls) == sorted([target.webhook_url, "https://other.example.com/hook"])
    [ours] = [each for each in endpoints(stripe) if each["url"] == target.webhook_url]
    assert ours["api_version"] == sdk.api_version
    assert held(target)["webhook_endpoint"] == ours["id"]


def test_it_says_so_if_no_event_is_accepted(webhook: Webhook, target: Target) -> None:
    list(webhook.ensure())
    target.write(target.webhook_secret, {"webhook_signing_secrets": ["whsec_wrong"]})
    forget_clients()

    with pytest.raises(SetupError, match="No event was accepted"):
        Webhook(target, webhook.client, sleep=lambda _: None).check_arrival()


# Rotation under load


def under_load(stripe: Simulator, rotate: Callable[[], object]) -> list[int]:
    """What people are answered who pay before, during and after it."""
    answers: list[int] = []
    rotated = threading.Event()

    def pay() -> None:
        person = client_for()
        card = person.attached(stripe.payment_method(VISA))
        left = 2  # payments after the rotation
        while left:
            left -= rotated.is_set()
            made = person.create(product_id="coffee", payment_method_id=card)
            answers.append(made.status)
            paid = person.confirm(made.body["payment_id"], cvc_token=stripe.cvc_token())
            answers.append(paid.status)

    with ThreadPoolExecutor(3) as pool:
        people = [pool.submit(pay) for _ in range(3)]
        while len(answers) < 6:
            assert not any(each.done() and each.exception() for each in people)
        rotate()
        rotated.set()
        for each in people:
            each.result()
    return answers


def test_while_the_key_is_rotated_no_request_is_refused(target: Target, stripe: Simulator) -> None:
    def rotate() -> None:
        list(keys.rotate_key(target, "sk_test_new"))
        stripe.set_key(SECRET_KEY, revoked=True)  # at once: that is as hard as it gets

    answers = under_load(stripe, rotate)

    assert set(answers) == {200, 201}
    assert target.read(target.key_secret) == {"secret_key": "sk_test_new"}


def test_while_the_signing_secret_is_rotated_no_delivery_is_refused(
    webhook: Webhook, target: Target, stripe: Simulator, statuses: list[int]
) -> None:
    list(webhook.ensure())
    first = held(target)["webhook_signing_secrets"]

    assert set(under_load(stripe, lambda: list(webhook.replace()))) == {200, 201}

    assert "was accepted" in webhook.check_arrival()
    assert set(statuses) == {200}
    assert held(target)["webhook_signing_secrets"][1:] == first
    list(webhook.forget_old())
    assert len(held(target)["webhook_signing_secrets"]) == 1
    forget_clients()
    assert "was accepted" in webhook.check_arrival()


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("sk_live_new", "live mode"),
        ("sk_test_other", "another Stripe account"),
        ("sk_test_revoked", "may not tell its account"),
        (RESTRICTED, "lacks: PaymentIntents: write"),
    ],
)
def test_a_key_that_cannot_replace_the_old_one_is_refused(
    target: Target, stripe: Simulator, key: str, why: str
) -> None:
    stripe.set_key(RESTRICTED, denied=["rak_payment_intent_write"])
    with pytest.raises(SetupError, match=why):
        list(keys.rotate_key(target, key))
    assert target.read(target.key_secret) == {"secret_key": SECRET_KEY}


# The check


def test_the_check_tells_in_words_what_key_and_account_may_do(
    webhook: Webhook, target: Target
) -> None:
    list(webhook.ensure())
    lines = list(check(target, SECRET_KEY))
    text = "\n".join(lines)
    assert [line for line in lines if line.startswith("!")] == []
    assert "A secret key of test mode, of account acct_" in text
    assert "card_payments" in text
    assert "Currencies that it may charge: 1" in text
    assert "May: PaymentIntents: write" in text
    assert "Radar: 0 reviews are open" in text
    assert f"Webhook {held(target)['webhook_endpoint']}: enabled" in text


def test_the_check_names_each_right_that_is_missing(target: Target, stripe: Simulator) -> None:
    stripe.set_key(RESTRICTED, permissions=["rak_customer_write", "rak_event_read"])
    lines = list(check(target, RESTRICTED))
    assert "May: Customers: write" in lines
    assert "! May not: Charges and Refunds: write" in lines
    assert "! May not: Account: read" in lines
    assert any(line.startswith("Webhook: the key may not look") for line in lines)


def test_trying_the_rights_changes_nothing(target: Target, stripe: Simulator) -> None:
    person = client_for(str(uuid.uuid4()))
    person.attached(stripe.payment_method(VISA))
    before = json.dumps(stripe.listed(SECRET_KEY, "/v1/customers"))
    list(check(target, SECRET_KEY))
    assert json.dumps(stripe.listed(SECRET_KEY, "/v1/customers")) == before
    assert len(stripe.listed(SECRET_KEY, "/v1/payment_intents")) == 0
