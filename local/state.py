"""The description of a running stack, as stack.json holds it for other programs to read."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from local.paths import LOCAL

STATE_FILE = "stack.json"


@dataclass(frozen=True)
class Stack:
    """A deployed, answering stack."""

    api_url: str
    region: str
    aws_endpoint_url: str
    user_pool_id: str
    user_pool_client_id: str
    stripe_api_url: str
    stripe_publishable_key: str
    stack_name: str
    customers_table: str
    payments_table: str
    products_table: str
    stripe_secret_arn: str
    event_bus: str
    reconcile_function: str
    replay_function: str
    launcher_pid: int
    simulated_stripe: bool
    web_url: str = ""  # empty where the app is not served


def write_stack(stack: Stack, directory: Path) -> None:
    """Publish the stack to whoever looks for it; a reader never sees half a file."""
    draft = directory / f"{STATE_FILE}.draft"
    draft.write_text(json.dumps(asdict(stack), indent=2) + "\n")
    draft.replace(directory / STATE_FILE)


def forget_stack(directory: Path) -> None:
    """Take the description away: the stack is no more."""
    (directory / STATE_FILE).unlink(missing_ok=True)


def read_stack(directory: Path = LOCAL) -> Stack | None:
    """Return the stack that runs from this directory, or None.

    A launcher that was killed could not remove its file, so its process has to be alive as well.
    """
    try:
        description = json.loads((directory / STATE_FILE).read_text())
    except FileNotFoundError:
        return None
    return Stack(**description) if _is_alive(description["launcher_pid"]) else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
