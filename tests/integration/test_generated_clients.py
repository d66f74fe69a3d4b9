"""Clients that are generated from docs/openapi.json, as they are, against the API.

The TypeScript one is openapi-fetch with types by openapi-typescript, as in the app: `make check`
looks at the types of web/contract/purchase.ts.
"""

import importlib
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.integration.orders import LINES, Shopper
from tests.support.api_server import running_api
from tests.support.commands import ROOT, run
from tests.support.gateway import Gateway, claims_of, merchants_gateway
from tests.support.simulator_client import Simulator

DECLINED_LATER = "4000000000000341"  # it can be saved
WEB = ROOT / "web"
PYTHON_CLIENT = "till_client"
RUN_TYPESCRIPT = """
import { readFileSync } from 'node:fs';
import { runnerImport } from 'vite';

const { module } = await runnerImport('./contract/purchase.ts', { configFile: false });
console.log(JSON.stringify(await module.buy(JSON.parse(readFileSync(0, 'utf8')))));
"""


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The Python client's package."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.json").write_text(json.dumps({"post_hooks": []}))
    made = run(
        [
            str(Path(sys.executable).parent / "openapi-python-client"),
            "generate",
            f"--path={ROOT / 'docs' / 'openapi.json'}",
            f"--config={folder / 'config.json'}",
            f"--output-path={folder / PYTHON_CLIENT}",
            "--meta=none",
            "--fail-on-warning",
        ]
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module(PYTHON_CLIENT)


@pytest.fixture
def shopper(stripe: Simulator) -> Shopper:
    """Somebody with a saved card."""
    return Shopper(stripe)


@pytest.fixture
def api_url(shopper: Shopper) -> Iterator[str]:
    """The API, which knows the shopper and a program."""
    callers = {
        "shopper": Gateway(claims_of(shopper.user_id)),
        "program": merchants_gateway(),
    }
    with running_api(callers) as url:
        yield url


class Python:
    """The Python client, as one of its callers uses it."""

    def __init__(self, till: ModuleType, url: str, token: str) -> None:
        self.models = importlib.import_module(f"{PYTHON_CLIENT}.models")
        self._client = till.AuthenticatedClient(base_url=url, token=token)

    def call(self, tag: str, operation: str, *ids: str, **arguments: Any) -> Any:
        """What an operation answers."""
        module = importlib.import_module(f"{PYTHON_CLIENT}.api.{tag}.{operation}")
        return module.sync(*ids, client=self._client, **arguments)


def test_python_pays_and_reads_what_it_has_paid(
    till: ModuleType, api_url: str, shopper: Shopper, stripe: Simulator
) -> None:
    python = Python(till, api_url, "shopper")
    models = python.models
    body = models.CreatePaymentRequest(
        items=[models.PurchaseItemRequest(product_id="coffee", quantity=2)],
        payment_method_id=shopper.card,
    )

    started = python.call("payments", "create_payment_intent", body=body, idempotency_key="k" * 8)
    confirmed = python.call(
        "payments",
        "confirm_payment_intent",
        started.payment_id,
        body=models.ConfirmPaymentRequest(cvc_token=stripe.cvc_token()),
    )
    shown = python.call("payments", "get_payment", started.payment_id)

    assert (started.amount, started.currency) == (2198, "eur")
    assert confirmed.status is models.PaymentStatus.SUCCEEDED
    assert shown.history[-1].to_status is models.HistoryStatus.SUCCEEDED
    assert shown.history[0].by is models.HistoryStep.CREATE
    assert shown.created_at.tzinfo is not None


def test_python_gets_the_one_class_of_problems(
    till: ModuleType, api_url: str, shopper: Shopper, stripe: Simulator
) -> None:
    python = Python(till, api_url, "shopper")
    models = python.models
    poor = shopper.api.attached(stripe.payment_method(DECLINED_LATER))
    started = shopper.api.create(product_id="coffee", payment_method_id=poor).body

    declined = python.call(
        "payments",
        "confirm_payment_intent",
        started["payment_id"],
        body=models.ConfirmPaymentRequest(cvc_token=stripe.cvc_token()),
    )
    missing = python.call("payments", "get_payment", "pay_none")

    assert isinstance(declined, models.Problem)
    assert (declined.code, declined.decline_code, declined.retryable) == (
        models.ProblemCode.CARD_DECLINED,
        "generic_decline",
        True,
    )
    assert declined.payment.payment_id == started["payment_id"]
    assert missing.code is models.ProblemCode.PAYMENT_NOT_FOUND


def test_python_is_a_program_of_the_merchant(
    till: ModuleType, api_url: str, shopper: Shopper
) -> None:
    python = Python(till, api_url, "program")
    models = python.models
    body = models.CreateOrderRequest(
        order_reference="R-7",
        user_id=shopper.user_id,
        currency="eur",
        lines=[models.OrderLineRequest.from_dict(line) for line in LINES],
    )

    order = python.call("merchants_orders", "create_order", body=body, idempotency_key="k" * 8)
    paid = shopper.confirms(shopper.pays(order.order_id).body).body
    refund = python.call(
        "merchants_payments",
        "create_refund",
        paid["payment_id"],
        body=models.CreateRefundRequest(
            amount=500, reason=models.CreateRefundRequestReasonType0.DUPLICATE
        ),
        idempotency_key=str(uuid.uuid4()),
    )
    found = python.call(
        "merchants_payments",
        "list_merchant_payments",
        order_reference="R-7",
        status=models.PaymentSearchStatus.SUCCEEDED,
    )

    assert (order.status, order.total) == (models.OrderStatus.OPEN, 2698)
    assert (refund.status, refund.amount) == (models.RefundStatus.SUCCEEDED, 500)
    assert [(each.payment_id, each.amount_refunded) for each in found.data] == [
        (paid["payment_id"], 500)
    ]


def test_typescript_pays_and_tells_problems_apart(
    api_url: str, shopper: Shopper, stripe: Simulator
) -> None:
    scene = {"url": api_url, "card": shopper.card, "cvcToken": stripe.cvc_token()}

    done = run(
        ["node", "--input-type=module", "--eval", RUN_TYPESCRIPT], stdin=json.dumps(scene), cwd=WEB
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "amount": 1099,
        "status": "succeeded",
        "history": ["requires_confirmation", "succeeded"],
        "problem": "payment_not_found",
    }
