"""AWS on this machine: MiniStack as a service of the stack."""

import os
from collections.abc import Mapping
from pathlib import Path

import httpx

from local.paths import LAMBDA_PYTHON, MINISTACK_PYTHON
from local.processes import Supervisor

REGION = "us-east-1"
# MiniStack lets this pair do everything; a Lambda gets its role's credentials and rights.
ACCESS_KEY_ID = SECRET_ACCESS_KEY = "test"  # noqa: S105
READY_TIMEOUT_SECONDS = 60.0
PASSED_ON = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy")


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment for a service, free of the person's AWS settings and Stripe keys.

    MiniStack hands its environment on to the Lambdas, which must not find there what they would
    not find on AWS.
    """
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**passed_on, "HOME": str(home), "TMPDIR": str(home)}


def aws_environment(endpoint_url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with AWS meaning the emulator and nothing else.

    All AWS settings of the person go, so that no profile can send a deployment to the cloud.
    """
    ours = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    return {
        **ours,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def start_emulator(supervisor: Supervisor, *, port: int, home: Path, logs: Path) -> str:
    """Start MiniStack and return its endpoint URL; it answers a second or two later."""
    home.mkdir(parents=True, exist_ok=True)
    supervisor.start_service(
        "MiniStack",
        [
            MINISTACK_PYTHON,
            "-P",  # this folder's modules are not to be found by MiniStack's imports
            Path(__file__).with_name("emulator_main.py"),
            "--lambda-python",
            LAMBDA_PYTHON,
            "--lambda-slots",
            str(max(8, 2 * (os.cpu_count() or 1))),
        ],
        env={
            **clean_environment(home),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "STATE_DIR": str(home / "state"),
            # Enforce the functions' IAM policies and check confirmation codes, as AWS does.
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            # AWS's own default. MiniStack's is less where memory is short, and answers 429.
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
            "LAMBDA_WARM_TTL_SECONDS": "60",
        },
        cwd=home,
        log=logs / "ministack.log",
    )
    return f"http://127.0.0.1:{port}"


def wait_for_emulator(supervisor: Supervisor, endpoint_url: str) -> None:
    """Wait until MiniStack answers."""
    supervisor.wait_until(
        lambda: answers(f"{endpoint_url}/_ministack/health"),
        timeout=READY_TIMEOUT_SECONDS,
        what="MiniStack's start",
    )


def answers(url: str) -> bool:
    """Tell whether a server answers here yet."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False
