"""`python -m tools.replay`: record past Stripe events again, or publish payment events again.

Variables say what to replay: EVENT=evt_…, PAYMENT=pay_…, or SINCE=2026-11-20 (a time is optional,
in UTC) and optionally UNTIL; or REPUBLISH=2026-11-20, to publish all payment events since then; or
QUEUED=all, to publish what is on the queue of unpublished payment events.
STAGE=dev, staging or prod says where; without it, the replay uses the running laptop stack.
"""

import os
import sys
from collections.abc import Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import read_stack
from local.aws import session
from local.paths import SAMCONFIG
from tools.replay.replay import ReplayError, replay, request_of
from tools.stages import StageError, read_outputs, read_stage


def main(environment: Mapping[str, str]) -> int:
    """Replay, and return the exit code."""
    try:
        request = request_of(environment)
        aws, function = _function_of(environment.get("STAGE", ""))
        for line in replay(aws, function, request):
            print(line)
    except (ReplayError, StageError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _function_of(stage_name: str) -> tuple[boto3.session.Session, str]:
    if stage_name:
        stage = read_stage(stage_name, SAMCONFIG)
        aws = stage.session()
        return aws, read_outputs(aws, stage.stack_name)["ReplayEventsFunctionName"]
    stack = read_stack()
    if stack is None:
        raise StageError("No stack is running: start one with make dev, or set STAGE.")
    return session(stack.aws_endpoint_url), stack.replay_function


if __name__ == "__main__":
    sys.exit(main(os.environ))
