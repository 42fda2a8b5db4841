use super::centred::Centred;
use super::line::{Line, line_accessors};
use super::moments::{Moments, Samples};
use super::nonnegative::nonnegative;
use super::solve::{Cholesky, Svd, eigenvalues};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, regressor};
use crate::{Error, Result};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The largest condition number of XᵀX + αI that Cholesky's factor is trusted with.
const TRUSTED: f64 = 1e8;
/// Rows and columns of XXᵀ that one task computes.
const TILE: usize = 128;

/// Least squares that prefers small coefficients (an L2 penalty).
///
/// The fit minimises Σ_i s_i (y_i − wᵀx_i − b)² + α ‖w‖², with s_i = 1 or the sample weights. For centred X and y the
/// solution is w* = (XᵀX + αI)⁻¹ Xᵀy; the intercept b is not penalised. The larger α, the smaller and the steadier the
/// coefficients: more bias, less variance.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `alpha` | 1.0 | how strong the penalty is | \[0, ∞) |
/// | `fit_intercept` | true | whether to learn b | |
/// | `positive` | false | whether no coefficient may be negative | |
///
/// The course writes λ for α; they are equal, and [`lambda`](Self::lambda) is [`alpha`](Self::alpha) by that name. (The
/// course's formula has no intercept; one written as a column of ones in X would be penalised too.)
///
/// Features on different scales are penalised differently: standardise them first.
///
/// # How it is solved
///
/// With more samples than features by a Cholesky factor of XᵀX + αI, p × p; otherwise by one of XXᵀ + αI, n × n, for
/// w* = Xᵀ (XXᵀ + αI)⁻¹ y, which is the same; and by singular values of X where α is so small that those would lose
/// digits. `alpha` 0 is [`LinearRegression`](super::LinearRegression).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[0.0], [1.0], [2.0]], array![0.0, 1.0, 2.0]);
/// let model = Ridge::new().alpha(2.0).fit((&x, &y))?;
/// // Σ (x − 1)² = 2, Σ (x − 1)(y − 1) = 2: w = 2 / (2 + α)
/// assert!((model.coef()[0] - 0.5).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.3 (*Ridge (L2)*); scikit-learn, *Ridge*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ridge {
    alpha: f64,
    fit_intercept: bool,
    positive: bool,
}

impl Default for Ridge {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            fit_intercept: true,
            positive: false,
        }
    }
}

impl Ridge {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How strong the penalty is, 0 or more.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// The course's λ: the same as [`alpha`](Self::alpha).
    #[must_use]
    pub fn lambda(self, lambda: f64) -> Self {
        self.alpha(lambda)
    }

    /// Whether to learn an intercept; without one the line goes through the origin.
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
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
    ) -> Result<FittedRidge> {
        if !(self.alpha >= 0.0 && self.alpha.is_finite()) {
            return Err(Error::parameter("alpha", "finite, 0 or more", self.alpha));
        }
        let samples = Samples::new(x, y, sample_weight)?;
        let line = if self.positive || samples.len() > samples.n_features() {
            self.tall_solution(&samples)?
        } else {
            self.wide_solution(&samples)?
        };
        Ok(FittedRidge {
            line,
            alpha: self.alpha,
            n_samples: samples.len(),
            lineage: Lineage::default(),
        })
    }

    /// By XᵀX + αI.
    fn tall_solution(&self, samples: &Samples<'_>) -> Result<Line> {
        let moments = Moments::of(samples, self.fit_intercept)?;
        let mut gram = moments.gram.clone();
        add_to_diagonal(&mut gram, self.alpha);
        let coef = if self.positive {
            nonnegative(gram.as_ref(), &moments.xy)
        } else {
            match trusted_cholesky(gram, self.alpha) {
                Some(cholesky) => cholesky.solve(&moments.xy),
                None => {
                    return self.svd_solution(samples, &Centred::of(samples, self.fit_intercept)?);
                }
            }
        };
        let coef = Array1::from(coef);
        Ok(Line {
            intercept: moments.intercept(&coef),
            coef,
        })
    }

    /// By XXᵀ + αI.
    fn wide_solution(&self, samples: &Samples<'_>) -> Result<Line> {
        let centred = Centred::of(samples, self.fit_intercept)?;
        let mut gram = row_products(centred.table());
        add_to_diagonal(&mut gram, self.alpha);
        let Some(cholesky) = trusted_cholesky(gram, self.alpha) else {
            return self.svd_solution(samples, &centred);
        };
        let coef = Array1::from(centred.products(&cholesky.solve(&centred.y)));
        Ok(Line {
            intercept: centred.intercept(&coef),
            coef,
        })
    }

    /// w = V diag(σ / (σ² + α)) Uᵀy.
    fn svd_solution(&self, samples: &Samples<'_>, centred: &Centred) -> Result<Line> {
        let svd = Svd::of(centred.table()).ok_or_else(|| samples.not_finite(Some(0)))?;
        let largest = svd.singular.first().copied().unwrap_or(0.0);
        let least = f64::EPSILON * samples.len().max(centred.n_features()) as f64 * largest;
        let coef = Array1::from(svd.apply(&centred.y, |singular| {
            if singular > least {
                singular / (singular * singular + self.alpha)
            } else {
                0.0
            }
        }));
        Ok(Line {
            intercept: centred.intercept(&coef),
            coef,
        })
    }
}

/// XXᵀ, lower triangle, tile by tile.
fn row_products(x: MatRef<'_, f64>) -> Mat<f64> {
    let n_tiles = x.nrows().div_ceil(TILE);
    let rows = |tile: usize| x.subrows(tile * TILE, TILE.min(x.nrows() - tile * TILE));
    let tiles: Vec<(usize, usize)> = (0..n_tiles)
        .flat_map(|row| (0..=row).map(move |column| (row, column)))
        .collect();
    let products: Vec<Mat<f64>> = tiles
        .par_iter()
        .map(|&(row, column)| {
            let (left, right) = (rows(row), rows(column));
            let mut product = Mat::zeros(left.nrows(), right.nrows());
            matmul(
                product.as_mut(),
                Accum::Replace,
                left,
                right.transpose(),
                1.0,
                Par::Seq,
            );
            product
        })
        .collect();
    let mut gram = Mat::zeros(x.nrows(), x.nrows());
    for ((row, column), product) in tiles.into_iter().zip(products) {
        gram.submatrix_mut(row * TILE, column * TILE, product.nrows(), product.ncols())
            .copy_from(&product);
    }
    gram
}

fn add_to_diagonal(gram: &mut Mat<f64>, alpha: f64) {
    for place in 0..gram.nrows() {
        gram[(place, place)] += alpha;
    }
}

/// The factor of a matrix whose eigenvalues are α or more, unless its condition number is too large. Mostly the trace
/// bounds that well enough.
fn trusted_cholesky(gram: Mat<f64>, alpha: f64) -> Option<Cholesky> {
    let trace: f64 = (0..gram.nrows()).map(|place| gram[(place, place)]).sum();
    let trusted = trace <= TRUSTED * alpha
        || eigenvalues(gram.as_ref()).is_some_and(|values| {
            matches!(values[..], [least, .., largest] if largest <= TRUSTED * least)
                || matches!(values[..], [only] if only > 0.0)
        });
    trusted.then(|| Cholesky::of(gram)).flatten()
}

/// A [`Ridge`] that has learnt. It shows as a table of its coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedRidge {
    line: Line,
    alpha: f64,
    n_samples: usize,
    lineage: Lineage,
}

regressor!(Ridge => FittedRidge);
parameters!(Ridge {
    alpha,
    fit_intercept,
    positive
});
line_accessors!(FittedRidge, "Ridge");

impl FittedRidge {
    fn table(&self) -> Table {
        self.line.table(format!(
            "Ridge with alpha {} fitted on {} samples × {} features",
            self.alpha,
            self.n_samples,
            self.line.coef.len()
        ))
    }
}
