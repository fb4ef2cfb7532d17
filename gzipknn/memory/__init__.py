"""The cache of search results on disk, and the keys that identify a computation."""
