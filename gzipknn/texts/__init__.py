"""Validation and encoding of the texts, labels and numbers that users pass."""
