"""Which of the files of a function and its layers a start reads from disk, and how large they are.

The kernel tells which pages of a file it holds: none when they have just been dropped, and after a
first request those that it had to read. How far it reads ahead differs between machines, so a file
of which anything was read counts whole.
"""

import ctypes
import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from trials.bench.artifacts import Function, discard, read_only

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.mmap.restype = ctypes.c_void_p
_LIBC.mmap.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    *(ctypes.c_int,) * 3,
    ctypes.c_long,
)
_LIBC.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
_LIBC.mincore.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p)
_FAILED = ctypes.c_void_p(-1).value


def a_copy(function: Function, directory: Path) -> Function:
    """The same function from files that no other process has opened."""
    discard(directory)
    return replace(
        function,
        directory=read_only(function.directory, directory / "function"),
        layers=tuple(
            read_only(layer, directory / f"layer-{number}")
            for number, layer in enumerate(function.layers)
        ),
    )


def forget(function: Function) -> bool:
    """Have the kernel drop what it holds of the function's files; tell whether it did."""
    for path in _files(function):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # what is not written yet cannot be dropped
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
    return bytes_of_files_read(function) == 0


def bytes_of_files_read(function: Function) -> int:
    """The size of those of the function's files that the kernel holds anything of."""
    return sum(path.stat().st_size for path in _files(function) if _is_held(path))


def _files(function: Function) -> Iterator[Path]:
    directories: Iterable[Path] = (function.directory, *function.layers)
    for directory in directories:
        yield from (path for path in directory.rglob("*") if path.is_file())


def _is_held(path: Path) -> bool:
    size = path.stat().st_size
    if not size:
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        address = _LIBC.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
    finally:
        os.close(descriptor)
    if address == _FAILED:
        raise OSError(ctypes.get_errno(), "mmap failed", str(path))
    pages = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
    try:
        if _LIBC.mincore(address, size, pages):
            raise OSError(ctypes.get_errno(), "mincore failed", str(path))
    finally:
        _LIBC.munmap(address, size)
    return any(page & 1 for page in pages.raw)
