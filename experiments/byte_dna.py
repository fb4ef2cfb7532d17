"""Pieces of the gene BRCA1 of 50 mammals, from a file in the package cogent3."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import numpy as np

ORDERS = {
    "bats": "FlyingFox DogFaced FreeTaile LittleBro TombBat RoundEare FalseVamp LeafNose",
    "odd-toed ungulates": "Horse Rhino",
    "carnivores": "Cat Dog",
    "even-toed ungulates, whales": "Llama Pig Cow Hippo SpermWhale HumpbackW",
    "moles, hedgehogs": "Mole Hedgehog",
    "primates": "Galago HowlerMon Rhesus Orangutan Gorilla Human Chimpanzee",
    "rodents": "FlyingSqu OldWorld Mouse Rat",
    "xenarthrans": "NineBande HairyArma Anteater Sloth",
    "sea cows": "Dugong Manatee",
    "elephants": "AfricanEl AsianElep",
    "hyraxes": "RockHyrax TreeHyrax",
    "tenrecs, golden moles": "GoldenMol Madagascar Tenrec",
    "elephant shrews": "LesserEle GiantElep",
    "marsupials": "Caenolest Phascogale Wombat Bandicoot",
}
"""The species of each order of mammals, as the file names them. Each order has at least two species in the file."""
SIZE, STEP = 300, 150
"""The number of bases in a piece, and from the start of one training piece to the start of the next."""
TEST_SHARE = 0.3

Piece = tuple[bytes, str, str]
"""The bases, the order of mammals and the species."""


def species() -> tuple[list[Piece], list[Piece]]:
    """Return pieces for training and for testing, of different species."""
    path = Path(str(distribution("cogent3").locate_file("cogent3/_dataset/brca1.fasta")))
    records = [record.partition("\n")[::2] for record in path.read_text(encoding="utf-8").split(">")[1:]]
    not_bases = str.maketrans("", "", "-?N\n")  # the sequences are aligned
    sequences = {name.strip(): sequence.upper().translate(not_bases).encode() for name, sequence in records}
    parts: tuple[list[Piece], list[Piece]] = [], []
    for order, names in ORDERS.items():
        drawn = np.random.default_rng(0).permutation(names.split()).tolist()
        n_test = max(1, round(TEST_SHARE * len(drawn)))
        for number, name in enumerate(drawn):
            is_test, sequence = number < n_test, sequences[name]
            for start in range(0, len(sequence) - SIZE + 1, SIZE if is_test else STEP):
                parts[is_test].append((sequence[start : start + SIZE], order, name))
    return parts
