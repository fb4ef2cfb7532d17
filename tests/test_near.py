import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from gzipknn import NCDClassifier
from gzipknn.__main__ import main
from gzipknn.command.near import find

MESSY = [
    ("the cat sat on the mat and looked at the old dog", "pets"),
    ("stocks fell again today as banks reported losses", "money"),
    ("", "money"),
    ("the cat sat on the mat and looked at the new dog", "pets"),
    ("stocks fell again today as banks reported losses", "pets\n2"),
    ("it rains in the north and the sun shines elsewhere", "weather"),
    ("stocks fell again today as some banks reported losses", "money"),
    ('=1+1, "quoted"\x1b[2J\n日本語のテキスト', "odd"),
]
GROUPS = [[2, 5, 7], [1, 4]]  # rows, counted from 1


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "messy.jsonl"
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in MESSY))
    return str(path)


def pairs(capsys, *arguments):
    assert main(["near", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_groups_for_people(file, capsys):
    assert main(["near", file]) == 0
    captured = capsys.readouterr()
    assert captured.err == f"gzipknn: warning: {file}: 1 of 8 texts are blank: left out.\n"
    head, *groups = captured.out.split("\n\n")
    assert head == "5 of 8 texts are near another, in 2 groups; labels conflict in 1"
    rows = [[int(line.split()[1]) for line in group.splitlines()[1:]] for group in groups]
    assert rows == GROUPS
    assert groups[0].startswith(
        'group 1: 3 texts, labels conflict: money, "pets\\n2"\n  row 2       0.000  money  stocks'
    )
    assert groups[1].startswith("group 2: 2 texts\n")


def test_pairs_as_json_and_csv(file, capsys):
    found = pairs(capsys, file)
    assert [found[0][name] for name in ("group", "row_1", "row_2")] == [1, 2, 5]
    assert {(one["row_1"], one["row_2"]) for one in found} == {(2, 5), (2, 7), (1, 4)}
    for one in found:
        for side in ("1", "2"):
            assert (one[f"text_{side}"], one[f"label_{side}"]) == MESSY[one[f"row_{side}"] - 1]
        assert one["conflict"] == (one["label_1"] != one["label_2"])
        assert one["distance"] <= 0.3
    assert [one["distance"] for one in found] == sorted(one["distance"] for one in found)
    assert main(["near", file, "--pairs", "100", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    everything = pairs(capsys, file, "--pairs", "100")
    assert len(everything) == 1 + 6 * 5 // 2  # one copy, and all pairs of six texts
    assert [(int(row["row_1"]), int(row["row_2"]), float(row["distance"])) for row in rows] == [
        (one["row_1"], one["row_2"], one["distance"]) for one in everything
    ]
    assert {row["text_1"] for row in rows} | {row["text_2"] for row in rows} >= {
        '=1+1, "quoted"\\x1b[2J\n日本語のテキスト'
    }


def test_so_many_pairs(file, capsys):
    assert pairs(capsys, file, "--pairs", "2") == pairs(capsys, file)[:2]
    assert pairs(capsys, file, "--below", "0") == pairs(capsys, file)[:1]
    assert main(["near", file, "--below", "-1"]) == 0
    assert capsys.readouterr().out == "no two of 8 texts are -1 apart or less\n"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_texts_without_labels(tmp_path, ending, capsys):
    texts = pd.DataFrame({"text": [text for text, _ in MESSY if text]})
    path = tmp_path / f"texts.{ending}"
    if ending == "csv":
        texts.to_csv(path, index=False)
    elif ending == "jsonl":
        texts.to_json(path, orient="records", lines=True)
    else:
        texts.to_parquet(path)
    assert main(["near", str(path)]) == 0
    captured = capsys.readouterr()
    assert f"gzipknn: no labels are compared: {path} has no column 'label'" in captured.err
    assert captured.out.startswith("5 of 7 texts are near another, in 2 groups\n")
    assert set(pairs(capsys, str(path))[0]) == {"group", "row_1", "row_2", "distance", "text_1", "text_2"}
    assert main(["near", str(path), "--label", "class"]) == 1
    assert "has no column 'class'" in capsys.readouterr().err


@pytest.mark.parametrize("texts", [["one text"], ["one text"] * 3])
def test_one_text_and_its_copies(texts):
    found = find(texts, 10)
    assert found.first.tolist() == [0] * (len(texts) - 1)
    assert found.second.tolist() == list(range(1, len(texts)))
    assert found.distances.tolist() == [0] * (len(texts) - 1)


@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
def test_pairs_are_all_those_of_a_plain_loop(docs, compressor):
    X = [*docs.X_train[:60], *(text + " and so on" for text in docs.X_train[:20]), *docs.X_train[:5]]
    distinct = list(dict.fromkeys(X))
    found = find(X, len(distinct) - 1, 0.6, compressor=compressor, metric="ncd")
    distances, indices = (
        NCDClassifier(1, compressor=compressor).fit(distinct, [0] * len(distinct)).kneighbors(distinct, len(distinct))
    )
    expected = {(X.index(text), i): 0.0 for i, text in enumerate(X) if X.index(text) != i}
    for i in range(len(distinct)):
        for j, distance in zip(indices[i].tolist(), distances[i].tolist(), strict=True):
            pair = (X.index(distinct[min(i, j)]), X.index(distinct[max(i, j)]))
            if i != j and distance <= 0.6:
                expected[pair] = max(0, min(distance, expected.get(pair, 1)))
    assert {
        (i, j): d for i, j, d in zip(found.first.tolist(), found.second.tolist(), found.distances.tolist(), strict=True)
    } == expected
    assert (np.diff(found.distances) >= 0).all()
    groups = {i: {i} for pair in expected for i in pair}
    for i, j in expected:
        joined = groups[i] | groups[j]
        groups.update(dict.fromkeys(joined, joined))
    for i, j, group in zip(found.first, found.second, found.groups, strict=True):
        own = found.groups == group
        assert set(found.first[own]) | set(found.second[own]) == groups[i] == groups[j]
    assert found.groups[np.sort(np.unique(found.groups, return_index=True)[1])].tolist() == list(
        range(found.groups.max() + 1)
    )
