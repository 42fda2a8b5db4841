//! Texts as tables against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, list, strings};
use mlcourse::Error;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use mlcourse::sparse::CsrMatrix;
use mlcourse::text::{FittedCountVectorizer, FittedTfidfVectorizer};
use serde_json::Value;

fn set<P: Parameters>(mut step: P, parameters: &Value) -> P {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::Null => Parameter::None,
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

fn assert_entries(ours: &CsrMatrix, theirs: &Value, what: &str) {
    assert_eq!(ours.n_rows(), list(theirs).len());
    for (row, theirs) in list(theirs).iter().enumerate() {
        let (columns, values) = ours.row(row);
        assert_eq!(columns.len(), list(theirs).len(), "{what}, row {row}");
        for ((column, value), theirs) in columns.iter().zip(values).zip(list(theirs)) {
            assert_eq!(
                u64::from(*column),
                theirs[0].as_u64().unwrap(),
                "{what}, row {row}"
            );
            assert!(
                (value - theirs[1].as_f64().unwrap()).abs() < 1e-14,
                "{what}, row {row}"
            );
        }
    }
}

#[test]
fn tables_of_texts_are_scikit_learns() {
    let reference = file("text");
    let (texts, new) = (strings(&reference["texts"]), strings(&reference["new"]));
    for case in list(&reference["cases"]) {
        let what = format!("{} {}", case["step"], case["parameters"]);
        let (z, z_new, names);
        if case["step"] == "CountVectorizer" {
            let (fitted, counts) = set(CountVectorizer::new(), &case["parameters"])
                .fit_transform(&texts)
                .unwrap();
            (z, z_new) = (counts, fitted.transform_sparse(&new).unwrap());
            names = fitted.feature_names_out().to_vec();
            assert_eq!(fitted.transform_sparse(&texts).unwrap(), z, "{what}");
        } else {
            let (fitted, weights) = set(TfidfVectorizer::new(), &case["parameters"])
                .fit_transform(&texts)
                .unwrap();
            (z, z_new) = (weights, fitted.transform_sparse(&new).unwrap());
            names = fitted.feature_names_out().to_vec();
            assert_eq!(fitted.transform_sparse(&texts).unwrap(), z, "{what}");
            if !case["idf"].is_null() {
                let difference = &fitted.idf() - &floats(&case["idf"]);
                assert!(difference.iter().all(|d| d.abs() < 1e-14), "{what}");
            }
        }
        assert_eq!(names, strings(&case["names"]), "{what}");
        assert_entries(&z, &case["z"], &what);
        assert_entries(&z_new, &case["z_new"], &what);
    }
}

#[test]
fn weights_are_the_formula() {
    let texts = ["aa bb aa", "bb cc", "bb"];
    let fitted = TfidfVectorizer::new().fit(&texts).unwrap();
    let x = fitted.transform(&texts).unwrap();
    let idf = |df: f64| (4.0 / (1.0 + df)).ln() + 1.0;
    let (aa, bb) = (2.0 * idf(1.0), idf(3.0));
    let length = (aa * aa + bb * bb).sqrt();
    assert!((x[[0, 0]] - aa / length).abs() < 1e-15);
    assert!((x[[0, 1]] - bb / length).abs() < 1e-15);
    assert_eq!(x.row(2), array![0.0, 1.0, 0.0]);
}

#[test]
fn stop_words_are_left_out() {
    let texts = [
        "Le chat et l'oiseau ne sont pas amis",
        "the cat is not a bird",
    ];
    let french = CountVectorizer::new()
        .stop_words(StopWords::French)
        .fit(&texts)
        .unwrap();
    assert_eq!(
        french.feature_names_out(),
        [
            "amis", "bird", "cat", "chat", "is", "not", "oiseau", "pas", "the"
        ]
    );
    let english = CountVectorizer::new()
        .stop_words(StopWords::English)
        .more_stop_words(&["cat"])
        .fit(&texts[1..]);
    assert_eq!(english.unwrap().feature_names_out(), ["bird", "not"]);
    let error = CountVectorizer::new()
        .stop_words(StopWords::English)
        .fit(&["the"])
        .unwrap_err();
    assert!(
        matches!(error, Error::InvalidParameter { name: "texts", .. }),
        "{error}"
    );
}

#[test]
fn a_given_vocabulary_sets_the_columns() {
    let counts = CountVectorizer::new()
        .vocabulary(&["dog", "cat"])
        .fit(&["the cat"])
        .unwrap();
    assert_eq!(
        counts.transform(&["cat cat dog", "bird"]).unwrap(),
        array![[1.0, 2.0], [0.0, 0.0]]
    );
    assert_eq!(counts.column_of("cat"), Some(1));
    assert_eq!(counts.column_of("bird"), None);
    assert!(
        CountVectorizer::new()
            .vocabulary(&["a", "a"])
            .fit(&["a"])
            .is_err()
    );
}

#[test]
fn what_does_not_fit_is_an_error() {
    let texts = ["some words"];
    let wrong = |result: mlcourse::Result<FittedCountVectorizer>| {
        assert!(
            matches!(result, Err(Error::InvalidParameter { .. })),
            "{result:?}"
        );
    };
    wrong(CountVectorizer::new().ngram_range(2, 1).fit(&texts));
    wrong(CountVectorizer::new().ngram_range(0, 1).fit(&texts));
    wrong(CountVectorizer::new().min_df(1.5).fit(&texts));
    wrong(CountVectorizer::new().min_df(2).max_df(1).fit(&texts));
    wrong(CountVectorizer::new().max_features(0).fit(&texts));
    wrong(CountVectorizer::new().fit(&["", "a"]));
    assert!(matches!(
        CountVectorizer::new().fit::<&str>(&[]),
        Err(Error::Empty { .. })
    ));
    let fitted = TfidfVectorizer::new().fit(&texts).unwrap();
    assert!(matches!(
        fitted.transform::<&str>(&[]),
        Err(Error::Empty { .. })
    ));
    assert!(
        fitted
            .transform_sparse(&texts)
            .unwrap()
            .dot(&array![1.0])
            .is_err()
    );
}

#[test]
fn a_sparse_table_calculates_as_a_dense_one() {
    let texts = ["aa bb aa", "", "cc"];
    let (_, table) = CountVectorizer::new().fit_transform(&texts).unwrap();
    let weights = array![1.0, 10.0, 100.0];
    assert_eq!(table.dot(&weights).unwrap(), table.to_dense().dot(&weights));
    assert_eq!((table.nnz(), table.indptr()), (3, &[0, 2, 2, 3][..]));
    assert_eq!(table.row(7), (&[][..], &[][..]));
    let back: CsrMatrix = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
    assert_eq!(back, table);
    assert!(table.to_string().contains("3 numbers other than 0"));
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let texts: Vec<String> = (0..2000)
        .map(|text: usize| {
            (0..30)
                .map(|word| format!("w{} ", (text * 31 + word * word) % 977))
                .collect()
        })
        .collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            TfidfVectorizer::new()
                .min_df(3)
                .fit_transform(&texts)
                .unwrap()
        })
    };
    assert_eq!(run(1), run(2));
    let (fitted, all) = run(2);
    let some = fitted.transform_sparse(&texts[1000..1003]).unwrap();
    assert_eq!(some.row(1), all.row(1001));
}

#[test]
fn what_is_fitted_survives_saving() {
    let fitted = TfidfVectorizer::new()
        .ngram_range(1, 2)
        .fit(&["un été", "deux étés"])
        .unwrap();
    let back: FittedTfidfVectorizer =
        serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
    assert_eq!(back, fitted);
    assert_eq!(
        back.transform(&["été"]).unwrap(),
        fitted.transform(&["été"]).unwrap()
    );
    assert!(fitted.to_string().contains("étés"));
}
