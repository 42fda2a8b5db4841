//! Which rows there are, and which of them a model has seen.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// One row of a source, wherever it went since: it keeps its name through selections, shuffles and copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowId {
    /// The source, by its content.
    pub origin: u64,
    /// The row in it, from 0.
    pub index: u64,
}

/// The names of the rows of a table, in order. A copy is cheap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<RowId>", from = "Vec<RowId>")]
pub struct Rows(Arc<[RowId]>);

impl Rows {
    /// All rows of a source.
    pub(crate) fn whole(origin: u64, n_rows: usize) -> Self {
        (0..n_rows as u64)
            .map(|index| RowId { origin, index })
            .collect()
    }

    /// Those at some places.
    pub(crate) fn select(&self, places: &[usize]) -> Self {
        places.iter().map(|&place| self.0[place]).collect()
    }

    /// One after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RowId> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that stand in `other` too, in the order they have here, each once.
    pub fn shared_with(&self, other: &Self) -> Vec<RowId> {
        let mut theirs: HashSet<RowId> = other.iter().collect();
        self.iter().filter(|row| theirs.remove(row)).collect()
    }
}

impl From<Vec<RowId>> for Rows {
    fn from(rows: Vec<RowId>) -> Self {
        Self(rows.into())
    }
}

impl From<Rows> for Vec<RowId> {
    fn from(rows: Rows) -> Self {
        rows.0.to_vec()
    }
}

impl FromIterator<RowId> for Rows {
    fn from_iter<I: IntoIterator<Item = RowId>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

/// A step that has learnt, and the rows it has learnt from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The step: `StandardScaler`, …
    pub name: String,
    /// The rows.
    pub rows: Rows,
}

/// Everything that a value owes to data: each step that has learnt, with the rows it has seen. A copy is cheap.
///
/// What is learnt from plain arrays has none: arrays do not say which rows they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<Stage>", from = "Vec<Stage>")]
pub struct Lineage(Arc<Vec<Stage>>);

impl Lineage {
    /// This and one step more.
    pub(crate) fn and(&self, name: &str, rows: &Rows) -> Self {
        self.join(&Self(Arc::new(vec![Stage {
            name: name.to_owned(),
            rows: rows.clone(),
        }])))
    }

    /// This and all steps of another that are not in it.
    pub(crate) fn join(&self, other: &Self) -> Self {
        if other.0.is_empty() || Arc::ptr_eq(&self.0, &other.0) {
            return self.clone();
        }
        let mut stages = Vec::clone(&self.0);
        for stage in other.0.iter() {
            if !stages.contains(stage) {
                stages.push(stage.clone());
            }
        }
        Self(Arc::new(stages))
    }

    /// The steps, oldest first.
    pub fn stages(&self) -> &[Stage] {
        &self.0
    }
}

impl From<Vec<Stage>> for Lineage {
    fn from(stages: Vec<Stage>) -> Self {
        Self(Arc::new(stages))
    }
}

impl From<Lineage> for Vec<Stage> {
    fn from(lineage: Lineage) -> Self {
        Arc::unwrap_or_clone(lineage.0)
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("learnt from plain arrays");
        }
        for (place, stage) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { " → " };
            write!(f, "{separator}{} ({} rows)", stage.name, stage.rows.len())?;
        }
        Ok(())
    }
}
