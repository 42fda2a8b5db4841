"""The scikit-learn twin of notebooks/05-classification.ipynb, cell by cell."""

# %%
import matplotlib.pyplot as plt
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, classification_report, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

iris = load_iris(as_frame=True)
iris.frame.head()

# %%
petals = iris.data[["petal length (cm)", "petal width (cm)"]]
plt.scatter(petals.iloc[:, 0], petals.iloc[:, 1], c=iris.target)
plt.title("Iris : trois espèces")
plt.xlabel("longueur des pétales (cm)")
plt.ylabel("largeur des pétales (cm)")
plt.show()

# %%
X_train, X_test, y_train, y_test = train_test_split(
    iris.data, iris.target, test_size=0.2, random_state=42, stratify=iris.target
)
X_test

# %%
scaler = StandardScaler().fit(X_train)
X_train_scaled = scaler.transform(X_train)
X_test_scaled = scaler.transform(X_test)
scaler.mean_, scaler.scale_

# %%
model = LogisticRegression().fit(X_train_scaled, y_train)
model.coef_, model.intercept_

# %%
model.predict_proba(X_test_scaled)

# %%
y_pred = model.predict(X_test_scaled)
print(classification_report(y_test, y_pred, target_names=iris.target_names))

# %%
matrix = confusion_matrix(y_test, y_pred)
ConfusionMatrixDisplay(matrix, display_labels=iris.target_names).plot()
plt.title("Régression logistique, 30 fleurs de test")
plt.xlabel("espèce prédite")
plt.ylabel("vraie espèce")
plt.show()

# %%
petals = iris.data.iloc[:, 2:]
model.predict(petals)  # fails on purpose: 2 columns instead of 4
