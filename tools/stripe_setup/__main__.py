"""`python -m tools.stripe_setup webhook | check | rotate-key | rotate-webhook`.

STAGE=dev, staging or prod says where; without it, it is the running laptop stack. STRIPE_SECRET_KEY
is a key that may do what the stack's own may not; it is not stored. NEW_STRIPE_KEY is the one that
rotate-key stores. FINISH=1 ends rotate-webhook.
"""

import os
import sys
from collections.abc import Iterator, Mapping

import stripe
from botocore.exceptions import BotoCoreError, ClientError

from tools.stages import StageError
from tools.stripe_setup.check import check
from tools.stripe_setup.keys import rotate_key
from tools.stripe_setup.target import Target, target_of
from tools.stripe_setup.webhook import SetupError, Webhook


def main(command: str, environment: Mapping[str, str]) -> int:
    """Do it, tell about it, and return the exit code: 1 if something is left to be done."""
    try:
        target = target_of(environment.get("STAGE", ""))
        wrong = False
        for line in _lines(command, target, environment):
            print(line)
            wrong = wrong or line.startswith("!")
    except (SetupError, StageError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except stripe.StripeError as error:  # its text may repeat part of a key
        sys.stderr.write(f"Stripe: {type(error).__name__}, {error.http_status} {error.code}\n")
        return 1
    return int(wrong)


def _lines(command: str, target: Target, environment: Mapping[str, str]) -> Iterator[str]:
    key = environment.get("STRIPE_SECRET_KEY") or target.read(target.key_secret)["secret_key"]
    webhook = Webhook(target, target.client(str(key)))
    match command:
        case "webhook":
            yield from webhook.ensure()
            yield webhook.check_arrival()
        case "rotate-webhook" if environment.get("FINISH"):
            yield from webhook.forget_old()
        case "rotate-webhook":
            yield from webhook.replace()
            yield webhook.check_arrival()
            yield "The older secret is still accepted, for what is on its way. In an hour: FINISH=1"
        case "rotate-key":
            if not environment.get("NEW_STRIPE_KEY"):
                raise SetupError("Put the new key into NEW_STRIPE_KEY.")
            yield from rotate_key(target, environment["NEW_STRIPE_KEY"])
        case "check":
            yield from check(target, str(key))
        case _:
            raise SetupError("Say what: webhook, check, rotate-key or rotate-webhook.")


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:]), os.environ))
