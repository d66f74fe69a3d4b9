"""The ids on the lines of the log, and the loggers of others."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from importlib import reload
from typing import Any

import pytest

import payments
from payments import logs
from payments.api.app import logger

Log = Callable[[], list[dict[str, Any]]]

IDS = ("payment_id", "user_id", "stripe_request_id")


def ids_of(line: dict[str, Any]) -> dict[str, str]:
    """The ids that a line has."""
    return {name: line[name] for name in IDS if name in line}


def test_every_line_of_a_block_has_its_ids(log: Log) -> None:
    with logs.about(user_id="ada", payment_id=None):
        logger.info("first")
        logs.note(payment_id="pay_1")
        logger.info("second", extra={"stripe_request_id": "req_1"})
    first, second = log()
    assert ids_of(first) == {"user_id": "ada"}
    assert ids_of(second) == {"user_id": "ada", "payment_id": "pay_1", "stripe_request_id": "req_1"}


def test_nothing_is_left_of_a_block_not_even_of_one_that_failed(log: Log) -> None:
    def fail() -> None:
        logs.note(payment_id="pay_1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), logs.about(user_id="ada"):
        fail()
    logs.note(stripe_request_id="req_1")  # nobody's
    logger.info("after")
    (line,) = log()
    assert ids_of(line) == {}


def test_an_inner_block_keeps_its_ids_to_itself(log: Log) -> None:
    with logs.about(user_id="ada"):
        with logs.about(payment_id="pay_1"):
            logs.note(stripe_request_id="req_1")
            logger.info("inner")
        logger.info("outer")
    inner, outer = log()
    assert ids_of(inner) == {"user_id": "ada", "payment_id": "pay_1", "stripe_request_id": "req_1"}
    assert ids_of(outer) == {"user_id": "ada"}


def test_a_thread_has_only_the_ids_that_it_is_given(log: Log) -> None:
    with logs.about(user_id="ada"), ThreadPoolExecutor() as pool:
        pool.submit(logger.info, "alone").result()
        pool.submit(copy_context().run, logger.info, "together").result()
    alone, together = log()
    assert ids_of(alone) == {}
    assert ids_of(together) == {"user_id": "ada"}


@pytest.mark.parametrize("name", [None, "stripe", "botocore", "urllib3", "aws_lambda_powertools"])
def test_the_loggers_of_others_stay_at_warning(
    name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given: what AWS's runtime client does at LogLevel=DEBUG, and what people try
    for loud in (None, "aws_lambda_powertools"):
        logging.getLogger(loud).setLevel(logging.DEBUG)
    monkeypatch.setenv("STRIPE_LOG", "debug")
    # When
    reload(payments)
    # Then
    assert logging.getLogger(name).getEffectiveLevel() == logging.WARNING
    assert "STRIPE_LOG" not in os.environ
