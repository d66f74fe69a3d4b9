"""The Bookmarks table: where a job that takes many runs has stopped."""

from payments.aws.client import AwsClient
from payments.repositories.dynamodb import Item, call, from_wire, to_wire


class BookmarksRepository:
    """Rows of the Bookmarks table, one for each job."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def load(self, name: str) -> Item:
        """Where the job stopped; empty if it has not run yet."""
        response = call(
            self._client,
            "get_item",
            TableName=self._table,
            Key=to_wire({"name": name}),
            ConsistentRead=True,
        )
        return from_wire(response["Item"]) if "Item" in response else {}

    def save(self, name: str, **position: object) -> None:
        """Remember where the job stopped."""
        call(
            self._client,
            "put_item",
            TableName=self._table,
            Item=to_wire({"name": name, **position}),
        )
