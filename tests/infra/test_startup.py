"""What a function loads before its first request: its step's own needs, and not more than it did.

Counted in bytes of bytecode, which grow with the work of importing and are the same on every
machine. Who adds to them on purpose raises the limit and measures what it costs: `make bench`.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.infra.commands import LAMBDA_PYTHON, run
from tests.infra.layers import Layers
from tests.infra.routes import ROUTES, STEPS, function_id

# Each would cost a start more than all that Till itself does.
HEAVY = {"asyncio", "boto3", "botocore.session", "requests", "urllib3"}
PUBLISHERS = {"publish_payment_events", "replay_events"}  # for whom nobody waits: they use boto3
WITHOUT_STRIPE = {"list_products", "list_payments", "publish_payment_events"}

KILOBYTES = {
    "signup": 5100,
    "list_products": 4000,
    "attach_payment_method": 5100,
    "list_payment_methods": 5100,
    "create_payment_intent": 5150,
    "confirm_payment_intent": 5150,
    "get_payment": 5100,
    "list_payments": 4000,
    "stripe_webhook": 5150,
    "reconcile_payments": 3300,
    "publish_payment_events": 6500,
    "replay_events": 7300,
}

NOBODY = "http://127.0.0.1:1"
ENVIRONMENT = {
    "LAMBDA_TASK_ROOT": "/var/task",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_ENDPOINT_URL": NOBODY,
    "STRIPE_API_BASE": NOBODY,
    "STRIPE_SECRET_ID": "secret",
    "USERS_TABLE": "users",
    "PAYMENTS_TABLE": "payments",
    "PRODUCTS_TABLE": "products",
    "BOOKMARKS_TABLE": "bookmarks",
    "EVENT_BUS": "bus",
    "USER_POOL_CLIENT_ID": "client",
    "ALLOWED_ORIGIN": "http://localhost:5173",
}
START = """
import json, os, sys
before = set(sys.modules)
sys.path[:0] = json.loads(sys.argv[1])
import handler
sizes = {}
for name in set(sys.modules) - before:
    cached = getattr(sys.modules[name], "__cached__", None)
    sizes[name] = os.path.getsize(cached) if cached and os.path.exists(cached) else 0
print(json.dumps(sizes))
"""


@cache
def started(step: str, build: Path, layers: Layers) -> dict[str, int]:
    """The modules that a function has loaded when it is ready, and the size of each."""
    paths = [str(path) for path in (build / function_id(step), *layers.sites)]
    command = [str(LAMBDA_PYTHON), "-I", "-c", START, json.dumps(paths)]
    done = run(command, cwd=build, **ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    sizes: dict[str, int] = json.loads(done.stdout)
    return sizes


@pytest.mark.parametrize("step", STEPS)
def test_a_function_starts_without_what_is_heavy(
    build: Path, host_layers: Layers, step: str
) -> None:
    loaded = started(step, build, host_layers).keys()
    if step not in PUBLISHERS:
        assert loaded & HEAVY == set()
    assert ("stripe" in loaded) == (step not in WITHOUT_STRIPE)


@pytest.mark.parametrize("step", ROUTES.values())
def test_a_first_request_finds_everything_loaded(
    build: Path, host_layers: Layers, step: str
) -> None:
    loaded = started(step, build, host_layers)
    assert f"payments.use_cases.{step}" in loaded
    assert "payments.repositories.dynamodb" in loaded
    assert ("payments.stripe_gateway" in loaded) == (step not in WITHOUT_STRIPE)


@pytest.mark.parametrize("step", STEPS)
def test_a_function_loads_no_more_than_it_did(build: Path, host_layers: Layers, step: str) -> None:
    sizes = started(step, build, host_layers)
    largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:10]
    kilobytes = sum(sizes.values()) / 1000
    assert kilobytes <= KILOBYTES[step], f"{kilobytes:.0f} kB; the largest: {', '.join(largest)}"
    assert kilobytes > 0.9 * KILOBYTES[step], "so much less: lower the limit"
