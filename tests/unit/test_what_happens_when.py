"""The page "What happens when…" names tests, and each of them must exist."""

import ast
import re

import pytest

from tests.support.commands import ROOT

PAGE = ROOT / "docs" / "what-happens-when.md"
PROOFS = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", PAGE.read_text())


def test_every_line_has_a_proof() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    headings = [line for line in lines if line.startswith("| when |")]
    assert len(PROOFS) == len(lines) - len(headings) > 30


@pytest.mark.parametrize(("path", "name"), PROOFS)
def test_a_proof_exists(path: str, name: str) -> None:
    module = ast.parse((ROOT / path).read_text())
    assert name in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
