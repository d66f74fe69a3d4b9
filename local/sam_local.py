"""The environment of the deployed functions, in the format of `sam local invoke`."""

import json
from contextlib import ExitStack, closing
from pathlib import Path

from local.aws import session
from local.emulator import aws_environment

ENV_FILE = "env.json"


def write_env_file(directory: Path, *, endpoint_url: str, stack_name: str) -> None:
    """Write each function's environment under its logical id.

    AWS is the emulator there too, so a function that runs on its own uses the tables, the secret
    and the user pool of the running stack.
    """
    with ExitStack() as cleanup:
        aws = session(endpoint_url)
        cloudformation = cleanup.enter_context(closing(aws.client("cloudformation")))
        lambda_ = cleanup.enter_context(closing(aws.client("lambda")))
        functions = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in cloudformation.get_paginator("list_stack_resources").paginate(
                StackName=stack_name
            )
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::Lambda::Function"
        }
        environments = {
            logical_id: lambda_.get_function_configuration(FunctionName=name)["Environment"][
                "Variables"
            ]
            for logical_id, name in functions.items()
        }
    (directory / ENV_FILE).write_text(
        json.dumps(
            {
                logical_id: aws_environment(endpoint_url, environment)
                for logical_id, environment in environments.items()
            },
            indent=2,
        )
        + "\n"
    )
