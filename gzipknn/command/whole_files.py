"""Write files completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def whole_file(path: str) -> Iterator[Path]:
    """Yield where to write a file, in the folder of `path`; at the end it takes the place of what is at `path`.

    If anything goes wrong, what is at `path` stays as it was.
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
        if error.strerror is None:  # what was written says why
            raise
        raise OSError(
            f"{path} could not be written ({error.strerror}); what was there before is as it was. Make room there, or "
            f"name another file."
        ) from error
