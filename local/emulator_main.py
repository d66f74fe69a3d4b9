"""MiniStack, with eleven changes that bring it closer to AWS. MiniStack's own Python runs this.

1. Lambdas run with a Python that has only boto3, as on AWS. MiniStack would use its own Python,
   whose packages (such as pydantic) would hide that a layer lacks one.
2. Only a limited number of API requests run at once; the others wait. MiniStack would start a
   process for each, and a laptop does not have the memory for two hundred. AWS would run them all.
   Calls made by a Lambda, such as a Cognito trigger, do not wait: that would be a deadlock.
3. A Cognito authorizer without scopes accepts only ID tokens. MiniStack would accept access tokens.
4. An API imported from OpenAPI keeps its gateway responses and its mock integrations' answers.
   MiniStack would drop both: errors would lack CORS headers, preflight answers would allow nothing.
5. A CloudFront distribution can reach an API on this machine. MiniStack would answer 502.
6. A stack cannot take a name that a resource of its type already has. MiniStack would let the two
   stacks share the resource, or give it to the second.
7. A route's own limits hold. MiniStack would not find them under a path as CloudFormation has it.
8. A function that fails leads to a gateway response. MiniStack would show its error to the client.
9. Cognito has random codes, locks out who guesses, and more: see emulator_cognito.py.
10. A function gets the groups in a token with commas between them. MiniStack would pass them as an
   HTTP API does: in brackets, with blanks.
11. One-time codes belong to a login, and more: see emulator_mfa.py.

They use MiniStack's private names. requirements/ pins its version, and if a name is missing, the
start fails.
"""

import argparse
import asyncio
import importlib.util
import sys
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ministack import app  # type: ignore[import-not-found]
from ministack.core import lambda_runtime  # type: ignore[import-not-found]
from ministack.services import (  # type: ignore[import-not-found]
    apigateway_v1,
    cloudfront,
    cloudwatch,
    cloudwatch_logs,
    dynamodb,
    iam,
    lambda_svc,
    scheduler,
    secretsmanager,
    sns,
    sqs,
)
from ministack.services.cloudformation import (  # type: ignore[import-not-found]
    provisioners,
    stacks,
)

_GROUPS = "cognito:groups"


def run_lambdas_with(python: str) -> None:
    """Give Lambdas an interpreter of their own."""
    _, script = lambda_runtime._detect_runtime_binary("python3.13")
    lambda_runtime._detect_runtime_binary = lambda _runtime: (python, script)


def queue_requests_beyond(slots: int) -> None:
    """Let the API invoke this many Lambdas at a time; other requests wait."""
    invoke = apigateway_v1._call_lambda_raw
    free = asyncio.Semaphore(slots)

    async def invoke_in_turn(*arguments: Any, **keywords: Any) -> Any:
        async with free:
            return await invoke(*arguments, **keywords)

    apigateway_v1._call_lambda_raw = invoke_in_turn


def refuse_access_tokens() -> None:
    """Accept an access token only if the method asks for scopes."""
    validate = apigateway_v1._validate_cognito_authorizer

    async def validate_id_token(
        authorizer: Any, method: dict[str, Any], *request: Any
    ) -> tuple[dict[str, Any] | None, Any]:
        claims, error = await validate(authorizer, method, *request)
        for_users = not method.get("authorizationScopes")
        if claims and for_users and claims["token_use"] != "id":  # noqa: S105
            return None, apigateway_v1._gw_error("UNAUTHORIZED", "Unauthorized")
        return claims, error

    apigateway_v1._validate_cognito_authorizer = validate_id_token


def separate_groups_by_commas() -> None:
    """Hand a function the groups in a token as a REST API does, not as an HTTP API does."""
    as_text = apigateway_v1._stringify_claims

    def with_groups(claims: dict[str, Any]) -> Any:
        groups = {name: ",".join(value) for name, value in claims.items() if name == _GROUPS}
        return as_text({**claims, **groups})

    apigateway_v1._stringify_claims = with_groups


def import_gateway_responses() -> None:
    """Let an imported API send the gateway responses and mock answers in its definition."""
    import_api = apigateway_v1._import_rest_api
    import_operation = apigateway_v1._import_operation

    def import_with_gateway_responses(spec: dict[str, Any], *rest: Any) -> Any:
        api_id = import_api(spec, *rest)
        for kind, response in spec.get("x-amazon-apigateway-gateway-responses", {}).items():
            apigateway_v1._put_gateway_response(api_id, kind, response)
        return api_id

    def import_with_integration_responses(
        api_id: str, resource_id: str, method: str, operation: dict[str, Any], *rest: Any
    ) -> None:
        import_operation(api_id, resource_id, method, operation, *rest)
        integration = operation.get("x-amazon-apigateway-integration", {})
        for pattern, response in integration.get("responses", {}).items():
            pattern_of_status = "" if pattern == "default" else pattern
            apigateway_v1._put_integration_response(
                api_id,
                resource_id,
                method,
                response["statusCode"],
                {**response, "selectionPattern": pattern_of_status},
            )

    apigateway_v1._import_rest_api = import_with_gateway_responses
    apigateway_v1._import_operation = import_with_integration_responses


def reach_apis_from_distributions() -> None:
    """Let a distribution call its origin if that is an emulated API."""
    fetch = cloudfront._fetch_from_origin

    async def fetch_from_api(
        origin: dict[str, Any],
        method: str,
        uri: str,
        query: str,
        headers: dict[str, str],
        body: bytes,
        *rest: Any,
    ) -> Any:
        api_id, separator, _ = origin["domain_name"].partition(".execute-api.")
        if not separator:
            return await fetch(origin, method, uri, query, headers, body, *rest)
        status, answered, content = await app._handle_execute_api_request(
            "localhost",
            f"/_aws/execute-api/{api_id}{uri}",
            method,
            headers,
            body,
            parse_qs(query, keep_blank_values=True),
        )
        return status, "", {name.lower(): value for name, value in answered.items()}, content

    cloudfront._fetch_from_origin = fetch_from_api


# Where MiniStack keeps what it creates without asking whether the name is free: the property that
# names a resource, and the names that are taken.
_TAKEN_NAMES: dict[str, tuple[str, Callable[[], Container[str]]]] = {
    "AWS::CloudFront::OriginAccessControl": (
        "OriginAccessControlConfig.Name",
        lambda: {each["Name"] for each in cloudfront._oacs.values()},
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": (
        "ResponseHeadersPolicyConfig.Name",
        lambda: {each["Config"]["Name"] for each in cloudfront._response_headers_policies.values()},
    ),
    "AWS::CloudWatch::Alarm": ("AlarmName", lambda: cloudwatch._alarms),
    "AWS::DynamoDB::Table": ("TableName", lambda: dynamodb._tables),
    "AWS::IAM::Role": ("RoleName", lambda: iam._roles),
    "AWS::Lambda::Function": ("FunctionName", lambda: lambda_svc._functions),
    "AWS::Logs::LogGroup": ("LogGroupName", lambda: cloudwatch_logs._log_groups),
    "AWS::Scheduler::Schedule": (
        "Name",
        lambda: {each["Name"] for each in scheduler._schedules.values()},
    ),
    "AWS::SecretsManager::Secret": ("Name", lambda: secretsmanager._secrets),
    "AWS::SNS::Topic": ("TopicName", lambda: {arn.split(":")[-1] for arn in sns._topics}),
    "AWS::SQS::Queue": ("QueueName", lambda: sqs._queue_name_to_url),
}


def refuse_taken_names() -> None:
    """Let a stack fail if it gives a resource the name of another one."""
    provision = provisioners._provision_resource

    def provision_if_free(
        resource_type: str, logical_id: str, properties: dict[str, Any], stack_name: str
    ) -> Any:
        if resource_type in _TAKEN_NAMES:
            path, taken = _TAKEN_NAMES[resource_type]
            name: Any = properties
            for member in path.split("."):
                name = name.get(member, {})
            if name and name in taken():
                raise ValueError(f"{resource_type} {name} already exists (ConflictException)")
        return provision(resource_type, logical_id, properties, stack_name)

    stacks._provision_resource = provision_if_free


def limit_routes() -> None:
    """Keep the limits of a route under its path: CloudFormation has /~1payments for /payments."""
    settings = provisioners._apigw_method_settings

    def settings_by_path(raw: Any) -> dict[str, Any]:
        return {
            route.removeprefix("/").replace("~1", "/"): limits
            for route, limits in settings(raw).items()
        }

    provisioners._apigw_method_settings = settings_by_path


class _FunctionError(Exception):
    """A function failed, or could not be called."""


def answer_for_failed_functions() -> None:
    """Answer with the gateway response for 5xx where a function fails.

    https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
    """
    shape = apigateway_v1._lambda_proxy_response
    invoke = apigateway_v1._invoke_lambda_proxy_v1

    def shape_success(result: dict[str, Any]) -> Any:
        if result.get("error") or result.get("throttle"):
            raise _FunctionError
        return shape(result)

    async def invoke_or_apologize(*arguments: Any, **keywords: Any) -> Any:
        try:
            return await invoke(*arguments, **keywords)
        except _FunctionError:
            return apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error")

    apigateway_v1._lambda_proxy_response = shape_success
    apigateway_v1._invoke_lambda_proxy_v1 = invoke_or_apologize


def behave_like_cognito() -> None:
    """Load two files by their paths: MiniStack must not import modules from this folder."""
    for name in ("emulator_cognito.py", "emulator_mfa.py"):
        file = Path(__file__).with_name(name)
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec
        assert spec.loader
        changes = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(changes)
        changes.behave_as_on_aws()


def main() -> None:
    """Apply the changes and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lambda-python", required=True)
    parser.add_argument("--lambda-slots", required=True, type=int)
    arguments = parser.parse_args()
    run_lambdas_with(arguments.lambda_python)
    queue_requests_beyond(arguments.lambda_slots)
    refuse_access_tokens()
    separate_groups_by_commas()
    import_gateway_responses()
    reach_apis_from_distributions()
    refuse_taken_names()
    limit_routes()
    answer_for_failed_functions()
    behave_like_cognito()
    sys.argv = sys.argv[:1]  # MiniStack parses the rest
    app.main()


if __name__ == "__main__":
    main()
