//! The best split of a node.
//!
//! Where a split looks at most of the features, every column is kept in order and parted at each split: n steps a feature
//! and level, without sorting. Where it looks at a few, as in a random forest, only those are sorted, in the node.

use super::criterion::{Best, Criterion, rank};
use super::grow::Limits;
use super::ranks::{Column, Ranks};
use super::sort;
use crate::random::Random;

/// Among so few rows, looking at each finds a rank faster than halving.
const FEW: usize = 12;

/// Memory that one tree after the other uses.
#[derive(Debug, Default)]
pub(crate) struct Space {
    /// The rows of the tree, node by node.
    pub(crate) rows: Vec<u32>,
    spare_rows: Vec<u32>,
    features: Vec<u32>,
    ranks: Vec<u32>,
    records: Vec<u64>,
    spare: Vec<u64>,
    /// Feature by feature, rank and row of each row of the tree, by rank in each node.
    sorted: Vec<u64>,
    goes_left: Vec<bool>,
}

/// A split that was carried out: the rows before `middle` went left.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) feature: usize,
    pub(crate) threshold: f64,
    pub(crate) middle: usize,
    pub(crate) improvement: f64,
}

pub(crate) struct Search<'a, C> {
    pub(crate) criterion: &'a mut C,
    pub(crate) space: &'a mut Space,
    ranks: &'a Ranks,
    limits: &'a Limits,
    random: &'a mut Random,
    /// Whether every column is kept in order.
    presorted: bool,
    /// The threshold of the best random split.
    threshold: f64,
}

impl<'a, C: Criterion> Search<'a, C> {
    pub(crate) fn new(
        criterion: &'a mut C,
        ranks: &'a Ranks,
        limits: &'a Limits,
        random: &'a mut Random,
        space: &'a mut Space,
    ) -> Self {
        let n_features = ranks.n_features();
        let presorted = !limits.random_thresholds && limits.max_features * 2 >= n_features;
        space.features.clear();
        space.features.extend(0..n_features as u32);
        let search = Self {
            criterion,
            space,
            ranks,
            limits,
            random,
            presorted,
            threshold: 0.0,
        };
        if presorted {
            search.space.sort_all(ranks);
        }
        search
    }

    /// The best split of the criterion's node, whose rows are `start..end`.
    pub(crate) fn best(&mut self, start: usize, end: usize) -> Option<Best> {
        let n_features = self.ranks.n_features();
        let all = self.limits.max_features >= n_features;
        let mut best = Best::NONE;
        let mut varied = false;
        for visited in 0..n_features {
            // At least one feature that varies in the node is looked at.
            if visited >= self.limits.max_features && varied {
                break;
            }
            if !all {
                let drawn = visited + self.random.below(n_features - visited);
                self.space.features.swap(visited, drawn);
            }
            let feature = self.space.features[visited] as usize;
            varied |= if self.limits.random_thresholds {
                self.draw(feature, start, end, &mut best)
            } else if self.presorted {
                self.scan_presorted(feature, start, end, &mut best)
            } else {
                self.scan_sorting(feature, start, end, &mut best)
            };
        }
        best.found().then_some(best)
    }

    /// Whether the feature varies; a better split goes into `best`.
    fn scan_presorted(
        &mut self,
        feature: usize,
        start: usize,
        end: usize,
        best: &mut Best,
    ) -> bool {
        let first = feature * self.space.rows.len();
        let records = &self.space.sorted[first + start..first + end];
        if rank(records[0]) == rank(records[records.len() - 1]) {
            return false;
        }
        let criterion = &mut *self.criterion;
        let improved =
            if C::PAYLOAD_IS_ROW {
                criterion.scan(records, self.limits.leaf, best)
            } else {
                let payloads = &mut self.space.records;
                payloads.clear();
                payloads.extend(records.iter().map(|&record| {
                    record >> 32 << 32 | u64::from(criterion.payload(record as u32))
                }));
                criterion.scan(payloads, self.limits.leaf, best)
            };
        if improved {
            best.feature = feature;
        }
        true
    }

    fn scan_sorting(&mut self, feature: usize, start: usize, end: usize, best: &mut Best) -> bool {
        let ranks = &self.ranks.column(feature).ranks;
        let space = &mut *self.space;
        let (mut low, mut high) = (u32::MAX, 0);
        space.records.clear();
        for &row in &space.rows[start..end] {
            let rank = ranks[row as usize];
            low = low.min(rank);
            high = high.max(rank);
            let payload = u64::from(self.criterion.payload(row));
            space.records.push(u64::from(rank) << 32 | payload);
        }
        if low == high {
            return false;
        }
        sort::by_rank(&mut space.records, &mut space.spare, low, high);
        let limits = self.limits.leaf;
        if self.criterion.scan(&space.records, limits, best) {
            best.feature = feature;
        }
        true
    }

    /// Draws a threshold between the smallest and the largest value of the node.
    fn draw(&mut self, feature: usize, start: usize, end: usize, best: &mut Best) -> bool {
        let column = self.ranks.column(feature);
        let space = &mut *self.space;
        let rows = &space.rows[start..end];
        let (mut low, mut high) = (u32::MAX, 0);
        space.ranks.clear();
        space.ranks.extend(rows.iter().map(|&row| {
            let rank = column.ranks[row as usize];
            low = low.min(rank);
            high = high.max(rank);
            rank
        }));
        if low == high {
            return false;
        }
        let (smallest, largest) = (column.values[low as usize], column.values[high as usize]);
        let share = self.random.uniform();
        let mut threshold = smallest * (1.0 - share) + largest * share;
        if !(smallest..largest).contains(&threshold) {
            threshold = smallest;
        }
        let left_rank = column.last_at_most(threshold, low, high, &space.ranks);
        let n_left = space
            .ranks
            .iter()
            .filter(|&&rank| rank <= left_rank)
            .count();
        let min_samples = self.limits.leaf.min_samples;
        if n_left >= min_samples
            && rows.len() - n_left >= min_samples
            && let Some(score) =
                self.criterion
                    .score(rows, &space.ranks, left_rank, self.limits.leaf)
            && score > best.score
        {
            best.score = score;
            best.ranks = (left_rank, left_rank + 1);
            best.feature = feature;
            self.threshold = threshold;
        }
        true
    }

    /// Sends the rows `start..end` left and right, each side in its order.
    pub(crate) fn part(&mut self, start: usize, end: usize, best: &Best) -> Split {
        let column = self.ranks.column(best.feature);
        let (left, right) = best.ranks;
        let space = &mut *self.space;
        let goes_left = |row: u32| column.ranks[row as usize] <= left;
        if self.presorted {
            space.goes_left.resize(self.ranks.n_samples(), false);
            for &row in &space.rows[start..end] {
                space.goes_left[row as usize] = goes_left(row);
            }
            let sides = &space.goes_left;
            for first in (0..self.ranks.n_features()).map(|feature| feature * space.rows.len()) {
                let records = &mut space.sorted[first + start..first + end];
                stable_partition(records, &mut space.spare, |record| {
                    sides[record as u32 as usize]
                });
            }
        }
        let n_left = stable_partition(
            &mut space.rows[start..end],
            &mut space.spare_rows,
            goes_left,
        );
        Split {
            feature: best.feature,
            threshold: if self.limits.random_thresholds {
                self.threshold
            } else {
                column.threshold(left, right)
            },
            middle: start + n_left,
            improvement: 0.0,
        }
    }
}

impl Space {
    /// Puts every column's rows in order.
    fn sort_all(&mut self, ranks: &Ranks) {
        let whole = self.rows.len() == ranks.n_samples();
        self.goes_left.clear();
        self.goes_left.resize(ranks.n_samples(), whole);
        if !whole {
            for &row in &self.rows {
                self.goes_left[row as usize] = true;
            }
        }
        self.sorted.clear();
        for feature in 0..ranks.n_features() {
            let Column { ranks, order, .. } = ranks.column(feature);
            let record = |row: u32| u64::from(ranks[row as usize]) << 32 | u64::from(row);
            let rows = order.iter().copied();
            self.sorted
                .extend(rows.filter(|&row| self.goes_left[row as usize]).map(record));
        }
    }
}

impl Column {
    /// The last of these ranks, all in `low..=high`, whose value is at most `threshold`, or one between it and the next.
    fn last_at_most(&self, threshold: f64, low: u32, high: u32, ranks: &[u32]) -> u32 {
        if ranks.len() <= FEW {
            let below = |rank: &u32| self.values[*rank as usize] <= threshold;
            return ranks.iter().copied().filter(below).fold(low, u32::max);
        }
        let values = &self.values[low as usize..high as usize];
        let above = values.partition_point(|&value| value <= threshold) as u32;
        low + above.max(1) - 1
    }
}

/// Moves what goes left before the rest, both in their order, and says how much went.
fn stable_partition<T: Copy + Default>(
    values: &mut [T],
    spare: &mut Vec<T>,
    goes_left: impl Fn(T) -> bool,
) -> usize {
    if spare.len() < values.len() {
        spare.resize(values.len(), T::default());
    }
    let (mut n_left, mut n_right) = (0, 0);
    for place in 0..values.len() {
        let value = values[place];
        let left = usize::from(goes_left(value));
        // Both places are free: writing to both costs less than guessing which.
        values[n_left] = value;
        spare[n_right] = value;
        n_left += left;
        n_right += 1 - left;
    }
    values[n_left..].copy_from_slice(&spare[..n_right]);
    n_left
}
