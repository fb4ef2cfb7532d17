"""Texts that several tests use."""

X = ["the cat sat on the mat", "a cat and a mat", "cats like mats", "stocks fell again today", "today stocks rose"]
Y = ["pets", "pets", "pets", "money", "money"]
QUERIES = ["my cat likes the mat", "will stocks rise today?", "the mat", ""]
TOPICS = [["pets", 1], ["pets", 0], ["animals", 0], ["money", 1], ["money", 1]]
