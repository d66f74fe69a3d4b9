"""What is measured: the bare handlers, the baselines, and Till's steps."""

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
from trials.bench.node import build_node, node_version
from trials.bench.runtime import Runtime
from trials.bench.shopper import CREATE, STEPS, Shopper, Step

BARE, CALL = "bare handler", "bare handler, one call"
FASTAPI, POWERTOOLS = "FastAPI + Mangum", "Powertools sample"
WITH_BYTECODE = (f"{FASTAPI}, bytecode", f"{POWERTOOLS}, bytecode")
NODE = "Node, SDK v3 + zod"
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

    @property
    def creates(self) -> bool:
        """Whether it creates an intent, which is what the baselines do."""
        return self.step.name == CREATE if self.step else self.label not in {BARE, CALL}

    def start(self, log: Path, *, wrapper: tuple[str, ...] = ()) -> Runtime:
        """The function's execution environment."""
        return Runtime(self.function, self.environment, log=log, wrapper=wrapper)


@dataclass(frozen=True, slots=True)
class Baselines:
    """The template of the baselines, and its functions by the names that the tables show."""

    build: Build
    functions: Mapping[str, Function]

    @property
    def sizes(self) -> dict[str, Size]:
        """The sizes of the artifacts."""
        return {label: size_of(one.directory) for label, one in self.functions.items()}


def build_baselines(supervisor: Supervisor, directory: Path) -> Baselines:
    """Build the baselines as anyone would; those with packages also with bytecode."""
    own = directory / "baselines"
    built = sam_build(supervisor, _TEMPLATE, own)
    plain = laid_out(built, own / "read-only")
    compiled = laid_out(built, own / "read-only-with-bytecode", compiled=True)
    fastapi, powertools = WITH_BYTECODE
    functions = {
        BARE: plain.function("BareFunction"),
        CALL: plain.function("CallFunction"),
        FASTAPI: plain.function("FastapiFunction"),
        fastapi: compiled.function("FastapiFunction"),
        POWERTOOLS: plain.function("PowertoolsFunction"),
        powertools: compiled.function("PowertoolsFunction"),
    }
    if node_version():
        environment = functions[FASTAPI].environment
        functions[NODE] = build_node(supervisor, directory / "node", environment)
    return Baselines(plain, functions)


def build_till(supervisor: Supervisor, checkout: Checkout, directory: Path) -> tuple[Build, Path]:
    """Build Till for this machine, to be run, and for Lambda, to be weighed."""
    template = checkout.directory / "infra" / "template.yaml"
    own = directory / checkout.label
    built = sam_build(supervisor, template, own)
    for_lambda = sam_build(supervisor, template, own, platform="lambda")
    return laid_out(built, own / "read-only"), for_lambda


def baselines(built: Baselines, backends: Backends) -> list[Subject]:
    """The bare handlers, and creating an intent in common ways."""
    environment = {**backends.add(built.build), **backends.environment}
    if backends.authority:
        environment |= backends.authority.boto3_environment
    auth = (SECRET_KEY, "")
    with httpx.Client(base_url=backends.stripe_url, auth=auth, trust_env=False) as stripe:
        customer = stripe.post("/v1/customers", data={"email": "ada@example.com"})
        customer_id = customer.raise_for_status().json()["id"]
        card = stripe.post(
            "/v1/payment_methods/pm_card_visa/attach", data={"customer": customer_id}
        ).raise_for_status()
    backends.put("CustomersTable", {"user_id": "ada", "customer_id": customer_id})
    backends.put("ItemsTable", {"item_id": "coffee", "prices": {"eur": 1099}})
    items = [{"item_id": "coffee", "quantity": 2}]
    body = {"items": items, "payment_method_id": card.json()["id"]}

    def event() -> Event:
        return rest_event(
            "POST",
            "/payments",
            body=body,
            headers={"Idempotency-Key": str(uuid.uuid4())},
            claims={"sub": "ada", "email": "ada@example.com"},
        )

    return [
        Subject(label, function, environment, 200 if label in {BARE, CALL} else 201, event)
        for label, function in built.functions.items()
    ]


@contextmanager
def till(
    checkout: Checkout, build: Build, backends: Backends, steps: tuple[str, ...], logs: Path
) -> Iterator[list[Subject]]:
    """Till's steps, with a shopper to ask them."""
    environment = {**backends.add(build), **backends.environment}

    def function(step: Step) -> Function:
        return build.function(build.function_of(step.method, step.path))

    def start(step: Step) -> Runtime:
        log = logs / f"{checkout.label}-{step.name}-for-the-shopper.log"
        return Runtime(function(step), environment, log=log)

    with ExitStack() as cleanup:
        shopper = cleanup.enter_context(Shopper(start, backends.stripe_url))
        yield [
            Subject(
                label=checkout.label,
                function=function(step),
                environment=environment,
                status=step.status,
                event=lambda step=step: shopper.event(step),  # type: ignore[misc]
                step=step,
            )
            for step in STEPS
            if step.name in steps
        ]
