//! Features as ranks: what a tree needs of them while it grows.
//!
//! A split asks only which values are below which, so each value is replaced once by its place among the distinct values
//! of its column. All trees of an ensemble share this.

use ndarray::ArrayView2;
use rayon::prelude::*;

/// Fewer values than this are ranked by the calling thread.
const PARALLEL_FROM: usize = 1 << 15;

/// The columns of a table by rank.
#[derive(Debug)]
pub(crate) struct Ranks {
    n_samples: usize,
    columns: Vec<Column>,
}

/// One feature.
#[derive(Debug)]
pub(crate) struct Column {
    /// The distinct values, ascending.
    pub(crate) values: Vec<f64>,
    /// For each row, the place of its value in `values`.
    pub(crate) ranks: Vec<u32>,
    /// The rows by rank, equal ones in their own order.
    pub(crate) order: Vec<u32>,
}

impl Ranks {
    /// Ranks finite features, shape (n_samples, n_features).
    pub(crate) fn new(x: ArrayView2<'_, f64>) -> Self {
        let column = |feature: usize| Column::new(x.column(feature).iter().copied());
        Self {
            n_samples: x.nrows(),
            columns: if x.len() < PARALLEL_FROM {
                (0..x.ncols()).map(column).collect()
            } else {
                (0..x.ncols()).into_par_iter().map(column).collect()
            },
        }
    }

    pub(crate) fn n_samples(&self) -> usize {
        self.n_samples
    }

    pub(crate) fn n_features(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn column(&self, feature: usize) -> &Column {
        &self.columns[feature]
    }
}

impl Column {
    fn new(values: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<(u64, u32)> = values
            .enumerate()
            .map(|(row, value)| (ascending(value), row as u32))
            .collect();
        sorted.sort_unstable();
        let mut column = Self {
            values: Vec::new(),
            ranks: vec![0; sorted.len()],
            order: sorted.iter().map(|&(_, row)| row).collect(),
        };
        let mut last = None;
        for (key, row) in sorted {
            if last != Some(key) {
                last = Some(key);
                column.values.push(value_of(key));
            }
            column.ranks[row as usize] = column.values.len() as u32 - 1;
        }
        column
    }

    /// Between two values that stand at these ranks. A value on the left is at most the threshold, one on the right
    /// above it, also where the two are so close that their middle rounds to the larger.
    pub(crate) fn threshold(&self, left: u32, right: u32) -> f64 {
        let (left, right) = (self.values[left as usize], self.values[right as usize]);
        let middle = left / 2.0 + right / 2.0;
        if middle < right { middle } else { left }
    }
}

/// A whole number that ascends with the value; −0 counts as 0.
fn ascending(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

fn value_of(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 {
        key & !(1 << 63)
    } else {
        !key
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn equal_values_share_a_rank_and_keep_their_order() {
        let ranks = Ranks::new(array![[2.0], [-0.0], [-3.5], [0.0], [2.0]].view());
        let column = ranks.column(0);
        assert_eq!(column.values, [-3.5, 0.0, 2.0]);
        assert_eq!(column.ranks, [2, 1, 0, 1, 2]);
        assert_eq!(column.order, [2, 1, 3, 0, 4]);
    }

    #[test]
    fn a_threshold_separates_neighbouring_numbers() {
        let next = f64::from_bits(1.0_f64.to_bits() + 1);
        let ranks = Ranks::new(array![[1.0], [next], [f64::MAX], [f64::MIN]].view());
        let threshold = ranks.column(0).threshold(1, 2);
        assert!(1.0 <= threshold && threshold < next);
        assert!(ranks.column(0).threshold(0, 3).is_finite());
    }
}
