//! What models learn from and predict for.

use crate::dataset::{Dataset, Explored, Lineage, Rows, Train};
use crate::{Result, check};
use ndarray::{Array2, ArrayBase, ArrayView1, ArrayView2, Data, Ix1, Ix2};

/// Rows to learn from: features, what belongs to them, and where they come from.
#[derive(Debug)]
pub struct Training<'a, T> {
    pub(crate) x: ArrayView2<'a, f64>,
    pub(crate) y: T,
    pub(crate) sample_weight: Option<ArrayView1<'a, f64>>,
    /// What already happened to the rows, and which rows they are; nothing for plain arrays.
    pub(crate) lineage: Lineage,
    pub(crate) rows: Option<Rows>,
}

impl<'a, T> Training<'a, T> {
    fn plain(x: ArrayView2<'a, f64>, y: T) -> Self {
        Self {
            x,
            y,
            sample_weight: None,
            lineage: Lineage::default(),
            rows: None,
        }
    }

    /// What a model of this name has seen once it has learnt from these rows.
    pub(crate) fn lineage_of(&self, model: &str) -> Lineage {
        match &self.rows {
            Some(rows) => self.lineage.and(model, rows),
            None => Lineage::default(),
        }
    }
}

/// Features that may be learnt from: an array, or the training part of a data set.
#[diagnostic::on_unimplemented(
    message = "nothing may be learnt from `{Self}` / on n'apprend rien de `{Self}`",
    label = "learn from the training set: `fit(&train)` / apprenez du jeu d'entraînement : `fit(&train)`",
    note = "a scaler or a model that has seen the test set knows its answers, and its score says nothing any more (data leakage); transform the test set with what was fitted on the training set / un modèle ou un scaler qui a vu le jeu de test en connaît les réponses, et son score ne veut plus rien dire (fuite de données) ; transformez le jeu de test avec ce qui a appris du jeu d'entraînement",
    note = "the whole set can be explored, openly: `fit(data.explore())` / l'ensemble complet peut être exploré, ouvertement : `fit(data.explore())`"
)]
pub trait TrainingFeatures {
    /// The rows.
    ///
    /// # Errors
    /// When a column holds no numbers.
    fn training_features(&self) -> Result<Training<'_, ()>>;
}

/// Features and labels that a classifier may learn from: `(&x, &y)`, or the training part of a data set.
#[diagnostic::on_unimplemented(
    message = "no classifier may learn from `{Self}` / aucun classifieur n'apprend de `{Self}`",
    label = "learn from `&train`, or from arrays: `(&x_train, &y_train)` with labels 0, 1, 2… / apprenez de `&train`, ou de tableaux : `(&x_train, &y_train)` avec des étiquettes 0, 1, 2…",
    note = "a model that has seen the test set knows its answers, and its score says nothing any more (data leakage) / un modèle qui a vu le jeu de test en connaît les réponses, et son score ne veut plus rien dire (fuite de données)"
)]
pub trait TrainingLabels {
    /// The rows.
    ///
    /// # Errors
    /// When there is no label for each row, or a column holds no numbers.
    fn training_labels(&self) -> Result<Training<'_, ArrayView1<'_, usize>>>;
}

/// Features and numbers that a regressor may learn from: `(&x, &y)`, or the training part of a data set.
#[diagnostic::on_unimplemented(
    message = "no regressor may learn from `{Self}` / aucune régression n'apprend de `{Self}`",
    label = "learn from `&train`, or from arrays: `(&x_train, &y_train)` with numbers / apprenez de `&train`, ou de tableaux : `(&x_train, &y_train)` avec des nombres",
    note = "a model that has seen the test set knows its answers, and its score says nothing any more (data leakage) / un modèle qui a vu le jeu de test en connaît les réponses, et son score ne veut plus rien dire (fuite de données)"
)]
pub trait TrainingTargets {
    /// The rows.
    ///
    /// # Errors
    /// When there is no number for each row, or a column holds no numbers.
    fn training_targets(&self) -> Result<Training<'_, ArrayView1<'_, f64>>>;
}

impl<S: Data<Elem = f64>> TrainingFeatures for &ArrayBase<S, Ix2> {
    fn training_features(&self) -> Result<Training<'_, ()>> {
        Ok(Training::plain(self.view(), ()))
    }
}

macro_rules! pairs {
    ($trait:ident, $method:ident, $elem:ty) => {
        impl<S: Data<Elem = f64>, T: Data<Elem = $elem>> $trait
            for (&ArrayBase<S, Ix2>, &ArrayBase<T, Ix1>)
        {
            fn $method(&self) -> Result<Training<'_, ArrayView1<'_, $elem>>> {
                check::same_length("x", self.0.nrows(), "y", self.1.len())?;
                Ok(Training::plain(self.0.view(), self.1.view()))
            }
        }

        impl<S: Data<Elem = f64>, T: Data<Elem = $elem>, W: Data<Elem = f64>> $trait
            for (&ArrayBase<S, Ix2>, &ArrayBase<T, Ix1>, &ArrayBase<W, Ix1>)
        {
            fn $method(&self) -> Result<Training<'_, ArrayView1<'_, $elem>>> {
                check::same_length("x", self.0.nrows(), "y", self.1.len())?;
                check::sample_weight(self.2, self.0.nrows())?;
                let mut training = Training::plain(self.0.view(), self.1.view());
                training.sample_weight = Some(self.2.view());
                Ok(training)
            }
        }
    };
}

pairs!(TrainingLabels, training_labels, usize);
pairs!(TrainingTargets, training_targets, f64);

macro_rules! sets {
    ($($set:ty),*) => {$(
        impl TrainingFeatures for $set {
            fn training_features(&self) -> Result<Training<'_, ()>> {
                self.rows_to_learn_from(())
            }
        }

        impl TrainingLabels for $set {
            fn training_labels(&self) -> Result<Training<'_, ArrayView1<'_, usize>>> {
                self.rows_to_learn_from(self.labels()?.view())
            }
        }

        impl TrainingTargets for $set {
            fn training_targets(&self) -> Result<Training<'_, ArrayView1<'_, f64>>> {
                self.rows_to_learn_from(self.numbers()?.view())
            }
        }
    )*};
}

sets!(&Dataset<Train>, Explored<'_>);

/// Rows of features, to predict for or to transform: an array, or any part of a data set.
pub trait Features {
    /// What they are once transformed: an array, or the same part of the data set.
    type Transformed;

    /// The features, shape (n_samples, n_features).
    ///
    /// # Errors
    /// When a column holds no numbers.
    fn rows(&self) -> Result<ArrayView2<'_, f64>>;

    /// The same rows with other features, changed by something that has seen `lineage`.
    fn transformed(
        &self,
        features: Array2<f64>,
        names: &dyn Fn(&[String]) -> Vec<String>,
        lineage: &Lineage,
    ) -> Self::Transformed;
}

impl<S: Data<Elem = f64>> Features for ArrayBase<S, Ix2> {
    type Transformed = Array2<f64>;

    fn rows(&self) -> Result<ArrayView2<'_, f64>> {
        Ok(self.view())
    }

    fn transformed(
        &self,
        features: Array2<f64>,
        _: &dyn Fn(&[String]) -> Vec<String>,
        _: &Lineage,
    ) -> Array2<f64> {
        features
    }
}

impl<S> Features for Dataset<S> {
    type Transformed = Self;

    fn rows(&self) -> Result<ArrayView2<'_, f64>> {
        Ok(self.features().view())
    }

    fn transformed(
        &self,
        features: Array2<f64>,
        names: &dyn Fn(&[String]) -> Vec<String>,
        lineage: &Lineage,
    ) -> Self {
        self.with_features(features, names(self.feature_names()), lineage)
    }
}
