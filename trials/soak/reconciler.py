"""Run the deployed reconciler: now and then, twice at once, and at the end until it is done."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.config import Config

from local import Stack
from local.aws import session
from trials.soak.ledger import Ledger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Longer than the function can run: a run must not be started twice.
_CONFIG = Config(read_timeout=320, retries={"total_max_attempts": 1})
_PAUSE_SECONDS = (6, 14)
_NOTHING_DONE = {"checked", "unchanged", "skipped", "events_read", "oldest_open_seconds"}
_MOST_RUNS = 12


class Reconciler:
    """The reconciliation function of a stack."""

    def __init__(self, stack: Stack, *, ledger: Ledger, dice: random.Random) -> None:
        self._lambda: LambdaClient = session(stack.aws_endpoint_url).client(
            "lambda", config=_CONFIG
        )
        self._function = stack.reconcile_function
        self._ledger = ledger
        self._dice = dice

    def work(self, stop: threading.Event) -> None:
        """Run now and then, sometimes twice at once, until it is time to stop."""
        while not stop.wait(self._dice.uniform(*_PAUSE_SECONDS)):
            self._run(at_once=self._dice.randint(1, 2))

    def run_until_quiet(self, wait_for_events: Callable[[], None]) -> None:
        """Run until nothing is left to do; each run starts after Stripe lists all events."""
        for _ in range(_MOST_RUNS):
            wait_for_events()
            if not self._run(at_once=1).keys() - _NOTHING_DONE:
                return
        self._ledger.reconciler_failures.append(f"still not quiet after {_MOST_RUNS} runs")

    def _run(self, *, at_once: int) -> Counter[str]:
        """Run over every payment, even new ones, and return the counts."""
        with ThreadPoolExecutor(at_once) as pool:
            running = [pool.submit(self._invoke) for _ in range(at_once)]
            counts = sum((each.result() for each in running), Counter[str]())
        self._ledger.reconciled.update(counts, runs=at_once)
        return counts

    def _invoke(self) -> Counter[str]:
        answer = self._lambda.invoke(
            FunctionName=self._function, Payload=json.dumps({"older_than_minutes": 0})
        )
        payload = answer["Payload"].read()
        if "FunctionError" in answer:
            self._ledger.reconciler_failures.append(payload.decode()[:200])
            return Counter(crashed=1)
        return Counter(json.loads(payload))
