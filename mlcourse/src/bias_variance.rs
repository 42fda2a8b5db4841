//! Why a model errs: because it is too simple (bias), or because it depends on which samples it happened to see (variance).
//!
//! A model is fitted on many bootstrap samples of the training data (as many rows, drawn with replacement), and its
//! predictions for the test data are compared: with the truth, and with each other.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! // A parabola: a line is too simple for it, and the nearest neighbour follows every sample.
//! let x = Array2::from_shape_fn((60, 1), |(row, _)| row as f64 / 10.0 - 3.0);
//! let y = x.column(0).mapv(|x| x * x);
//! let rounds = BiasVariance::new().n_rounds(50).seed(1);
//! let line = rounds.regression(&LinearRegression::new(), (&x, &y), &x, &y)?;
//! let nearest = rounds.regression(&KNeighborsRegressor::new().n_neighbors(1), (&x, &y), &x, &y)?;
//! assert!(line.bias() > 10.0 * line.variance());
//! assert!(nearest.variance() > nearest.bias());
//! println!("{line}{nearest}");
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Source: course, glossary (*Bias-Variance Tradeoff*, *Overfitting*, *Underfitting*); for classes: P. Domingos, *A Unified
//! Bias-Variance Decomposition*, 2000.

use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{
    Classifier, Features, Regressor, Training, TrainingLabels, TrainingTargets,
};
use crate::random::Random;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How often a bootstrap sample of one class only is drawn again.
const DRAWS: usize = 100;

/// How many bootstrap samples to fit, and by which seed.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_rounds` | 200 | how many bootstrap samples | \[1, ∞) |
/// | `seed` | 0 | which | |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BiasVariance {
    n_rounds: usize,
    seed: u64,
}

impl Default for BiasVariance {
    fn default() -> Self {
        Self {
            n_rounds: 200,
            seed: 0,
        }
    }
}

impl BiasVariance {
    /// The default number of rounds.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bootstrap samples.
    #[must_use]
    pub fn n_rounds(mut self, n_rounds: usize) -> Self {
        self.n_rounds = n_rounds;
        self
    }

    /// The seed of the bootstrap samples.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The parts of a regressor's squared error: fitted on bootstrap samples of `train`, judged on `x` and `y`.
    ///
    /// # Errors
    /// When a fit or a prediction is one, `n_rounds` is 0, or `x` and `y` differ in length.
    pub fn regression(
        &self,
        model: &dyn Regressor,
        train: impl TrainingTargets,
        x: &impl Features,
        y: &ArrayRef1<f64>,
    ) -> Result<Decomposition> {
        let train = train.training_targets()?;
        let predictions = self.predict_numbers(model, &train, x.rows()?)?;
        decompose_squared_error(&predictions, y)
    }

    /// The parts of a classifier's share of errors: fitted on bootstrap samples of `train`, judged on `x` and `y`.
    ///
    /// A bootstrap sample that holds one class only is drawn again.
    ///
    /// # Errors
    /// As [`regression`](Self::regression).
    pub fn classification(
        &self,
        model: &dyn Classifier,
        train: impl TrainingLabels,
        x: &impl Features,
        y: &ArrayRef1<usize>,
    ) -> Result<Decomposition> {
        let train = train.training_labels()?;
        let predictions = self.predict_labels(model, &train, x.rows()?)?;
        decompose_zero_one_loss(&predictions, y)
    }

    fn predict_numbers(
        &self,
        model: &dyn Regressor,
        train: &Training<'_, ArrayView1<'_, f64>>,
        x: ArrayView2<'_, f64>,
    ) -> Result<Array2<f64>> {
        let rounds = self.rounds(|seed| {
            let rows = bootstrap(&mut Random::seeded(seed), train.x.nrows());
            let (sample, weight) = select(train, &rows);
            let y = train.y.select(Axis(0), &rows);
            let weight = weight.as_ref().map(|weight| weight.view());
            model
                .fit_regressor(sample.view(), y.view(), weight)?
                .predict_targets(x)
        })?;
        Ok(Array2::from_shape_fn(
            (self.n_rounds, x.nrows()),
            |(round, row)| rounds[round][row],
        ))
    }

    fn predict_labels(
        &self,
        model: &dyn Classifier,
        train: &Training<'_, ArrayView1<'_, usize>>,
        x: ArrayView2<'_, f64>,
    ) -> Result<Array2<usize>> {
        let rounds = self.rounds(|seed| {
            let mut random = Random::seeded(seed);
            let mut rows = bootstrap(&mut random, train.x.nrows());
            for _ in 1..DRAWS {
                if rows.iter().any(|&row| train.y[row] != train.y[rows[0]]) {
                    break;
                }
                rows = bootstrap(&mut random, train.x.nrows());
            }
            let (sample, weight) = select(train, &rows);
            let y = train.y.select(Axis(0), &rows);
            let weight = weight.as_ref().map(|weight| weight.view());
            model
                .fit_classifier(sample.view(), y.view(), weight)?
                .predict_labels(x)
        })?;
        Ok(Array2::from_shape_fn(
            (self.n_rounds, x.nrows()),
            |(round, row)| rounds[round][row],
        ))
    }

    /// What each round gives, in order; each has a seed of its own.
    fn rounds<T: Send>(&self, round: impl Fn(u64) -> Result<T> + Send + Sync) -> Result<Vec<T>> {
        if self.n_rounds == 0 {
            return Err(Error::parameter("n_rounds", "1 or more", 0));
        }
        let mut random = Random::seeded(self.seed);
        let seeds: Vec<u64> = (0..self.n_rounds)
            .map(|_| random.below(usize::MAX) as u64)
            .collect();
        seeds.into_par_iter().map(round).collect()
    }
}

fn bootstrap(random: &mut Random, n_samples: usize) -> Vec<usize> {
    (0..n_samples).map(|_| random.below(n_samples)).collect()
}

fn select<T>(train: &Training<'_, T>, rows: &[usize]) -> (Array2<f64>, Option<Array1<f64>>) {
    let weight = train
        .sample_weight
        .map(|weight| weight.select(Axis(0), rows));
    (train.x.select(Axis(0), rows), weight)
}

/// The parts of the squared error of many predictions, shape (n_rounds, n_samples), of the same samples.
///
/// With ȳ(x) the mean prediction for x over the rounds:
///
/// | part | formula |
/// |---|---|
/// | expected loss | mean (ŷ_r(x) − y)² |
/// | bias, squared | mean (ȳ(x) − y)² |
/// | variance | mean (ŷ_r(x) − ȳ(x))² |
///
/// loss = bias² + variance. Noise in y is part of the bias: only a truth without noise could tell them apart.
///
/// ```
/// use mlcourse::bias_variance::decompose_squared_error;
/// use mlcourse::prelude::*;
///
/// let parts = decompose_squared_error(&array![[1.0, 4.0], [3.0, 4.0]], &array![2.0, 3.0])?;
/// assert_eq!((parts.loss(), parts.bias(), parts.variance()), (1.0, 0.5, 0.5));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When there are no predictions, they are not finite, or there is not one truth for each.
pub fn decompose_squared_error(
    predictions: &ArrayRef2<f64>,
    y: &ArrayRef1<f64>,
) -> Result<Decomposition> {
    check::table("predictions", predictions)?;
    check::same_length("predictions", predictions.ncols(), "y", y.len())?;
    check::column("y", y)?;
    let (mut loss, mut bias, mut variance) = (0.0, 0.0, 0.0);
    let n_rounds = predictions.nrows() as f64;
    for (column, truth) in predictions.axis_iter(Axis(1)).zip(y) {
        let main = column.sum() / n_rounds;
        loss += column.iter().map(|p| (p - truth).powi(2)).sum::<f64>() / n_rounds;
        variance += column.iter().map(|p| (p - main).powi(2)).sum::<f64>() / n_rounds;
        bias += (main - truth).powi(2);
    }
    let n_samples = y.len() as f64;
    Ok(Decomposition {
        kind: Kind::SquaredError,
        loss: loss / n_samples,
        bias: bias / n_samples,
        variance: variance / n_samples,
        helpful: 0.0,
        n_rounds: predictions.nrows(),
    })
}

/// The parts of the share of errors of many predictions, shape (n_rounds, n_samples), of the same samples.
///
/// With ȳ(x) the most frequent prediction for x over the rounds (of equally frequent ones the lowest label):
///
/// | part | formula |
/// |---|---|
/// | expected loss | share of ŷ_r(x) ≠ y |
/// | bias | share of ȳ(x) ≠ y |
/// | variance | share of ŷ_r(x) ≠ ȳ(x) |
///
/// They do not just add up: where the most frequent prediction is wrong, another one can be right, and variance helps.
/// loss = bias + harmful − helpful, where harmful is the variance on samples without bias, and helpful the share of
/// predictions that are right on samples with bias.
///
/// ```
/// use mlcourse::bias_variance::decompose_zero_one_loss;
/// use mlcourse::prelude::*;
///
/// let parts = decompose_zero_one_loss(&array![[1, 0], [1, 0], [0, 1]], &array![1, 1])?;
/// assert_eq!((parts.bias(), parts.loss()), (0.5, 0.5));
/// assert!((parts.harmful_variance() - 1.0 / 6.0).abs() < 1e-15);
/// assert!((parts.helpful_variance() - 1.0 / 6.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When there are no predictions, or there is not one truth for each.
pub fn decompose_zero_one_loss(
    predictions: &ArrayRef2<usize>,
    y: &ArrayRef1<usize>,
) -> Result<Decomposition> {
    check::not_empty("predictions", predictions.len())?;
    check::same_length("predictions", predictions.ncols(), "y", y.len())?;
    let (mut loss, mut bias, mut variance, mut helpful) = (0, 0, 0, 0);
    for (column, &truth) in predictions.axis_iter(Axis(1)).zip(y) {
        let main = most_frequent(column);
        let right = column.iter().filter(|label| **label == truth).count();
        loss += column.len() - right;
        variance += column.iter().filter(|label| **label != main).count();
        if main != truth {
            bias += 1;
            helpful += right;
        }
    }
    let n_samples = y.len() as f64;
    let n_predictions = predictions.len() as f64;
    Ok(Decomposition {
        kind: Kind::ZeroOneLoss,
        loss: loss as f64 / n_predictions,
        bias: f64::from(bias) / n_samples,
        variance: variance as f64 / n_predictions,
        helpful: helpful as f64 / n_predictions,
        n_rounds: predictions.nrows(),
    })
}

/// The lowest of the most frequent labels.
fn most_frequent(labels: ArrayView1<'_, usize>) -> usize {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a == b);
    let longest = runs.fold([].as_slice(), |longest: &[usize], run| {
        if run.len() > longest.len() {
            run
        } else {
            longest
        }
    });
    longest.first().copied().unwrap_or(0)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    SquaredError,
    ZeroOneLoss,
}

/// The parts of an expected loss. It shows as a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decomposition {
    kind: Kind,
    loss: f64,
    bias: f64,
    variance: f64,
    helpful: f64,
    n_rounds: usize,
}

impl Decomposition {
    /// The mean loss over rounds and samples.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The loss of the mean or most frequent prediction; squared for numbers.
    pub fn bias(&self) -> f64 {
        self.bias
    }

    /// How much predictions differ from their mean or most frequent one.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The variance that adds to the loss: loss = bias + harmful − helpful.
    pub fn harmful_variance(&self) -> f64 {
        self.loss - self.bias + self.helpful
    }

    /// The variance that lowers the loss, since it is right where the bias is wrong; 0 for numbers.
    pub fn helpful_variance(&self) -> f64 {
        self.helpful
    }

    /// How many bootstrap samples were fitted.
    pub fn n_rounds(&self) -> usize {
        self.n_rounds
    }

    fn table(&self) -> Table {
        let (loss, bias) = match self.kind {
            Kind::SquaredError => ("expected squared error", "bias²"),
            Kind::ZeroOneLoss => ("expected share of errors", "bias"),
        };
        let mut table = Table::new(&["part", "value"]).caption(format!(
            "Bias and variance over {} bootstrap samples",
            self.n_rounds
        ));
        table.push(vec![loss.into(), self.loss.into()]);
        table.push(vec![bias.into(), self.bias.into()]);
        table.push(vec!["variance".into(), self.variance.into()]);
        if self.kind == Kind::ZeroOneLoss {
            table.push(vec!["  harmful".into(), self.harmful_variance().into()]);
            table.push(vec!["  helpful".into(), self.helpful.into()]);
        }
        table
    }
}

impl fmt::Display for Decomposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for Decomposition {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
