use super::randomized::{Effort, exact_singular, largest_singular};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{choice, parameters, transformer};
use crate::linalg::{self, flip_by_rows};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a [`TruncatedSVD`] finds its components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TruncatedSolver {
    /// From random directions (Halko, Martinsson and Tropp).
    #[default]
    Randomized,
    /// From the whole singular value decomposition: what scikit-learn's `arpack` converges to.
    Exact,
}

choice!(TruncatedSolver {
    Randomized = "randomized",
    Exact = "exact",
});

/// Truncated singular value decomposition: the rank-k matrix nearest to the table, X ≈ U_k Σ_k V_kᵀ.
///
/// It is [`PCA`](super::PCA) without centring. [`transform`](FittedTruncatedSVD::transform) gives z = V_kᵀ x. Of a table of
/// word counts this is latent semantic analysis; centring would fill its zeros.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_components` | 2 | k | 1 to min(n_samples, n_features) |
/// | `algorithm` | `randomized` | how they are found: [`TruncatedSolver`] | |
/// | `n_iter` | 5 | `randomized`: how often X and Xᵀ are applied | |
/// | `n_oversamples` | 10 | `randomized`: random directions beyond the components | |
/// | `seed` | 0 | `randomized`: of the random directions (scikit-learn's `random_state`) | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// // Two topics, and how often five words stand in four texts.
/// let x = array![[2.0, 1.0, 0.0, 0.0, 1.0], [3.0, 2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 4.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0, 0.0]];
/// let svd = TruncatedSVD::new().fit(&x)?;
/// let z = svd.transform(&x)?;
/// assert_eq!(z.dim(), (4, 2));
/// assert!(svd.explained_variance_ratio().sum() > 0.8);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.1 (*SVD*); scikit-learn, *TruncatedSVD*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TruncatedSVD {
    n_components: usize,
    algorithm: TruncatedSolver,
    n_iter: usize,
    n_oversamples: usize,
    seed: u64,
}

impl Default for TruncatedSVD {
    fn default() -> Self {
        Self {
            n_components: 2,
            algorithm: TruncatedSolver::Randomized,
            n_iter: 5,
            n_oversamples: 10,
            seed: 0,
        }
    }
}

impl TruncatedSVD {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many components.
    #[must_use]
    pub fn n_components(mut self, n_components: usize) -> Self {
        self.n_components = n_components;
        self
    }

    /// How the components are found.
    #[must_use]
    pub fn algorithm(mut self, algorithm: TruncatedSolver) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// How often the table and its transpose are applied, for `randomized`.
    #[must_use]
    pub fn n_iter(mut self, n_iter: usize) -> Self {
        self.n_iter = n_iter;
        self
    }

    /// Random directions beyond the components, for `randomized`.
    #[must_use]
    pub fn n_oversamples(mut self, n_oversamples: usize) -> Self {
        self.n_oversamples = n_oversamples;
        self
    }

    /// The seed of the random directions, for `randomized`.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedTruncatedSVD> {
        check::table("x", &x)?;
        let most = x.nrows().min(x.ncols());
        if !(1..=most).contains(&self.n_components) {
            return Err(Error::parameter(
                "n_components",
                format!("from 1 to min(n_samples, n_features) = {most}"),
                self.n_components,
            ));
        }
        let operation = "TruncatedSVD::fit";
        let (singular_values, mut components) = match self.algorithm {
            TruncatedSolver::Exact => exact_singular(operation, &x, self.n_components)?,
            TruncatedSolver::Randomized => {
                let effort = Effort {
                    n_oversamples: self.n_oversamples,
                    n_iter: Some(self.n_iter),
                    seed: self.seed,
                };
                largest_singular(operation, &x, self.n_components, effort)?
            }
        };
        flip_by_rows(&mut components);
        let explained_variance = variances(&linalg::matmul(&x, &components.t())?);
        let total = variances(&x).sum();
        if let Some(column) = (0..x.ncols()).find(|_| !total.is_finite()) {
            return Err(Error::Overflow { what: "x", column });
        }
        Ok(FittedTruncatedSVD {
            explained_variance_ratio: &explained_variance / if total > 0.0 { total } else { 1.0 },
            explained_variance,
            components,
            singular_values,
            n_samples: x.nrows(),
            lineage: Lineage::default(),
        })
    }
}

/// The population variance of each column.
fn variances(x: &ArrayRef2<f64>) -> Array1<f64> {
    let n_samples = x.nrows() as f64;
    x.columns()
        .into_iter()
        .map(|column| {
            let mean = column.sum() / n_samples;
            column
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
                / n_samples
        })
        .collect()
}

/// A [`TruncatedSVD`] that has learnt. It shows as a table of the variance that each component explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedTruncatedSVD {
    components: Array2<f64>,
    explained_variance: Array1<f64>,
    explained_variance_ratio: Array1<f64>,
    singular_values: Array1<f64>,
    n_samples: usize,
    lineage: Lineage,
}

transformer!(TruncatedSVD => FittedTruncatedSVD);
parameters!(TruncatedSVD {
    n_components,
    algorithm,
    n_iter,
    n_oversamples,
    seed
});

impl FittedTruncatedSVD {
    /// z = V_kᵀ x.
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("TruncatedSVD::transform", self.components.ncols(), &x)?;
        linalg::matmul(&x, &self.components.t())
    }

    /// The names of the components: `truncatedsvd0`, `truncatedsvd1`, …
    pub fn feature_names_out(&self, _: &[String]) -> Vec<String> {
        (0..self.components.nrows())
            .map(|component| format!("truncatedsvd{component}"))
            .collect()
    }

    /// V_k z: the rank-k approximation of the rows whose scores are z, shape (n_samples, n_features).
    ///
    /// # Errors
    /// When `z` has not one column for each component, is empty or not finite.
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features(
            "TruncatedSVD::inverse_transform",
            self.components.nrows(),
            z,
        )?;
        linalg::matmul(z, &self.components)
    }

    /// The right singular vectors as rows, shape (n_components, n_features).
    pub fn components(&self) -> &Array2<f64> {
        &self.components
    }

    /// The (population) variance of the scores on each component, shape (n_components).
    pub fn explained_variance(&self) -> &Array1<f64> {
        &self.explained_variance
    }

    /// The share of the variance of the columns that each component explains, shape (n_components).
    pub fn explained_variance_ratio(&self) -> &Array1<f64> {
        &self.explained_variance_ratio
    }

    /// The largest singular values σ, shape (n_components).
    pub fn singular_values(&self) -> &Array1<f64> {
        &self.singular_values
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["component", "σ", "variance", "ratio"])
            .decimals(4)
            .caption(format!(
                "TruncatedSVD fitted on {} samples × {} features: {} components",
                self.n_samples,
                self.components.ncols(),
                self.components.nrows()
            ));
        for component in 0..self.components.nrows() {
            table.push(vec![
                component.into(),
                self.singular_values[component].into(),
                self.explained_variance[component].into(),
                self.explained_variance_ratio[component].into(),
            ]);
        }
        table
    }
}

impl fmt::Display for FittedTruncatedSVD {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedTruncatedSVD {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
