//! t-distributed stochastic neighbour embedding.

mod affinities;
mod descent;
mod gradient;
mod tree;

use super::{PCA, SvdSolver};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{choice, clusterer, parameters};
use crate::random::Random;
use crate::{Error, Result, check};
use descent::Descent;
use gradient::{BarnesHut, Exact, Objective, Student};
use ndarray::{Array2, ArrayRef2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a [`TSNE`] computes its gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TsneMethod {
    /// Far points count in groups: O(n log n) a step, for up to 3 components.
    #[default]
    BarnesHut,
    /// All pairs: O(n²) a step and n² numbers in memory.
    Exact,
}

choice!(TsneMethod {
    BarnesHut = "barnes_hut",
    Exact = "exact",
});

/// Where the points of a [`TSNE`] start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TsneInit {
    /// On the principal components, so that the large picture is kept and nothing is random.
    #[default]
    Pca,
    /// Anywhere near 0.
    Random,
}

choice!(TsneInit {
    Pca = "pca",
    Random = "random",
});

/// t-SNE: a map on which near samples lie near each other, to look at tables of many columns.
///
/// Of the distances it makes probabilities p_ij that i and j are neighbours: p_{j|i} ∝ exp(−‖x_i − x_j‖² / 2σ_i²), with σ_i
/// such that a sample has about `perplexity` neighbours, p_ij = (p_{j|i} + p_{i|j}) / 2n. On the map the same is
/// q_ij ∝ (1 + ‖y_i − y_j‖²)⁻¹, Student's t-distribution, and gradient descent moves the y_i to minimise
///
/// KL(P ‖ Q) = Σ_{i≠j} p_ij ln(p_ij / q_ij), with ∂KL/∂y_i = 4 Σ_j (p_ij − q_ij) (y_i − y_j) (1 + ‖y_i − y_j‖²)⁻¹.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_components` | 2 | the dimension of the map | 1 to 3 |
/// | `perplexity` | 30.0 | how many neighbours a sample has, about | \[1, n_samples) |
/// | `early_exaggeration` | 12.0 | what the p_ij are multiplied by for 250 steps, so that clusters form | \[1, ∞) |
/// | `learning_rate` | max(n / early_exaggeration / 4, 50) | the length of a step | above 0 |
/// | `max_iter` | 1000 | the most steps | above 0 |
/// | `n_iter_without_progress` | 300 | steps without a lower KL before it gives up | |
/// | `min_grad_norm` | 1e-7 | a gradient that counts as 0 | \[0, ∞) |
/// | `init` | `pca` | where the points start: [`TsneInit`] | |
/// | `method` | `barnes_hut` | how the gradient is computed: [`TsneMethod`] | |
/// | `angle` | 0.5 | `barnes_hut`: how large a group may look and still count as one point | \[0, 1\] |
/// | `seed` | 0 | of a random start (scikit-learn's `random_state`) | |
///
/// What the map says is who is near whom. The size of a cluster, the distance between two, and the axes say nothing; and
/// there is no `transform`: a new sample has no place on it. Try several perplexities before you believe a cluster.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let map = TSNE::new().max_iter(300).fit(iris.features())?;
/// assert_eq!(map.embedding().dim(), (150, 2));
/// assert!(map.kl_divergence() < 0.5);
/// println!("{map}");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: L. van der Maaten, G. Hinton, *Visualizing data using t-SNE*, 2008; L. van der Maaten, *Accelerating t-SNE using
/// tree-based algorithms*, 2014; course, glossary (*Embedding*); scikit-learn, *TSNE*. In 3 dimensions the t-distribution
/// has 2 degrees of freedom, as there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TSNE {
    n_components: usize,
    perplexity: f64,
    early_exaggeration: f64,
    learning_rate: Option<f64>,
    max_iter: usize,
    n_iter_without_progress: usize,
    min_grad_norm: f64,
    init: TsneInit,
    start: Option<Array2<f64>>,
    method: TsneMethod,
    angle: f64,
    seed: u64,
}

impl Default for TSNE {
    fn default() -> Self {
        Self {
            n_components: 2,
            perplexity: 30.0,
            early_exaggeration: 12.0,
            learning_rate: None,
            max_iter: 1000,
            n_iter_without_progress: 300,
            min_grad_norm: 1e-7,
            init: TsneInit::Pca,
            start: None,
            method: TsneMethod::BarnesHut,
            angle: 0.5,
            seed: 0,
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty),* $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        }
    )*};
}

impl TSNE {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// The dimension of the map, 1 to 3.
        n_components: usize,
        /// How many neighbours a sample has, about.
        perplexity: f64,
        /// What the neighbourhoods are multiplied by for the first 250 steps.
        early_exaggeration: f64,
        /// The most steps.
        max_iter: usize,
        /// How many steps without a lower divergence before it gives up.
        n_iter_without_progress: usize,
        /// A gradient that counts as 0.
        min_grad_norm: f64,
        /// Where the points start.
        init: TsneInit,
        /// How the gradient is computed.
        method: TsneMethod,
        /// How large a group of points may look and still count as one, for `barnes_hut`.
        angle: f64,
        /// The seed of a random start.
        seed: u64,
    }

    /// The length of a step, in place of the one that depends on the number of samples.
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: f64) -> Self {
        self.learning_rate = Some(learning_rate);
        self
    }

    /// Where each point starts, shape (n_samples, n_components), in place of `init`.
    #[must_use]
    pub fn init_embedding(mut self, start: impl Into<Array2<f64>>) -> Self {
        self.start = Some(start.into());
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedTSNE> {
        check::table("x", &x)?;
        self.check(x.nrows())?;
        let start = self.start(&x)?;
        let (embedding, history) = match self.n_components {
            1 => self.descend::<1>(&x, &start),
            2 => self.descend::<2>(&x, &start),
            _ => self.descend::<3>(&x, &start),
        };
        if !embedding.iter().all(|value| value.is_finite()) {
            return Err(Error::parameter(
                "learning_rate",
                "so small that the map stays finite",
                self.step(x.nrows()),
            ));
        }
        Ok(FittedTSNE {
            embedding,
            history,
            learning_rate: self.step(x.nrows()),
            perplexity: self.perplexity,
            lineage: Lineage::default(),
        })
    }

    fn check(&self, n_samples: usize) -> Result<()> {
        if n_samples < 2 {
            return Err(Error::TooFewSamples {
                operation: "TSNE::fit",
                needed: 2,
                found: n_samples,
                advice: "leave it: one point needs no map",
            });
        }
        if !(1..=3).contains(&self.n_components) {
            return Err(Error::parameter(
                "n_components",
                "from 1 to 3",
                self.n_components,
            ));
        }
        if !(self.perplexity >= 1.0 && self.perplexity < n_samples as f64) {
            return Err(Error::parameter(
                "perplexity",
                format!("from 1 to below n_samples = {n_samples}"),
                self.perplexity,
            ));
        }
        let at_least = |name, value: f64, least: f64| match value >= least && value.is_finite() {
            true => Ok(()),
            false => Err(Error::parameter(name, format!("{least} or more"), value)),
        };
        at_least("early_exaggeration", self.early_exaggeration, 1.0)?;
        at_least("min_grad_norm", self.min_grad_norm, 0.0)?;
        if let Some(rate) = self.learning_rate
            && !(rate > 0.0 && rate.is_finite())
        {
            return Err(Error::parameter("learning_rate", "above 0", rate));
        }
        if self.max_iter == 0 {
            return Err(Error::parameter("max_iter", "1 or more", 0));
        }
        if !(0.0..=1.0).contains(&self.angle) {
            return Err(Error::parameter("angle", "from 0 to 1", self.angle));
        }
        Ok(())
    }

    fn step(&self, n_samples: usize) -> f64 {
        self.learning_rate
            .unwrap_or_else(|| (n_samples as f64 / self.early_exaggeration / 4.0).max(50.0))
    }

    /// The map before the first step.
    fn start(&self, x: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        let shape = (x.nrows(), self.n_components);
        if let Some(start) = &self.start {
            if start.dim() != shape {
                return Err(Error::ShapeMismatch {
                    operation: "TSNE::init_embedding",
                    needed: "one row for each sample and one column for each component",
                    left: shape,
                    right: start.dim(),
                    advice: "give a start of the first shape",
                });
            }
            check::table("init_embedding", start)?;
            return Ok(start.clone());
        }
        if self.init == TsneInit::Pca && x.nrows().min(x.ncols()) >= self.n_components {
            let pca = PCA::new().n_components(self.n_components).seed(self.seed);
            let solver = if x.ncols() <= 200 {
                SvdSolver::CovarianceEigh
            } else {
                SvdSolver::Auto
            };
            let map = pca
                .svd_solver(solver)
                .fit(&x.view())?
                .transform(&x.view())?;
            let spread = map.column(0).std(0.0);
            if spread > 0.0 {
                return Ok(map * (1e-4 / spread));
            }
        }
        // Also where there are fewer columns than components, or no variance at all.
        let mut random = Random::seeded(self.seed);
        Ok(Array2::from_shape_simple_fn(shape, || {
            1e-4 * random.normal()
        }))
    }

    fn descend<const D: usize>(
        &self,
        x: &ArrayRef2<f64>,
        start: &Array2<f64>,
    ) -> (Array2<f64>, Vec<Progress>) {
        let mut y: Vec<[f64; D]> = start
            .axis_iter(Axis(0))
            .map(|row| std::array::from_fn(|axis| row[axis]))
            .collect();
        let descent = Descent {
            early_exaggeration: self.early_exaggeration,
            learning_rate: self.step(x.nrows()),
            max_iter: self.max_iter,
            n_iter_without_progress: self.n_iter_without_progress,
            min_grad_norm: self.min_grad_norm,
        };
        let student = Student::for_map(D);
        let run = |objective: &dyn Objective<D>, y: &mut Vec<[f64; D]>| descent.run(objective, y);
        let history = match self.method {
            TsneMethod::Exact => {
                let p = affinities::dense(x, self.perplexity);
                run(&Exact { p: &p, student }, &mut y)
            }
            TsneMethod::BarnesHut => {
                let p = affinities::sparse(x, self.perplexity);
                let angle = self.angle;
                run(
                    &BarnesHut {
                        p: &p,
                        angle,
                        student,
                    },
                    &mut y,
                )
            }
        };
        let embedding = Array2::from_shape_fn((y.len(), D), |(row, axis)| y[row][axis]);
        (embedding, history)
    }
}

/// Where a descent stood at one of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// How many steps were done.
    pub iteration: usize,
    /// KL(P ‖ Q) before the last of them; of the exaggerated P where it is exaggerated.
    pub kl_divergence: f64,
    /// The length of the gradient, each coordinate times its gain.
    pub gradient_norm: f64,
    /// Whether P was exaggerated.
    pub exaggerated: bool,
}

/// A [`TSNE`] that has made its map. It shows as a table of its descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedTSNE {
    embedding: Array2<f64>,
    history: Vec<Progress>,
    learning_rate: f64,
    perplexity: f64,
    lineage: Lineage,
}

clusterer!(TSNE => FittedTSNE);
parameters!(TSNE {
    n_components,
    perplexity,
    early_exaggeration,
    learning_rate,
    max_iter,
    n_iter_without_progress,
    min_grad_norm,
    init,
    method,
    angle,
    seed
});

impl FittedTSNE {
    /// The map: a point for each sample, shape (n_samples, n_components).
    pub fn embedding(&self) -> &Array2<f64> {
        &self.embedding
    }

    /// KL(P ‖ Q) at the end.
    pub fn kl_divergence(&self) -> f64 {
        self.history
            .last()
            .map_or(f64::NAN, |last| last.kl_divergence)
    }

    /// How many steps were done.
    pub fn n_iter(&self) -> usize {
        self.history.last().map_or(0, |last| last.iteration)
    }

    /// The divergence every 50 steps, and at the end of both parts of the descent.
    pub fn history(&self) -> &[Progress] {
        &self.history
    }

    /// The length of a step.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["iteration", "KL(P‖Q)", "gradient", "exaggerated"])
            .decimals(4)
            .caption(format!(
                "TSNE of {} samples on {} dimensions, perplexity {}, learning rate {}",
                self.embedding.nrows(),
                self.embedding.ncols(),
                self.perplexity,
                self.learning_rate
            ));
        for step in &self.history {
            table.push(vec![
                step.iteration.into(),
                step.kl_divergence.into(),
                step.gradient_norm.into(),
                if step.exaggerated { "yes" } else { "no" }.into(),
            ]);
        }
        table
    }
}

impl fmt::Display for FittedTSNE {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedTSNE {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
