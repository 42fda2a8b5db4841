//! Exact match and F1 of answers against the official formulas of SQuAD.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, strings};
use mlcourse::Error;
use mlcourse::metrics::{Articles, normalize_answer, squad, squad_exact_match, squad_f1};

#[test]
fn answers_are_compared_as_the_official_script_does() {
    let (mut exact_match, mut f1, mut total) = (0.0, 0.0, 0.0);
    let (mut predictions, mut all) = (Vec::new(), Vec::new());
    for case in cases("metrics_answers") {
        let prediction = case["prediction"].as_str().unwrap();
        let answers = strings(&case["answers"]);
        let normalized = normalize_answer(prediction, Articles::English);
        assert_eq!(normalized, case["normalized"].as_str().unwrap());
        let exact = squad_exact_match(prediction, &answers, Articles::English);
        assert_eq!(exact, case["exact"].as_bool().unwrap(), "{prediction}");
        let ours = squad_f1(prediction, &answers, Articles::English);
        assert!(
            (ours - case["f1"].as_f64().unwrap()).abs() < 1e-15,
            "{prediction}: {ours}"
        );
        exact_match += f64::from(exact);
        f1 += ours;
        total += 1.0;
        predictions.push(prediction.to_owned());
        all.push(answers);
    }
    let scores = squad(&predictions, &all, Articles::English).unwrap();
    assert!((scores.exact_match - 100.0 * exact_match / total).abs() < 1e-12);
    assert!((scores.f1 - 100.0 * f1 / total).abs() < 1e-12);
    assert_eq!(scores.total, predictions.len());
}

#[test]
fn french_articles_and_punctuation_do_not_count() {
    let normalized = |text| normalize_answer(text, Articles::French);
    assert_eq!(normalized("L'été, à la mer"), "été à mer");
    assert_eq!(normalized("l’« épicéa » du Jura"), "épicéa jura");
    assert_eq!(normalized("Aujourd'hui les lacs"), "aujourdhui lacs");
    assert_eq!(normalized("une idée — qu'il aime"), "idée quil aime");
    // `mal'` ends in l, but is no article; `lala` is a word.
    assert_eq!(normalized("mal'aimé lala"), "malaimé lala");
    assert!(squad_exact_match(
        "la forêt",
        &["une forêt."],
        Articles::French
    ));
    assert!(!squad_exact_match(
        "la forêt",
        &["forêt"],
        Articles::English
    ));
    assert_eq!(
        squad_f1("le lac gelé", &["un lac"], Articles::French),
        2.0 / 3.0
    );
    assert_eq!(squad_f1("le lac", &["un lac"], Articles::None), 0.5);
}

#[test]
fn lists_that_do_not_fit_are_errors() {
    let none: [&str; 0] = [];
    let no_answers: [Vec<&str>; 0] = [];
    assert!(matches!(
        squad(&none, &no_answers, Articles::English),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        squad(&["a"], &no_answers, Articles::English),
        Err(Error::LengthMismatch { .. })
    ));
}
