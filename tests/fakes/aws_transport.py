"""Our AWS client over boto3, where moto and botocore's hooks can see what it asks for."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from payments.repositories.aws import AwsClient, AwsError, AwsUnavailableError, Service


def through_boto3(patch: pytest.MonkeyPatch) -> None:
    """Let all AWS clients that are made from here on send what they send by boto3's."""
    patch.setattr(AwsClient, "__init__", _init)
    patch.setattr(AwsClient, "call", _call)
    for name in ("open", "close"):
        patch.setattr(AwsClient, name, lambda _: None)


def _init(self: Any, service: Service, *, max_attempts: int = 3, **_timeouts: object) -> None:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": max_attempts},
        signature_version=None if service.signed else UNSIGNED,
    )
    self.boto3 = boto3.client(service.name, config=config)  # type: ignore[call-overload]


def _call(self: Any, operation: str, request: Mapping[str, object]) -> dict[str, Any]:
    method = next(
        name for name, known in self.boto3.meta.method_to_api_mapping.items() if known == operation
    )
    try:
        answer: dict[str, Any] = getattr(self.boto3, method)(**request)
    except ClientError as error:
        response: Any = error.response
        raise AwsError(
            response["Error"]["Code"], response["Error"].get("Message", ""), response
        ) from error
    except BotoCoreError as error:
        raise AwsUnavailableError(type(error).__name__) from error
    return answer
