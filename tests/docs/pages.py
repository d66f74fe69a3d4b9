"""The documentation pages, and what is on them."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "*/README.md", ".github/*.md")
    for path in ROOT.glob(pattern)
    if path.parts[-2] != "node_modules"
)

_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def name_of(page: Path) -> str:
    """A page's name in a test's id."""
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return _FENCED.sub("", page.read_text())


def links(page: Path) -> list[str]:
    """The targets of a page's links and images."""
    return _LINK.findall(_CODE.sub("`", prose(page)))


def code(page: Path) -> list[str]:
    """What is in backticks in a page's text."""
    return _CODE.findall(prose(page))


def commands(page: Path) -> Iterator[str]:
    """The lines of a page's shell commands, and its code in backticks."""
    for language, block in _FENCED.findall(page.read_text()):
        if language == "sh":
            yield from block.splitlines()
    yield from code(page)


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors on a page, as GitHub names its headings."""
    return frozenset(_anchor_of(heading) for heading in _HEADING.findall(prose(page)))


def paragraphs(page: Path) -> list[str]:
    """The paragraphs of a page; of a list or a table, each line."""
    return [
        part
        for paragraph in prose(page).split("\n\n")
        for part in re.split(r"\n(?=[-|\d])", paragraph)
    ]


def _anchor_of(heading: str) -> str:
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
