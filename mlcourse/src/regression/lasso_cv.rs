use super::elastic::{Record, Reduced, Settings, elastic_accessors, fit_reduced};
use super::line::{Line, line_accessors};
use super::moments::{Moments, Samples};
use super::path::{PathOptions, walk};
use crate::dataset::Lineage;
use crate::estimator::{parameters, regressor};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// [`Lasso`](super::Lasso) with the penalty that cross-validation finds best.
///
/// The rows are cut into `cv` folds, in their order. For each fold, a path of penalties is fitted on the other rows and
/// judged on the fold by its mean squared error; the α with the smallest mean over the folds is chosen, and fitted on all
/// rows.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `cv` | 5 | how many folds | \[2, n_samples\] |
/// | `n_alphas` | 100 | how many penalties to try | \[1, ∞) |
/// | `eps` | 1e-3 | the smallest of them, as a share of the smallest that sets all coefficients to 0 | (0, ∞) |
/// | `fit_intercept` | true | whether to learn an intercept | |
/// | `max_iter` | 1000 | the most passes over the coefficients, for each fit | \[1, ∞) |
/// | `tol` | 1e-4 | converged when the duality gap is at most tol · ‖y − ȳ‖² / n | \[0, ∞) |
/// | `positive` | false | whether no coefficient may be negative | |
///
/// The folds are not shuffled: shuffle rows that come in an order. With more samples than features the data is read once,
/// however many penalties there are: second moments of the folds add up to those of all training sets, and give the
/// errors too.
///
/// ```
/// use mlcourse::prelude::*;
///
/// // The target is the first feature, and noise of ±0.2; the second says nothing.
/// let x = Array2::from_shape_fn((40, 2), |(row, column)| ((row * (7 + 6 * column)) % 11) as f64);
/// let y = x.column(0).to_owned() + Array1::from_shape_fn(40, |row| if row % 2 == 0 { 0.2 } else { -0.2 });
/// let model = LassoCV::new().fit((&x, &y))?;
/// assert!((model.coef()[0] - 1.0).abs() < 0.02 && model.coef()[1].abs() < 0.02);
/// assert_eq!(model.mse_path().dim(), (100, 5));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, glossary (*Cross-Validation*); scikit-learn, *LassoCV*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LassoCV {
    cv: usize,
    n_alphas: usize,
    eps: f64,
    alphas: Option<Vec<f64>>,
    fit_intercept: bool,
    max_iter: usize,
    tol: f64,
    positive: bool,
}

impl Default for LassoCV {
    fn default() -> Self {
        Self {
            cv: 5,
            n_alphas: 100,
            eps: 1e-3,
            alphas: None,
            fit_intercept: true,
            max_iter: 1000,
            tol: 1e-4,
            positive: false,
        }
    }
}

impl LassoCV {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many folds.
    #[must_use]
    pub fn cv(mut self, cv: usize) -> Self {
        self.cv = cv;
        self
    }

    /// How many penalties to try.
    #[must_use]
    pub fn n_alphas(mut self, n_alphas: usize) -> Self {
        self.n_alphas = n_alphas;
        self.alphas = None;
        self
    }

    /// The smallest penalty as a share of the largest.
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }

    /// These penalties, in any order, in place of a grid.
    #[must_use]
    pub fn alphas(mut self, alphas: &[f64]) -> Self {
        self.alphas = Some(alphas.to_vec());
        self
    }

    /// Whether to learn an intercept; without one the line goes through the origin.
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    /// The most passes over the coefficients, for each fit.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// The duality gap that counts as 0, as a share of ‖y − ȳ‖² / n.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Whether no coefficient may be negative (the intercept may).
    #[must_use]
    pub fn positive(mut self, positive: bool) -> Self {
        self.positive = positive;
        self
    }

    fn options(&self) -> PathOptions {
        let options = PathOptions::new()
            .l1_ratio(1.0)
            .n_alphas(self.n_alphas)
            .eps(self.eps)
            .fit_intercept(self.fit_intercept)
            .max_iter(self.max_iter)
            .tol(self.tol)
            .positive(self.positive);
        match &self.alphas {
            Some(alphas) => options.alphas(alphas),
            None => options,
        }
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedLassoCV> {
        let samples = Samples::new(x, y, sample_weight)?;
        let options = self.options();
        let settings = options.settings();
        settings.check()?;
        if !(2..=samples.len()).contains(&self.cv) {
            let range = format!(
                "2 or more, and at most {}, the number of samples",
                samples.len()
            );
            return Err(Error::parameter("cv", range, self.cv));
        }
        let folds = Folds::new(&samples, self.cv, &settings)?;
        let alphas = options.grid(&folds.all)?;
        let errors: Vec<Vec<f64>> = (0..self.cv)
            .into_par_iter()
            .map(|fold| folds.errors(fold, &alphas, &settings))
            .collect::<Result<_>>()?;
        let mse_path =
            Array2::from_shape_fn((alphas.len(), self.cv), |(alpha, fold)| errors[fold][alpha]);
        let mean = mse_path.mean_axis(Axis(1)).unwrap_or_default();
        let best = (1..mean.len()).fold(0, |best, place| {
            if mean[place] < mean[best] {
                place
            } else {
                best
            }
        });
        let (line, record) = fit_reduced("LassoCV", &samples, &folds.all, alphas[best], &settings)?;
        Ok(FittedLassoCV {
            line,
            record,
            alphas: alphas.into(),
            mse_path,
            lineage: Lineage::default(),
        })
    }
}

/// Samples cut into folds, and all of them reduced.
struct Folds<'a> {
    samples: Samples<'a>,
    ranges: Vec<Range<usize>>,
    all: Reduced,
    /// The moments of each fold, where there are more samples than features.
    moments: Vec<Moments>,
}

impl<'a> Folds<'a> {
    fn new(samples: &Samples<'a>, cv: usize, settings: &Settings) -> Result<Self> {
        let (size, rest) = (samples.len() / cv, samples.len() % cv);
        // The first n % k folds have one row more.
        let start = |fold: usize| fold * size + fold.min(rest);
        let ranges: Vec<Range<usize>> = (0..cv).map(|fold| start(fold)..start(fold + 1)).collect();
        let rows_of = |range: &Range<usize>| samples.rows(range.start, range.end);
        if let Some(weight) = samples.weight {
            let is_empty = |range: &Range<usize>| {
                rows_of(range)
                    .weight
                    .is_some_and(|weight| weight.sum() == 0.0)
            };
            if ranges.iter().any(is_empty) {
                let found = format!(
                    "{} of {} are",
                    weight.iter().filter(|weight| **weight == 0.0).count(),
                    weight.len()
                );
                return Err(Error::parameter(
                    "sample_weight",
                    "not 0 for a whole fold",
                    found,
                ));
            }
        }
        if samples.len() - ranges[0].len() <= samples.n_features() {
            return Ok(Self {
                samples: *samples,
                ranges,
                all: Reduced::of(samples, settings)?,
                moments: Vec::new(),
            });
        }
        let moments: Vec<Moments> = ranges
            .iter()
            .map(|range| {
                Moments::of(&rows_of(range), settings.fit_intercept)
                    .map_err(|error| in_all(error, range))
            })
            .collect::<Result<_>>()?;
        let all = merge(moments.iter()).expect("there are two folds or more");
        Ok(Self {
            samples: *samples,
            ranges,
            all: Reduced::Tall(all),
            moments,
        })
    }

    /// The mean squared error on a fold of the fits on the others, for each penalty.
    fn errors(&self, fold: usize, alphas: &[f64], settings: &Settings) -> Result<Vec<f64>> {
        let others = self
            .moments
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != fold);
        if let Some(train) = merge(others.map(|(_, moments)| moments)) {
            let path = walk(&Reduced::Tall(train), alphas.to_vec(), settings);
            let error = |place: usize| {
                let coef = path.coefs().column(place).to_owned();
                self.moments[fold].mean_squared_error(&coef, path.intercepts()[place])
            };
            return Ok((0..alphas.len()).map(error).collect());
        }
        let range = &self.ranges[fold];
        let rows: Vec<usize> = (0..self.samples.len())
            .filter(|row| !range.contains(row))
            .collect();
        let (x, y) = (
            self.samples.x.select(Axis(0), &rows),
            self.samples.y.select(Axis(0), &rows),
        );
        let weight = self
            .samples
            .weight
            .map(|weight| weight.select(Axis(0), &rows));
        let train = Samples {
            x: x.view(),
            y: y.view(),
            weight: weight.as_ref().map(|weight| weight.view()),
        };
        let path = walk(&Reduced::of(&train, settings)?, alphas.to_vec(), settings);
        let test = self.samples.rows(range.start, range.end);
        let error = |place: usize| {
            let rest =
                &test.y - &test.x.dot(&path.coefs().column(place)) - path.intercepts()[place];
            let squares = &rest * &rest;
            match test.weight {
                None => squares.sum() / squares.len() as f64,
                Some(weight) => squares.dot(&weight) / weight.sum(),
            }
        };
        Ok((0..alphas.len()).map(error).collect())
    }
}

/// The error of a fold, with the row as it is in all samples.
fn in_all(error: Error, fold: &Range<usize>) -> Error {
    match error {
        Error::NotFinite {
            what,
            row,
            column,
            value,
        } => Error::NotFinite {
            what,
            row: row + fold.start,
            column,
            value,
        },
        other => other,
    }
}

fn merge<'a>(moments: impl Iterator<Item = &'a Moments>) -> Option<Moments> {
    let mut moments = moments;
    let (first, second) = (moments.next()?, moments.next());
    match second {
        Some(second) => Some(moments.fold(first.merge(second), |all, next| all.merge(next))),
        None => Some(first.clone()),
    }
}

/// A [`LassoCV`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLassoCV {
    line: Line,
    record: Record,
    alphas: Array1<f64>,
    mse_path: Array2<f64>,
    lineage: Lineage,
}

regressor!(LassoCV => FittedLassoCV);
parameters!(LassoCV {
    cv,
    n_alphas,
    eps,
    fit_intercept,
    max_iter,
    tol,
    positive
});
line_accessors!(FittedLassoCV, "LassoCV");
elastic_accessors!(FittedLassoCV, "LassoCV");

impl FittedLassoCV {
    /// The penalties that were tried, largest first; [`alpha`](Self::alpha) is the best of them.
    pub fn alphas(&self) -> &Array1<f64> {
        &self.alphas
    }

    /// The mean squared error on each fold for each penalty, shape (n_alphas, cv).
    pub fn mse_path(&self) -> &Array2<f64> {
        &self.mse_path
    }
}
