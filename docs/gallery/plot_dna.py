"""
DNA: one gene of 55 mammals
===========================

This page compares a part of the gene BRCA1 in 55 mammals: which two sequences are most alike? DNA is hard for
compressors that were made for text. Each of its four letters carries 2 bits. Mutations interrupt what could be copied.
And a sequence of this length contains most strings of five letters by chance.
"""

# %%
# The sequences come with the package ``cogent3``, aligned to one another. We take out the gaps, because they tell where
# the other sequences have more letters. We also take out unknown bases.

from importlib.metadata import distribution

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import pairwise_distances

from gzipknn import pairwise_ncd
from gzipknn.plotting import plot_dendrogram

path = distribution("cogent3").locate_file("cogent3/_dataset/brca1.fasta")
records = [record.partition("\n")[::2] for record in path.read_text().split(">")[1:]]
not_bases = str.maketrans("", "", "-?N\n")
sequences = {name.strip(): sequence.upper().translate(not_bases) for name, sequence in records}
lengths = [len(sequence) for sequence in sequences.values()]
print(f"{len(sequences)} sequences of {min(lengths)} to {max(lengths)} bases")

# %%
# A tree shows which sequences are near each other: the nearer two animals are, the closer to their names they join.
# Here are eight of the animals.

few = ["Human", "Chimpanzee", "Gorilla", "Cat", "Dog", "Mouse", "Rat", "Wombat"]
_, ax = plt.subplots(layout="constrained")
plot_dendrogram([sequences[name] for name in few], few, ax=ax, compressor="lz77", separator="")
ax.tick_params(labelsize=16)
plt.show()

# %%
# Which other animal is nearest to each? The classes are the orders of mammals. Orders with only one animal are left
# out. Names are cut to ten letters, as in the file.

orders = {
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
order_of = {name: order for order, names in orders.items() for name in names.split()}
names = [name for name in sequences if name in order_of]
X = [sequences[name] for name in names]
y = np.array([order_of[name] for name in names])


def nearest(distances):
    """Return the nearest other animal of each."""
    return np.where(np.eye(len(distances), dtype=bool), np.inf, distances).argmin(axis=1)


# %%
# Each animal gets the order of the animal that is nearest to it. Huffman is the control: it knows how frequent each
# letter is, but no strings. The baseline counts the strings of a given length and takes the cosine of the counts.

found = {}
for compressor in ("huffman", "gzip", "bz2", "lz77"):
    found[compressor] = nearest(pairwise_ncd(X, compressor=compressor, order="symmetric", separator=""))
for size in (4, 8):
    counts = TfidfVectorizer(analyzer="char", ngram_range=(size, size), use_idf=False).fit_transform(X)
    found[f"{size}-mers, cosine"] = nearest(pairwise_distances(counts, metric="cosine"))

classes, counts = np.unique(y, return_counts=True)
print(f"{len(X)} animals of {len(classes)} orders, leaving one out")
print(f"{'most frequent':<14} {counts.max() / len(X):.2f}")
for method, neighbor in found.items():
    print(f"{method:<14} {np.mean(y[neighbor] == y):.2f}")

# %%
# One animal of 50 is 0.02, so the methods that know strings hardly differ. These animals have a nearest animal of
# another order:

for method in ("gzip", "lz77"):
    wrong = [f"{names[i]} to {names[j]}" for i, j in enumerate(found[method]) if y[i] != y[j]]
    print(f"{method}: {'; '.join(wrong)}")

# %%
# This is the tree of all animals by lz77. Close relatives join first. The tree does not tell how the orders are
# related, because the distances between them are nearly the same. An animal whose gene changed much joins late,
# wherever it belongs. Mouse and rat are such animals, so the rodents are not together.

_, ax = plt.subplots(figsize=(5, 11), layout="constrained")
plot_dendrogram(list(sequences.values()), list(sequences), ax=ax, compressor="lz77", separator="")
ax.tick_params(axis="y", labelsize=10)
plt.show()
