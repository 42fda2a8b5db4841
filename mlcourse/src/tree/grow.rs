//! Growing one tree: which node next, and what becomes of it.

use super::criterion::{Best, Criterion, LeafLimits};
use super::nodes::Tree;
use super::ranks::Ranks;
use super::search::{Search, Space, Split};
use crate::random::Random;
use std::collections::BinaryHeap;

/// Less impurity than this is rounding (scikit-learn's bound).
const NEGLIGIBLE: f64 = f64::EPSILON;

/// Where growing stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_depth: usize,
    pub(crate) min_samples_split: usize,
    pub(crate) leaf: LeafLimits,
    pub(crate) min_impurity_decrease: f64,
    pub(crate) max_leaf_nodes: Option<usize>,
    /// How many features a split looks at.
    pub(crate) max_features: usize,
    /// One random threshold for each feature in place of the best.
    pub(crate) random_thresholds: bool,
}

/// A node that waits: some rows, and where they hang.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    start: usize,
    end: usize,
    depth: usize,
    parent: Option<(usize, bool)>,
}

/// Grows a tree for the rows in `space.rows`, ascending.
pub(crate) fn grow<C: Criterion>(
    criterion: &mut C,
    ranks: &Ranks,
    limits: &Limits,
    random: &mut Random,
    space: &mut Space,
) -> Tree {
    let tree = Tree::new(ranks.n_features(), criterion.n_outputs());
    let mut grower = Grower {
        total: 0.0,
        limits,
        tree,
        search: Search::new(criterion, ranks, limits, random, space),
    };
    match limits.max_leaf_nodes {
        None => grower.depth_first(),
        Some(leaves) => grower.best_first(leaves),
    }
    grower.tree
}

struct Grower<'a, C> {
    /// The weight of all rows.
    total: f64,
    limits: &'a Limits,
    tree: Tree,
    search: Search<'a, C>,
}

impl<C: Criterion> Grower<'_, C> {
    fn root(&self) -> Waiting {
        Waiting {
            start: 0,
            end: self.search.space.rows.len(),
            depth: 0,
            parent: None,
        }
    }

    fn depth_first(&mut self) {
        let mut stack = vec![self.root()];
        while let Some(waiting) = stack.pop() {
            let node = self.add(waiting);
            let judge = self.limits.min_impurity_decrease > 0.0;
            if let Some(split) = self.split(node, waiting, judge) {
                self.tree.make_split(node, split.feature, split.threshold);
                let [left, right] = children(node, waiting, split.middle);
                stack.extend([right, left]);
            }
        }
    }

    /// The node whose split helps most comes first, until there are enough leaves.
    fn best_first(&mut self, max_leaf_nodes: usize) {
        let mut heap = BinaryHeap::new();
        let mut leaves = 1;
        heap.extend(self.candidate(self.root()));
        while let Some(best) = heap.pop() {
            if leaves == max_leaf_nodes {
                break;
            }
            leaves += 1;
            self.tree
                .make_split(best.node, best.split.feature, best.split.threshold);
            for child in children(best.node, best.waiting, best.split.middle) {
                heap.extend(self.candidate(child));
            }
        }
    }

    fn candidate(&mut self, waiting: Waiting) -> Option<Candidate> {
        let node = self.add(waiting);
        let split = self.split(node, waiting, true)?;
        Some(Candidate {
            improvement: split.improvement,
            node,
            split,
            waiting,
        })
    }

    /// Adds a node as a leaf and makes its rows the criterion's.
    fn add(&mut self, waiting: Waiting) -> usize {
        let Waiting { start, end, .. } = waiting;
        let (criterion, space) = (&mut *self.search.criterion, &mut *self.search.space);
        criterion.enter(&space.rows[start..end]);
        if waiting.parent.is_none() {
            self.total = criterion.weight();
        }
        let node = self
            .tree
            .push(end - start, criterion.weight(), criterion.impurity());
        criterion.push_value(self.tree.values_mut());
        if let Some((parent, left)) = waiting.parent {
            self.tree.set_child(parent, left, node);
        }
        node
    }

    /// Splits the rows of the node that was just added, unless it has to stay a leaf.
    fn split(&mut self, node: usize, waiting: Waiting, judge: bool) -> Option<Split> {
        let Waiting {
            start, end, depth, ..
        } = waiting;
        let n_samples = end - start;
        let criterion = &*self.search.criterion;
        if depth >= self.limits.max_depth
            || n_samples < self.limits.min_samples_split
            || n_samples < 2 * self.limits.leaf.min_samples
            || criterion.weight() < 2.0 * self.limits.leaf.min_weight
            || criterion.is_pure()
        {
            return None;
        }
        let best: Best = self.search.best(start, end)?;
        let mut split = self.search.part(start, end, &best);
        if judge {
            split.improvement = self.improvement(node, start, end, split.middle);
            if split.improvement + NEGLIGIBLE < self.limits.min_impurity_decrease {
                return None;
            }
        }
        Some(split)
    }

    /// The decrease of the impurity, as a share of all rows.
    fn improvement(&mut self, node: usize, start: usize, end: usize, middle: usize) -> f64 {
        let weight = self.tree.weighted_n_node_samples(node);
        let mut decrease = self.tree.impurity(node);
        for (from, to) in [(middle, end), (start, middle)] {
            self.search
                .criterion
                .enter(&self.search.space.rows[from..to]);
            let share = self.search.criterion.weight() / weight;
            decrease -= share * self.search.criterion.impurity();
        }
        weight / self.total * decrease
    }
}

fn children(node: usize, waiting: Waiting, middle: usize) -> [Waiting; 2] {
    let child = |start, end, left| Waiting {
        start,
        end,
        depth: waiting.depth + 1,
        parent: Some((node, left)),
    };
    [
        child(waiting.start, middle, true),
        child(middle, waiting.end, false),
    ]
}

/// A node that can be split; its rows are parted already.
#[derive(Debug)]
struct Candidate {
    improvement: f64,
    node: usize,
    split: Split,
    waiting: Waiting,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Of equal ones, the older node.
        self.improvement
            .total_cmp(&other.improvement)
            .then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}
