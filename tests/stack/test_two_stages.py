"""Two stages in one account: what AWS refuses, the emulator refuses too."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.aws import session
from local.deploy import Deployment
from local.emulator import start_emulator, wait_for_emulator
from local.options import free_port
from local.processes import Supervisor
from local.stripe import simulator_keys, start_simulator, wait_for_simulator
from tests.support.releases import ALIAS, release

FIRED_WITHIN_SECONDS = 120.0  # MiniStack looks every ten


class Stage:
    """A deployed stage."""

    def __init__(self, deployment: Deployment, aws: boto3.session.Session) -> None:
        outputs = deployment.outputs()
        self.stack_name = deployment.stack_name
        self.reconcile_function = outputs["ReconcilePaymentsFunctionName"]
        self._aws = aws
        with closing(aws.client("cloudformation")) as cloudformation:
            bookmarks = cloudformation.describe_stack_resource(
                StackName=self.stack_name, LogicalResourceId="BookmarksTable"
            )
        self._bookmarks = bookmarks["StackResourceDetail"]["PhysicalResourceId"]

    def schedules(self) -> list[dict[str, Any]]:
        """The schedules that call this stage's reconciliation."""
        with closing(self._aws.client("scheduler")) as scheduler:
            every = [
                scheduler.get_schedule(Name=each["Name"])
                for each in scheduler.list_schedules()["Schedules"]
            ]
        suffix = f":function:{self.reconcile_function}:{ALIAS}"
        return [schedule for schedule in every if schedule["Target"]["Arn"].endswith(suffix)]

    def hurry(self) -> None:
        """Let the schedule call its target a minute after it was made, and each minute."""
        [schedule] = self.schedules()
        with closing(self._aws.client("scheduler")) as scheduler:
            scheduler.update_schedule(
                Name=schedule["Name"],
                ScheduleExpression="rate(1 minute)",
                FlexibleTimeWindow=schedule["FlexibleTimeWindow"],
                Target=schedule["Target"],
            )

    def has_reconciled(self) -> bool:
        """Whether reconciliation has read Stripe's events and noted how far."""
        return bool(self._aws.resource("dynamodb").Table(self._bookmarks).scan()["Items"])

    def call_stripe_at(self, url: str) -> None:
        """Give reconciliation an address that the template refuses for prod."""
        with closing(self._aws.client("lambda")) as functions:
            name = self.reconcile_function
            environment = functions.get_function_configuration(FunctionName=name)["Environment"]
            variables = environment["Variables"] | {"STRIPE_API_BASE": url}
            release(functions, name, Environment={"Variables": variables})


@dataclass(frozen=True)
class Account:
    """An emulated account with two stages, and a simulated Stripe."""

    supervisor: Supervisor
    staging_deployment: Deployment
    staging: Stage
    prod: Stage
    stripe_url: str
    aws: boto3.session.Session


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    directory: Path = tmp_path_factory.mktemp("stages")
    home, logs = directory / "home", directory / "logs"
    with Supervisor() as supervisor:
        endpoint_url = start_emulator(supervisor, port=free_port(), home=home, logs=logs)
        stripe_url = start_simulator(supervisor, port=free_port(), home=home, logs=logs)

        def deployment(stage: str) -> Deployment:
            return Deployment(
                supervisor, directory=directory, endpoint_url=endpoint_url, stage=stage
            )

        staging, prod = deployment("staging"), deployment("prod")
        staging.build()
        wait_for_emulator(supervisor, endpoint_url)
        wait_for_simulator(supervisor, stripe_url)
        staging.deploy(
            stripe_keys=simulator_keys(),
            stripe_api_base=stripe_url,
            allowed_origin="https://shop.example.com",
        )
        prod.deploy(
            stripe_keys=simulator_keys(),
            stripe_api_base="",
            allowed_origin="https://shop.example.com",
            EmailFrom="shop@example.com",
            EmailIdentityArn="arn:aws:ses:us-east-1:000000000000:identity/example.com",
        )
        aws = session(endpoint_url)
        yield Account(supervisor, staging, Stage(staging, aws), Stage(prod, aws), stripe_url, aws)


def test_each_stage_has_a_schedule_of_its_own(account: Account) -> None:
    [of_staging], [of_prod] = account.staging.schedules(), account.prod.schedules()

    assert of_staging["Name"] != of_prod["Name"]
    assert {of_staging["State"], of_prod["State"]} == {"ENABLED"}


def test_each_stage_reconciles_for_itself(account: Account) -> None:
    account.prod.call_stripe_at(account.stripe_url)

    account.staging.hurry()
    account.supervisor.wait_until(
        account.staging.has_reconciled,
        timeout=FIRED_WITHIN_SECONDS,
        what="staging's reconciliation",
    )
    assert not account.prod.has_reconciled()

    account.prod.hurry()
    account.supervisor.wait_until(
        account.prod.has_reconciled, timeout=FIRED_WITHIN_SECONDS, what="prod's reconciliation"
    )


def test_what_a_removed_stage_leaves_is_not_in_the_way_of_its_next_deployment(
    account: Account,
) -> None:
    stack_name = account.staging.stack_name
    with closing(account.aws.client("cloudformation")) as cloudformation:
        cloudformation.delete_stack(StackName=stack_name)
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    account.staging_deployment.deploy(
        stripe_keys=simulator_keys(),
        stripe_api_base=account.stripe_url,
        allowed_origin="https://shop.example.com",
    )

    assert len(Stage(account.staging_deployment, account.aws).schedules()) == 1
    assert len(account.prod.schedules()) == 1
