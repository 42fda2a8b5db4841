//! Bayes' theorem.

use crate::display::{Display, MimeBundle, Table};
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1};
use std::fmt;

/// By how much probabilities that must add up may be off.
const ROUNDING: f64 = 1e-9;

/// Bayes' theorem for two events: P(A|B) = P(B|A) · P(A) / P(B).
///
/// `likelihood` is P(B|A), `prior` is P(A), `evidence` is P(B). Where P(B) is not known, [`bayes_partition`] computes it.
///
/// ```
/// use mlcourse::probability::bayes;
///
/// // 80 % of the spam has a word that 25 % of all mail has; 20 % of all mail is spam.
/// assert!((bayes(0.8, 0.2, 0.25)? - 0.64).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When a number is no probability, P(B) = 0 (what never happens is no evidence), or P(B) < P(B|A) · P(A) (B happens at
/// least as often as A and B together).
///
/// Source: course, section 1.2 (*Théorème de Bayes*).
pub fn bayes(likelihood: f64, prior: f64, evidence: f64) -> Result<f64> {
    check_probability("likelihood", likelihood)?;
    check_probability("prior", prior)?;
    check_probability("evidence", evidence)?;
    if evidence == 0.0 {
        return Err(Error::parameter(
            "evidence",
            "above 0: P(A|B) says nothing of an event B that never happens",
            evidence,
        ));
    }
    let joint = likelihood * prior;
    if joint > evidence * (1.0 + ROUNDING) {
        return Err(Error::parameter(
            "evidence",
            format!("at least P(B|A) · P(A) = {joint}, the probability of A and B together"),
            evidence,
        ));
    }
    Ok((joint / evidence).min(1.0))
}

fn check_probability(name: &'static str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::parameter(name, "a probability, from 0 to 1", value))
}

/// What [`bayes_partition`] found. It shows as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    priors: Array1<f64>,
    likelihoods: Array1<f64>,
    posteriors: Array1<f64>,
    evidence: f64,
}

impl Posterior {
    /// P(A_i|B), shape (n). They add up to 1.
    pub fn posteriors(&self) -> &Array1<f64> {
        &self.posteriors
    }

    /// P(B) = Σ_i P(B|A_i) · P(A_i), the law of total probability.
    pub fn evidence(&self) -> f64 {
        self.evidence
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["i", "P(A_i)", "P(B|A_i)", "P(A_i|B)"])
            .decimals(4)
            .caption(format!("P(B) = {:.4}", self.evidence));
        for (place, &posterior) in self.posteriors.iter().enumerate() {
            table.push(vec![
                place.into(),
                self.priors[place].into(),
                self.likelihoods[place].into(),
                posterior.into(),
            ]);
        }
        table
    }
}

impl fmt::Display for Posterior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for Posterior {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// Bayes' theorem over a partition A_1, …, A_n, of which exactly one holds:
/// P(A_i|B) = P(B|A_i) · P(A_i) / Σ_j P(B|A_j) · P(A_j).
///
/// `priors` are P(A_i), shape (n), and add up to 1; `likelihoods` are P(B|A_i), shape (n), and need not.
///
/// ```
/// use mlcourse::prelude::*;
/// use mlcourse::probability::bayes_partition;
///
/// // Three machines make 50, 30 and 20 % of the parts, with 1, 2 and 3 % of rejects. Who made a reject?
/// let who = bayes_partition(&array![0.5, 0.3, 0.2], &array![0.01, 0.02, 0.03])?;
/// assert!((who.evidence() - 0.017).abs() < 1e-15);
/// assert!((who.posteriors()[0] - 5.0 / 17.0).abs() < 1e-15);
/// println!("{who}");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When the lists differ in length, a number is no probability, the priors do not add up to 1, or P(B) = 0.
///
/// Source: course, section 1.2 (*Théorème de Bayes*).
pub fn bayes_partition(priors: &ArrayRef1<f64>, likelihoods: &ArrayRef1<f64>) -> Result<Posterior> {
    check::same_length("priors", priors.len(), "likelihoods", likelihoods.len())?;
    check::not_empty("priors", priors.len())?;
    for (&prior, &likelihood) in priors.iter().zip(likelihoods) {
        check_probability("priors", prior)?;
        check_probability("likelihoods", likelihood)?;
    }
    let total = priors.sum();
    if (total - 1.0).abs() > ROUNDING {
        return Err(Error::parameter(
            "priors",
            "probabilities that add up to 1, one for each case",
            format!("a list that adds up to {total}"),
        ));
    }
    let joint = priors * likelihoods;
    let evidence = joint.sum();
    if evidence == 0.0 {
        return Err(Error::parameter(
            "likelihoods",
            "above 0 in at least one case whose prior is above 0: else B never happens",
            "0 in all of them",
        ));
    }
    Ok(Posterior {
        priors: priors.to_owned(),
        likelihoods: likelihoods.to_owned(),
        posteriors: joint / evidence,
        evidence,
    })
}
