"""What is measured: the bare handler, the two baselines, and Till's steps."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.processes import Supervisor
from trials.bench.artifacts import Build, Function, Size, laid_out, sam_build, size_of
from trials.bench.backends import SECRET_KEY, Backends
from trials.bench.events import Event, rest_event
from trials.bench.runtime import Runtime
from trials.bench.shopper import STEPS, Shopper, Step

BARE, CALL = "bare handler", "bare handler, one call"
FASTAPI, POWERTOOLS = "FastAPI + Mangum", "Powertools sample"
_BASELINES = {
    BARE: ("BareFunction", 200),
    CALL: ("CallFunction", 200),
    FASTAPI: ("FastapiFunction", 201),
    POWERTOOLS: ("PowertoolsFunction", 201),
}
_TEMPLATE = Path(__file__).with_name("baselines") / "template.yaml"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working copy of Till, by the name that the tables show."""

    label: str
    directory: Path


@dataclass(frozen=True, slots=True)
class Subject:
    """One function to measure, with a new request for it each time."""

    label: str
    function: Function
    environment: Mapping[str, str]
    status: int
    event: Callable[[], Event]
    step: Step | None = None

    def start(self, log: Path, *, wrapper: tuple[str, ...] = ()) -> Runtime:
        """The function's execution environment."""
        return Runtime(self.function, self.environment, log=log, wrapper=wrapper)


def build_baselines(supervisor: Supervisor, directory: Path) -> Build:
    """Build the baselines as anyone would."""
    built = sam_build(supervisor, _TEMPLATE, directory / "baselines")
    return laid_out(built, directory / "baselines" / "read-only")


def baseline_sizes(build: Build) -> dict[str, Size]:
    """The sizes of the baselines' artifacts."""
    return {
        label: size_of(build.directory / logical_id)
        for label, (logical_id, _) in _BASELINES.items()
    }


def build_till(supervisor: Supervisor, checkout: Checkout, directory: Path) -> tuple[Build, Path]:
    """Build Till for this machine, to be run, and for Lambda, to be weighed."""
    template = checkout.directory / "infra" / "template.yaml"
    own = directory / checkout.label
    built = sam_build(supervisor, template, own)
    for_lambda = sam_build(supervisor, template, own, platform="lambda")
    return laid_out(built, own / "read-only"), for_lambda


def baselines(build: Build, backends: Backends) -> list[Subject]:
    """The bare handlers, and creating an intent in two common ways."""
    environment = {**backends.add(build), **backends.environment}
    auth = (SECRET_KEY, "")
    with httpx.Client(base_url=backends.stripe.url, auth=auth, trust_env=False) as stripe:
        customer = stripe.post("/v1/customers", data={"email": "ada@example.com"})
        customer_id = customer.raise_for_status().json()["id"]
        card = stripe.post(
            "/v1/payment_methods/pm_card_visa/attach", data={"customer": customer_id}
        ).raise_for_status()
    backends.put("CustomersTable", {"user_id": "ada", "customer_id": customer_id})
    backends.put("ItemsTable", {"item_id": "coffee", "prices": {"eur": 1099}})
    body = {"item_id": "coffee", "quantity": 2, "payment_method_id": card.json()["id"]}

    def event() -> Event:
        return rest_event(
            "POST",
            "/payments",
            body=body,
            headers={"Idempotency-Key": str(uuid.uuid4())},
            claims={"sub": "ada", "email": "ada@example.com"},
        )

    return [
        Subject(label, build.function(logical_id), environment, status, event)
        for label, (logical_id, status) in _BASELINES.items()
    ]


@contextmanager
def till(
    checkout: Checkout, build: Build, backends: Backends, steps: tuple[str, ...], logs: Path
) -> Iterator[list[Subject]]:
    """Till's steps, with a shopper to ask them."""
    environment = {**backends.add(build), **backends.environment}

    def start(logical_id: str) -> Runtime:
        log = logs / f"{checkout.label}-{logical_id}-for-the-shopper.log"
        return Runtime(build.function(logical_id), environment, log=log)

    with ExitStack() as cleanup:
        shopper = cleanup.enter_context(Shopper(start, backends.stripe.url))
        yield [
            Subject(
                label=checkout.label,
                function=build.function(step.function),
                environment=environment,
                status=step.status,
                event=lambda step=step: shopper.event(step),  # type: ignore[misc]
                step=step,
            )
            for step in STEPS
            if step.name in steps
        ]
