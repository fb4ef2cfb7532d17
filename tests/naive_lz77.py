"""A slow and plain version of docs/lz77.md. The kernel and its Python version must give the same results."""

import math
from functools import lru_cache
from itertools import accumulate

LONGEST_MATCH = 255


def longest_match(s, text, before=None):
    """Return the length of the longest prefix of `s` in `text`, beginning before a position if one is given."""
    length = 0
    while length < min(len(s), LONGEST_MATCH):
        if text.find(s[: length + 1], 0, len(text) if before is None else before + length) < 0:
            break
        length += 1
    return length


@lru_cache(maxsize=5_000)
def matches_with(query, text):
    return [longest_match(text[i:], query) for i in range(len(text))]


@lru_cache(maxsize=5_000)
def repeats(text):
    return [longest_match(text[i:], text, before=i) for i in range(len(text))]


def cheapest_ways(bits, price, matches):
    """Return the cost from each position to the end. Each step is a byte or a match."""
    cost = [0] * (len(bits) + 1)
    for i in reversed(range(len(bits))):
        cost[i] = bits[i] + cost[i + 1]
        if matches[i] > 0:
            cost[i] = min(cost[i], price + cost[i + matches[i]])
    return cost


def own_bits(text, literal, copy):
    cost = cheapest_ways(literal, copy, repeats(text))
    bits = []
    while len(bits) < len(text):
        i = len(bits)
        if cost[i] == literal[i] + cost[i + 1]:
            bits.append(literal[i])
        else:
            length = repeats(text)[i]
            bits += [copy * (k + 1) // length - copy * k // length for k in range(length)]
    return bits


def savings(query, text, bits, match):
    return sum(bits) - cheapest_ways(bits, match, matches_with(query, text))[0]


def worth_saved(query, text, bits, worth, match):
    """Return the largest worth of the saved bits among the ways to save the most bits.

    A way is a row of matches, none of which lies within another match. Each begins at its own position, or where the
    match before it ends. A match whose bytes cost B bits of worth V saves (B - match) V / B, rounded down.
    """
    before, worth_before = ([0, *accumulate(values)] for values in (bits, worth))
    longest, ends = matches_with(query, text), []
    for i, length in enumerate(longest):
        if length and (not ends or i + length > ends[-1][1]):
            ends.append((i, i + length))
    best = [(0, 0)] * (len(text) + 1)  # up to each position: the saved bits and their worth
    last = [(0, 0)] * (len(text) + 1)  # the same, if a match ends at this position
    for begin, stop in ends:
        ways, so_far_apart = [], max(best[: begin + 1])
        for place in range(begin, stop):
            replaced = before[stop] - before[place]
            if replaced > match:
                saved = replaced - match
                so_far = so_far_apart if place == begin else last[place]
                if place == begin or so_far > (0, 0):
                    value = saved * (worth_before[stop] - worth_before[place]) // replaced
                    ways.append((so_far[0] + saved, so_far[1] + value))
        last[stop] = best[stop] = max(ways, default=(0, 0))
    return max(best)[1]


class Lz77:
    """docs/lz77.md in plain Python. A byte costs the bits of a model of the training texts. Matches may be cheaper."""

    def __init__(self, training, background, labels=None, base_weight=None):
        mean = sum(map(len, training)) / len(training)
        self.match = round(256 * (math.log2(max(1, mean)) + 3))
        self.order, self.smoothing = (2, 1000) if background == "blend" else (background, 8)
        self.training = training
        self.labels = labels
        self.base_weight = base_weight

    def count(self, gram, left_out):
        return sum(occurrences(gram, text) for text in self.training) - occurrences(gram, left_out)

    def probability(self, text, i, k, left_out):
        """Return P of the byte at i after the k bytes before it. For k = -1 no byte was seen."""
        if k < 0:
            return 1 / 256
        gram = text[i - k : i + 1]
        n, n_before = self.count(gram, left_out), self.count(gram[:-1], left_out)
        return (n + self.smoothing * self.probability(text, i, k - 1, left_out)) / (n_before + self.smoothing)

    def bits(self, text, is_training):
        left_out = text if is_training else b""
        if self.order is None:
            literal = [256 * 8] * len(text)
        else:
            p = [self.probability(text, i, min(i, self.order), left_out) for i in range(len(text))]
            literal = [round(-256 * math.log2(x)) for x in p]
        return own_bits(text, literal, 2 * self.match)

    @lru_cache(maxsize=10_000)  # noqa: B019
    def information(self, s, left_out):
        """Return the class information of a string in units of 1/65536. One training text may be left out."""
        share = {label: self.labels.count(label) / len(self.labels) for label in self.labels}
        entropy = -sum(p * math.log(p) for p in share.values())
        if entropy == 0:
            return 0
        has = [self.labels[i] for i, text in enumerate(self.training) if i != left_out and s in text]
        told = 0
        for label, p in share.items():
            given = (has.count(label) + 8 * p) / (len(has) + 8)
            told += given * math.log(given / p)
        return round(65536 * max(told, 0) / entropy)

    def weights(self, text, left_out=None):
        """Return for each byte the base weight and the mean information of the strings of 4 bytes that cover it."""
        strings = [self.information(text[i : i + 4], left_out) for i in range(len(text) - 3)]
        covering = [strings[max(0, i - 3) : i + 1] for i in range(len(text))]
        return [(sum(some) / len(some) if some else 0) + 65536 * self.base_weight for some in covering]

    def worth(self, text, left_out=None):
        """Return the worth of the bits of each byte. Without labels this is the number of bits."""
        bits = self.bits(text, left_out is not None)
        if self.labels is None:
            return bits
        held = [
            (self.information(s, i), s)
            for i, own in enumerate(self.training)
            for s in {own[j : j + 4] for j in range(len(own) - 3)}
        ]
        mean = sum(told for told, _ in held) / max(1, len(held)) + 65536 * self.base_weight
        return [min(65535, round(b * (w / mean))) for b, w in zip(bits, self.weights(text, left_out), strict=True)]

    def length(self, text, left_out=None):
        return sum(self.worth(text, left_out)) / 256

    def joint_length(self, query, i, separator):
        text = self.training[i]
        saved = worth_saved(query + separator, text, self.bits(text, True), self.worth(text, i), self.match)
        return self.length(query) + self.length(text, i) - saved / 256

    def added(self, prefix, text):
        """Return the bits that a text adds to a prefix. Matches point into the prefix, which is not a training text."""
        self.match = round(256 * (math.log2(max(1, len(prefix))) + 3))
        bits = self.bits(text, False)
        return (sum(bits) - savings(prefix, text, bits, self.match)) / 256


@lru_cache(maxsize=100_000)
def occurrences(gram, text):
    """Count the occurrences of a string, which may overlap. For the empty string, count the bytes of the text."""
    if not gram:
        return len(text)
    return sum(text.startswith(gram, i) for i in range(len(text)))
