use super::elastic::{self, Record, Selection, Settings, Strength, elastic_accessors};
use super::line::{Line, line_accessors};
use super::moments::Samples;
use crate::Result;
use crate::dataset::Lineage;
use crate::estimator::{parameters, regressor};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Least squares that sets coefficients to 0: a penalty on their absolute values (L1).
///
/// The fit minimises (1/2n) Σ_i (y_i − wᵀx_i − b)² + α ‖w‖₁, where ‖w‖₁ = Σ_j |w_j|; the intercept b is not penalised.
/// With sample weights s, the first term is Σ_i s_i (…)² / (2 Σ s). The larger α, the more coefficients are exactly 0: it
/// selects features. At α = max_j |X_jᵀ(y − ȳ)| / n, with centred columns X_j, all of them are.
///
/// The course does not divide by 2n: its objective ‖Xw − y‖² + λ ‖w‖₁ has its minimum at the same w when λ = 2nα.
///
/// | written with | objective | penalty of the same strength |
/// |---|---|---|
/// | [`alpha`](Self::alpha), as in scikit-learn | (1/2n) ‖Xw − y‖² + α ‖w‖₁ | α = λ / 2n |
/// | [`lambda`](Self::lambda), as in the course | ‖Xw − y‖² + λ ‖w‖₁ | λ = 2nα |
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `alpha` | 1.0 | how strong the penalty is | \[0, ∞) |
/// | `lambda` | none | the same by the course's λ; where set, `alpha` does not count | \[0, ∞) |
/// | `fit_intercept` | true | whether to learn b | |
/// | `precompute` | none | whether to work on XᵀX; none: if there are more samples than features | |
/// | `max_iter` | 1000 | the most passes over the coefficients | \[1, ∞) |
/// | `tol` | 1e-4 | converged when the duality gap is at most tol · ‖y − ȳ‖² / n | \[0, ∞) |
/// | `positive` | false | whether no coefficient may be negative | |
/// | `selection` | cyclic | the order of the coefficients: [`Selection`] | |
/// | `seed` | 0 | of a random order | |
///
/// Features on different scales are penalised differently: standardise them first.
///
/// The minimum is found by coordinate descent; [`history`](FittedLasso::history) tells how, pass by pass. The duality gap
/// is a bound on how far the objective is above its minimum. With more samples than features it works on XᵀX, where a
/// step costs n_features operations in place of n_samples; the steps are the same.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], array![0.0, 1.0, 2.0]);
/// let model = Lasso::new().alpha(0.1).fit((&x, &y))?;
/// assert!((model.coef()[0] - 0.85).abs() < 1e-9 && model.coef()[1] == 0.0);
/// assert!((model.intercept() - 0.15).abs() < 1e-9);
/// // The course's λ: 2 · 3 · 0.1
/// let same = Lasso::new().lambda(0.6).fit((&x, &y))?;
/// assert!((same.coef()[0] - model.coef()[0]).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.3 (*Lasso (L1)*); objective, defaults and stopping rule are those of scikit-learn 1.9's
/// *Lasso*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lasso {
    alpha: f64,
    lambda: Option<f64>,
    fit_intercept: bool,
    precompute: Option<bool>,
    max_iter: usize,
    tol: f64,
    positive: bool,
    selection: Selection,
    seed: u64,
}

impl Default for Lasso {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            lambda: None,
            fit_intercept: true,
            precompute: None,
            max_iter: 1000,
            tol: 1e-4,
            positive: false,
            selection: Selection::Cyclic,
            seed: 0,
        }
    }
}

impl Lasso {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How strong the penalty is, by scikit-learn's α, 0 or more.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self.lambda = None;
        self
    }

    /// How strong the penalty is, by the course's λ = 2nα, 0 or more.
    #[must_use]
    pub fn lambda(mut self, lambda: f64) -> Self {
        self.lambda = Some(lambda);
        self
    }

    /// Whether to learn an intercept; without one the line goes through the origin.
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    /// Whether to work on XᵀX in place of the columns of X.
    #[must_use]
    pub fn precompute(mut self, precompute: bool) -> Self {
        self.precompute = Some(precompute);
        self
    }

    /// The most passes over the coefficients.
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

    /// In which order the coefficients are visited.
    #[must_use]
    pub fn selection(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// The seed of a random order.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedLasso> {
        let strength = Strength::of(self.alpha, self.lambda)?;
        let samples = Samples::new(x, y, sample_weight)?;
        let settings = Settings {
            l1_ratio: 1.0,
            fit_intercept: self.fit_intercept,
            precompute: self.precompute,
            max_iter: self.max_iter,
            tol: self.tol,
            positive: self.positive,
            selection: self.selection,
            seed: self.seed,
        };
        let (line, record) = elastic::fit("Lasso", &samples, strength, &settings)?;
        Ok(FittedLasso {
            line,
            record,
            lineage: Lineage::default(),
        })
    }
}

/// A [`Lasso`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLasso {
    line: Line,
    record: Record,
    lineage: Lineage,
}

regressor!(Lasso => FittedLasso);
parameters!(Lasso {
    alpha,
    lambda,
    fit_intercept,
    precompute,
    max_iter,
    tol,
    positive,
    selection,
    seed
});
line_accessors!(FittedLasso, "Lasso");
elastic_accessors!(FittedLasso, "Lasso");
