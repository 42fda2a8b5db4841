//! Minimal cost-complexity pruning.

use super::nodes::Tree;

/// The steps of pruning a tree down to its root.
///
/// The cost of a tree T is R(T) + α · (number of leaves), where R is the impurity of the leaves weighted by their samples.
/// The weakest link is the split that is worth the least per leaf, α_eff = (R(t) − R(T_t)) / (|T_t| − 1). It is removed
/// first; `ccp_alphas` are the α_eff in this order and `impurities` R after each.
#[derive(Clone, Debug, PartialEq)]
pub struct PruningPath {
    /// The effective α of each step, ascending; the first is 0.
    pub ccp_alphas: Vec<f64>,
    /// The impurity of the leaves after each step.
    pub impurities: Vec<f64>,
}

/// What pruning keeps of each node.
struct Pruning<'a> {
    tree: &'a Tree,
    parent: Vec<Option<usize>>,
    /// Its own weighted impurity, and that of its leaves.
    own: Vec<f64>,
    branch: Vec<f64>,
    n_leaves: Vec<usize>,
    /// Whether it still is a split.
    splits: Vec<bool>,
}

impl<'a> Pruning<'a> {
    fn new(tree: &'a Tree) -> Self {
        let n = tree.node_count();
        let share = |node| tree.weighted_n_node_samples(node) / tree.weighted_n_node_samples(0);
        let mut pruning = Self {
            tree,
            parent: vec![None; n],
            own: (0..n)
                .map(|node| share(node) * tree.impurity(node))
                .collect(),
            branch: vec![0.0; n],
            n_leaves: vec![1; n],
            splits: (0..n).map(|node| !tree.is_leaf(node)).collect(),
        };
        // Children stand behind their parents.
        for node in (0..n).rev() {
            match tree.children(node) {
                None => pruning.branch[node] = pruning.own[node],
                Some((left, right)) => {
                    pruning.parent[left] = Some(node);
                    pruning.parent[right] = Some(node);
                    pruning.branch[node] = pruning.branch[left] + pruning.branch[right];
                    pruning.n_leaves[node] = pruning.n_leaves[left] + pruning.n_leaves[right];
                }
            }
        }
        pruning
    }

    /// The split that is worth the least, and how much per leaf.
    fn weakest(&self) -> Option<(usize, f64)> {
        let mut weakest: Option<(usize, f64)> = None;
        for node in (0..self.splits.len()).filter(|&node| self.splits[node]) {
            let alpha = (self.own[node] - self.branch[node]) / (self.n_leaves[node] - 1) as f64;
            if weakest.is_none_or(|(_, least)| alpha < least) {
                weakest = Some((node, alpha));
            }
        }
        weakest
    }

    fn cut(&mut self, node: usize) {
        let mut stack = vec![node];
        while let Some(at) = stack.pop() {
            self.splits[at] = false;
            stack.extend(
                self.tree
                    .children(at)
                    .into_iter()
                    .flat_map(|(left, right)| [left, right]),
            );
        }
        let leaves = self.n_leaves[node] - 1;
        let more = self.own[node] - self.branch[node];
        let mut above = Some(node);
        while let Some(at) = above {
            self.n_leaves[at] -= leaves;
            self.branch[at] += more;
            above = self.parent[at];
        }
    }
}

pub(crate) fn path(tree: &Tree) -> PruningPath {
    let mut pruning = Pruning::new(tree);
    let mut path = PruningPath {
        ccp_alphas: vec![0.0],
        impurities: vec![pruning.branch[0]],
    };
    while let Some((node, alpha)) = pruning.weakest() {
        pruning.cut(node);
        path.ccp_alphas.push(alpha);
        path.impurities.push(pruning.branch[0]);
    }
    path
}

/// The tree without the splits that are worth at most `ccp_alpha` per leaf.
pub(crate) fn prune(tree: Tree, ccp_alpha: f64) -> Tree {
    if ccp_alpha == 0.0 {
        return tree;
    }
    let mut pruning = Pruning::new(&tree);
    while let Some((node, alpha)) = pruning.weakest()
        && alpha <= ccp_alpha
    {
        pruning.cut(node);
    }
    let mut pruned = Tree::new(tree.n_features(), tree.value(0).len());
    let mut stack = vec![(0, None)];
    while let Some((node, parent)) = stack.pop() {
        let copy = pruned.push_copy(&tree, node);
        if let Some((parent, left)) = parent {
            pruned.set_child(parent, left, copy);
        }
        if pruning.splits[node]
            && let (Some((feature, threshold)), Some((left, right))) =
                (tree.split(node), tree.children(node))
        {
            pruned.make_split(copy, feature, threshold);
            stack.push((right, Some((copy, false))));
            stack.push((left, Some((copy, true))));
        }
    }
    pruned
}
