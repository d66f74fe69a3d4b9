"""`sam build` and `sam deploy`, as for AWS, but to the emulator."""

import json
import os
import platform
import sys
from contextlib import closing
from pathlib import Path

from local.aws import session
from local.emulator import REGION, aws_environment
from local.options import StripeKeys
from local.paths import SAM, SAMCONFIG, TEMPLATE
from local.processes import Supervisor

# The keys, and the variables that an outer `make` would pass to the `make` that builds the layers.
_KEPT_FROM_SAM = ("STRIPE_", "MAKE", "MFLAGS")
_ARM_MACHINES = ("arm64", "aarch64")


def host_architecture() -> str:
    """Return this machine's architecture as Lambda names it."""
    return "arm64" if platform.machine().lower() in _ARM_MACHINES else "x86_64"


def sam_environment(endpoint_url: str, *, layer_platform: str) -> dict[str, str]:
    """Return an environment for SAM, with the emulator as the only AWS and without Stripe's keys.

    The layers are built for this machine ("host") or for Lambda's ("lambda").
    """
    personal = {
        name: value for name, value in os.environ.items() if not name.startswith(_KEPT_FROM_SAM)
    }
    return {
        **aws_environment(endpoint_url, personal),
        # SAM runs the pip of the first Python it finds: this project's.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "SAM_CLI_TELEMETRY": "0",
        "TILL_LAYER_PLATFORM": layer_platform,
    }


class Deployment:
    """Deploys the template to the emulator; everything it writes is below one directory."""

    def __init__(
        self, supervisor: Supervisor, *, directory: Path, endpoint_url: str, stage: str = "local"
    ) -> None:
        self.stack_name = f"till-{stage}"
        self._stage = stage
        self._supervisor = supervisor
        self._directory = directory
        self._built_template = directory / "build" / "template.yaml"
        self._endpoint_url = endpoint_url

    def build(self) -> None:
        """Build the functions and layers for this machine."""
        self._sam(
            "build",
            "--template",
            TEMPLATE,
            "--build-dir",
            self._built_template.parent,
            "--cached",
            "--cache-dir",
            self._directory / "build-cache",
            "--parameter-overrides",
            f"Architecture={host_architecture()}",
        )

    def deploy(
        self,
        *,
        stripe_keys: StripeKeys,
        stripe_api_base: str,
        allowed_origin: str,
        **parameters_of_the_stage: str,
    ) -> None:
        """Create the CloudFormation stack."""
        # In a file, because every process on this machine can read a command's arguments.
        parameters = self._directory / "parameters.yaml"
        parameters.unlink(missing_ok=True)
        descriptor = os.open(parameters, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                json.dump(
                    {
                        "Stage": self._stage,
                        "Architecture": host_architecture(),
                        "StripeSecretKey": stripe_keys.secret,
                        "StripePublishableKey": stripe_keys.publishable,
                        "StripeWebhookSigningSecrets": stripe_keys.signing_secret,
                        "StripeApiBase": stripe_api_base,
                        "AllowedOrigin": allowed_origin,
                        "EventArchiveDays": "0",  # MiniStack has no archives
                        "Emulated": "true",
                        **parameters_of_the_stage,
                    },
                    file,
                )
            self._sam(
                "deploy",
                "--template",
                self._built_template,
                "--config-env",
                self._stage,
                "--no-confirm-changeset",
                "--stack-name",
                self.stack_name,
                "--region",
                REGION,
                "--parameter-overrides",
                f"file://{parameters}",
            )
        finally:
            parameters.unlink()

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs."""
        with closing(session(self._endpoint_url).client("cloudformation")) as cloudformation:
            [stack] = cloudformation.describe_stacks(StackName=self.stack_name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def client_secret(self, user_pool_id: str, client_id: str) -> str:
        """Return the secret of a client of the user pool, which is not among the outputs."""
        with closing(session(self._endpoint_url).client("cognito-idp")) as cognito:
            described = cognito.describe_user_pool_client(
                UserPoolId=user_pool_id, ClientId=client_id
            )
        return described["UserPoolClient"]["ClientSecret"]

    def _sam(self, subcommand: str, *arguments: str | Path) -> None:
        self._supervisor.run(
            f"sam {subcommand}",
            [SAM, subcommand, "--config-file", SAMCONFIG, *arguments],
            env=sam_environment(self._endpoint_url, layer_platform="host"),
            cwd=self._directory,  # SAM always creates a folder for dependencies here
            log=self._directory / "logs" / f"sam-{subcommand}.log",
        )
