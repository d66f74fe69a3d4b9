"""The functions of a running stack, as the emulator has deployed them."""

import base64
import json
from contextlib import closing
from dataclasses import dataclass

from botocore.config import Config

from local.aws import session
from local.emulator import aws_environment
from local.sample_events import function_id
from local.state import Stack

# A function may run for five minutes; to invoke it a second time would not be the same request.
_PATIENT = Config(read_timeout=310, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Answer:
    """What a function returned or raised, as JSON, and the end of what it logged."""

    payload: str
    logs: str
    raised: bool

    @property
    def succeeded(self) -> bool:
        """Whether it neither raised nor answered with an error's status."""
        answer = json.loads(self.payload)
        status = answer.get("statusCode", 200) if isinstance(answer, dict) else 200
        return not self.raised and status < 400  # noqa: PLR2004


class Functions:
    """Knows and invokes the functions of a stack."""

    def __init__(self, stack: Stack) -> None:
        self._endpoint_url = stack.aws_endpoint_url
        self._aws = session(stack.aws_endpoint_url)
        with closing(self._aws.client("cloudformation")) as cloudformation:
            self._names = {
                resource["LogicalResourceId"]: resource["PhysicalResourceId"]
                for page in cloudformation.get_paginator("list_stack_resources").paginate(
                    StackName=stack.stack_name
                )
                for resource in page["StackResourceSummaries"]
            }

    def invoke(self, step: str, event: str) -> Answer:
        """Invoke a step's function on the emulator."""
        with closing(self._aws.client("lambda", config=_PATIENT)) as functions:
            answer = functions.invoke(
                FunctionName=self._names[function_id(step)], Payload=event, LogType="Tail"
            )
            payload = json.loads(answer["Payload"].read())
        return Answer(
            payload=json.dumps(payload, ensure_ascii=False),
            logs=base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"),
            raised="FunctionError" in answer,
        )

    def environment(self, step: str) -> dict[str, str]:
        """Return a function's variables, with the emulator and the credentials of its role."""
        with (
            closing(self._aws.client("lambda")) as functions,
            closing(self._aws.client("sts")) as sts,
        ):
            function = functions.get_function_configuration(
                FunctionName=self._names[function_id(step)]
            )
            role = sts.assume_role(RoleArn=function["Role"], RoleSessionName="sam-local-invoke")
        return {
            **aws_environment(self._endpoint_url, function["Environment"]["Variables"]),
            "AWS_ACCESS_KEY_ID": role["Credentials"]["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": role["Credentials"]["SecretAccessKey"],
            "AWS_SESSION_TOKEN": role["Credentials"]["SessionToken"],
        }
