"""Till: payments with Stripe Payment Intents, one use case per step."""

import gc
import os

# What a start loads stays, so looking for garbage meanwhile is a waste: a twentieth of the start.
# wiring.prepare turns it on again.
if "LAMBDA_TASK_ROOT" in os.environ:
    gc.disable()
