"""AWS on this machine: MiniStack, run as a service of the stack."""

import os
from collections.abc import Mapping
from pathlib import Path

import httpx

from local.paths import LAMBDA_PYTHON, MINISTACK_PYTHON
from local.processes import Supervisor

REGION = "us-east-1"
# MiniStack allows this pair everything. A Lambda gets the credentials and rights of its role.
ACCESS_KEY_ID = SECRET_ACCESS_KEY = "test"  # noqa: S105
READY_TIMEOUT_SECONDS = 60.0
PASSED_ON = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy")


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment for a service, without the person's AWS settings and Stripe keys.

    MiniStack passes its environment on to the Lambdas, and they must not see anything that they
    would not see on AWS.
    """
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**passed_on, "HOME": str(home), "TMPDIR": str(home)}


def aws_environment(endpoint_url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment, with the emulator as the only AWS.

    It has none of the person's AWS settings, so that no profile can send a deployment to the cloud.
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
            "-P",  # MiniStack must not import modules from this folder
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
            # Without an answer of the pool's trigger, nobody gets a token.
            "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",
            # AWS's default. MiniStack's is lower if memory is short, and it then answers 429.
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
    """Whether a server answers at this URL yet."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False
