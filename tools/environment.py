"""What a function of the stack knows, for tools that use its tables, pool and key as it does."""

from contextlib import closing

import boto3

from local import read_stack
from local.aws import session
from local.paths import SAMCONFIG
from tools.stages import StageError, read_outputs, read_stage


def function_environment(stage_name: str, *, service: str) -> dict[str, str]:
    """The environment of a background function, and the credentials of whoever runs the tool.

    Without a stage it is the running laptop stack's.

    Raises:
        StageError: there is no such stack, or nobody is logged in.
    """
    if stage_name:
        stage = read_stage(stage_name, SAMCONFIG)
        aws = stage.session()
        function = read_outputs(aws, stage.stack_name)["EraseAccountsFunctionName"]
        endpoint = {}
    else:
        stack = read_stack()
        if stack is None:
            raise StageError("No stack is running: start one with make dev, or set STAGE.")
        aws, function = session(stack.aws_endpoint_url), stack.erase_function
        endpoint = {"AWS_ENDPOINT_URL": stack.aws_endpoint_url}
    with closing(aws.client("lambda")) as lambda_:
        configuration = lambda_.get_function_configuration(FunctionName=function)
    variables = configuration["Environment"]["Variables"]
    return {**variables, **endpoint, **_credentials(aws), "POWERTOOLS_SERVICE_NAME": service}


def _credentials(aws: boto3.session.Session) -> dict[str, str]:
    found = aws.get_credentials()
    if found is None:
        raise StageError("Log in to the stack's AWS account first.")
    credentials = found.get_frozen_credentials()
    given = {
        "AWS_REGION": aws.region_name,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
    }
    return {name: value for name, value in given.items() if value}
