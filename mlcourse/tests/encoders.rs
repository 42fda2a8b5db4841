//! Encoders of words against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, labels, list, strings};
use mlcourse::Error;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use serde_json::Value;

fn columns(value: &Value) -> TextColumns {
    let mut x = TextColumns::new();
    for (place, words) in list(value).iter().enumerate() {
        let words: Vec<Option<&str>> = list(words).iter().map(Value::as_str).collect();
        x = x.column_with_missing(&format!("x{place}"), &words).unwrap();
    }
    x
}

fn set<P: Parameters>(mut step: P, parameters: &Value) -> P {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::String(text) => Parameter::Text(text.clone()),
            Value::Number(number) if number.is_f64() => Parameter::Float(number.as_f64().unwrap()),
            Value::Number(number) => Parameter::Integer(number.as_i64().unwrap()),
            other => panic!("{other}"),
        };
        step.set_parameter(name, &value).unwrap();
    }
    step
}

/// Equal, where null is NaN.
fn assert_table(ours: &Array2<f64>, theirs: &Value, tolerance: f64, what: &str) {
    let rows = list(theirs);
    assert_eq!(ours.nrows(), rows.len(), "{what}");
    for (ours, theirs) in ours.outer_iter().zip(rows) {
        assert_eq!(ours.len(), list(theirs).len(), "{what}");
        for (ours, theirs) in ours.iter().zip(list(theirs)) {
            match theirs.as_f64() {
                Some(theirs) => assert!(
                    (ours - theirs).abs() <= tolerance,
                    "{what}: {ours} {theirs}"
                ),
                None => assert!(ours.is_nan(), "{what}: {ours}"),
            }
        }
    }
}

fn assert_words(ours: Vec<Vec<Option<String>>>, theirs: &Value, what: &str) {
    let theirs: Vec<Vec<Option<String>>> = list(theirs)
        .iter()
        .map(|words| {
            list(words)
                .iter()
                .map(|word| word.as_str().map(String::from))
                .collect()
        })
        .collect();
    assert_eq!(ours, theirs, "{what}");
}

#[test]
fn encoded_categories_are_scikit_learns() {
    let reference = file("encoders");
    for case in list(&reference["cases"]) {
        let what = format!(
            "{} {} on {}",
            case["step"], case["parameters"], case["table"]
        );
        let x = columns(&reference["tables"][case["table"].as_str().unwrap()]);
        let new = columns(&case["new"]);
        let (z, z_new, names, back, infrequent);
        if case["step"] == "OneHotEncoder" {
            let fitted = set(OneHotEncoder::new(), &case["parameters"])
                .fit(&x)
                .unwrap();
            (z, z_new) = (
                fitted.transform(&x).unwrap(),
                fitted.transform(&new).unwrap(),
            );
            assert_eq!(fitted.transform_sparse(&x).unwrap().to_dense(), z, "{what}");
            names = fitted.feature_names_out();
            back = fitted.inverse_transform(&z).unwrap();
            infrequent = fitted.infrequent_categories();
        } else {
            let fitted = set(OrdinalEncoder::new(), &case["parameters"])
                .fit(&x)
                .unwrap();
            (z, z_new) = (
                fitted.transform(&x).unwrap(),
                fitted.transform(&new).unwrap(),
            );
            names = fitted.feature_names_out();
            back = fitted.inverse_transform(&z).unwrap();
            infrequent = fitted.infrequent_categories();
        }
        assert_table(&z, &case["z"], 0.0, &what);
        assert_table(&z_new, &case["z_new"], 0.0, &what);
        assert_eq!(names, strings(&case["names"]), "{what}");
        if !case["back"].is_null() {
            assert_words(back.columns().to_vec(), &case["back"], &what);
        }
        if !case["infrequent"].is_null() {
            assert_words(infrequent, &case["infrequent"], &what);
        }
    }
}

#[test]
fn target_encodings_are_scikit_learns() {
    let reference = file("encoders");
    let x = columns(&reference["tables"]["passengers"]);
    for case in list(&reference["target_cases"]) {
        let what = format!("{} {}", case["target"], case["parameters"]);
        let encoder = set(TargetEncoder::new().shuffle(false), &case["parameters"]);
        let is_class = case["target"].as_str().unwrap().ends_with("classes");
        let (fitted, z) = if is_class {
            encoder
                .clone()
                .fit_transform_labels(&x, &labels(&case["y"]))
                .unwrap()
        } else {
            encoder
                .clone()
                .fit_transform(&x, &floats(&case["y"]))
                .unwrap()
        };
        assert_table(&z, &case["z"], 1e-12, &what);
        let new = columns(&case["new"]);
        assert_table(
            &fitted.transform(&new).unwrap(),
            &case["z_new"],
            1e-12,
            &what,
        );
        assert_eq!(
            fitted.feature_names_out(),
            strings(&case["names"]),
            "{what}"
        );
        for (ours, theirs) in fitted.encodings().iter().zip(list(&case["encodings"])) {
            let difference = &Array1::from(ours.clone()) - &floats(theirs);
            assert!(difference.iter().all(|d| d.abs() < 1e-12), "{what}");
        }
        let difference = &fitted.target_mean() - &floats(&case["target_mean"]);
        assert!(difference.iter().all(|d| d.abs() < 1e-12), "{what}");
        let again = if is_class {
            encoder.fit_labels(&x, &labels(&case["y"])).unwrap()
        } else {
            encoder.fit(&x, &floats(&case["y"])).unwrap()
        };
        assert_eq!(again, fitted);
    }
}

#[test]
fn training_rows_are_not_encoded_by_their_own_target() {
    // Each row is its own category, so that its encoding from all rows is its target.
    let names: Vec<String> = (0..40).map(|row| format!("row {row}")).collect();
    let x = TextColumns::new().column("id", &names).unwrap();
    let y: Array1<f64> = (0..40).map(|row| f64::from((row * 7) % 11)).collect();
    let encoder = TargetEncoder::new().smooth(0.0);
    let (fitted, z) = encoder.clone().fit_transform(&x, &y).unwrap();
    assert_eq!(fitted.transform(&x).unwrap().column(0), y);
    for (z, y) in z.column(0).iter().zip(&y) {
        assert!((z - 5.0).abs() < 1.0, "{z} {y}");
    }
    let (_, same) = encoder.clone().fit_transform(&x, &y).unwrap();
    assert_eq!(same, z);
    let (_, other) = encoder.seed(1).fit_transform(&x, &y).unwrap();
    assert_ne!(other, z);
}

#[test]
fn shuffled_folds_keep_the_shares_of_classes() {
    // One category: a fold is encoded by the share of class 1 in the others.
    let x = TextColumns::new().column("c", &["a"; 60]).unwrap();
    let y: Array1<usize> = (0..60).map(|row| usize::from(row % 3 == 0)).collect();
    for seed in 0..10 {
        let encoder = TargetEncoder::new().seed(seed);
        let (_, z) = encoder.fit_transform_labels(&x, &y).unwrap();
        assert!(z.iter().all(|z| (z - 1.0 / 3.0).abs() < 1e-12));
    }
}

#[test]
fn given_categories_set_the_order() {
    let x = TextColumns::new().column("size", &["M", "S"]).unwrap();
    let ordinal = OrdinalEncoder::new()
        .categories(&[&["S", "M", "L"]])
        .fit(&x)
        .unwrap();
    assert_eq!(ordinal.transform(&x).unwrap(), array![[1.0], [0.0]]);
    let one_hot = OneHotEncoder::new()
        .categories(&[&["S", "M", "L"]])
        .fit(&x)
        .unwrap();
    assert_eq!(
        one_hot.transform(&x).unwrap(),
        array![[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    );
    let error = OneHotEncoder::new()
        .categories(&[&["S"]])
        .fit(&x)
        .unwrap_err();
    assert!(
        matches!(error, Error::UnknownCategory { row: 0, .. }),
        "{error}"
    );
    assert!(
        OneHotEncoder::new()
            .categories(&[&["S", "M", "S"]])
            .fit(&x)
            .is_err()
    );
    assert!(
        OneHotEncoder::new()
            .categories(&[&["S", "M"], &["x", "y"]])
            .fit(&x)
            .is_err()
    );
}

#[test]
fn a_named_category_is_dropped() {
    let x = TextColumns::new().column("c", &["a", "b", "c"]).unwrap();
    let encoder = OneHotEncoder::new()
        .drop_categories(&["b"])
        .fit(&x)
        .unwrap();
    let z = encoder.transform(&x).unwrap();
    assert_eq!(z, array![[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]);
    assert_eq!(encoder.inverse_transform(&z).unwrap(), x);
    assert_eq!(encoder.feature_names_out(), ["c_a", "c_c"]);
    assert!(
        OneHotEncoder::new()
            .drop_categories(&["z"])
            .fit(&x)
            .is_err()
    );
}

#[test]
fn words_that_do_not_fit_are_errors() {
    let x = TextColumns::new().column("c", &["a", "b"]).unwrap();
    let new = TextColumns::new().column("c", &["a", "z"]).unwrap();
    let one_hot = OneHotEncoder::new().fit(&x).unwrap();
    let error = one_hot.transform(&new).unwrap_err();
    assert!(error.to_string().contains("row 1 of column `c`"), "{error}");
    assert!(error.to_string().contains("`z`"), "{error}");
    let error = OrdinalEncoder::new()
        .fit(&x)
        .unwrap()
        .transform(&new)
        .unwrap_err();
    assert!(matches!(error, Error::UnknownCategory { .. }));
    let renamed = TextColumns::new().column("d", &["a"]).unwrap();
    assert!(matches!(
        one_hot.transform(&renamed),
        Err(Error::UnknownName { .. })
    ));
    let wide = x.clone().column("d", &["a", "b"]).unwrap();
    assert!(matches!(
        one_hot.transform(&wide),
        Err(Error::FeatureCount { .. })
    ));
    assert!(matches!(
        OneHotEncoder::new().fit(&TextColumns::new()),
        Err(Error::Empty { .. })
    ));
    assert!(one_hot.inverse_transform(&array![[1.0]]).is_err());
    assert!(x.clone().column("d", &["a"]).is_err());
    assert!(x.clone().column("c", &["a", "b"]).is_err());
    assert!(x.words("z").is_err());
    assert!(x.select(&[2]).is_err());
    assert_eq!(
        x.select(&[1, 1]).unwrap().words("c").unwrap()[0].as_deref(),
        Some("b")
    );
    let wrong = |result: mlcourse::Result<()>| {
        assert!(
            matches!(result, Err(Error::InvalidParameter { .. })),
            "{result:?}"
        );
    };
    wrong(OneHotEncoder::new().min_frequency(1.5).fit(&x).map(|_| ()));
    wrong(OneHotEncoder::new().max_categories(0).fit(&x).map(|_| ()));
    let taken = OrdinalEncoder::new().handle_unknown(OrdinalUnknown::UseEncodedValue);
    wrong(taken.unknown_value(1.0).fit(&x).map(|_| ()));
    let y = array![1.0, 2.0];
    wrong(TargetEncoder::new().fit_transform(&x, &y).map(|_| ()));
    wrong(TargetEncoder::new().cv(1).fit_transform(&x, &y).map(|_| ()));
    wrong(TargetEncoder::new().smooth(-1.0).fit(&x, &y).map(|_| ()));
    let error = TargetEncoder::new().fit(&x, &array![1.0]).unwrap_err();
    assert!(matches!(error, Error::LengthMismatch { .. }));
    let error = TargetEncoder::new()
        .fit(&x, &array![1.0, f64::NAN])
        .unwrap_err();
    assert!(matches!(error, Error::NotFinite { .. }));
    assert!(
        TargetEncoder::new()
            .fit_labels(&x, &Array1::zeros(0))
            .is_err()
    );
}

#[test]
fn labels_are_numbered_in_sorted_order() {
    let encoder = LabelEncoder::new().fit(&["b", "a", "É", "b"]).unwrap();
    assert_eq!(encoder.classes(), ["a", "b", "É"]);
    let error = encoder.transform(&["a", "z"]).unwrap_err();
    assert!(
        matches!(error, Error::UnknownCategory { row: 1, .. }),
        "{error}"
    );
    assert!(encoder.inverse_transform(&array![3]).is_err());
    assert!(matches!(
        LabelEncoder::new().fit::<&str>(&[]),
        Err(Error::Empty { .. })
    ));
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let word = |row: usize| format!("w{}", row * row % 97);
    let words: Vec<String> = (0..3000).map(word).collect();
    let x = TextColumns::new()
        .column("a", &words)
        .unwrap()
        .column("b", &words)
        .unwrap();
    let y: Array1<f64> = (0..3000).map(|row| f64::from(row % 17)).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let one_hot = OneHotEncoder::new().max_categories(20).fit(&x).unwrap();
            let target = TargetEncoder::new().fit_transform(&x, &y).unwrap();
            (one_hot.transform(&x).unwrap(), target)
        })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn what_is_fitted_survives_saving() {
    let x = TextColumns::new()
        .column_with_missing("c", &[Some("a"), None, Some("b")])
        .unwrap();
    fn saved<T>(fitted: &T)
    where
        T: serde::Serialize
            + serde::de::DeserializeOwned
            + PartialEq
            + std::fmt::Debug
            + std::fmt::Display,
    {
        let back: T = serde_json::from_str(&serde_json::to_string(fitted).unwrap()).unwrap();
        assert_eq!(&back, fitted);
        assert!(fitted.to_string().lines().count() > 1);
    }
    saved(&x);
    saved(
        &OneHotEncoder::new()
            .drop(OneHotDrop::First)
            .fit(&x)
            .unwrap(),
    );
    saved(&OrdinalEncoder::new().fit(&x).unwrap());
    saved(
        &TargetEncoder::new()
            .fit_labels(&x, &array![0, 1, 2])
            .unwrap(),
    );
    saved(&LabelEncoder::new().fit(&["x", "y"]).unwrap());
}
