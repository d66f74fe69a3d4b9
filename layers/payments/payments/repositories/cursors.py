"""Cursors: where a page of an index ends. Opaque to clients, and valid only for that list."""

import base64
import binascii
import json
from dataclasses import dataclass

from payments.domain.errors import ValidationError
from payments.repositories.dynamodb import Item


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in one partition of an index of the Payments table, or its start."""

    hash_key: str
    hash_value: str
    range_key: str
    position: str | None

    def after(self, key: Item) -> str:
        """The cursor that continues after this key."""
        position = json.dumps([key[self.range_key], key["payment_id"]], separators=(",", ":"))
        return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")

    def key(self) -> Item:
        """The index key of the position, always within this partition.

        Raises:
            ValidationError: the position is not valid.
        """
        text = self.position or ""
        padded = text + "=" * (-len(text) % 4)
        try:
            range_value, payment_id = json.loads(
                base64.b64decode(padded, altchars=b"-_", validate=True)
            )
        except (binascii.Error, ValueError, TypeError) as error:
            raise ValidationError(
                [("cursor", "Use next_cursor from the previous page.")]
            ) from error
        if not all(isinstance(part, str) and part for part in (range_value, payment_id)):
            raise ValidationError([("cursor", "Use next_cursor from the previous page.")])
        return {
            self.hash_key: self.hash_value,
            self.range_key: range_value,
            "payment_id": payment_id,
        }
