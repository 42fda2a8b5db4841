//! PCA and truncated SVD against scikit-learn's, against their definitions, and on data that is not what it should be.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, list, table};
use mlcourse::Error;
use mlcourse::decomposition::{
    Components, FittedPCA, FittedTruncatedSVD, SvdSolver, TruncatedSolver,
};
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use serde_json::Value;

fn set(model: &mut impl Parameters, parameters: &Value) {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::Bool(value) => Parameter::Bool(*value),
            Value::String(word) if word == "arpack" => Parameter::Text("exact".into()),
            Value::String(word) => Parameter::Text(word.clone()),
            number => match number.as_i64() {
                Some(whole) => Parameter::Integer(whole),
                None => Parameter::Float(number.as_f64().unwrap()),
            },
        };
        model.set_parameter(name, &value).unwrap();
    }
}

/// The largest difference, relative to the largest reference value.
fn relative<'a>(
    ours: impl IntoIterator<Item = &'a f64>,
    theirs: impl IntoIterator<Item = &'a f64> + Clone,
) -> f64 {
    let most = theirs
        .clone()
        .into_iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()));
    distance(ours, theirs) / most.max(1e-300)
}

/// Columns of ever smaller variance, mixed; the same on every run.
fn mixed(n_samples: usize, n_features: usize, decay: f64) -> Array2<f64> {
    let noise = Normal::standard().sample(n_samples * n_features + n_features * n_features, 3);
    let (left, right) = noise.view().split_at(Axis(0), n_samples * n_features);
    let left = left.to_shape((n_samples, n_features)).unwrap().to_owned();
    let right = right.to_shape((n_features, n_features)).unwrap().to_owned();
    let scale = Array1::from_shape_fn(n_features, |column| decay.powi(column as i32));
    (left * &scale).dot(&mlcourse::linalg::svd(&right).unwrap().u().t())
}

fn on_threads<T: Send>(n_threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn components_and_variances_are_scikit_learns_whatever_solver_and_shape() {
    let reference = file("decomposition");
    for case in list(&reference["pca"]) {
        let name = &case["name"];
        let x = table(&reference["tables"][case["table"].as_str().unwrap()]);
        let mut model = PCA::new();
        set(&mut model, &case["parameters"]);
        let pca = model.fit(&x).unwrap();
        // Of numbers near 10⁶ ten digits are left.
        let tolerance = if case["table"] == "far" { 1e-9 } else { 1e-11 };
        assert_eq!(
            pca.solver().to_string(),
            case["solver"].as_str().unwrap(),
            "{name}"
        );
        assert!(
            relative(pca.components(), &table(&case["components"])) < tolerance,
            "{name}"
        );
        for (ours, theirs) in [
            (pca.explained_variance(), "explained_variance"),
            (pca.explained_variance_ratio(), "explained_variance_ratio"),
            (pca.singular_values(), "singular_values"),
            (pca.mean(), "mean"),
        ] {
            // A variance of 0 leaves rounding: √ makes 10⁻⁸ of it.
            assert!(
                relative(ours, &floats(&case[theirs])) < 1e3 * tolerance,
                "{name}: {theirs}"
            );
        }
        let noise = case["noise_variance"].as_f64().unwrap();
        assert!(
            (pca.noise_variance() - noise).abs() < tolerance * pca.explained_variance()[0],
            "{name}"
        );
        let five = x.slice(s![..x.nrows().min(5), ..]);
        let scores = pca.transform(&five).unwrap();
        assert!(
            distance(&scores, &table(&case["scores"])) < 1e3 * tolerance,
            "{name}"
        );
        let restored = pca.inverse_transform(&scores).unwrap();
        assert!(
            relative(&restored, &table(&case["restored"])) < tolerance,
            "{name}"
        );
    }
}

#[test]
fn the_automatic_solver_is_the_one_scikit_learn_takes_for_the_shape() {
    for case in list(&file("decomposition")["solvers"]) {
        let shape = list(&case["shape"]);
        let (n_samples, n_features) = (shape[0].as_u64().unwrap(), shape[1].as_u64().unwrap());
        let x = mixed(n_samples as usize, n_features as usize, 0.99);
        let components = match &case["n_components"] {
            Value::Null => Components::All,
            number => match number.as_u64() {
                Some(count) => Components::Count(count as usize),
                None => Components::Variance(number.as_f64().unwrap()),
            },
        };
        let pca = PCA::new().n_components(components).fit(&x).unwrap();
        assert_eq!(
            pca.solver().to_string(),
            case["solver"].as_str().unwrap(),
            "{case}"
        );
    }
}

#[test]
fn truncated_svd_is_scikit_learns() {
    let reference = file("decomposition");
    for case in list(&reference["truncated"]) {
        let name = &case["name"];
        let x = table(&reference["tables"][case["table"].as_str().unwrap()]);
        let mut model = TruncatedSVD::new();
        set(&mut model, &case["parameters"]);
        let svd = model.fit(&x).unwrap();
        // With 10 directions more than needed these small tables are spanned whole: nothing random is left.
        assert!(
            relative(svd.components(), &table(&case["components"])) < 1e-11,
            "{name}"
        );
        for (ours, theirs) in [
            (svd.explained_variance(), "explained_variance"),
            (svd.explained_variance_ratio(), "explained_variance_ratio"),
            (svd.singular_values(), "singular_values"),
        ] {
            assert!(
                relative(ours, &floats(&case[theirs])) < 1e-11,
                "{name}: {theirs}"
            );
        }
        let five = x.slice(s![..5, ..]);
        assert!(
            distance(&svd.transform(&five).unwrap(), &table(&case["scores"])) < 1e-10,
            "{name}"
        );
    }
}

#[test]
fn the_three_solvers_agree() {
    let x = mixed(300, 20, 0.7);
    let fit = |solver| {
        PCA::new()
            .n_components(5)
            .svd_solver(solver)
            .fit(&x)
            .unwrap()
    };
    let full = fit(SvdSolver::Full);
    for solver in [SvdSolver::CovarianceEigh, SvdSolver::Randomized] {
        let other = fit(solver);
        assert!(
            relative(other.explained_variance(), full.explained_variance()) < 1e-9,
            "{solver}"
        );
        assert!(
            distance(other.components(), full.components()) < 1e-7,
            "{solver}"
        );
        assert!(
            (other.noise_variance() / full.noise_variance() - 1.0).abs() < 1e-9,
            "{solver}"
        );
    }
}

#[test]
fn a_randomized_fit_is_close_for_every_seed_also_where_the_variances_fall_slowly() {
    for (n_samples, n_features) in [(400, 120), (120, 400)] {
        let x = mixed(n_samples, n_features, 0.95);
        let exact = PCA::new()
            .n_components(8)
            .svd_solver(SvdSolver::Full)
            .fit(&x)
            .unwrap();
        for seed in 0..20 {
            let model = PCA::new()
                .n_components(8)
                .svd_solver(SvdSolver::Randomized)
                .seed(seed);
            let pca = model.clone().fit(&x).unwrap();
            let error = relative(pca.explained_variance(), exact.explained_variance());
            assert!(
                error < 1e-3,
                "{n_samples}×{n_features}, seed {seed}: {error:e}"
            );
            assert_eq!(model.fit(&x).unwrap(), pca);
        }
    }
}

#[test]
fn scores_are_uncorrelated_with_the_variances_that_the_fit_reports() {
    let x = mixed(200, 6, 0.6);
    let pca = PCA::new().fit(&x).unwrap();
    let z = pca.transform(&x).unwrap();
    let covariance = z.t().dot(&z) / 199.0;
    assert!(distance(&covariance, &Array2::from_diag(pca.explained_variance())) < 1e-12);
    assert!((pca.explained_variance_ratio().sum() - 1.0).abs() < 1e-14);
    let whitened = PCA::new().whiten(true).fit(&x).unwrap();
    let z = whitened.transform(&x).unwrap();
    assert!(distance(&(z.t().dot(&z) / 199.0), &Array2::eye(6)) < 1e-11);
    assert!(distance(&whitened.inverse_transform(&z).unwrap(), &x) < 1e-12);
    let components = pca.components();
    assert!(distance(&components.dot(&components.t()), &Array2::eye(6)) < 1e-13);
}

#[test]
fn a_share_of_the_variance_takes_the_fewest_components_that_exceed_it() {
    let x = mixed(100, 7, 0.5);
    let all = PCA::new().fit(&x).unwrap();
    for share in [0.01, 0.5, 0.74, 0.8, 0.99, 0.999999] {
        let n_components = PCA::new()
            .n_components(share)
            .fit(&x)
            .unwrap()
            .n_components();
        let explained = |count| all.explained_variance_ratio().slice(s![..count]).sum();
        assert!(
            explained(n_components) > share && explained(n_components - 1) <= share,
            "{share}"
        );
    }
}

#[test]
fn a_mean_far_from_zero_costs_the_covariance_solver_no_digits() {
    let near = mixed(2000, 5, 0.5);
    let far = &near + 1e7;
    let variances = |x: &Array2<f64>| PCA::new().fit(x).unwrap().explained_variance().clone();
    // The table itself has lost half its digits; the square of the mean would take them all.
    assert!(relative(&variances(&far), &variances(&near)) < 1e-8);
}

#[test]
fn one_thread_and_two_learn_the_same_bits() {
    let (tall, wide) = (mixed(3000, 40, 0.9), mixed(300, 280, 0.99));
    let all = || {
        let covariance = PCA::new().fit(&tall).unwrap();
        let randomized = PCA::new()
            .n_components(10)
            .svd_solver(SvdSolver::Randomized)
            .fit(&tall)
            .unwrap();
        let full = PCA::new().svd_solver(SvdSolver::Full).fit(&wide).unwrap();
        let truncated = TruncatedSVD::new().n_components(5).fit(&wide).unwrap();
        let scores = covariance.transform(&tall).unwrap();
        (covariance, randomized, full, truncated, scores)
    };
    assert_eq!(on_threads(1, all), on_threads(2, all));
    assert_eq!(on_threads(2, all), on_threads(4, all));
}

#[test]
fn transforming_does_not_depend_on_the_other_rows_or_the_memory_layout() {
    let x = mixed(80, 6, 0.8);
    let pca = PCA::new().n_components(3).fit(&x).unwrap();
    let all = pca.transform(&x).unwrap();
    let some = pca.transform(&x.slice(s![7..20;-1, ..])).unwrap();
    assert!(distance(&some, all.slice(s![7..20;-1, ..])) < 1e-14);
    let by_columns = x.t().as_standard_layout().into_owned();
    assert!(
        distance(
            PCA::new()
                .n_components(3)
                .fit(&by_columns.t())
                .unwrap()
                .components(),
            pca.components()
        ) < 1e-13
    );
}

#[test]
fn a_table_without_variance_is_explained_by_nothing_and_has_no_nan() {
    for solver in [
        SvdSolver::Full,
        SvdSolver::CovarianceEigh,
        SvdSolver::Randomized,
    ] {
        let x = Array2::from_elem((6, 3), 2.5);
        let pca = PCA::new()
            .n_components(2)
            .whiten(true)
            .svd_solver(solver)
            .fit(&x)
            .unwrap();
        assert_eq!(pca.explained_variance(), array![0.0, 0.0], "{solver}");
        assert_eq!(pca.explained_variance_ratio(), array![0.0, 0.0], "{solver}");
        assert_eq!(
            pca.transform(&x).unwrap(),
            Array2::<f64>::zeros((6, 2)),
            "{solver}"
        );
    }
    let svd = TruncatedSVD::new()
        .n_components(1)
        .fit(&Array2::zeros((3, 3)))
        .unwrap();
    assert_eq!(svd.explained_variance_ratio(), array![0.0]);
}

#[test]
fn a_part_of_a_data_set_stays_that_part_with_components_as_columns() {
    let (train, test) = datasets::iris().train_test_split(0.2, 42).unwrap();
    let pca = PCA::new().n_components(2).fit(&train).unwrap();
    let plane = pca.transform(&train).unwrap();
    assert_eq!(plane.feature_names(), ["pca0", "pca1"]);
    let model = LogisticRegression::new().fit(&plane).unwrap();
    assert!(
        pca.transform(&test)
            .unwrap()
            .assess(&model)
            .unwrap()
            .score()
            > 0.9
    );
}

#[test]
fn models_survive_saving_show_as_tables_and_know_their_parameters() {
    let x = mixed(30, 4, 0.5);
    let pca = PCA::new().n_components(2).fit(&x).unwrap();
    let text = serde_json::to_string(&pca).unwrap();
    assert_eq!(serde_json::from_str::<FittedPCA>(&text).unwrap(), pca);
    assert!(
        pca.to_string()
            .contains("PCA fitted on 30 samples × 4 features (full): 2 components"),
        "{pca}"
    );
    let svd = TruncatedSVD::new()
        .algorithm(TruncatedSolver::Exact)
        .fit(&x)
        .unwrap();
    let text = serde_json::to_string(&svd).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedTruncatedSVD>(&text).unwrap(),
        svd
    );
    assert!(
        svd.bundle()
            .get("text/html")
            .unwrap()
            .contains("TruncatedSVD fitted")
    );
    let mut model = PCA::new();
    model
        .set_parameter("n_components", &Parameter::Float(0.9))
        .unwrap();
    model
        .set_parameter("svd_solver", &Parameter::Text("full".into()))
        .unwrap();
    assert_eq!(
        model,
        PCA::new().n_components(0.9).svd_solver(SvdSolver::Full)
    );
    model
        .set_parameter("n_components", &Parameter::None)
        .unwrap();
    assert_eq!(model.parameters()[0], ("n_components", Parameter::None));
    assert!(
        model
            .set_parameter("svd_solver", &Parameter::Text("arpack".into()))
            .is_err()
    );
}

#[test]
fn data_and_parameters_that_do_not_fit_are_errors() {
    let x = mixed(10, 4, 0.5);
    let range = |model: PCA| model.fit(&x).unwrap_err();
    for error in [
        range(PCA::new().n_components(0)),
        range(PCA::new().n_components(5)),
        range(PCA::new().n_components(0.0)),
        range(PCA::new().n_components(1.0)),
        range(PCA::new().n_components(f64::NAN)),
        range(
            PCA::new()
                .n_components(0.5)
                .svd_solver(SvdSolver::Randomized),
        ),
        TruncatedSVD::new().n_components(5).fit(&x).unwrap_err(),
        TruncatedSVD::new().n_components(0).fit(&x).unwrap_err(),
    ] {
        assert!(
            matches!(
                error,
                Error::InvalidParameter {
                    name: "n_components",
                    ..
                }
            ),
            "{error}"
        );
    }
    assert_eq!(
        range(PCA::new().n_components(5)).to_string(),
        "`n_components` must be from 1 to min(n_samples, n_features) = 4, but is 5; choose a value in that range"
    );
    assert!(matches!(
        PCA::new().fit(&array![[1.0, 2.0]]),
        Err(Error::TooFewSamples {
            needed: 2,
            found: 1,
            ..
        })
    ));
    assert!(matches!(
        PCA::new().fit(&Array2::zeros((0, 3))),
        Err(Error::Empty { .. })
    ));
    let holed = array![[1.0, 2.0], [f64::NAN, 1.0], [0.0, 1.0]];
    assert!(matches!(
        PCA::new().fit(&holed),
        Err(Error::NotFinite {
            row: 1,
            column: 0,
            ..
        })
    ));
    assert!(matches!(
        TruncatedSVD::new().fit(&holed),
        Err(Error::NotFinite { .. })
    ));
    let huge = array![[1.0, 1e200], [2.0, -1e200], [0.0, 1e199]];
    for solver in [
        SvdSolver::Full,
        SvdSolver::CovarianceEigh,
        SvdSolver::Randomized,
    ] {
        let error = PCA::new()
            .n_components(1)
            .svd_solver(solver)
            .fit(&huge)
            .unwrap_err();
        assert!(
            matches!(error, Error::Overflow { column: 1, .. }),
            "{solver}: {error}"
        );
    }
    let pca = PCA::new().n_components(2).fit(&x).unwrap();
    assert!(matches!(
        pca.transform(&array![[1.0]]),
        Err(Error::FeatureCount {
            expected: 4,
            found: 1,
            ..
        })
    ));
    assert!(matches!(
        pca.inverse_transform(&array![[1.0]]),
        Err(Error::FeatureCount { expected: 2, .. })
    ));
    assert!(matches!(
        pca.transform(&Array2::from_elem((1, 4), f64::INFINITY)),
        Err(Error::NotFinite { .. })
    ));
}
