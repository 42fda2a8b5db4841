//! Imputers against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, list};
use mlcourse::Error;
use mlcourse::estimator::{Parameter, Transformer};
use mlcourse::impute::NeighborWeights;
use mlcourse::prelude::*;
use mlcourse::warning::Warning;
use serde_json::Value;

const NAN: f64 = f64::NAN;

/// A table in which null is NaN.
fn table(value: &Value) -> Array2<f64> {
    let rows = list(value);
    let values: Vec<f64> = rows
        .iter()
        .flat_map(|row| list(row).iter().map(|value| value.as_f64().unwrap_or(NAN)))
        .collect();
    Array2::from_shape_vec((rows.len(), values.len() / rows.len()), values).unwrap()
}

fn step(case: &Value) -> Box<dyn Transformer> {
    let mut step: Box<dyn Transformer> = match case["step"].as_str().unwrap() {
        "SimpleImputer" => Box::new(SimpleImputer::new()),
        "MissingIndicator" => Box::new(MissingIndicator::new()),
        "KNNImputer" => Box::new(KNNImputer::new()),
        other => panic!("{other}"),
    };
    for (name, value) in case["parameters"].as_object().unwrap() {
        let value = match value {
            Value::Bool(value) => Parameter::Bool(*value),
            Value::String(text) => Parameter::Text(text.clone()),
            Value::Number(number) if number.is_f64() => Parameter::Float(number.as_f64().unwrap()),
            Value::Number(number) => Parameter::Integer(number.as_i64().unwrap()),
            other => panic!("{other}"),
        };
        step.set_parameter(name, &value).unwrap();
    }
    step
}

#[test]
fn filled_tables_are_scikit_learns() {
    let reference = file("imputation");
    for case in list(&reference["cases"]) {
        let x = table(&reference["tables"][case["table"].as_str().unwrap()]);
        let what = format!(
            "{} {} on {}",
            case["step"], case["parameters"], case["table"]
        );
        // scikit-learn's distances come from products, which cancel.
        let tolerance = if case["step"] == "KNNImputer" {
            1e-7
        } else {
            1e-11
        };
        let fitted = step(case).fit_transformer(x.view()).unwrap();
        for (x, theirs) in [(&x, "z"), (&table(&case["new"]), "z_new")] {
            let rows = list(&case[theirs]);
            let ours = fitted.transform_features(x.view()).unwrap();
            assert_eq!(ours.nrows(), rows.len(), "{what}");
            for (ours, theirs) in ours.outer_iter().zip(rows) {
                let theirs = list(theirs);
                assert_eq!(ours.len(), theirs.len(), "{what}");
                for (ours, theirs) in ours.iter().zip(theirs) {
                    let theirs = theirs.as_f64().unwrap();
                    assert!(
                        (ours - theirs).abs() < tolerance * theirs.abs().max(1.0),
                        "{what}: {ours} {theirs}"
                    );
                }
            }
        }
    }
}

#[test]
fn statistics_are_scikit_learns() {
    let reference = file("imputation");
    for case in list(&reference["cases"]) {
        if case["step"] != "SimpleImputer" {
            continue;
        }
        let x = table(&reference["tables"][case["table"].as_str().unwrap()]);
        let parameters = &case["parameters"];
        let fitted = SimpleImputer::new()
            .strategy(
                parameters["strategy"]
                    .as_str()
                    .unwrap_or("mean")
                    .parse()
                    .unwrap(),
            )
            .fill_value(parameters["fill_value"].as_f64().unwrap_or(0.0))
            .keep_empty_features(parameters["keep_empty_features"].as_bool().unwrap_or(false))
            .fit(&x)
            .unwrap();
        for (ours, theirs) in fitted.statistics().iter().zip(list(&case["statistics"])) {
            match theirs.as_f64() {
                Some(theirs) => assert!((ours - theirs).abs() < 1e-12 * theirs.abs().max(1.0)),
                None => assert!(ours.is_nan()),
            }
        }
    }
}

#[test]
fn a_column_without_numbers_is_left_out_with_a_warning() {
    let x = array![[1.0, NAN], [2.0, NAN]];
    let imputer = SimpleImputer::new().fit(&x).unwrap();
    assert!(matches!(
        imputer.warnings().as_slice(),
        [Warning::EmptyFeatures { columns, .. }] if columns == &[1]
    ));
    assert_eq!(imputer.transform(&x).unwrap(), array![[1.0], [2.0]]);
    let names = imputer.feature_names_out(&["a".into(), "b".into()]);
    assert_eq!(names, ["a"]);
    assert!(imputer.to_string().contains("left out"));
    let kept = SimpleImputer::new()
        .keep_empty_features(true)
        .fit(&x)
        .unwrap();
    assert!(kept.warnings().is_empty());
    assert_eq!(KNNImputer::new().fit(&x).unwrap().warnings().len(), 1);
}

#[test]
fn indicators_have_names() {
    let x = array![[1.0, NAN, 2.0], [2.0, 3.0, NAN]];
    let names: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
    let imputer = SimpleImputer::new().add_indicator(true).fit(&x).unwrap();
    let out = imputer.feature_names_out(&names);
    assert_eq!(
        out,
        ["a", "b", "c", "missingindicator_b", "missingindicator_c"]
    );
    assert_eq!(imputer.n_missing(), [0, 1, 1]);
    assert_eq!(imputer.indicator_features(), [1, 2]);
}

#[test]
fn numbers_missing_where_none_was_are_refused_or_not() {
    let x = array![[1.0, NAN], [2.0, 3.0]];
    let new = array![[NAN, 1.0]];
    let error = MissingIndicator::new()
        .fit(&x)
        .unwrap()
        .transform(&new)
        .unwrap_err();
    assert!(error.to_string().contains("column 0"), "{error}");
    let calm = MissingIndicator::new().error_on_new(false).fit(&x).unwrap();
    assert_eq!(calm.transform(&new).unwrap(), array![[0.0]]);
    let imputed = SimpleImputer::new()
        .fit(&x)
        .unwrap()
        .transform(&new)
        .unwrap();
    assert_eq!(imputed, array![[1.5, 1.0]]);
}

#[test]
fn infinite_numbers_and_empty_tables_are_errors() {
    let steps: [(&str, Box<dyn Transformer>); 3] = [
        ("simple", Box::new(SimpleImputer::new())),
        ("indicator", Box::new(MissingIndicator::new())),
        ("knn", Box::new(KNNImputer::new())),
    ];
    for (name, step) in steps {
        let fit = |x: &Array2<f64>| step.fit_transformer(x.view()).map(|_| ()).unwrap_err();
        assert!(
            matches!(fit(&Array2::zeros((0, 1))), Error::Empty { .. }),
            "{name}"
        );
        let error = fit(&array![[NAN, 1.0], [2.0, f64::INFINITY]]);
        assert!(
            matches!(
                error,
                Error::NotFinite {
                    row: 1,
                    column: 1,
                    ..
                }
            ),
            "{name}: {error}"
        );
        let fitted = step
            .fit_transformer(array![[NAN, 1.0], [2.0, 3.0]].view())
            .unwrap();
        let transform = |x: Array2<f64>| fitted.transform_features(x.view()).unwrap_err();
        assert!(
            matches!(
                transform(array![[f64::NEG_INFINITY, 1.0]]),
                Error::NotFinite { .. }
            ),
            "{name}"
        );
        assert!(
            matches!(transform(array![[1.0]]), Error::FeatureCount { .. }),
            "{name}"
        );
        assert!(
            matches!(transform(Array2::zeros((0, 2))), Error::Empty { .. }),
            "{name}"
        );
    }
    assert!(matches!(
        KNNImputer::new().n_neighbors(0).fit(&array![[1.0]]),
        Err(Error::InvalidParameter { .. })
    ));
    assert!(
        SimpleImputer::new()
            .fill_value(NAN)
            .fit(&array![[1.0]])
            .is_err()
    );
    assert!(matches!(
        SimpleImputer::new().fit(&array![[1e308], [1e308]]),
        Err(Error::Overflow { column: 0, .. })
    ));
}

fn holes(n_rows: usize, n_columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((n_rows, n_columns), |(row, column)| {
        let place = row * n_columns + column;
        if place % 11 == 3 {
            NAN
        } else {
            ((place * 7919) % 1009) as f64 / 8.0
        }
    })
}

#[test]
fn medians_are_those_of_the_sorted_numbers() {
    let x = holes(5003, 5);
    let imputer = SimpleImputer::new()
        .strategy(ImputeStrategy::Median)
        .fit(&x)
        .unwrap();
    for (column, median) in x.columns().into_iter().zip(imputer.statistics()) {
        let mut there: Vec<f64> = column.iter().copied().filter(|v| !v.is_nan()).collect();
        there.sort_by(f64::total_cmp);
        let half = there.len() / 2;
        let expected = if there.len() % 2 == 1 {
            there[half]
        } else {
            (there[half - 1] + there[half]) / 2.0
        };
        assert_eq!(median, expected);
    }
}

#[test]
fn neighbours_are_those_of_the_formula() {
    let x = holes(30, 4);
    let imputer = KNNImputer::new()
        .n_neighbors(3)
        .weights(NeighborWeights::Distance)
        .fit(&x)
        .unwrap();
    let filled = imputer.transform(&x).unwrap();
    for ((row, column), _) in x.indexed_iter().filter(|(_, value)| value.is_nan()) {
        let mut near: Vec<(f64, f64)> = Vec::new();
        for other in x.outer_iter().filter(|other| !other[column].is_nan()) {
            let pairs: Vec<(f64, f64)> = x
                .row(row)
                .iter()
                .copied()
                .zip(other.iter().copied())
                .filter(|(a, b)| !a.is_nan() && !b.is_nan())
                .collect();
            let sum: f64 = pairs.iter().map(|(a, b)| (a - b).powi(2)).sum();
            near.push(((sum * 4.0 / pairs.len() as f64).sqrt(), other[column]));
        }
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = near[..3].iter().map(|(d, _)| 1.0 / d).sum();
        let mean = near[..3].iter().map(|(d, v)| v / d).sum::<f64>() / total;
        assert!((filled[[row, column]] - mean).abs() < 1e-10);
    }
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let x = holes(4000, 6);
    let few = x.slice(s![..300, ..]).to_owned();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let mut all: Vec<Array2<f64>> = ["mean", "median", "most_frequent", "constant"]
                .map(|word| {
                    let imputer = SimpleImputer::new()
                        .strategy(word.parse().unwrap())
                        .add_indicator(true);
                    imputer.fit(&x).unwrap().transform(&x).unwrap()
                })
                .to_vec();
            all.push(
                KNNImputer::new()
                    .fit(&few)
                    .unwrap()
                    .transform(&few)
                    .unwrap(),
            );
            all
        })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn what_is_fitted_survives_saving() {
    let x = array![[1.0, NAN, NAN], [2.0, 3.0, NAN], [NAN, 4.0, NAN]];
    macro_rules! saved {
        ($($model:expr),*) => {$({
            let fitted = $model.fit(&x).unwrap();
            let mut back = fitted.clone();
            assert_eq!(back, fitted);
            back = serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
            assert_eq!(back, fitted);
            assert_eq!(back.transform(&x).unwrap(), fitted.transform(&x).unwrap());
            assert!(fitted.to_string().lines().count() > 1);
        })*};
    }
    saved!(
        SimpleImputer::new().add_indicator(true),
        MissingIndicator::new(),
        KNNImputer::new()
    );
}
