"""Speed over commits: `cd benchmarks/over_time && asv run`, then `asv publish`."""
