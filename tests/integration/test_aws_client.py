"""What libcurl really sends to AWS: signed like botocore, and with the right certificates."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from payments.aws.client import (
    COGNITO,
    DYNAMODB,
    SECRETS_MANAGER,
    SQS,
    AwsClient,
    AwsUnavailableError,
    Service,
)
from payments.transport import Signer, Transport, shared
from tests.support.fakes.http_server import HttpServer, answer, answers, in_turn, trusted

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLE:KEY",
}
SESSIONS = {"no session": {}, "a session": {"AWS_SESSION_TOKEN": "a-session/token+with=signs=="}}
OPERATIONS = [
    (DYNAMODB, operation)
    for operation in (
        "BatchGetItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    )
] + [
    (SECRETS_MANAGER, "GetSecretValue"),
    (SQS, "DeleteMessage"),
    (SQS, "ReceiveMessage"),
    (SQS, "SendMessage"),
]
REQUESTS: dict[str, dict[str, object]] = {
    "nothing": {},
    "a row": {"TableName": "payments", "Key": {"payment_id": {"S": "pay_1"}}},
    "many alphabets": {"name": "Zoë 李小龙 🎉", "\u202e": "\u0000\u001f\u007f\ud800"},
    "signs": {"a": "&=+%25;,:/?#[]@!$'()*\"\\\r\n\t  two  spaces"},
    "much": {"a": "x" * 300_000},
}


@contextmanager
def answering(server: HttpServer) -> Iterator[Transport]:
    transport = Transport()
    with server.running():
        try:
            yield transport
        finally:
            transport.close()


def a_client(
    server: HttpServer,
    transport: Transport | None,
    service: Service = DYNAMODB,
    environment: dict[str, str] | None = None,
    max_attempts: int = 3,
) -> AwsClient:
    return AwsClient(
        service,
        connect_timeout=1,
        read_timeout=2,
        max_attempts=max_attempts,
        environment={"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.url}
        | KEYS
        | (environment or {}),
        transport=transport,
    )


def assert_signed_as_botocore_signs(
    sent: bytes,
    service: str,
    session: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    region: str = "eu-west-1",
) -> None:
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    headers = {name: value for name, value in lines if name != "Content-Length"}
    authorization = headers.pop("Authorization")
    moment = datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")  # noqa: DTZ007
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: moment)
    request = AWSRequest("POST", f"https://{headers['Host']}/", headers, body)
    credentials = Credentials(
        KEYS["AWS_ACCESS_KEY_ID"],
        KEYS["AWS_SECRET_ACCESS_KEY"],
        session.get("AWS_SESSION_TOKEN"),
    )
    SigV4Auth(credentials, service, region).add_auth(request)
    expected = request.headers["Authorization"]
    assert re.sub(r",\s*", ", ", authorization) == expected
    assert headers.get("X-Amz-Security-Token") == session.get("AWS_SESSION_TOKEN")


@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize(("service", "operation"), OPERATIONS, ids=lambda it: str(it)[:20])
def test_it_signs_as_botocore_does(
    service: Service,
    operation: str,
    request_: dict[str, object],
    session: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = HttpServer(answers(answer(b"{}")))
    with answering(server) as transport:
        a_client(server, transport, service, session).call(operation, request_)
    (sent,) = server.requests
    assert json.loads(sent.partition(b"\r\n\r\n")[2]) == request_
    assert_signed_as_botocore_signs(sent, service.name, session, monkeypatch)


@pytest.mark.parametrize("body", [b"", b"\0\xff", "Zoë".encode()])
@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_it_signs_any_body_as_botocore_does(
    body: bytes, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = HttpServer(answers(answer(b"{}")))
    signer = Signer(region, "dynamodb", KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"])
    with answering(server) as transport:
        transport.send(
            "POST",
            server.url + "/",
            headers={"Content-Type": "text/plain"},
            body=body,
            connect_timeout=1,
            timeout=1,
            signer=signer,
        )
    assert_signed_as_botocore_signs(server.requests[0], "dynamodb", {}, monkeypatch, region)


def test_each_service_behind_one_address_gets_its_own_signature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = HttpServer(answers(answer(b"{}")))
    with answering(server) as transport:
        for _ in range(2):
            for service in (DYNAMODB, COGNITO, SECRETS_MANAGER):
                a_client(server, transport, service).call("Anything", {})
    for sent, service in zip(
        server.requests, (DYNAMODB, COGNITO, SECRETS_MANAGER) * 2, strict=True
    ):
        if service.signed:
            assert_signed_as_botocore_signs(sent, service.name, {}, monkeypatch)
        else:
            assert b"Authorization" not in sent
            assert b"X-Amz-Date" not in sent
    assert server.opened == 1


def test_with_one_attempt_each_call_is_sent_once_on_a_connection_of_its_own() -> None:
    server = HttpServer(
        in_turn(answers(answer(b"{}")), answers(answer(b"{}")), answers(keeps_open=False))
    )
    with answering(server) as transport:
        client = a_client(server, transport, COGNITO, max_attempts=1)
        client.open()
        client.call("SignUp", {})
        with pytest.raises(AwsUnavailableError, match="without an answer"):
            client.call("SignUp", {})
    assert [sent.split(b" ", 1)[0] for sent in server.requests] == [b"HEAD", b"POST", b"POST"]
    assert server.opened == 3


def test_aws_has_certificates_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = trusted("127.0.0.1", tmp_path, monkeypatch, "AWS_CA_BUNDLE")
    bundle = str(tmp_path / "certificate.pem")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    server = HttpServer(answers(answer(b"{}")), tls)
    with server.running():
        assert (
            a_client(server, None, environment={"AWS_CA_BUNDLE": bundle}).call("GetItem", {}) == {}
        )
        with pytest.raises(AwsUnavailableError, match="certificate"):
            a_client(server, None).call("GetItem", {})
        shared(certificates=bundle).close()
        shared().close()


def test_an_endpoint_in_the_sandbox_gives_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a proxy, which must not be used here
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    offered = {
        "AccessKeyId": KEYS["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": KEYS["AWS_SECRET_ACCESS_KEY"],
        "Token": "a session",
        "Expiration": "2999-01-01T00:00:00Z",
    }
    sandbox = HttpServer(answers(answer(json.dumps(offered).encode())))
    server = HttpServer(answers(answer(b"{}")))
    environment = {
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": sandbox.url + "/credentials?a=b",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me in",
    }
    transport = Transport(direct=True)
    client = AwsClient(
        DYNAMODB, connect_timeout=1, read_timeout=1, environment=environment, transport=transport
    )
    # When
    with sandbox.running(), server.running():
        for _ in range(2):
            client.call("GetItem", {})
        transport.close()
        shared(direct=True).close()
    # Then
    (asked,) = sandbox.requests
    assert asked.startswith(b"GET /credentials?a=b HTTP/1.1\r\n")
    assert b"\r\nAuthorization: let me in\r\n" in asked
    session = {"AWS_SESSION_TOKEN": "a session"}
    for sent in server.requests:
        assert_signed_as_botocore_signs(sent, "dynamodb", session, monkeypatch)
