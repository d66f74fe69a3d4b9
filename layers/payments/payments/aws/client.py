"""AWS's JSON services, called directly: signature version 4 over a connection that stays open.

botocore does the same for every service there is. Its imports and its models of two services would
nearly double a cold start; DECISIONS.md has the numbers.
What is sent is what boto3's clients send, so their documentation holds for the requests here.
"""

import hashlib
import hmac
import json
import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from payments.connections import FAILURES, Connections

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, mode "standard"
_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
_THROTTLING_CODES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottledException",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


_SUFFIXES = {"cn": "amazonaws.com.cn", "eusc": "amazonaws.eu"}


class AwsUnavailableError(Exception):
    """No answer, after all tries; what was asked for may have happened."""


class AwsError(Exception):
    """AWS refused. `code` is its name for why, `answer` the whole of what it said."""

    def __init__(self, code: str, message: str, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Service:
    """How a service wants to be addressed: https://smithy.io/2.0/aws/protocols"""

    name: str
    target: str
    json_version: str
    signed: bool = True


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0")
SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "1.1")
# SignUp is a public operation of the app client: it needs no permission.
COGNITO = Service("cognito-idp", "AWSCognitoIdentityProviderService", "1.1", signed=False)


class AwsClient:
    """One service of the function's own region, with the function's own credentials."""

    def __init__(
        self,
        service: Service,
        *,
        connect_timeout: float,
        read_timeout: float,
        max_attempts: int = 3,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._service = service
        self._max_attempts = max_attempts
        self._environment = environment = dict(environment)
        self._region = environment["AWS_REGION"]
        self._connections = Connections(
            _endpoint(service.name, self._region, environment),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )

    def call(self, operation: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Call one operation, up to `max_attempts` times while AWS does not answer or is busy.

        Raises:
            AwsError: it was refused.
            AwsUnavailableError: there was no answer.
        """
        body = json.dumps(request).encode()
        for attempt in range(1, self._max_attempts + 1):
            try:
                return self._send(operation, body)
            except FAILURES as error:
                if attempt == self._max_attempts:
                    raise AwsUnavailableError(type(error).__name__) from error
            except AwsError as error:
                if attempt == self._max_attempts or not _is_transient(error):
                    raise
            time.sleep(random.random() * 2 ** (attempt - 1))  # noqa: S311
        raise AssertionError("max_attempts is at least 1")

    def open(self) -> None:
        """Open a connection, if that can be done."""
        self._connections.open()

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _send(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = {
            "Content-Type": f"application/x-amz-json-{self._service.json_version}",
            "Host": self._connections.host,
            "X-Amz-Target": f"{self._service.target}.{operation}",
        }
        if self._service.signed:
            headers |= signature(
                headers,
                body,
                region=self._region,
                service=self._service.name,
                environment=self._environment,
                moment=datetime.now(UTC),
            )
        reply = self._connections.send("POST", "/", headers=headers, body=body)
        try:
            answer: dict[str, Any] = json.loads(reply.body or b"{}")
        except ValueError:
            answer = {}
        if reply.status == 200:  # noqa: PLR2004
            return answer
        kind = str(answer.get("__type") or reply.headers.get("x-amzn-errortype") or "")
        code = kind.rsplit("#", maxsplit=1)[-1].split(":", maxsplit=1)[0]
        message = str(answer.get("message") or answer.get("Message") or "")
        raise AwsError(code or str(reply.status), message, answer | {"status": reply.status})


def _is_transient(error: AwsError) -> bool:
    return error.answer["status"] in _TRANSIENT_STATUSES or error.code in _THROTTLING_CODES


def _endpoint(service: str, region: str, environment: Mapping[str, str]) -> str:
    """https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"""
    own = f"AWS_ENDPOINT_URL_{service.replace('-', '_').upper()}"
    suffix = _SUFFIXES.get(region.split("-", maxsplit=1)[0], "amazonaws.com")
    fips = "-fips" if environment.get("AWS_USE_FIPS_ENDPOINT", "").lower() == "true" else ""
    return (
        environment.get(own)
        or environment.get("AWS_ENDPOINT_URL")
        or f"https://{service}{fips}.{region}.{suffix}"
    )


def signature(
    headers: Mapping[str, str],
    body: bytes,
    *,
    region: str,
    service: str,
    environment: Mapping[str, str],
    moment: datetime,
) -> dict[str, str]:
    """The headers that sign a POST to `/` with these headers and this body.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    time_stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    added = {"X-Amz-Date": time_stamp}
    if token := environment.get("AWS_SESSION_TOKEN"):
        added["X-Amz-Security-Token"] = token
    signed = sorted((name.lower(), value) for name, value in {**headers, **added}.items())
    names = ";".join(name for name, _ in signed)
    canonical_request = "\n".join(
        (
            "POST",
            "/",
            "",
            *(f"{name}:{value}" for name, value in signed),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        )
    )
    scope = f"{time_stamp[:8]}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{time_stamp}\n{scope}\n{digest}"
    key = _signing_key(environment["AWS_SECRET_ACCESS_KEY"], scope)
    added["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={environment['AWS_ACCESS_KEY_ID']}/{scope}, "
        f"SignedHeaders={names}, Signature={_hmac(key, to_sign).hex()}"
    )
    return added


@lru_cache(maxsize=8)
def _signing_key(secret_access_key: str, scope: str) -> bytes:
    key = f"AWS4{secret_access_key}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")
