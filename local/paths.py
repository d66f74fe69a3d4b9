"""Paths in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "infra" / "template.yaml"
SAMCONFIG = ROOT / "samconfig.toml"
WEB = ROOT / "web"
SEED_PRODUCTS = ROOT / "local" / "seed" / "products.json"

LOCAL = ROOT / ".local"
SAM = LOCAL / "venvs" / "sam" / "bin" / "sam"
MINISTACK_PYTHON = LOCAL / "venvs" / "ministack" / "bin" / "python"
LAMBDA_PYTHON = LOCAL / "venvs" / "lambda" / "bin" / "python"
