"""What a function loads before its first request: what its step needs, and no more than before.

We count bytes of bytecode, which grow with the work of importing and are the same on every
machine. If you add to them on purpose, raise the limit and measure the cost with `make bench`.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.infra.layers import Layers
from tests.support.commands import LAMBDA_PYTHON, run
from tests.support.routes import ROUTES, STEPS, function_id

# Each of these would cost a start more than everything in Till itself.
HEAVY = {
    "asyncio.events",
    "aws_lambda_powertools.event_handler",
    "boto3",
    "botocore.session",
    "requests",
    "urllib3",
}
WITHOUT_STRIPE = {
    "sign_out",
    "list_products",
    "get_product",
    "list_merchant_products",
    "put_product",
    "delete_product",
    "pre_token_generation",
    "authorize_merchant",
    "list_payments",
    "get_order",
    "create_order",
    "list_orders",
    "get_merchant_order",
    "list_merchant_payments",
    "publish_payment_events",
    "pre_sign_up",
    "post_confirmation",
}

KILOBYTES = {
    "signup": 5300,
    "sign_out": 3900,
    "get_account": 5300,
    "update_account": 5250,
    "delete_account": 5350,
    "export_account": 5400,
    "list_products": 3900,
    "get_product": 3900,
    "create_setup_intent": 5300,
    "attach_payment_method": 5350,
    "list_payment_methods": 5300,
    "update_payment_method": 5250,
    "detach_payment_method": 4700,
    "create_payment_intent": 5400,
    "confirm_payment_intent": 5400,
    "get_payment": 5400,
    "list_payments": 4000,
    "list_merchant_products": 3900,
    "put_product": 3900,
    "delete_product": 3900,
    "get_order": 4050,
    "create_order": 4050,
    "list_orders": 4000,
    "get_merchant_order": 4050,
    "cancel_order": 5400,
    "list_merchant_payments": 4000,
    "get_merchant_payment": 5400,
    "charge_in_absence": 5450,
    "cancel_payment": 5400,
    "create_refund": 5400,
    "list_refunds": 5400,
    "capture_payment": 5400,
    "cancel_merchant_payment": 5400,
    "stripe_webhook": 5350,
    "reconcile_payments": 3150,
    "publish_payment_events": 2050,
    "replay_events": 3250,
    "remove_unconfirmed_users": 2950,
    "erase_accounts": 3000,
    "pre_sign_up": 1000,
    "post_confirmation": 2000,
    "pre_token_generation": 1000,
    "authorize_merchant": 3400,
}

NOBODY = "http://127.0.0.1:1"
ENVIRONMENT = {
    "LAMBDA_TASK_ROOT": "/var/task",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_ENDPOINT_URL": NOBODY,
    "STRIPE_API_BASE": NOBODY,
    "STRIPE_KEY_SECRET_ID": "key",
    "STRIPE_WEBHOOK_SECRET_ID": "webhook",
    "CUSTOMERS_TABLE": "customers",
    "PAYMENTS_TABLE": "payments",
    "PRODUCTS_TABLE": "products",
    "ORDERS_TABLE": "orders",
    "REFUNDS_TABLE": "refunds",
    "BOOKMARKS_TABLE": "bookmarks",
    "IMPORTS_TABLE": "imports",
    "LIMITS_TABLE": "limits",
    "EVENT_BUS": "bus",
    "UNPUBLISHED_QUEUE_URL": "queue",
    "USER_POOL_ID": "pool",
    "USER_POOL_CLIENT_ID": "client",
    "ALLOWED_ORIGIN": "http://localhost:5173",
}
START = """
import json, marshal, sys
from importlib.machinery import SourceFileLoader
before = set(sys.modules)
sys.path[:0] = json.loads(sys.argv[1])
import handler
sizes = {}
for name in set(sys.modules) - before:
    loader = getattr(sys.modules[name], "__loader__", None)
    from_source = isinstance(loader, SourceFileLoader)
    sizes[name] = len(marshal.dumps(loader.get_code(loader.name))) if from_source else 0
import gc
assert gc.isenabled() and gc.get_freeze_count(), "the start left the garbage collector off"
print(json.dumps(sizes))
"""
# Stripe and AWS answer someone who has no cards yet; then we see what that request has loaded.
FIRST_REQUEST = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import handler
from payments.transport import Response, Transport
ANSWERS = {
    "secretsmanager.GetSecretValue": {"SecretString": json.dumps({"secret_key": "sk_test_1"})},
    "DynamoDB_20120810.GetItem": {"Item": {
        "user_id": {"S": "ada"}, "stripe_customer_id": {"S": "cus_ada"},
        "livemode": {"BOOL": False}, "email": {"S": "ada@example.com"},
        "name": {"S": "Ada"}, "created_at": {"S": "2026-01-01T00:00:00Z"},
    }},
    None: {"object": "list", "data": [], "has_more": False},
}
def send(transport, method, url, *, headers, **_):
    return Response(200, {}, json.dumps(ANSWERS[headers.get("X-Amz-Target")]).encode())
Transport.send = send
started = []
sys.addaudithook(lambda name, _: started.append(name) if name == "subprocess.Popen" else None)
before = set(sys.modules)
claims = {"sub": "ada", "email": "ada@example.com", "name": "Ada"}
answer = handler.lambda_handler({
    "httpMethod": "GET", "path": "/payment-methods", "resource": "/payment-methods",
    "requestContext": {"requestId": "first", "authorizer": {"claims": claims}},
}, None)
loaded = sorted(set(sys.modules) - before)
print(json.dumps({"status": answer["statusCode"], "loaded": loaded, "processes": started}))
"""


@cache
def started(step: str, build: Path, layers: Layers) -> dict[str, int]:
    """The modules that a function has loaded once it is ready, with their sizes."""
    sizes: dict[str, int] = json.loads(told_by(START, step, build, layers))
    return sizes


def told_by(code: str, step: str, build: Path, layers: Layers) -> str:
    """The last line that some code prints, with a function's modules as Lambda has them."""
    paths = [str(path) for path in (build / function_id(step), *layers.sites)]
    command = [str(LAMBDA_PYTHON), "-I", "-c", code, json.dumps(paths)]
    done = run(command, cwd=build, **ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("step", STEPS)
def test_a_function_starts_without_what_is_heavy(
    build: Path, host_layers: Layers, step: str
) -> None:
    loaded = started(step, build, host_layers).keys()
    assert loaded & HEAVY == set()
    assert ("stripe" in loaded) == (step not in WITHOUT_STRIPE)


@pytest.mark.parametrize("step", ROUTES.values())
def test_a_first_request_finds_everything_loaded(
    build: Path, host_layers: Layers, step: str
) -> None:
    loaded = started(step, build, host_layers)
    assert f"payments.use_cases.{step}" in loaded
    assert "payments.repositories.dynamodb" in loaded
    assert ("payments.stripe_gateway.gateway" in loaded) == (step not in WITHOUT_STRIPE)


def test_a_first_request_loads_nothing_and_starts_no_process(
    build: Path, host_layers: Layers
) -> None:
    told = json.loads(told_by(FIRST_REQUEST, "list_payment_methods", build, host_layers))
    assert told == {"status": 200, "loaded": [], "processes": []}


@pytest.mark.parametrize("step", STEPS)
def test_a_function_loads_no_more_than_it_did(build: Path, host_layers: Layers, step: str) -> None:
    sizes = started(step, build, host_layers)
    largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:10]
    kilobytes = sum(sizes.values()) / 1000
    assert kilobytes <= KILOBYTES[step], f"{kilobytes:.0f} kB; the largest: {', '.join(largest)}"
    assert kilobytes > 0.9 * KILOBYTES[step], "so much less: lower the limit"
