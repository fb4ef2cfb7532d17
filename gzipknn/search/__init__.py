"""From a corpus to the nearest training texts: one file a stage, in the order that docs/architecture.md gives."""
