"""The Bookmarks table: where a walk that goes on over many runs has stopped."""

from payments.aws.client import AwsClient
from payments.repositories.dynamodb import Item, call, from_wire, to_wire


class BookmarksRepository:
    """Rows of the Bookmarks table, one for each walk."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def load(self, name: str) -> Item:
        """Where the walk has stopped; empty if it never did."""
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"name": name}),
            ConsistentRead=True,
        )
        return from_wire(response["Item"]) if "Item" in response else {}

    def save(self, name: str, **position: object) -> None:
        """Remember where the walk has stopped."""
        call(
            self._client,
            "put_item",
            TableName=self._table,
            Item=to_wire({"name": name, **position}),
        )
