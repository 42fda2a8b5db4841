use super::elastic::{self, Record, Selection, Settings, Strength, elastic_accessors};
use super::line::{Line, line_accessors};
use super::moments::Samples;
use crate::Result;
use crate::dataset::Lineage;
use crate::estimator::{parameters, regressor};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Least squares with both penalties: it sets coefficients to 0 as [`Lasso`](super::Lasso) does, and shares the weight
/// among correlated features as [`Ridge`](super::Ridge) does.
///
/// With ρ = `l1_ratio`, the fit minimises
///
/// (1/2n) Σ_i (y_i − wᵀx_i − b)² + α ρ ‖w‖₁ + ½ α (1 − ρ) ‖w‖²
///
/// where ‖w‖₁ = Σ_j |w_j|; the intercept b is not penalised. With sample weights s, the first term is
/// Σ_i s_i (…)² / (2 Σ s).
///
/// The course writes such objectives without dividing by 2n. At the same minimum:
///
/// | written with | objective | penalty of the same strength |
/// |---|---|---|
/// | [`alpha`](Self::alpha), as in scikit-learn | (1/2n) ‖Xw − y‖² + αρ ‖w‖₁ + ½ α(1 − ρ) ‖w‖² | α = λ / 2n |
/// | [`lambda`](Self::lambda), as in the course | ‖Xw − y‖² + λρ ‖w‖₁ + ½ λ(1 − ρ) ‖w‖² | λ = 2nα |
///
/// So ρ = 1 is the course's Lasso with this λ, and ρ = 0 its Ridge with half of it.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `alpha` | 1.0 | how strong the penalty is | \[0, ∞) |
/// | `lambda` | none | the same by the course's λ; where set, `alpha` does not count | \[0, ∞) |
/// | `l1_ratio` | 0.5 | ρ: 1 is Lasso, 0 is Ridge | \[0, 1\] |
/// | `fit_intercept` | true | whether to learn b | |
/// | `precompute` | none | whether to work on XᵀX; none: if there are more samples than features | |
/// | `max_iter` | 1000 | the most passes over the coefficients | \[1, ∞) |
/// | `tol` | 1e-4 | converged when the duality gap is at most tol · ‖y − ȳ‖² / n | \[0, ∞) |
/// | `positive` | false | whether no coefficient may be negative | |
/// | `selection` | cyclic | the order of the coefficients: [`Selection`] | |
/// | `seed` | 0 | of a random order | |
///
/// Features on different scales are penalised differently: standardise them first. Coordinate descent finds the minimum,
/// as for [`Lasso`](super::Lasso).
///
/// ```
/// use mlcourse::prelude::*;
///
/// // Two copies of one feature: Lasso takes one of them, ElasticNet both alike.
/// let (x, y) = (array![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], array![0.0, 1.0, 2.0]);
/// let model = ElasticNet::new().alpha(0.1).tol(1e-10).fit((&x, &y))?;
/// assert!((model.coef()[0] - model.coef()[1]).abs() < 1e-4);
/// assert_eq!(Lasso::new().alpha(0.1).fit((&x, &y))?.n_nonzero(), 1);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, glossary (*L1/L2 Regularization*); objective, defaults and stopping rule are those of scikit-learn
/// 1.9's *ElasticNet*. H. Zou and T. Hastie, *Regularization and variable selection via the elastic net*, 2005.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElasticNet {
    alpha: f64,
    lambda: Option<f64>,
    l1_ratio: f64,
    fit_intercept: bool,
    precompute: Option<bool>,
    max_iter: usize,
    tol: f64,
    positive: bool,
    selection: Selection,
    seed: u64,
}

impl Default for ElasticNet {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            lambda: None,
            l1_ratio: 0.5,
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

impl ElasticNet {
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

    /// The share ρ of the L1 penalty, in [0, 1].
    #[must_use]
    pub fn l1_ratio(mut self, l1_ratio: f64) -> Self {
        self.l1_ratio = l1_ratio;
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
    ) -> Result<FittedElasticNet> {
        let strength = Strength::of(self.alpha, self.lambda)?;
        let samples = Samples::new(x, y, sample_weight)?;
        let settings = Settings {
            l1_ratio: self.l1_ratio,
            fit_intercept: self.fit_intercept,
            precompute: self.precompute,
            max_iter: self.max_iter,
            tol: self.tol,
            positive: self.positive,
            selection: self.selection,
            seed: self.seed,
        };
        let (line, record) = elastic::fit("ElasticNet", &samples, strength, &settings)?;
        Ok(FittedElasticNet {
            line,
            record,
            lineage: Lineage::default(),
        })
    }
}

/// A [`ElasticNet`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedElasticNet {
    line: Line,
    record: Record,
    lineage: Lineage,
}

regressor!(ElasticNet => FittedElasticNet);
parameters!(ElasticNet {
    alpha,
    lambda,
    l1_ratio,
    fit_intercept,
    precompute,
    max_iter,
    tol,
    positive,
    selection,
    seed
});
line_accessors!(FittedElasticNet, "ElasticNet");
elastic_accessors!(FittedElasticNet, "ElasticNet");
