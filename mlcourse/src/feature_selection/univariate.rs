use super::scores::{Scores, chi2, f_classif, f_regression};
use super::{keep_columns, mutual_info_classif, names_out, places};
use crate::dataset::Lineage;
use crate::display::{Cell, Table};
use crate::estimator::{
    Features, FittedTransformer, Training, TrainingLabels, TrainingTargets, choice, parameters,
};
use crate::preprocessing::rows::quantiles;
use crate::shown::shown;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// How features are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScoreFunction {
    /// [`f_classif`].
    #[default]
    FClassif,
    /// [`chi2`].
    Chi2,
    /// [`mutual_info_classif`], with 3 neighbours and the seed 0.
    MutualInfoClassif,
    /// [`f_regression`].
    FRegression,
}

choice!(ScoreFunction {
    FClassif = "f_classif",
    Chi2 = "chi2",
    MutualInfoClassif = "mutual_info_classif",
    FRegression = "f_regression",
});

impl ScoreFunction {
    fn of_labels(self, training: &Training<'_, ArrayView1<'_, usize>>) -> Result<Scores> {
        let (x, y) = (&training.x, &training.y);
        match self {
            Self::FClassif => f_classif(x, y),
            Self::Chi2 => chi2(x, y),
            Self::MutualInfoClassif => mutual_info_classif(x, y, 3, 0),
            Self::FRegression => Err(Error::WrongTarget {
                expected: "numbers, as `f_regression` needs",
                found: "classes",
                advice: "use `f_classif`, or `fit_targets`",
            }),
        }
    }

    fn of_targets(self, training: &Training<'_, ArrayView1<'_, f64>>) -> Result<Scores> {
        match self {
            Self::FRegression => f_regression(&training.x, &training.y),
            _ => Err(Error::WrongTarget {
                expected: "classes, as this score needs",
                found: "numbers",
                advice: "use `.score_func(ScoreFunction::FRegression)`",
            }),
        }
    }
}

/// Keeps the `k` features with the highest scores.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `score_func` | `f_classif` | `chi2`, `mutual_info_classif`, or `f_regression` for numbers | |
/// | `k` | 10 | how many to keep; all, if there are fewer; `None` is all | |
///
/// Of equal scores the later features stay. A score that does not exist (a constant feature) is the lowest.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let selector = SelectKBest::new().k(2).fit((iris.features(), iris.labels()?))?;
/// assert_eq!(selector.support(), [false, false, true, true]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *SelectKBest*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectKBest {
    score_func: ScoreFunction,
    k: Option<usize>,
}

impl Default for SelectKBest {
    fn default() -> Self {
        Self {
            score_func: ScoreFunction::FClassif,
            k: Some(10),
        }
    }
}

/// Keeps a share of the features, those with the highest scores.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `score_func` | `f_classif` | `chi2`, `mutual_info_classif`, or `f_regression` for numbers | |
/// | `percentile` | 10 | the share to keep, in percent | 0 … 100 |
///
/// Of equal scores at the border the earlier features stay.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let selector = SelectPercentile::new().percentile(25.0).fit((iris.features(), iris.labels()?))?;
/// assert_eq!(selector.support(), [false, false, true, false]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *SelectPercentile*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectPercentile {
    score_func: ScoreFunction,
    percentile: f64,
}

impl Default for SelectPercentile {
    fn default() -> Self {
        Self {
            score_func: ScoreFunction::FClassif,
            percentile: 10.0,
        }
    }
}

impl SelectKBest {
    /// How many features to keep; `None` is all.
    #[must_use]
    pub fn k(mut self, k: impl Into<Option<usize>>) -> Self {
        self.k = k.into();
        self
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn support(&self, scores: &[f64]) -> Vec<bool> {
        let n_kept = self.k.unwrap_or(scores.len()).min(scores.len());
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| known(scores[a]).total_cmp(&known(scores[b])));
        let mut support = vec![false; scores.len()];
        for &place in &order[scores.len() - n_kept..] {
            support[place] = true;
        }
        support
    }
}

impl SelectPercentile {
    /// The share of features to keep, in percent.
    #[must_use]
    pub fn percentile(mut self, percentile: f64) -> Self {
        self.percentile = percentile;
        self
    }

    fn check(&self) -> Result<()> {
        if (0.0..=100.0).contains(&self.percentile) {
            return Ok(());
        }
        Err(Error::parameter(
            "percentile",
            "from 0 to 100",
            self.percentile,
        ))
    }

    fn support(&self, scores: &[f64]) -> Vec<bool> {
        if self.percentile == 100.0 || self.percentile == 0.0 {
            return vec![self.percentile > 0.0; scores.len()];
        }
        let known: Vec<f64> = scores.iter().map(|&score| known(score)).collect();
        let border = quantiles(&mut known.clone(), &[(100.0 - self.percentile) / 100.0])[0];
        let mut support: Vec<bool> = known.iter().map(|&score| score > border).collect();
        let most = (scores.len() as f64 * self.percentile / 100.0) as usize;
        let above = support.iter().filter(|kept| **kept).count();
        let ties = (0..known.len()).filter(|&place| known[place] == border);
        ties.take(most.saturating_sub(above))
            .for_each(|place| support[place] = true);
        support
    }
}

/// A score to compare: one that does not exist is the lowest.
fn known(score: f64) -> f64 {
    if score.is_nan() { f64::MIN } else { score }
}

macro_rules! selector {
    ($model:ident) => {
        impl $model {
            /// A selector with the default parameters.
            pub fn new() -> Self {
                Self::default()
            }

            /// How features are judged.
            #[must_use]
            pub fn score_func(mut self, score_func: ScoreFunction) -> Self {
                self.score_func = score_func;
                self
            }

            /// Judges the features by how much they tell about classes. `data` is `(&x, &y)` or a training set, `&train`.
            ///
            /// # Errors
            /// When the features are empty or not finite, features and labels differ in length, there is one class only,
            /// the score is one for numbers, or no feature would be left.
            pub fn fit(self, data: impl TrainingLabels) -> Result<FittedSelector> {
                self.check()?;
                let training = data.training_labels()?;
                let lineage = training.lineage_of(stringify!($model));
                self.select(self.score_func.of_labels(&training)?, lineage)
            }

            /// Judges the features by how much they tell about numbers. `data` is `(&x, &y)` or a training set, `&train`.
            ///
            /// # Errors
            /// When features or targets are empty or not finite, differ in length, the score is one for classes, or no
            /// feature would be left.
            pub fn fit_targets(self, data: impl TrainingTargets) -> Result<FittedSelector> {
                self.check()?;
                let training = data.training_targets()?;
                let lineage = training.lineage_of(stringify!($model));
                self.select(self.score_func.of_targets(&training)?, lineage)
            }

            fn select(&self, scores: Scores, lineage: Lineage) -> Result<FittedSelector> {
                let support = self.support(&scores.scores.to_vec());
                FittedSelector::new(stringify!($model), scores, support, lineage)
            }
        }
    };
}

selector!(SelectKBest);
selector!(SelectPercentile);
parameters!(SelectKBest { score_func, k });
parameters!(SelectPercentile {
    score_func,
    percentile
});

/// A [`SelectKBest`] or [`SelectPercentile`] that has judged its training data. It shows as a table of scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedSelector {
    name: String,
    // None is a score that does not exist, or an infinite one as the largest number: JSON has neither.
    scores: Vec<Option<f64>>,
    p_values: Option<Vec<Option<f64>>>,
    support: Vec<bool>,
    lineage: Lineage,
}

shown!(FittedSelector);

impl FittedSelector {
    fn new(name: &str, scores: Scores, support: Vec<bool>, lineage: Lineage) -> Result<Self> {
        if !support.contains(&true) {
            return Err(Error::parameter(
                "k",
                "such that at least one feature is left (`percentile` likewise)",
                "0 features",
            ));
        }
        let storable = |values: Array1<f64>| -> Vec<Option<f64>> {
            let number = |value: f64| (!value.is_nan()).then(|| value.min(f64::MAX));
            values.into_iter().map(number).collect()
        };
        Ok(Self {
            name: name.to_owned(),
            scores: storable(scores.scores),
            p_values: scores.p_values.map(storable),
            support,
            lineage,
        })
    }

    /// The features that are kept: of an array an array, of a part of a data set the same part.
    ///
    /// # Errors
    /// When `x` is empty, not finite or has another number of columns than at `fit`.
    pub fn transform<F: Features>(&self, x: &F) -> Result<F::Transformed> {
        let kept = self.transform_features(x.rows()?)?;
        Ok(x.transformed(kept, &|names| self.feature_names_out(names), &self.lineage))
    }

    /// The names of the columns that are kept.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names_out(&self.support, names)
    }

    /// Whether each feature is kept.
    pub fn support(&self) -> &[bool] {
        &self.support
    }

    /// The columns that are kept, from 0.
    pub fn kept(&self) -> Vec<usize> {
        places(&self.support)
    }

    /// The score of each feature, shape (n_features); NaN where there is none, the largest number where it is infinite.
    pub fn scores(&self) -> Array1<f64> {
        self.scores
            .iter()
            .map(|score| score.unwrap_or(f64::NAN))
            .collect()
    }

    /// How likely so large a score is by chance, shape (n_features); none for mutual information.
    pub fn p_values(&self) -> Option<Array1<f64>> {
        let values = self.p_values.as_ref()?;
        Some(values.iter().map(|p| p.unwrap_or(f64::NAN)).collect())
    }

    /// The rows that this step and the steps before it have learnt from.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    fn table(&self) -> Table {
        let caption = format!(
            "{}: {} of {} features",
            self.name,
            self.kept().len(),
            self.scores.len()
        );
        let mut table = Table::new(&["feature", "score", "p", "kept"]).caption(caption);
        for (feature, score) in self.scores.iter().enumerate() {
            let p = self.p_values.as_ref().and_then(|values| values[feature]);
            table.push(vec![
                feature.into(),
                score.map_or(Cell::Empty, Cell::from),
                p.map_or(Cell::Empty, |p| format!("{p:.2e}").into()),
                if self.support[feature] { "yes" } else { "no" }.into(),
            ]);
        }
        table
    }
}

impl FittedTransformer for FittedSelector {
    fn transform_features(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        keep_columns("FittedSelector::transform", &self.support, &x)
    }

    fn names_out(&self, names: &[String]) -> Vec<String> {
        self.feature_names_out(names)
    }
}
