//! The methods that every model of a kind has, around the four that it writes itself.

/// `classifier!(Model => FittedModel)`. The model has
/// `fit_rows(&self, ArrayView2<f64>, ArrayView1<usize>, Option<ArrayView1<f64>>) -> Result<FittedModel>`; the fitted one
/// `predict_rows(&self, ArrayView2<f64>) -> Result<Array1<usize>>`,
/// `proba_rows(&self, ArrayView2<f64>) -> Result<Array2<f64>>`, `classes(&self) -> &[usize]` and a field
/// `lineage: Lineage`.
macro_rules! classifier {
    ($model:ident => $fitted:ident) => {
        impl $model {
            /// Learns from `data`: `(&x, &y)` with features of shape (n_samples, n_features) and labels of shape
            /// (n_samples), `(&x, &y, &sample_weight)`, or a training set, `&train`.
            ///
            /// # Errors
            /// When the features are empty or not finite, features and labels differ in length, there is one class
            /// only, or a hyperparameter is out of its range.
            pub fn fit(
                self,
                data: impl $crate::estimator::TrainingLabels,
            ) -> $crate::Result<$fitted> {
                let training = data.training_labels()?;
                let mut fitted = self.fit_rows(training.x, training.y, training.sample_weight)?;
                fitted.lineage = training.lineage_of(stringify!($model));
                Ok(fitted)
            }
        }

        impl $fitted {
            /// The most probable label of each sample, shape (n_samples).
            ///
            /// # Errors
            /// When `x` is empty, not finite or has another number of columns than at `fit`.
            pub fn predict(
                &self,
                x: &impl $crate::estimator::Features,
            ) -> $crate::Result<ndarray::Array1<usize>> {
                self.predict_rows(x.rows()?)
            }

            /// The probability of each class, shape (n_samples, n_classes), in the order of
            /// [`classes`](Self::classes). Each row adds up to 1.
            ///
            /// # Errors
            /// As [`predict`](Self::predict).
            pub fn predict_proba(
                &self,
                x: &impl $crate::estimator::Features,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                self.proba_rows(x.rows()?)
            }

            /// The accuracy on samples `x` whose labels are `y`.
            ///
            /// # Errors
            /// As [`predict`](Self::predict), and when `x` and `y` differ in length.
            pub fn score(
                &self,
                x: &impl $crate::estimator::Features,
                y: &ndarray::ArrayRef1<usize>,
            ) -> $crate::Result<f64> {
                $crate::metrics::accuracy(y, &self.predict_rows(x.rows()?)?)
            }

            /// The rows that this model and the steps before it have learnt from.
            pub fn lineage(&self) -> &$crate::dataset::Lineage {
                &self.lineage
            }
        }

        impl $crate::dataset::Judged for $fitted {
            fn judged(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<$crate::dataset::Prediction> {
                self.predict_rows(x)
                    .map($crate::dataset::Prediction::Labels)
            }

            fn learnt_from(&self) -> &$crate::dataset::Lineage {
                &self.lineage
            }
        }

        impl $crate::estimator::Classifier for $model {
            fn fit_classifier(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
                y: ndarray::ArrayView1<'_, usize>,
                sample_weight: Option<ndarray::ArrayView1<'_, f64>>,
            ) -> $crate::Result<Box<dyn $crate::estimator::FittedClassifier>> {
                Ok(Box::new(self.fit_rows(x, y, sample_weight)?))
            }

            fn boxed(&self) -> Box<dyn $crate::estimator::Classifier> {
                Box::new(self.clone())
            }
        }

        impl $crate::estimator::FittedClassifier for $fitted {
            fn predict_labels(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<ndarray::Array1<usize>> {
                self.predict_rows(x)
            }

            fn predict_probabilities(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                self.proba_rows(x)
            }

            fn labels(&self) -> &[usize] {
                self.classes()
            }
        }
    };
}

/// `regressor!(Model => FittedModel)`. The model has
/// `fit_rows(&self, ArrayView2<f64>, ArrayView1<f64>, Option<ArrayView1<f64>>) -> Result<FittedModel>`; the fitted one
/// `predict_rows(&self, ArrayView2<f64>) -> Result<Array1<f64>>` and a field `lineage: Lineage`.
macro_rules! regressor {
    ($model:ident => $fitted:ident) => {
        impl $model {
            /// Learns from `data`: `(&x, &y)` with features of shape (n_samples, n_features) and targets of shape
            /// (n_samples), `(&x, &y, &sample_weight)`, or a training set, `&train`.
            ///
            /// # Errors
            /// When features or targets are empty or not finite, differ in length, or a hyperparameter is out of its
            /// range.
            pub fn fit(
                self,
                data: impl $crate::estimator::TrainingTargets,
            ) -> $crate::Result<$fitted> {
                let training = data.training_targets()?;
                let mut fitted = self.fit_rows(training.x, training.y, training.sample_weight)?;
                fitted.lineage = training.lineage_of(stringify!($model));
                Ok(fitted)
            }
        }

        impl $fitted {
            /// The prediction for each sample, shape (n_samples).
            ///
            /// # Errors
            /// When `x` is empty, not finite or has another number of columns than at `fit`.
            pub fn predict(
                &self,
                x: &impl $crate::estimator::Features,
            ) -> $crate::Result<ndarray::Array1<f64>> {
                self.predict_rows(x.rows()?)
            }

            /// R² on samples `x` whose targets are `y`: 1 is perfect, 0 is no better than the mean.
            ///
            /// # Errors
            /// As [`predict`](Self::predict), and when `x` and `y` differ in length.
            pub fn score(
                &self,
                x: &impl $crate::estimator::Features,
                y: &ndarray::ArrayRef1<f64>,
            ) -> $crate::Result<f64> {
                $crate::metrics::r2_score(y, &self.predict_rows(x.rows()?)?)
            }

            /// The rows that this model and the steps before it have learnt from.
            pub fn lineage(&self) -> &$crate::dataset::Lineage {
                &self.lineage
            }
        }

        impl $crate::dataset::Judged for $fitted {
            fn judged(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<$crate::dataset::Prediction> {
                self.predict_rows(x)
                    .map($crate::dataset::Prediction::Numbers)
            }

            fn learnt_from(&self) -> &$crate::dataset::Lineage {
                &self.lineage
            }
        }

        impl $crate::estimator::Regressor for $model {
            fn fit_regressor(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
                y: ndarray::ArrayView1<'_, f64>,
                sample_weight: Option<ndarray::ArrayView1<'_, f64>>,
            ) -> $crate::Result<Box<dyn $crate::estimator::FittedRegressor>> {
                Ok(Box::new(self.fit_rows(x, y, sample_weight)?))
            }

            fn boxed(&self) -> Box<dyn $crate::estimator::Regressor> {
                Box::new(self.clone())
            }
        }

        impl $crate::estimator::FittedRegressor for $fitted {
            fn predict_targets(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<ndarray::Array1<f64>> {
                self.predict_rows(x)
            }
        }
    };
}

/// `transformer!(Model => FittedModel)`. The model has `fit_rows(&self, ArrayView2<f64>) -> Result<FittedModel>`; the
/// fitted one `transform_rows(&self, ArrayView2<f64>) -> Result<Array2<f64>>`,
/// `feature_names_out(&self, &[String]) -> Vec<String>` and a field `lineage: Lineage`.
macro_rules! transformer {
    ($model:ident => $fitted:ident) => {
        impl $model {
            /// Learns from the features of `data`: an array `&x`, shape (n_samples, n_features), or a training set,
            /// `&train`.
            ///
            /// # Errors
            /// When the features are empty or not what the step can learn from, or a hyperparameter is out of its
            /// range.
            pub fn fit(
                self,
                data: impl $crate::estimator::TrainingFeatures,
            ) -> $crate::Result<$fitted> {
                let training = data.training_features()?;
                let mut fitted = self.fit_rows(training.x)?;
                fitted.lineage = training.lineage_of(stringify!($model));
                Ok(fitted)
            }
        }

        impl $fitted {
            /// The changed features: of an array an array, of a part of a data set the same part.
            ///
            /// # Errors
            /// When `x` is empty, not finite or has another number of columns than at `fit`.
            pub fn transform<F: $crate::estimator::Features>(
                &self,
                x: &F,
            ) -> $crate::Result<F::Transformed> {
                let features = self.transform_rows(x.rows()?)?;
                Ok(x.transformed(
                    features,
                    &|names| self.feature_names_out(names),
                    &self.lineage,
                ))
            }

            /// The rows that this step and the steps before it have learnt from.
            pub fn lineage(&self) -> &$crate::dataset::Lineage {
                &self.lineage
            }
        }

        impl $crate::estimator::Transformer for $model {
            fn fit_transformer(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<Box<dyn $crate::estimator::FittedTransformer>> {
                Ok(Box::new(self.fit_rows(x)?))
            }

            fn boxed(&self) -> Box<dyn $crate::estimator::Transformer> {
                Box::new(self.clone())
            }
        }

        impl $crate::estimator::FittedTransformer for $fitted {
            fn transform_features(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                self.transform_rows(x)
            }

            fn names_out(&self, names: &[String]) -> Vec<String> {
                self.feature_names_out(names)
            }
        }
    };
}

/// `clusterer!(Model => FittedModel)`. The model has `fit_rows(&self, ArrayView2<f64>) -> Result<FittedModel>`; the
/// fitted one a field `lineage: Lineage`, and what else it can do by itself.
macro_rules! clusterer {
    ($model:ident => $fitted:ident) => {
        impl $model {
            /// Learns from the features of `data`: an array `&x`, shape (n_samples, n_features), or a training set,
            /// `&train`.
            ///
            /// # Errors
            /// When the features are empty or not finite, or a hyperparameter is out of its range.
            pub fn fit(
                self,
                data: impl $crate::estimator::TrainingFeatures,
            ) -> $crate::Result<$fitted> {
                let training = data.training_features()?;
                let mut fitted = self.fit_rows(training.x)?;
                fitted.lineage = training.lineage_of(stringify!($model));
                Ok(fitted)
            }
        }

        impl $fitted {
            /// The rows that this model and the steps before it have learnt from.
            pub fn lineage(&self) -> &$crate::dataset::Lineage {
                &self.lineage
            }
        }
    };
}

pub(crate) use {classifier, clusterer, regressor, transformer};
