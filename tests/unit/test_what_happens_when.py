"""The pages about what happens when, and about Stripe, name tests: each of them must exist."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.commands import ROOT

PAGES = [ROOT / "docs" / name for name in ("what-happens-when.md", "stripe-as-it-is.md")]
PROOF = re.compile(r"`(tests/\S+\.py)::(test_\w+)`")
PROOFS = [proof for page in PAGES for proof in PROOF.findall(page.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_has_a_proof(page: Path) -> None:
    lines = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    tables = [line for line in lines if line.endswith("| proof |")]
    assert len(lines) - len(tables) > 30
    for line in lines:
        assert line in tables or PROOF.search(line), line


@pytest.mark.parametrize(("path", "name"), PROOFS)
def test_a_proof_exists(path: str, name: str) -> None:
    module = ast.parse((ROOT / path).read_text())
    assert name in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
