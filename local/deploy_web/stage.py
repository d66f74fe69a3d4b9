"""A stage's stack: where samconfig.toml says it is, and what it says about itself."""

import tomllib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

STAGES = ("dev", "staging", "prod")


class DeployError(Exception):
    """The app cannot be deployed; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Stage:
    """Where a stage's stack is deployed; without a region or profile, where AWS is set up to."""

    name: str
    stack_name: str
    region: str | None
    profile: str | None


@dataclass(frozen=True)
class Hosting:
    """What serves the app, and what the app has to know about its stage."""

    bucket: str
    distribution_id: str
    url: str
    config: Mapping[str, str]


def read_stage(name: str, samconfig: Path) -> Stage:
    """Return a stage as `sam deploy` knows it.

    Raises:
        DeployError: there is no such stage.
    """
    if name not in STAGES:
        raise DeployError(f"STAGE is {' or '.join(STAGES)}, as in: make deploy-web STAGE=dev")
    section = "default" if name == "dev" else name
    deploy = tomllib.loads(samconfig.read_text())[section]["deploy"]["parameters"]
    return Stage(name, deploy["stack_name"], deploy.get("region"), deploy.get("profile"))


def describe_hosting(session: boto3.session.Session, stack_name: str) -> Hosting:
    """Return what the stack's outputs say.

    Raises:
        DeployError: the stack cannot be asked, or serves no app.
    """
    try:
        with closing(session.client("cloudformation")) as cloudformation:
            [stack] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise DeployError(
            f"The stack {stack_name} could not be read: {error}\n"
            "Deploy it first (sam build && sam deploy), and log in to its AWS account."
        ) from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    if "WebBucketName" not in outputs:
        raise DeployError(
            f"The stack {stack_name} serves no web app. Deploy it with WebHosting=cloudfront."
        )
    return Hosting(
        bucket=outputs["WebBucketName"],
        distribution_id=outputs["WebDistributionId"],
        url=outputs["WebUrl"],
        config={
            "api_url": "/v1",
            "region": outputs["UserPoolId"].partition("_")[0],
            "user_pool_id": outputs["UserPoolId"],
            "user_pool_client_id": outputs["UserPoolClientId"],
            "stripe_publishable_key": outputs["StripePublishableKey"],
        },
    )
