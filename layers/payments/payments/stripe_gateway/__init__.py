"""Stripe. Nothing else imports its SDK."""

import os
import sys
from types import ModuleType

# The SDK imports asyncio, a twentieth of a start, for a client that no function has. While it
# is loaded there is an empty module in its place. See docs/decisions/046-no-asyncio-at-a-start.md.
if "LAMBDA_TASK_ROOT" in os.environ and "asyncio" not in sys.modules:
    sys.modules["asyncio"] = ModuleType("asyncio")
    import stripe  # noqa: F401

    del sys.modules["asyncio"]
