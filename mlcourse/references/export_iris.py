"""Writes mlcourse/data/iris.csv: scikit-learn 1.9.1's `load_iris`, column and class names in the first line."""

from pathlib import Path

from sklearn.datasets import load_iris

iris = load_iris()
lines = [",".join([*iris.feature_names, "species"])]
for row, label in zip(iris.data, iris.target):
    lines.append(",".join([*(repr(float(v)) for v in row), str(iris.target_names[label])]))
path = Path(__file__).parent.parent / "data" / "iris.csv"
path.write_text("\n".join(lines) + "\n")
