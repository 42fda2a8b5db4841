//! Which rows a model learns from and which it is judged on.

use crate::random::Random;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Axis};
use std::collections::BTreeMap;

/// What a split gives: `(x_train, x_test, y_train, y_test)`, in scikit-learn's order.
pub type Split = (Array2<f64>, Array2<f64>, Array1<usize>, Array1<usize>);

/// Splits rows at random into a training and a test set.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let (x_train, x_test, y_train, y_test) = train_test_split(iris.features(), iris.labels()?, 0.2, 42)?;
/// assert_eq!((x_train.nrows(), y_test.len()), (120, 30));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// The same as `TrainTestSplit::new(test_size).seed(seed).split(x, y)`; see [`TrainTestSplit`] to keep each class in
/// proportion.
///
/// # Errors
/// As [`TrainTestSplit::split`].
pub fn train_test_split(
    x: &ArrayRef2<f64>,
    y: &ArrayRef1<usize>,
    test_size: f64,
    seed: u64,
) -> Result<Split> {
    TrainTestSplit::new(test_size).seed(seed).split(x, y)
}

/// A random split into a training and a test set, plain or stratified.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `test_size` | – | the share of samples in the test set, in (0, 1) |
/// | `stratify` | none | labels whose shares both sets keep |
/// | `seed` | 0 | the same seed gives the same split, on every machine and in every version |
///
/// Of n samples, n_test = ⌈test_size · n⌉ go to the test set. Stratified, class k of n_k samples gives
/// n_train · n_k / n of them to the training set, rounded by the largest remainder (ties by the seed), and the rest to the
/// test set: 50, 33 and 18 samples at 0.2 give 10, 7 and 4 test samples.
///
/// Rows are drawn by a Fisher–Yates shuffle over a ChaCha8 stream whose key is the seed. The rows differ from
/// scikit-learn's for the same seed (it draws from a Mersenne Twister); the sizes do not.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let (x_train, x_test, y_train, y_test) =
///     TrainTestSplit::new(0.2).stratify(iris.labels()?).seed(42).split(iris.features(), iris.labels()?)?;
/// assert_eq!(y_test.iter().filter(|&&class| class == 0).count(), 10);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, sections 5.1 and 6.1 (`train_test_split`); scikit-learn, *train_test_split* and
/// *StratifiedShuffleSplit*.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainTestSplit {
    test_size: f64,
    seed: u64,
    labels: Option<Array1<usize>>,
}

impl TrainTestSplit {
    /// A plain split that puts this share of the samples into the test set.
    pub fn new(test_size: f64) -> Self {
        Self {
            test_size,
            seed: 0,
            labels: None,
        }
    }

    /// Keeps the share of each of these labels the same in both sets.
    #[must_use]
    pub fn stratify(mut self, labels: &ArrayRef1<usize>) -> Self {
        self.labels = Some(labels.to_owned());
        self
    }

    /// Chooses which of the possible splits it is.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Splits features, shape (n_samples, n_features), and their targets, shape (n_samples).
    ///
    /// # Errors
    /// When `x` and `y` (or the labels to stratify on) differ in length, `test_size` is not in (0, 1), a set would be
    /// empty, or, stratified, a class has fewer than 2 samples or a set has fewer samples than there are classes.
    pub fn split(&self, x: &ArrayRef2<f64>, y: &ArrayRef1<usize>) -> Result<Split> {
        check::same_length("x", x.nrows(), "y", y.len())?;
        let (train, test) = self.split_indices(x.nrows())?;
        Ok((
            x.select(Axis(0), &train),
            x.select(Axis(0), &test),
            y.select(Axis(0), &train),
            y.select(Axis(0), &test),
        ))
    }

    /// Splits the row numbers 0..n_samples into `(train, test)`, for data that is no array.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn split_indices(&self, n_samples: usize) -> Result<(Vec<usize>, Vec<usize>)> {
        let n_test = self.n_test(n_samples)?;
        let mut random = Random::seeded(self.seed);
        match &self.labels {
            None => {
                let mut test: Vec<usize> = (0..n_samples).collect();
                random.shuffle(&mut test);
                let train = test.split_off(n_test);
                Ok((train, test))
            }
            Some(labels) => {
                check::same_length("x", n_samples, "stratify", labels.len())?;
                stratified(labels, n_test, &mut random)
            }
        }
    }

    fn n_test(&self, n_samples: usize) -> Result<usize> {
        if !(self.test_size > 0.0 && self.test_size < 1.0) {
            return Err(Error::parameter(
                "test_size",
                "a share between 0 and 1, such as 0.2",
                self.test_size,
            ));
        }
        check::not_empty("x", n_samples)?;
        let n_test = (self.test_size * n_samples as f64).ceil() as usize;
        enough("training", 1, n_samples.saturating_sub(n_test), n_samples)?;
        Ok(n_test)
    }
}

fn enough(side: &'static str, needed: usize, found: usize, n_samples: usize) -> Result<()> {
    if found >= needed {
        return Ok(());
    }
    Err(Error::SplitTooSmall {
        side,
        needed,
        found,
        n_samples,
    })
}

fn stratified(
    labels: &Array1<usize>,
    n_test: usize,
    random: &mut Random,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, &label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push(row);
    }
    for (&label, rows) in &classes {
        if rows.len() < 2 {
            return Err(Error::ClassTooSmall {
                label,
                count: rows.len(),
            });
        }
    }
    let n_train = labels.len() - n_test;
    enough("training", classes.len(), n_train, labels.len())?;
    enough("test", classes.len(), n_test, labels.len())?;
    let counts: Vec<usize> = classes.values().map(Vec::len).collect();
    let (mut train, mut test) = (Vec::with_capacity(n_train), Vec::with_capacity(n_test));
    let shares = largest_remainder(&counts, n_train, random);
    for (rows, n_train) in classes.values_mut().zip(shares) {
        random.shuffle(rows);
        train.extend_from_slice(&rows[..n_train]);
        test.extend_from_slice(&rows[n_train..]);
    }
    random.shuffle(&mut train);
    random.shuffle(&mut test);
    Ok((train, test))
}

/// Shares `total` among groups in proportion to their counts: the whole parts first, then one more to those with the
/// largest remainders.
fn largest_remainder(counts: &[usize], total: usize, random: &mut Random) -> Vec<usize> {
    let sum: u128 = counts.iter().map(|&count| count as u128).sum();
    let exact = |group: usize| counts[group] as u128 * total as u128;
    let mut shares: Vec<usize> = (0..counts.len())
        .map(|group| (exact(group) / sum) as usize)
        .collect();
    let missing = total - shares.iter().sum::<usize>();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    // Shuffled before a stable sort: the seed decides between equal remainders.
    random.shuffle(&mut order);
    order.sort_by_key(|&group| std::cmp::Reverse(exact(group) % sum));
    for &group in order.iter().take(missing) {
        shares[group] += 1;
    }
    shares
}
