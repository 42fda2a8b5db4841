use super::{Resampled, SamplingStrategy, Source, check_rows, counts, rows_of};
use crate::estimator::{TrainingLabels, parameters};
use crate::random::Random;
use crate::{Error, Result};
use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Makes up rows of the smaller classes, each somewhere between a row and one of its nearest neighbours of the same class.
///
/// A new row is x_i + u (x_j − x_i), with row i drawn at random, j one of its `k_neighbors` nearest rows of the same class,
/// and u uniform from 0 to 1. Scale the features first: neighbours are found by distance.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `sampling_strategy` | `auto`: all but the largest class | which classes grow, and to what size | |
/// | `k_neighbors` | 5 | neighbours to go towards | 1 … size of the class − 1 |
/// | `seed` | 0 | draws rows, neighbours and u | |
///
/// The original rows come first, in their order; then what is added to each class, ascending by class.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0], [10.0], [11.0]];
/// let balanced = SMOTE::new().k_neighbors(1).fit_resample((&x, &array![0, 0, 0, 0, 1, 1]))?;
/// assert_eq!(balanced.counts(), [(0, 4), (1, 4)]);
/// assert!(balanced.x().column(0).iter().skip(6).all(|x| (10.0..=11.0).contains(x)));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: imbalanced-learn, *SMOTE*; Chawla and others, *SMOTE: synthetic minority over-sampling technique* (2002).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SMOTE {
    sampling_strategy: SamplingStrategy,
    k_neighbors: usize,
    seed: u64,
}

impl Default for SMOTE {
    fn default() -> Self {
        Self {
            sampling_strategy: SamplingStrategy::Auto,
            k_neighbors: 5,
            seed: 0,
        }
    }
}

parameters!(SMOTE {
    sampling_strategy,
    k_neighbors,
    seed
});

impl SMOTE {
    /// A sampler with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which classes grow, and to what size.
    #[must_use]
    pub fn sampling_strategy(mut self, sampling_strategy: SamplingStrategy) -> Self {
        self.sampling_strategy = sampling_strategy;
        self
    }

    /// How many neighbours a row may go towards.
    #[must_use]
    pub fn k_neighbors(mut self, k_neighbors: usize) -> Self {
        self.k_neighbors = k_neighbors;
        self
    }

    /// The seed that draws rows, neighbours and steps.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The rows, and made-up ones of the smaller classes. `data` is `(&x, &y)` or a training set, `&train`.
    ///
    /// # Errors
    /// When the features are empty or not finite, features and labels differ in length, there is one class only, the
    /// strategy does not suit the classes, or a class that grows has no more than `k_neighbors` rows.
    pub fn fit_resample(&self, data: impl TrainingLabels) -> Result<Resampled> {
        let training = data.training_labels()?;
        let (x, y) = (training.x, training.y);
        check_rows(&x, &y)?;
        let mut random = Random::seeded(self.seed);
        let mut sources: Vec<Source> = (0..y.len()).map(Source::Row).collect();
        for (class, n_more) in self.sampling_strategy.to_add(&counts(&y))? {
            if n_more == 0 {
                continue;
            }
            let rows = rows_of(&y, class);
            if self.k_neighbors == 0 || self.k_neighbors >= rows.len() {
                return Err(Error::parameter(
                    "k_neighbors",
                    format!(
                        "from 1 to {}: class {class} has {} rows",
                        rows.len() - 1,
                        rows.len()
                    ),
                    self.k_neighbors,
                ));
            }
            let neighbors = nearest(&x, &rows, self.k_neighbors);
            sources.extend((0..n_more).map(|_| {
                let place = random.below(rows.len() * self.k_neighbors);
                let step = random.uniform();
                Source::Between {
                    row: rows[place / self.k_neighbors],
                    neighbor: neighbors[place / self.k_neighbors][place % self.k_neighbors],
                    step,
                }
            }));
        }
        Ok(Resampled::of(&x, &y, sources))
    }
}

/// The nearest other rows of each row, among some rows; of equally near ones the first.
fn nearest(x: &ArrayView2<'_, f64>, rows: &[usize], k: usize) -> Vec<Vec<usize>> {
    // Column by column, so that the distances to all rows grow side by side.
    let of_column = |column: usize| rows.iter().map(|&row| x[[row, column]]).collect();
    let columns: Vec<Vec<f64>> = (0..x.ncols()).map(of_column).collect();
    let of_row = |place: usize| -> Vec<usize> {
        let mut squares = vec![0.0; rows.len()];
        for column in &columns {
            let own = column[place];
            for (square, value) in squares.iter_mut().zip(column) {
                *square += (value - own) * (value - own);
            }
        }
        let mut found: Vec<(f64, usize)> = squares.into_iter().zip(0..).collect();
        found.swap_remove(place);
        let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        found.select_nth_unstable_by(k - 1, order);
        found.truncate(k);
        found.sort_unstable_by(order);
        found.into_iter().map(|(_, other)| rows[other]).collect()
    };
    (0..rows.len()).into_par_iter().map(of_row).collect()
}
