"""Write files completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def whole_file(path: str) -> Iterator[Path]:
    """Yield the path of a temporary file in the folder of `path`. At the end the file replaces the one at `path`.

    If an error occurs, the file at `path` stays as it was.
    """
    wanted = Path(os.path.realpath(path))
    unfinished = wanted.with_name(f".{wanted.name}.{uuid4().hex}")
    try:
        try:
            yield unfinished
            os.replace(unfinished, wanted)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        if error.strerror is None:  # the written message says why
            raise
        raise OSError(
            f"{path} could not be written ({error.strerror}); what was there before is as it was. Make room there, or "
            f"name another file."
        ) from error
