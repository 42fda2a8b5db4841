//! Texts as tables of numbers: a row for each text, a column for each word.
//!
//! [`CountVectorizer`] counts words; [`TfidfVectorizer`] weighs them, so that words that stand everywhere count less:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let reviews = ["un film magnifique", "un film long", "long mais magnifique"];
//! let words = TfidfVectorizer::new().stop_words(StopWords::French).fit(&reviews)?;
//! assert_eq!(words.feature_names_out(), ["film", "long", "magnifique"]);
//! let x = words.transform(&reviews)?;
//! assert_eq!(x.dim(), (3, 3));
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! The vocabulary is learnt from the training texts; words that only new texts hold are left out. Inside, tables are
//! sparse: [`transform_sparse`](FittedTfidfVectorizer::transform_sparse) gives them as they are.
//!
//! Source: scikit-learn, module `feature_extraction.text`.

mod analyzer;
mod count;
mod stop_words;
mod tfidf;

pub use analyzer::{Analyzer, StopWords};
pub use count::{CountVectorizer, FittedCountVectorizer};
pub use tfidf::{FittedTfidfVectorizer, TfidfVectorizer};
