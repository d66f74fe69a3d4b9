"""Call the replay function until nothing is left to replay."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from payments.domain.clock import timestamp

# The function may take five minutes. Do not call it again just because the answer takes long.
_CONFIG = Config(read_timeout=330, retries={"total_max_attempts": 1})

USAGE = (
    "Say what to replay: EVENT=evt_…, PAYMENT=pay_…, SINCE=2026-11-20 (and UNTIL=…),"
    " REPUBLISH=2026-11-20, or QUEUED=all."
)


class ReplayError(Exception):
    """The replay is not possible; the message is for the person at the terminal."""


def request_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the request for the function.

    Raises:
        ReplayError: the variables say nothing, or two things at once, or a time is not valid.
    """
    names = ("EVENT", "PAYMENT", "SINCE", "REPUBLISH", "QUEUED")
    asked = [name for name in names if environment.get(name)]
    if len(asked) != 1:
        raise ReplayError(USAGE)
    if asked == ["EVENT"]:
        return {"event_id": environment["EVENT"]}
    if asked == ["PAYMENT"]:
        return {"payment_id": environment["PAYMENT"]}
    if asked == ["REPUBLISH"]:
        return {"republish_since": timestamp(_moment(environment["REPUBLISH"]))}
    if asked == ["QUEUED"]:
        if environment["QUEUED"] != "all":
            raise ReplayError(USAGE)
        return {"queued": True}
    until = environment.get("UNTIL")
    return {
        "since": _seconds(environment["SINCE"]),
        "until": _seconds(until) if until else int(datetime.now(UTC).timestamp()) + 1,
    }


def replay(aws: boto3.session.Session, function: str, request: dict[str, Any]) -> Iterator[str]:
    """Call the function until everything is replayed, and yield the progress.

    Raises:
        ReplayError: the function failed; the progress so far is done.
    """
    total: Counter[str] = Counter()
    with closing(aws.client("lambda", config=_CONFIG)) as lambda_:
        while True:
            answer = lambda_.invoke(FunctionName=function, Payload=json.dumps(request))
            body = json.loads(answer["Payload"].read())
            if "FunctionError" in answer:
                raise ReplayError(f"The replay failed: {body.get('errorMessage', body)}")
            if "outcome" in body:
                yield str(body["outcome"])
                return
            total.update(body["counts"])
            yield ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in total.items())
            if body["window"] is None:
                return
            request = body["window"]


def _seconds(moment: str) -> int:
    return int(_moment(moment).timestamp())


def _moment(text: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ReplayError(f"{text} is not a time such as 2026-11-20T09:30, in UTC.") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
