"""axe: what is wrong with a page for people who can't see it or can't use a mouse."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Frame, Page

_GRAVE = frozenset({"serious", "critical"})


def serious_violations(document: Page | Frame) -> list[str]:
    """The rules that a document breaks seriously or worse, each with the nodes that break it.

    A page's frames are documents of their own.
    """
    violations: list[dict[str, Any]] = Axe().run(document).response["violations"]
    return [
        f"{violation['id']}: {', '.join(str(node['target']) for node in violation['nodes'])}"
        for violation in violations
        if violation["impact"] in _GRAVE
    ]
