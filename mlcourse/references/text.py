"""Writes the values that mlcourse/tests/text.rs compares with, computed by scikit-learn 1.9.1.

    venv/bin/python mlcourse/references/text.py
"""

import json
import warnings
from pathlib import Path

import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"
warnings.simplefilter("ignore")

TEXTS = [
    "Un film magnifique, à voir et à revoir !",
    "Le film est trop long ; l'histoire n'a aucun intérêt.",
    "Long, mais magnifique. L'ÉTÉ à la plage était très beau…",
    "",
    "film film FILM   film\t\nrevoir",
    "It's 2026: snake_case, x, C3PO and naïve Übermut.",
    "ΟΔΥΣΣΕΥΣ και 東京 タワー 東京 — émoji 🙂 fin",
    "a b c d",
]
NEW = ["Un film inconnu", "rien de tel xyz", "Magnifique été, magnifique plage"]
SETTINGS = [
    {}, {"lowercase": False}, {"ngram_range": (1, 2)}, {"ngram_range": (2, 3)}, {"binary": True},
    {"min_df": 2}, {"min_df": 0.3}, {"max_df": 2}, {"max_df": 0.3, "min_df": 1}, {"max_features": 1},
    {"analyzer": "char", "ngram_range": (1, 2)}, {"analyzer": "char_wb", "ngram_range": (3, 5)},
    {"analyzer": "char", "ngram_range": (2, 2), "min_df": 2},
]
WEIGHTS = [
    {}, {"sublinear_tf": True}, {"smooth_idf": False}, {"use_idf": False}, {"norm": "l1"}, {"norm": None},
    {"ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True},
]


def entries(table):
    table = table.tocsr()
    table.sort_indices()
    return [[[int(j), float(v)] for j, v in zip(table[i].indices, table[i].data)] for i in range(table.shape[0])]


def main():
    cases = []
    for make, settings in ((CountVectorizer, SETTINGS), (TfidfVectorizer, WEIGHTS)):
        for parameters in settings:
            model = make(**parameters)
            z = entries(model.fit_transform(TEXTS))
            cases.append({
                "step": make.__name__,
                "parameters": {k: (f"({v[0]}, {v[1]})" if isinstance(v, tuple) else v) for k, v in parameters.items()},
                "names": list(model.get_feature_names_out()),
                "z": z,
                "z_new": entries(model.transform(NEW)),
                "idf": model.idf_.tolist() if make is TfidfVectorizer and model.use_idf else None,
            })
    value = {"texts": TEXTS, "new": NEW, "cases": cases}
    (OUT / "text.json").write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


main()
