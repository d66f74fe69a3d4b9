"""The file: a CSV with a customer's id and, if you like, email address in each row."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


class FileError(Exception):
    """The file cannot be read; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Line:
    """A row of the file. Without an address, the one at Stripe counts."""

    number: int
    stripe_customer_id: str
    email: str = field(default="", repr=False)


def read_lines(path: Path) -> Iterator[Line]:
    """The rows of the file, in order. Stripe's own export has the columns `id` and `Email`.

    Raises:
        FileError: it is not such a file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
            if "id" not in columns:
                raise FileError(f"{path} has no column named id: it must be a CSV with a header.")
            for row in reader:
                customer = (row[columns["id"]] or "").strip()
                email = (row[columns["email"]] or "").strip() if "email" in columns else ""
                yield Line(reader.line_num, customer, email)
    except OSError as error:
        raise FileError(f"{path} could not be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path} is not a CSV in UTF-8: {error}.") from None
