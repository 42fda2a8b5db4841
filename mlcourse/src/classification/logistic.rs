use super::logistic_loss::{LogisticLoss, sigmoid, softmax_rows};
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, classifier, parameters};
use crate::optimize::{Lbfgs, Minimum};
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, ArrayView2, s};
use std::fmt;

/// Logistic regression: the probability of a class is a sigmoid or softmax of a linear score.
///
/// For two classes, P(y = 1 | x) = σ(wᵀx + b) with σ(z) = 1 / (1 + e⁻ᶻ); for K > 2 classes,
/// P(y = k | x) = e^{z_k} / Σ_j e^{z_j} with z_k = w_kᵀx + b_k. The fit minimises
///
/// C · Σ_i −log P(y_i | x_i) + ½ ‖W‖²
///
/// with L-BFGS from W = 0. The intercepts b are not penalised.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `c` | 1.0 | the inverse of the regularisation: smaller is stronger, infinite is none | (0, ∞] |
/// | `fit_intercept` | true | whether to learn b | |
/// | `max_iter` | 100 | the most iterations | |
/// | `tol` | 1e-4 | converged when no slope of the objective, divided by C · n_samples, is larger | \[0, ∞) |
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
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.4 (*Logistic Regression*, *Softmax*); objective, defaults and stopping rule are those of
/// scikit-learn 1.9's *LogisticRegression* (solver `lbfgs`).
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticRegression {
    c: f64,
    fit_intercept: bool,
    max_iter: usize,
    tol: f64,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        Self {
            c: 1.0,
            fit_intercept: true,
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

    /// Whether to learn an intercept.
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
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
        let classes = check::distinct(y.iter().copied());
        if let [label] = *classes {
            return Err(Error::SingleClass {
                label,
                n_samples: y.len(),
            });
        }
        let indices: Vec<usize> = y
            .iter()
            .map(|label| classes.partition_point(|class| class < label))
            .collect();
        let rows = x.as_standard_layout();
        let loss = LogisticLoss {
            x: rows.view(),
            y: &indices,
            n_outputs: if classes.len() == 2 { 1 } else { classes.len() },
            fit_intercept: self.fit_intercept,
            l2: 1.0 / (self.c * x.nrows() as f64),
        };
        let minimum = Lbfgs::new().max_iter(self.max_iter).tol(self.tol).minimize(
            &mut |at, gradient| loss.evaluate(at, gradient),
            vec![0.0; loss.n_outputs * loss.n_columns()],
        );
        Ok(fitted(&loss, &minimum, classes))
    }

    fn check(&self) -> Result<()> {
        if self.c.is_nan() || self.c <= 0.0 {
            return Err(Error::parameter("c", "a number above 0", self.c));
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
) -> FittedLogisticRegression {
    let n_features = loss.x.ncols();
    let column = |output: usize, place: usize| minimum.x[output * loss.n_columns() + place];
    let mut warnings = Vec::new();
    if !minimum.converged() {
        let warning = Warning::NotConverged {
            estimator: "LogisticRegression",
            n_iter: minimum.n_iter,
            reason: minimum.stop.to_string(),
        };
        warning::record(warning.clone());
        warnings.push(warning);
    }
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
        warnings,
        lineage: Lineage::default(),
    }
}

/// A [`LogisticRegression`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLogisticRegression {
    coef: Array2<f64>,
    intercept: Array1<f64>,
    classes: Vec<usize>,
    n_iter: usize,
    warnings: Vec<Warning>,
    lineage: Lineage,
}

classifier!(LogisticRegression => FittedLogisticRegression);
parameters!(LogisticRegression {
    c,
    fit_intercept,
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
        Ok(x.dot(&self.coef.t()) + &self.intercept)
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
