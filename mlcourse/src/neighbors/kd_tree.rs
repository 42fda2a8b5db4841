//! A k-d tree: boxes cut in half along their longest side, so that a search can leave out all boxes that are too far.
//!
//! Source: J. L. Bentley, *Multidimensional binary search trees used for associative searching*, 1975; the bound on the
//! way down: S. Arya and D. M. Mount, *Algorithms for fast vector quantization*, 1993.

use super::metric::{Metric, Nearest};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What rounding can make of a bound: boxes that are farther by no more than this share are searched too.
const MARGIN: f64 = 1e-10;

/// The tree above the rows of a table: node i has the children 2i + 1 and 2i + 2, and each level halves the rows of the
/// one above.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KdTree {
    cuts: Vec<Cut>,
    levels: u32,
    /// The original place of each row.
    order: Vec<usize>,
}

/// Rows of the first half have at most this value in this column, those of the second at least.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Cut {
    column: u32,
    value: f64,
}

impl KdTree {
    /// A tree, and the rows in its order.
    pub(super) fn build(x: ArrayView2<'_, f64>, leaf_size: usize) -> (Self, Array2<f64>) {
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        let mut levels = 0;
        while (x.nrows() >> levels) > leaf_size {
            levels += 1;
        }
        let mut cuts = Vec::with_capacity((1 << levels) - 1);
        for level in 0..levels {
            let mut nodes = vec![order.as_mut_slice()];
            for _ in 0..level {
                nodes = nodes.into_iter().flat_map(halves).collect();
            }
            cuts.par_extend(nodes.into_par_iter().map(|node| cut(&x, node)));
        }
        let rows = x.select(Axis(0), &order);
        (
            Self {
                cuts,
                levels,
                order,
            },
            rows,
        )
    }

    /// Offers all rows that may be among the nearest. `rows` are those that the tree was built with.
    pub(super) fn search(
        &self,
        rows: &Array2<f64>,
        metric: Metric,
        query: &[f64],
        nearest: &mut Nearest,
    ) {
        let rows = rows
            .as_slice()
            .expect("selected rows are in standard layout");
        let mut search = Search {
            tree: self,
            rows,
            metric,
            query,
            nearest,
            offsets: vec![0.0; query.len()],
        };
        search.node(0, 0, (0, self.order.len()), 0.0);
    }
}

fn halves(rows: &mut [usize]) -> [&mut [usize]; 2] {
    let (first, second) = rows.split_at_mut(rows.len() / 2);
    [first, second]
}

/// Partitions rows about the middle of their longest side.
fn cut(x: &ArrayView2<'_, f64>, rows: &mut [usize]) -> Cut {
    let side = |column: usize| {
        let values = x.column(column);
        let (low, high) = rows
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &row| {
                (values[row].min(low), values[row].max(high))
            });
        high - low
    };
    let sides: Vec<f64> = (0..x.ncols()).map(side).collect();
    let longest = (1..sides.len()).fold(0, |longest, column| {
        if sides[column] > sides[longest] {
            column
        } else {
            longest
        }
    });
    let values = x.column(longest);
    let middle = rows.len() / 2;
    let (_, &mut row, _) = rows.select_nth_unstable_by(middle, |a, b| {
        values[*a].total_cmp(&values[*b]).then(a.cmp(b))
    });
    Cut {
        column: longest as u32,
        value: values[row],
    }
}

struct Search<'a> {
    tree: &'a KdTree,
    rows: &'a [f64],
    metric: Metric,
    query: &'a [f64],
    nearest: &'a mut Nearest,
    /// How far the box is from the query, by coordinate.
    offsets: Vec<f64>,
}

impl Search<'_> {
    fn node(&mut self, node: usize, level: u32, (from, to): (usize, usize), bound: f64) {
        if level == self.tree.levels {
            return self.leaf(from, to);
        }
        let cut = self.tree.cuts[node];
        let column = cut.column as usize;
        let middle = from + (to - from) / 2;
        let first = (2 * node + 1, (from, middle));
        let second = (2 * node + 2, (middle, to));
        let offset = self.query[column] - cut.value;
        let (near, far) = if offset < 0.0 {
            (first, second)
        } else {
            (second, first)
        };
        self.node(near.0, level + 1, near.1, bound);
        let before = self.offsets[column];
        let offset = offset.abs().max(before);
        let bound = self.metric.raise(bound, before, offset);
        let is_too_far = bound * (1.0 - MARGIN) > self.nearest.worst();
        // A bound that overflowed is none.
        if !is_too_far {
            self.offsets[column] = offset;
            self.node(far.0, level + 1, far.1, bound);
            self.offsets[column] = before;
        }
    }

    fn leaf(&mut self, from: usize, to: usize) {
        let width = self.query.len();
        for place in from..to {
            let row = &self.rows[place * width..(place + 1) * width];
            let rank = self.metric.rank(self.query, row);
            if rank <= self.nearest.worst() {
                self.nearest.offer(rank, self.tree.order[place]);
            }
        }
    }
}
