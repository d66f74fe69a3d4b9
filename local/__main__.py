"""`python -m local`: run the stack until Ctrl-C."""

import os
import sys
import time
from contextlib import suppress

import httpx

from local.launcher import running_stack
from local.mailbox import emailed_codes
from local.options import Options
from local.paths import LOCAL
from local.processes import StackError, StopRequestedError, Supervisor
from local.progress import Progress
from local.state import Stack
from local.web import web_unavailable

MAIL_INTERVAL_SECONDS = 1.0
TEST_CARDS = {
    "4242 4242 4242 4242": "succeeds",
    "4000 0027 6000 3184": "succeeds after 3-D Secure, every time",
    "4000 0082 6000 3178": "insufficient funds, after 3-D Secure",
    "4000 0000 0000 0341": "can be saved, but is declined",
}


def main() -> int:
    """Run the stack and return the exit code."""
    progress = Progress(sys.stdout)
    supervisor = Supervisor(on_wait=progress.tick)
    supervisor.stop_on_signals()
    try:
        options = Options.from_environment(os.environ)
        without_web = web_unavailable()
        if without_web:
            progress.line(f"{without_web} Continuing without the web app.")
        with running_stack(
            LOCAL,
            options=options,
            supervisor=supervisor,
            progress=progress,
            web=None if without_web else "dev",
        ) as stack:
            progress.line(_table(stack))
            _show_mail(supervisor, progress, stack)
    except StopRequestedError:
        progress.line("\nStopped.")
        return 0
    except StackError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    return 0


def _table(stack: Stack) -> str:
    stripe = "Stripe simulator" if stack.simulated_stripe else "Stripe, in test mode"
    rows = {
        **({"Web app": stack.web_url} if stack.web_url else {}),
        "API": stack.api_url,
        stripe: stack.stripe_api_url,
        "Publishable key": stack.stripe_publishable_key,
        "AWS (MiniStack)": f"{stack.aws_endpoint_url}  region {stack.region}",
        "User pool": f"{stack.user_pool_id}  client {stack.user_pool_client_id}",
        "Tables": f"{stack.customers_table}  {stack.payments_table}  {stack.products_table}",
        "Logs": str(LOCAL / "logs"),
        "SAM": str(LOCAL / "bin" / "sam"),
        "For programs": str(LOCAL / "stack.json"),
    }
    width = max(map(len, rows))
    lines = [f"  {name:<{width}}  {value}" for name, value in rows.items()]
    cards = [f"  {number}  {outcome}" for number, outcome in TEST_CARDS.items()]
    return "\n".join(
        [
            "\nTill is ready.\n",
            *lines,
            "\nTest cards, with any future date and any CVC except 999, which is refused:\n"
            if stack.simulated_stripe
            else "\nTest cards, with any future date and any CVC:\n",
            *cards,
            "\nEmailed confirmation codes appear here. In a second terminal: make journey. "
            "Ctrl-C stops everything.\n",
        ]
    )


def _show_mail(supervisor: Supervisor, progress: Progress, stack: Stack) -> None:
    shown: set[str] = set()
    next_look = 0.0

    def look() -> bool:
        nonlocal next_look
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + MAIL_INTERVAL_SECONDS
            # MiniStack may be busy; if it has stopped, the supervisor says so.
            with suppress(httpx.HTTPError):
                for sent in emailed_codes(stack.aws_endpoint_url):
                    if sent.message_id not in shown:
                        shown.add(sent.message_id)
                        progress.line(f"  Code for {sent.email}: {sent.code}")
        return False

    supervisor.wait_until(look)


if __name__ == "__main__":
    sys.exit(main())
