"""The policies, and the rights of a restricted key, allow exactly what the functions really do."""

import json
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from payments import wiring
from payments.aws.stripe_secret import StripeSecret
from payments.domain.customer import User
from payments.domain.token import PersonToken
from stripe_simulator.keys import right_for
from tests.integration.conftest import SECRET_KEY, forget_clients
from tests.integration.money_back import Merchant, money_goes_back
from tests.integration.test_sample_events import event_of
from tests.support import gateway
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.commands import ROOT
from tests.support.gateway import Gateway, client_for
from tests.support.policies import allowed_actions
from tests.support.routes import STEPS
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
RESTRICTED = "rk_test_of_the_docs"
_RIGHT = re.compile(r"^\| ([A-Z][\w ]+) \| (read|write) \| (.+) \|$", re.MULTILINE)
_RESOURCES = {"Account": "accounts_kyc_basic"}  # where Stripe's names differ

# A public operation of the app client, which needs no policy.
SIGN_UP = ("cognito-idp:SignUp", "UserPool")

# Lambda reads the stream, with the publisher's role, before it calls the function.
READ_THE_STREAM = {
    (f"dynamodb:{action}", "PaymentsTable/stream")
    for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
}

_SERVICES = {
    "secrets-manager": "secretsmanager",
    "cognito-identity-provider": "cognito-idp",
    "eventbridge": "events",
}


class Recorder:
    """The AWS calls of each function, by their IAM names, and its calls to Stripe."""

    def __init__(self) -> None:
        self.stripe_calls: list[tuple[str, dict[str, Any]]] = []
        self.calls: dict[str, set[tuple[str, str]]] = {step: set() for step in STEPS}
        self.before: Callable[[str, list[str]], None] = lambda *_: None
        self._step: str | None = None

    @contextmanager
    def during(self, step: str) -> Iterator[None]:
        """Count the calls as this function's."""
        self._step = step
        yield
        self._step = None

    def record(self, model: Any, params: Mapping[str, Any], **_: object) -> None:
        """Note one call; botocore calls this before it sends a request."""
        if self._step is None:
            return
        service = model.service_model.service_id.hyphenize()
        action = f"{_SERVICES.get(service, service)}:{model.name}"
        body = json.loads(params["body"])
        # AWS asks for the right to each write of a transaction.
        for write in body.get("TransactItems", ()):
            [(kind, row)] = write.items()
            self.calls[self._step].add((f"dynamodb:{kind}Item", row["TableName"]))
        if "TransactItems" not in body:
            self.calls[self._step] |= {(action, resource) for resource in _resources(body)}
        step, self._step = self._step, None
        self.before(action, [] if "TransactItems" in body else _resources(body))
        self._step = step


def _resources(body: Mapping[str, Any]) -> list[str]:
    if "RequestItems" in body:
        return list(body["RequestItems"])
    if "Entries" in body:
        return ["PaymentEventBus"]
    if "QueueUrl" in body:
        return ["UnpublishedQueue"]
    if "TableName" in body:
        index = f"/index/{body['IndexName']}" if "IndexName" in body else ""
        return [body["TableName"] + index]
    if "SecretId" in body:  # arn:aws:secretsmanager:eu-west-1:123456789012:secret:<name>-AbCdEf
        return [body["SecretId"].split(":")[-1].rsplit("-", 1)[0]]
    return ["UserPool"]


@pytest.fixture
def recorder(stripe: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """Records what the functions call through clients made from here on."""
    recorder = Recorder()
    session = boto3.Session()
    session.events.register("before-call", recorder.record)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    run = gateway.run

    def recorded(step: str, event: Mapping[str, Any]) -> Any:
        forget_clients()  # functions do not share clients
        before = len(stripe.calls())
        with recorder.during(step):
            answer = run(step, event)
        recorder.stripe_calls += [(step, call) for call in stripe.calls()[before:]]
        return answer

    monkeypatch.setattr(gateway, "run", recorded)
    yield recorder
    monkeypatch.undo()
    forget_clients()


def test_each_function_calls_what_its_policy_allows_and_nothing_else(
    aws: Aws, stripe: Simulator, recorder: Recorder
) -> None:
    every_function_does_what_it_can(aws, stripe, recorder)

    signed_up = recorder.calls["signup"]
    assert SIGN_UP in signed_up
    signed_up.remove(SIGN_UP)
    recorder.calls["publish_payment_events"] |= READ_THE_STREAM
    for step in STEPS:
        assert (step, recorder.calls[step]) == (step, allowed_actions(step))


def test_a_restricted_key_needs_what_the_docs_say_and_no_more(
    aws: Aws, stripe: Simulator, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = documented_rights()
    stripe.set_key(RESTRICTED, permissions=[*documented])
    monkeypatch.setattr(StripeSecret, "secret_key", lambda _, refresh=False: RESTRICTED)  # noqa: ARG005

    every_function_does_what_it_can(aws, stripe, recorder)

    used = {(step, right_for(call["method"], call["path"])) for step, call in recorder.stripe_calls}
    refused = [call["path"] for _, call in recorder.stripe_calls if call["status"] == 403]
    assert refused == []
    unused = {*documented} - {right for _, right in used}
    assert all(right.endswith("_read") for right in unused), unused
    assert unused <= {"rak_charge_read", "rak_dispute_read"}  # they come with what names them
    untold = {
        (step, right)
        for step, right in used
        for told in [documented.get(right) or documented[right.replace("_read", "_write")]]
        if step not in told and "functions" not in told
    }
    assert untold == set()


def documented_rights() -> dict[str, str]:
    """Each right that operate.md asks for, and what it says of the functions that need it."""
    page = (ROOT / "docs" / "operate.md").read_text()
    section = page.partition("## A restricted key")[2].partition("\n## ")[0]
    rights = {}
    for names, access, functions in _RIGHT.findall(section):
        for name in names.split(" and "):
            words = re.sub(r"(?<!^)(?=[A-Z])| ", "_", name)
            singular = words.lower().removesuffix("s")
            right = f"rak_{_RESOURCES.get(name, singular)}_{access}"
            if name != "Refunds":  # they go with charges
                rights[right] = functions
    return rights


def every_function_does_what_it_can(aws: Aws, stripe: Simulator, recorder: Recorder) -> None:
    """The journey, and everything that makes a function call something else."""
    everybody = ApiClient(Gateway(None))
    everybody.products()
    everybody.product("coffee")
    person = {"email": "privilege@example.com", "password": "Correct-Horse-1-Battery"}
    everybody.signup(**person, name="Somebody")
    assert everybody.signup(**person, name="Ada").status == 201  # the first one never confirmed
    client_for().cards()
    ada = client_for()
    card = ada.attached(stripe.payment_method(VISA))
    with somebody_else_writing(aws, recorder):
        payment = ada.create(product_id="coffee", payment_method_id=card).body
    ada.history()
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}/cancel")
    with somebody_else_writing(aws, recorder):
        assert ada.payment(payment["payment_id"]).body["status"] == "canceled"
    ada.create(product_id="coffee", payment_method_id="pm_unknown")
    stripe.fault("POST", "/v1/payment_intents", "remembered_500")
    assert ada.create(product_id="coffee", payment_method_id=card).status == 201
    other = ada.create(product_id="coffee", payment_method_id=card).body
    with somebody_else_writing(aws, recorder, other["payment_id"]):
        ada.confirm(other["payment_id"], cvc_token=stripe.cvc_token())
    lost = a_creation_that_was_cut_off(aws, ada, stripe, card)
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/detach")
    ada.confirm(lost, cvc_token=stripe.cvc_token())
    assert not asks_for_the_account(stripe)
    a_card_is_saved_again_and_removed(stripe)
    a_card_is_set_up(stripe)
    imported_customers_are_claimed(aws, stripe)
    behind_the_scenes(aws, ada, stripe)
    assert asks_for_the_account(stripe)
    assert ada.sign_out().status == 200
    sessions_and_sign_ups_end()
    people_are_kept_and_erased(aws)
    orders_are_made_paid_and_cancelled(aws, stripe)
    orders_are_charged_in_absence(aws, stripe, recorder)
    the_merchant_looks(aws, stripe, recorder)
    somebody_tries_cards(stripe)
    payments_look_like_fraud(stripe)
    money_goes_back(aws, stripe, partial(somebody_else_writing, aws, recorder))
    the_catalogue_changes()
    staff_come_and_go()


def somebody_tries_cards(stripe: Simulator) -> None:
    """Until every step that may cost money looks whether their network is busy, and refuses."""
    thief = client_for()
    card = thief.attached(stripe.payment_method("4242424242424242"))
    payment = thief.create(product_id="coffee", payment_method_id=card).body["payment_id"]
    refused = [thief.attach(stripe.payment_method("4000000000000002")).status for _ in range(6)]
    assert refused == [402] * 5 + [429]
    assert thief.set_up_card().status == 429
    assert thief.confirm(payment, cvc_token=stripe.cvc_token()).status == 429


def payments_look_like_fraud(stripe: Simulator) -> None:
    """One is reviewed and let pass, and one a bank warns of."""
    reviewed, warned_of = "4000000000009235", "4000000000005423"
    for number in (reviewed, warned_of):
        person = client_for()
        card = person.attached(stripe.payment_method(number))
        payment = person.create(product_id="coffee", payment_method_id=card).body["payment_id"]
        assert person.confirm(payment, cvc_token=stripe.cvc_token()).body["status"] == "succeeded"
    (review,) = stripe.listed(SECRET_KEY, "/v1/reviews")
    stripe.close_review(review["id"], "approved")
    for type_ in ("review.closed", "radar.early_fraud_warning.created"):
        (event,) = events(stripe, type_)
        assert deliver(event).body == {"outcome": "recorded"}


def orders_are_made_paid_and_cancelled(aws: Aws, stripe: Simulator) -> None:
    merchant = Merchant(stripe, aws)
    person = merchant.person

    def pay(order_id: str) -> Answer:
        return person.create(order_id=order_id, payment_method_id=merchant.card)

    assert _make_order("nobody").status == 422  # after a look for a replay
    paid, unpaid, begun = (str(_make_order(merchant.user_id).body["order_id"]) for _ in range(3))
    for query in ({"order_reference": "R-1"}, {"user_id": merchant.user_id}, {}):
        assert merchant.program.send("GET", "/merchant/orders", query=query).status == 200
    assert merchant.program.send("GET", f"/merchant/orders/{paid}").status == 200
    assert person.order(paid).status == 200
    payment = pay(paid).body
    assert pay(paid).body["payment_id"] == payment["payment_id"]
    assert person.confirm(payment["payment_id"], cvc_token=stripe.cvc_token()).status == 200
    staff = ApiClient(gateway.merchants_gateway("staff:sam"))
    seen = staff.send("GET", f"/merchant/orders/{paid}").body
    assert seen["email"]
    assert staff.send("GET", f"/merchant/payments/{seen['payment_id']}").body["email"]
    stripe.fault("POST", "/v1/payment_intents", "timeout_before", times=3)
    assert pay(begun).status == 503
    (cut_off,) = [row for row in aws.rows("PaymentsTable") if row.get("order_id") == begun]
    person.confirm(cut_off["payment_id"])  # creates the intent, and then wants a CVC
    for order_id in (unpaid, begun):
        path = f"/merchant/orders/{order_id}/cancel"
        assert merchant.program.send("POST", path, body={}).status == 200


def orders_are_charged_in_absence(aws: Aws, stripe: Simulator, recorder: Recorder) -> None:
    """Twice: the bank refuses the first time, and the second one is overtaken."""
    merchant = Merchant(stripe, aws)
    setup = merchant.person.set_up_card("off_session", consent_text="While I am away.").body
    stripe.set_up_card(setup["client_secret"], stripe.payment_method(VISA))
    card = merchant.person.attach_set_up(setup["setup_intent_id"]).body["payment_method_id"]
    order_id = str(_make_order(merchant.user_id).body["order_id"])
    charge = {"order_id": order_id, "user_id": merchant.user_id, "payment_method_id": card}
    stripe.fault("POST", "/confirm", "remembered_500")
    stripe.let_expire(card)
    assert merchant.asks("POST", "", **charge).body["status"] == "requires_payment_method"
    (row,) = [row for row in aws.rows("PaymentsTable") if row.get("order_id") == order_id]
    with somebody_else_writing(aws, recorder, row["payment_id"]):
        stripe.renew(card, exp_month=12, exp_year=2039)
        assert merchant.asks("POST", "", **charge).body["status"] == "succeeded"


def the_merchant_looks(aws: Aws, stripe: Simulator, recorder: Recorder) -> None:
    """By every index, and at payments of orders that were paid behind our back."""
    merchant = Merchant(stripe, aws)
    for query in (
        {},
        {"status": "succeeded"},
        {"status": "disputed"},
        {"order_reference": "R-1"},
        {"email": "nobody@example.com"},
        {"user_id": merchant.user_id},
    ):
        assert merchant.program.send("GET", "/merchant/payments", query=query).status == 200
    paid = [merchant.captured_at_stripe() for _ in range(2)]
    with somebody_else_writing(aws, recorder, paid[0]):
        assert merchant.asks("GET", paid[0]).body["status"] == "succeeded"
    assert merchant.person.payment(paid[1]).body["status"] == "succeeded"


def _make_order(user_id: str) -> Answer:
    body = {
        "order_reference": "R-1",
        "user_id": user_id,
        "currency": "eur",
        "lines": [{"description": "Coffee", "quantity": 1, "unit_amount": 1099}],
    }
    key = {"Idempotency-Key": str(uuid.uuid4())}
    program = ApiClient(gateway.merchants_gateway())
    return program.send("POST", "/merchant/orders", body=body, headers=key)


def the_catalogue_changes() -> None:
    """A program puts a product on sale, and takes it off."""
    shop = ApiClient(gateway.merchants_gateway())
    mug = {"name": "Mug", "prices": {"eur": 900}}
    assert shop.send("PUT", "/merchant/products/mug", body=mug).status == 200
    assert shop.send("GET", "/merchant/products").status == 200
    assert shop.send("GET", "/merchant/products", query={"product_id": "mug"}).status == 200
    assert shop.send("DELETE", "/merchant/products/mug").status == 200


def staff_come_and_go() -> None:
    """Somebody of the staff logs in without a one-time code, and then with one."""
    signed_up = ApiClient(Gateway(None)).signup(
        email="staff@example.com", password="Correct-Horse-1-Battery", name="Staff"
    )
    user_id = signed_up.body["user_id"]
    login = event_of("pre_token_generation")
    login["userPoolId"] = os.environ["USER_POOL_ID"]
    login["request"]["userAttributes"]["sub"] = user_id
    login["request"]["groupConfiguration"]["groupsToOverride"] = ["support"]
    assert not gateway.run("pre_token_generation", login)["response"]["claimsOverrideDetails"]
    user = User(user_id, "staff@example.com", "Staff", auth_time=int(time.time()) + 60)
    token = PersonToken(user, "session", frozenset({"support"}), "entered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "pool_tokens", lambda: SimpleNamespace(read=lambda _: token))
        policy = gateway.run("authorize_merchant", event_of("authorize_merchant"))
    assert policy["principalId"] == f"staff:{user_id}"


def sessions_and_sign_ups_end() -> None:
    """A new password, and the run that removes who never confirmed."""
    forgotten = event_of("post_confirmation") | {
        "triggerSource": "PostConfirmation_ConfirmForgotPassword",
        "userPoolId": os.environ["USER_POOL_ID"],
    }
    gateway.run("post_confirmation", forgotten)
    gateway.run("pre_sign_up", event_of("pre_sign_up"))
    assert gateway.run("remove_unconfirmed_users", {"older_than_days": 0})["removed"] >= 1


def people_are_kept_and_erased(aws: Aws) -> None:
    """Somebody changes the account and asks for its deletion, twice; an operator keeps it once."""
    email = "erased@example.com"
    signed_up = ApiClient(Gateway(None)).signup(
        email=email, password="Correct-Horse-1-Battery", name="Somebody"
    )
    user_id = signed_up.body["user_id"]
    aws.confirm(user_id)
    claims = {"sub": user_id, "email": email, "name": "Somebody", "token_use": "id"}
    person = ApiClient(Gateway(claims | {"auth_time": str(int(time.time()) + 60)}))
    assert person.change_account(name="Somebody Else").status == 200
    aws.verify(user_id, "verified@example.com")
    assert person.account().status == 200
    assert person.export().status == 200
    assert _make_order(user_id).status == 201
    assert person.delete_account().status == 202
    assert person.account().status == 200
    assert gateway.run("erase_accounts", {"keep": user_id}) == {"kept": 1}
    (before,) = [row for row in aws.rows("CustomersTable") if row["user_id"] == user_id]
    assert person.send("DELETE", "/account").status == 202
    aws.put_customer(before)  # from a backup
    assert gateway.run("erase_accounts", {"older_than_days": 0})["erased"] >= 1
    deletes_own_user = client_for()
    assert deletes_own_user.cards().status == 200
    event = {"older_than_days": 0, "many_are_gone": True}
    told = [gateway.run("erase_accounts", event) for _ in range(3)]
    assert [each["failed"] for each in told] == [0, 0, 0]
    assert told[1]["requested"]
    assert told[2]["erased"]


def a_card_is_saved_again_and_removed(stripe: Simulator) -> None:
    """While open payments need it, which end one after the other."""
    bob = client_for()
    card = bob.attached(stripe.payment_method(VISA))
    payments = [bob.create(product_id="coffee", payment_method_id=card).body for _ in range(3)]
    newer = next(each for each in iter(lambda: stripe.payment_method(VISA), None) if each > card)
    assert bob.attached(newer) == newer
    changed = bob.change_card(newer, default=True, exp_month=1, exp_year=2044)
    assert changed.status == 200
    assert bob.delete_card(newer).status == 204
    for payment in payments:
        stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}/cancel")
    by_webhook, by_replay, _ = payments
    deliver(
        next(
            event
            for event in events(stripe, "payment_intent.canceled")
            if event["data"]["object"]["id"] == by_webhook["payment_intent_id"]
        )
    )
    gateway.run("replay_events", {"payment_id": by_replay["payment_id"]})


def a_card_is_set_up(stripe: Simulator) -> None:
    """Twice: once the browser comes back, and once only Stripe tells of it."""
    person = client_for()
    started = [person.set_up_card().body for _ in range(2)]
    for intent in started:
        stripe.set_up_card(intent["client_secret"], stripe.payment_method(VISA))
    assert person.attach_set_up(started[0]["setup_intent_id"]).status == 201
    event = events(stripe, "setup_intent.succeeded")[0]
    assert event["data"]["object"]["id"] == started[1]["setup_intent_id"]
    assert deliver(event).status == 200
    assert len(person.cards().body["data"]) == 1


def imported_customers_are_claimed(aws: Aws, stripe: Simulator) -> None:
    """By the first step, whichever it is."""
    first_steps: list[Callable[[ApiClient], Any]] = [
        lambda person: person.cards(),
        lambda person: person.set_up_card(),
        lambda person: person.attach(stripe.payment_method(VISA)),
    ]
    for first_step in first_steps:
        user_id = str(uuid.uuid4())
        email = f"{user_id}@example.com"
        customer = stripe.create_customer(SECRET_KEY, email=email)
        aws.put_import(email, customer)
        left_behind = {"metadata[user_id]": user_id, "email": email}
        stripe.create_customer(SECRET_KEY, **left_behind)
        claims = {"sub": user_id, "email": email, "name": "Ada", "email_verified": "true"}
        assert first_step(ApiClient(Gateway(claims))).status in {200, 201}
        (row,) = [row for row in aws.rows("CustomersTable") if row["user_id"] == user_id]
        assert row["stripe_customer_id"] == customer


def asks_for_the_account(stripe: Simulator) -> bool:
    """Whether Stripe was asked whose key ours is, which nobody who waits needs to know."""
    return any(call["path"] == "/v1/account" for call in stripe.calls())


def a_creation_that_was_cut_off(aws: Aws, ada: ApiClient, stripe: Simulator, card: str) -> str:
    """A pending payment that Stripe does not know."""
    stripe.fault("POST", "/v1/payment_intents", "timeout_before", times=3)
    ada.create(product_id="coffee", payment_method_id=card)
    return next(str(row["payment_id"]) for row in aws.rows("PaymentsTable") if row["version"] == 1)


def behind_the_scenes(aws: Aws, ada: ApiClient, stripe: Simulator) -> None:
    """Background work: webhooks, reconciliation, replays and publishing."""

    def refund_and_rename() -> None:
        stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent_id, amount="1")
        stripe.post(SECRET_KEY, f"/v1/customers/{customer_id}", name=str(uuid.uuid4()))

    def leave_a_refused_creation() -> str:
        card = ada.attached(stripe.payment_method("4242424242424242"))
        lost = a_creation_that_was_cut_off(aws, ada, stripe, card)
        stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/detach")
        return lost

    def leave_a_card_that_was_set_up() -> None:
        secret = client_for(ada_row(aws)["user_id"]).set_up_card().body["client_secret"]
        stripe.set_up_card(secret, stripe.payment_method("5555555555554444"))

    intent_id = next(
        row["payment_intent_id"]
        for row in aws.rows("PaymentsTable")
        if row["status"] == "succeeded"
    )
    customer_id = ada_row(aws)["stripe_customer_id"]
    refund_and_rename()
    deliver(events(stripe, "charge.refunded")[0])
    deliver(events(stripe, "customer.updated")[0])
    refund_and_rename()
    leave_a_refused_creation()
    leave_a_card_that_was_set_up()
    second = int(time.time())
    while int(time.time()) == second:  # a window of events ends before the current second
        time.sleep(0.01)
    gateway.run("reconcile_payments", {"older_than_minutes": -1})
    refund_and_rename()
    gateway.run("replay_events", {"payment_id": leave_a_refused_creation()})
    leave_a_card_that_was_set_up()
    gateway.run("replay_events", {"since": 0, "until": int(time.time()) + 1})
    gateway.run("replay_events", {"republish_since": "2026-01-01"})
    poison = event_of("publish_payment_events")
    del poison["Records"][0]["dynamodb"]["NewImage"]["amount"]
    aws.put_payment({"payment_id": "pay_unreadable", "updated_at": "2026-01-01"})
    gateway.run("publish_payment_events", poison)
    gateway.run("publish_payment_events", event_of("publish_payment_events"))
    arrival = {
        "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00Z",
        "approximateArrivalOfLastRecord": "2026-01-01T00:00:01Z",
    }
    aws.queue({"DDBStreamBatchInfo": arrival})
    gateway.run("replay_events", {"queued": True})


def ada_row(aws: Aws) -> dict[str, Any]:
    """The row of the person who has paid."""
    (paid,) = [row for row in aws.rows("PaymentsTable") if row["status"] == "succeeded"]
    return next(row for row in aws.rows("CustomersTable") if row["user_id"] == paid["user_id"])


@contextmanager
def somebody_else_writing(
    aws: Aws, recorder: Recorder, payment_id: str | None = None
) -> Iterator[None]:
    """Let another request write to the payment between our read and our write, once."""

    def write(action: str, resources: list[str]) -> None:
        if action == "dynamodb:UpdateItem" and resources != ["LimitsTable"]:
            recorder.before = lambda *_: None
            rows = aws.rows("PaymentsTable")
            (row,) = [row for row in rows if payment_id in {None, row["payment_id"]}]
            aws.put_payment(row | {"version": row["version"] + 1})

    recorder.before = write
    yield
