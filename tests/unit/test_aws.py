"""AWS without its SDK: signed as the SDK signs, tried again when the SDK would."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from typing import Any, cast

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

from payments.aws.client import (
    COGNITO,
    DYNAMODB,
    SECRETS_MANAGER,
    AwsClient,
    AwsError,
    AwsUnavailableError,
    Service,
    signature,
)
from payments.connections import Connections, Reply

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
SESSION = {"AWS_SESSION_TOKEN": "a-session/token+with=signs"}


class _Host:
    """Answers from a list, and keeps what was sent."""

    def __init__(self, *answers: Exception | tuple[int, Mapping[str, object]]) -> None:
        self.host = "dynamodb.eu-west-1.amazonaws.com"
        self.sent: list[dict[str, str]] = []
        self._answers = list(answers)

    def send(self, method: str, path: str, *, headers: dict[str, str], body: bytes) -> Reply:
        assert (method, path) == ("POST", "/")
        assert json.loads(body) is not None
        self.sent.append(headers)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, content = answer
        return Reply(status, cast("Any", Message()), json.dumps(content).encode())


def a_client(host: _Host, service: Service = DYNAMODB, **options: int) -> AwsClient:
    client = AwsClient(
        service, connect_timeout=1, read_timeout=1, environment=ENVIRONMENT, **options
    )
    client._connections = cast("Connections", host)
    return client


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited between the tries."""
    waited: list[float] = []
    monkeypatch.setattr("payments.aws.client.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize("session", [{}, SESSION])
@pytest.mark.parametrize("body", [b"{}", '{"name": "Zoë"}'.encode()])
def test_it_signs_as_botocore_does(
    monkeypatch: pytest.MonkeyPatch, session: dict[str, str], body: bytes
) -> None:
    # Given
    moment = datetime(2026, 11, 25, 21, 12, 33, tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: moment)
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "Host": "dynamodb.eu-west-1.amazonaws.com",
        "X-Amz-Target": "DynamoDB_20120810.PutItem",
    }
    # When
    ours = signature(
        headers,
        body,
        region="eu-west-1",
        service="dynamodb",
        environment=ENVIRONMENT | session,
        moment=moment,
    )
    # Then
    credentials = Credentials(
        ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        session.get("AWS_SESSION_TOKEN"),
    )
    request = AWSRequest(
        method="POST", url=f"https://{headers['Host']}/", headers=headers, data=body
    )
    SigV4Auth(credentials, "dynamodb", "eu-west-1").add_auth(request)
    assert ours == {name: request.headers[name] for name in ours}
    assert "Authorization" in ours


def test_an_answer_is_what_aws_says() -> None:
    host = _Host((200, {"Item": {}}))
    assert a_client(host).call("GetItem", {"TableName": "users"}) == {"Item": {}}
    assert host.sent[0]["X-Amz-Target"] == "DynamoDB_20120810.GetItem"


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionResetError(),
        TimeoutError(),
        (503, {}),
        (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}),
        (400, {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}),
    ],
)
def test_what_passes_is_tried_again(trouble: Any, waits: list[float]) -> None:
    host = _Host(trouble, trouble, (200, {"Item": {}}))
    assert a_client(host).call("GetItem", {}) == {"Item": {}}
    assert len(waits) == 2
    assert waits[0] <= 1
    assert waits[1] <= 2


def test_three_tries_without_an_answer_are_enough() -> None:
    with pytest.raises(AwsUnavailableError):
        a_client(_Host(*[TimeoutError()] * 3)).call("GetItem", {})


def test_one_try_is_one_try() -> None:
    with pytest.raises(AwsUnavailableError):
        a_client(_Host(TimeoutError()), COGNITO, max_attempts=1).call("SignUp", {})


def test_a_refusal_is_told_at_once_with_all_that_was_said(waits: list[float]) -> None:
    # Given
    said = {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "Item": {"user_id": {"S": "ada"}},
    }
    # When
    with pytest.raises(AwsError) as refused:
        a_client(_Host((400, said))).call("PutItem", {})
    # Then
    assert refused.value.code == "ConditionalCheckFailedException"
    assert refused.value.message == "The conditional request failed"
    assert refused.value.answer["Item"] == {"user_id": {"S": "ada"}}
    assert waits == []


def test_a_public_operation_is_not_signed() -> None:
    host = _Host((200, {}))
    a_client(host, COGNITO).call("SignUp", {})
    assert "Authorization" not in host.sent[0]


@pytest.mark.parametrize(
    ("service", "variables", "host"),
    [
        (COGNITO, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "127.0.0.1:4566"),
        (
            SECRETS_MANAGER,
            {"AWS_ENDPOINT_URL_SECRETSMANAGER": "http://own:1", "AWS_ENDPOINT_URL": "http://all:2"},
            "own:1",
        ),
    ],
)
def test_it_finds_another_address_for_a_service(
    service: Service, variables: dict[str, str], host: str
) -> None:
    client = AwsClient(
        service, connect_timeout=1, read_timeout=1, environment=ENVIRONMENT | variables
    )
    assert client._connections.host == host


@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn", "aws-eusc"])
@pytest.mark.parametrize("service", [DYNAMODB, SECRETS_MANAGER, COGNITO], ids=lambda it: it.name)
def test_it_finds_a_service_where_botocore_does(
    service: Service, partition: str, fips: bool
) -> None:
    resolver = EndpointResolver(create_loader().load_data("endpoints"))
    for region in resolver.get_available_endpoints(service.name, partition):
        known = resolver.construct_endpoint(service.name, region, partition, use_fips_endpoint=fips)
        variables = {"AWS_REGION": region, "AWS_USE_FIPS_ENDPOINT": str(fips).lower()}
        client = AwsClient(
            service, connect_timeout=1, read_timeout=1, environment=ENVIRONMENT | variables
        )
        assert known
        assert client._connections.host == known["hostname"]
