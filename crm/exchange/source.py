"""The bytes of a file, wherever they are, and the first refusals: missing, a directory, empty, not readable."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from crm.errors import Refused


@dataclass(frozen=True)
class Bytes:
    """A file on disk or an upload in memory, that can be opened again and again."""

    name: str
    size: int
    path: Path | None = None
    content: bytes = b""

    def open(self) -> BinaryIO:
        """A fresh binary stream at the start."""
        return self.path.open("rb") if self.path else BytesIO(self.content)

    def head(self, size: int) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return stream.read(size)

    def tail(self, size: int) -> bytes:
        """The last bytes."""
        with self.open() as stream:
            stream.seek(max(0, self.size - size))
            return stream.read(size)


def located(path_or_bytes: Path | str | bytes, name: str | None = None) -> Bytes:
    """The source, or one sentence on why there is none."""
    if isinstance(path_or_bytes, bytes):
        source = Bytes(name or "the upload", len(path_or_bytes), content=path_or_bytes)
    else:
        source = _on_disk(Path(path_or_bytes), name)
    if not source.size:
        raise Refused(f"{source.name} is empty: choose a file with a header line and rows.")
    return source


def _on_disk(path: Path, name: str | None) -> Bytes:
    shown = name or path.name or str(path)
    if path.is_dir():
        raise Refused(f"{shown} is a directory, not a file: name the file inside it.")
    if not path.is_file():
        raise Refused(f"{path} does not exist: check the name and the folder.")
    try:
        with path.open("rb"):
            return Bytes(shown, path.stat().st_size, path)
    except OSError as error:
        raise Refused(f"{shown} cannot be opened ({error.strerror}): check that you may read it.") from error
