//! Samples by descending score: what every curve and area is read from.
//!
//! A score is a 64-bit key that orders as the number does. Keys are spread over buckets by their leading bits, in two
//! passes of all threads; within a bucket, what is left of a key leaves room for the class in the last bit, so each
//! bucket is a list of plain integers, and sorts in the cache.

use crate::{Error, Result, check};
use ndarray::ArrayView1;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Samples handled by one task. Fixed, so that the work is cut the same way on every machine.
const CHUNK: usize = 1 << 16;

/// The most leading bits that choose a bucket.
const MAX_BITS: u32 = 13;

/// About this many samples fall into a bucket, when scores spread.
const PER_BUCKET_BITS: u32 = 7;

/// Samples by descending score, in buckets.
pub(in crate::metrics) struct Sorted {
    /// What the bucket leaves of the key, then the class in the last bit; ascending in each bucket.
    packed: Vec<u64>,
    /// Where each bucket starts, and where the last ends.
    starts: Vec<usize>,
    smallest: u64,
    shift: u32,
}

/// The negatives, the positives, and twice the pairs that are in the right order, ties counting once.
#[derive(Clone, Copy, Default)]
struct Pairs {
    negatives: u64,
    positives: u64,
    twice: u128,
}

/// Smaller for a larger score; −0 and 0 are the same.
fn key(score: f64) -> u64 {
    let bits = (score + 0.0).to_bits();
    if bits >> 63 == 1 {
        bits
    } else {
        !bits ^ (1 << 63)
    }
}

fn score(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 {
        key
    } else {
        !key ^ (1 << 63)
    })
}

impl Sorted {
    /// Sorts scores whose samples are positive where `is_positive` says so.
    pub(in crate::metrics) fn new(
        scores: &[f64],
        is_positive: &(impl Fn(usize) -> bool + Sync),
    ) -> Result<Self> {
        let (smallest, largest) = Self::range(scores)?;
        let bits = 64 - (largest - smallest).leading_zeros();
        let wanted = scores.len().ilog2().saturating_sub(PER_BUCKET_BITS);
        let shift = bits.saturating_sub(wanted.clamp(1, MAX_BITS));
        let n_buckets = ((largest - smallest) >> shift) as usize + 1;
        let bucket = |score: f64| ((key(score) - smallest) >> shift) as usize;

        // How many of each chunk go to each bucket; then, where the first of them goes.
        let mut places: Vec<Vec<usize>> = scores
            .par_chunks(CHUNK)
            .map(|chunk| {
                let mut counts = vec![0; n_buckets];
                chunk.iter().for_each(|&score| counts[bucket(score)] += 1);
                counts
            })
            .collect();
        let mut starts = Vec::with_capacity(n_buckets + 1);
        let mut next = 0;
        for bucket in 0..n_buckets {
            starts.push(next);
            for chunk in &mut places {
                let count = chunk[bucket];
                chunk[bucket] = next;
                next += count;
            }
        }
        starts.push(next);

        let slots: Vec<AtomicU64> = (0..scores.len()).map(|_| AtomicU64::new(0)).collect();
        let left = (1 << shift) - 1;
        scores
            .par_chunks(CHUNK)
            .zip(&mut places)
            .enumerate()
            .for_each(|(chunk, (scores, places))| {
                for (offset, &score) in scores.iter().enumerate() {
                    let place = &mut places[bucket(score)];
                    let rest = (key(score) - smallest) & left;
                    let class = u64::from(is_positive(chunk * CHUNK + offset));
                    slots[*place].store(rest << 1 | class, Relaxed);
                    *place += 1;
                }
            });
        let mut packed: Vec<u64> = slots.into_iter().map(AtomicU64::into_inner).collect();

        let mut rest = packed.as_mut_slice();
        let mut buckets = Vec::with_capacity(n_buckets);
        for bounds in starts.windows(2) {
            let (bucket, others) = rest.split_at_mut(bounds[1] - bounds[0]);
            buckets.push(bucket);
            rest = others;
        }
        buckets.into_par_iter().for_each(<[u64]>::sort_unstable);
        Ok(Self {
            packed,
            starts,
            smallest,
            shift,
        })
    }

    /// The smallest and the largest key.
    fn range(scores: &[f64]) -> Result<(u64, u64)> {
        check::not_empty("y_score", scores.len())?;
        let parts: Vec<(bool, u64, u64)> = scores
            .par_chunks(CHUNK)
            .map(|chunk| {
                chunk.iter().fold(
                    (true, u64::MAX, 0),
                    |(is_finite, smallest, largest), &score| {
                        let key = key(score);
                        (
                            is_finite & score.is_finite(),
                            smallest.min(key),
                            largest.max(key),
                        )
                    },
                )
            })
            .collect();
        if parts.iter().any(|(is_finite, ..)| !is_finite) {
            check::column("y_score", &ArrayView1::from(scores))?;
        }
        Ok(parts
            .iter()
            .fold((u64::MAX, 0), |(smallest, largest), part| {
                (smallest.min(part.1), largest.max(part.2))
            }))
    }

    fn buckets(&self) -> impl IndexedParallelIterator<Item = &[u64]> {
        self.starts
            .par_windows(2)
            .map(|bounds| &self.packed[bounds[0]..bounds[1]])
    }

    /// The area under the ROC curve, exact up to one rounding; nothing when a class is missing.
    pub(in crate::metrics) fn roc_auc(&self) -> Option<f64> {
        let parts: Vec<Pairs> = self
            .buckets()
            .map(|bucket| {
                let mut pairs = Pairs::default();
                for_groups(bucket, |_, negatives, positives| {
                    pairs.add(Pairs {
                        negatives,
                        positives,
                        twice: u128::from(negatives) * u128::from(positives),
                    });
                });
                pairs
            })
            .collect();
        let mut total = Pairs::default();
        parts.into_iter().for_each(|part| total.add(part));
        let all = 2 * u128::from(total.negatives) * u128::from(total.positives);
        (all > 0).then(|| total.twice as f64 / all as f64)
    }

    /// Σ over the distinct scores of the gain in recall times the precision there; 0 without positives.
    pub(in crate::metrics) fn average_precision(&self) -> f64 {
        let counts: Vec<(u64, u64)> = self
            .buckets()
            .map(|bucket| {
                let positives: u64 = bucket.iter().map(|packed| packed & 1).sum();
                (bucket.len() as u64 - positives, positives)
            })
            .collect();
        let mut before = Vec::with_capacity(counts.len());
        let (mut negatives, mut positives) = (0, 0);
        for count in counts {
            before.push((negatives, positives));
            negatives += count.0;
            positives += count.1;
        }
        let parts: Vec<f64> = self
            .buckets()
            .zip(before)
            .map(|(bucket, (mut negatives, mut positives))| {
                let mut area = 0.0;
                for_groups(bucket, |_, more_negatives, more_positives| {
                    negatives += more_negatives;
                    positives += more_positives;
                    if more_positives > 0 {
                        let precision = positives as f64 / (positives + negatives) as f64;
                        area += more_positives as f64 * precision;
                    }
                });
                area
            })
            .collect();
        parts.into_iter().sum::<f64>() / positives.max(1) as f64
    }

    /// Each distinct score, descending, with the negatives and the positives that have it or a larger one.
    pub(in crate::metrics) fn groups(&self, mut each: impl FnMut(f64, f64, f64)) {
        let (mut negatives, mut positives) = (0, 0);
        for (bucket, bounds) in self.starts.windows(2).enumerate() {
            let base = self.smallest + ((bucket as u64) << self.shift);
            for_groups(
                &self.packed[bounds[0]..bounds[1]],
                |rest, more_negatives, more_positives| {
                    negatives += more_negatives;
                    positives += more_positives;
                    each(score(base + rest), negatives as f64, positives as f64);
                },
            );
        }
    }
}

impl Pairs {
    /// Adds those of smaller scores.
    fn add(&mut self, below: Self) {
        self.twice += below.twice + 2 * u128::from(self.positives) * u128::from(below.negatives);
        self.negatives += below.negatives;
        self.positives += below.positives;
    }
}

/// Each distinct score of a bucket (what is left of its key), with its negatives and positives.
fn for_groups(bucket: &[u64], mut each: impl FnMut(u64, u64, u64)) {
    let Some(&first) = bucket.first() else {
        return;
    };
    let (mut rest, mut negatives, mut positives) = (first >> 1, 0, 0);
    for packed in bucket {
        if packed >> 1 != rest {
            each(rest, negatives, positives);
            (rest, negatives, positives) = (packed >> 1, 0, 0);
        }
        positives += packed & 1;
        negatives += !packed & 1;
    }
    each(rest, negatives, positives);
}

/// Samples that weigh, by descending score: each distinct score with the weight of the negatives and of the positives that
/// have it or a larger one. Samples of weight 0 are left out.
pub(in crate::metrics) fn weighted_groups(
    scores: &[f64],
    is_positive: &impl Fn(usize) -> bool,
    sample_weight: &[f64],
    mut each: impl FnMut(f64, f64, f64),
) -> Result<()> {
    check::column("y_score", &ArrayView1::from(scores))?;
    check::sample_weight(&ArrayView1::from(sample_weight), scores.len())?;
    // The key, then the weight with the class as its sign: all that is needed later lies side by side.
    let mut order: Vec<(u64, u64)> = Vec::with_capacity(scores.len());
    for (sample, (&score, &weight)) in scores.iter().zip(sample_weight).enumerate() {
        if weight != 0.0 {
            let signed = if is_positive(sample) { weight } else { -weight };
            order.push((key(score), signed.to_bits()));
        }
    }
    order.par_sort_unstable();
    let (mut negatives, mut positives) = (0.0, 0.0);
    for same in order.chunk_by(|one, other| one.0 == other.0) {
        for &(_, weight) in same {
            let weight = f64::from_bits(weight);
            positives += weight.max(0.0);
            negatives += (-weight).max(0.0);
        }
        each(score(same[0].0), negatives, positives);
    }
    Ok(())
}

/// The label of the positive class: 1, or the greater of two others.
pub(in crate::metrics) fn positive_label(labels: &[usize]) -> Result<usize> {
    check::not_empty("y_true", labels.len())?;
    let bounds = |labels: &[usize]| {
        labels
            .iter()
            .fold((usize::MAX, 0), |(least, most), &label| {
                (least.min(label), most.max(label))
            })
    };
    let parts: Vec<(usize, usize)> = labels.par_chunks(CHUNK).map(bounds).collect();
    let (least, most) = parts.iter().fold((usize::MAX, 0), |sum, part| {
        (sum.0.min(part.0), sum.1.max(part.1))
    });
    let is_binary = labels
        .par_chunks(CHUNK)
        .all(|chunk| chunk.iter().all(|&label| label == least || label == most));
    if !is_binary {
        return Err(Error::parameter(
            "y_true",
            "labels of two classes where there is one score a sample (for more, see `roc_auc_multiclass`)",
            format!("{:?}", check::distinct(labels.iter().copied())),
        ));
    }
    Ok(most.max(1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_as_numbers_do_and_come_back() {
        let ordered = [
            f64::MAX,
            2.5,
            1.0,
            1e-310,
            0.0,
            -1e-310,
            -1.0,
            -2.5,
            f64::MIN,
        ];
        assert!(ordered.windows(2).all(|pair| key(pair[0]) < key(pair[1])));
        assert!(ordered.iter().all(|&number| score(key(number)) == number));
        assert_eq!(key(-0.0), key(0.0));
    }

    #[test]
    fn scores_of_any_spread_come_out_in_order() {
        let spreads: [fn(usize) -> f64; 5] = [
            |i| ((i * 7919) % 10_007) as f64,
            |i| 1.0 / (1.0 + (i % 977) as f64),
            |_| 3.25,
            |i| if i % 2 == 0 { f64::MAX } else { f64::MIN },
            |i| f64::from_bits(((i * 104_729) % 4099) as u64),
        ];
        for spread in spreads {
            for n_samples in [1, 2, 100, CHUNK + 77] {
                let scores: Vec<f64> = (0..n_samples).map(spread).collect();
                let sorted = Sorted::new(&scores, &|sample| sample % 3 == 0).unwrap();
                let mut expected = scores.clone();
                expected.sort_by(|a, b| b.total_cmp(a));
                expected.dedup();
                let (mut found, mut last) = (Vec::new(), (0.0, 0.0));
                sorted.groups(|score, negatives, positives| {
                    found.push(score);
                    last = (negatives, positives);
                });
                assert_eq!(found, expected);
                let positives = n_samples.div_ceil(3);
                assert_eq!(last, ((n_samples - positives) as f64, positives as f64));
            }
        }
    }
}
