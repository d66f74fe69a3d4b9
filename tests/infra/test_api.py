"""The API: its routes, who may call them, how often, and its own answers."""

import json

import pytest

from payments.api.problems import GATEWAY_PROBLEMS
from tests.support.cloudformation import Deployed, Json
from tests.support.commands import FUNCTIONS
from tests.support.routes import MERCHANTS, PUBLIC, ROUTES, STEPS, function_id


def operations(resources: Json) -> dict[str, Json]:
    """Each route and its operation in the API's definition."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in resources["Api"]["Properties"]["Body"]["paths"].items()
        for method, operation in methods.items()
    }


def gateway_responses(resources: Json) -> dict[str, Json]:
    """API Gateway's own answers, by kind."""
    body: Json = resources["Api"]["Properties"]["Body"]
    responses: dict[str, Json] = body["x-amazon-apigateway-gateway-responses"]
    return responses


def test_each_route_leads_to_the_function_of_its_step(deployed: Deployed) -> None:
    routes = operations(deployed())
    called = {
        route: operation["x-amazon-apigateway-integration"]["uri"]
        for route, operation in routes.items()
        if not route.startswith("OPTIONS")
    }
    assert called.keys() == ROUTES.keys()
    for route, step in ROUTES.items():
        assert f"functions/{function_id(step)}Aliaslive/invocations" in called[route]


def test_each_handler_has_one_function_and_at_most_one_route(deployed: Deployed) -> None:
    handlers = {path.parent.name for path in FUNCTIONS.glob("*/handler.py")}
    functions = {
        logical_id
        for logical_id, resource in deployed().items()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    assert functions == {function_id(step) for step in handlers}
    assert sorted(STEPS) == sorted(handlers)


def test_every_route_but_the_public_ones_demands_a_token(deployed: Deployed) -> None:
    for route, operation in operations(deployed()).items():
        if route.startswith("OPTIONS"):
            assert "security" not in operation
        elif route in PUBLIC:
            assert operation["security"] == [{"NONE": []}]
        elif route in MERCHANTS:
            assert operation["security"] == [{"MerchantAuthorizer": []}]
        else:
            assert operation["security"] == [{"CognitoAuthorizer": []}]


def test_the_shoppers_authorizer_is_the_stacks_own_user_pool(deployed: Deployed) -> None:
    body = deployed()["Api"]["Properties"]["Body"]
    scheme = body["components"]["securitySchemes"]["CognitoAuthorizer"]
    assert scheme["name"] == "Authorization"
    assert scheme["x-amazon-apigateway-authorizer"]["type"] == "cognito_user_pools"
    assert scheme["x-amazon-apigateway-authorizer"]["providerARNs"] == ["UserPool.Arn"]


def test_every_route_has_a_rate_limit_metrics_and_no_bodies_in_logs(deployed: Deployed) -> None:
    settings = {
        f"{setting['HttpMethod']} {setting['ResourcePath']}": setting
        for setting in deployed()["Apiv1Stage"]["Properties"]["MethodSettings"]
    }
    # CloudFormation needs every slash except the first one as ~1.
    encoded = {f"{method} /{path.replace('/', '~1')}" for method, path in map(str.split, ROUTES)}
    assert settings.keys() == encoded | {"* /*"}
    for setting in settings.values():
        assert 0 < setting["ThrottlingRateLimit"] <= setting["ThrottlingBurstLimit"]
        assert setting["MetricsEnabled"] is True
        assert setting["LoggingLevel"] == "OFF"
        assert setting["DataTraceEnabled"] is False


def test_requests_are_traced_and_logged_as_json(deployed: Deployed) -> None:
    stage = deployed()["Apiv1Stage"]["Properties"]
    assert stage["TracingEnabled"] is True
    assert stage["AccessLogSetting"]["DestinationArn"] == "ApiLogGroup.Arn"
    line = json.loads(stage["AccessLogSetting"]["Format"])
    assert line["request_id"] == "$context.requestId"
    # API Gateway writes a bare hyphen for a missing value: without quotes that is not JSON.
    assert {type(value) for value in line.values()} == {str}


def test_there_is_one_stage(deployed: Deployed) -> None:
    stages = [
        resource["Properties"]["StageName"]
        for resource in deployed().values()
        if resource["Type"] == "AWS::ApiGateway::Stage"
    ]
    assert stages == ["v1"]


def test_a_preflight_request_is_told_what_the_web_app_may_send(deployed: Deployed) -> None:
    resources = deployed(AllowedOrigin="https://shop.example.com")
    for path in {route.split()[1] for route in ROUTES}:
        preflight = operations(resources)[f"OPTIONS {path}"]["x-amazon-apigateway-integration"]
        headers = preflight["responses"]["default"]["responseParameters"]
        prefix = "method.response.header.Access-Control-Allow-"
        assert headers[f"{prefix}Origin"] == "'https://shop.example.com'"
        assert headers[f"{prefix}Headers"] == "'Authorization,Content-Type,Idempotency-Key'"


def test_each_of_api_gateways_answers_is_in_the_table_of_problems(deployed: Deployed) -> None:
    assert gateway_responses(deployed()).keys() == GATEWAY_PROBLEMS.keys()


@pytest.mark.parametrize("kind", GATEWAY_PROBLEMS)
def test_what_api_gateway_refuses_is_a_problem_document_too(deployed: Deployed, kind: str) -> None:
    response = gateway_responses(deployed(AllowedOrigin="https://shop.example.com"))[kind]
    problem = GATEWAY_PROBLEMS[kind]
    assert response["statusCode"] == str(problem.status)
    told = json.loads(response["responseTemplates"]["application/json"])
    assert told == {
        "type": f"urn:till:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": "$context.requestId",
        "code": problem.code,
        **({"retryable": True} if problem.retry_after is not None else {}),
    }
    headers = response["responseParameters"]
    assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    retry_after = None if problem.retry_after is None else f"'{problem.retry_after}'"
    assert headers.get("gatewayresponse.header.Retry-After") == retry_after
    assert (
        headers["gatewayresponse.header.Access-Control-Allow-Origin"]
        == "'https://shop.example.com'"
    )


@pytest.mark.parametrize(
    "kind", ["DEFAULT_5XX", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "AUTHORIZER_FAILURE"]
)
def test_after_a_function_has_died_the_same_request_may_be_sent_again(
    deployed: Deployed, kind: str
) -> None:
    response = gateway_responses(deployed())[kind]
    assert response["statusCode"] == "503"
    assert json.loads(response["responseTemplates"]["application/json"])["retryable"] is True
    assert response["responseParameters"]["gatewayresponse.header.Retry-After"] == "'2'"


def test_a_throttled_client_is_told_when_to_come_back(deployed: Deployed) -> None:
    throttled = gateway_responses(deployed())["THROTTLED"]
    assert json.loads(throttled["responseTemplates"]["application/json"])["code"] == "rate_limited"
    headers = throttled["responseParameters"]
    assert headers["gatewayresponse.header.Retry-After"] == "'1'"
    assert headers["gatewayresponse.header.Access-Control-Expose-Headers"] == "'Retry-After'"
