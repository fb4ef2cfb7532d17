"""Read a model that skops wrote without importing skops, which would import all of scikit-learn and take seconds.

As in skops, only objects of trusted types are made, and no code of the file runs. If the file contains a kind of object
that this module does not know, skops itself must read it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection
from importlib import import_module
from typing import Any
from zipfile import ZipFile

import numpy as np

PROTOCOL = 2
"""The only version of skops' format that this module reads."""
LIBRARY = "gzipknn."
LOADERS = ("JsonNode", "ListNode", "TupleNode", "DictNode", "BytesNode", "NdArrayNode", "FunctionNode", "ObjectNode")
KEYS = {"builtins.str": str, "builtins.int": int}


class NotPlainError(Exception):
    """Raised if a file contains an object that only skops can read, or one that is not trusted, which skops reports."""


def read_skops(archive: ZipFile, trusted: Collection[str]) -> Any:
    """Return the object in a file that skops wrote. Raise NotPlainError if only skops can read it."""
    schema = json.loads(archive.read("schema.json"))
    if schema.get("protocol") != PROTOCOL:
        raise NotPlainError
    return _Reader(archive, trusted).made_of(schema)


class _Reader:
    """Makes the object of each node of a schema, once."""

    def __init__(self, archive: ZipFile, trusted: Collection[str]) -> None:
        self.archive = archive
        self.trusted = trusted
        self.known: dict[int, Any] = {}

    def made_of(self, node: dict[str, Any]) -> Any:
        number = node.get("__id__")
        if number in self.known:
            return self.known[number]
        if node["__loader__"] not in LOADERS:
            raise NotPlainError
        made = getattr(self, f"_{node['__loader__']}")(node)
        if number is not None:
            self.known[number] = made
        return made

    def _JsonNode(self, node: dict[str, Any]) -> Any:  # noqa: N802  as skops names it
        return json.loads(node["content"])

    def _ListNode(self, node: dict[str, Any]) -> list[Any]:  # noqa: N802
        _expect(node, "builtins.list")
        return [self.made_of(one) for one in node["content"]]

    def _TupleNode(self, node: dict[str, Any]) -> tuple[Any, ...]:  # noqa: N802
        _expect(node, "builtins.tuple")
        return tuple(self.made_of(one) for one in node["content"])

    def _DictNode(self, node: dict[str, Any]) -> dict[Any, Any]:  # noqa: N802
        _expect(node, "builtins.dict")
        kinds = [KEYS.get(_name(kind)) for kind in node["key_types"]["content"]]
        if None in kinds:
            raise NotPlainError
        pairs = zip(kinds, node["content"].items(), strict=True)
        return {kind(key): self.made_of(value) for kind, (key, value) in pairs if kind is not None}

    def _BytesNode(self, node: dict[str, Any]) -> bytes:  # noqa: N802
        _expect(node, "builtins.bytes")
        return self.archive.read(node["file"])

    def _NdArrayNode(self, node: dict[str, Any]) -> Any:  # noqa: N802
        if node["type"] == "json":  # an array of objects
            objects = [self.made_of(one) for one in node["content"]]
            if self.made_of(node["shape"]) != (len(objects),):
                raise NotPlainError
            array = np.empty(len(objects), dtype=object)
            array[:] = objects
            return array
        array = np.load(io.BytesIO(self.archive.read(node["file"])), allow_pickle=False)
        if _name(node) == "numpy.ndarray":
            return array
        kind = getattr(np, node["__class__"], None)
        if node["__module__"] != "numpy" or not (isinstance(kind, type) and issubclass(kind, np.generic)):
            raise NotPlainError
        return kind(array)

    def _FunctionNode(self, node: dict[str, Any]) -> Any:  # noqa: N802
        return self._trusted(node)

    def _ObjectNode(self, node: dict[str, Any]) -> Any:  # noqa: N802
        kind = self._trusted(node)
        if not isinstance(kind, type):
            raise NotPlainError
        made: Any = object.__new__(kind)
        state = self.made_of(node["content"]) if node.get("content") is not None else None
        if state is not None and hasattr(made, "__setstate__"):
            made.__setstate__(state)
        elif state is not None:
            vars(made).update(state)
        return made

    def _trusted(self, node: dict[str, Any]) -> Any:
        name = _name(node)
        if name not in self.trusted or not name.startswith(LIBRARY):
            raise NotPlainError
        return getattr(import_module(node["__module__"]), node["__class__"])


def _name(node: dict[str, Any]) -> str:
    return f"{node['__module__']}.{node['__class__']}"


def _expect(node: dict[str, Any], name: str) -> None:
    if _name(node) != name:
        raise NotPlainError
