"""The journal of calls received, so that tests can see what the code under test really sent.

Card numbers show their last four digits; CVCs, keys and client secrets not even that. CVC tokens
are shown: whether one was passed is what a test wants to know.
"""

import re
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

_LONGEST = 20_000
_SECRETS = frozenset({"cvc", "key", "client_secret"})
_CARD_NUMBER = re.compile(r"\b[0-9](?:[ -]?[0-9]){11,18}\b")


@dataclass
class Entry:
    """One request, received at `time`, in seconds since 1970.

    app is what the SDK was told with `set_app_info`. status is None while it runs, and when the
    connection was dropped without an answer.
    """

    method: str
    path: str
    request_id: str
    idempotency_key: str | None
    app: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    key_type: str | None = None
    status: int | None = None
    error_code: str | None = None
    replayed: bool = False
    fault: str | None = None
    time: float = field(default_factory=time.time)
    duration_ms: float | None = None


class Journal:
    """The latest calls, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_LONGEST)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def clear(self) -> None:
        self._entries.clear()

    def entries(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self._entries]


def app_in(user_agent: str) -> str | None:
    """What follows on the SDK's own part of a User-Agent."""
    return user_agent.partition("PythonBindings/")[2].partition(" ")[2] or None


def redacted(value: Any, name: str = "") -> Any:
    """Parameters as they may be shown."""
    if isinstance(value, dict):
        if list(value) == [str(index) for index in range(len(value))] != []:
            return [redacted(item, name) for item in value.values()]  # a list, as forms write it
        return {key: redacted(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [redacted(item, name) for item in value]
    if not isinstance(value, str):
        return value
    if name in _SECRETS:
        return "[redacted]"
    return _CARD_NUMBER.sub(lambda match: f"************{match[0][-4:]}", value)
