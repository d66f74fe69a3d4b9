"""What is between CloudFront and the API: a secret, the client's address, and who is refused."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from payments.api.client_address import ADDRESS_HEADER, SECRET_HEADER
from tests.infra.conftest import transform
from tests.support.cloudformation import Deployed, Json, resolve
from tests.support.commands import run
from tests.support.routes import ROUTES

SECRET = "{{resolve:secretsmanager:OriginSecret.Id:SecretString:generation_1}}"
KEYS = {"StripeSecretKey": "sk_test_simulator", "StripePublishableKey": "pk_test_simulator"}
WEBHOOK = "POST /stripe/webhook"
ANSWER = """
const { code, event } = JSON.parse(require("fs").readFileSync(0));
const handler = new Function(`${code}; return handler`)();
console.log(JSON.stringify(handler(event)));
"""


def distribution(resources: Json) -> Json:
    """The distribution's configuration."""
    config: Json = resources["WebDistribution"]["Properties"]["DistributionConfig"]
    return config


def statements(resources: Json) -> list[Json]:
    """The API's resource policy."""
    policy: Json = resources["Api"]["Properties"]["Body"]["x-amazon-apigateway-policy"]
    found: list[Json] = policy["Statement"]
    return found


def output(template: Json, name: str, **parameters: str) -> Any:
    """The value of one of the stack's outputs."""
    outputs = {**template, "Resources": {name: template["Outputs"][name]}}
    return resolve(outputs, {**KEYS, **parameters})[name]["Value"]


def test_cloudfront_proves_itself_to_the_api_and_to_nobody_else(deployed: Deployed) -> None:
    origins = {origin["Id"]: origin for origin in distribution(deployed())["Origins"]}
    sent = {
        header["HeaderName"].lower(): header["HeaderValue"]
        for header in origins["api"]["OriginCustomHeaders"]
    }
    assert sent == {"referer": SECRET, SECRET_HEADER: SECRET}
    assert "OriginCustomHeaders" not in origins["web"]


def test_the_secret_is_long_random_and_made_again_by_another_generation(
    deployed: Deployed,
) -> None:
    made = deployed()["OriginSecret"]["Properties"]["GenerateSecretString"]
    assert made["PasswordLength"] == 48
    assert made["GenerateStringKey"] == "generation_1"
    # In a header, in JSON and in a policy, it needs no quoting.
    assert set(made["ExcludeCharacters"]) == set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    again = deployed(OriginSecretGeneration="2")
    assert (
        again["OriginSecret"]["Properties"]["GenerateSecretString"]["GenerateStringKey"]
        == "generation_2"
    )
    for resource in ("WebDistribution", "SignupFunction"):
        assert "generation_2}}" in json.dumps(again[resource])
        assert "generation_1}}" not in json.dumps(again[resource])


def test_cloudfront_tells_the_address_that_it_sees_itself(deployed: Deployed) -> None:
    resources = deployed()
    [api] = [
        each for each in distribution(resources)["CacheBehaviors"] if each["PathPattern"] == "/v1/*"
    ]
    assert api["FunctionAssociations"] == [
        {"EventType": "viewer-request", "FunctionARN": "WebAddressFunction.FunctionARN"}
    ]
    function = resources["WebAddressFunction"]["Properties"]
    assert function["AutoPublish"] is True
    event = {
        "viewer": {"ip": "198.51.100.7"},
        "request": {
            "uri": "/v1/payments",
            "headers": {"true-client-ip": {"value": "forged"}, "accept": {"value": "*/*"}},
        },
    }
    done = run(
        ["node", "-e", ANSWER], stdin=json.dumps({"code": function["FunctionCode"], "event": event})
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "uri": "/v1/payments",
        "headers": {ADDRESS_HEADER: {"value": "198.51.100.7"}, "accept": {"value": "*/*"}},
    }


def test_everybody_may_call_the_api_unless_asked_otherwise(deployed: Deployed) -> None:
    [statement] = statements(deployed())
    assert (statement["Effect"], statement["Principal"]) == ("Allow", "*")
    assert statement["Resource"] == "execute-api:/*"
    assert "Condition" not in statement


def test_only_cloudfront_and_stripe_may_call_the_api_if_asked(deployed: Deployed) -> None:
    _, refusal = statements(deployed(OnlyThroughCloudFront="on"))
    assert (refusal["Effect"], refusal["Principal"]) == ("Deny", "*")
    # Where a request has no Referer at all, this is true too.
    assert refusal["Condition"] == {"StringNotEquals": {"aws:Referer": SECRET}}

    def is_refused(method: str, path: str) -> bool:
        called = f"execute-api:/v1/{method}{path}"
        return any(fnmatchcase(called, pattern) for pattern in refusal["Resource"])

    calls = [route.split() for route in ROUTES]
    assert {f"{method} {path}" for method, path in calls if not is_refused(method, path)} == {
        WEBHOOK
    }
    assert all(is_refused("OPTIONS", path) for _, path in calls)


def test_a_change_of_who_is_refused_takes_effect_at_once() -> None:
    # A policy counts once the API is deployed, and SAM deploys it where its text has changed.
    deployments = {
        json.dumps(parameters): {
            name
            for name, resource in transform(**parameters)["Resources"].items()
            if resource["Type"] == "AWS::ApiGateway::Deployment"
        }.pop()
        for parameters in (
            {},
            {"OnlyThroughCloudFront": "on"},
            {"OnlyThroughCloudFront": "on", "OriginSecretGeneration": "2"},
        )
    }
    assert len(set(deployments.values())) == 3


def test_nobody_is_refused_where_there_is_no_distribution(deployed: Deployed) -> None:
    with pytest.raises(ValueError, match="OnlyThroughCloudFront needs WebHosting=cloudfront"):
        deployed(OnlyThroughCloudFront="on", WebHosting="none")
    alone = deployed(WebHosting="none")
    assert alone["SignupFunction"]["Properties"]["Environment"]["Variables"]["ORIGIN_SECRET"] == ""


def test_the_address_of_the_api_is_one_that_answers(transformed: Json) -> None:
    own = "https://Api.execute-api.eu-west-1.amazonaws.com/v1"
    assert output(transformed, "ApiUrl") == own
    refusing = {"OnlyThroughCloudFront": "on"}
    assert output(transformed, "ApiUrl", **refusing) == "https://WebDistribution.DomainName/v1"
    named = {
        "WebDomain": "shop.example.com",
        "WebCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c",
    }
    assert output(transformed, "ApiUrl", **refusing, **named) == "https://shop.example.com/v1"
    assert output(transformed, "StripeWebhookUrl", **refusing) == f"{own}/stripe/webhook"


def test_the_access_log_has_no_query_and_no_token(deployed: Deployed) -> None:
    stage = deployed()["Apiv1Stage"]["Properties"]
    line = json.loads(stage["AccessLogSetting"]["Format"])
    variables = json.dumps(line).lower()
    for word in ("query", "header", "token", "authorization", "useragent"):
        assert word not in variables
    assert line["route"] == "$context.httpMethod $context.resourcePath"
    kept = deployed(LogRetentionDays="365")["ApiLogGroup"]["Properties"]
    assert kept["RetentionInDays"] == "365"
