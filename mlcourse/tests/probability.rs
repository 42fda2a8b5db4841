//! Bayes' theorem and the normal distribution against SciPy's and against exact values.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats};
use mlcourse::Error;
use mlcourse::prelude::*;
use mlcourse::probability::{bayes, bayes_partition};

/// Within a relative error, or equal.
fn close(ours: f64, theirs: f64, tolerance: f64) -> bool {
    ours == theirs || (ours - theirs).abs() <= tolerance * theirs.abs()
}

#[test]
fn density_and_probabilities_are_scipys_in_the_centre_and_in_the_tails() {
    let reference = file("normal");
    let normal = Normal::standard();
    let z = floats(&reference["z"]);
    let check = |name: &str, ours: &dyn Fn(f64) -> f64, tolerance: f64| {
        for (&z, &theirs) in z.iter().zip(&floats(&reference[name])) {
            let ours = ours(z);
            assert!(
                close(ours, theirs, tolerance),
                "{name}({z}): {ours:e} and {theirs:e}"
            );
        }
    };
    // SciPy rounds z² and z/√2, which costs it z² · 2⁻⁵³.
    check("pdf", &|z| normal.pdf(z), 3e-13);
    check("cdf", &|z| normal.cdf(z), 3e-13);
    check("sf", &|z| normal.sf(z), 3e-13);
    check("logpdf", &|z| normal.logpdf(z), 1e-15);
    check("logcdf", &|z| normal.logcdf(z), 3e-13);
    for (&z, &theirs) in floats(&reference["far"])
        .iter()
        .zip(&floats(&reference["far_logcdf"]))
    {
        assert!(close(normal.logcdf(z), theirs, 1e-15), "{z}");
        assert_eq!(normal.logsf(-z), normal.logcdf(z));
    }
}

#[test]
fn tails_are_exact_to_a_few_units_in_the_last_place() {
    let reference = file("normal");
    let normal = Normal::standard();
    let exact = floats(&reference["exact_sf"]);
    let logs = floats(&reference["exact_logsf"]);
    for ((&z, &exact), &log) in floats(&reference["tails"]).iter().zip(&exact).zip(&logs) {
        assert!(
            close(normal.sf(z), exact, 6e-16),
            "{z}: {:e}",
            normal.sf(z) / exact - 1.0
        );
        assert!(close(normal.cdf(-z), exact, 6e-16), "{z}");
        assert!(
            close(normal.logsf(z), log, 3e-16),
            "{z}: {:e}",
            normal.logsf(z) / log - 1.0
        );
    }
}

#[test]
fn a_quantile_is_scipys_and_undoes_the_cdf() {
    let reference = file("normal");
    let normal = Normal::standard();
    for (&p, &theirs) in floats(&reference["p"])
        .iter()
        .zip(&floats(&reference["quantile"]))
    {
        let ours = normal.quantile(p).unwrap();
        assert!(
            (ours - theirs).abs() <= 1e-15 + 4e-16 * theirs.abs(),
            "{p}: {ours} {theirs}"
        );
        assert!(
            close(normal.cdf(ours), p, 1e-13 + 2e-15 * ours * ours),
            "{p}"
        );
        assert_eq!(normal.upper_quantile(p).unwrap(), -ours);
    }
    assert_eq!(normal.quantile(0.0).unwrap(), f64::NEG_INFINITY);
    assert_eq!(normal.quantile(1.0).unwrap(), f64::INFINITY);
    for p in [-0.1, 1.1, f64::NAN] {
        assert!(normal.quantile(p).is_err(), "{p}");
    }
}

#[test]
fn mean_and_standard_deviation_shift_and_stretch() {
    let reference = &file("normal")["shifted"];
    let normal = Normal::new(3.0, 2.5).unwrap();
    for (place, &x) in floats(&reference["x"]).iter().enumerate() {
        assert!(close(
            normal.pdf(x),
            floats(&reference["pdf"])[place],
            1e-14
        ));
        assert!(close(
            normal.logpdf(x),
            floats(&reference["logpdf"])[place],
            1e-14
        ));
        assert!(close(
            normal.cdf(x),
            floats(&reference["cdf"])[place],
            1e-14
        ));
        // The formula of the course, as it stands.
        let course = (-(x - 3.0) * (x - 3.0) / (2.0 * 6.25)).exp()
            / (2.0 * std::f64::consts::PI * 6.25).sqrt();
        assert!(close(normal.pdf(x), course, 1e-14));
    }
    let isf = reference["isf"].as_f64().unwrap();
    assert!(close(normal.upper_quantile(1e-30).unwrap(), isf, 1e-14));
    assert_eq!(normal.variance(), 6.25);
    assert_eq!(normal.to_string(), "N(μ = 3, σ = 2.5)");
}

#[test]
fn the_probability_between_two_points_keeps_its_digits_in_both_tails() {
    let normal = Normal::standard();
    for (a, b) in [(-1.0, 1.0), (9.0, 10.0), (-10.0, -9.0), (0.0, 0.5)] {
        let naive = if a > 0.0 {
            normal.sf(a) - normal.sf(b)
        } else {
            normal.cdf(b) - normal.cdf(a)
        };
        assert!(
            close(normal.probability_between(a, b), naive, 1e-13),
            "{a}, {b}"
        );
    }
    assert!(normal.probability_between(9.0, 10.0) > 1e-19);
    assert_eq!(normal.probability_between(1.0, -1.0), 0.0);
    assert_eq!(
        normal.probability_between(f64::NEG_INFINITY, f64::INFINITY),
        1.0
    );
}

#[test]
fn numbers_beyond_every_scale_give_limits_and_not_nan() {
    let normal = Normal::standard();
    for x in [1e200, f64::INFINITY] {
        assert_eq!(
            (normal.pdf(x), normal.cdf(x), normal.sf(x)),
            (0.0, 1.0, 0.0)
        );
        assert_eq!(normal.logsf(x), f64::NEG_INFINITY);
        assert_eq!(
            (normal.pdf(-x), normal.cdf(-x), normal.logcdf(x)),
            (0.0, 0.0, 0.0)
        );
    }
    assert!(normal.cdf(f64::NAN).is_nan());
}

#[test]
fn samples_repeat_with_the_seed_and_have_the_shape_of_the_distribution() {
    let normal = Normal::new(-2.0, 3.0).unwrap();
    let sample = normal.sample(20_000, 7);
    assert_eq!(sample, normal.sample(20_000, 7));
    assert_ne!(sample, normal.sample(20_000, 8));
    assert_eq!(sample.slice(s![..10]), normal.sample(10, 7));
    // Kolmogorov and Smirnov: the empirical distribution is nowhere further than 1.63 / √n (1 %) from the true one.
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let furthest = sorted
        .iter()
        .enumerate()
        .map(|(rank, &x)| (normal.cdf(x) - (rank as f64 + 0.5) / 20_000.0).abs())
        .fold(0.0, f64::max);
    assert!(furthest < 1.63 / 20_000f64.sqrt(), "{furthest}");
    let fitted = Normal::fit(&sample).unwrap();
    assert!(
        (fitted.mean() + 2.0).abs() < 0.1 && (fitted.std() - 3.0).abs() < 0.1,
        "{fitted}"
    );
}

#[test]
fn the_distribution_survives_saving_and_refuses_nonsense() {
    let normal = Normal::new(0.1, 0.3).unwrap();
    let text = serde_json::to_string(&normal).unwrap();
    assert_eq!(serde_json::from_str::<Normal>(&text).unwrap(), normal);
    for std in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            Normal::new(0.0, std),
            Err(Error::InvalidParameter { name: "std", .. })
        ));
    }
    assert!(Normal::new(f64::NAN, 1.0).is_err());
    assert!(Normal::fit(&array![2.0, 2.0]).is_err());
    assert!(matches!(Normal::fit(&array![]), Err(Error::Empty { .. })));
}

#[test]
fn bayes_theorem_agrees_with_counting() {
    // Of 1000 mails 200 are spam, 160 of these and 90 others hold the word.
    let (likelihood, prior, evidence) = (160.0 / 200.0, 200.0 / 1000.0, 250.0 / 1000.0);
    assert!(close(
        bayes(likelihood, prior, evidence).unwrap(),
        160.0 / 250.0,
        1e-15
    ));
    let both = bayes_partition(&array![0.2, 0.8], &array![160.0 / 200.0, 90.0 / 800.0]).unwrap();
    assert!(close(both.evidence(), 0.25, 1e-15));
    assert!(close(both.posteriors()[0], 0.64, 1e-15));
    assert!(close(both.posteriors().sum(), 1.0, 1e-15));
    assert_eq!(
        both.to_string(),
        "i  P(A_i)  P(B|A_i)  P(A_i|B)\n0  0.2000    0.8000    0.6400\n1  0.8000    0.1125    0.3600\nP(B) = 0.2500"
    );
    // Certain evidence changes nothing; impossible causes stay impossible.
    assert_eq!(bayes(1.0, 0.3, 1.0).unwrap(), 0.3);
    assert_eq!(
        bayes_partition(&array![0.0, 1.0], &array![1.0, 0.5])
            .unwrap()
            .posteriors(),
        array![0.0, 1.0]
    );
}

#[test]
fn evidence_that_cannot_be_is_an_error_that_says_why() {
    let never = bayes(0.5, 0.5, 0.0).unwrap_err();
    assert!(
        never.to_string().contains("an event B that never happens"),
        "{never}"
    );
    let too_rare = bayes(0.9, 0.5, 0.1).unwrap_err();
    assert!(
        too_rare
            .to_string()
            .contains("at least P(B|A) · P(A) = 0.45"),
        "{too_rare}"
    );
    assert!(matches!(
        bayes(1.2, 0.5, 0.5),
        Err(Error::InvalidParameter {
            name: "likelihood",
            ..
        })
    ));
    assert!(matches!(
        bayes(0.2, f64::NAN, 0.5),
        Err(Error::InvalidParameter { name: "prior", .. })
    ));
    let partition = |priors: &[f64], likelihoods: &[f64]| {
        bayes_partition(&ArrayView1::from(priors), &ArrayView1::from(likelihoods)).unwrap_err()
    };
    assert!(
        partition(&[0.5, 0.4], &[0.1, 0.2])
            .to_string()
            .contains("adds up to 0.9")
    );
    assert!(
        partition(&[0.0, 1.0], &[0.7, 0.0])
            .to_string()
            .contains("B never happens")
    );
    assert!(matches!(
        partition(&[1.0], &[0.1, 0.2]),
        Error::LengthMismatch { .. }
    ));
    assert!(matches!(partition(&[], &[]), Error::Empty { .. }));
}
