use crate::display::{Cell, Display, MimeBundle, Table};
use ndarray::{Array1, CowArray, Ix2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many samples walk down a tree side by side.
const LANES: usize = 8;

/// A grown binary tree as flat arrays: node 0 is the root, and each node stands before its children.
///
/// A sample goes from a split to its left child where its feature is at most the threshold, and else to the right one;
/// the leaf where it arrives says the value.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0], [2.0], [3.0]];
/// let model = DecisionTreeRegressor::new().fit((&x, &array![5.0, 5.0, 8.0]))?;
/// let tree = model.tree();
/// assert_eq!(tree.split(0), Some((0, 2.5)));
/// assert_eq!(tree.children(0), Some((1, 2)));
/// assert_eq!((tree.value(1), tree.value(2)), (&[5.0][..], &[8.0][..]));
/// # Ok::<(), mlcourse::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    n_features: usize,
    n_outputs: usize,
    nodes: Vec<Node>,
    impurity: Vec<f64>,
    weight: Vec<f64>,
    value: Vec<f64>,
}

/// A leaf is its own child on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Node {
    threshold: f64,
    feature: u32,
    left: u32,
    right: u32,
    n_samples: u32,
}

impl Tree {
    pub(crate) fn new(n_features: usize, n_outputs: usize) -> Self {
        Self {
            n_features,
            n_outputs,
            ..Self::default()
        }
    }

    /// Adds a leaf; the caller adds its value.
    pub(crate) fn push(&mut self, n_samples: usize, weight: f64, impurity: f64) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node {
            threshold: 0.0,
            feature: 0,
            left: node as u32,
            right: node as u32,
            n_samples: n_samples as u32,
        });
        self.weight.push(weight);
        self.impurity.push(impurity);
        node
    }

    pub(crate) fn values_mut(&mut self) -> &mut Vec<f64> {
        &mut self.value
    }

    /// Makes a leaf a split; its children follow.
    pub(crate) fn make_split(&mut self, node: usize, feature: usize, threshold: f64) {
        self.nodes[node].feature = feature as u32;
        self.nodes[node].threshold = threshold;
    }

    pub(crate) fn set_child(&mut self, node: usize, left: bool, child: usize) {
        let side = &mut self.nodes[node];
        *if left {
            &mut side.left
        } else {
            &mut side.right
        } = child as u32;
    }

    /// Copies a node, without children, from another tree.
    pub(crate) fn push_copy(&mut self, from: &Self, node: usize) -> usize {
        let copy = self.push(
            from.n_node_samples(node),
            from.weight[node],
            from.impurity[node],
        );
        self.value.extend_from_slice(from.value(node));
        copy
    }

    /// The number of features it was grown on.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The number of nodes, splits and leaves.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Whether a node is a leaf.
    pub fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].left as usize == node
    }

    /// The children of a split, left and right; nothing for a leaf.
    pub fn children(&self, node: usize) -> Option<(usize, usize)> {
        (!self.is_leaf(node)).then(|| {
            let node = &self.nodes[node];
            (node.left as usize, node.right as usize)
        })
    }

    /// The feature and the threshold of a split; nothing for a leaf.
    pub fn split(&self, node: usize) -> Option<(usize, f64)> {
        (!self.is_leaf(node)).then(|| {
            let node = &self.nodes[node];
            (node.feature as usize, node.threshold)
        })
    }

    /// The value of a node: the share of each class, or one number.
    pub fn value(&self, node: usize) -> &[f64] {
        &self.value[node * self.n_outputs..(node + 1) * self.n_outputs]
    }

    /// How mixed the training samples of a node are, by the criterion.
    pub fn impurity(&self, node: usize) -> f64 {
        self.impurity[node]
    }

    /// The number of different training samples of a node.
    pub fn n_node_samples(&self, node: usize) -> usize {
        self.nodes[node].n_samples as usize
    }

    /// The summed weight of the training samples of a node.
    pub fn weighted_n_node_samples(&self, node: usize) -> f64 {
        self.weight[node]
    }

    /// The number of leaves.
    pub fn n_leaves(&self) -> usize {
        (0..self.node_count())
            .filter(|&node| self.is_leaf(node))
            .count()
    }

    /// The most splits between the root and a leaf.
    pub fn depth(&self) -> usize {
        self.depths().into_iter().max().unwrap_or(0)
    }

    /// How many splits stand above each node.
    pub(crate) fn depths(&self) -> Vec<usize> {
        let mut depths = vec![0; self.node_count()];
        for node in 0..self.node_count() {
            if let Some((left, right)) = self.children(node) {
                depths[left] = depths[node] + 1;
                depths[right] = depths[node] + 1;
            }
        }
        depths
    }

    /// The leaf of one sample, of as many features as at `fit`.
    pub(crate) fn leaf(&self, row: &[f64]) -> usize {
        let mut node = 0;
        loop {
            let next = self.next(node, row);
            if next == node {
                return node;
            }
            node = next;
        }
    }

    fn next(&self, node: usize, row: &[f64]) -> usize {
        let split = &self.nodes[node];
        (if row[split.feature as usize] <= split.threshold {
            split.left
        } else {
            split.right
        }) as usize
    }

    /// Says the leaf of each row of a standard-layout block of rows, in order. Several rows walk at once: each waits for
    /// memory while the others move.
    pub(crate) fn leaves(&self, rows: &[f64], mut say: impl FnMut(usize, usize)) {
        let width = self.n_features;
        let block = LANES * width;
        let mut first = 0;
        for rows in rows.chunks(block) {
            if rows.len() < block {
                for (lane, row) in rows.chunks(width).enumerate() {
                    say(first + lane, self.leaf(row));
                }
                return;
            }
            let mut nodes = [0; LANES];
            loop {
                let mut moved = 0;
                for (lane, node) in nodes.iter_mut().enumerate() {
                    let next = self.next(*node, &rows[lane * width..(lane + 1) * width]);
                    moved |= next ^ *node;
                    *node = next;
                }
                if moved == 0 {
                    break;
                }
            }
            for (lane, node) in nodes.into_iter().enumerate() {
                say(first + lane, node);
            }
            first += LANES;
        }
    }

    /// The leaf of each row.
    pub(crate) fn apply(&self, x: &CowArray<'_, f64, Ix2>) -> Array1<usize> {
        let mut leaves = Array1::zeros(x.nrows());
        let rows = x.as_slice().expect("the rows were made contiguous");
        self.leaves(rows, |row, leaf| leaves[row] = leaf);
        leaves
    }

    /// How much each feature's splits decrease the impurity, weighted by the samples they see, shape (n_features).
    pub(crate) fn decreases(&self) -> Vec<f64> {
        let mut decreases = vec![0.0; self.n_features];
        let total = |node: usize| self.weight[node] * self.impurity[node];
        for node in 0..self.node_count() {
            if let Some((left, right)) = self.children(node) {
                decreases[self.nodes[node].feature as usize] +=
                    total(node) - total(left) - total(right);
            }
        }
        let weight = self.weight[0];
        decreases
            .iter_mut()
            .for_each(|decrease| *decrease /= weight);
        decreases
    }

    /// The decreases as shares that add up to 1; zeros where there is no split.
    pub(crate) fn importances(&self) -> Vec<f64> {
        normalised(self.decreases())
    }

    fn table(&self) -> Table {
        let columns = ["node", "depth", "feature", "threshold", "left", "right"];
        let mut columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        columns.extend(["samples", "impurity", "value"].map(str::to_owned));
        let caption = format!(
            "{} nodes, {} leaves, depth {}",
            self.node_count(),
            self.n_leaves(),
            self.depth()
        );
        let mut table = Table::new(&columns).caption(caption);
        let depths = self.depths();
        for (node, depth) in depths.into_iter().enumerate() {
            let mut cells: Vec<Cell> = vec![node.into(), depth.into()];
            match (self.split(node), self.children(node)) {
                (Some((feature, threshold)), Some((left, right))) => cells.extend([
                    Cell::from(feature),
                    threshold.into(),
                    left.into(),
                    right.into(),
                ]),
                _ => cells.extend([const { Cell::Empty }; 4]),
            }
            let value: Vec<String> = self
                .value(node)
                .iter()
                .map(|value| format!("{value:.3}"))
                .collect();
            cells.extend([
                Cell::from(self.n_node_samples(node)),
                self.impurity[node].into(),
                value.join(" ").into(),
            ]);
            table.push(cells);
        }
        table
    }
}

/// Shares of a sum that is not 0.
pub(crate) fn normalised(mut values: Vec<f64>) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    if sum > 0.0 {
        values.iter_mut().for_each(|value| *value /= sum);
    }
    values
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for Tree {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
