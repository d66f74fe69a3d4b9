"""`make protect STAGE=prod`: nobody deletes the stack, or what holds data in it, by mistake.

It sets termination protection and infra/stack-policy.json. Run again it changes nothing. Every
stage but dev has it. The deployment from GitHub runs it after each deployment.
"""

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tools.stages import StageError, read_stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "infra" / "stack-policy.json"


def protect(cloudformation: "CloudFormationClient", stack_name: str) -> None:
    """Protect a stack."""
    cloudformation.set_stack_policy(StackName=stack_name, StackPolicyBody=POLICY.read_text())
    cloudformation.update_termination_protection(
        StackName=stack_name, EnableTerminationProtection=True
    )


def main(stage_name: str, samconfig: Path = ROOT / "samconfig.toml") -> int:
    """Protect a stage's stack and return the exit code."""
    if stage_name == "dev":
        print("dev is not protected: it is there to be thrown away.", file=sys.stderr)
        return 1
    try:
        stage = read_stage(stage_name, samconfig)
        with closing(stage.session().client("cloudformation")) as cloudformation:
            protect(cloudformation, stage.stack_name)
    except (StageError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{stage.stack_name} is protected: its stack policy and termination protection are set.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
