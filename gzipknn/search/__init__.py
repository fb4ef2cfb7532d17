"""The search for the nearest training texts, with one module for each stage (see docs/architecture.md)."""
