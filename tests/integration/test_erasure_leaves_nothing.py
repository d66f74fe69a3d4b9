"""After an erasure, a person's name, email address, phone and street are nowhere but where the docs
say: docs/privacy.md."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from payments.settings import settings
from stripe_simulator import server
from stripe_simulator.simulator import Simulator as Account
from tests.integration.conftest import SECRET_KEY, forget_clients
from tests.support.api_client import ApiClient
from tests.support.aws import TABLES, Aws
from tests.support.gateway import Gateway, run
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver

VISA = "4242424242424242"
DECLINED = "4000000000000341"  # it can be saved
PERSONAL = {
    "name": "Mary Fairfax Somerville",
    "email": "mary.somerville@example.com",
    "phone": "+442071838750",
    "street": "12 Burntisland Road",
}
LATER_NAME = "Mary Greig"


@pytest.fixture
def account(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Account, Simulator]]:
    """A Stripe account that we see through."""
    account = Account()
    aws.forget_people()
    with monkeypatch.context() as patch:
        patch.setattr(server, "Simulator", lambda: account)
        with server.running_simulator() as running:
            patch.setenv("STRIPE_API_BASE", running.url)
            settings.cache_clear()
            forget_clients()
            stripe = Simulator(running.url)
            yield account, stripe
            stripe.close()
            forget_clients()
    settings.cache_clear()
    forget_clients()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What arrives at the bus, and so in its archive."""
    arrived: list[Any] = []
    session = boto3.Session()
    session.events.register(
        "before-call.eventbridge.PutEvents",
        lambda params, **_: arrived.extend(json.loads(params["body"])["Entries"]),
    )
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    forget_clients()
    yield arrived
    monkeypatch.undo()
    forget_clients()


def mentions(kept: object) -> set[str]:
    """Which of the person's details are somewhere in this, however they are written."""
    text = kept if isinstance(kept, str) else json.dumps(kept, default=repr, ensure_ascii=False)
    text = text.casefold()
    looked_for = {
        **PERSONAL,
        "given name": "Somerville",
        "later name": LATER_NAME,
        "number": PERSONAL["phone"].removeprefix("+44"),
    }
    return {name for name, value in looked_for.items() if value.casefold() in text}


def stream() -> list[dict[str, Any]]:
    """What was written to the Payments table."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].tables["PaymentsTable"]
    assert table.stream_shard
    return [record.to_json() for record in table.stream_shard.items]


class Story:
    """Mary signs up, saves cards, pays, disputes and gets money back."""

    def __init__(self, aws: Aws, stripe: Simulator) -> None:
        self._aws = aws
        self._stripe = stripe
        signed_up = ApiClient(Gateway(None)).signup(
            email=PERSONAL["email"],
            name=PERSONAL["name"],
            phone=PERSONAL["phone"],
            password="Flow-Matic-1955",
        )
        self.user_id = str(signed_up.body["user_id"])
        aws.confirm(self.user_id)
        claims = {
            "sub": self.user_id,
            "email": PERSONAL["email"],
            "name": PERSONAL["name"],
            "token_use": "id",
        }
        self.mary = ApiClient(Gateway(claims))

    def card(self, number: str) -> str:
        """A card of hers, with everything that she may tell."""
        card = self.mary.attached(self._stripe.payment_method(number))
        details = {name: PERSONAL[name] for name in ("name", "email", "phone")}
        address = {"line1": PERSONAL["street"], "country": "GB"}
        changed = self.mary.change_card(
            card, billing_details={**details, "address": address}, default=True
        )
        assert changed.status == 200, changed
        return card

    def pay(self, card: str) -> dict[str, Any]:
        """One payment, as far as it gets."""
        payment = self.mary.create(product_id="coffee", payment_method_id=card).body
        self.mary.confirm(payment["payment_id"], cvc_token=self._stripe.cvc_token())
        return dict(self.mary.payment(payment["payment_id"]).body)

    def charge_of(self, payment: dict[str, Any]) -> str:
        """The charge of a payment."""
        intents = self._stripe.listed(SECRET_KEY, "/v1/payment_intents")
        (charge,) = [
            each["latest_charge"] for each in intents if each["id"] == payment["payment_intent_id"]
        ]
        return str(charge)

    def happens(self) -> None:
        """All that can be kept of her comes to be."""
        card = self.card(VISA)
        started = self.mary.set_up_card("off_session", consent_text="You may charge me.")
        path = f"/v1/setup_intents/{started.body['setup_intent_id']}/confirm"
        fresh = self._stripe.payment_method("5555555555554444")
        self._stripe.post(SECRET_KEY, path, payment_method=fresh)
        self.mary.send(
            "POST", "/payment-methods", body={"setup_intent_id": started.body["setup_intent_id"]}
        )
        assert (
            self.mary.send(
                "PATCH", "/account", body={"name": LATER_NAME, "phone": PERSONAL["phone"]}
            ).status
            == 200
        )
        refunded, disputed = self.pay(card), self.pay(card)
        params = {"payment_intent": refunded["payment_intent_id"], "amount": "99"}
        self._stripe.post(SECRET_KEY, "/v1/refunds", **params)
        dispute = self._stripe.dispute_charge(self.charge_of(disputed))
        refused = self.pay(self.card(DECLINED))
        assert refused["status"] == "requires_payment_method"
        canceled = f"/v1/payment_intents/{refused['payment_intent_id']}/cancel"
        self._stripe.post(SECRET_KEY, canceled)
        self._stripe.move_dispute(dispute, "lost")
        assert self.mary.send("GET", "/account/export").status == 200

    def settles(self) -> None:
        """Every webhook arrives, reconciliation runs, and what was written is published."""
        for event in self._stripe.listed(SECRET_KEY, "/v1/events")[::-1]:
            answer = deliver(event)
            assert answer.status == 200, (event["type"], answer)
        assert run("reconcile_payments", {"older_than_minutes": -1}).get("failed", 0) == 0
        run("publish_payment_events", {"Records": stream()})

    def sums(self) -> list[int]:
        """The money: what our rows say, and what Stripe says."""
        rows = self._aws.rows("PaymentsTable")
        charges = self._stripe.listed(SECRET_KEY, "/v1/charges")
        return [
            len(rows),
            *(
                int(sum(row[name] for row in rows))
                for name in ("amount_received", "amount_refunded")
            ),
            sum(charge["amount"] for charge in charges if charge["paid"]),
            sum(charge["amount_refunded"] for charge in charges),
        ]


def test_her_details_are_nowhere_but_where_the_docs_say_and_the_sums_are_what_they_were(
    aws: Aws,
    account: tuple[Account, Simulator],
    published: list[Any],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    everything, stripe = account
    story = Story(aws, stripe)
    story.happens()
    story.settles()
    # Given that there is much to find
    assert mentions(aws.rows("CustomersTable")) >= {"later name", "email"}
    assert mentions(aws.users()) >= {"later name", "email", "phone"}
    assert mentions(everything.account.customers) >= {"later name", "email"}
    sums = story.sums()
    assert sums[1:] == [2198, 99, 2198, 99]
    # When
    assert story.mary.send("DELETE", "/account").status == 202
    answer = run("erase_accounts", {"older_than_days": 0})
    assert answer["erased"] == 1, answer
    story.settles()
    # Then nothing of ours has any of it
    assert {name: mentions(aws.rows(name)) for name in TABLES} == {name: set() for name in TABLES}
    assert mentions(aws.users()) == set()
    assert len(published) > 10
    assert mentions(published) == set()
    assert mentions(stream()) == set()
    assert mentions(aws.queued()) == set()
    lines = [*map(vars, caplog.records), capsys.readouterr()]
    assert len(lines) > 20
    assert mentions(lines) == set()
    # And Stripe has what docs/privacy.md names
    kinds = vars(everything.account)
    found = {kind: mentions(kept) for kind, kept in kinds.items() if kind != "publish"}
    assert {kind for kind, what in found.items() if what} == {
        "charges",
        "payment_methods",
        "payment_intents",
        "events",
    }
    for charge in everything.account.charges.values():
        assert mentions(charge | {"billing_details": None}) == set()
    for card in everything.account.payment_methods.values():
        assert card["customer"] is None
        assert mentions(card | {"billing_details": None}) == set()
    for intent in everything.account.payment_intents.values():
        assert mentions(intent | {"last_payment_error": None}) == set()
    # And the money is what it was
    assert story.sums() == sums
