"""This project's changes to MiniStack: without them, each of these tests fails."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.aws import session
from local.emulator import start_emulator, wait_for_emulator
from local.options import free_port
from local.processes import Supervisor

STACK_NAME = "emulated"
ORIGIN = "'https://shop.example.com'"
HEADER = "gatewayresponse.header"


def _mock(status: str, **headers: str) -> dict[str, Any]:
    """An operation that API Gateway answers itself."""
    return {
        "responses": {status: {"description": "Answered"}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "responses": {
                "default": {
                    "statusCode": status,
                    "responseParameters": {
                        f"method.response.header.{name.replace('_', '-')}": value
                        for name, value in headers.items()
                    },
                    "responseTemplates": {"application/json": '{"mocked": true}'},
                }
            },
        },
    }


TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {
                "Body": {
                    "openapi": "3.0.1",
                    "info": {"title": "emulated", "version": "1"},
                    "paths": {
                        "/payments": {
                            "get": _mock("200"),
                            "options": _mock("204", Access_Control_Allow_Origin=ORIGIN),
                        }
                    },
                    "x-amazon-apigateway-gateway-responses": {
                        "MISSING_AUTHENTICATION_TOKEN": {
                            "statusCode": "404",
                            "responseParameters": {
                                f"{HEADER}.Content-Type": "'application/problem+json'",
                                f"{HEADER}.Access-Control-Allow-Origin": ORIGIN,
                            },
                            "responseTemplates": {
                                "application/json": '{"code": "route_not_found"}'
                            },
                        }
                    },
                }
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "v1",
            },
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Origins": [
                        {
                            "Id": "api",
                            "DomainName": {
                                "Fn::Sub": "${Api}.execute-api.${AWS::Region}.amazonaws.com"
                            },
                            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "api",
                        "ViewerProtocolPolicy": "https-only",
                    },
                }
            },
        },
    },
    "Outputs": {
        "Api": {"Value": {"Ref": "Api"}},
        "Domain": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}},
    },
}


@dataclass(frozen=True)
class Emulated:
    """An API and a distribution in front of it."""

    api: httpx.Client
    distribution: httpx.Client


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """MiniStack as the laptop stack starts it."""
    directory: Path = tmp_path_factory.mktemp("emulator")
    with Supervisor() as supervisor:
        url = start_emulator(
            supervisor, port=free_port(), home=directory / "home", logs=directory / "logs"
        )
        wait_for_emulator(supervisor, url)
        with closing(session(url).client("cloudformation")) as cloudformation:
            cloudformation.create_stack(StackName=STACK_NAME, TemplateBody=json.dumps(TEMPLATE))
            cloudformation.get_waiter("stack_create_complete").wait(
                StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
            )
            [stack] = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        with (
            httpx.Client(base_url=f"{url}/_aws/execute-api/{outputs['Api']}/v1") as api,
            httpx.Client(
                base_url=f"{url}/v1",
                headers={"Host": outputs["Domain"], "X-Forwarded-Proto": "https"},
            ) as distribution,
        ):
            yield Emulated(api, distribution)


def test_what_api_gateway_refuses_it_refuses_in_the_templates_words(emulated: Emulated) -> None:
    answer = emulated.api.get("/nothing")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
    assert answer.json() == {"code": "route_not_found"}


def test_a_preflight_request_gets_the_headers_of_its_mock_integration(emulated: Emulated) -> None:
    answer = emulated.api.options("/payments")

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"


def test_a_distribution_passes_requests_on_to_the_api(emulated: Emulated) -> None:
    answer = emulated.distribution.get("/payments")

    assert answer.status_code == 200
    assert answer.json() == {"mocked": True}
    assert "cloudfront" in answer.headers["Via"]


def test_a_distribution_leaves_the_apis_refusals_as_they_are(emulated: Emulated) -> None:
    answer = emulated.distribution.get("/nothing")

    assert answer.status_code == 404
    assert answer.json() == {"code": "route_not_found"}
