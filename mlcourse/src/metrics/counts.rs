//! How often each class is true, predicted and right, counted in one pass.

use super::numeric::contiguous;
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayRef1};
use rayon::prelude::*;

/// Labels below this are counted in a dense table, each chunk of samples in one of its own.
const DENSE: usize = 256;

/// Samples counted by one task. Fixed, so that the work is cut the same way on every machine.
const CHUNK: usize = 1 << 17;

/// The most classes a confusion matrix is made for: half a gibibyte of counts.
const MAX_MATRIX: usize = 8192;

/// What a pass over truth and prediction gives. Each list is in the order of the labels.
pub(super) struct Counts {
    /// The labels that occur in either, ascending.
    pub labels: Vec<usize>,
    /// Samples of the class that are predicted so.
    pub right: Vec<f64>,
    /// Samples that are predicted as the class.
    pub predicted: Vec<f64>,
    /// Samples of the class.
    pub actual: Vec<f64>,
}

/// How often each class is predicted as each: numbers of samples and, if samples weigh, sums of weights.
pub(super) struct Matrix {
    pub labels: Vec<usize>,
    pub counts: Array2<usize>,
    pub weights: Option<Array2<f64>>,
}

fn check_pair(y_true: &ArrayRef1<usize>, y_pred: &ArrayRef1<usize>) -> Result<()> {
    check::same_length("y_true", y_true.len(), "y_pred", y_pred.len())?;
    check::not_empty("y_true", y_true.len())
}

/// How often each class is true, predicted and right.
pub(super) fn classes(y_true: &ArrayRef1<usize>, y_pred: &ArrayRef1<usize>) -> Result<Counts> {
    check_pair(y_true, y_pred)?;
    let (truth, prediction) = (contiguous(y_true), contiguous(y_pred));
    Ok(match Dense::count(&truth, &prediction) {
        Some(dense) => dense.classes(),
        None => add_up(truth.iter().zip(&*prediction).map(|(&t, &p)| (t, p, 1.0))),
    })
}

/// The same, where samples weigh; one of weight 0 is as if it were not there.
pub(super) fn weighted_classes(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    sample_weight: &ArrayRef1<f64>,
) -> Result<Counts> {
    check_pair(y_true, y_pred)?;
    check::sample_weight(sample_weight, y_true.len())?;
    let mut counts = add_up(weighted(y_true, y_pred, sample_weight));
    // scikit-learn adds to the right ones what remains of a class, so the last digit of a sum is that of this sum.
    for class in 0..counts.labels.len() {
        let right = counts.right[class];
        counts.predicted[class] = right + (counts.predicted[class] - right);
        counts.actual[class] = right + (counts.actual[class] - right);
    }
    Ok(counts)
}

/// How often each class is predicted as each.
pub(super) fn matrix(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    sample_weight: Option<&ArrayRef1<f64>>,
) -> Result<Matrix> {
    check_pair(y_true, y_pred)?;
    let Some(sample_weight) = sample_weight else {
        let (truth, prediction) = (contiguous(y_true), contiguous(y_pred));
        if let Some(dense) = Dense::count(&truth, &prediction) {
            return Ok(dense.matrix());
        }
        let pairs = truth.iter().zip(&*prediction).map(|(&t, &p)| (t, p, 1.0));
        return Ok(Matrix {
            weights: None,
            ..fill(pairs)?
        });
    };
    check::sample_weight(sample_weight, y_true.len())?;
    fill(weighted(y_true, y_pred, sample_weight))
}

/// Each pair of labels that occurs, with how often it does, ascending.
pub(super) fn pairs(left: &ArrayRef1<usize>, right: &ArrayRef1<usize>) -> Vec<(usize, usize, u64)> {
    let (left, right) = (contiguous(left), contiguous(right));
    if let Some(dense) = Dense::count(&left, &right) {
        let cells = dense.table.iter().enumerate();
        return cells
            .filter(|&(_, &count)| count > 0)
            .map(|(cell, &count)| (cell / dense.width, cell % dense.width, count))
            .collect();
    }
    let mut sorted: Vec<(usize, usize)> = left.iter().copied().zip(right.iter().copied()).collect();
    sorted.par_sort_unstable();
    sorted
        .chunk_by(|one, other| one == other)
        .map(|same| (same[0].0, same[0].1, same.len() as u64))
        .collect()
}

fn weighted<'a>(
    y_true: &'a ArrayRef1<usize>,
    y_pred: &'a ArrayRef1<usize>,
    sample_weight: &'a ArrayRef1<f64>,
) -> impl Iterator<Item = (usize, usize, f64)> + Clone + 'a {
    y_true
        .iter()
        .zip(y_pred)
        .zip(sample_weight)
        .map(|((&truth, &prediction), &weight)| (truth, prediction, weight))
        .filter(|&(.., weight)| weight != 0.0)
}

fn labels_of(samples: impl Iterator<Item = (usize, usize, f64)>) -> Vec<usize> {
    check::distinct(samples.flat_map(|(truth, prediction, _)| [truth, prediction]))
}

/// Sums per class, in the order of the samples.
fn add_up(samples: impl Iterator<Item = (usize, usize, f64)> + Clone) -> Counts {
    let labels = labels_of(samples.clone());
    let places = Places::new(&labels);
    let [mut right, mut predicted, mut actual] = [(); 3].map(|()| vec![0.0; labels.len()]);
    for (truth, prediction, weight) in samples {
        let (row, column) = (places.of(truth), places.of(prediction));
        actual[row] += weight;
        predicted[column] += weight;
        if row == column {
            right[row] += weight;
        }
    }
    Counts {
        labels,
        right,
        predicted,
        actual,
    }
}

fn fill(samples: impl Iterator<Item = (usize, usize, f64)> + Clone) -> Result<Matrix> {
    let labels = labels_of(samples.clone());
    let size = labels.len();
    if size > MAX_MATRIX {
        return Err(Error::parameter(
            "y_true",
            format!("labels of at most {MAX_MATRIX} classes for a confusion matrix"),
            format!("{size} classes"),
        ));
    }
    let places = Places::new(&labels);
    let mut counts = Array2::zeros((size, size));
    let mut weights = Array2::zeros((size, size));
    for (truth, prediction, weight) in samples {
        let cell = [places.of(truth), places.of(prediction)];
        counts[cell] += 1;
        weights[cell] += weight;
    }
    Ok(Matrix {
        labels,
        counts,
        weights: Some(weights),
    })
}

/// The counts of all pairs of small labels: row `truth`, column `prediction` of a table with `width` columns.
struct Dense {
    width: usize,
    table: Vec<u64>,
}

impl Dense {
    /// Nothing when a label is too large for a table.
    fn count(truth: &[usize], prediction: &[usize]) -> Option<Self> {
        let parts: Vec<Option<(usize, Vec<u32>)>> = truth
            .par_chunks(CHUNK)
            .zip(prediction.par_chunks(CHUNK))
            .map(|(truth, prediction)| Self::count_chunk(truth, prediction))
            .collect();
        let parts: Vec<(usize, Vec<u32>)> = parts.into_iter().collect::<Option<_>>()?;
        let width = parts.iter().map(|(width, _)| *width).max()?;
        let mut table = vec![0; width * width];
        for (narrow, part) in parts {
            for (row, counts) in part.chunks_exact(narrow).enumerate() {
                let start = row * width;
                for (sum, &count) in table[start..start + narrow].iter_mut().zip(counts) {
                    *sum += u64::from(count);
                }
            }
        }
        Some(Self { width, table })
    }

    fn count_chunk(truth: &[usize], prediction: &[usize]) -> Option<(usize, Vec<u32>)> {
        let largest = |labels: &[usize]| labels.iter().fold(0, |most, &label| most.max(label));
        let width = 1 + largest(truth).max(largest(prediction));
        if width > DENSE {
            return None;
        }
        // Two tables, taken in turns: a cell that was just written is slow to read.
        let (mut even, mut odd) = (vec![0_u32; width * width], vec![0_u32; width * width]);
        let (truths, predictions) = (truth.chunks_exact(2), prediction.chunks_exact(2));
        if let ([last_truth], [last_prediction]) = (truths.remainder(), predictions.remainder()) {
            even[last_truth * width + last_prediction] += 1;
        }
        for (truth, prediction) in truths.zip(predictions) {
            even[truth[0] * width + prediction[0]] += 1;
            odd[truth[1] * width + prediction[1]] += 1;
        }
        for (sum, count) in even.iter_mut().zip(odd) {
            *sum += count;
        }
        Some((width, even))
    }

    fn actual(&self, label: usize) -> u64 {
        let start = label * self.width;
        self.table[start..start + self.width].iter().sum()
    }

    fn predicted(&self, label: usize) -> u64 {
        self.table.iter().skip(label).step_by(self.width).sum()
    }

    fn labels(&self) -> Vec<usize> {
        (0..self.width)
            .filter(|&label| self.actual(label) + self.predicted(label) > 0)
            .collect()
    }

    fn classes(&self) -> Counts {
        let labels = self.labels();
        let each = |count: &dyn Fn(usize) -> u64| {
            labels.iter().map(|&label| count(label) as f64).collect()
        };
        Counts {
            right: each(&|label| self.table[label * self.width + label]),
            predicted: each(&|label| self.predicted(label)),
            actual: each(&|label| self.actual(label)),
            labels,
        }
    }

    fn matrix(&self) -> Matrix {
        let labels = self.labels();
        let counts = Array2::from_shape_fn((labels.len(), labels.len()), |(row, column)| {
            self.table[labels[row] * self.width + labels[column]] as usize
        });
        Matrix {
            labels,
            counts,
            weights: None,
        }
    }
}

/// Where a label stands among all: looked up when labels are small, searched otherwise.
pub(super) struct Places<'a> {
    labels: &'a [usize],
    table: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(labels: &'a [usize]) -> Self {
        let mut table = Vec::new();
        if let Some(&largest) = labels
            .last()
            .filter(|&&largest| largest < check::SMALL_LABEL)
        {
            table.resize(largest + 1, 0);
            for (place, &label) in labels.iter().enumerate() {
                table[label] = place;
            }
        }
        Self { labels, table }
    }

    /// The place of a label that is among them.
    pub(super) fn of(&self, label: usize) -> usize {
        match self.table.get(label) {
            Some(&place) => place,
            None => self.labels.partition_point(|&known| known < label),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn small_and_large_labels_are_counted_alike() {
        let y_true = Array1::from_shape_fn(CHUNK + 12_345, |i| (i * 7919) % 11);
        let y_pred = Array1::from_shape_fn(y_true.len(), |i| (i * 104_729 / 3) % 13);
        let small = classes(&y_true, &y_pred).unwrap();
        // The same classes by labels that only a search finds.
        let far = |labels: &Array1<usize>| labels.mapv(|label| label * 100_000 + 5);
        let large = classes(&far(&y_true), &far(&y_pred)).unwrap();
        assert_eq!(small.labels, (0..13).collect::<Vec<_>>());
        assert_eq!(large.labels[12], 1_200_005);
        assert_eq!(small.right, large.right);
        assert_eq!(small.predicted, large.predicted);
        assert_eq!(small.actual, large.actual);
        let (near, far) = (
            matrix(&y_true, &y_pred, None).unwrap(),
            matrix(&far(&y_true), &far(&y_pred), None).unwrap(),
        );
        assert_eq!(near.counts, far.counts);
        assert_eq!(near.counts.sum(), y_true.len());
    }

    #[test]
    fn a_matrix_of_too_many_classes_is_refused_but_classes_are_counted() {
        let y = Array1::from_iter(0..MAX_MATRIX + 1);
        assert_eq!(classes(&y, &y).unwrap().right, vec![1.0; MAX_MATRIX + 1]);
        assert!(matrix(&y, &y, None).is_err());
    }
}
