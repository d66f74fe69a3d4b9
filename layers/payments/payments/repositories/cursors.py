"""Cursors: where a page of an index ends. Opaque to clients, and valid only for that list."""

import base64
import binascii
import json
from dataclasses import dataclass

from payments.domain.errors import ValidationError
from payments.repositories.dynamodb import Item

_LONGEST_KEY_BYTES = 1024
_SCAN = "scan"
_WRONG = ("cursor", "Use next_cursor from the previous page.")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in one partition of a table's index, or its start; `id_key` is the table's key."""

    hash_key: str
    hash_value: str
    range_key: str
    position: str | None
    id_key: str = "payment_id"

    def after(self, key: Item) -> str:
        """The cursor that continues after this key."""
        position = json.dumps(
            [key[self.range_key], key[self.id_key]], separators=(",", ":"), ensure_ascii=False
        )
        return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")

    def key(self) -> Item:
        """The index key of the position, always within this partition.

        Raises:
            ValidationError: the position is not valid.
        """
        match _decoded(self.position):
            case [range_value, row_id] if _is_key(range_value) and _is_key(row_id):
                return {
                    self.hash_key: self.hash_value,
                    self.range_key: range_value,
                    self.id_key: row_id,
                }
        raise ValidationError([_WRONG])


def after_row(row_id: str) -> str:
    """The cursor that continues a scan of a table after the row with this id."""
    position = json.dumps([_SCAN, row_id]).encode()
    return base64.urlsafe_b64encode(position).decode().rstrip("=")


def row_after_which(cursor: str) -> str:
    """The id of the row after which a scan continues.

    Raises:
        ValidationError: the cursor is not valid.
    """
    match _decoded(cursor):
        case [str(kind), row_id] if kind == _SCAN and _is_key(row_id):
            return str(row_id)
    raise ValidationError([_WRONG])


def _decoded(position: str | None) -> object:
    text = str(position or "")  # a bookmark may hold anything
    padded = text + "=" * (-len(text) % 4)
    try:
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise ValidationError([_WRONG]) from error


def _is_key(part: object) -> bool:
    """Whether DynamoDB takes it as a key: text that is neither empty nor too long nor not UTF-8."""
    try:
        return isinstance(part, str) and 0 < len(part.encode()) <= _LONGEST_KEY_BYTES
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can express
        return False
