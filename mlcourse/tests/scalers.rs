//! Scalers and other steps on numbers, against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, list, table};
use mlcourse::Error;
use mlcourse::estimator::{Parameter, Transformer};
use mlcourse::prelude::*;
use mlcourse::preprocessing::{
    FittedKBinsDiscretizer, FittedMinMaxScaler, FittedPowerTransformer, FittedQuantileTransformer,
    FittedRobustScaler, FittedStandardScaler, QuantileMethod,
};
use serde_json::Value;

fn step(name: &str) -> Box<dyn Transformer> {
    match name {
        "StandardScaler" => Box::new(StandardScaler::new()),
        "MinMaxScaler" => Box::new(MinMaxScaler::new()),
        "MaxAbsScaler" => Box::new(MaxAbsScaler::new()),
        "RobustScaler" => Box::new(RobustScaler::new()),
        "Normalizer" => Box::new(Normalizer::new()),
        "Binarizer" => Box::new(Binarizer::new()),
        "PowerTransformer" => Box::new(PowerTransformer::new()),
        "QuantileTransformer" => Box::new(QuantileTransformer::new()),
        "KBinsDiscretizer" => Box::new(KBinsDiscretizer::new()),
        other => panic!("{other}"),
    }
}

const STEPS: [&str; 9] = [
    "StandardScaler",
    "MinMaxScaler",
    "MaxAbsScaler",
    "RobustScaler",
    "Normalizer",
    "Binarizer",
    "PowerTransformer",
    "QuantileTransformer",
    "KBinsDiscretizer",
];

fn set(step: &mut Box<dyn Transformer>, parameters: &Value) {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::Bool(value) => Parameter::Bool(*value),
            Value::String(text) => Parameter::Text(text.clone()),
            Value::Number(number) if number.is_f64() => Parameter::Float(number.as_f64().unwrap()),
            Value::Number(number) => Parameter::Integer(number.as_i64().unwrap()),
            other => panic!("{other}"),
        };
        step.set_parameter(name, &value).unwrap();
    }
}

fn relative(ours: &Array2<f64>, theirs: &Array2<f64>) -> f64 {
    assert_eq!(ours.dim(), theirs.dim());
    ours.iter()
        .zip(theirs)
        .map(|(ours, theirs)| (ours - theirs).abs() / theirs.abs().max(1.0))
        .fold(0.0, f64::max)
}

#[test]
fn changed_numbers_are_scikit_learns() {
    let reference = file("scalers");
    for case in list(&reference["cases"]) {
        let name = case["step"].as_str().unwrap();
        let what = format!("{name} {} on {}", case["parameters"], case["table"]);
        let x = table(&reference["tables"][case["table"].as_str().unwrap()]);
        let mut step = step(name);
        set(&mut step, &case["parameters"]);
        let fitted = step.fit_transformer(x.view()).unwrap();
        let tolerance = match name {
            "PowerTransformer" => 2e-6,
            "QuantileTransformer" => 1e-9,
            "RobustScaler" | "Normalizer" => 1e-13,
            _ => 0.0,
        };
        for (x, theirs) in [(&x, "z"), (&table(&case["new"]), "z_new")] {
            let ours = fitted.transform_features(x.view()).unwrap();
            let error = relative(&ours, &table(&case[theirs]));
            assert!(error <= tolerance, "{what}, {theirs}: {error:e}");
        }
    }
}

#[test]
fn what_steps_learn_is_scikit_learns() {
    let reference = file("scalers");
    let mut seen = 0;
    for case in list(&reference["cases"]) {
        let x = table(&reference["tables"][case["table"].as_str().unwrap()]);
        if case["parameters"] != serde_json::json!({}) {
            continue;
        }
        match case["step"].as_str().unwrap() {
            "MinMaxScaler" => {
                let fitted = MinMaxScaler::new().fit(&x).unwrap();
                assert_eq!(fitted.data_min(), floats(&case["data_min"]));
                assert_eq!(fitted.scale(), floats(&case["scale"]));
            }
            "RobustScaler" => {
                let fitted = RobustScaler::new().fit(&x).unwrap();
                assert_eq!(fitted.center(), floats(&case["center"]));
                let error = fitted.scale() - &floats(&case["scale"]);
                assert!(error.iter().all(|error| error.abs() < 1e-9), "{error}");
            }
            "MaxAbsScaler" => {
                let fitted = MaxAbsScaler::new().fit(&x).unwrap();
                assert_eq!(fitted.max_abs(), floats(&case["max_abs"]));
            }
            "PowerTransformer" => {
                let fitted = PowerTransformer::new().fit(&x).unwrap();
                for (ours, theirs) in fitted.lambdas().iter().zip(floats(&case["lambdas"])) {
                    assert!(
                        (ours - theirs).abs() < 1e-6 * theirs.abs().max(1.0),
                        "{ours} {theirs}"
                    );
                }
            }
            _ => continue,
        }
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn edges_of_bins_are_scikit_learns() {
    let reference = file("scalers");
    for case in list(&reference["cases"]) {
        if case["step"] != "KBinsDiscretizer" {
            continue;
        }
        let x = table(&reference["tables"][case["table"].as_str().unwrap()]);
        let word = |name: &str| case["parameters"][name].as_str().unwrap_or("").to_owned();
        let bins = KBinsDiscretizer::new()
            .n_bins(case["parameters"]["n_bins"].as_u64().unwrap_or(5) as usize)
            .strategy(word("strategy").parse().unwrap_or_default())
            .quantile_method(
                word("quantile_method")
                    .parse()
                    .unwrap_or(QuantileMethod::default()),
            )
            .fit(&x)
            .unwrap();
        for (ours, theirs) in bins.bin_edges().iter().zip(list(&case["bin_edges"])) {
            if theirs.is_null() {
                assert_eq!(ours.len(), 2);
                assert_eq!(ours[0], ours[1]);
            } else {
                assert_eq!(
                    Array1::from(ours.clone()),
                    floats(theirs),
                    "{}",
                    case["table"]
                );
            }
        }
    }
}

/// Numbers of no special kind, without a random generator.
fn numbers(n_rows: usize, n_columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((n_rows, n_columns), |(row, column)| {
        let place = (row * n_columns + column) as f64;
        (place * 0.754_877_666).fract() * 10.0 - 3.0 * column as f64
    })
}

#[test]
fn a_large_table_is_scaled_by_the_formula() {
    let x = numbers(9001, 7);
    let z = StandardScaler::new()
        .fit(&x)
        .unwrap()
        .transform(&x)
        .unwrap();
    let (mean, std) = (x.mean_axis(Axis(0)).unwrap(), x.std_axis(Axis(0), 0.0));
    assert!(relative(&z, &((&x - &mean) / &std)) < 1e-11);
    let z = MinMaxScaler::new().fit(&x).unwrap().transform(&x).unwrap();
    for (z, x) in z.columns().into_iter().zip(x.columns()) {
        let low = x.iter().copied().fold(f64::INFINITY, f64::min);
        let high = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert!(
            z.iter()
                .zip(x)
                .all(|(z, x)| (z - (x - low) / (high - low)).abs() < 1e-12)
        );
    }
    let robust = RobustScaler::new().fit(&x).unwrap();
    for (column, center) in x.columns().into_iter().zip(robust.center()) {
        let mut sorted = column.to_vec();
        sorted.sort_by(f64::total_cmp);
        assert_eq!(sorted[4500], *center);
    }
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let x = numbers(6000, 9);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            STEPS.map(|name| {
                let fitted = step(name).fit_transformer(x.view()).unwrap();
                fitted.transform_features(x.view()).unwrap()
            })
        })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn rows_are_changed_one_by_one() {
    let x = numbers(60, 4);
    for name in STEPS {
        let fitted = step(name).fit_transformer(x.view()).unwrap();
        let all = fitted.transform_features(x.view()).unwrap();
        let some = fitted
            .transform_features(x.slice(s![10..20;-1, ..]))
            .unwrap();
        assert_eq!(some, all.slice(s![10..20;-1, ..]), "{name}");
    }
}

#[test]
fn inverse_transforms_give_the_numbers_back() {
    let x = numbers(50, 3) * 3.0;
    let z = |back: Array2<f64>, name: &str| assert!(relative(&back, &x) < 1e-9, "{name}");
    let fitted: FittedStandardScaler = StandardScaler::new().fit(&x).unwrap();
    z(
        fitted
            .inverse_transform(&fitted.transform(&x).unwrap())
            .unwrap(),
        "standard",
    );
    let fitted: FittedMinMaxScaler = MinMaxScaler::new()
        .feature_range(-1.0, 4.0)
        .fit(&x)
        .unwrap();
    z(
        fitted
            .inverse_transform(&fitted.transform(&x).unwrap())
            .unwrap(),
        "min max",
    );
    let fitted: FittedRobustScaler = RobustScaler::new().fit(&x).unwrap();
    z(
        fitted
            .inverse_transform(&fitted.transform(&x).unwrap())
            .unwrap(),
        "robust",
    );
    let fitted: FittedPowerTransformer = PowerTransformer::new().fit(&x).unwrap();
    z(
        fitted
            .inverse_transform(&fitted.transform(&x).unwrap())
            .unwrap(),
        "power",
    );
    for to in [OutputDistribution::Uniform, OutputDistribution::Normal] {
        let fitted: FittedQuantileTransformer = QuantileTransformer::new()
            .output_distribution(to)
            .fit(&x)
            .unwrap();
        z(
            fitted
                .inverse_transform(&fitted.transform(&x).unwrap())
                .unwrap(),
            "quantile",
        );
    }
    let fitted: FittedKBinsDiscretizer = KBinsDiscretizer::new().fit(&x).unwrap();
    let bins = fitted.transform(&x).unwrap();
    let middles = fitted.inverse_transform(&bins).unwrap();
    assert_eq!(fitted.transform(&middles).unwrap(), bins);
}

#[test]
fn data_that_does_not_fit_is_an_error_in_every_step() {
    for name in STEPS {
        let fit = |x: &Array2<f64>| {
            step(name)
                .fit_transformer(x.view())
                .map(|_| ())
                .unwrap_err()
        };
        assert!(
            matches!(fit(&Array2::zeros((0, 2))), Error::Empty { .. }),
            "{name}"
        );
        assert!(
            matches!(fit(&Array2::zeros((2, 0))), Error::Empty { .. }),
            "{name}"
        );
        for value in [f64::NAN, f64::INFINITY] {
            let error = fit(&array![[1.0, 2.0], [value, 3.0]]);
            assert!(
                matches!(
                    error,
                    Error::NotFinite {
                        row: 1,
                        column: 0,
                        ..
                    }
                ),
                "{name}: {error}"
            );
        }
        let fitted = step(name).fit_transformer(numbers(5, 2).view()).unwrap();
        let error = fitted.transform_features(array![[1.0]].view()).unwrap_err();
        assert!(
            matches!(
                error,
                Error::FeatureCount {
                    expected: 2,
                    found: 1,
                    ..
                }
            ),
            "{name}"
        );
        let error = fitted
            .transform_features(array![[1.0, f64::NAN]].view())
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::NotFinite {
                    row: 0,
                    column: 1,
                    ..
                }
            ),
            "{name}"
        );
    }
}

#[test]
fn wrong_hyperparameters_are_errors() {
    let x = numbers(10, 2);
    let wrong = |result: mlcourse::Result<()>| {
        assert!(
            matches!(result, Err(Error::InvalidParameter { .. })),
            "{result:?}"
        );
    };
    wrong(
        MinMaxScaler::new()
            .feature_range(1.0, 1.0)
            .fit(&x)
            .map(|_| ()),
    );
    wrong(
        RobustScaler::new()
            .quantile_range(80.0, 20.0)
            .fit(&x)
            .map(|_| ()),
    );
    wrong(
        RobustScaler::new()
            .quantile_range(0.0, 50.0)
            .unit_variance(true)
            .fit(&x)
            .map(|_| ()),
    );
    wrong(
        PowerTransformer::new()
            .method(PowerMethod::BoxCox)
            .fit(&(x.clone() - 100.0))
            .map(|_| ()),
    );
    wrong(
        QuantileTransformer::new()
            .n_quantiles(0)
            .fit(&x)
            .map(|_| ()),
    );
    wrong(QuantileTransformer::new().subsample(10).fit(&x).map(|_| ()));
    wrong(KBinsDiscretizer::new().n_bins(1).fit(&x).map(|_| ()));
    wrong(Binarizer::new().threshold(f64::NAN).fit(&x).map(|_| ()));
    wrong(MinMaxScaler::new().set("feature_range", "(2)"));
}

trait Set {
    fn set(self, name: &str, text: &str) -> mlcourse::Result<()>;
}

impl<T: mlcourse::estimator::Parameters> Set for T {
    fn set(mut self, name: &str, text: &str) -> mlcourse::Result<()> {
        self.set_parameter(name, &text.into())
    }
}

#[test]
fn ranks_from_a_random_sample_are_near_those_of_all() {
    let x = numbers(20_000, 1);
    let all = QuantileTransformer::new().subsample(None).fit(&x).unwrap();
    for seed in 0..5 {
        let some = QuantileTransformer::new()
            .subsample(5000)
            .seed(seed)
            .fit(&x)
            .unwrap();
        let again = QuantileTransformer::new()
            .subsample(5000)
            .seed(seed)
            .fit(&x)
            .unwrap();
        assert_eq!(some, again);
        let difference = relative(&some.transform(&x).unwrap(), &all.transform(&x).unwrap());
        assert!(0.0 < difference && difference < 0.05, "{difference}");
    }
}

#[test]
fn what_is_fitted_survives_saving() {
    let x = numbers(20, 3);
    macro_rules! saved {
        ($($model:expr),*) => {$({
            let fitted = $model.fit(&x).unwrap();
            let text = serde_json::to_string(&fitted).unwrap();
            let mut back = fitted.clone();
            assert_eq!(back, fitted);
            back = serde_json::from_str(&text).unwrap();
            assert_eq!(back, fitted);
            assert_eq!(back.transform(&x).unwrap(), fitted.transform(&x).unwrap());
            assert!(fitted.to_string().lines().count() > 1);
        })*};
    }
    saved!(
        StandardScaler::new(),
        MinMaxScaler::new(),
        MaxAbsScaler::new(),
        RobustScaler::new(),
        Normalizer::new(),
        Binarizer::new(),
        PowerTransformer::new(),
        QuantileTransformer::new(),
        KBinsDiscretizer::new()
    );
}

#[test]
fn one_hot_bins_have_names() {
    let bins = KBinsDiscretizer::new()
        .n_bins(2)
        .fit(&array![[0.0, 5.0], [1.0, 5.0]])
        .unwrap();
    let names = bins.feature_names_out(&["age".into(), "size".into()]);
    assert_eq!(names, ["age_0", "age_1", "size_0"]);
}
