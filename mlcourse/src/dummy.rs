//! Baselines that ignore the features: what any model must beat.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (x, y) = (Array2::zeros((10, 1)), array![0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
//! // A model with an accuracy of 0.8 has learnt nothing here.
//! assert_eq!(DummyClassifier::new().fit((&x, &y))?.score(&x, &y)?, 0.8);
//! # Ok::<(), mlcourse::Error>(())
//! ```

use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{choice, classifier, parameters, regressor};
use crate::random::Random;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a [`DummyClassifier`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DummyClassifierStrategy {
    /// `"prior"`: always the most frequent class; probabilities are the classes' frequencies.
    #[default]
    Prior,
    /// `"most_frequent"`: always the most frequent class, with probability 1.
    MostFrequent,
    /// `"stratified"`: a class drawn by frequency.
    Stratified,
    /// `"uniform"`: any class, all as likely.
    Uniform,
    /// `"constant"`: always the same class, given.
    Constant,
}

choice!(DummyClassifierStrategy {
    Prior = "prior",
    MostFrequent = "most_frequent",
    Stratified = "stratified",
    Uniform = "uniform",
    Constant = "constant",
});

/// A classifier that ignores the features.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `strategy` | `Prior` | what it says: [`DummyClassifierStrategy`] |
/// | `constant` | none | the label of the strategy `Constant` |
/// | `seed` | 0 | of what is drawn; each prediction draws anew from it |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[1.0], [2.0], [3.0]], array![4, 4, 9]);
/// let model = DummyClassifier::new().fit((&x, &y))?;
/// assert_eq!(model.predict(&x)?, array![4, 4, 4]);
/// assert_eq!(model.class_prior(), array![2.0 / 3.0, 1.0 / 3.0]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *DummyClassifier*; course, *Points clés* (« toujours commencer simple »).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DummyClassifier {
    strategy: DummyClassifierStrategy,
    constant: Option<usize>,
    seed: u64,
}

impl DummyClassifier {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it says.
    #[must_use]
    pub fn strategy(mut self, strategy: DummyClassifierStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Always this label.
    #[must_use]
    pub fn constant(mut self, label: usize) -> Self {
        self.strategy = DummyClassifierStrategy::Constant;
        self.constant = Some(label);
        self
    }

    /// The seed of what is drawn.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedDummyClassifier> {
        check::same_length("x", x.nrows(), "y", y.len())?;
        check::not_empty("y", y.len())?;
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, y.len())?;
            if let Some(rows) = check::counting_rows(Some(weights)) {
                let weights = weights.select(Axis(0), &rows);
                let (x, y) = (x.select(Axis(0), &rows), y.select(Axis(0), &rows));
                return self.fit_rows(x.view(), y.view(), Some(weights.view()));
            }
        }
        let (classes, places) = check::classes_and_places(&y);
        let mut prior = Array1::zeros(classes.len());
        for (row, &place) in places.iter().enumerate() {
            prior[place] += sample_weight.map_or(1.0, |weights| weights[row]);
        }
        prior /= prior.sum();
        let constant = match (self.strategy, self.constant) {
            (DummyClassifierStrategy::Constant, Some(label)) => {
                let place = classes.iter().position(|&class| class == label);
                Some(place.ok_or_else(|| {
                    let known: Vec<String> = classes.iter().map(usize::to_string).collect();
                    Error::UnknownName {
                        what: "class",
                        name: label.to_string(),
                        known: known.join(", "),
                    }
                })?)
            }
            (DummyClassifierStrategy::Constant, None) => {
                let expected = "a label, for the strategy `constant`";
                return Err(Error::parameter("constant", expected, "None"));
            }
            _ => None,
        };
        Ok(FittedDummyClassifier {
            strategy: self.strategy,
            constant,
            seed: self.seed,
            classes,
            class_prior: prior,
            lineage: Lineage::default(),
        })
    }
}

/// A [`DummyClassifier`] that has counted the classes. It shows as a table of their frequencies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDummyClassifier {
    strategy: DummyClassifierStrategy,
    constant: Option<usize>,
    seed: u64,
    classes: Vec<usize>,
    class_prior: Array1<f64>,
    lineage: Lineage,
}

classifier!(DummyClassifier => FittedDummyClassifier);
parameters!(DummyClassifier {
    strategy,
    constant,
    seed
});

impl FittedDummyClassifier {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        Ok(self
            .places(&x)?
            .into_iter()
            .map(|place| self.classes[place])
            .collect())
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let places = self.places(&x)?;
        let shape = (places.len(), self.classes.len());
        Ok(Array2::from_shape_fn(shape, |(row, class)| {
            match self.strategy {
                DummyClassifierStrategy::Prior => self.class_prior[class],
                DummyClassifierStrategy::Uniform => 1.0 / self.classes.len() as f64,
                _ => f64::from(u8::from(places[row] == class)),
            }
        }))
    }

    /// The class that each row gets, by its place among the classes.
    fn places(&self, x: &ArrayRef2<f64>) -> Result<Vec<usize>> {
        check::not_empty("x", x.nrows())?;
        let mut random = Random::seeded(self.seed);
        let n_classes = self.classes.len();
        Ok(match self.strategy {
            DummyClassifierStrategy::Prior | DummyClassifierStrategy::MostFrequent => {
                let most = (1..n_classes).fold(0, |most, class| {
                    if self.class_prior[class] > self.class_prior[most] {
                        class
                    } else {
                        most
                    }
                });
                vec![most; x.nrows()]
            }
            DummyClassifierStrategy::Constant => vec![self.constant.unwrap_or(0); x.nrows()],
            DummyClassifierStrategy::Uniform => {
                (0..x.nrows()).map(|_| random.below(n_classes)).collect()
            }
            DummyClassifierStrategy::Stratified => (0..x.nrows())
                .map(|_| {
                    let (share, mut sum) = (random.uniform(), 0.0);
                    let place = self.class_prior.iter().position(|prior| {
                        sum += prior;
                        share < sum
                    });
                    place.unwrap_or(n_classes - 1)
                })
                .collect(),
        })
    }

    /// The frequency of each class, shape (n_classes).
    pub fn class_prior(&self) -> &Array1<f64> {
        &self.class_prior
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    fn table(&self) -> Table {
        let mut table =
            Table::new(&["class", "prior"]).caption(format!("DummyClassifier: {}", self.strategy));
        for (&label, &prior) in self.classes.iter().zip(&self.class_prior) {
            table.push(vec![label.into(), prior.into()]);
        }
        table
    }
}

impl fmt::Display for FittedDummyClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedDummyClassifier {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// What a [`DummyRegressor`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DummyRegressorStrategy {
    /// `"mean"`: the mean of the targets.
    #[default]
    Mean,
    /// `"median"`: their median.
    Median,
    /// `"quantile"`: a quantile of them, given.
    Quantile,
    /// `"constant"`: a number, given.
    Constant,
}

choice!(DummyRegressorStrategy {
    Mean = "mean",
    Median = "median",
    Quantile = "quantile",
    Constant = "constant",
});

/// A regressor that ignores the features: it always says the same number.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `strategy` | `Mean` | which number: [`DummyRegressorStrategy`] | |
/// | `quantile` | none | that of the strategy `Quantile` | \[0, 1\] |
/// | `constant` | none | that of the strategy `Constant` | |
///
/// Between two targets a quantile is interpolated; with sample weights it is the first target at which the running sum of
/// weights reaches its share.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[1.0], [2.0], [3.0]], array![1.0, 2.0, 6.0]);
/// let model = DummyRegressor::new().fit((&x, &y))?;
/// assert_eq!(model.constant(), 3.0);
/// // On the data it has seen, the mean explains nothing.
/// assert_eq!(model.score(&x, &y)?, 0.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *DummyRegressor*; course, *Points clés* (« toujours commencer simple »).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DummyRegressor {
    strategy: DummyRegressorStrategy,
    quantile: Option<f64>,
    constant: Option<f64>,
}

impl DummyRegressor {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which number it says.
    #[must_use]
    pub fn strategy(mut self, strategy: DummyRegressorStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Always this quantile of the targets.
    #[must_use]
    pub fn quantile(mut self, quantile: f64) -> Self {
        self.strategy = DummyRegressorStrategy::Quantile;
        self.quantile = Some(quantile);
        self
    }

    /// Always this number.
    #[must_use]
    pub fn constant(mut self, constant: f64) -> Self {
        self.strategy = DummyRegressorStrategy::Constant;
        self.constant = Some(constant);
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedDummyRegressor> {
        check::same_length("x", x.nrows(), "y", y.len())?;
        check::column("y", &y)?;
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, y.len())?;
        }
        let constant = match self.strategy {
            DummyRegressorStrategy::Mean => match &sample_weight {
                None => y.sum() / y.len() as f64,
                Some(weights) => y.dot(weights) / weights.sum(),
            },
            DummyRegressorStrategy::Median => quantile(&y, sample_weight, 0.5),
            DummyRegressorStrategy::Quantile => match self.quantile {
                Some(share) if (0.0..=1.0).contains(&share) => quantile(&y, sample_weight, share),
                other => {
                    let found = other.map_or("None".to_owned(), |share| share.to_string());
                    return Err(Error::parameter("quantile", "between 0 and 1", found));
                }
            },
            DummyRegressorStrategy::Constant => match self.constant {
                Some(constant) if constant.is_finite() => constant,
                other => {
                    let found = other.map_or("None".to_owned(), |constant| constant.to_string());
                    return Err(Error::parameter("constant", "a finite number", found));
                }
            },
        };
        Ok(FittedDummyRegressor {
            constant,
            lineage: Lineage::default(),
        })
    }
}

fn quantile(y: &ArrayRef1<f64>, sample_weight: Option<ArrayView1<'_, f64>>, share: f64) -> f64 {
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_by(|&a, &b| y[a].total_cmp(&y[b]));
    let Some(weights) = sample_weight else {
        let place = share * (y.len() - 1) as f64;
        let (low, part) = (place.floor() as usize, place.fract());
        let (below, above) = (y[order[low]], y[order[(low + 1).min(y.len() - 1)]]);
        return below + part * (above - below);
    };
    let order: Vec<usize> = order
        .into_iter()
        .filter(|&row| weights[row] > 0.0)
        .collect();
    let total: f64 = order.iter().map(|&row| weights[row]).sum();
    let mut sum = 0.0;
    for &row in &order {
        sum += weights[row];
        if sum >= share * total {
            return y[row];
        }
    }
    y[order[order.len() - 1]]
}

/// A [`DummyRegressor`] that knows its number, and shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDummyRegressor {
    constant: f64,
    lineage: Lineage,
}

regressor!(DummyRegressor => FittedDummyRegressor);
parameters!(DummyRegressor {
    strategy,
    quantile,
    constant
});

impl FittedDummyRegressor {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        check::not_empty("x", x.nrows())?;
        Ok(Array1::from_elem(x.nrows(), self.constant))
    }

    /// The number that it says.
    pub fn constant(&self) -> f64 {
        self.constant
    }

    fn table(&self) -> Table {
        Table::new(&["constant"])
            .row(vec![self.constant.into()])
            .caption("DummyRegressor")
    }
}

impl fmt::Display for FittedDummyRegressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedDummyRegressor {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
