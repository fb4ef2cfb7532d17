"""Accuracy with its confidence interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def accuracy(right: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the share of True with its 95 % Wilson interval, and the counts.

    Examples
    --------
    >>> accuracy(np.array([True, True, True, False]))
    {'value': 0.75, 'interval': [0.300..., 0.954...], 'right': 3, 'n': 4}
    """
    from scipy.stats import binomtest  # imported here, because the import takes half a second

    n_right, n = int(right.sum()), right.size
    interval = binomtest(n_right, n).proportion_ci(method="wilson")
    return {"value": n_right / n, "interval": [float(interval.low), float(interval.high)], "right": n_right, "n": n}
