use super::components::Components;
use super::randomized::Effort;
use super::spectrum::{by_covariance, by_random_directions, by_svd, centre, column_means};
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{choice, parameters, transformer};
use crate::linalg::{self, Dense};
use crate::{Error, Result, check};
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the components are found: they are the same up to rounding, `randomized` up to its accuracy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SvdSolver {
    /// By the shape, as scikit-learn chooses: `covariance_eigh` for up to 1000 columns and 10 times as many rows; else
    /// `full` up to 500 rows and columns; else `randomized` for fewer than 80 % of the components; else `full`.
    #[default]
    Auto,
    /// The singular value decomposition of the centred table.
    Full,
    /// The eigenvectors of the covariance matrix: the fastest for many rows, but small variances keep half the digits.
    CovarianceEigh,
    /// The largest components only, from random directions (Halko, Martinsson and Tropp).
    Randomized,
}

choice!(SvdSolver {
    Auto = "auto",
    Full = "full",
    CovarianceEigh = "covariance_eigh",
    Randomized = "randomized",
});

/// Principal component analysis: the directions along which the data varies most, at right angles to each other.
///
/// For centred rows x_i − μ, the first component is the unit vector v₁ that maximises the variance of vᵀ(x − μ), the next
/// ones the same among those orthogonal to it. They are the eigenvectors of the covariance
/// C = Σ_i (x_i − μ)(x_i − μ)ᵀ / (n − 1), C v_k = λ_k v_k, and the right singular vectors of the centred table
/// X − 1μᵀ = U Σ Vᵀ, with λ_k = σ_k² / (n − 1). [`transform`](FittedPCA::transform) gives z = V (x − μ), the scores on the
/// components; each explains the share λ_k / Σ_j λ_j of the variance.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_components` | all | how many, or a share of the variance to explain | 1 to min(n_samples, n_features), or in (0, 1) |
/// | `whiten` | false | divide each score by √λ_k: variance 1 | |
/// | `svd_solver` | `auto` | how they are found: [`SvdSolver`] | |
/// | `n_oversamples` | 10 | `randomized`: random directions beyond the components | |
/// | `iterated_power` | 7 or 4 | `randomized`: how often X and Xᵀ are applied | |
/// | `seed` | 0 | `randomized`: of the random directions (scikit-learn's `random_state`) | |
///
/// Standardise columns of different units first: a column in millimetres has a million times the variance of the same in
/// metres. The sign of a component is arbitrary; here its largest entry is positive, as in scikit-learn.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let scaler = StandardScaler::new().fit(&train)?;
/// // As many components as explain 95 % of the variance.
/// let pca = PCA::new().n_components(0.95).fit(&scaler.transform(&train)?)?;
/// assert_eq!(pca.n_components(), 2);
/// let plane = pca.transform(&scaler.transform(&test)?)?;
/// assert_eq!(plane.feature_names(), ["pca0", "pca1"]);
/// println!("{pca}");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, glossary (*PCA*) and section 1.1 (*Valeurs Propres*, *SVD*); scikit-learn, *PCA*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PCA {
    n_components: Components,
    whiten: bool,
    svd_solver: SvdSolver,
    n_oversamples: usize,
    iterated_power: Option<usize>,
    seed: u64,
}

impl Default for PCA {
    fn default() -> Self {
        Self {
            n_components: Components::All,
            whiten: false,
            svd_solver: SvdSolver::Auto,
            n_oversamples: 10,
            iterated_power: None,
            seed: 0,
        }
    }
}

impl PCA {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many components: `3`, or the share of the variance that they explain: `0.95`.
    #[must_use]
    pub fn n_components(mut self, n_components: impl Into<Components>) -> Self {
        self.n_components = n_components.into();
        self
    }

    /// Whether each score is divided by its standard deviation.
    #[must_use]
    pub fn whiten(mut self, whiten: bool) -> Self {
        self.whiten = whiten;
        self
    }

    /// How the components are found.
    #[must_use]
    pub fn svd_solver(mut self, svd_solver: SvdSolver) -> Self {
        self.svd_solver = svd_solver;
        self
    }

    /// Random directions beyond the components, for `randomized`.
    #[must_use]
    pub fn n_oversamples(mut self, n_oversamples: usize) -> Self {
        self.n_oversamples = n_oversamples;
        self
    }

    /// How often the table and its transpose are applied, for `randomized`.
    #[must_use]
    pub fn iterated_power(mut self, iterated_power: usize) -> Self {
        self.iterated_power = Some(iterated_power);
        self
    }

    /// The seed of the random directions, for `randomized`.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedPCA> {
        let (n_samples, n_features) = x.dim();
        if n_samples < 2 || n_features == 0 {
            check::table("x", &x)?;
            return Err(Error::TooFewSamples {
                operation: "PCA::fit",
                needed: 2,
                found: n_samples,
                advice: "leave the table as it is: one row has no variance",
            });
        }
        let most = n_samples.min(n_features);
        let mean = column_means(&x)?;
        self.n_components.check(most)?;
        let solver = self.solver(x.dim());
        let spectrum = match solver {
            SvdSolver::CovarianceEigh => by_covariance(&x, &mean)?,
            SvdSolver::Randomized => {
                by_random_directions(&x, &mean, self.n_components, self.effort())?
            }
            SvdSolver::Full | SvdSolver::Auto => by_svd(&x, &mean)?,
        };
        let n_components = self.n_components.count(&spectrum.ratios().to_vec());
        let kept = |values: &Array1<f64>| values.slice(s![..n_components]).to_owned();
        let explained = kept(&spectrum.variances);
        Ok(FittedPCA {
            components: spectrum.components.slice(s![..n_components, ..]).to_owned(),
            explained_variance_ratio: kept(&spectrum.ratios()),
            singular_values: explained
                .mapv(|variance| (variance * (n_samples as f64 - 1.0)).sqrt()),
            noise_variance: spectrum.noise(n_components, most),
            explained_variance: explained,
            mean,
            n_samples,
            whiten: self.whiten,
            solver,
            lineage: Lineage::default(),
        })
    }

    fn effort(&self) -> Effort {
        Effort {
            n_oversamples: self.n_oversamples,
            n_iter: self.iterated_power,
            seed: self.seed,
        }
    }

    /// What `auto` means for a shape.
    fn solver(&self, (n_samples, n_features): (usize, usize)) -> SvdSolver {
        if self.svd_solver != SvdSolver::Auto {
            return self.svd_solver;
        }
        let smaller = n_samples.min(n_features);
        let few = matches!(self.n_components, Components::Count(count) if (count as f64) < 0.8 * smaller as f64);
        if n_features <= 1000 && n_samples >= 10 * n_features {
            SvdSolver::CovarianceEigh
        } else if n_samples.max(n_features) > 500 && few {
            SvdSolver::Randomized
        } else {
            SvdSolver::Full
        }
    }
}

/// A [`PCA`] that has learnt. It shows as a table of the variance that each component explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedPCA {
    components: Array2<f64>,
    explained_variance: Array1<f64>,
    explained_variance_ratio: Array1<f64>,
    singular_values: Array1<f64>,
    noise_variance: f64,
    mean: Array1<f64>,
    n_samples: usize,
    whiten: bool,
    solver: SvdSolver,
    lineage: Lineage,
}

transformer!(PCA => FittedPCA);
parameters!(PCA {
    n_components,
    whiten,
    svd_solver,
    n_oversamples,
    iterated_power,
    seed
});

impl FittedPCA {
    /// z = V (x − μ), divided by √λ when whitened.
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("PCA::transform", self.mean.len(), &x)?;
        check::not_empty("x", x.nrows())?;
        let mut z = self.scores(x);
        // A number in x that is not finite leaves none here.
        if !z.iter().all(|score| score.is_finite()) {
            check::table("x", &x)?;
        }
        if self.whiten {
            z /= &self.scale();
        }
        Ok(z)
    }

    /// V (x − μ), in blocks of rows.
    fn scores(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        const LEN: usize = 256;
        let (n_components, n_features) = self.components.dim();
        let components = Dense::new(&self.components);
        let mut z = Array2::zeros((x.nrows(), n_components));
        z.as_slice_mut()
            .expect("a fresh array is in standard layout")
            .par_chunks_mut(LEN * n_components)
            .enumerate()
            .for_each(|(block, scores)| {
                let n_rows = scores.len() / n_components;
                let mut rows = vec![0.0; n_rows * n_features];
                centre(&x, &self.mean, block * LEN, &mut rows);
                faer::linalg::matmul::matmul(
                    MatMut::from_row_major_slice_mut(scores, n_rows, n_components),
                    Accum::Replace,
                    MatRef::from_row_major_slice(&rows, n_rows, n_features),
                    components.mat().transpose(),
                    1.0,
                    Par::Seq,
                );
            });
        z
    }

    /// √λ, and for a component without variance a number that divides nothing away (scikit-learn's 2⁻⁵²).
    fn scale(&self) -> Array1<f64> {
        self.explained_variance
            .mapv(|variance| variance.sqrt().max(f64::EPSILON))
    }

    /// The names of the components: `pca0`, `pca1`, …
    pub fn feature_names_out(&self, _: &[String]) -> Vec<String> {
        (0..self.n_components())
            .map(|component| format!("pca{component}"))
            .collect()
    }

    /// Vᵀ z + μ: the point of the original space that has the scores z, shape (n_samples, n_features). With all components
    /// it is what [`transform`](Self::transform) started from, with fewer the nearest that they can say.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// let x = array![[1.0, 2.0], [2.0, 4.1], [3.0, 5.9]];
    /// let pca = PCA::new().n_components(1).fit(&x)?;
    /// let nearly = pca.inverse_transform(&pca.transform(&x)?)?;
    /// assert!((nearly - &x).iter().all(|error| error.abs() < 0.1));
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// When `z` has not one column for each component, is empty or not finite.
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features("PCA::inverse_transform", self.n_components(), z)?;
        check::table("z", z)?;
        if self.whiten {
            return Ok(
                linalg::matmul(&(&z.view() * &self.scale()), &self.components)? + &self.mean,
            );
        }
        Ok(linalg::matmul(z, &self.components)? + &self.mean)
    }

    /// The components v_k as rows, shape (n_components, n_features), the one of the most variance first.
    pub fn components(&self) -> &Array2<f64> {
        &self.components
    }

    /// The variance λ_k along each component, shape (n_components).
    pub fn explained_variance(&self) -> &Array1<f64> {
        &self.explained_variance
    }

    /// The share of the variance that each component explains, shape (n_components).
    pub fn explained_variance_ratio(&self) -> &Array1<f64> {
        &self.explained_variance_ratio
    }

    /// The singular values σ_k of the centred table, shape (n_components).
    pub fn singular_values(&self) -> &Array1<f64> {
        &self.singular_values
    }

    /// The mean variance of the components left out: what is noise, when the rest is signal.
    pub fn noise_variance(&self) -> f64 {
        self.noise_variance
    }

    /// The mean of each column, shape (n_features).
    pub fn mean(&self) -> &Array1<f64> {
        &self.mean
    }

    /// The number of components.
    pub fn n_components(&self) -> usize {
        self.components.nrows()
    }

    /// The number of samples it was fitted on.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// The solver that `auto` chose.
    pub fn solver(&self) -> SvdSolver {
        self.solver
    }

    fn table(&self) -> Table {
        let n_shown = self.mean.len().min(6);
        let mut columns: Vec<String> = ["component", "λ", "ratio", "cumulated"]
            .map(str::to_owned)
            .to_vec();
        columns.extend((0..n_shown).map(|feature| format!("v{feature}")));
        let mut table = Table::new(&columns).decimals(4).caption(format!(
            "PCA fitted on {} samples × {} features ({}): {} components",
            self.n_samples,
            self.mean.len(),
            self.solver,
            self.n_components()
        ));
        let mut cumulated = 0.0;
        for component in 0..self.n_components() {
            let ratio = self.explained_variance_ratio[component];
            cumulated += ratio;
            let mut cells: Vec<Cell> = vec![
                component.into(),
                self.explained_variance[component].into(),
                ratio.into(),
                cumulated.into(),
            ];
            let entries = self.components.row(component);
            cells.extend(entries.iter().take(n_shown).map(|&entry| Cell::from(entry)));
            table.push(cells);
        }
        table
    }
}

impl fmt::Display for FittedPCA {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedPCA {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
