"""Which requests an app accepts, and how it reports the others."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from payments.api import app as http
from payments.api.app import App
from payments.domain.customer import User
from tests.unit.api_gateway import Answer, an_event, send
from tests.unit.orders_app import (
    MAX_BODY_BYTES,
    create_order_app,
    get_order_app,
    list_orders_app,
    orders_settings,
)
from tests.unit.properties import same_examples

KEY = {"Idempotency-Key": "a-key-that-is-long-enough"}
ORDER = {"name": "coffee"}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "settings", orders_settings)


@pytest.fixture(scope="module")
def app() -> App:
    return create_order_app()


def post(app: App, body: object, **event: Any) -> Answer:
    """Post an order; a string is sent unchanged."""
    headers = {**KEY, **event.pop("headers", {})}
    return send(app, an_event(body=body, headers=headers, **event))


def fields_of(answer: Answer) -> list[str]:
    """The fields that a refusal names."""
    assert (answer.status, answer.body["code"]) == (422, "validation_error")
    assert all(error["message"] for error in answer.body["errors"])
    return [error["field"] for error in answer.body["errors"]]


def test_a_good_request_reaches_the_route_in_the_persons_name(app: App) -> None:
    answer = post(app, {"name": "coffee", "quantity": 2}, user=User("bob", "b@example.com", "Bob"))
    assert answer.status == 201
    assert answer.body == {"name": "coffee", "quantity": 2, "user_id": "bob"}


# JSON


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "coffee"',
        "{'name': 'coffee'}",
        '{"name": NaN}',
        '{"name": Infinity}',
        '{"name": -Infinity}',
        "[]",
        '["name"]',
        '"name"',
        "1",
        "true",
        "null",
        " ",
        "name=coffee",
        "\ufeff{}",
        '{"name": "coffee"}{}',
    ],
)
def test_a_body_that_is_not_a_json_object_is_malformed(app: App, body: str) -> None:
    answer = post(app, body)
    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body", ["9" * 9000, "[" * 9000, "[" * 9000 + "]" * 9000, '{"a":' * 9000 + "1" + "}" * 9000]
)
def test_a_body_that_overwhelms_the_parser_is_malformed(
    app: App, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    # Given a limit that lets it through
    monkeypatch.setattr(http, "settings", lambda: orders_settings(max_body_bytes=100_000))
    # When
    answer = post(app, f'{{"name": {body}}}')
    # Then
    assert answer.status in {400, 422}


@pytest.mark.parametrize("depth", [10, 100])
def test_a_deeply_nested_value_is_refused_like_any_other(app: App, depth: int) -> None:
    assert fields_of(post(app, '{"name":' + "[" * depth + "]" * depth + "}")) == ["name"]


@pytest.mark.parametrize("raw", [b'{"name": "\xff"}', b"\xff\xfe{}", b'{"name": "caf\xe9"}'])
def test_a_body_that_is_not_utf_8_is_malformed(app: App, raw: bytes) -> None:
    answer = post(app, base64.b64encode(raw).decode(), base64=True)
    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("body", ["a", "not base64!"])
def test_a_body_wrongly_declared_as_base64_is_malformed(app: App, body: str) -> None:
    answer = post(app, body, base64=True)
    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


def test_base64_is_decoded(app: App) -> None:
    body = base64.b64encode('{"name": "café"}'.encode()).decode()
    assert post(app, body, base64=True).body["name"] == "café"


@pytest.mark.parametrize("body", [None, ""])
def test_no_body_is_an_empty_one(app: App, body: str | None) -> None:
    assert fields_of(post(app, body)) == ["name"]


# Size and type


@pytest.mark.parametrize("character", ["a", "é"])
@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize(("excess", "status"), [(0, 201), (1, 413)])
def test_a_body_may_be_as_large_as_the_limit_says_in_bytes(
    app: App, character: str, encoded: bool, excess: int, status: int
) -> None:
    # Given
    frame = '{"name": ""}'
    filling = MAX_BODY_BYTES + excess - len(frame)
    width = len(character.encode())
    name = character * (filling // width) + "a" * (filling % width)
    body = json.dumps({"name": name}, ensure_ascii=False)
    assert len(body.encode()) == MAX_BODY_BYTES + excess
    sent = base64.b64encode(body.encode()).decode() if encoded else body
    # When
    answer = post(app, sent, base64=encoded)
    # Then
    assert answer.status == status
    assert answer.body.get("code") == ("body_too_large" if status == 413 else None)


def test_a_huge_body_is_refused_before_it_is_read(app: App) -> None:
    answer = post(app, "{" * 1_000_000)
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json;",
    ],
)
def test_json_may_be_declared_in_any_spelling(app: App, content_type: str) -> None:
    assert post(app, ORDER, headers={"Content-Type": content_type}).status == 201


def test_a_body_of_no_declared_type_is_taken_as_json(app: App) -> None:
    event = an_event(body=ORDER, headers=KEY)
    for headers in (event["headers"], event["multiValueHeaders"]):
        del headers["Content-Type"]
    assert send(app, event).status == 201


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "name=coffee"),
        ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="name"'),
        ("text/plain", '{"name": "coffee"}'),
        ("application/jsonp", '{"name": "coffee"}'),
        ("application/vnd.api+json", '{"name": "coffee"}'),
        ("text/html; application/json", "{}"),
    ],
)
def test_any_other_type_is_not_supported(app: App, content_type: str, body: str) -> None:
    answer = post(app, body, headers={"Content-Type": content_type})
    assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type")


# Fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name"]),
        ({"name": 1}, ["name"]),
        ({"name": "a", "amount": 1}, ["amount"]),
        ({"name": "a", "quantity": "1"}, ["quantity"]),
        ({"name": "a", "quantity": 1.0}, ["quantity"]),
        ({"name": "a", "quantity": True}, ["quantity"]),
        ({"name": "a", "quantity": None}, ["quantity"]),
        ({"name": "a", "item": {"sku": 1}}, ["item.sku"]),
        ({"name": "a", "item": {"sku": "1", "price": 1}}, ["item.price"]),
        ({"quantity": 0, "amount": 1}, ["name", "quantity", "amount"]),
    ],
)
def test_a_refusal_names_each_field(app: App, body: dict[str, Any], fields: list[str]) -> None:
    assert fields_of(post(app, body)) == fields


@pytest.mark.parametrize("limit", ["0", "101", "many", "1.5", ""])
def test_a_refusal_names_a_query_parameter(limit: str) -> None:
    answer = send(list_orders_app(), an_event("GET", query={"limit": limit}))
    assert fields_of(answer) == ["limit"]


def test_a_query_parameter_counts() -> None:
    answer = send(list_orders_app(), an_event("GET", query={"limit": "7"}))
    assert answer.body["quantity"] == 7


def test_a_query_parameter_that_is_sent_twice_is_none() -> None:
    event = an_event("GET", query={"limit": "7"})
    event["multiValueQueryStringParameters"]["limit"] = ["6", "7"]
    assert fields_of(send(list_orders_app(), event)) == ["limit"]


def test_an_unknown_query_parameter_is_ignored() -> None:
    answer = send(list_orders_app(), an_event("GET", query={"utm_source": "mail"}))
    assert (answer.status, answer.body["quantity"]) == (200, 20)


def test_a_refusal_does_not_repeat_what_was_sent(app: App) -> None:
    answer = post(app, {"name": ["Very-Secret-1"], "password": ["Very-Secret-1"]})
    assert "Very-Secret-1" not in str(answer)


# The Idempotency-Key


def test_a_missing_idempotency_key_is_asked_for(app: App) -> None:
    answer = send(app, an_event(body=ORDER))
    assert (answer.status, answer.body["code"]) == (400, "idempotency_key_missing")


def test_a_missing_idempotency_key_is_asked_for_first(app: App) -> None:
    answer = send(app, an_event(body={"nonsense": 1}))
    assert (answer.status, answer.body["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["", "1234567", "k" * 256])
def test_an_idempotency_key_has_8_to_255_characters(app: App, key: str) -> None:
    answer = post(app, ORDER, headers={"Idempotency-Key": key})
    assert fields_of(answer) == ["idempotency-key"]


@pytest.mark.parametrize("key", ["12345678", "k" * 255, "with, a comma"])
@pytest.mark.parametrize("name", ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"])
def test_an_idempotency_key_is_found_in_any_spelling(app: App, name: str, key: str) -> None:
    assert send(app, an_event(body=ORDER, headers={name: key})).status == 201


def test_two_idempotency_keys_count_as_none(app: App) -> None:
    event = an_event(body=ORDER, headers=KEY)
    event["multiValueHeaders"]["Idempotency-Key"] = ["first-key", "second-key"]
    assert fields_of(send(app, event)) == ["idempotency-key"]


# The path


def get_order(order_id: str) -> Answer:
    """Get an order, with the path parameters from API Gateway."""
    event = an_event("GET", "/orders/any", resource="/orders/{order_id}")
    return send(get_order_app(), {**event, "pathParameters": {"order_id": order_id}})


@pytest.mark.parametrize("order_id", ["pay_1", "a b", "%2e%2e", "..", "Zoë", "x" * 300])
def test_a_variable_part_of_the_path_arrives_as_it_is(order_id: str) -> None:
    answer = get_order(order_id)
    assert (answer.status, answer.body["name"]) == (200, order_id)


@pytest.mark.parametrize("order_id", ["", "a/b", "/", "a\n", "\0", '"', "#", "\ud800"])
def test_an_impossible_id_is_not_a_route(order_id: str) -> None:
    answer = get_order(order_id)
    assert (answer.status, answer.body["code"]) == (404, "route_not_found")


@pytest.mark.parametrize("parameters", [None, {}, {"order_id": None}, {"payment_id": "pay_1"}])
def test_without_its_variable_part_a_path_is_no_route(parameters: object) -> None:
    event = an_event("GET", "/orders/any", resource="/orders/{order_id}")
    answer = send(get_order_app(), {**event, "pathParameters": parameters})
    assert (answer.status, answer.body["code"]) == (404, "route_not_found")


# Headers without a value


@pytest.mark.parametrize("name", ["X-Nothing", "Content-Type", "Origin"])
def test_a_header_without_a_value_is_as_good_as_none(app: App, name: str) -> None:
    event = an_event(body=ORDER, headers=KEY)
    event["headers"][name] = event["multiValueHeaders"][name] = None
    assert send(app, event).status == 201


@pytest.mark.parametrize("several", [None, [], [None]])
def test_an_idempotency_key_without_a_value_is_none(app: App, several: object) -> None:
    event = an_event(body=ORDER)
    event["headers"]["Idempotency-Key"] = None
    event["multiValueHeaders"]["Idempotency-Key"] = several
    answer = send(app, event)
    assert (answer.status, answer.body["code"]) == (400, "idempotency_key_missing")


# Whatever comes

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


@same_examples
@given(body=st.text() | json_values.map(json.dumps))
def test_no_text_breaks_it(app: App, body: str) -> None:
    assert post(app, body).status in {201, 400, 413, 422}


@same_examples
@given(
    body=st.fixed_dictionaries(
        {}, optional={"name": json_values, "quantity": json_values, "item": json_values}
    )
)
def test_no_value_breaks_it(app: App, body: dict[str, Any]) -> None:
    assert post(app, json.dumps(body)).status in {201, 413, 422}


@same_examples
@given(raw=st.binary())
def test_no_bytes_break_it(app: App, raw: bytes) -> None:
    answer = post(app, base64.b64encode(raw).decode(), base64=True)
    assert answer.status in {400, 413, 422}


def test_an_endpoint_that_asks_for_more_than_its_route_has_is_a_mistake() -> None:
    app = App("GET", "/orders/{order_id}")
    with pytest.raises(TypeError, match="has no querry"):

        @app.endpoint
        def get_order(order_id: str, querry: str) -> BaseModel:
            raise AssertionError(order_id, querry)
