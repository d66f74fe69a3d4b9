"""The files in the built layers."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layers:
    """The directories that become /opt."""

    dependencies: Path
    payments: Path

    @property
    def sites(self) -> list[Path]:
        """Where Python looks for modules."""
        return [self.dependencies / "python", self.payments / "python"]

    def modules(self) -> Iterator[Path]:
        """Every Python source file."""
        for site in self.sites:
            yield from site.rglob("*.py")


def files(directory: Path) -> dict[str, str]:
    """Each file below a directory and the digest of its content."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }
