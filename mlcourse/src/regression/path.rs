use super::elastic::{Reduced, Selection, Settings, not_converged};
use super::moments::Samples;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::TrainingTargets;
use crate::warning::Warning;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which penalties a path goes through, and how: for [`lasso_path`] and [`enet_path`].
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `l1_ratio` | 0.5 | ρ, the share of the L1 penalty; a Lasso path has 1 | \[0, 1\] |
/// | `alphas` | none | the penalties; none: `n_alphas` of them, evenly on a logarithmic scale | \[0, ∞) |
/// | `n_alphas` | 100 | how many | \[1, ∞) |
/// | `eps` | 1e-3 | the smallest of them, as a share of the smallest that sets all coefficients to 0 | (0, ∞) |
/// | `fit_intercept` | false | whether to learn an intercept for each | |
/// | `positive` | false | whether no coefficient may be negative | |
/// | `max_iter` | 1000 | the most passes over the coefficients, for each | \[1, ∞) |
/// | `tol` | 1e-4 | converged when the duality gap is at most tol · ‖y‖² / n | \[0, ∞) |
///
/// As in scikit-learn there is no intercept unless asked for: then centre X and y first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathOptions {
    l1_ratio: f64,
    alphas: Option<Vec<f64>>,
    n_alphas: usize,
    eps: f64,
    fit_intercept: bool,
    positive: bool,
    max_iter: usize,
    tol: f64,
}

impl Default for PathOptions {
    fn default() -> Self {
        Self {
            l1_ratio: 0.5,
            alphas: None,
            n_alphas: 100,
            eps: 1e-3,
            fit_intercept: false,
            positive: false,
            max_iter: 1000,
            tol: 1e-4,
        }
    }
}

impl PathOptions {
    /// The default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// The share ρ of the L1 penalty, in [0, 1].
    #[must_use]
    pub fn l1_ratio(mut self, l1_ratio: f64) -> Self {
        self.l1_ratio = l1_ratio;
        self
    }

    /// These penalties, in any order.
    #[must_use]
    pub fn alphas(mut self, alphas: &[f64]) -> Self {
        self.alphas = Some(alphas.to_vec());
        self
    }

    /// How many penalties to choose.
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

    /// Whether to learn an intercept for each penalty.
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    /// Whether no coefficient may be negative.
    #[must_use]
    pub fn positive(mut self, positive: bool) -> Self {
        self.positive = positive;
        self
    }

    /// The most passes over the coefficients, for each penalty.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// The duality gap that counts as 0, as a share of ‖y‖² / n.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            l1_ratio: self.l1_ratio,
            fit_intercept: self.fit_intercept,
            precompute: None,
            max_iter: self.max_iter,
            tol: self.tol,
            positive: self.positive,
            selection: Selection::Cyclic,
            seed: 0,
        }
    }

    /// The penalties, largest first.
    pub(super) fn grid(&self, reduced: &Reduced) -> Result<Vec<f64>> {
        if let Some(alphas) = &self.alphas {
            let wrong = |alpha: &&f64| !(**alpha >= 0.0 && alpha.is_finite());
            if let Some(alpha) = alphas.iter().find(wrong) {
                return Err(Error::parameter("alphas", "finite, 0 or more, each", alpha));
            }
            if alphas.is_empty() {
                return Err(Error::parameter("alphas", "at least one number", "empty"));
            }
            let mut alphas = alphas.clone();
            alphas.sort_by(|a, b| b.total_cmp(a));
            return Ok(alphas);
        }
        if self.n_alphas == 0 {
            return Err(Error::parameter("n_alphas", "1 or more", self.n_alphas));
        }
        if !(self.eps > 0.0 && self.eps.is_finite()) {
            return Err(Error::parameter("eps", "finite, above 0", self.eps));
        }
        if self.l1_ratio == 0.0 {
            return Err(Error::parameter(
                "l1_ratio",
                "above 0, since no penalty is the largest without its L1 part (or `alphas` given)",
                self.l1_ratio,
            ));
        }
        let correlation = |max: f64, c: &f64| max.max(if self.positive { *c } else { c.abs() });
        let largest = reduced.correlations().iter().fold(0.0, correlation)
            / (reduced.weight() * self.l1_ratio);
        // Where no feature says anything, any penalty does.
        if largest <= 1e-15 {
            return Ok(vec![1e-15; self.n_alphas]);
        }
        Ok(geometric(largest, largest * self.eps, self.n_alphas))
    }
}

/// `count` numbers from the first to the last, each the same multiple of the one before.
fn geometric(first: f64, last: f64, count: usize) -> Vec<f64> {
    let steps = (count.max(2) - 1) as f64;
    let mut numbers: Vec<f64> = (0..count)
        .map(|step| first * (last / first).powf(step as f64 / steps))
        .collect();
    if count > 1 {
        numbers[count - 1] = last;
    }
    numbers
}

/// The coefficients of [`Lasso`](super::Lasso) for many penalties, from the strongest to the weakest: which feature comes
/// in when.
///
/// Each fit starts from the one before, so that the path costs little more than its last fit.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, 2.0, 3.1], [2.3, 5.4, 4.3]].reversed_axes();
/// let path = lasso_path((&x, &array![1.0, 2.0, 3.1]), &PathOptions::new().alphas(&[5.0, 1.0, 0.5]))?;
/// assert_eq!(path.coefs().dim(), (2, 3));
/// assert!((path.coefs()[[1, 0]] - 0.2159).abs() < 1e-3); // α = 5: the second feature alone
/// assert_eq!(path.coefs()[[0, 0]], 0.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *lasso_path*.
///
/// # Errors
/// When features or targets are empty or not finite, differ in length, or an option is out of its range.
pub fn lasso_path(data: impl TrainingTargets, options: &PathOptions) -> Result<RegularizationPath> {
    enet_path(data, &options.clone().l1_ratio(1.0))
}

/// The coefficients of [`ElasticNet`](super::ElasticNet) for many penalties, from the strongest to the weakest.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, 2.0, 3.1], [2.3, 5.4, 4.3]].reversed_axes();
/// let path = enet_path((&x, &array![1.0, 2.0, 3.1]), &PathOptions::new().n_alphas(20))?;
/// assert!(path.coefs().column(0).iter().all(|coef| *coef == 0.0));
/// println!("{path}");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *enet_path*.
///
/// # Errors
/// As [`lasso_path`].
pub fn enet_path(data: impl TrainingTargets, options: &PathOptions) -> Result<RegularizationPath> {
    let training = data.training_targets()?;
    let samples = Samples::new(training.x, training.y, training.sample_weight)?;
    path(&samples, options)
}

fn path(samples: &Samples<'_>, options: &PathOptions) -> Result<RegularizationPath> {
    let settings = options.settings();
    settings.check()?;
    let reduced = Reduced::of(samples, &settings)?;
    let alphas = options.grid(&reduced)?;
    Ok(walk(&reduced, alphas, &settings))
}

/// Fits the penalties in order, each from where the one before ended.
pub(super) fn walk(reduced: &Reduced, alphas: Vec<f64>, settings: &Settings) -> RegularizationPath {
    let n_features = reduced.n_features();
    let mut path = RegularizationPath {
        coefs: Array2::zeros((n_features, alphas.len())),
        intercepts: Array1::zeros(alphas.len()),
        dual_gaps: Array1::zeros(alphas.len()),
        n_iters: Vec::with_capacity(alphas.len()),
        weight: reduced.weight(),
        warnings: Vec::new(),
        alphas: alphas.into(),
    };
    let mut coef = vec![0.0; n_features];
    let mut rules = settings.rules();
    for (place, &alpha) in path.alphas.iter().enumerate() {
        let descent = reduced.descend(&mut coef, alpha, settings, &mut rules);
        path.warnings
            .extend(not_converged("a regularisation path", &descent));
        path.dual_gaps[place] = descent.gap;
        path.n_iters.push(descent.n_iter);
        let column = Array1::from(coef.clone());
        path.intercepts[place] = reduced.intercept(&column);
        path.coefs.column_mut(place).assign(&column);
    }
    path
}

/// The fits of [`lasso_path`] or [`enet_path`]. It shows as a table of how many features each uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegularizationPath {
    alphas: Array1<f64>,
    coefs: Array2<f64>,
    intercepts: Array1<f64>,
    dual_gaps: Array1<f64>,
    n_iters: Vec<usize>,
    weight: f64,
    warnings: Vec<Warning>,
}

impl RegularizationPath {
    /// The penalties α, largest first, shape (n_alphas).
    pub fn alphas(&self) -> &Array1<f64> {
        &self.alphas
    }

    /// The same penalties by the course's λ = 2nα.
    pub fn lambdas(&self) -> Array1<f64> {
        &self.alphas * (2.0 * self.weight)
    }

    /// The coefficients, shape (n_features, n_alphas).
    pub fn coefs(&self) -> &Array2<f64> {
        &self.coefs
    }

    /// The intercepts, shape (n_alphas); 0 where none were learnt.
    pub fn intercepts(&self) -> &Array1<f64> {
        &self.intercepts
    }

    /// The duality gap at the end of each fit, shape (n_alphas).
    pub fn dual_gaps(&self) -> &Array1<f64> {
        &self.dual_gaps
    }

    /// How many passes over the coefficients each fit took.
    pub fn n_iters(&self) -> &[usize] {
        &self.n_iters
    }

    /// Which fits did not converge.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn table(&self) -> Table {
        let mut caption = format!(
            "Regularisation path of {} features over {} penalties",
            self.coefs.nrows(),
            self.alphas.len()
        );
        for warning in &self.warnings {
            caption += &format!("; warning: {warning}");
        }
        let columns = ["alpha", "lambda", "features", "‖w‖₁", "iterations"];
        let mut table = Table::new(&columns).caption(caption);
        for (place, (&alpha, lambda)) in self.alphas.iter().zip(self.lambdas()).enumerate() {
            let coef = self.coefs.column(place);
            table.push(vec![
                alpha.into(),
                lambda.into(),
                coef.iter().filter(|coef| **coef != 0.0).count().into(),
                coef.iter().map(|coef| coef.abs()).sum::<f64>().into(),
                self.n_iters[place].into(),
            ]);
        }
        table
    }
}

impl fmt::Display for RegularizationPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for RegularizationPath {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
