"""The description of a running stack: other programs read it from stack.json."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from local.paths import LOCAL

STATE_FILE = "stack.json"


@dataclass(frozen=True)
class Stack:
    """A stack that is deployed and answers."""

    api_url: str
    region: str
    aws_endpoint_url: str
    user_pool_id: str
    user_pool_client_id: str
    token_url: str
    program_client_id: str
    program_client_secret: str
    scope_prefix: str
    stripe_api_url: str
    stripe_publishable_key: str
    stack_name: str
    customers_table: str
    payments_table: str
    products_table: str
    orders_table: str
    refunds_table: str
    stripe_secret_arn: str
    stripe_webhook_secret_arn: str
    event_bus: str
    reconcile_function: str
    replay_function: str
    remove_unconfirmed_users_function: str
    erase_function: str
    launcher_pid: int
    simulated_stripe: bool
    web_url: str = ""  # empty if the app is not served


def write_stack(stack: Stack, directory: Path) -> None:
    """Write stack.json for other programs; a reader never sees half a file."""
    draft = directory / f"{STATE_FILE}.draft"
    draft.write_text(json.dumps(asdict(stack), indent=2) + "\n")
    draft.replace(directory / STATE_FILE)


def forget_stack(directory: Path) -> None:
    """Remove the description: the stack has stopped."""
    (directory / STATE_FILE).unlink(missing_ok=True)


def read_stack(directory: Path = LOCAL) -> Stack | None:
    """Return the stack that runs in this directory, or None.

    A launcher that was killed could not remove its file, so its process must be alive, too.
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
