"""Our AWS client on top of boto3, so that moto and botocore's hooks see its requests."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.common_types import TYPE_RESPONSE

from payments.aws import event_bus, stripe_secret, unpublished_queue, user_pool
from payments.aws.client import AwsClient, AwsError, AwsUnavailableError, Service
from payments.repositories import dynamodb

# AWS does each operation as a whole. Two threads in moto can read the same row, and write it both.
# Held while moto works and no longer: what hooks do before or after may wait for other threads.
_one_at_a_time = threading.RLock()
_process_request = BotocoreStubber.process_request


def _process_one_at_a_time(
    stubber: BotocoreStubber, request: AWSPreparedRequest
) -> TYPE_RESPONSE | None:
    with _one_at_a_time:
        return _process_request(stubber, request)


class Boto3Client(AwsClient):
    """Sends the same operations, with the same parameters."""

    def __init__(self, service: Service, *, max_attempts: int = 3, **_timeouts: object) -> None:
        config = Config(
            retries={"mode": "standard", "total_max_attempts": max_attempts},
            signature_version=None if service.signed else UNSIGNED,
        )
        self._max_attempts = max_attempts
        self._client: Any = boto3.client(service.name, config=config)  # type: ignore[call-overload]

    def call(self, operation: str, request: Mapping[str, object]) -> dict[str, Any]:
        methods = self._client.meta.method_to_api_mapping
        method = next(name for name, known in methods.items() if known == operation)
        try:
            answer: dict[str, Any] = getattr(self._client, method)(**request)
        except ClientError as error:
            response: Any = error.response
            raise AwsError(
                response["Error"]["Code"], response["Error"].get("Message", ""), response
            ) from error
        except BotoCoreError as error:
            raise AwsUnavailableError(type(error).__name__) from error
        on_the_wire: dict[str, Any] = _with_epochs(answer)
        return on_the_wire

    def open(self) -> None:
        """Do nothing: moto needs no connection."""

    def close(self) -> None:
        """Do nothing."""


def _with_epochs(value: Any) -> Any:
    """The answer as it is on the wire, where a time is a number."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {name: _with_epochs(member) for name, member in value.items()}
    return [_with_epochs(each) for each in value] if isinstance(value, list) else value


def through_boto3(patch: pytest.MonkeyPatch) -> None:
    """Let new repositories send their requests through boto3's clients."""
    patch.setattr(BotocoreStubber, "process_request", _process_one_at_a_time)
    for module in (dynamodb, event_bus, stripe_secret, unpublished_queue, user_pool):
        patch.setattr(module, "AwsClient", Boto3Client)
    patch.setattr(unpublished_queue, "WAIT_SECONDS", 0)  # moto has one server, and really waits
