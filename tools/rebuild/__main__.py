"""`python -m tools.rebuild`: make lost rows again, from Stripe and the user pool.

STAGE=dev, staging or prod says where; without it, it is the running laptop stack. Tables that were
restored to a point in time are named by CUSTOMERS, PAYMENTS, ORDERS, REFUNDS and PRODUCTS: their
rows come first. See docs/runbooks/restore.md.
"""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from payments import wiring
from payments.aws.stripe_secret import StripeSecret
from payments.domain.errors import PaymentsError
from payments.domain.payment_event import REBUILD
from payments.repositories.dynamodb import dynamodb_client
from payments.settings import settings
from tools.environment import function_environment
from tools.rebuild.account import WholeAccount
from tools.rebuild.rebuilding import Rebuilder
from tools.rebuild.report import totals, write_problems
from tools.rebuild.tables import Tables
from tools.stages import StageError

REPORT = Path("rebuild.report.csv")
# Stripe allows 25 a second with a test key and 100 with a live one. The shop goes on meanwhile.
_REQUESTS_PER_SECOND = 15
# The variable that names a restored table, and the setting that names the stack's own.
_TABLES = {
    "CUSTOMERS": "customers_table",
    "PAYMENTS": "payments_table",
    "ORDERS": "orders_table",
    "REFUNDS": "refunds_table",
    "PRODUCTS": "products_table",
}


def main(environment: Mapping[str, str]) -> int:
    """Make the rows again, and return the exit code."""
    started = time.monotonic()
    try:
        stage = environment.get("STAGE", "")
        os.environ.update(function_environment(stage, service=REBUILD))
        rebuilder = a_rebuilder()
        restored = {
            getattr(settings(), setting): environment[name]
            for name, setting in _TABLES.items()
            if environment.get(name)
        }
        with rebuilder.stripe.at_most(_REQUESTS_PER_SECOND):
            for line in rebuilder.run(restored):
                print(line)
    except (StageError, OSError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except PaymentsError as error:
        sys.stderr.write(f"It stopped: {type(error).__name__} {error}\n")
        sys.stderr.write("Run it again: what is done stays, and it goes on from there.\n")
        return 1
    for line in totals(rebuilder, minutes=(time.monotonic() - started) / 60):
        print(line)
    write_problems(REPORT, rebuilder.problems)
    return 0


def a_rebuilder() -> Rebuilder:
    """A rebuilder for the stack whose environment this is."""
    known = settings()
    stripe = WholeAccount(
        StripeSecret(known.stripe_key_secret_id, known.stripe_webhook_secret_id),
        mode=known.stripe_mode,
        api_base=known.stripe_api_base,
        service=REBUILD,
        stack=known.stack,
    )
    recorder = replace(wiring.recorder(by=REBUILD), stripe=stripe)
    return Rebuilder(
        stripe=stripe,
        pool=wiring.pool_administration(),
        recorder=recorder,
        tables=Tables(
            dynamodb_client(),
            orders=known.orders_table,
            refunds=known.refunds_table,
            recorder=recorder,
        ),
        bookmarks=wiring.bookmarks(),
    )


if __name__ == "__main__":
    sys.exit(main(os.environ))
