use super::centred::Centred;
use super::line::{Line, line_accessors};
use super::moments::{Moments, Samples, residual_products};
use super::nonnegative::nonnegative;
use super::solve::{Cholesky, Svd, eigenvalues};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, regressor};
use crate::{Error, Result};
use faer::MatRef;
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Below this condition number, Cholesky on XᵀX leaves an error of at most about 10⁻¹².
const WELL_CONDITIONED: f64 = 1e2;
/// Up to this one, a step of refinement on the data itself brings the error down to that of a decomposition of X.
const REFINABLE: f64 = 1e5;

/// Ordinary least squares: the line, plane or hyperplane ŷ = wᵀx + b with the smallest squared error.
///
/// The fit minimises Σ_i s_i (y_i − wᵀx_i − b)², with s_i = 1 or the sample weights. For centred X and y the course
/// writes the solution w* = (XᵀX)⁻¹ Xᵀy; the intercept follows as b = ȳ − wᵀx̄. Where the columns of X depend on each
/// other (always, with more features than samples) there are many solutions, and the shortest w is taken.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `fit_intercept` | true | whether to learn b | |
/// | `tol` | 1e-6 | a singular value of X below `tol` times the largest counts as 0 | \[0, 1) |
/// | `positive` | false | whether no coefficient may be negative | |
///
/// `tol` depends on the scales of the features: a feature in units that make it a million times smaller than another may
/// count as constant. Standardise first, or lower it; [`rank`](FittedLinearRegression::rank) tells.
///
/// # How it is solved
///
/// XᵀX and Xᵀy come from one pass over the data (n·p² operations), and the eigenvalues of XᵀX give the condition number
/// κ of X. The inverse of the course's formula squares it, so:
///
/// | κ | solver |
/// |---|---|
/// | ≤ 10² | Cholesky factor of XᵀX |
/// | ≤ 10⁵ | the same, and a step of refinement with residuals from the data |
/// | larger, or n ≤ p | singular values of X |
///
/// ```
/// use mlcourse::prelude::*;
///
/// // y = 1 · x0 + 2 · x1 + 3
/// let x = array![[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 3.0]];
/// let model = LinearRegression::new().fit((&x, &array![6.0, 8.0, 9.0, 11.0]))?;
/// assert!((model.coef()[1] - 2.0).abs() < 1e-12);
/// assert!((model.intercept() - 3.0).abs() < 1e-12);
/// assert!((model.predict(&array![[3.0, 5.0]])?[0] - 16.0).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.3 (*Régression Linéaire*); scikit-learn, *LinearRegression*. Refinement of the normal
/// equations: Å. Björck, *Stability analysis of the method of seminormal equations*, 1987.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearRegression {
    fit_intercept: bool,
    tol: f64,
    positive: bool,
}

impl Default for LinearRegression {
    fn default() -> Self {
        Self {
            fit_intercept: true,
            tol: 1e-6,
            positive: false,
        }
    }
}

impl LinearRegression {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to learn an intercept; without one the line goes through the origin.
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    /// The share of the largest singular value below which another counts as 0.
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

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedLinearRegression> {
        if !(0.0..1.0).contains(&self.tol) {
            return Err(Error::parameter("tol", "in [0, 1)", self.tol));
        }
        let samples = Samples::new(x, y, sample_weight)?;
        let solution = if self.positive {
            self.positive_solution(&samples)?
        } else if samples.len() > samples.n_features() {
            self.tall_solution(&samples)?
        } else {
            self.svd_solution(&samples)?
        };
        let largest = solution.singular.first().copied().unwrap_or(0.0);
        Ok(FittedLinearRegression {
            rank: solution
                .singular
                .iter()
                .filter(|singular| **singular > self.tol * largest)
                .count(),
            line: solution.line,
            singular: solution.singular.into(),
            solver: solution.solver,
            n_samples: samples.len(),
            lineage: Lineage::default(),
        })
    }

    /// The normal equations where the condition number allows.
    fn tall_solution(&self, samples: &Samples<'_>) -> Result<Solution> {
        let moments = Moments::of(samples, self.fit_intercept)?;
        let singular = singular_values(moments.gram.as_ref());
        let [Some(&largest), Some(&smallest)] = [singular.first(), singular.last()] else {
            return self.svd_solution(samples);
        };
        // Near either bound the eigenvalues are too rough to decide.
        let condition = largest / smallest;
        if !(condition <= REFINABLE && smallest > 1.01 * self.tol * largest) {
            return self.svd_solution(samples);
        }
        let Some(cholesky) = Cholesky::of(moments.gram.clone()) else {
            return self.svd_solution(samples);
        };
        let mut coef = Array1::from(cholesky.solve(&moments.xy));
        let mut solver = LinearSolver::Cholesky;
        if condition > WELL_CONDITIONED {
            let rest = residual_products(samples, &moments.x_mean, moments.y_mean, &coef);
            coef += &Array1::from(cholesky.solve(&rest));
            solver = LinearSolver::RefinedCholesky;
        }
        Ok(Solution {
            line: Line {
                intercept: moments.intercept(&coef),
                coef,
            },
            singular,
            solver,
        })
    }

    /// The shortest solution.
    fn svd_solution(&self, samples: &Samples<'_>) -> Result<Solution> {
        let centred = Centred::of(samples, self.fit_intercept)?;
        let svd = Svd::of(centred.table()).ok_or_else(|| samples.not_finite(Some(0)))?;
        let least = self.tol.max(f64::EPSILON) * svd.singular.first().copied().unwrap_or(0.0);
        let coef = Array1::from(svd.apply(&centred.y, |singular| {
            if singular > least {
                1.0 / singular
            } else {
                0.0
            }
        }));
        Ok(Solution {
            line: Line {
                intercept: centred.intercept(&coef),
                coef,
            },
            singular: svd.singular,
            solver: LinearSolver::Svd,
        })
    }

    fn positive_solution(&self, samples: &Samples<'_>) -> Result<Solution> {
        let moments = Moments::of(samples, self.fit_intercept)?;
        let coef = Array1::from(nonnegative(moments.gram.as_ref(), &moments.xy));
        Ok(Solution {
            line: Line {
                intercept: moments.intercept(&coef),
                coef,
            },
            singular: singular_values(moments.gram.as_ref()),
            solver: LinearSolver::ActiveSet,
        })
    }
}

struct Solution {
    line: Line,
    singular: Vec<f64>,
    solver: LinearSolver,
}

/// Those of X, descending, from XᵀX; empty where its eigenvalues could not be found.
fn singular_values(gram: MatRef<'_, f64>) -> Vec<f64> {
    let mut values = eigenvalues(gram).unwrap_or_default();
    values.reverse();
    for value in &mut values {
        *value = value.max(0.0).sqrt();
    }
    values
}

/// How a least-squares problem was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LinearSolver {
    /// The Cholesky factor of XᵀX.
    Cholesky,
    /// The same, then a step of refinement with residuals from the data.
    RefinedCholesky,
    /// The singular values of X.
    Svd,
    /// Coefficients kept at 0 or above, by an active set.
    ActiveSet,
}

impl std::fmt::Display for LinearSolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cholesky => "Cholesky",
            Self::RefinedCholesky => "refined Cholesky",
            Self::Svd => "singular values",
            Self::ActiveSet => "active set",
        })
    }
}

/// A [`LinearRegression`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLinearRegression {
    line: Line,
    singular: Array1<f64>,
    rank: usize,
    solver: LinearSolver,
    n_samples: usize,
    lineage: Lineage,
}

regressor!(LinearRegression => FittedLinearRegression);
parameters!(LinearRegression {
    fit_intercept,
    tol,
    positive
});
line_accessors!(FittedLinearRegression, "LinearRegression");

impl FittedLinearRegression {
    /// The singular values of X (centred, if an intercept was learnt), descending.
    pub fn singular(&self) -> &Array1<f64> {
        &self.singular
    }

    /// How many of the [`singular`](Self::singular) values count as more than 0: the number of directions in which the
    /// features vary. Below the number of features, other coefficients predict the training data just as well.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// How it was solved.
    pub fn solver(&self) -> LinearSolver {
        self.solver
    }

    fn table(&self) -> Table {
        let n_features = self.line.coef.len();
        let mut caption = format!(
            "LinearRegression fitted on {} samples × {n_features} features, by {}",
            self.n_samples, self.solver
        );
        if self.rank < n_features {
            caption += &format!(
                "; the features vary in {} directions only, the shortest solution is shown",
                self.rank
            );
        }
        self.line.table(caption)
    }
}
