//! Distances, and the nearest so far.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Minkowski's distance (Σ |a_j − b_j|^p)^(1/p), by its case.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Metric {
    Manhattan,
    Euclidean,
    Chebyshev,
    Minkowski(f64),
}

impl Metric {
    pub(super) fn of(p: f64) -> Self {
        if p == 1.0 {
            Self::Manhattan
        } else if p == 2.0 {
            Self::Euclidean
        } else if p == f64::INFINITY {
            Self::Chebyshev
        } else {
            Self::Minkowski(p)
        }
    }

    /// What distances are compared by: the distance without its root.
    ///
    /// Every search ends here, so that all give the same bits.
    pub(super) fn rank(self, a: &[f64], b: &[f64]) -> f64 {
        match self {
            Self::Manhattan => sum(a, b, |d| d.abs()),
            Self::Euclidean => sum(a, b, |d| d * d),
            Self::Chebyshev => a
                .iter()
                .zip(b)
                .fold(0.0, |max: f64, (a, b)| max.max((a - b).abs())),
            Self::Minkowski(p) => sum(a, b, |d| d.abs().powf(p)),
        }
    }

    pub(super) fn distance(self, rank: f64) -> f64 {
        match self {
            Self::Manhattan | Self::Chebyshev => rank,
            Self::Euclidean => rank.sqrt(),
            Self::Minkowski(p) => rank.powf(1.0 / p),
        }
    }

    /// A bound on the rank of all points whose coordinate j is at least `offset` away, where `bound` held for those at
    /// least `before` away in it.
    pub(super) fn raise(self, bound: f64, before: f64, offset: f64) -> f64 {
        match self {
            Self::Manhattan => bound + (offset - before),
            Self::Euclidean => bound + (offset * offset - before * before),
            Self::Chebyshev => bound.max(offset),
            Self::Minkowski(p) => bound + (offset.powf(p) - before.powf(p)),
        }
    }
}

/// Σ f(a_j − b_j), in four sums that go side by side.
fn sum(a: &[f64], b: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 4];
    let (a_chunks, b_chunks) = (a.chunks_exact(4), b.chunks_exact(4));
    let mut rest = 0.0;
    for (a, b) in a_chunks.remainder().iter().zip(b_chunks.remainder()) {
        rest += f(a - b);
    }
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..4 {
            sums[lane] += f(a[lane] - b[lane]);
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// A training sample and how far it is. The nearer comes first, of equally near ones that of the lower index.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub rank: f64,
    pub index: usize,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank
            .total_cmp(&other.rank)
            .then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The k nearest so far.
pub(super) struct Nearest {
    k: usize,
    heap: BinaryHeap<Candidate>,
}

impl Nearest {
    pub(super) fn new(k: usize) -> Self {
        Self {
            k,
            heap: BinaryHeap::with_capacity(k + 1),
        }
    }

    /// What a rank must not be above to come in.
    pub(super) fn worst(&self) -> f64 {
        match self.heap.peek() {
            Some(worst) if self.heap.len() == self.k => worst.rank,
            _ => f64::INFINITY,
        }
    }

    pub(super) fn offer(&mut self, rank: f64, index: usize) {
        let candidate = Candidate { rank, index };
        if self.heap.len() < self.k {
            self.heap.push(candidate);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && candidate < *worst
        {
            *worst = candidate;
        }
    }

    /// Nearest first; it is empty then.
    pub(super) fn take(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.heap).into_sorted_vec()
    }
}
