use super::{Resampled, SamplingStrategy, Source, check_rows, counts, rows_of};
use crate::Result;
use crate::estimator::{TrainingLabels, parameters};
use crate::random::Random;
use serde::{Deserialize, Serialize};

/// Repeats rows of the smaller classes, drawn at random, until they are as large as the largest.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `sampling_strategy` | `auto`: all but the largest class | which classes grow, and to what size |
/// | `seed` | 0 | draws the rows |
///
/// The original rows come first, in their order; then what is added to each class, ascending by class.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[1.0], [2.0], [3.0]], array![0, 0, 1]);
/// let balanced = RandomOverSampler::new().fit_resample((&x, &y))?;
/// assert_eq!(balanced.x(), array![[1.0], [2.0], [3.0], [3.0]]);
/// assert_eq!(balanced.sources()[3].rows(), [2]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: imbalanced-learn, *RandomOverSampler*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RandomOverSampler {
    sampling_strategy: SamplingStrategy,
    seed: u64,
}

/// Drops rows of the larger classes, drawn at random, until they are as small as the smallest.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `sampling_strategy` | `auto`: all but the smallest class | which classes shrink, and to what size |
/// | `replacement` | false | whether a row may be drawn twice |
/// | `seed` | 0 | draws the rows |
///
/// Rows come by class, ascending.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[1.0], [2.0], [3.0], [4.0]], array![0, 0, 0, 1]);
/// let balanced = RandomUnderSampler::new().fit_resample((&x, &y))?;
/// assert_eq!(balanced.counts(), [(0, 1), (1, 1)]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: imbalanced-learn, *RandomUnderSampler*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RandomUnderSampler {
    sampling_strategy: SamplingStrategy,
    replacement: bool,
    seed: u64,
}

parameters!(RandomOverSampler {
    sampling_strategy,
    seed
});
parameters!(RandomUnderSampler {
    sampling_strategy,
    replacement,
    seed
});

impl RandomOverSampler {
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

    /// The seed that draws the rows.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The rows, and more of the smaller classes. `data` is `(&x, &y)` or a training set, `&train`.
    ///
    /// # Errors
    /// When the features are empty or not finite, features and labels differ in length, there is one class only, or the
    /// strategy does not suit the classes.
    pub fn fit_resample(&self, data: impl TrainingLabels) -> Result<Resampled> {
        let training = data.training_labels()?;
        let (x, y) = (training.x, training.y);
        check_rows(&x, &y)?;
        let mut random = Random::seeded(self.seed);
        let mut sources: Vec<Source> = (0..y.len()).map(Source::Row).collect();
        for (class, n_more) in self.sampling_strategy.to_add(&counts(&y))? {
            let rows = rows_of(&y, class);
            sources.extend((0..n_more).map(|_| Source::Row(rows[random.below(rows.len())])));
        }
        Ok(Resampled::of(&x, &y, sources))
    }
}

impl RandomUnderSampler {
    /// A sampler with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which classes shrink, and to what size.
    #[must_use]
    pub fn sampling_strategy(mut self, sampling_strategy: SamplingStrategy) -> Self {
        self.sampling_strategy = sampling_strategy;
        self
    }

    /// Whether a row may be drawn twice.
    #[must_use]
    pub fn replacement(mut self, replacement: bool) -> Self {
        self.replacement = replacement;
        self
    }

    /// The seed that draws the rows.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The rows, with fewer of the larger classes. `data` is `(&x, &y)` or a training set, `&train`.
    ///
    /// # Errors
    /// As [`RandomOverSampler::fit_resample`].
    pub fn fit_resample(&self, data: impl TrainingLabels) -> Result<Resampled> {
        let training = data.training_labels()?;
        let (x, y) = (training.x, training.y);
        check_rows(&x, &y)?;
        let counts = counts(&y);
        let sizes = self.sampling_strategy.to_keep(&counts, self.replacement)?;
        let mut random = Random::seeded(self.seed);
        let mut sources = Vec::new();
        for (class, _) in counts {
            let mut rows = rows_of(&y, class);
            if let Some(&(_, size)) = sizes.iter().find(|(resampled, _)| *resampled == class) {
                rows = if self.replacement {
                    (0..size).map(|_| rows[random.below(rows.len())]).collect()
                } else {
                    random.shuffle(&mut rows);
                    rows.truncate(size);
                    rows
                };
            }
            sources.extend(rows.into_iter().map(Source::Row));
        }
        Ok(Resampled::of(&x, &y, sources))
    }
}
