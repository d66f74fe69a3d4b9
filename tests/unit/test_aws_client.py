"""AWS without its SDK: the same endpoints and the same retries as the SDK."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

from payments import deadline
from payments.aws import credentials as credentials_module
from payments.aws.client import (
    COGNITO,
    DYNAMODB,
    EVENT_BRIDGE,
    SECRETS_MANAGER,
    SQS,
    AwsClient,
    AwsError,
    AwsUnavailableError,
    Service,
)
from payments.aws.credentials import Credentials, CredentialsError, CredentialsSource
from payments.aws.endpoints import endpoint
from payments.transport import NoResponseError, Response, Signer, Transport

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
SESSION = {"AWS_SESSION_TOKEN": "a-session/token+with=signs"}


def lost(*, worth_retrying: bool = True) -> NoResponseError:
    return NoResponseError("it took too long", was_sent=True, worth_retrying=worth_retrying)


type Answer = Exception | bytes | tuple[int, Mapping[str, object]]


class FakeTransport(Transport):
    """Answers from a list, and keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.urls: list[str] = []
        self.sent: list[dict[str, str]] = []
        self.signers: list[Signer | None] = []
        self.fresh: list[bool] = []
        self._answers = list(answers)

    def send(self, method: str, url: str, **request: Any) -> Response:
        self.urls.append(f"{method} {url}")
        self.sent.append(dict(request["headers"]))
        self.signers.append(request.get("signer"))
        self.fresh.append(request.get("fresh", False))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, bytes):
            return Response(200, {}, answer)
        status, content = answer
        return Response(status, {}, json.dumps(content).encode())


def a_client(
    transport: Transport,
    service: Service = DYNAMODB,
    environment: Mapping[str, str] = ENVIRONMENT,
    **options: int,
) -> AwsClient:
    return AwsClient(
        service,
        connect_timeout=1,
        read_timeout=1,
        environment=environment,
        transport=transport,
        **options,
    )


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between the tries."""
    waited: list[float] = []
    monkeypatch.setattr("payments.aws.client.time.sleep", waited.append)
    return waited


def test_an_answer_is_what_aws_says() -> None:
    transport = FakeTransport((200, {"Item": {}}))
    assert a_client(transport).call("GetItem", {"TableName": "users"}) == {"Item": {}}
    assert transport.urls == ["POST https://dynamodb.eu-west-1.amazonaws.com/"]
    assert transport.sent[0]["X-Amz-Target"] == "DynamoDB_20120810.GetItem"


@pytest.mark.parametrize(
    "trouble",
    [
        lost(),
        b"<html>not from AWS</html>",
        b"[]",
        (503, {}),
        (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}),
        (400, {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}),
        (400, {"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException"}),
        (403, {"__type": "com.amazonaws.sqs#RequestThrottled"}),
    ],
)
def test_a_temporary_failure_is_retried(trouble: Any, waits: list[float]) -> None:
    transport = FakeTransport(trouble, trouble, (200, {"Item": {}}))
    assert a_client(transport).call("GetItem", {}) == {"Item": {}}
    assert len(waits) == 2
    assert waits[0] <= 1
    assert waits[1] <= 2


def test_three_tries_without_an_answer_are_enough() -> None:
    transport = FakeTransport(*[lost()] * 4)
    with pytest.raises(AwsUnavailableError):
        a_client(transport).call("GetItem", {})
    assert len(transport.sent) == 3
    assert not any(transport.fresh)


def test_a_permanent_failure_is_not_retried() -> None:
    transport = FakeTransport(lost(worth_retrying=False))
    with pytest.raises(AwsUnavailableError):
        a_client(transport).call("GetItem", {})
    assert len(transport.sent) == 1


def test_one_try_is_one_try_and_on_a_connection_of_its_own() -> None:
    transport = FakeTransport(lost())
    with pytest.raises(AwsUnavailableError):
        a_client(transport, COGNITO, max_attempts=1).call("SignUp", {})
    assert transport.fresh == [True]


@pytest.mark.parametrize("trouble", [lost(), (503, {})])
def test_no_try_starts_that_cannot_end_in_time(
    trouble: Answer, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the second try would begin after 1.8 seconds
    monkeypatch.setattr("payments.aws.client.random.SystemRandom.random", lambda _: 0.9)
    transport = FakeTransport(*[trouble] * 3)
    # When
    with deadline.start(1.7), pytest.raises((AwsUnavailableError, AwsError)):
        a_client(transport).call("GetItem", {})
    # Then
    assert waits == [0.9]
    assert len(transport.sent) == 2


def test_a_refusal_is_raised_at_once_with_all_its_details(waits: list[float]) -> None:
    # Given
    said = {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "Item": {"user_id": {"S": "ada"}},
    }
    # When
    with pytest.raises(AwsError) as refused:
        a_client(FakeTransport((400, said))).call("PutItem", {})
    # Then
    assert refused.value.code == "ConditionalCheckFailedException"
    assert refused.value.message == "The conditional request failed"
    assert refused.value.answer["Item"] == {"user_id": {"S": "ada"}}
    assert waits == []


def test_a_refusal_does_not_tell_what_aws_repeats_of_the_request() -> None:
    said = "The signature does not match.\n\nThe Canonical String\nx-amz-security-token:secret"
    error = AwsError("InvalidSignatureException", said, {})
    assert str(error) == "InvalidSignatureException: The signature does not match."


def test_a_public_operation_is_not_signed() -> None:
    transport = FakeTransport((200, {}))
    a_client(transport, COGNITO, {"AWS_REGION": "eu-west-1"}).call("SignUp", {})
    assert transport.signers == [None]


def test_what_is_signed_names_the_session() -> None:
    transport = FakeTransport((200, {}), (200, {}))
    client = a_client(transport, SECRETS_MANAGER, ENVIRONMENT | SESSION)
    for _ in range(2):
        client.call("GetSecretValue", {})
    assert transport.sent[0]["X-Amz-Security-Token"] == SESSION["AWS_SESSION_TOKEN"]
    first, second = transport.signers
    assert first is second  # so libcurl is told of it once
    assert first == Signer(
        "eu-west-1",
        "secretsmanager",
        ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
    )


def test_without_credentials_nothing_is_sent() -> None:
    transport = FakeTransport()
    with pytest.raises(AwsUnavailableError, match="has no credentials"):
        a_client(transport, environment={"AWS_REGION": "eu-west-1"}).call("GetItem", {})


# Endpoints


@pytest.mark.parametrize(
    ("service", "variables", "address"),
    [
        (COGNITO, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566"),
        (COGNITO, {"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://own:1/"}, "http://own:1"),
        (SQS, {"AWS_ENDPOINT_URL_SQS": "http://own:1"}, "http://own:1"),
        (EVENT_BRIDGE, {"AWS_ENDPOINT_URL_EVENTBRIDGE": "http://own:1"}, "http://own:1"),
        (
            SECRETS_MANAGER,
            {
                "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://own:1",
                "AWS_ENDPOINT_URL": "http://all:2",
            },
            "http://own:1",
        ),
    ],
)
def test_it_finds_another_address_for_a_service(
    service: Service, variables: dict[str, str], address: str
) -> None:
    assert a_client(FakeTransport(), service, ENVIRONMENT | variables).endpoint == address


@pytest.mark.parametrize("dual_stack", [False, True])
@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn", "aws-eusc"])
@pytest.mark.parametrize(
    "service", [DYNAMODB, SECRETS_MANAGER, SQS, EVENT_BRIDGE, COGNITO], ids=lambda it: it.name
)
def test_it_finds_a_service_where_botocore_does(
    service: Service, partition: str, fips: bool, dual_stack: bool
) -> None:
    loader = create_loader()
    regions = EndpointResolver(loader.load_data("endpoints"))
    rules = loader.load_service_model(service.name, "endpoint-rule-set-1")
    botocore = EndpointProvider(rules, loader.load_data("partitions"))
    known = regions.get_available_endpoints("dynamodb", partition)  # which is everywhere
    assert known
    for region in known:
        expected = botocore.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack)
        variables = {
            "AWS_USE_FIPS_ENDPOINT": str(fips).lower(),
            "AWS_USE_DUALSTACK_ENDPOINT": str(dual_stack).lower(),
        }
        assert endpoint(service.name, region, variables) == expected.url


# Credentials

ENDPOINT = "http://127.0.0.1:9001/credentials"
CONTAINER = {
    "AWS_REGION": "eu-west-1",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": ENDPOINT,
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me in",
}


def offered(key: str, *, expires: str = "2999-01-01T00:00:00Z") -> dict[str, str]:
    return {
        "AccessKeyId": key,
        "SecretAccessKey": "a secret",
        "Token": "a session",
        "Expiration": expires,
    }


def in_minutes(minutes: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + minutes * 60))


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    """The endpoint inside the sandbox; it answers what a test adds."""
    transport = FakeTransport()

    def shared(*, direct: bool) -> Transport:
        assert direct
        return transport

    monkeypatch.setattr(credentials_module, "shared", shared)
    return transport


def test_credentials_come_from_the_environment_first(sandbox: FakeTransport) -> None:
    source = CredentialsSource(CONTAINER | ENVIRONMENT | SESSION)
    assert source.get() == Credentials(
        ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        SESSION["AWS_SESSION_TOKEN"],
    )
    assert sandbox.urls == []


def test_credentials_of_the_sandbox_are_kept_until_shortly_before_they_expire(
    sandbox: FakeTransport,
) -> None:
    sandbox._answers = [
        (200, offered("first", expires=in_minutes(4))),
        (200, offered("second", expires=in_minutes(60))),
    ]
    source = CredentialsSource(CONTAINER)
    keys = [source.get().access_key_id for _ in range(3)]
    assert keys == ["first", "second", "second"]
    assert sandbox.urls == [f"GET {ENDPOINT}"] * 2
    assert sandbox.sent[0] == {"Authorization": "let me in"}


def test_credentials_that_are_good_for_a_while_outlast_a_failure(sandbox: FakeTransport) -> None:
    sandbox._answers = [(200, offered("first", expires=in_minutes(4))), *[lost()] * 3]
    source = CredentialsSource(CONTAINER)
    assert source.get() is source.get()


def test_the_tokens_file_is_read_each_time(sandbox: FakeTransport, tmp_path: Path) -> None:
    token = tmp_path / "token"
    source = CredentialsSource(CONTAINER | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)})
    with pytest.raises(CredentialsError, match="file"):
        source.get()
    sandbox._answers = [(200, offered(key, expires=in_minutes(1))) for key in ("a", "b")]
    for content in ("one", "two"):
        token.write_text(content)
        source.get()
    assert [sent["Authorization"] for sent in sandbox.sent] == ["one", "two"]


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}, "http://169.254.170.2/v2/x"),
        *(
            ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}, url)
            for url in (
                "https://credentials.example/",
                "http://localhost:80/",
                "http://127.0.0.9/",
                "http://[::1]:1/",
                "http://169.254.170.2/",
                "http://169.254.170.23/v1/credentials",
                "http://[fd00:ec2::23]/v1/credentials",
            )
        ),
    ],
)
def test_credentials_come_from_where_the_sdks_take_them(
    variables: dict[str, str], asked: str, sandbox: FakeTransport
) -> None:
    sandbox._answers = [(200, offered("key"))]
    assert CredentialsSource(variables).get().session_token == "a session"
    assert sandbox.urls == [f"GET {asked}"]


@pytest.mark.parametrize(
    "url",
    [
        "http://credentials.example/",
        "http://169.254.169.254/",
        "http://127.0.0.1.example/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1.example/",
    ],
)
def test_credentials_do_not_come_from_anywhere_else(url: str, sandbox: FakeTransport) -> None:
    source = CredentialsSource({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url})
    with pytest.raises(CredentialsError, match="https"):
        source.get()
    assert sandbox.urls == []


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (lost(), 3),
        ((500, {}), 3),
        ((403, {"message": "a secret"}), 1),
        ((200, {"SecretAccessKey": "a secret"}), 1),
        (b"a secret", 1),
        (ValueError("a secret"), 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_no_credentials_are_a_failure_that_tells_no_secret(
    answer: Answer, tries: int, sandbox: FakeTransport
) -> None:
    sandbox._answers = [answer] * tries
    with pytest.raises(CredentialsError) as failure:
        CredentialsSource(CONTAINER).get()
    error: BaseException | None = failure.value
    while error:
        assert "a secret" not in f"{error!r}{error}"
        error = error.__cause__ or error.__context__
    assert len(sandbox.urls) == tries


def test_no_representation_shows_a_secret() -> None:
    shown = repr(Credentials("AKID", "a secret", "a session"))
    assert "AKID" in shown
    assert "a secret" not in shown
    assert "a session" not in shown
