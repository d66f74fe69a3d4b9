"""Call AWS's JSON services directly: envelope and retries are here; libcurl sends and signs.

botocore does the same for all of AWS, but its imports and its models of two services would nearly
double a cold start; docs/decisions has the numbers.
Requests are the same as from boto3's clients, so boto3's documentation applies here.
"""

import contextlib
import json
import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from payments import deadline, traces
from payments.aws.credentials import Credentials, CredentialsError, CredentialsSource
from payments.aws.endpoints import endpoint
from payments.transport import NoResponseError, Response, Signer, Transport, shared

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, mode "standard"
_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
_THROTTLING_CODES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",  # a single write at a row that a transaction is at
        "TransactionInProgressException",
    }
)
_OK = 200
# With less time left than this, another try could not get its answer.
_SHORTEST_TRY_SECONDS = 0.1


class AwsUnavailableError(Exception):
    """No answer after all tries; the call may still have taken effect."""


class AwsError(Exception):
    """AWS refused. `code` is its error code, `answer` the whole body of its answer.

    Its text is the message's first line: after that, AWS repeats a request whose signature is
    wrong, with the session token and the body.
    """

    def __init__(self, code: str, message: str, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{code}: {message.partition('\n')[0]}")
        self.code = code
        self.message = message
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Service:
    """How to address a service: https://smithy.io/2.0/aws/protocols"""

    name: str
    target: str
    json_version: str
    signed: bool = True


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0")
SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "1.1")
SQS = Service("sqs", "AmazonSQS", "1.0")
EVENT_BRIDGE = Service("events", "AWSEvents", "1.1")
# SignUp is a public operation of the app client: it needs no permission.
COGNITO = Service("cognito-idp", "AWSCognitoIdentityProviderService", "1.1", signed=False)
COGNITO_ADMIN = Service("cognito-idp", "AWSCognitoIdentityProviderService", "1.1")


class AwsClient:
    """A client for one service, in the function's region and with its credentials."""

    def __init__(
        self,
        service: Service,
        *,
        connect_timeout: float,
        read_timeout: float,
        max_attempts: int = 3,
        environment: Mapping[str, str] = os.environ,
        transport: Transport | None = None,
    ) -> None:
        """Timeouts are in seconds and apply to each try; read_timeout covers the whole try.

        If max_attempts is 1, each call opens a new connection: there is no second try when a kept
        one turns out to be closed. Otherwise sending twice must do no harm: our writes to DynamoDB
        have conditions, a message may be on the queue twice, and the other calls only read.
        """
        self._service = service
        self._connect_timeout = connect_timeout
        self._timeout = read_timeout
        self._max_attempts = max_attempts
        self._region = environment["AWS_REGION"]
        self._transport = transport or shared(certificates=environment.get("AWS_CA_BUNDLE") or None)
        self._credentials = CredentialsSource(environment)  # read when needed: a snapshot's are old
        self._signed_with: tuple[Credentials, Signer] | None = None
        self.endpoint = endpoint(service.name, self._region, environment)

    def call(self, operation: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Call one operation, up to `max_attempts` times if AWS is busy or does not answer.

        Raises:
            AwsError: AWS refused the call.
            AwsUnavailableError: there was no answer.
        """
        body = json.dumps(request).encode()
        attempt = 1
        while True:
            try:
                return self._send(operation, body)
            except NoResponseError as error:
                if not (error.worth_retrying and self.pause(attempt)):
                    raise AwsUnavailableError(str(error)) from error
            except AwsError as error:
                if not (_is_transient(error) and self.pause(attempt)):
                    raise
            attempt += 1

    def open(self) -> None:
        """Open a connection ahead of time, if possible."""
        self._transport.open(self.endpoint + "/")

    def close(self) -> None:
        """Close this thread's connections."""
        self._transport.close()

    def pause(self, attempt: int) -> bool:
        """Wait before the next try, longer each time; False if no try or no time is left."""
        # The system's: copies of one snapshot would all wait for the same time.
        seconds = random.SystemRandom().random() * 2 ** (attempt - 1)
        if attempt == self._max_attempts or not deadline.allows(seconds + _SHORTEST_TRY_SECONDS):
            return False
        time.sleep(seconds)
        return True

    def _send(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = {
            "Content-Type": f"application/x-amz-json-{self._service.json_version}",
            "X-Amz-Target": f"{self._service.target}.{operation}",
        }
        signer = self._sign(headers) if self._service.signed else None
        with traces.call(self._service.name, operation=operation) as trace:
            response = self._transport.send(
                "POST",
                self.endpoint + "/",
                headers=headers,
                body=body,
                connect_timeout=self._connect_timeout,
                timeout=self._timeout,
                signer=signer,
                fresh=self._max_attempts == 1,
            )
            trace["status"] = response.status
            trace["aws_request_id"] = response.headers.get("x-amzn-requestid")
        return _answer(response)

    def _sign(self, headers: dict[str, str]) -> Signer:
        try:
            credentials = self._credentials.get()
        except CredentialsError as error:
            raise AwsUnavailableError(str(error)) from error
        if credentials.session_token:
            headers["X-Amz-Security-Token"] = credentials.session_token
        signed_with = self._signed_with
        if signed_with is None or signed_with[0] is not credentials:
            signer = Signer(
                self._region,
                self._service.name,
                credentials.access_key_id,
                credentials.secret_access_key,
            )
            self._signed_with = signed_with = credentials, signer
        return signed_with[1]


def _answer(response: Response) -> dict[str, Any]:
    answer: Any = None
    with contextlib.suppress(ValueError):
        answer = json.loads(response.body or b"{}")
    if response.status == _OK:
        if not isinstance(answer, dict):
            raise NoResponseError("the answer is not JSON", was_sent=True, worth_retrying=True)
        return answer
    said: dict[str, Any] = answer if isinstance(answer, dict) else {}
    kind = str(said.get("__type") or response.headers.get("x-amzn-errortype") or "")
    code = kind.rsplit("#", maxsplit=1)[-1].split(":", maxsplit=1)[0]
    message = str(said.get("message") or said.get("Message") or "")
    raise AwsError(code or str(response.status), message, said | {"status": response.status})


def _is_transient(error: AwsError) -> bool:
    return error.answer["status"] in _TRANSIENT_STATUSES or error.code in _THROTTLING_CODES
