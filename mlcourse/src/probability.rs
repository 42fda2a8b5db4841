//! Probabilities as the course writes them: Bayes' theorem and the normal distribution.
//!
//! ```
//! use mlcourse::prelude::*;
//! use mlcourse::probability::{bayes, bayes_partition};
//!
//! // A test finds 99 % of the ill and 5 % of the healthy; 1 % are ill. How many of those it finds are ill?
//! let found = bayes_partition(&array![0.01, 0.99], &array![0.99, 0.05])?;
//! assert!((found.evidence() - 0.0594).abs() < 1e-12);
//! assert!((found.posteriors()[0] - 1.0 / 6.0).abs() < 1e-12);
//!
//! // The same from P(B|A), P(A) and P(B).
//! assert!((bayes(0.99, 0.01, found.evidence())? - 1.0 / 6.0).abs() < 1e-12);
//!
//! // The normal distribution, also far out where 1 − cdf has no digit left.
//! let normal = Normal::standard();
//! assert!((normal.cdf(1.96) - 0.975).abs() < 1e-4);
//! assert!(normal.sf(10.0) > 7.6e-24 && normal.sf(10.0) < 7.7e-24);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Source: course, section 1.2; SciPy's `stats.norm`.

mod bayes;
mod normal;
mod quantile;

pub use bayes::{Posterior, bayes, bayes_partition};
pub use normal::Normal;
pub(crate) use quantile::standard_quantile;
