//! The categories of columns of words: which there are, and which are too rare to stand alone.

use super::TextColumns;
use crate::estimator::Parameter;
use crate::words::WordMap;
use crate::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A number of rows, or a share of all: `5` or `0.05`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Frequency {
    /// So many rows.
    Count(usize),
    /// Such a share of the rows, between 0 and 1.
    Share(f64),
}

impl From<usize> for Frequency {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<i32> for Frequency {
    fn from(count: i32) -> Self {
        Self::Count(usize::try_from(count).unwrap_or(0))
    }
}

impl From<f64> for Frequency {
    fn from(share: f64) -> Self {
        Self::Share(share)
    }
}

impl Frequency {
    /// It as a number of rows.
    pub(crate) fn of(self, n_rows: usize) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Share(share) => share * n_rows as f64,
        }
    }

    pub(crate) fn check(self, name: &'static str) -> Result<()> {
        match self {
            Self::Share(share) if !(0.0..=1.0).contains(&share) => Err(Error::parameter(
                name,
                "a whole number of rows, or a share from 0.0 to 1.0",
                share,
            )),
            _ => Ok(()),
        }
    }
}

impl crate::estimator::value::Value for Frequency {
    fn expected() -> String {
        "a whole number of rows, or a share from 0.0 to 1.0".into()
    }
    fn to_parameter(&self) -> Parameter {
        match self {
            Self::Count(count) => count.to_parameter(),
            Self::Share(share) => Parameter::Float(*share),
        }
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::Integer(count) => usize::try_from(*count).ok().map(Self::Count),
            Parameter::Float(share) => Some(Self::Share(*share)),
            _ => None,
        }
    }
}

/// What becomes of rare categories.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rare {
    pub(crate) min_frequency: Option<Frequency>,
    pub(crate) max_categories: Option<usize>,
    /// Whether "missing" is a category like the others, which may be rare.
    pub(crate) missing_counts: bool,
}

impl Rare {
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(frequency) = self.min_frequency {
            frequency.check("min_frequency")?;
        }
        match self.max_categories {
            Some(0) => Err(Error::parameter("max_categories", "1 or more", 0)),
            _ => Ok(()),
        }
    }
}

/// The categories of one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ColumnCategories {
    /// In order; `None`, missing, comes last.
    pub(crate) words: Vec<Option<String>>,
    pub(crate) counts: Vec<usize>,
    /// The rare ones.
    pub(crate) infrequent: Vec<usize>,
    /// The group of each category: the frequent ones in order, then all rare ones in one. "Missing" stands outside when
    /// it does not count.
    pub(crate) groups: Vec<Option<usize>>,
    pub(crate) n_groups: usize,
}

impl ColumnCategories {
    /// Finds the categories in a column, or takes those given.
    fn find(
        words: &[Option<String>],
        given: Option<&[String]>,
        rare: &Rare,
    ) -> std::result::Result<Self, Unknown> {
        let mut counted: WordMap<&str, usize> = WordMap::default();
        let mut n_missing = 0;
        for word in words {
            match word {
                Some(word) => *counted.entry(word).or_insert(0) += 1,
                None => n_missing += 1,
            }
        }
        let mut found: Vec<(Option<String>, usize)> = match given {
            None => {
                let mut found: Vec<(&str, usize)> = counted.into_iter().collect();
                found.sort_unstable();
                let owned = |(word, count): (&str, usize)| (Some(word.to_owned()), count);
                found.into_iter().map(owned).collect()
            }
            Some(given) => {
                let count = |word: &String| counted.remove(word.as_str()).unwrap_or(0);
                let counts: Vec<usize> = given.iter().map(count).collect();
                if let Some(row) = words.iter().position(|word| {
                    word.as_ref()
                        .is_some_and(|word| counted.contains_key(word.as_str()))
                }) {
                    return Err(Unknown { row });
                }
                given.iter().cloned().map(Some).zip(counts).collect()
            }
        };
        if n_missing > 0 {
            found.push((None, n_missing));
        }
        let (categories, counts): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let mut column = Self {
            infrequent: Vec::new(),
            groups: Vec::new(),
            n_groups: 0,
            words: categories,
            counts,
        };
        column.group(words.len(), rare);
        Ok(column)
    }

    /// Puts the rare categories into one group.
    fn group(&mut self, n_rows: usize, rare: &Rare) {
        let outside = !rare.missing_counts && self.words.last() == Some(&None);
        let n_categories = self.words.len() - usize::from(outside);
        let counts = &self.counts[..n_categories];
        let least = rare.min_frequency.map_or(0.0, |least| least.of(n_rows));
        let mut is_rare: Vec<bool> = counts.iter().map(|&count| (count as f64) < least).collect();
        let n_frequent = is_rare.iter().filter(|rare| !**rare).count();
        if let Some(most) = rare.max_categories
            && most < n_frequent + 1
        {
            // The group of the rare ones is one of them. Of equally frequent ones the last stay.
            let mut order: Vec<usize> = (0..n_categories).collect();
            order.sort_by_key(|&category| counts[category]);
            for &category in &order[..n_categories.saturating_sub(most - 1)] {
                is_rare[category] = true;
            }
        }
        self.infrequent = (0..n_categories)
            .filter(|&category| is_rare[category])
            .collect();
        let mut next = 0;
        let n_frequent = n_categories - self.infrequent.len();
        self.groups = (0..self.words.len())
            .map(|category| {
                if category >= n_categories {
                    None
                } else if is_rare[category] {
                    Some(n_frequent)
                } else {
                    next += 1;
                    Some(next - 1)
                }
            })
            .collect();
        self.n_groups = n_frequent + usize::from(!self.infrequent.is_empty());
    }

    /// Where each word stands.
    fn places(&self) -> (WordMap<&str, usize>, Option<usize>) {
        let mut places = WordMap::default();
        let mut missing = None;
        for (place, word) in self.words.iter().enumerate() {
            match word {
                Some(word) => {
                    places.insert(word.as_str(), place);
                }
                None => missing = Some(place),
            }
        }
        (places, missing)
    }

    /// The category of each row, from 0; none where it is unknown.
    pub(crate) fn codes(&self, words: &[Option<String>]) -> Vec<Option<usize>> {
        let (places, missing) = self.places();
        words
            .iter()
            .map(|word| match word {
                Some(word) => places.get(word.as_str()).copied(),
                None => missing,
            })
            .collect()
    }

    /// The group of the rare ones, if there are any.
    pub(crate) fn rare_group(&self) -> Option<usize> {
        (!self.infrequent.is_empty()).then(|| self.n_groups - 1)
    }

    /// What each group is called.
    pub(crate) fn group_names(&self) -> Vec<Option<String>> {
        let mut names = vec![None; self.n_groups];
        for (word, group) in self.words.iter().zip(&self.groups) {
            if let Some(group) = group {
                names[*group].clone_from(word);
            }
        }
        if let Some(rare) = self.rare_group() {
            names[rare] = Some("infrequent_sklearn".to_owned());
        }
        names
    }

    /// The words of the rare ones.
    pub(crate) fn infrequent_words(&self) -> Vec<Option<String>> {
        self.infrequent
            .iter()
            .map(|&category| self.words[category].clone())
            .collect()
    }

    /// The categories as text, for an error.
    pub(crate) fn known(&self) -> String {
        let names: Vec<&str> = self.words.iter().map(shown).collect();
        names.join(", ")
    }
}

/// A word, or how a missing one is called.
pub(crate) fn shown(word: &Option<String>) -> &str {
    word.as_deref().unwrap_or("nan")
}

/// A row that holds no known category.
struct Unknown {
    row: usize,
}

/// The categories of all columns.
pub(crate) fn find(
    x: &TextColumns,
    given: Option<&[Vec<String>]>,
    rare: &Rare,
) -> Result<Vec<ColumnCategories>> {
    x.check()?;
    rare.check()?;
    if let Some(given) = given {
        check_given(x, given)?;
    }
    x.columns()
        .par_iter()
        .enumerate()
        .map(|(column, words)| {
            let given = given.map(|given| given[column].as_slice());
            ColumnCategories::find(words, given, rare).map_err(|Unknown { row }| {
                unknown(x, column, row, given.unwrap_or_default().join(", "))
            })
        })
        .collect()
}

fn check_given(x: &TextColumns, given: &[Vec<String>]) -> Result<()> {
    if given.len() != x.n_columns() {
        return Err(Error::parameter(
            "categories",
            format!("a list for each of the {} columns", x.n_columns()),
            format!("{} lists", given.len()),
        ));
    }
    for words in given {
        let mut sorted = words.clone();
        sorted.sort_unstable();
        if sorted.is_empty() {
            return Err(Error::parameter(
                "categories",
                "at least one word for each column",
                "none",
            ));
        }
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::parameter(
                "categories",
                "different words",
                format!("`{}` twice", twice[0]),
            ));
        }
    }
    Ok(())
}

/// An error for a category that was not there at `fit`.
pub(crate) fn unknown(x: &TextColumns, column: usize, row: usize, known: String) -> Error {
    Error::UnknownCategory {
        column: x.names()[column].clone(),
        row,
        category: shown(&x.columns()[column][row]).to_owned(),
        known,
    }
}
