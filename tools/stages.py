"""A stage's stack: its place, from samconfig.toml, and its outputs."""

import tomllib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

STAGES = ("dev", "staging", "prod")


class StageError(Exception):
    """Something is wrong with this stage; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Stage:
    """Where a stage's stack is deployed; the default AWS settings fill in region and profile."""

    name: str
    stack_name: str
    region: str | None
    profile: str | None

    def session(self) -> boto3.session.Session:
        """The AWS account and region of the stage."""
        return boto3.session.Session(region_name=self.region, profile_name=self.profile)


def read_stage(name: str, samconfig: Path) -> Stage:
    """Return a stage, as `sam deploy` sees it.

    Raises:
        StageError: there is no such stage.
    """
    if name not in STAGES:
        raise StageError(f"STAGE must be {' or '.join(STAGES)}, as in: STAGE=dev")
    section = "default" if name == "dev" else name
    deploy = tomllib.loads(samconfig.read_text())[section]["deploy"]["parameters"]
    return Stage(name, deploy["stack_name"], deploy.get("region"), deploy.get("profile"))


def read_outputs(session: boto3.session.Session, stack_name: str) -> dict[str, str]:
    """Return the outputs of a stack.

    Raises:
        StageError: the stack cannot be read.
    """
    try:
        with closing(session.client("cloudformation")) as cloudformation:
            [stack] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise StageError(
            f"The stack {stack_name} could not be read: {error}\n"
            "Deploy it first (sam build && sam deploy), and log in to its AWS account."
        ) from error
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
