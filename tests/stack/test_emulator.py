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


def _problem(status: int, code: str) -> dict[str, Any]:
    """A gateway response that looks like Till's."""
    return {
        "statusCode": str(status),
        "responseParameters": {
            f"{HEADER}.Content-Type": "'application/problem+json'",
            f"{HEADER}.Access-Control-Allow-Origin": ORIGIN,
        },
        "responseTemplates": {"application/json": json.dumps({"code": code})},
    }


PROXY = {
    "responses": {},
    "x-amazon-apigateway-integration": {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": {
            "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
            "${Function.Arn}/invocations"
        },
    },
}

CODE = """
import os, time

def lambda_handler(event, context):
    if event["path"] == "/killed":
        os._exit(1)
    if event["path"] == "/out-of-time":
        time.sleep(60)
    raise ValueError("4242424242424242")
"""

ROLE = {
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
}

# Each of these names can be given once in an account.
NAMED: dict[str, dict[str, Any]] = {
    "AWS::CloudFront::OriginAccessControl": {
        "OriginAccessControlConfig": {
            "Name": "taken",
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        }
    },
    "AWS::CloudFront::ResponseHeadersPolicy": {
        "ResponseHeadersPolicyConfig": {
            "Name": "taken",
            "SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}},
        }
    },
    "AWS::CloudWatch::Alarm": {
        "AlarmName": "taken",
        "Namespace": "till",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    },
    "AWS::DynamoDB::Table": {
        "TableName": "taken",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    },
    "AWS::Events::EventBus": {"Name": "taken"},
    "AWS::IAM::Role": {"RoleName": "taken", **ROLE},
    "AWS::Lambda::Function": {
        "FunctionName": "taken",
        "Runtime": "python3.13",
        "Handler": "index.lambda_handler",
        "Code": {"ZipFile": CODE},
        "Role": "arn:aws:iam::000000000000:role/taken",
    },
    "AWS::Logs::LogGroup": {"LogGroupName": "taken"},
    "AWS::Scheduler::Schedule": {
        "Name": "taken",
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": "arn:aws:lambda:us-east-1:000000000000:function:taken",
            "RoleArn": "arn:aws:iam::000000000000:role/taken",
        },
    },
    "AWS::SecretsManager::Secret": {"Name": "taken", "SecretString": "{}"},
    "AWS::SNS::Topic": {"TopicName": "taken"},
    "AWS::SQS::Queue": {"QueueName": "taken"},
}

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": ROLE},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.lambda_handler",
                "Code": {"ZipFile": CODE},
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 1,
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "Function"},
                "Principal": "apigateway.amazonaws.com",
            },
        },
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
                        },
                        "/payments/{payment_id}/confirm": {"get": _mock("200")},
                        "/{proxy+}": {"post": PROXY},
                    },
                    "x-amazon-apigateway-gateway-responses": {
                        "MISSING_AUTHENTICATION_TOKEN": _problem(404, "route_not_found"),
                        "THROTTLED": _problem(429, "rate_limited"),
                        "DEFAULT_5XX": _problem(503, "service_unavailable"),
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
                "MethodSettings": [
                    {
                        "ResourcePath": "/~1payments~1{payment_id}~1confirm",
                        "HttpMethod": "GET",
                        "ThrottlingRateLimit": 0.001,
                        "ThrottlingBurstLimit": 2,
                    }
                ],
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
    """An API, a distribution in front of it, and where the emulator is."""

    api: httpx.Client
    distribution: httpx.Client
    url: str


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
            cloudformation.create_stack(
                StackName=STACK_NAME,
                TemplateBody=json.dumps(TEMPLATE),
                Capabilities=["CAPABILITY_IAM"],
            )
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
            yield Emulated(api, distribution, url)


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


def test_a_route_has_limits_of_its_own(emulated: Emulated) -> None:
    answers = [emulated.api.get("/payments/pay_1/confirm") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json() == {"code": "rate_limited"}
    assert emulated.api.get("/payments").status_code == 200


@pytest.mark.parametrize("end", ["killed", "out-of-time", "an-error"])
def test_a_function_that_dies_is_answered_for_in_the_templates_words(
    emulated: Emulated, end: str
) -> None:
    answer = emulated.api.post(f"/{end}", timeout=30)

    assert answer.status_code == 503
    assert answer.json() == {"code": "service_unavailable"}
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"


def test_a_name_that_is_taken_is_refused(emulated: Emulated) -> None:
    with closing(session(emulated.url).client("cloudformation")) as cloudformation:

        def create(number: int, kind: str) -> str:
            """Create a stack of one resource with a name of its own choice."""
            name = f"{kind.replace('::', '-')}-{number}"
            resources = {"Named": {"Type": kind, "Properties": NAMED[kind]}}
            cloudformation.create_stack(
                StackName=name,
                TemplateBody=json.dumps({"Resources": resources}),
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
            return name

        def end_of(name: str) -> str:
            while True:
                [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
                status: str = stack["StackStatus"]
                if not status.endswith("_IN_PROGRESS"):
                    return status

        for kind in NAMED:
            assert end_of(create(1, kind)) == "CREATE_COMPLETE"
            second = create(2, kind)
            assert end_of(second) == "ROLLBACK_COMPLETE", kind
            events = cloudformation.describe_stack_events(StackName=second)["StackEvents"]
            assert "already exists" in str([event.get("ResourceStatusReason") for event in events])


def test_a_schedule_that_exists_cannot_be_created(emulated: Emulated) -> None:
    with closing(session(emulated.url).client("scheduler")) as scheduler:
        schedule = {**NAMED["AWS::Scheduler::Schedule"], "Name": "twice"}
        scheduler.create_schedule(**schedule)
        with pytest.raises(scheduler.exceptions.ConflictException):
            scheduler.create_schedule(**schedule)
