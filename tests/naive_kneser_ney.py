"""A slow and plain version of the Kneser-Ney models of classes. naive.py has the other routines."""

import math
from collections import Counter, defaultdict


class KneserNeyModel:
    """Interpolated Kneser-Ney from counts of tuples of symbols. Each text begins with a mark."""

    MARK = "begin"

    def __init__(self, data, order, discounts=None):
        counts = defaultdict(Counter)  # by the number of symbols
        for text in data:
            symbols = (self.MARK, *text)
            for i in range(1, len(symbols)):
                string = symbols[max(0, i - order) : i + 1]
                counts[len(string)][string] += 1
        for size in range(order + 1, 1, -1):
            for string in counts[size]:
                counts[size - 1][string[1:]] += 1  # with one more symbol before it
        self.order, self.counts, self.discounts = order, counts, discounts
        self.following = defaultdict(dict)
        for some in counts.values():
            for string, count in some.items():
                self.following[string[:-1]][string[-1]] = count

    def kinds(self, size):
        return Counter(self.counts[size].values())

    def chance(self, context, byte, mixed):
        """P(byte | context). `mixed` is the probability from the shorter context."""
        after = self.following[context]
        discount = self.discounts[len(context) + 1]
        kept = sum(discount[min(count, 3)] for count in after.values())
        count = after.get(byte, 0)
        return (count - discount[min(count, 3)] + kept * mixed) / sum(after.values())


def modified_discounts(kinds):
    n1, n2, n3, n4 = (kinds[count] for count in (1, 2, 3, 4))
    if 0 in (n1, n2, n3):
        return [0, 0.75, 0.75, 0.75]
    y = n1 / (n1 + 2 * n2)
    exact = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    return [0, *(min(max(d, 0.05), count - 0.05) for count, d in enumerate(exact, 1))]


def kneser_ney_bits(data, labels, n_classes, query, order, background):
    """The bits of a query in the model of each class."""
    everywhere = KneserNeyModel(data, order)
    models = [
        KneserNeyModel([t for t, its in zip(data, labels, strict=True) if its == c], order) for c in range(n_classes)
    ]
    sizes = range(1, order + 2)
    everywhere.discounts = {size: modified_discounts(everywhere.kinds(size)) for size in sizes}
    together = {size: sum((model.kinds(size) for model in models), Counter()) for size in sizes}
    for model in models:
        model.discounts = {size: modified_discounts(together[size]) for size in sizes}

    def of_all(context, byte):
        shorter = 1 / 256 if context == () else of_all(context[1:], byte)
        return everywhere.chance(context, byte, shorter) if everywhere.following[context] else shorter

    def of_class(model, context, byte):
        shorter = 1 / 256 if context == () else of_class(model, context[1:], byte)
        if not everywhere.following[context]:
            return shorter
        mixed = background * of_all(context, byte) + (1 - background) * shorter
        return model.chance(context, byte, mixed) if model.following[context] else mixed

    symbols = (KneserNeyModel.MARK, *query)
    steps = [(symbols[max(0, i - order) : i], symbols[i]) for i in range(1, len(symbols))]
    return [-sum(math.log2(of_class(model, context, byte)) for context, byte in steps) for model in models]
