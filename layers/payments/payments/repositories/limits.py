"""The Limits table: counters that expire. See docs/limits.md.

A person's row holds four sets of entries such as `pay_1:ab12@1766846400`. One write adds an entry
and returns the row, so each of fifty requests at once sees those before it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from payments import deadline
from payments.aws.client import AwsClient
from payments.domain.attempt import DAY, HOUR, Tries
from payments.repositories.dynamodb import (
    ConditionFailedError,
    Item,
    TransactionCanceledError,
    batch_get,
    call,
    from_wire,
    to_wire,
    transact_write,
)

# DynamoDB deletes rows some time after this, often a day later.
_KEPT_SECONDS = 2 * DAY
# The most that a call takes of a request's time: it can do without.
_SECONDS = 0.8
_KINDS = ("attempts", "declines", "open_payments", "cards")


class LimitsRepository:
    """Rows of the Limits table, one for each person, network or card."""

    def __init__(self, client: AwsClient, table: str, *, payments_table: str) -> None:
        self._client = client
        self._table = table
        self._payments_table = payments_table

    def add(self, user_id: str, kind: str, entry_id: str, *, at: int) -> Tries:
        """Add an entry to what a person has tried, and return it all."""
        answer = self._call("update_item", **self._adding(user_id, kind, entry_id, at=at))
        return _tries(from_wire(answer["Attributes"]))

    def remove(self, user_id: str, entries: Mapping[str, Collection[str]]) -> None:
        """Take entries away, for each kind those with these ids and times (`id@at`)."""
        wanted = {kind: list(each) for kind, each in entries.items() if each}
        if not wanted:
            return
        self._call(
            "update_item",
            TableName=self._table,
            Key=_key_of_person(user_id),
            UpdateExpression="DELETE " + ", ".join(f"{kind} :{kind}" for kind in wanted),
            ExpressionAttributeValues={f":{kind}": {"SS": each} for kind, each in wanted.items()},
        )

    def add_decline(self, user_id: str, entry_id: str, *, network: str | None, at: int) -> None:
        """Add a decline to the person's row and to their network's, in one call."""
        adding = self._adding(user_id, "declines", entry_id, at=at, told=False)
        if network:
            try:
                with deadline.start(_SECONDS):
                    transact_write(
                        self._client,
                        [
                            {"Update": adding},
                            {"Update": self._counting(network, "declines", at=at)},
                        ],
                    )
            except TransactionCanceledError:
                pass  # others are at the network's row; the person's counts more
            else:
                return
        self._call("update_item", **adding)

    def declines_at(self, network: str, *, at: int) -> int:
        """How many declines there were in this hour, from one network."""
        answer = self._call(
            "get_item",
            TableName=self._table,
            Key=_key_of_network(network, at),
            ConsistentRead=True,
        )
        return int(from_wire(answer.get("Item") or {}).get("declines", 0))

    def add_sign_up(self, network: str, *, at: int) -> int:
        """Count a sign-up, and return how many there were in this hour, from one network."""
        counted = self._counting(network, "signups", at=at)
        answer = self._call("update_item", **counted, ReturnValues="ALL_NEW")
        return int(from_wire(answer["Attributes"])["signups"])

    def add_card(self, user_id: str, card_id: str, *, attempt: str | None, at: int) -> None:
        """Add a card that was saved; its attempt (`id@at`) is over."""
        adding = self._adding(user_id, "cards", card_id, at=at, told=False)
        if attempt:
            adding["UpdateExpression"] += " DELETE attempts :attempt"
            adding["ExpressionAttributeValues"][":attempt"] = {"SS": [attempt]}
        self._call("update_item", **adding)

    def add_person_of_card(self, fingerprint: str, user_id: str, *, most: int, at: int) -> bool:
        """Note that a person has saved a card today; False if as many others have as may."""
        try:
            self._call(
                "update_item",
                TableName=self._table,
                Key=to_wire({"counter": f"card#{fingerprint}#{at // DAY}"}),
                UpdateExpression="ADD people :people SET expires_at = :expires_at",
                ConditionExpression=(
                    "attribute_not_exists(people) OR contains(people, :person)"
                    " OR size(people) < :most"
                ),
                ExpressionAttributeValues={
                    ":people": {"SS": [user_id]},
                    **to_wire(
                        {":person": user_id, ":most": most, ":expires_at": at + _KEPT_SECONDS}
                    ),
                },
            )
        except ConditionFailedError:
            return False
        return True

    def statuses(self, payment_ids: Sequence[str]) -> Mapping[str, str]:
        """The statuses of those of the payments that exist (100 at most)."""
        if not payment_ids:
            return {}
        keys = [{"payment_id": payment_id} for payment_id in payment_ids[:100]]
        with deadline.start(_SECONDS):
            found = batch_get(self._client, {self._payments_table: keys})
        rows = map(from_wire, found[self._payments_table])
        return {row["payment_id"]: row.get("status", "") for row in rows}

    def _call(self, operation: str, **request: object) -> Mapping[str, Any]:
        with deadline.start(_SECONDS):
            return call(self._client, operation, **request)

    def _adding(
        self, user_id: str, kind: str, entry_id: str, *, at: int, told: bool = True
    ) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Key": _key_of_person(user_id),
            "UpdateExpression": f"ADD {kind} :entry SET expires_at = :expires_at",
            "ExpressionAttributeValues": {
                ":entry": {"SS": [f"{entry_id}@{at}"]},
                **to_wire({":expires_at": at + _KEPT_SECONDS}),
            },
            **({"ReturnValues": "ALL_NEW"} if told else {}),
        }

    def _counting(self, network: str, what: str, *, at: int) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Key": _key_of_network(network, at),
            "UpdateExpression": f"ADD {what} :one SET expires_at = :expires_at",
            "ExpressionAttributeValues": to_wire({":one": 1, ":expires_at": at + 2 * HOUR}),
        }


def _key_of_person(user_id: str) -> Mapping[str, Any]:
    return to_wire({"counter": f"person#{user_id}"})


def _key_of_network(network: str, at: int) -> Mapping[str, Any]:
    return to_wire({"counter": f"network#{network}#{at // HOUR}"})


def _tries(item: Item) -> Tries:
    return Tries(**{kind: _entries(item.get(kind) or ()) for kind in _KINDS})


def _entries(written: Collection[str]) -> Mapping[str, int]:
    """Ids and times; a replay adds its id again, with a later time."""
    entries: dict[str, int] = {}
    for each in written:
        entry_id, _, at = each.rpartition("@")
        entries[entry_id] = min(int(at), entries.get(entry_id, int(at)))
    return entries
