"""Save and restore AWS, the Stripe account and what the people outside know.

Both accounts, moto's and the simulator's, live in this process. That makes a cell cheap: a
situation is built once, and every cell of the matrix starts with a copy of it.
"""

import json
import pickle
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.cognitoidp.models import cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from stripe_simulator.simulator import Simulator

# Not the account of the other tests, which may be in use in the same run.
REGION = "eu-north-1"

type Json = dict[str, Any]


@dataclass
class Notes:
    """What the world outside Till knows.

    delivered: the events whose webhook was answered with success. confirmed: for which payments
    the person has confirmed, and with how many CVCs. keys: the Idempotency-Keys sent. changed: the
    payments whose amount the merchant has changed at Stripe. published:
    what has arrived on the event bus, by its id, and `published_otherwise` what came again with
    the id of another change.
    """

    delivered: list[str] = field(default_factory=list)
    confirmed: dict[str, int] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    published: dict[str, Json] = field(default_factory=dict)
    published_otherwise: list[Json] = field(default_factory=list)

    def add_published(self, event: Json) -> None:
        """Note what arrives on the event bus."""
        change = event | {"payment": event["payment"]["payment_id"]}
        if self.published.setdefault(event["event_id"], change) != change:
            self.published_otherwise.append(event)


@dataclass(frozen=True)
class Snapshot:
    """Everything at one moment. `seen_by_till` is equal if Till could see no difference."""

    pickled: bytes
    streams: dict[str, list[Any]]
    seen_by_till: str


class Everything:
    """Everything that a step can change."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.notes = Notes()

    def rows(self, table: str) -> list[Json]:
        """The rows of a table."""
        items = self._tables[table].items.values()
        if self._tables[table].has_range_key:  # then those with the same key are together
            items = [item for together in items for item in together.values()]
        return [item.to_regular_json() for item in items]

    def stream(self) -> list[Json]:
        """The records of the Payments table's stream, from its start."""
        return [record.to_json() for record in self._tables["PaymentsTable"].stream_shard.items]

    def users(self) -> list[str]:
        """The people in the user pool."""
        return [str(user.id) for user in self._pool.users.values()]

    def queued(self) -> list[str]:
        """The messages on the queue of unpublished payment events, also those being worked on."""
        return [message.body for message in self._queue._messages]

    def release_messages(self) -> None:
        """Some minutes pass: what somebody received and has not deleted comes again."""
        for message in self._queue._messages:
            message.visible_at = 0

    def keep(self) -> Snapshot:
        """Copy everything."""
        return Snapshot(
            pickled=pickle.dumps(
                (
                    self._items(),
                    self._account(),
                    self._keys(),
                    self._queue._messages,
                    (self._pool.users, self._pool.groups),
                    self.notes,
                )
            ),
            streams={name: list(shard.items) for name, shard in self._shards()},
            seen_by_till=self._seen_by_till(),
        )

    def bring_back(self, snapshot: Snapshot) -> None:
        """Restore everything as it was then."""
        items, account, keys, messages, people, self.notes = pickle.loads(  # noqa: S301
            snapshot.pickled
        )
        self._queue._messages = messages
        self._queue.pending_messages.clear()
        for name, table in self._tables.items():
            table.items = items[name]
        for name, shard in self._shards():
            shard.items = list(snapshot.streams[name])
        vars(self._simulator.account).update(account)
        vars(self._simulator.idempotency_keys).update(keys)
        self._pool.users, self._pool.groups = people

    @property
    def _tables(self) -> dict[str, Any]:
        tables: dict[str, Any] = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
        return tables

    @property
    def _queue(self) -> Any:
        return sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues["UnpublishedQueue"]

    @property
    def _pool(self) -> Any:
        (pool,) = cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION].user_pools.values()
        return pool

    def _shards(self) -> Iterator[tuple[str, Any]]:
        for name, table in self._tables.items():
            if table.stream_shard is not None:
                yield name, table.stream_shard

    def _items(self) -> Json:
        return {name: table.items for name, table in self._tables.items()}

    def _account(self) -> Json:
        fields = vars(self._simulator.account)
        return {name: value for name, value in fields.items() if name != "publish"}

    def _keys(self) -> Json:
        return vars(self._simulator.idempotency_keys)

    def _seen_by_till(self) -> str:
        """Everything as text, without random ids and passing seconds.

        Till does nothing at random and reads nothing else: two moments with the same text have the
        same future, so we need to look at only one of them.
        """
        rows = {name: self.rows(name) for name in self._tables}
        images = [
            [record["dynamodb"].get("OldImage"), record["dynamodb"].get("NewImage")]
            for record in self.stream()
        ]
        users = [
            [user.id, user.status, user.attributes, sorted(each.group_name for each in user.groups)]
            for user in self._pool.users.values()
        ]
        messages = [[message.body, message.visible] for message in self._queue._messages]
        notes = vars(self.notes)
        everything = [rows, images, messages, users, self._account(), self._keys(), notes]
        return _without_chance(json.dumps(everything, default=repr))


_CHANCE = re.compile(
    r"(?P<time>\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|\b1[6-9]\d{8}\b)"
    r"|(?P<id>\b[a-z]{2,6}_[A-Za-z0-9]{14,}(?:_secret_\w+)?"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{64}\b|\breq_\w+"
    r"|(?<=invoice_prefix['\"]: ['\"])\w+)"
)
_MOMENT_SECONDS = 600


def _without_chance(text: str) -> str:
    names: dict[str, str] = {}
    now = time.time()

    def replaced(match: re.Match[str]) -> str:
        if match["id"]:
            return names.setdefault(match["id"], f"id{len(names)}")
        then = match["time"]
        seconds = float(then) if then.isdigit() else datetime.fromisoformat(then).timestamp()
        return f"{round((now - seconds) / _MOMENT_SECONDS)} moments ago"

    return _CHANCE.sub(replaced, text)
