"""What the functions really call is what their policies allow, no less and no more."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from tests.api_client import Answer, ApiClient
from tests.infra.policies import allowed_actions
from tests.infra.routes import STEPS
from tests.integration import gateway
from tests.integration.aws import Aws
from tests.integration.conftest import SECRET_KEY, forget_clients
from tests.integration.gateway import Gateway, client_for
from tests.simulator_client import Simulator

VISA = "4242424242424242"

# A public operation of the app client, which no policy has a say in.
SIGN_UP = ("cognito-idp:SignUp", "UserPool")

_SERVICES = {"secrets-manager": "secretsmanager", "cognito-identity-provider": "cognito-idp"}


class Recorder:
    """The AWS calls of each function, as IAM names them."""

    def __init__(self) -> None:
        self.calls: dict[str, set[tuple[str, str]]] = {step: set() for step in STEPS}
        self.before: Callable[[str], None] = lambda _: None
        self._step: str | None = None

    @contextmanager
    def during(self, step: str) -> Iterator[None]:
        """Ascribe what is called to this function."""
        self._step = step
        yield
        self._step = None

    def record(self, model: Any, params: Mapping[str, Any], **_: object) -> None:
        """Note one call; botocore calls this before it sends a request."""
        if self._step is None:
            return
        service = model.service_model.service_id.hyphenize()
        action = f"{_SERVICES.get(service, service)}:{model.name}"
        self.calls[self._step] |= {
            (action, resource) for resource in _resources(json.loads(params["body"]))
        }
        step, self._step = self._step, None
        self.before(action)
        self._step = step


def _resources(body: Mapping[str, Any]) -> list[str]:
    if "RequestItems" in body:
        return list(body["RequestItems"])
    if "TableName" in body:
        index = f"/index/{body['IndexName']}" if "IndexName" in body else ""
        return [body["TableName"] + index]
    return ["StripeSecret"] if "SecretId" in body else ["UserPool"]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """Records what the functions call through clients made from here on."""
    recorder = Recorder()
    session = boto3.Session()
    session.events.register("before-call", recorder.record)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    invoke = gateway.invoke

    def recorded(step: str, event: Mapping[str, Any]) -> Answer:
        forget_clients()  # a function shares none with another one
        with recorder.during(step):
            return invoke(step, event)

    monkeypatch.setattr(gateway, "invoke", recorded)
    yield recorder
    monkeypatch.undo()
    forget_clients()


def test_each_function_calls_what_its_policy_allows_and_nothing_else(
    aws: Aws, stripe: Simulator, recorder: Recorder
) -> None:
    # The journey, and whatever makes a function call something more.
    everybody = ApiClient(Gateway(None))
    everybody.products()
    everybody.signup(email="privilege@example.com", password="Correct-Horse-1-Battery", name="Ada")
    client_for().cards()
    ada = client_for()
    card = ada.attached(stripe.payment_method(VISA))
    ada.create(product_id="coffee", payment_method_id="pm_unknown")
    with somebody_else_writing(aws, recorder):
        payment = ada.create(product_id="coffee", payment_method_id=card).body
    ada.history()
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{payment['payment_intent_id']}/cancel")
    with somebody_else_writing(aws, recorder):
        assert ada.payment(payment["payment_id"]).body["status"] == "canceled"
    other = ada.create(product_id="coffee", payment_method_id=card).body
    ada.confirm(other["payment_id"], cvc_token=stripe.cvc_token())

    signed_up = recorder.calls["signup"]
    assert SIGN_UP in signed_up
    signed_up.remove(SIGN_UP)
    assert recorder.calls == {step: allowed_actions(step) for step in STEPS}


@contextmanager
def somebody_else_writing(aws: Aws, recorder: Recorder) -> Iterator[None]:
    """Let another request write to the payment between our read and our write, once."""

    def write(action: str) -> None:
        if action == "dynamodb:UpdateItem":
            recorder.before = lambda _: None
            row = aws.payment()
            aws.put_payment(row | {"version": row["version"] + 1})

    recorder.before = write
    yield
