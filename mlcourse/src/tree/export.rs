//! A tree in words.

use super::nodes::Tree;
use crate::{Result, check};
use std::fmt::Write as _;

/// How many levels [`export_text`](crate::tree::FittedDecisionTreeClassifier::export_text) writes.
const MAX_DEPTH: usize = 10;

/// What a leaf predicts, in words.
pub(crate) trait Leaves {
    /// As scikit-learn's text says it.
    fn text(&self, value: &[f64]) -> String;
    /// As a rule says it.
    fn rule(&self, value: &[f64]) -> String;
}

/// The names of the features, or generic ones.
pub(crate) fn names(n_features: usize, names: &[&str], generic: &str) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok((0..n_features)
            .map(|feature| format!("{generic}{feature}"))
            .collect());
    }
    check::names("feature_names", "the features", n_features, names.len())?;
    Ok(names.iter().map(|&name| name.to_owned()).collect())
}

/// Scikit-learn's `export_text`.
pub(crate) fn text(tree: &Tree, names: &[String], leaves: &impl Leaves) -> String {
    let mut text = String::new();
    // What remains to be written, the next last: a branch to open, or a node.
    let mut stack = vec![(0, 1, None::<(usize, &str, f64)>)];
    while let Some((node, depth, branch)) = stack.pop() {
        let indent = |depth: usize| "|   ".repeat(depth - 1) + "|---";
        // Writing to a string does not fail.
        if let Some((feature, sign, threshold)) = branch {
            let name = &names[feature];
            let _ = writeln!(text, "{} {name} {sign} {threshold:.2}", indent(depth - 1));
        }
        let below = subtree_depth(tree, node);
        if depth > MAX_DEPTH + 1 && below > 1 {
            let _ = writeln!(text, "{} truncated branch of depth {below}", indent(depth));
            continue;
        }
        match (tree.split(node), tree.children(node)) {
            (Some((feature, threshold)), Some((left, right))) => {
                stack.push((right, depth + 1, Some((feature, "> ", threshold))));
                stack.push((left, depth + 1, Some((feature, "<=", threshold))));
            }
            _ => {
                let _ = writeln!(text, "{} {}", indent(depth), leaves.text(tree.value(node)));
            }
        }
    }
    text
}

/// The number of levels from a node down, itself included.
fn subtree_depth(tree: &Tree, node: usize) -> usize {
    let (mut deepest, mut stack) = (0, vec![(node, 1)]);
    while let Some((node, depth)) = stack.pop() {
        deepest = deepest.max(depth);
        if let Some((left, right)) = tree.children(node) {
            stack.extend([(left, depth + 1), (right, depth + 1)]);
        }
    }
    deepest
}

/// One sentence a leaf, from left to right.
pub(crate) fn rules(tree: &Tree, names: &[String], leaves: &impl Leaves) -> Vec<String> {
    let mut rules = Vec::new();
    let mut stack = vec![(0, String::new())];
    while let Some((node, conditions)) = stack.pop() {
        match (tree.split(node), tree.children(node)) {
            (Some((feature, threshold)), Some((left, right))) => {
                let and = if conditions.is_empty() { "" } else { " and " };
                let with = |sign: &str| {
                    format!("{conditions}{and}{} {sign} {threshold:.4}", names[feature])
                };
                stack.push((right, with(">")));
                stack.push((left, with("≤")));
            }
            _ => {
                let when = if conditions.is_empty() {
                    "always".to_owned()
                } else {
                    format!("if {conditions}")
                };
                let n = tree.n_node_samples(node);
                let plural = if n == 1 { "" } else { "s" };
                rules.push(format!(
                    "{when}: {} ({n} sample{plural})",
                    leaves.rule(tree.value(node))
                ));
            }
        }
    }
    rules
}
