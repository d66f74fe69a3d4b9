"""Start a stack: the emulator, Stripe or its simulator, the deployment, the web app."""

import fcntl
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from local.deploy import Deployment
from local.emulator import (
    REGION,
    start_emulator,
    wait_for_emulator,
)
from local.options import STRIPE_URL, Options, free_port
from local.processes import StackError, Supervisor
from local.progress import Progress
from local.seed import seed_products
from local.site_headers import site_headers
from local.state import Stack, forget_stack, write_stack
from local.stripe import deliver_webhooks, simulator_keys, start_simulator, wait_for_simulator
from local.web import (
    WebApp,
    WebMode,
    forget_web_config,
    web_origin,
    web_unavailable,
    write_web_config,
)


@contextmanager
def running_stack(
    directory: Path,
    *,
    options: Options | None = None,
    supervisor: Supervisor | None = None,
    progress: Progress | None = None,
    web: WebMode | None = None,
) -> Iterator[Stack]:
    """Run a stack that writes everything, including build output, below one directory.

    Stacks in different directories run side by side. web also serves the app: "dev" from its
    sources as they change, "preview" from the build that a deployment would upload.

    Raises:
        StackError: it could not start; nothing is left running.
    """
    if web and (reason := web_unavailable()):
        raise StackError(reason)
    options = options or Options()
    progress = progress or Progress(io.StringIO())
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as cleanup:
        cleanup.enter_context(_only_launcher(directory))
        home = directory / "tmp"
        supervisor = supervisor or Supervisor()
        cleanup.callback(_stop, supervisor, progress, home=home)
        cleanup.callback(forget_web_config, directory)
        stack = _launch(
            supervisor, progress, options=options, web=web, directory=directory, home=home
        )
        cleanup.callback(forget_stack, directory)
        write_stack(stack, directory)
        yield stack


def _launch(
    supervisor: Supervisor,
    progress: Progress,
    *,
    options: Options,
    web: WebMode | None,
    directory: Path,
    home: Path,
) -> Stack:
    logs = directory / "logs"
    web_port = options.web_port or free_port()
    endpoint_url = start_emulator(
        supervisor, port=options.aws_port or free_port(), home=home, logs=logs
    )
    if options.stripe_keys:
        stripe_keys, stripe_api_base = options.stripe_keys, ""
    else:
        stripe_keys = simulator_keys()
        stripe_api_base = start_simulator(
            supervisor, port=options.stripe_port or free_port(), home=home, logs=logs
        )

    deployment = Deployment(supervisor, directory=directory, endpoint_url=endpoint_url)
    with progress.step("Building the functions and layers (sam build)"):
        deployment.build()
    with progress.step("Waiting for AWS and Stripe"):
        wait_for_emulator(supervisor, endpoint_url)
        if stripe_api_base:
            wait_for_simulator(supervisor, stripe_api_base)
    with progress.step("Deploying the template (sam deploy)"):
        deployment.deploy(
            stripe_keys=stripe_keys,
            stripe_api_base=stripe_api_base,
            allowed_origin=web_origin(web_port),
        )

    outputs = deployment.outputs()
    with progress.step("Adding products"):
        seed_products(endpoint_url=endpoint_url, table_name=outputs["ProductsTableName"])
    stack = Stack(
        api_url=_api_url(endpoint_url, outputs["ApiUrl"]),
        region=REGION,
        aws_endpoint_url=endpoint_url,
        user_pool_id=outputs["UserPoolId"],
        user_pool_client_id=outputs["UserPoolClientId"],
        token_url=f"{endpoint_url}/oauth2/token",  # the emulator has no names for domains
        program_client_id=outputs["ProgramClientId"],
        scope_prefix=outputs["ScopePrefix"],
        program_client_secret=deployment.client_secret(
            outputs["UserPoolId"], outputs["ProgramClientId"]
        ),
        stripe_api_url=stripe_api_base or STRIPE_URL,
        stripe_publishable_key=stripe_keys.publishable,
        stack_name=deployment.stack_name,
        customers_table=outputs["CustomersTableName"],
        payments_table=outputs["PaymentsTableName"],
        products_table=outputs["ProductsTableName"],
        orders_table=outputs["OrdersTableName"],
        refunds_table=outputs["RefundsTableName"],
        stripe_secret_arn=outputs["StripeSecretArn"],
        stripe_webhook_secret_arn=outputs["StripeWebhookSecretArn"],
        event_bus=outputs["PaymentEventBusName"],
        reconcile_function=outputs["ReconcilePaymentsFunctionName"],
        replay_function=outputs["ReplayEventsFunctionName"],
        remove_unconfirmed_users_function=outputs["RemoveUnconfirmedUsersFunctionName"],
        erase_function=outputs["EraseAccountsFunctionName"],
        launcher_pid=os.getpid(),
        simulated_stripe=bool(stripe_api_base),
    )
    if stack.simulated_stripe:
        deliver_webhooks(stack, stripe_keys)
    if web is None:
        return stack
    app = WebApp(supervisor, web, port=web_port, directory=directory, home=home)
    with progress.step("Starting the web app"):
        app.build()
        app.serve(
            api_url=stack.api_url,
            config=write_web_config(stack, directory),
            headers=site_headers(stack),
        )
    return replace(stack, web_url=web_origin(web_port))


def _stop(supervisor: Supervisor, progress: Progress, *, home: Path) -> None:
    with progress.step("Stopping"):
        supervisor.stop()
        # Each Lambda process kept its own copy of the layers there.
        shutil.rmtree(home, ignore_errors=True)


def _api_url(endpoint_url: str, deployed_url: str) -> str:
    """Return the API's local URL, for one such as https://<id>.execute-api.….com/v1.

    The emulator also answers at <id>.execute-api.localhost, but such a name resolves only in some
    browsers and on some systems. The URL with the id in its path works everywhere.
    """
    host, _, stage = deployed_url.removeprefix("https://").partition("/")
    api_id = host.partition(".")[0]
    return f"{endpoint_url}/_aws/execute-api/{api_id}/{stage}"


@contextmanager
def _only_launcher(directory: Path) -> Iterator[None]:
    # The lock ends with its process, even if that is killed.
    with (directory / "launcher.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StackError(
                f"A stack is already running here (process {lock.read().strip()}).\n"
                "Use that one, or stop it with Ctrl-C in its terminal."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
