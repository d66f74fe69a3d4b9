"""Rows of several tables in one call, from a DynamoDB that is busy."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from payments import deadline
from payments.aws.client import DYNAMODB, AwsClient
from payments.domain.errors import ServiceUnavailableError
from payments.repositories.dynamodb import batch_get
from payments.transport import Response, Transport

WANTED = {"customers": [{"user_id": "ada"}], "payments": [{"payment_id": "pay_1"}]}
ROWS = {
    "customers": [{"user_id": {"S": "ada"}, "name": {"S": "Ada"}}],
    "payments": [{"payment_id": {"S": "pay_1"}}],
}


class BusyDynamoDb(Transport):
    """Answers for these tables only, one entry a call."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)

    def send(self, *_: str, body: bytes, **__: object) -> Response:  # type: ignore[override]
        wanted = json.loads(body)["RequestItems"]
        self.asked.append(wanted)
        answered = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer = {
            "Responses": {name: ROWS[name] for name in wanted if name in answered},
            "UnprocessedKeys": {
                name: keys for name, keys in wanted.items() if name not in answered
            },
        }
        return Response(200, {}, json.dumps(answer).encode())


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between the calls."""
    waited: list[float] = []
    monkeypatch.setattr("payments.aws.client.time.sleep", waited.append)
    return waited


@pytest.fixture
def jitter(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Chooses the random part of a wait, from 0 to 1."""
    return lambda part: monkeypatch.setattr(
        "payments.aws.client.random.SystemRandom.random", lambda _: part
    )


class SlowDynamoDb(Transport):
    """Answers for one row a call, with a row for each key."""

    def __init__(self) -> None:
        self.calls = 0

    def send(self, *_: str, body: bytes, **__: object) -> Response:  # type: ignore[override]
        self.calls += 1
        ((table, wanted),) = json.loads(body)["RequestItems"].items()
        first, *others = wanted["Keys"]
        unread = {table: wanted | {"Keys": others}} if others else {}
        answer = {"Responses": {table: [first]}, "UnprocessedKeys": unread}
        return Response(200, {}, json.dumps(answer).encode())


def read(dynamodb: Transport, wanted: Mapping[str, Any] = WANTED) -> Mapping[str, list[Any]]:
    environment = {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    client = AwsClient(
        DYNAMODB, connect_timeout=1, read_timeout=2, environment=environment, transport=dynamodb
    )
    return batch_get(client, wanted)


def test_rows_that_exist_are_read_in_one_call_with_strong_consistency(waits: list[float]) -> None:
    dynamodb = BusyDynamoDb(["customers", "payments"])
    assert read(dynamodb) == ROWS
    (asked,) = dynamodb.asked
    assert asked["customers"] == {"Keys": [{"user_id": {"S": "ada"}}], "ConsistentRead": True}
    assert waits == []


@pytest.mark.parametrize("part", [0.25, 0.75])
def test_what_was_left_out_is_asked_for_later_and_then_later_still(
    waits: list[float], jitter: Callable[[float], None], part: float
) -> None:
    jitter(part)
    dynamodb = BusyDynamoDb(["customers"], [], ["payments"])
    assert read(dynamodb) == ROWS
    assert [sorted(asked) for asked in dynamodb.asked] == [
        ["customers", "payments"],
        ["payments"],
        ["payments"],
    ]
    assert waits == [part * 1, part * 2]


def test_rows_of_one_table_may_come_in_several_answers() -> None:
    dynamodb = SlowDynamoDb()
    wanted = [{"product_id": "coffee"}, {"product_id": "tea"}, {"product_id": "mug"}]
    found = read(dynamodb, {"products": wanted})
    assert [row["product_id"]["S"] for row in found["products"]] == ["coffee", "tea", "mug"]
    assert dynamodb.calls == 3


def test_after_three_calls_it_is_given_up() -> None:
    dynamodb = BusyDynamoDb(["customers"])
    with pytest.raises(ServiceUnavailableError):
        read(dynamodb)
    assert len(dynamodb.asked) == 3


def test_no_wait_is_begun_that_goes_beyond_the_deadline(
    waits: list[float], jitter: Callable[[float], None]
) -> None:
    jitter(0.9)
    dynamodb = BusyDynamoDb(["customers"])
    with deadline.start(1.7), pytest.raises(ServiceUnavailableError):
        read(dynamodb)
    assert waits == [0.9]
    assert len(dynamodb.asked) == 2
