//! Naive Bayes against scikit-learn's, against its formula, and on data that is not what it should be.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::classification::{FittedGaussianNB, FittedMultinomialNB};
use mlcourse::prelude::*;
use serde_json::Value;

/// The largest difference relative to the reference, or absolute below 1.
fn relative<'a>(
    ours: impl IntoIterator<Item = &'a f64>,
    theirs: impl IntoIterator<Item = &'a f64>,
) -> f64 {
    ours.into_iter()
        .zip(theirs)
        .map(|(ours, theirs)| {
            if ours == theirs {
                0.0
            } else {
                (ours - theirs).abs() / theirs.abs().max(1.0)
            }
        })
        .fold(0.0, f64::max)
}

fn cases(kind: &str) -> Vec<Value> {
    list(&file("naive_bayes")[kind]).to_vec()
}

fn weights(case: &Value) -> Array1<f64> {
    match &case["sample_weight"] {
        Value::Null => Array1::ones(list(&case["y"]).len()),
        weights => floats(weights),
    }
}

fn gaussian(parameters: &Value) -> GaussianNB {
    let mut model = GaussianNB::new();
    for (name, value) in parameters.as_object().unwrap() {
        model = match name.as_str() {
            "priors" => model.priors(floats(value)),
            "var_smoothing" => model.var_smoothing(value.as_f64().unwrap()),
            other => panic!("unknown parameter {other}"),
        };
    }
    model
}

fn fit_gaussian(case: &Value) -> FittedGaussianNB {
    let (x, y) = (table(&case["x"]), labels(&case["y"]));
    let model = gaussian(&case["parameters"]);
    if case["sample_weight"].is_null() {
        model.fit((&x, &y)).unwrap()
    } else {
        model.fit((&x, &y, &weights(case))).unwrap()
    }
}

fn multinomial(parameters: &Value) -> MultinomialNB {
    let mut model = MultinomialNB::new();
    for (name, value) in parameters.as_object().unwrap() {
        model = match name.as_str() {
            "alpha" => model.alpha(value.as_f64().unwrap()),
            "force_alpha" => model.force_alpha(value.as_bool().unwrap()),
            "fit_prior" => model.fit_prior(value.as_bool().unwrap()),
            "class_prior" => model.class_prior(floats(value)),
            other => panic!("unknown parameter {other}"),
        };
    }
    model
}

fn fit_multinomial(case: &Value) -> FittedMultinomialNB {
    let (x, y) = (table(&case["x"]), labels(&case["y"]));
    multinomial(&case["parameters"])
        .fit((&x, &y, &weights(case)))
        .unwrap()
}

/// Three groups of rows, none of them far from the others; the same on every run.
fn blobs(n_samples: usize, n_features: usize) -> (Array2<f64>, Array1<usize>) {
    let noise = Normal::standard().sample(n_samples * n_features, 5);
    let x = Array2::from_shape_fn((n_samples, n_features), |(row, column)| {
        noise[row * n_features + column] + (row % 3) as f64
    });
    (x, Array1::from_shape_fn(n_samples, |row| row % 3))
}

fn on_threads<T: Send>(n_threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn gaussian_moments_and_predictions_are_scikit_learns() {
    for case in cases("gaussian") {
        let name = &case["name"];
        let x = table(&case["x"]);
        let fitted = fit_gaussian(&case);
        assert!(
            relative(fitted.theta(), &table(&case["theta"])) < 1e-12,
            "{name}"
        );
        let theirs = table(&case["var"]);
        // Relative: variances may be tiny. Far from 0 both means round.
        let var = (fitted.var() / &theirs - 1.0).mapv(f64::abs);
        assert!(var.iter().all(|error| *error < 1e-7), "{name}: {var}");
        assert!(
            relative(fitted.class_prior(), &floats(&case["class_prior"])) < 1e-14,
            "{name}"
        );
        assert!(
            relative(fitted.class_count(), &floats(&case["class_count"])) < 1e-12,
            "{name}"
        );
        let epsilon = case["epsilon"].as_f64().unwrap();
        assert!((fitted.epsilon() / epsilon - 1.0).abs() < 1e-7, "{name}");
        assert_eq!(
            fitted.classes(),
            labels(&case["classes"]).to_vec(),
            "{name}"
        );
        assert_eq!(
            fitted.predict(&x).unwrap(),
            labels(&case["predictions"]),
            "{name}"
        );
        assert!(
            relative(&fitted.predict_proba(&x).unwrap(), &table(&case["proba"])) < 1e-6,
            "{name}"
        );
        // Infinite ones are left out of the file.
        if !case["joint"].is_null() {
            let joint = fitted.predict_joint_log_proba(&x).unwrap();
            assert!(relative(&joint, &table(&case["joint"])) < 1e-7, "{name}");
            let log_proba = fitted.predict_log_proba(&x).unwrap();
            assert!(
                relative(&log_proba, &table(&case["log_proba"])) < 1e-7,
                "{name}"
            );
        }
    }
}

#[test]
fn multinomial_counts_and_predictions_are_scikit_learns() {
    for case in cases("multinomial") {
        let name = &case["name"];
        let x = table(&case["x"]);
        let fitted = fit_multinomial(&case);
        for (ours, theirs) in [
            (fitted.feature_count(), "feature_count"),
            (fitted.feature_log_prob(), "feature_log_prob"),
            (&fitted.predict_joint_log_proba(&x).unwrap(), "joint"),
            (&fitted.predict_log_proba(&x).unwrap(), "log_proba"),
            (&fitted.predict_proba(&x).unwrap(), "proba"),
        ] {
            assert!(
                relative(ours, &table(&case[theirs])) < 1e-13,
                "{name}: {theirs}"
            );
        }
        assert!(
            relative(fitted.class_count(), &floats(&case["class_count"])) < 1e-13,
            "{name}"
        );
        assert!(
            relative(fitted.class_log_prior(), &floats(&case["class_log_prior"])) < 1e-13,
            "{name}"
        );
        assert_eq!(
            fitted.classes(),
            labels(&case["classes"]).to_vec(),
            "{name}"
        );
        assert_eq!(
            fitted.predict(&x).unwrap(),
            labels(&case["predictions"]),
            "{name}"
        );
    }
}

#[test]
fn the_posterior_is_bayes_theorem_with_normal_densities() {
    let (x, y) = blobs(60, 11);
    let fitted = GaussianNB::new().fit((&x, &y)).unwrap();
    let proba = fitted.predict_proba(&x).unwrap();
    for (row, proba) in x.outer_iter().zip(proba.outer_iter()).take(10) {
        let likelihoods: Array1<f64> = (0..3)
            .map(|class| {
                row.iter()
                    .enumerate()
                    .map(|(feature, &value)| {
                        let place = [class, feature];
                        let normal = Normal::new(fitted.theta()[place], fitted.var()[place].sqrt());
                        normal.unwrap().pdf(value)
                    })
                    .product()
            })
            .collect();
        // Densities are no probabilities, but their ratios are all that counts.
        let scaled = &likelihoods / likelihoods.sum();
        let naive = mlcourse::probability::bayes_partition(fitted.class_prior(), &scaled).unwrap();
        assert!(relative(proba, naive.posteriors()) < 1e-12);
    }
}

#[test]
fn a_weight_of_zero_is_no_row_and_a_weight_of_two_is_two_rows() {
    let (x, y) = blobs(50, 4);
    let counts = x.mapv(|value| value.abs().round());
    let weights = Array1::from_shape_fn(50, |row| [1.0, 0.0, 2.0, 1.0][row % 4]);
    let rows: Vec<usize> = (0..50)
        .flat_map(|row| vec![row; weights[row] as usize])
        .collect();
    let single: Vec<usize> = (0..50).filter(|row| weights[*row] > 0.0).collect();
    let positive = weights.select(Axis(0), &single);
    for x in [&x, &counts] {
        let zeros = GaussianNB::new().fit((x, &y, &weights)).unwrap();
        let without = GaussianNB::new()
            .fit((
                &x.select(Axis(0), &single),
                &y.select(Axis(0), &single),
                &positive,
            ))
            .unwrap();
        assert_eq!(zeros, without);
        let twice = GaussianNB::new()
            .var_smoothing(1e-30)
            .fit((&x.select(Axis(0), &rows), &y.select(Axis(0), &rows)))
            .unwrap();
        let weighted = GaussianNB::new()
            .var_smoothing(1e-30)
            .fit((x, &y, &weights))
            .unwrap();
        assert!(relative(weighted.theta(), twice.theta()) < 1e-13);
        assert!(relative(weighted.var(), twice.var()) < 1e-13);
    }
    let weighted = MultinomialNB::new().fit((&counts, &y, &weights)).unwrap();
    let twice = MultinomialNB::new()
        .fit((&counts.select(Axis(0), &rows), &y.select(Axis(0), &rows)))
        .unwrap();
    assert!(relative(weighted.feature_log_prob(), twice.feature_log_prob()) < 1e-13);
    // A class whose rows weigh nothing is not there.
    let only = y.mapv(|label| f64::from(label != 1));
    assert_eq!(
        GaussianNB::new().fit((&x, &y, &only)).unwrap().classes(),
        [0, 2]
    );
}

#[test]
fn one_thread_and_two_learn_and_predict_the_same_bits() {
    let (x, y) = blobs(5000, 7);
    let counts = x.mapv(|value| value.abs().round());
    let all = || {
        let gaussian = GaussianNB::new().fit((&x, &y)).unwrap();
        let multinomial = MultinomialNB::new().fit((&counts, &y)).unwrap();
        let proba = (
            gaussian.predict_proba(&x).unwrap(),
            multinomial.predict_proba(&counts).unwrap(),
        );
        (gaussian, multinomial, proba)
    };
    assert_eq!(on_threads(1, all), on_threads(2, all));
}

#[test]
fn many_blocks_of_rows_give_the_moments_of_the_plain_formula_also_far_from_zero() {
    let (mut x, y) = blobs(4000, 3);
    x.column_mut(1).mapv_inplace(|value| value + 1e6);
    let fitted = GaussianNB::new().var_smoothing(0.0).fit((&x, &y)).unwrap();
    for class in 0..3 {
        let rows: Vec<usize> = (0..4000).filter(|row| y[*row] == class).collect();
        let of_class = x.select(Axis(0), &rows);
        let mean = of_class.mean_axis(Axis(0)).unwrap();
        let var = (&of_class - &mean)
            .mapv(|distance| distance * distance)
            .mean_axis(Axis(0))
            .unwrap();
        assert!(relative(fitted.theta().row(class), &mean) < 1e-13);
        assert!(relative(fitted.var().row(class), &var) < 1e-9);
    }
}

#[test]
fn predictions_do_not_depend_on_the_other_rows_or_the_memory_layout() {
    let (x, y) = blobs(90, 5);
    let fitted = GaussianNB::new().fit((&x, &y)).unwrap();
    let all = fitted.predict_proba(&x).unwrap();
    let some = fitted.predict_proba(&x.slice(s![10..20;-1, ..])).unwrap();
    assert_eq!(some, all.slice(s![10..20;-1, ..]));
    let by_columns = x.t().as_standard_layout().into_owned();
    assert_eq!(
        GaussianNB::new().fit((&by_columns.t(), &y)).unwrap(),
        fitted
    );
    assert_eq!(fitted.predict_proba(&by_columns.t()).unwrap(), all);
}

#[test]
fn a_sample_that_no_class_can_produce_gets_the_priors() {
    let x = array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 2.0, 0.0]];
    let fitted = MultinomialNB::new()
        .alpha(0.0)
        .fit((&x, &array![0, 1, 1]))
        .unwrap();
    let proba = fitted
        .predict_proba(&array![[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        .unwrap();
    assert_eq!(proba.row(0), array![1.0, 0.0]);
    assert!(relative(proba.row(1), &array![1.0 / 3.0, 2.0 / 3.0]) < 1e-15);
    assert_eq!(fitted.predict(&array![[0.0, 0.0, 1.0]]).unwrap(), array![1]);
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedMultinomialNB>(&text).unwrap(),
        fitted
    );
    let (x, y) = blobs(30, 2);
    let gaussian = GaussianNB::new().fit((&x, &y)).unwrap();
    let far = gaussian.predict_proba(&array![[1e300, -1e300]]).unwrap();
    assert!((far.sum() - 1.0).abs() < 1e-12, "{far}");
}

#[test]
fn data_without_any_variance_is_learnt_without_nan() {
    let x = Array2::from_elem((4, 2), 3.0);
    let fitted = GaussianNB::new().fit((&x, &array![0, 1, 1, 1])).unwrap();
    assert_eq!(fitted.predict(&x).unwrap(), array![1, 1, 1, 1]);
    let proba = fitted.predict_proba(&x).unwrap();
    assert!(relative(proba.row(0), &array![0.25, 0.75]) < 1e-14);
    let single = GaussianNB::new().fit((&array![[2.0]], &array![7])).unwrap();
    assert_eq!(single.predict(&array![[5.0]]).unwrap(), array![7]);
}

#[test]
fn models_survive_saving_and_know_their_parameters_by_name() {
    use mlcourse::estimator::{Parameter, Parameters};
    let (x, y) = blobs(30, 3);
    let fitted = GaussianNB::new().fit((&x, &y)).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    let again: FittedGaussianNB = serde_json::from_str(&text).unwrap();
    assert_eq!(again, fitted);
    assert!(
        fitted
            .to_string()
            .contains("GaussianNB fitted on 3 features, 3 classes")
    );
    assert!(fitted.bundle().get("text/html").is_some());
    let mut model = MultinomialNB::new();
    model
        .set_parameter("alpha", &Parameter::Float(0.5))
        .unwrap();
    assert_eq!(model, MultinomialNB::new().alpha(0.5));
    assert_eq!(
        GaussianNB::new().parameters(),
        [("var_smoothing", Parameter::Float(1e-9))]
    );
}

#[test]
fn data_that_does_not_fit_is_an_error_that_says_what_to_do() {
    let (x, y) = (array![[0.0, 1.0], [1.0, 0.0]], array![0, 1]);
    let gaussian = |x: &Array2<f64>, y: &Array1<usize>| GaussianNB::new().fit((x, y)).unwrap_err();
    let multinomial =
        |x: &Array2<f64>, y: &Array1<usize>| MultinomialNB::new().fit((x, y)).unwrap_err();
    let holed = array![[0.0, 1.0], [f64::NAN, 0.0]];
    let infinite = array![[0.0, f64::INFINITY], [1.0, 0.0]];
    for error in [gaussian(&holed, &y), multinomial(&holed, &y)] {
        assert!(
            matches!(
                error,
                Error::NotFinite {
                    row: 1,
                    column: 0,
                    ..
                }
            ),
            "{error}"
        );
    }
    for error in [gaussian(&infinite, &y), multinomial(&infinite, &y)] {
        assert!(
            matches!(
                error,
                Error::NotFinite {
                    row: 0,
                    column: 1,
                    ..
                }
            ),
            "{error}"
        );
    }
    for error in [
        gaussian(&Array2::zeros((0, 2)), &array![]),
        multinomial(&Array2::zeros((2, 0)), &y),
    ] {
        assert!(matches!(error, Error::Empty { .. }), "{error}");
    }
    assert!(matches!(
        gaussian(&x, &array![0, 1, 1]),
        Error::LengthMismatch { .. }
    ));
    assert!(matches!(
        gaussian(
            &array![[0.0, 1e200], [1.0, -1e200], [2.0, 1.0]],
            &array![0, 0, 1]
        ),
        Error::Overflow { column: 1, .. }
    ));
    let negative = multinomial(&array![[1.0, 2.0], [3.0, -4.0]], &y);
    assert_eq!(
        negative.to_string(),
        "MultinomialNB::fit needs counts or frequencies, 0 or more, but row 1, column 1 (both from 0) of `x` is -4; use \
         `GaussianNB` for measurements, or shift the column"
    );
    let fitted = GaussianNB::new().fit((&x, &y)).unwrap();
    assert!(matches!(
        fitted.predict(&array![[1.0]]),
        Err(Error::FeatureCount {
            expected: 2,
            found: 1,
            ..
        })
    ));
    let weights = array![1.0, -1.0];
    assert!(GaussianNB::new().fit((&x, &y, &weights)).is_err());
    let constant = GaussianNB::new()
        .var_smoothing(0.0)
        .fit((&x, &y))
        .unwrap_err();
    assert!(
        constant.to_string().contains("constant within a class"),
        "{constant}"
    );
    for priors in [array![0.5], array![0.7, 0.7], array![1.5, -0.5]] {
        let error = GaussianNB::new().priors(priors).fit((&x, &y)).unwrap_err();
        assert!(error.to_string().contains("2 probabilities"), "{error}");
    }
    assert!(MultinomialNB::new().alpha(-1.0).fit((&x, &y)).is_err());
    assert!(
        GaussianNB::new()
            .var_smoothing(f64::NAN)
            .fit((&x, &y))
            .is_err()
    );
}
