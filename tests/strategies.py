"""Difficult texts: empty, one byte, NUL, not ASCII, repetitive, longer than zlib's window."""

from hypothesis import strategies as st

words = st.lists(st.sampled_from(["the ", "cat ", "sat ", "on ", "mat. ", "naïve ", "\x00", "猫", "a"]), max_size=60)
texts = st.one_of(
    words.map("".join).map(str.encode),
    st.binary(max_size=80),
    st.sampled_from([b"", b"a", b"\x00", b"ab" * 700, bytes(range(256)) * 6, b"x" * 3000]),
)
rare_long_texts = st.one_of(texts, st.sampled_from([b"the cat " * 5000, bytes(range(251)) * 150]))
