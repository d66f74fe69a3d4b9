"""An app's answers, whatever happens: problems, headers and one line in the log."""

import json
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import logs
from payments.api import app as http
from payments.api.problems import problem_of
from payments.domain.errors import (
    AuthenticationFailedError,
    CardDeclinedError,
    PaymentNotFoundError,
    PaymentsError,
    RateLimitedError,
    StripeUnavailableError,
    ValidationError,
)
from tests.unit.api_gateway import REQUEST_ID, Answer, an_event, send
from tests.unit.builders import a_payment, an_intent
from tests.unit.orders_app import (
    ALLOWED_ORIGIN,
    broken_app,
    create_order_app,
    delete_order_app,
    get_payment_app,
    list_orders_app,
    orders_settings,
    public_app,
)

Log = Callable[[], list[dict[str, Any]]]

ORDER = {"name": "coffee", "password": "Very-Secret-1"}
HEADERS = {"Idempotency-Key": "a-key-that-is-long-enough", "Authorization": "Bearer id.token"}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "settings", orders_settings)


def answer_to(error: Exception | None, **headers: str) -> Answer:
    """The answer to a request whose use case raises this error."""

    def act() -> None:
        if error:
            raise error

    return send(create_order_app(act), an_event(body=ORDER, headers={**HEADERS, **headers}))


# Problems


def test_an_error_is_answered_as_a_problem_document() -> None:
    # When
    answer = answer_to(PaymentNotFoundError())
    # Then
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body == {
        "type": "urn:till:problem:payment_not_found",
        "title": "There is no such payment",
        "status": 404,
        "detail": "The payment does not exist.",
        "instance": REQUEST_ID,
        "code": "payment_not_found",
    }


def test_a_decline_shows_its_reason_whether_to_retry_and_the_payment() -> None:
    # Given
    payment = a_payment(status="requires_payment_method")
    # When
    answer = answer_to(
        CardDeclinedError(
            "Ask your bank.", decline_code="lost_card", payment=payment, intent=an_intent()
        )
    )
    # Then
    assert (answer.status, answer.body["code"]) == (402, "card_declined")
    assert answer.body["detail"] == "Ask your bank."
    assert (answer.body["decline_code"], answer.body["retryable"]) == ("lost_card", False)
    assert answer.body["payment"]["payment_id"] == "pay_1"
    assert answer.body["payment"]["status"] == "requires_payment_method"


def test_a_failed_authentication_shows_the_payment() -> None:
    answer = answer_to(AuthenticationFailedError(payment=a_payment(), intent=an_intent()))
    assert (answer.status, answer.body["code"]) == (402, "authentication_failed")
    assert answer.body["retryable"]
    assert answer.body["payment"]["payment_id"] == "pay_1"


def test_an_invalid_field_found_late_is_named_as_well() -> None:
    answer = answer_to(ValidationError([("cursor", "Use another one.")]))
    assert answer.body["errors"] == [{"field": "cursor", "message": "Use another one."}]


@pytest.mark.parametrize("error", [RateLimitedError(), StripeUnavailableError()])
def test_what_may_go_away_says_when_to_try_again(error: PaymentsError) -> None:
    answer = answer_to(error)
    assert answer.status == problem_of(error).status
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.body["retryable"]


def test_without_an_authorizer_nobody_is_let_in() -> None:
    answer = send(list_orders_app(), an_event("GET", user=None))
    assert (answer.status, answer.body["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(("method", "path"), [("GET", "/other"), ("DELETE", "/orders")])
def test_an_unknown_route_is_not_found(method: str, path: str) -> None:
    answer = send(create_order_app(), an_event(method, path))
    assert (answer.status, answer.body["code"]) == (404, "route_not_found")


# Nothing to answer


def deleted(act: Callable[[], None] = lambda: None, **headers: str) -> dict[str, Any]:
    """The answer of a route that has nothing to tell, as API Gateway gets it."""
    event = an_event("DELETE", "/orders/1", resource="/orders/{order_id}", headers=headers)
    return delete_order_app(act).resolve(event, cast("LambdaContext", None))


def test_what_has_nothing_to_tell_is_answered_without_a_body(log: Log) -> None:
    answer = deleted(Origin=ALLOWED_ORIGIN)
    assert (answer["statusCode"], answer["body"]) == (204, "")
    headers = answer["multiValueHeaders"]
    assert "Content-Type" not in headers
    assert headers["Cache-Control"] == ["no-store"]
    assert headers["Access-Control-Allow-Origin"] == [ALLOWED_ORIGIN]
    (line,) = log()
    assert (line["route"], line["status"]) == ("DELETE /orders/{order_id}", 204)


def test_its_errors_are_problem_documents_like_any_other() -> None:
    def fail() -> None:
        raise PaymentNotFoundError

    answer = deleted(fail)
    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (404, 404)
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]


def test_a_route_with_an_answer_never_answers_without_a_body() -> None:
    answer = send(broken_app(None), an_event("GET", "/broken"))
    assert (answer.status, answer.body["code"]) == (500, "internal_error")


# Defects


def test_a_bug_is_answered_without_details_and_logged_with_them(log: Log) -> None:
    # When
    answer = answer_to(ZeroDivisionError("what only we may know"))
    # Then
    assert (answer.status, answer.body["code"]) == (500, "internal_error")
    assert "what only we may know" not in str(answer)
    assert "ZeroDivisionError" not in str(answer)
    failed, answered = log()
    assert "ZeroDivisionError: what only we may know" in failed["exception"]
    assert (failed["level"], failed["correlation_id"]) == ("ERROR", REQUEST_ID)
    assert (answered["status"], answered["code"]) == (500, "internal_error")


def test_an_answer_of_the_wrong_type_is_a_bug() -> None:
    answer = send(broken_app(), an_event("GET", "/broken"))
    assert (answer.status, answer.body["code"]) == (500, "internal_error")


def test_what_we_depend_on_is_logged_with_its_cause(log: Log) -> None:
    # Given
    error = StripeUnavailableError()
    error.__cause__ = ConnectionError("no route to host")
    # When
    answer_to(error)
    # Then
    failed, _ = log()
    assert "no route to host" in failed["exception"]


@pytest.mark.parametrize(
    "garbage",
    [
        {},
        {"Records": []},
        {"httpMethod": "GET"},
        {"httpMethod": "GET", "path": "/other"},
        {"httpMethod": None, "path": None, "requestContext": None},
        {**an_event(body=ORDER, headers=HEADERS), "multiValueHeaders": {"Content-Type": [1]}},
    ],
)
def test_an_event_that_is_not_from_api_gateway_is_answered_properly(
    garbage: dict[str, Any], log: Log
) -> None:
    # When
    response = create_order_app().resolve(garbage, cast("LambdaContext", None))
    # Then
    assert response["statusCode"] == 500
    assert json.loads(response["body"])["code"] == "internal_error"
    assert response["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]
    assert response["multiValueHeaders"]["Cache-Control"] == ["no-store"]
    assert log()


def test_an_event_that_lacks_only_its_resource_is_answered() -> None:
    event = an_event("GET", query={"limit": "7"})
    del event["resource"]
    assert send(list_orders_app(), event).status == 200


@pytest.mark.parametrize("missing", ["headers", "multiValueHeaders", "queryStringParameters"])
def test_what_api_gateways_console_leaves_out_is_not_missed(missing: str) -> None:
    event = {**an_event("GET"), missing: None}
    assert send(list_orders_app(), event).status == 200


@pytest.mark.parametrize("claims", [None, {}, {"sub": None}, {"sub": ""}, {"sub": 1}])
def test_claims_without_a_person_let_nobody_in(claims: object) -> None:
    event = an_event("GET")
    event["requestContext"]["authorizer"] = {"claims": claims}
    answer = send(list_orders_app(), event)
    assert (answer.status, answer.body["code"]) == (401, "not_authenticated")


# Headers


@pytest.mark.parametrize("error", [None, PaymentNotFoundError(), ZeroDivisionError()])
def test_no_answer_is_kept_by_a_cache(error: Exception | None) -> None:
    assert answer_to(error).headers["Cache-Control"] == "no-store"


def kept_answer(name: str = "coffee", **headers: str) -> Answer:
    """The answer of a route that anyone may keep."""
    return send(public_app(lambda: name), an_event("GET", user=None, headers=headers))


def test_a_public_answer_may_be_kept_by_anyone_for_a_minute() -> None:
    answer = kept_answer()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Vary"] == "Origin"
    assert answer.headers["Content-Type"] == "application/json"


def test_an_etag_is_of_the_body() -> None:
    etag = kept_answer().headers["ETag"]
    assert re.fullmatch('"[0-9a-f]{32}"', etag)
    assert kept_answer().headers["ETag"] == etag
    assert kept_answer("tea").headers["ETag"] != etag


@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}', '"other" , W/{} ', "*"])
def test_who_has_this_very_answer_gets_no_other(sent: str) -> None:
    etag = kept_answer().headers["ETag"]
    answer = kept_answer(**{"If-None-Match": sent.format(etag), "Origin": ALLOWED_ORIGIN})
    assert (answer.status, answer.body) == (304, None)
    assert answer.headers["ETag"] == etag
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN


@pytest.mark.parametrize("sent", ["", "other", '"other"', 'W/"other"'])
def test_who_has_another_answer_gets_this_one(sent: str) -> None:
    answer = kept_answer(**{"If-None-Match": sent})
    assert (answer.status, answer.body["name"]) == (200, "coffee")


def test_an_error_of_a_public_route_is_not_kept() -> None:
    def fail() -> str:
        raise RateLimitedError

    answer = send(public_app(fail), an_event("GET", headers={"If-None-Match": "*"}))
    assert (answer.status, answer.headers["Cache-Control"]) == (429, "no-store")
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("error", [None, PaymentNotFoundError(), ZeroDivisionError()])
def test_the_allowed_origin_may_read_every_answer(error: Exception | None) -> None:
    headers = answer_to(error, Origin=ALLOWED_ORIGIN).headers
    assert headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN
    assert "Retry-After" in headers["Access-Control-Expose-Headers"]
    assert "Idempotency-Key" in headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("error", [None, PaymentNotFoundError(), ZeroDivisionError()])
@pytest.mark.parametrize(
    "origin",
    [
        {},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": ALLOWED_ORIGIN + ".evil.example.com"},
        {"Origin": "http://shop.example.com"},
    ],
)
def test_no_other_origin_may_read_any_answer(
    error: Exception | None, origin: dict[str, str]
) -> None:
    assert "Access-Control-Allow-Origin" not in answer_to(error, **origin).headers


def test_with_a_star_every_origin_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "settings", lambda: orders_settings(allowed_origin="*"))
    headers = answer_to(None, Origin="https://anywhere.example.com").headers
    assert headers["Access-Control-Allow-Origin"] == "*"


# The log


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(None, 201, None), (PaymentNotFoundError(), 404, "payment_not_found")],
)
def test_a_request_is_one_line_in_the_log(
    log: Log, error: Exception | None, status: int, code: str | None
) -> None:
    # When
    answer_to(error)
    # Then
    (line,) = log()
    assert line["route"] == "POST /orders"
    assert (line["status"], line.get("code")) == (status, code)
    assert (line["level"], line["correlation_id"]) == ("INFO", REQUEST_ID)


def test_the_line_names_person_and_payment_and_tells_how_long_it_took(log: Log) -> None:
    # Given
    path, resource = "/payments/pay_1", "/payments/{payment_id}"
    # When
    send(get_payment_app(), an_event("GET", path, resource=resource))
    # Then
    (line,) = log()
    assert (line["user_id"], line["payment_id"]) == ("ada", "pay_1")
    assert line["duration_ms"] >= 0


@pytest.mark.parametrize("part", ["ada@example.com", "pay_ada@example.com", "pay_", "pay_" * 99])
def test_the_line_repeats_nothing_of_a_path_that_names_no_payment(log: Log, part: str) -> None:
    event = an_event("GET", f"/payments/{part}", resource="/payments/{payment_id}")
    send(get_payment_app(), event)
    (line,) = log()
    assert "payment_id" not in line


def test_a_refused_request_names_the_person_too(log: Log) -> None:
    send(create_order_app(), an_event(body={"quantity": "many"}, headers=HEADERS))
    (line,) = log()
    assert (line["code"], line["user_id"]) == ("validation_error", "ada")


def test_what_one_request_noted_is_not_on_the_next_ones_line(log: Log) -> None:
    app = create_order_app(lambda: logs.note(payment_id="pay_1", stripe_request_id="req_1"))
    other = list_orders_app()
    # When
    send(app, an_event(body=ORDER, headers=HEADERS))
    send(other, an_event("GET"))
    # Then
    noted, clean = log()
    assert (noted["payment_id"], noted["stripe_request_id"]) == ("pay_1", "req_1")
    assert not {"payment_id", "stripe_request_id"} & clean.keys()


def test_a_failure_is_logged_with_the_ids_of_its_request(log: Log) -> None:
    def fail() -> None:
        logs.note(payment_id="pay_1")
        raise ZeroDivisionError

    send(create_order_app(fail), an_event(body=ORDER, headers=HEADERS))
    failed, answered = log()
    for line in (failed, answered):
        assert (line["payment_id"], line["user_id"]) == ("pay_1", "ada")
        assert line["correlation_id"] == REQUEST_ID


def test_only_the_first_request_of_a_process_is_a_cold_start(log: Log) -> None:
    app = list_orders_app()
    for _ in range(2):
        send(app, an_event("GET"))
    assert [line["cold_start"] for line in log()] == [True, False]


def test_who_provisions_functions_has_no_cold_start(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency")
    send(list_orders_app(), an_event("GET"))
    assert [line["cold_start"] for line in log()] == [False]


def test_a_problem_is_not_remembered_for_the_next_request(log: Log) -> None:
    # Given
    app = list_orders_app()
    send(app, an_event("GET", query={"limit": "0"}))
    # When
    send(app, an_event("GET"))
    # Then
    refused, answered = log()
    assert (refused["code"], answered.get("code")) == ("validation_error", None)


@pytest.mark.parametrize(
    "error",
    [
        None,
        ZeroDivisionError(),
        StripeUnavailableError(),
        CardDeclinedError(decline_code="x", payment=a_payment(), intent=an_intent()),
    ],
)
def test_the_log_has_no_body_and_no_secret(log: Log, error: Exception | None) -> None:
    # When
    answer_to(error)
    # Then
    logged = json.dumps(log())
    assert "Very-Secret-1" not in logged
    assert "coffee" not in logged
    assert "id.token" not in logged
    assert "a-key-that-is-long-enough" not in logged
    assert "secret_of_ada" not in logged


def test_a_malformed_body_is_not_logged_either(log: Log) -> None:
    send(create_order_app(), an_event(body='{"password": "Very-Secret-1"', headers=HEADERS))
    assert "Very-Secret-1" not in json.dumps(log())
