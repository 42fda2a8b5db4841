use super::primal::Primal;
use super::svc::positive;
use crate::class_weight::ClassWeight;
use crate::classification::logistic_loss::linear_scores;
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, choice, classifier, parameters};
use crate::random::Random;
use crate::warning::{self, Warning};
use crate::{Error, Result, check, simd};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most features for which the whole Hessian is made.
const MAX_PRIMAL: usize = 1000;

/// What a violated margin costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Loss {
    /// `"hinge"`: max(0, 1 − y f(x)).
    Hinge,
    /// `"squared_hinge"`: its square.
    #[default]
    SquaredHinge,
}

choice!(Loss {
    Hinge = "hinge",
    SquaredHinge = "squared_hinge",
});

/// Linear support vector classification, without a kernel matrix.
///
/// For labels y = ±1 it minimises ½ (‖w‖² + b²) + C Σ_i s_i loss(1 − y_i (wᵀx_i + b)), s_i the sample's weight times its
/// class's: by Newton's method, or by coordinate descent on the dual, one sample's multiplier at a time. With more than two classes, each is
/// compared with all others, and its class weight is that of its own samples only. The intercept is penalised like a weight, of a feature that is always 1.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `c` | 1.0 | C, the price of a violated margin | (0, ∞) |
/// | `loss` | `SquaredHinge` | [`Loss`] | |
/// | `dual` | none | whether to solve the dual; none: for the hinge, or when there are no more samples than features | |
/// | `fit_intercept` | true | whether to learn b | |
/// | `class_weight` | none | how much each class counts: [`ClassWeight`] | |
/// | `tol` | 1e-4 | converged when the optimality conditions are violated by less | (0, ∞) |
/// | `max_iter` | 1000 | the most passes over the samples | |
/// | `seed` | 0 | the order of the samples | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let scaler = StandardScaler::new().fit(&train)?;
/// let model = LinearSVC::new().fit(&scaler.transform(&train)?)?;
/// assert!(scaler.transform(&test)?.assess(&model)?.score() > 0.8);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// It has no probabilities: `predict_proba` is an error.
///
/// Source: scikit-learn, *LinearSVC*; C.-J. Hsieh et al., *A dual coordinate descent method for
/// large-scale linear SVM*, 2008.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearSVC {
    c: f64,
    loss: Loss,
    dual: Option<bool>,
    fit_intercept: bool,
    class_weight: ClassWeight,
    tol: f64,
    max_iter: usize,
    seed: u64,
}

impl Default for LinearSVC {
    fn default() -> Self {
        Self {
            c: 1.0,
            loss: Loss::SquaredHinge,
            dual: None,
            fit_intercept: true,
            class_weight: ClassWeight::None,
            tol: 1e-4,
            max_iter: 1000,
            seed: 0,
        }
    }
}

impl LinearSVC {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The price of a violated margin.
    #[must_use]
    pub fn c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }

    /// What a violated margin costs.
    #[must_use]
    pub fn loss(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    /// Whether to solve the dual.
    #[must_use]
    pub fn dual(mut self, dual: bool) -> Self {
        self.dual = Some(dual);
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

    /// The violation that counts as none.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// The most passes over the samples.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// The seed of the order of the samples.
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
    ) -> Result<FittedLinearSVC> {
        check::table("x", &x)?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        positive("c", self.c)?;
        positive("tol", self.tol)?;
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
        // The last column is the intercept's.
        let mut rows = Array2::from_elem(
            (x.nrows(), x.ncols() + 1),
            f64::from(u8::from(self.fit_intercept)),
        );
        rows.slice_mut(s![.., ..x.ncols()]).assign(&x);
        let of_class = self
            .class_weight
            .weights(&classes, &places, sample_weight)?;
        let of_row = |row: usize| self.c * sample_weight.map_or(1.0, |weights| weights[row]);
        let targets: Vec<usize> = if classes.len() == 2 {
            vec![1]
        } else {
            (0..classes.len()).collect()
        };
        let solutions: Vec<Solution> = targets
            .par_iter()
            .map(|&target| {
                let signs: Vec<f64> = places
                    .iter()
                    .map(|&place| if place == target { 1.0 } else { -1.0 })
                    .collect();
                // Of one class against the others, only its own samples have the class's weight.
                let counts = |place: usize| classes.len() == 2 || place == target;
                let upper: Vec<f64> = (0..places.len())
                    .map(|row| {
                        of_row(row)
                            * if counts(places[row]) {
                                of_class[places[row]]
                            } else {
                                1.0
                            }
                    })
                    .collect();
                let random = Random::stream(self.seed, target as u64);
                let rows = rows.as_slice().unwrap_or(&[]);
                if self.is_dual(x.nrows(), x.ncols()) {
                    return self.descend(rows, &signs, &upper, random);
                }
                let primal = Primal {
                    rows,
                    signs: &signs,
                    upper: &upper,
                };
                primal.minimize(self.tol, self.max_iter)
            })
            .collect();
        Ok(self.fitted(&solutions, classes, x.ncols()))
    }

    /// Whether the dual is solved: always for the hinge, whose primal has corners.
    fn is_dual(&self, n_samples: usize, n_features: usize) -> bool {
        let fewer_samples = n_samples <= n_features || n_features > MAX_PRIMAL;
        self.loss == Loss::Hinge || self.dual.unwrap_or(fewer_samples)
    }

    /// Dual coordinate descent for one class against the others.
    fn descend(&self, rows: &[f64], signs: &[f64], upper: &[f64], mut random: Random) -> Solution {
        let (n, n_columns) = (signs.len(), rows.len() / signs.len());
        let row = |place: usize| &rows[place * n_columns..(place + 1) * n_columns];
        // With squared losses multipliers have no bound, but a penalty.
        let bound = |place: usize| match self.loss {
            Loss::Hinge => (upper[place], 0.0),
            Loss::SquaredHinge => (f64::INFINITY, 0.5 / upper[place]),
        };
        let curvature: Vec<f64> = (0..n)
            .map(|i| simd::dot(row(i), row(i)) + bound(i).1)
            .collect();
        let (mut w, mut alpha) = (vec![0.0; n_columns], vec![0.0; n]);
        let mut order: Vec<usize> = (0..n)
            .filter(|&i| upper[i] > 0.0 && curvature[i] > 0.0)
            .collect();
        let all = order.len();
        let mut active = all;
        let (mut shrink_above, mut shrink_below) = (f64::INFINITY, f64::NEG_INFINITY);
        for n_iter in 1..=self.max_iter {
            random.shuffle(&mut order[..active]);
            let (mut largest, mut smallest) = (f64::NEG_INFINITY, f64::INFINITY);
            simd::wide!(|| {
                let mut place = 0;
                while place < active {
                    let i = order[place];
                    let (limit, penalty) = bound(i);
                    let slope = signs[i] * simd::dot(&w, row(i)) - 1.0 + penalty * alpha[i];
                    // At a bound only a slope that leads inside counts; one far outside drops the sample for a while.
                    let drops = (alpha[i] == 0.0 && slope > shrink_above)
                        || (alpha[i] == limit && slope < shrink_below);
                    if drops {
                        active -= 1;
                        order.swap(place, active);
                        continue;
                    }
                    place += 1;
                    let slope_inside = if alpha[i] == 0.0 {
                        slope.min(0.0)
                    } else if alpha[i] == limit {
                        slope.max(0.0)
                    } else {
                        slope
                    };
                    largest = largest.max(slope_inside);
                    smallest = smallest.min(slope_inside);
                    if slope_inside.abs() > 1e-12 {
                        let before = alpha[i];
                        alpha[i] = (before - slope / curvature[i]).clamp(0.0, limit);
                        simd::add_scaled(&mut w, (alpha[i] - before) * signs[i], row(i));
                    }
                }
            });
            if largest - smallest <= self.tol || active == 0 {
                if active == all {
                    return Solution {
                        w,
                        n_iter,
                        converged: true,
                    };
                }
                active = all;
                (shrink_above, shrink_below) = (f64::INFINITY, f64::NEG_INFINITY);
                continue;
            }
            shrink_above = if largest > 0.0 {
                largest
            } else {
                f64::INFINITY
            };
            shrink_below = if smallest < 0.0 {
                smallest
            } else {
                f64::NEG_INFINITY
            };
        }
        Solution {
            w,
            n_iter: self.max_iter,
            converged: false,
        }
    }

    fn fitted(
        &self,
        solutions: &[Solution],
        classes: Vec<usize>,
        n_features: usize,
    ) -> FittedLinearSVC {
        let n_iter = solutions
            .iter()
            .map(|solution| solution.n_iter)
            .max()
            .unwrap_or(0);
        let mut warnings = Vec::new();
        if solutions.iter().any(|solution| !solution.converged) {
            let warning = Warning::NotConverged {
                estimator: "LinearSVC",
                n_iter,
                reason: "all passes allowed are done".to_owned(),
            };
            warning::record(warning.clone());
            warnings.push(warning);
        }
        FittedLinearSVC {
            coef: Array2::from_shape_fn((solutions.len(), n_features), |(k, j)| solutions[k].w[j]),
            intercept: solutions
                .iter()
                .map(|solution| {
                    if self.fit_intercept {
                        solution.w[n_features]
                    } else {
                        0.0
                    }
                })
                .collect(),
            classes,
            n_iter,
            warnings,
            lineage: Lineage::default(),
        }
    }
}

pub(super) struct Solution {
    pub w: Vec<f64>,
    pub n_iter: usize,
    pub converged: bool,
}

/// A [`LinearSVC`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLinearSVC {
    coef: Array2<f64>,
    intercept: Array1<f64>,
    classes: Vec<usize>,
    n_iter: usize,
    warnings: Vec<Warning>,
    lineage: Lineage,
}

classifier!(LinearSVC => FittedLinearSVC);
parameters!(LinearSVC {
    c,
    loss,
    dual,
    fit_intercept,
    class_weight,
    tol,
    max_iter,
    seed
});

impl FittedLinearSVC {
    /// The largest score wins, the first of several.
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let scores = self.scores("LinearSVC::predict", &x)?;
        Ok(scores
            .outer_iter()
            .map(|scores| {
                let place = if scores.len() == 1 {
                    usize::from(scores[0] > 0.0)
                } else {
                    (1..scores.len())
                        .fold(0, |best, k| if scores[k] > scores[best] { k } else { best })
                };
                self.classes[place]
            })
            .collect())
    }

    /// It has none.
    fn proba_rows(&self, _: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        Err(Error::parameter(
            "predict_proba",
            "asked of a classifier that has probabilities, such as LogisticRegression; a LinearSVC has \
             `decision_function`",
            "asked of a LinearSVC",
        ))
    }

    /// The linear score x Wᵀ + b, shape (n_samples, n_classes), or (n_samples, 1) for two classes: positive means the
    /// second.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function(&self, x: &impl Features) -> Result<Array2<f64>> {
        self.scores("LinearSVC::decision_function", &x.rows()?)
    }

    fn scores(&self, operation: &'static str, x: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features(operation, self.coef.ncols(), x)?;
        check::table("x", x)?;
        Ok(linear_scores(
            x,
            &self.coef,
            self.intercept.as_slice().unwrap_or(&[]),
        ))
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

    /// The most passes that a class needed.
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
            "LinearSVC fitted on {} features, {} passes",
            self.coef.ncols(),
            self.n_iter
        );
        for warning in &self.warnings {
            caption += &format!("; warning: {warning}");
        }
        let mut table = Table::new(&columns).caption(caption).decimals(4);
        let labels = &self.classes[self.classes.len() - self.coef.nrows()..];
        for (output, &label) in labels.iter().enumerate() {
            let mut cells: Vec<Cell> = vec![label.into(), self.intercept[output].into()];
            cells.extend(
                self.coef
                    .row(output)
                    .iter()
                    .take(8)
                    .map(|&weight| Cell::from(weight)),
            );
            table.push(cells);
        }
        table
    }
}

impl fmt::Display for FittedLinearSVC {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedLinearSVC {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
