use super::logistic_loss::{LogisticLoss, linear_scores, sigmoid, softmax_rows};
use super::logistic_newton;
use crate::class_weight::ClassWeight;
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, choice, classifier, parameters};
use crate::optimize::{Lbfgs, Minimum, OwlQn};
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Logistic regression: the probability of a class is a sigmoid or softmax of a linear score.
///
/// For two classes, P(y = 1 | x) = σ(wᵀx + b) with σ(z) = 1 / (1 + e⁻ᶻ); for K > 2 classes,
/// P(y = k | x) = e^{z_k} / Σ_j e^{z_j} with z_k = w_kᵀx + b_k. The fit minimises, from W = 0,
///
/// C · Σ_i s_i · −log P(y_i | x_i) + (1 − ρ) ½ ‖W‖² + ρ ‖W‖₁
///
/// with ρ the `l1_ratio` and s_i the sample's weight times its class's. The intercepts b are not penalised. With ρ > 0
/// some weights are exactly 0: the model chooses features.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `c` | 1.0 | the inverse of the regularisation: smaller is stronger, infinite is none | (0, ∞] |
/// | `l1_ratio` | 0.0 | ρ: 0 is ridge (L2), 1 lasso (L1), between is elastic net | \[0, 1\] |
/// | `fit_intercept` | true | whether to learn b | |
/// | `class_weight` | none | how much each class counts: [`ClassWeight`] | |
/// | `solver` | `Lbfgs` | the method: [`Solver`] | |
/// | `max_iter` | 100 | the most iterations | |
/// | `tol` | 1e-4 | converged when no slope of the objective, divided by C · Σ s, is larger | \[0, ∞) |
///
/// A fit that stops earlier is returned too, with a [`Warning`] in it: see
/// [`warnings`](FittedLogisticRegression::warnings).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let scaler = StandardScaler::new().fit(&train)?;
/// let model = LogisticRegression::new().fit(&scaler.transform(&train)?)?;
/// assert!(scaler.transform(&test)?.assess(&model)?.score() > 0.9);
///
/// // With an L1 penalty, features that do not help get no weight at all.
/// let sparse = LogisticRegression::new().l1_ratio(1.0).c(0.1).fit(&scaler.transform(&train)?)?;
/// assert!(sparse.coef().iter().any(|&weight| weight == 0.0));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.4 (*Logistic Regression*, *Softmax*); objective, defaults and stopping rules are those of
/// scikit-learn 1.9's *LogisticRegression* (solvers `lbfgs` and `newton-cholesky`; its `saga` has the L1 penalty).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticRegression {
    c: f64,
    l1_ratio: f64,
    fit_intercept: bool,
    class_weight: ClassWeight,
    solver: Solver,
    max_iter: usize,
    tol: f64,
}

/// The method that minimises the objective of [`LogisticRegression`].
///
/// With an L1 penalty both stand for the orthant-wise L-BFGS, [`OwlQn`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Solver {
    /// `"lbfgs"`: [`Lbfgs`], many cheap iterations; good for any number of features.
    #[default]
    Lbfgs,
    /// `"newton-cholesky"`: Newton's method, few iterations of n (p K)² operations each; good for few features and badly
    /// scaled ones, and exact to many digits. Falls back on L-BFGS, with a warning, where the Hessian is singular.
    NewtonCholesky,
}

choice!(Solver {
    Lbfgs = "lbfgs",
    NewtonCholesky = "newton-cholesky",
});

impl Default for LogisticRegression {
    fn default() -> Self {
        Self {
            c: 1.0,
            l1_ratio: 0.0,
            fit_intercept: true,
            class_weight: ClassWeight::None,
            solver: Solver::Lbfgs,
            max_iter: 100,
            tol: 1e-4,
        }
    }
}

impl LogisticRegression {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The inverse of the regularisation strength, positive; `f64::INFINITY` is no regularisation.
    #[must_use]
    pub fn c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }

    /// How much of the penalty is L1, from 0 to 1.
    #[must_use]
    pub fn l1_ratio(mut self, l1_ratio: f64) -> Self {
        self.l1_ratio = l1_ratio;
        self
    }

    /// Whether to learn an intercept.
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    /// How much each class counts.
    #[must_use]
    pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.class_weight = class_weight;
        self
    }

    /// The method.
    #[must_use]
    pub fn solver(mut self, solver: Solver) -> Self {
        self.solver = solver;
        self
    }

    /// The most iterations.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// The largest slope that counts as 0.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedLogisticRegression> {
        self.check()?;
        check::table("x", &x)?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, x.nrows())?;
            if let Some(rows) = check::counting_rows(Some(weights)) {
                let weights = weights.select(Axis(0), &rows);
                let (x, y) = (x.select(Axis(0), &rows), y.select(Axis(0), &rows));
                return self.fit_rows(x.view(), y.view(), Some(weights.view()));
            }
        }
        let (classes, places) = check::classes_and_places(&y);
        if let [label] = *classes {
            return Err(Error::SingleClass {
                label,
                n_samples: y.len(),
            });
        }
        let weights = self
            .class_weight
            .sample_weights(&classes, &places, sample_weight)?;
        let rows = x.as_standard_layout();
        let mut loss = LogisticLoss {
            x: rows.as_slice().expect("the standard layout is contiguous"),
            n_features: x.ncols(),
            y: &places,
            sample_weight: weights.as_deref(),
            n_outputs: if classes.len() == 2 { 1 } else { classes.len() },
            fit_intercept: self.fit_intercept,
            l2: 0.0,
        };
        let total = loss.total_weight();
        if total <= 0.0 {
            let expected = "above 0 for at least one class that has samples";
            return Err(Error::parameter(
                "class_weight",
                expected,
                &self.class_weight,
            ));
        }
        let penalty = 1.0 / (self.c * total);
        loss.l2 = penalty * (1.0 - self.l1_ratio);
        let (minimum, warnings) = self.minimize(&loss, penalty * self.l1_ratio);
        Ok(fitted(&loss, &minimum, classes, warnings))
    }

    fn minimize(&self, loss: &LogisticLoss<'_>, l1: f64) -> (Minimum, Vec<Warning>) {
        let mut objective = |at: &[f64], gradient: &mut [f64]| loss.evaluate(at, gradient);
        let start = vec![0.0; loss.n_parameters()];
        let mut warnings = Vec::new();
        let minimum = if l1 > 0.0 {
            let penalties: Vec<f64> = (0..start.len())
                .map(|place| {
                    if place % loss.n_columns() < loss.n_features {
                        l1
                    } else {
                        0.0
                    }
                })
                .collect();
            OwlQn::new().max_iter(self.max_iter).tol(self.tol).minimize(
                &mut |at, gradient| objective(at, gradient) + loss.pin_intercepts(at, gradient),
                &penalties,
                start,
            )
        } else {
            let newton = match self.solver {
                Solver::Lbfgs => None,
                Solver::NewtonCholesky => {
                    let newton = logistic_newton::minimize(loss, self.max_iter, self.tol);
                    if newton.is_none() {
                        warnings.push(Warning::NotConverged {
                            estimator: "LogisticRegression",
                            n_iter: 0,
                            reason: "the Hessian is singular, L-BFGS took over; remove columns that depend on each \
                                     other, or choose a smaller `c`"
                                .to_owned(),
                        });
                    }
                    newton
                }
            };
            newton.unwrap_or_else(|| {
                Lbfgs::new()
                    .max_iter(self.max_iter)
                    .tol(self.tol)
                    .minimize(&mut objective, start)
            })
        };
        if !minimum.converged() {
            warnings.push(Warning::NotConverged {
                estimator: "LogisticRegression",
                n_iter: minimum.n_iter,
                reason: minimum.stop.to_string(),
            });
        }
        warnings.iter().cloned().for_each(warning::record);
        (minimum, warnings)
    }

    fn check(&self) -> Result<()> {
        if self.c.is_nan() || self.c <= 0.0 {
            return Err(Error::parameter("c", "a number above 0", self.c));
        }
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            return Err(Error::parameter(
                "l1_ratio",
                "between 0 and 1",
                self.l1_ratio,
            ));
        }
        if self.tol.is_nan() || self.tol < 0.0 {
            return Err(Error::parameter("tol", "0 or more", self.tol));
        }
        Ok(())
    }
}

fn fitted(
    loss: &LogisticLoss<'_>,
    minimum: &Minimum,
    classes: Vec<usize>,
    warnings: Vec<Warning>,
) -> FittedLogisticRegression {
    let n_features = loss.n_features;
    let column = |output: usize, place: usize| minimum.x[output * loss.n_columns() + place];
    FittedLogisticRegression {
        coef: Array2::from_shape_fn((loss.n_outputs, n_features), |(output, feature)| {
            column(output, feature)
        }),
        intercept: Array1::from_shape_fn(loss.n_outputs, |output| {
            if loss.fit_intercept {
                column(output, n_features)
            } else {
                0.0
            }
        }),
        classes,
        n_iter: minimum.n_iter,
        history: minimum.history.clone(),
        warnings,
        lineage: Lineage::default(),
    }
}

/// A [`LogisticRegression`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLogisticRegression {
    coef: Array2<f64>,
    intercept: Array1<f64>,
    classes: Vec<usize>,
    n_iter: usize,
    history: Vec<f64>,
    warnings: Vec<Warning>,
    lineage: Lineage,
}

classifier!(LogisticRegression => FittedLogisticRegression);
parameters!(LogisticRegression {
    c,
    l1_ratio,
    fit_intercept,
    class_weight,
    solver,
    max_iter,
    tol
});

impl FittedLogisticRegression {
    /// The largest score wins.
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let scores = self.scores("LogisticRegression::predict", &x)?;
        Ok(scores
            .outer_iter()
            .map(|scores| {
                let class = match scores.as_slice() {
                    Some([score]) => usize::from(*score > 0.0),
                    _ => (1..scores.len()).fold(0, |best, class| {
                        if scores[class] > scores[best] {
                            class
                        } else {
                            best
                        }
                    }),
                };
                self.classes[class]
            })
            .collect())
    }

    /// Sigmoid or softmax of the scores.
    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut scores = self.scores("LogisticRegression::predict_proba", &x)?;
        if self.classes.len() == 2 {
            return Ok(Array2::from_shape_fn((x.nrows(), 2), |(row, class)| {
                let score = scores[[row, 0]];
                sigmoid(if class == 1 { score } else { -score })
            }));
        }
        softmax_rows(&mut scores);
        Ok(scores)
    }

    /// The linear score z = x Wᵀ + b, shape (n_samples, n_classes), or (n_samples, 1) for two classes: positive means
    /// the second.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function(&self, x: &impl Features) -> Result<Array2<f64>> {
        self.scores("LogisticRegression::decision_function", &x.rows()?)
    }

    fn scores(&self, operation: &'static str, x: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features(operation, self.coef.ncols(), x)?;
        check::table("x", x)?;
        let intercept = self.intercept.as_slice().unwrap_or(&[]);
        Ok(linear_scores(x, &self.coef, intercept))
    }

    /// The weights W, shape (n_classes, n_features), or (1, n_features) for two classes.
    pub fn coef(&self) -> &Array2<f64> {
        &self.coef
    }

    /// The intercepts b, shape (n_classes), or (1) for two classes.
    pub fn intercept(&self) -> &Array1<f64> {
        &self.intercept
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// The number of iterations of the fit.
    pub fn n_iter(&self) -> usize {
        self.n_iter
    }

    /// The objective divided by C · Σ s, at the start and after each iteration.
    pub fn history(&self) -> &[f64] {
        &self.history
    }

    /// What to know before trusting it: whether the fit did not converge.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn table(&self) -> Table {
        let mut columns = vec!["class".to_owned(), "intercept".to_owned()];
        columns.extend((0..self.coef.ncols().min(8)).map(|feature| format!("w{feature}")));
        let mut caption = format!(
            "LogisticRegression fitted on {} features, {} classes, {} iterations",
            self.coef.ncols(),
            self.classes.len(),
            self.n_iter
        );
        for warning in &self.warnings {
            caption += &format!("; warning: {warning}");
        }
        let mut table = Table::new(&columns).caption(caption).decimals(4);
        // Two classes have one row: the score of the second.
        let labels = &self.classes[self.classes.len() - self.coef.nrows()..];
        for (output, &label) in labels.iter().enumerate() {
            let mut cells: Vec<Cell> = vec![label.into(), self.intercept[output].into()];
            let weights = self.coef.slice(s![output, ..columns.len() - 2]);
            cells.extend(weights.iter().map(|&weight| Cell::from(weight)));
            table.push(cells);
        }
        table
    }
}

impl fmt::Display for FittedLogisticRegression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedLogisticRegression {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
