//! The forests. They differ in what is random, and share everything else.

use super::forest::{Plan, add_values, mean_importances, mean_values};
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, classifier, parameters, regressor};
use crate::tree::{
    ClassCriterion, ClassWeight, MaxFeatures, RegressionCriterion, Tree, labelled, largest,
    numbered, predictable, tree_settings,
};
use crate::{Error, Result, metrics};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What forests of classes and of numbers have alike: the builder methods, and what can be read of the trees.
macro_rules! forest {
    ($model:ident => $fitted:ident, random_thresholds: $random:literal) => {
        impl $model {
            /// A forest with the default parameters.
            pub fn new() -> Self {
                Self::default()
            }

            /// The number of trees, from 1.
            #[must_use]
            pub fn n_estimators(mut self, n_estimators: usize) -> Self {
                self.n_estimators = n_estimators;
                self
            }

            /// Whether each tree learns from as many samples as there are, drawn with replacement; otherwise from all.
            #[must_use]
            pub fn bootstrap(mut self, bootstrap: bool) -> Self {
                self.bootstrap = bootstrap;
                self
            }

            /// Whether to judge each sample by the trees that have not drawn it.
            #[must_use]
            pub fn oob_score(mut self, oob_score: bool) -> Self {
                self.oob_score = oob_score;
                self
            }

            /// How many samples each tree draws, as a share of all, in (0, 1].
            #[must_use]
            pub fn max_samples(mut self, max_samples: f64) -> Self {
                self.max_samples = Some(max_samples);
                self
            }

            fn plan(&self) -> Plan {
                Plan {
                    trees: self.settings(),
                    n_estimators: self.n_estimators,
                    bootstrap: self.bootstrap,
                    oob_score: self.oob_score,
                    max_samples: self.max_samples,
                    random_thresholds: $random,
                    seed: self.seed,
                }
            }
        }

        impl $fitted {
            /// The trees, in the order in which they were grown.
            pub fn trees(&self) -> &[Tree] {
                &self.trees
            }

            /// The forest of the first trees: the same as if it had been grown with that `n_estimators`.
            ///
            /// # Errors
            /// When it has fewer trees, or `n_estimators` is 0.
            pub fn first_trees(&self, n_estimators: usize) -> Result<Self> {
                let mut first = self.clone();
                first.trees = self.prefix(n_estimators)?.to_vec();
                first.forget_out_of_bag();
                Ok(first)
            }

            fn prefix(&self, n_trees: usize) -> Result<&[Tree]> {
                if n_trees == 0 {
                    return Err(Self::wrong_prefix(n_trees, self.trees.len()));
                }
                self.trees
                    .get(..n_trees)
                    .ok_or_else(|| Self::wrong_prefix(n_trees, self.trees.len()))
            }

            fn wrong_prefix(found: usize, n_trees: usize) -> Error {
                let range = format!("between 1 and the {n_trees} trees of the forest, ascending");
                Error::parameter("n_estimators", range, found)
            }

            /// The mean of the values of the first trees, for several numbers of trees, ascending; each tree is asked
            /// once. A search over `n_estimators` grows the largest forest alone.
            pub(crate) fn values_of_prefixes(
                &self,
                x: ArrayView2<'_, f64>,
                n_trees: &[usize],
                n_outputs: usize,
            ) -> Result<Vec<Array2<f64>>> {
                let x = predictable(stringify!($model), self.n_features(), &x)?;
                let mut sums = Array2::zeros((x.nrows(), n_outputs));
                let mut grown = 0;
                n_trees
                    .iter()
                    .map(|&n_trees| {
                        let trees = self.prefix(n_trees)?.get(grown..);
                        let trees =
                            trees.ok_or_else(|| Self::wrong_prefix(n_trees, self.trees.len()))?;
                        add_values(trees, &x, &mut sums);
                        grown = n_trees;
                        Ok(&sums / n_trees as f64)
                    })
                    .collect()
            }

            fn n_features(&self) -> usize {
                self.trees[0].n_features()
            }

            /// How much of the decrease of the impurity is each feature's, mean over the trees, shape (n_features); they
            /// add up to 1. Features with many different values get more than they deserve.
            pub fn feature_importances(&self) -> Array1<f64> {
                mean_importances(&self.trees)
            }

            fn table(&self) -> Table {
                let leaves = self.trees.iter().map(Tree::n_leaves).sum::<usize>();
                let depths = self.trees.iter().map(Tree::depth);
                let mut caption = format!(
                    "{} fitted on {} features: {} trees, {:.1} leaves each, depth up to {}",
                    stringify!($model),
                    self.n_features(),
                    self.trees.len(),
                    leaves as f64 / self.trees.len() as f64,
                    depths.max().unwrap_or(0)
                );
                if let Some(score) = self.oob_score() {
                    caption += &format!("; out-of-bag score {score:.4}");
                }
                let mut table = Table::new(&["feature", "importance"])
                    .caption(caption)
                    .decimals(4);
                for (feature, &share) in self.feature_importances().iter().enumerate() {
                    table.push(vec![Cell::from(feature), share.into()]);
                }
                table
            }
        }

        impl fmt::Display for $fitted {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.table().fmt(f)
            }
        }

        impl Display for $fitted {
            fn bundle(&self) -> MimeBundle {
                self.table().bundle()
            }
        }

        tree_settings!($model);
    };
}

macro_rules! forest_of_classes {
    (
        $(#[$doc:meta])* $model:ident => $fitted:ident, $fitted_doc:literal,
        n_estimators: $n_estimators:literal, max_features: $max_features:ident, bootstrap: $bootstrap:literal,
        random_thresholds: $random:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $model {
            n_estimators: usize,
            criterion: ClassCriterion,
            max_depth: Option<usize>,
            min_samples_split: usize,
            min_samples_leaf: usize,
            min_weight_fraction_leaf: f64,
            max_features: MaxFeatures,
            max_leaf_nodes: Option<usize>,
            min_impurity_decrease: f64,
            bootstrap: bool,
            oob_score: bool,
            class_weight: Option<ClassWeight>,
            ccp_alpha: f64,
            max_samples: Option<f64>,
            seed: u64,
        }

        impl Default for $model {
            fn default() -> Self {
                Self {
                    n_estimators: $n_estimators,
                    criterion: ClassCriterion::Gini,
                    max_depth: None,
                    min_samples_split: 2,
                    min_samples_leaf: 1,
                    min_weight_fraction_leaf: 0.0,
                    max_features: MaxFeatures::$max_features,
                    max_leaf_nodes: None,
                    min_impurity_decrease: 0.0,
                    bootstrap: $bootstrap,
                    oob_score: false,
                    class_weight: None,
                    ccp_alpha: 0.0,
                    max_samples: None,
                    seed: 0,
                }
            }
        }

        parameters!($model {
            n_estimators, criterion, max_depth, min_samples_split, min_samples_leaf, min_weight_fraction_leaf,
            max_features, max_leaf_nodes, min_impurity_decrease, bootstrap, oob_score, class_weight, ccp_alpha,
            max_samples, seed,
        });

        #[doc = $fitted_doc]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $fitted {
            classes: Vec<usize>,
            trees: Vec<Tree>,
            oob_score: Option<f64>,
            oob_decision_function: Option<Array2<f64>>,
            lineage: Lineage,
        }

        forest!($model => $fitted, random_thresholds: $random);
        classifier!($model => $fitted);

        impl $model {
            /// How impurity is measured.
            #[must_use]
            pub fn criterion(mut self, criterion: ClassCriterion) -> Self {
                self.criterion = criterion;
                self
            }

            /// How much the samples of each class count.
            #[must_use]
            pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
                self.class_weight = Some(class_weight);
                self
            }

            fn fit_rows(
                &self,
                x: ArrayView2<'_, f64>,
                y: ArrayView1<'_, usize>,
                sample_weight: Option<ArrayView1<'_, f64>>,
            ) -> Result<$fitted> {
                self.settings().limits(x.ncols().max(1))?;
                let subsample = self.class_weight == Some(ClassWeight::BalancedSubsample);
                if subsample && !self.bootstrap {
                    let expected = "balanced, as nothing is drawn without `bootstrap`";
                    return Err(Error::parameter("class_weight", expected, "balanced_subsample"));
                }
                let weigh = self.class_weight.as_ref().filter(|_| !subsample);
                let data = labelled(x, y, sample_weight)?.weigh(weigh)?;
                let plan = self.plan();
                let grown = plan.grow_classes(&data, self.criterion, self.class_weight.as_ref())?;
                let (mut oob_score, mut oob_decision_function) = (None, None);
                if self.oob_score {
                    let mut values = grown.out_of_bag(&data.rows.x, data.classes.len());
                    let judged = values.outer_iter().zip(&data.rows.y).filter(|(row, _)| !row[0].is_nan());
                    let (mut right, mut n) = (0, 0);
                    for (row, &class) in judged {
                        right += usize::from(largest(&row.to_vec()) == class as usize);
                        n += 1;
                    }
                    oob_score = (n > 0).then(|| f64::from(right as u32) / f64::from(n));
                    values.mapv_inplace(|share| if share.is_nan() { 0.0 } else { share });
                    oob_decision_function = Some(values);
                }
                Ok($fitted {
                    classes: data.classes,
                    trees: grown.trees,
                    oob_score,
                    oob_decision_function,
                    lineage: Lineage::default(),
                })
            }
        }

        impl $fitted {
            fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
                let x = predictable(concat!(stringify!($model), "::predict"), self.n_features(), &x)?;
                Ok(self.labels_of(&mean_values(&self.trees, &x, self.classes.len())))
            }

            fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
                let x = predictable(concat!(stringify!($model), "::predict_proba"), self.n_features(), &x)?;
                Ok(mean_values(&self.trees, &x, self.classes.len()))
            }

            fn labels_of(&self, probabilities: &Array2<f64>) -> Array1<usize> {
                let rows = probabilities.as_slice().expect("a new array is contiguous");
                rows.chunks(self.classes.len())
                    .map(|row| self.classes[largest(row)])
                    .collect()
            }

            /// The labels, ascending.
            pub fn classes(&self) -> &[usize] {
                &self.classes
            }

            /// The labels that the first trees predict, for several numbers of trees, ascending: how the answer settles
            /// as the forest grows.
            ///
            /// # Errors
            /// As [`predict`](Self::predict), and when a number is 0, more than there are trees, or less than the one
            /// before.
            pub fn staged_predict(
                &self,
                x: &impl Features,
                n_estimators: &[usize],
            ) -> Result<Vec<Array1<usize>>> {
                self.labels_of_prefixes(x.rows()?, n_estimators)
            }

            /// What [`staged_predict`](Self::staged_predict) does, for a search over `n_estimators`.
            pub(crate) fn labels_of_prefixes(
                &self,
                x: ArrayView2<'_, f64>,
                n_trees: &[usize],
            ) -> Result<Vec<Array1<usize>>> {
                let values = self.values_of_prefixes(x, n_trees, self.classes.len())?;
                Ok(values.iter().map(|values| self.labels_of(values)).collect())
            }

            /// The accuracy for the training samples, each judged by the trees that have not drawn it; those that every
            /// tree has drawn are left out. Nothing unless `oob_score` asked for it.
            pub fn oob_score(&self) -> Option<f64> {
                self.oob_score
            }

            /// The probabilities behind [`oob_score`](Self::oob_score), shape (n_samples, n_classes), without the samples
            /// of weight 0; zeros where every tree has drawn the sample.
            pub fn oob_decision_function(&self) -> Option<&Array2<f64>> {
                self.oob_decision_function.as_ref()
            }

            fn forget_out_of_bag(&mut self) {
                (self.oob_score, self.oob_decision_function) = (None, None);
            }
        }
    };
}

macro_rules! forest_of_numbers {
    (
        $(#[$doc:meta])* $model:ident => $fitted:ident, $fitted_doc:literal,
        n_estimators: $n_estimators:literal, max_features: $max_features:ident, bootstrap: $bootstrap:literal,
        random_thresholds: $random:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $model {
            n_estimators: usize,
            criterion: RegressionCriterion,
            max_depth: Option<usize>,
            min_samples_split: usize,
            min_samples_leaf: usize,
            min_weight_fraction_leaf: f64,
            max_features: MaxFeatures,
            max_leaf_nodes: Option<usize>,
            min_impurity_decrease: f64,
            bootstrap: bool,
            oob_score: bool,
            ccp_alpha: f64,
            max_samples: Option<f64>,
            seed: u64,
        }

        impl Default for $model {
            fn default() -> Self {
                Self {
                    n_estimators: $n_estimators,
                    criterion: RegressionCriterion::SquaredError,
                    max_depth: None,
                    min_samples_split: 2,
                    min_samples_leaf: 1,
                    min_weight_fraction_leaf: 0.0,
                    max_features: MaxFeatures::$max_features,
                    max_leaf_nodes: None,
                    min_impurity_decrease: 0.0,
                    bootstrap: $bootstrap,
                    oob_score: false,
                    ccp_alpha: 0.0,
                    max_samples: None,
                    seed: 0,
                }
            }
        }

        parameters!($model {
            n_estimators, criterion, max_depth, min_samples_split, min_samples_leaf, min_weight_fraction_leaf,
            max_features, max_leaf_nodes, min_impurity_decrease, bootstrap, oob_score, ccp_alpha, max_samples, seed,
        });

        #[doc = $fitted_doc]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $fitted {
            trees: Vec<Tree>,
            oob_score: Option<f64>,
            oob_prediction: Option<Array1<f64>>,
            lineage: Lineage,
        }

        forest!($model => $fitted, random_thresholds: $random);
        regressor!($model => $fitted);

        impl $model {
            /// How impurity is measured.
            #[must_use]
            pub fn criterion(mut self, criterion: RegressionCriterion) -> Self {
                self.criterion = criterion;
                self
            }

            fn fit_rows(
                &self,
                x: ArrayView2<'_, f64>,
                y: ArrayView1<'_, f64>,
                sample_weight: Option<ArrayView1<'_, f64>>,
            ) -> Result<$fitted> {
                self.settings().limits(x.ncols().max(1))?;
                let rows = numbered(x, y, sample_weight)?;
                let grown = self.plan().grow_numbers(&rows, self.criterion)?;
                let (mut oob_score, mut oob_prediction) = (None, None);
                if self.oob_score {
                    let mut values = grown.out_of_bag(&rows.x, 1).column(0).to_owned();
                    let judged: Vec<usize> =
                        (0..values.len()).filter(|&row| !values[row].is_nan()).collect();
                    let truth: Array1<f64> = judged.iter().map(|&row| rows.y[row]).collect();
                    let found: Array1<f64> = judged.iter().map(|&row| values[row]).collect();
                    oob_score = metrics::r2_score(&truth, &found).ok();
                    values.mapv_inplace(|value| if value.is_nan() { 0.0 } else { value });
                    oob_prediction = Some(values);
                }
                Ok($fitted {
                    trees: grown.trees,
                    oob_score,
                    oob_prediction,
                    lineage: Lineage::default(),
                })
            }
        }

        impl $fitted {
            fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
                let x = predictable(concat!(stringify!($model), "::predict"), self.n_features(), &x)?;
                Ok(mean_values(&self.trees, &x, 1).column(0).to_owned())
            }

            /// What the first trees predict, for several numbers of trees, ascending: how the answer settles as the forest
            /// grows.
            ///
            /// # Errors
            /// As [`predict`](Self::predict), and when a number is 0, more than there are trees, or less than the one
            /// before.
            pub fn staged_predict(
                &self,
                x: &impl Features,
                n_estimators: &[usize],
            ) -> Result<Vec<Array1<f64>>> {
                self.targets_of_prefixes(x.rows()?, n_estimators)
            }

            /// What [`staged_predict`](Self::staged_predict) does, for a search over `n_estimators`.
            pub(crate) fn targets_of_prefixes(
                &self,
                x: ArrayView2<'_, f64>,
                n_trees: &[usize],
            ) -> Result<Vec<Array1<f64>>> {
                let values = self.values_of_prefixes(x, n_trees, 1)?;
                Ok(values.iter().map(|values| values.column(0).to_owned()).collect())
            }

            /// R² for the training samples, each judged by the trees that have not drawn it; those that every tree has
            /// drawn are left out. Nothing unless `oob_score` asked for it.
            pub fn oob_score(&self) -> Option<f64> {
                self.oob_score
            }

            /// The predictions behind [`oob_score`](Self::oob_score), shape (n_samples), without the samples of weight 0;
            /// 0 where every tree has drawn the sample.
            pub fn oob_prediction(&self) -> Option<&Array1<f64>> {
                self.oob_prediction.as_ref()
            }

            fn forget_out_of_bag(&mut self) {
                (self.oob_score, self.oob_prediction) = (None, None);
            }
        }
    };
}

forest_of_classes! {
    /// A random forest: the mean of many deep trees, each grown on its own draw of the samples.
    ///
    /// Tree t learns from n samples drawn with replacement from the n there are, and looks at √p of the p features, drawn
    /// anew, at each split. The forest predicts P(k | x) = (1/T) Σ_t P_t(k | x). The trees are grown in parallel.
    ///
    /// | parameter | default | meaning | range |
    /// |---|---|---|---|
    /// | `n_estimators` | 100 | the number of trees | from 1 |
    /// | `criterion` | gini | the impurity: `gini`, `entropy` or `log_loss` | |
    /// | `max_features` | √p | how many features, drawn at each split, a tree looks at | |
    /// | `bootstrap` | true | whether each tree draws its samples | |
    /// | `max_samples` | none | how many it draws, as a share of all | (0, 1] |
    /// | `oob_score` | false | whether to judge each sample by the trees that have not drawn it | |
    /// | `class_weight` | none | how much the samples of each class count: they are drawn so much more often | |
    /// | `seed` | 0 | of all draws | |
    /// | `max_depth`, `min_samples_split`, … | | as a [tree](crate::tree::DecisionTreeClassifier) has them | |
    ///
    /// With `sample_weight`, samples are drawn in proportion to their weights, as in scikit-learn since 1.9.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
    /// let model = RandomForestClassifier::new().oob_score(true).seed(1).fit(&train)?;
    /// assert!(model.oob_score().is_some_and(|score| score > 0.9));
    /// assert!(model.feature_importances()[2] > model.feature_importances()[1]);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: course, sections 2 (*Ensemble*), 5.1 and 6.1; scikit-learn, *RandomForestClassifier*; L. Breiman, *Random
    /// Forests*, 2001.
    RandomForestClassifier => FittedRandomForestClassifier,
    "A [`RandomForestClassifier`] that has learnt. It shows as a table of its features' importances.",
    n_estimators: 100, max_features: Sqrt, bootstrap: true, random_thresholds: false
}

forest_of_classes! {
    /// Extremely randomised trees: a forest whose thresholds are drawn too.
    ///
    /// At each split, one threshold is drawn for each of √p features, between its smallest and largest value in the node,
    /// and the best of these is taken. Each tree learns from all samples. It is faster than a random forest and smoother.
    ///
    /// The parameters are those of [`RandomForestClassifier`], with `bootstrap` false by default.
    ///
    /// ```
    /// use mlcourse::ensemble::ExtraTreesClassifier;
    /// use mlcourse::prelude::*;
    ///
    /// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
    /// let model = ExtraTreesClassifier::new().seed(1).fit(&train)?;
    /// assert!(test.assess(&model)?.score() > 0.9);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: scikit-learn, *ExtraTreesClassifier*; P. Geurts, D. Ernst and L. Wehenkel, *Extremely randomized trees*,
    /// 2006.
    ExtraTreesClassifier => FittedExtraTreesClassifier,
    "An [`ExtraTreesClassifier`] that has learnt. It shows as a table of its features' importances.",
    n_estimators: 100, max_features: Sqrt, bootstrap: false, random_thresholds: true
}

forest_of_numbers! {
    /// A random forest that says a number: the mean of many deep trees.
    ///
    /// Tree t learns from n samples drawn with replacement from the n there are. The forest predicts (1/T) Σ_t f_t(x).
    ///
    /// | parameter | default | meaning | range |
    /// |---|---|---|---|
    /// | `n_estimators` | 100 | the number of trees | from 1 |
    /// | `criterion` | squared_error | the impurity: `squared_error`, `friedman_mse` (the same) or `absolute_error` | |
    /// | `max_features` | all | how many features, drawn at each split, a tree looks at | |
    /// | `bootstrap` | true | whether each tree draws its samples | |
    /// | `max_samples` | none | how many it draws, as a share of all | (0, 1] |
    /// | `oob_score` | false | whether to judge each sample by the trees that have not drawn it | |
    /// | `seed` | 0 | of all draws | |
    /// | `max_depth`, `min_samples_split`, … | | as a [tree](crate::tree::DecisionTreeRegressor) has them | |
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64 / 20.0);
    /// let y = x.column(0).mapv(f64::sin);
    /// let model = RandomForestRegressor::new().fit((&x, &y))?;
    /// assert!(model.score(&x, &y)? > 0.99);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: scikit-learn, *RandomForestRegressor*; L. Breiman, *Random Forests*, 2001.
    RandomForestRegressor => FittedRandomForestRegressor,
    "A [`RandomForestRegressor`] that has learnt. It shows as a table of its features' importances.",
    n_estimators: 100, max_features: All, bootstrap: true, random_thresholds: false
}

forest_of_numbers! {
    /// Extremely randomised trees that say a number.
    ///
    /// They differ from [`RandomForestRegressor`] as [`ExtraTreesClassifier`] does from [`RandomForestClassifier`]: the
    /// thresholds are drawn, and each tree learns from all samples.
    ///
    /// ```
    /// use mlcourse::ensemble::ExtraTreesRegressor;
    /// use mlcourse::prelude::*;
    ///
    /// let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64 / 20.0);
    /// let y = x.column(0).mapv(f64::sin);
    /// assert_eq!(ExtraTreesRegressor::new().fit((&x, &y))?.score(&x, &y)?, 1.0);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: scikit-learn, *ExtraTreesRegressor*; P. Geurts, D. Ernst and L. Wehenkel, *Extremely randomized trees*, 2006.
    ExtraTreesRegressor => FittedExtraTreesRegressor,
    "An [`ExtraTreesRegressor`] that has learnt. It shows as a table of its features' importances.",
    n_estimators: 100, max_features: All, bootstrap: false, random_thresholds: true
}

forest_of_classes! {
    /// Bagging: the mean of trees that each learn from their own draw of the samples, and look at all features.
    ///
    /// The parameters are those of [`RandomForestClassifier`], with 10 trees and all features by default; the models are
    /// decision trees.
    ///
    /// ```
    /// use mlcourse::ensemble::BaggingClassifier;
    /// use mlcourse::prelude::*;
    ///
    /// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
    /// let model = BaggingClassifier::new().max_samples(0.5).seed(1).fit(&train)?;
    /// assert!(test.assess(&model)?.score() > 0.9);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: course, section 2 (*Ensemble*); scikit-learn, *BaggingClassifier*; L. Breiman, *Bagging Predictors*, 1996.
    BaggingClassifier => FittedBaggingClassifier,
    "A [`BaggingClassifier`] that has learnt. It shows as a table of its features' importances.",
    n_estimators: 10, max_features: All, bootstrap: true, random_thresholds: false
}

forest_of_numbers! {
    /// Bagging of a number: the mean of trees that each learn from their own draw of the samples.
    ///
    /// The parameters are those of [`RandomForestRegressor`], with 10 trees by default; the models are decision trees.
    ///
    /// ```
    /// use mlcourse::ensemble::BaggingRegressor;
    /// use mlcourse::prelude::*;
    ///
    /// let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64 / 20.0);
    /// let y = x.column(0).mapv(f64::sin);
    /// assert!(BaggingRegressor::new().fit((&x, &y))?.score(&x, &y)? > 0.99);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: course, section 2 (*Ensemble*); scikit-learn, *BaggingRegressor*; L. Breiman, *Bagging Predictors*, 1996.
    BaggingRegressor => FittedBaggingRegressor,
    "A [`BaggingRegressor`] that has learnt. It shows as a table of its features' importances.",
    n_estimators: 10, max_features: All, bootstrap: true, random_thresholds: false
}
