"""Till: payments with Stripe Payment Intents, one use case per step."""

import gc
import logging
import os

# Only our own loggers follow LogLevel; all others stay at WARNING. Where the log format is JSON,
# AWS's runtime client gives the root logger the function's level, and at DEBUG the loggers of
# Stripe's SDK, botocore and urllib3 write client secrets, tokens and email addresses. Every
# function imports this package before it imports the SDK.
# https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
logging.getLogger().setLevel(logging.WARNING)
logging.getLogger("aws_lambda_powertools").setLevel(logging.WARNING)  # for POWERTOOLS_DEBUG
os.environ.pop("STRIPE_LOG", None)  # the SDK prints, whatever its logger's level is

# What a start loads stays, so looking for garbage meanwhile is a waste: a twentieth of the start.
# wiring.prepare turns it on again.
if "LAMBDA_TASK_ROOT" in os.environ:
    gc.disable()
