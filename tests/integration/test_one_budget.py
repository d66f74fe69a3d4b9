"""However slow the others are, each step answers in time, with an answer of ours."""

import json
import socket
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from payments.aws import stripe_secret, user_pool
from payments.aws.client import AwsClient
from payments.deadline import MARGIN_SECONDS
from payments.domain.errors import UnavailableError
from payments.repositories import dynamodb
from payments.settings import settings
from tests.integration.conftest import SECRET_KEY, forget_clients
from tests.integration.every_request import REQUESTS, Request, look, news
from tests.integration.test_sample_events import event_of
from tests.support import gateway
from tests.support.api_client import Answer
from tests.support.aws import Aws
from tests.support.cloudformation import load_template
from tests.support.commands import TEMPLATE
from tests.support.fakes.http_server import HttpServer
from tests.support.fakes.http_server import answer as http_answer
from tests.support.fakes.slow_services import (
    SERVICES,
    STRIPE,
    Behaviour,
    Internet,
    after,
    never,
    slow_services,
)
from tests.support.routes import ROUTES, function_id
from tests.support.simulator_client import Simulator

SHORT = 3.0
LONGEST = 24.0  # of what API Gateway waits; the rest is for the start
WITHOUT_STRIPE = {
    "sign_out",
    "list_products",
    "get_product",
    "list_payments",
    "get_order",
    "create_order",
    "list_orders",
    "get_merchant_order",
    "list_merchant_payments",
    "list_merchant_products",
    "put_product",
    "delete_product",
}
OF_THE_POOL = {"signup", "get_account", "update_account", "delete_account", "export_account"}
SLOW: dict[str, Behaviour] = {"never": never, "late": after(0.9)}
every_step = pytest.mark.parametrize("step", REQUESTS)


def timeout_of(step: str) -> float:
    """The Timeout of a step's function."""
    template = load_template(TEMPLATE)
    properties = template["Resources"][function_id(step)]["Properties"]
    timeout = properties.get("Timeout", template["Globals"]["Function"]["Timeout"])
    return float(timeout)


@pytest.fixture
def internet(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """What the functions call, which answers at once so far."""
    assert aws
    forget_clients()
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    longest = "payments.aws.client.random.SystemRandom.random"
    monkeypatch.setattr(longest, lambda _: 1.0)  # the longest waits
    with slow_services(monkeypatch) as internet:
        yield internet
        internet.behaviours.clear()
        monkeypatch.undo()
        forget_clients()


def in_a_new_process(step: str, internet: Internet, stripe: Simulator) -> Request:
    """A step's request, to a function that has not read its secrets yet."""
    request = REQUESTS[step](stripe)
    forget_clients()
    internet.calls.clear()
    return request


def assert_in_time(internet: Internet, budget: float, *, began_at: float) -> None:
    """No call was begun after the budget's end, nor given more time than was left of it."""
    end = began_at + budget
    for call in internet.calls:
        assert call.began_at < end, call
        assert call.began_at + call.seconds <= end + 0.001, call
    assert internet.clock.now <= end + 0.001


def assert_ours(answer: Answer) -> None:
    """The person is told to send the same request again."""
    assert answer.status == 503
    assert answer.code in {"service_unavailable", "stripe_unavailable"}
    assert answer.body["retryable"] is True
    assert int(answer.headers["Retry-After"]) > 0


def test_every_route_is_here() -> None:
    assert set(REQUESTS) == set(ROUTES.values())


@pytest.mark.parametrize(
    ("step", "service"),
    [
        *((step, service) for step in REQUESTS for service in ("dynamodb", STRIPE)),
        *((step, "secretsmanager") for step in REQUESTS if step not in WITHOUT_STRIPE),
        *((step, "cognito-idp") for step in REQUESTS if step in OF_THE_POOL),
    ],
)
@pytest.mark.parametrize("slowness", SLOW)
@pytest.mark.parametrize("seconds", [SHORT, None], ids=["three seconds left", "the whole Timeout"])
def test_a_step_answers_in_time_whoever_is_slow(
    internet: Internet,
    stripe: Simulator,
    step: str,
    slowness: str,
    service: str,
    seconds: float | None,
) -> None:
    # Given
    request = in_a_new_process(step, internet, stripe)
    left = seconds or timeout_of(step)
    internet.behaviours[service] = SLOW[slowness]
    internet.invocation_ends_in(left)
    began_at = internet.clock.now
    # When
    answer = request()
    # Then
    assert_in_time(internet, min(left - MARGIN_SECONDS, LONGEST), began_at=began_at)
    if step == "signup" and service != "cognito-idp":
        assert answer.status == 201  # the person exists; their Customer may wait
    elif (slowness == "never" and internet.called(service)) or answer.status >= 300:
        assert_ours(answer)


@every_step
@pytest.mark.parametrize("left", [SHORT, 1.5, 0.5])
def test_a_step_answers_in_time_if_everything_is_slow(
    internet: Internet, stripe: Simulator, step: str, left: float
) -> None:
    request = in_a_new_process(step, internet, stripe)
    internet.behaviours = dict.fromkeys(SERVICES, after(0.4))
    internet.invocation_ends_in(left)
    began_at = internet.clock.now
    answer = request()
    assert_in_time(internet, max(0.0, left - MARGIN_SECONDS), began_at=began_at)
    if answer.status >= 300:
        assert_ours(answer)


@every_step
def test_a_step_has_time_for_all_tries_of_dynamodb(
    internet: Internet, stripe: Simulator, step: str
) -> None:
    # Given the longest waits between them
    request = in_a_new_process(step, internet, stripe)
    internet.behaviours["dynamodb"] = never
    internet.invocation_ends_in(timeout_of(step))
    # When
    request()
    # Then
    tries = [call for call in internet.calls if call.service == "dynamodb"]
    if step == "signup":
        counted, *tries = tries  # how many have signed up from there: 0.8 seconds at most
        assert counted.seconds == pytest.approx(0.8)
        assert [call.seconds for call in tries] == pytest.approx([2, 1])  # of its four seconds
    else:
        assert [call.seconds for call in tries] == [2, 2, 2]


@pytest.mark.parametrize(
    ("service", "seconds"), [(STRIPE, 4), ("secretsmanager", 4), ("dynamodb", 0.8 + 4)]
)
def test_a_sign_up_waits_four_seconds_for_what_it_does_not_need(
    internet: Internet, stripe: Simulator, service: str, seconds: float
) -> None:
    # And 0.8 seconds before, to count it.
    request = in_a_new_process("signup", internet, stripe)
    internet.behaviours[service] = never
    internet.invocation_ends_in(timeout_of("signup"))
    began_at = internet.clock.now
    assert request().status == 201
    assert internet.clock.now - began_at <= seconds + 0.001


def test_once_the_key_was_read_it_serves_while_its_secret_cannot_be_read(
    internet: Internet, stripe: Simulator
) -> None:
    # Given
    ask = look(stripe)
    assert ask().status == 200
    # When
    internet.behaviours["secretsmanager"] = never
    for _ in range(10):
        internet.clock.sleep(60)
        internet.invocation_ends_in(SHORT)
        began_at = internet.clock.now
        # Then
        assert ask().status == 200
        assert internet.clock.now - began_at <= 1


# Over real sockets


TRICKLING: dict[str, tuple[str, ModuleType | None, str, str]] = {
    STRIPE: (
        "STRIPE_API_BASE",
        None,
        '{"object": "list", "data": [], "has_more": false}',
        "list_payment_methods",
    ),
    "dynamodb": ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb, '{"Items": []}', "list_payments"),
    "secretsmanager": (
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        stripe_secret,
        json.dumps({"SecretString": json.dumps({"secret_key": SECRET_KEY})}),
        "list_payment_methods",
    ),
    "cognito-idp": (
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
        user_pool,
        '{"UserSub": "ada", "UserConfirmed": true}',
        "signup",
    ),
}


@pytest.mark.parametrize("service", TRICKLING)
def test_an_answer_that_comes_a_byte_at_a_time_is_not_waited_for(
    aws: Aws, stripe: Simulator, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an answer that is right, and would be there after five seconds
    variable, module, body, step = TRICKLING[service]
    over = threading.Event()

    def trickle(connection: socket.socket) -> bool:
        for byte in http_answer(body.ljust(100).encode()):
            if over.wait(0.02 if byte > ord(" ") else 0.05):
                break
            connection.sendall(bytes([byte]))
        return False

    assert aws
    request = REQUESTS[step](stripe)
    server = HttpServer(trickle)
    monkeypatch.setenv(variable, server.url)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setattr(gateway.Context, "get_remaining_time_in_millis", lambda _: 1500)
    if module:
        monkeypatch.setattr(module, "AwsClient", AwsClient)
    settings.cache_clear()
    forget_clients()
    # When
    with server.running():
        answered = request()
        over.set()
    # Then
    assert_ours(answered)
    assert len(server.requests) == 1  # there was no time for another
    settings.cache_clear()
    monkeypatch.undo()
    forget_clients()


# Where nobody waits


BACKGROUND: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "an event through EventBridge": (
        "stripe_webhook",
        {"source": "aws.partner/stripe.com/ed_test"},
        [STRIPE, "dynamodb", "secretsmanager"],
    ),
    "reconciliation": (
        "reconcile_payments",
        {"older_than_minutes": -1},
        [STRIPE, "dynamodb", "secretsmanager"],
    ),
    "a replay of events": (
        "replay_events",
        {"since": 0, "until": 2**31},
        [STRIPE, "dynamodb", "secretsmanager"],
    ),
    "payment events again": (
        "replay_events",
        {"republish_since": "2026-01-01"},
        ["dynamodb", "events"],
    ),
    "payment events": (
        "publish_payment_events",
        event_of("publish_payment_events"),
        ["events"],
    ),
}


@pytest.mark.parametrize("slowness", [*SLOW, "very late"])
@pytest.mark.parametrize(
    ("job", "service"),
    [(job, service) for job, (_, _, services) in BACKGROUND.items() for service in services],
)
def test_what_nobody_waits_for_ends_before_lambda_ends_it(
    internet: Internet, stripe: Simulator, job: str, service: str, slowness: str
) -> None:
    # Given
    step, event, _ = BACKGROUND[job]
    detail = news(stripe)
    forget_clients()
    internet.behaviours[service] = SLOW.get(slowness, after(6.5))
    internet.invocation_ends_in(timeout_of(step))
    began_at = internet.clock.now
    # When
    try:
        gateway.run(step, event if step != "stripe_webhook" else {**event, "detail": detail})
    except UnavailableError:
        assert slowness != "late"  # what calls the function, calls it again
    # Then
    assert internet.called(service)
    assert_in_time(internet, timeout_of(step) - MARGIN_SECONDS, began_at=began_at)
