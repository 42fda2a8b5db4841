//! Forests, bagging, gradient boosting and AdaBoost, compared with scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::ensemble::*;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use mlcourse::tree::{ClassWeight, MaxFeatures};
use serde_json::Value;

struct Set {
    x: Array2<f64>,
    classes: Array1<usize>,
    target: Array1<f64>,
    weight: Array1<f64>,
}

fn set(name: &str) -> Set {
    let set = &file("trees")["sets"][name];
    Set {
        x: table(&set["x"]),
        classes: labels(&set["classes"]),
        target: floats(&set["target"]),
        weight: floats(&set["weight"]),
    }
}

fn set_all(model: &mut impl Parameters, parameters: &Value) {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::String(word) => Parameter::from(word.as_str()),
            Value::Number(number) if number.is_u64() => Parameter::from(number.as_i64().unwrap()),
            value => Parameter::from(value.as_f64().unwrap()),
        };
        model.set_parameter(name, &value).unwrap();
    }
}

fn every_fourth<T: Clone>(rows: &Array2<T>) -> Array2<T> {
    rows.slice(s![..;4, ..]).to_owned()
}

fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(run)
}

#[test]
fn boosting_has_scikit_learns_scores_at_every_stage() {
    for case in list(&file("ensembles")["boosting"]) {
        let what = format!(
            "{} {} {} {}",
            case["data"], case["kind"], case["weighted"], case["parameters"]
        );
        let Set {
            x,
            classes,
            target,
            weight,
        } = set(case["data"].as_str().unwrap());
        let weight = (case["weighted"] == true).then_some(weight);
        let (train_score, importances) = if case["kind"] == "target" {
            let mut model = GradientBoostingRegressor::new().n_estimators(12);
            set_all(&mut model, &case["parameters"]);
            let fitted = match &weight {
                None => model.fit((&x, &target)).unwrap(),
                Some(weight) => model.fit((&x, &target, weight)).unwrap(),
            };
            if case["parameters"]["loss"] == "quantile" {
                // The slopes are two numbers, so that many splits tie, and rounding decides: the losses are near.
                for (found, expected) in fitted
                    .train_score()
                    .iter()
                    .zip(&floats(&case["train_score"]))
                {
                    assert!(
                        (found / expected - 1.0).abs() < 0.06,
                        "{what}: {found} {expected}"
                    );
                }
                continue;
            }
            let out = fitted.predict(&x).unwrap().slice(s![..;4]).to_owned();
            assert!(distance(&out, &floats(&case["out"])) < 1e-7, "{what}");
            (fitted.train_score().to_vec(), fitted.feature_importances())
        } else {
            let y = if case["kind"] == "two" {
                classes.mapv(|class| usize::from(class == 3))
            } else {
                classes
            };
            let mut model = GradientBoostingClassifier::new().n_estimators(12);
            set_all(&mut model, &case["parameters"]);
            let fitted = match &weight {
                None => model.fit((&x, &y)).unwrap(),
                Some(weight) => model.fit((&x, &y, weight)).unwrap(),
            };
            let out = every_fourth(&fitted.predict_proba(&x).unwrap());
            assert!(distance(&out, &table(&case["out"])) < 1e-7, "{what}");
            (fitted.train_score().to_vec(), fitted.feature_importances())
        };
        assert!(
            distance(&train_score, &floats(&case["train_score"])) < 1e-7,
            "{what}"
        );
        assert!(
            distance(&importances, &floats(&case["importances"])) < 1e-7,
            "{what}"
        );
    }
}

#[test]
fn adaboost_has_scikit_learns_trees_and_weights() {
    for case in list(&file("ensembles")["ada"]) {
        let what = format!(
            "{} {} {} {}",
            case["data"], case["kind"], case["weighted"], case["parameters"]
        );
        let Set {
            x, classes, weight, ..
        } = set(case["data"].as_str().unwrap());
        let y = if case["kind"] == "two" {
            classes.mapv(|class| usize::from(class == 3))
        } else {
            classes
        };
        let weight = if case["weighted"] == true {
            weight
        } else {
            Array1::ones(x.nrows())
        };
        let mut model = AdaBoostClassifier::new().n_estimators(15);
        set_all(&mut model, &case["parameters"]);
        let fitted = model.fit((&x, &y, &weight)).unwrap();
        assert!(
            distance(fitted.estimator_weights(), &floats(&case["weights"])) < 1e-7,
            "{what}"
        );
        assert!(
            distance(fitted.estimator_errors(), &floats(&case["errors"])) < 1e-7,
            "{what}"
        );
        let probabilities = every_fourth(&fitted.predict_proba(&x).unwrap());
        assert!(
            distance(&probabilities, &table(&case["probabilities"])) < 1e-7,
            "{what}"
        );
        let decision = every_fourth(&fitted.decision_function(&x).unwrap());
        let expected = match &case["decision"][0] {
            Value::Array(_) => table(&case["decision"]),
            _ => floats(&case["decision"]).insert_axis(Axis(1)),
        };
        assert!(distance(&decision, &expected) < 1e-7, "{what}");
    }
}

/// The scores of a model over seeds, and the mean of its importances.
fn scores<F>(case: &Value, fit: F) -> (f64, f64, Array1<f64>)
where
    F: Fn(u64) -> (f64, Array1<f64>),
{
    let fits: Vec<(f64, Array1<f64>)> = (0..30).map(|seed| fit(seed + 1000)).collect();
    let mean = fits.iter().map(|(score, _)| score).sum::<f64>() / 30.0;
    let variance = fits
        .iter()
        .map(|(score, _)| (score - mean).powi(2))
        .sum::<f64>()
        / 30.0;
    let n = floats(&case["importances"]).len();
    let importances = fits
        .iter()
        .fold(Array1::zeros(n), |sum, (_, shares)| sum + shares / 30.0);
    (mean, variance.sqrt(), importances)
}

#[test]
fn forests_score_as_scikit_learns_over_many_seeds() {
    let Set {
        x, classes, target, ..
    } = set("smooth");
    let rows =
        |test: bool| -> Vec<usize> { (0..160).filter(|row| (row % 4 == 0) == test).collect() };
    let (train, test) = (rows(false), rows(true));
    let (x_train, x_test) = (x.select(Axis(0), &train), x.select(Axis(0), &test));
    for case in list(&file("ensembles")["bands"]) {
        let parameters = &case["parameters"];
        macro_rules! run {
            ($model:ident, $y:ident) => {
                scores(case, |seed| {
                    let mut model = $model::new().seed(seed);
                    set_all(&mut model, parameters);
                    let fitted = model.fit((&x_train, &$y.select(Axis(0), &train))).unwrap();
                    let score = fitted.score(&x_test, &$y.select(Axis(0), &test)).unwrap();
                    (score, fitted.feature_importances())
                })
            };
        }
        let (mean, deviation, importances) = match case["model"].as_str().unwrap() {
            "RandomForestClassifier" => run!(RandomForestClassifier, classes),
            "ExtraTreesClassifier" => run!(ExtraTreesClassifier, classes),
            "RandomForestRegressor" => run!(RandomForestRegressor, target),
            "AdaBoostRegressor" => run!(AdaBoostRegressor, target),
            other => panic!("{other}"),
        };
        let (theirs, spread) = (
            case["mean"].as_f64().unwrap(),
            case["deviation"].as_f64().unwrap(),
        );
        // Four standard errors of the difference of two means of 30.
        let band = 4.0 * ((deviation.powi(2) + spread.powi(2)) / 30.0).sqrt();
        assert!((mean - theirs).abs() < band, "{case}: {mean} {band}");
        assert!(
            distance(&importances, &floats(&case["importances"])) < 0.03,
            "{case}: {importances}"
        );
    }
}

#[test]
fn a_forest_is_the_mean_of_its_trees_and_the_beginning_of_a_larger_one() {
    let Set {
        x, classes, target, ..
    } = set("smooth");
    let forest = |n| RandomForestClassifier::new().n_estimators(n).seed(5);
    let large = forest(30).fit((&x, &classes)).unwrap();
    let small = forest(10).fit((&x, &classes)).unwrap();
    assert_eq!(large.first_trees(10).unwrap(), small);
    let staged = large.staged_predict(&x, &[10, 30]).unwrap();
    assert_eq!(
        staged,
        [small.predict(&x).unwrap(), large.predict(&x).unwrap()]
    );

    let probabilities = small.predict_proba(&x).unwrap();
    for (row, x) in x.outer_iter().enumerate() {
        let mut mean = [0.0; 3];
        for tree in small.trees() {
            let mut node = 0;
            while let (Some((feature, threshold)), Some((left, right))) =
                (tree.split(node), tree.children(node))
            {
                node = if x[feature] <= threshold { left } else { right };
            }
            mean.iter_mut()
                .zip(tree.value(node))
                .for_each(|(mean, share)| *mean += share / 10.0);
        }
        assert!(distance(&mean, &probabilities.row(row).to_vec()) < 1e-14);
    }

    let numbers = RandomForestRegressor::new()
        .n_estimators(20)
        .fit((&x, &target))
        .unwrap();
    let staged = numbers.staged_predict(&x, &[5, 20]).unwrap();
    assert_eq!(
        staged[0],
        numbers.first_trees(5).unwrap().predict(&x).unwrap()
    );
    for wrong in [&[0][..], &[21], &[7, 6]] {
        assert!(matches!(
            numbers.staged_predict(&x, wrong),
            Err(Error::InvalidParameter { .. })
        ));
    }
}

#[test]
fn without_anything_random_a_forest_is_its_tree() {
    let Set {
        x,
        classes,
        target,
        weight,
    } = set("smooth");
    let forest = RandomForestClassifier::new()
        .n_estimators(3)
        .bootstrap(false)
        .max_features(MaxFeatures::All);
    let tree = DecisionTreeClassifier::new();
    assert_eq!(
        forest.clone().fit((&x, &classes, &weight)).unwrap().trees()[2],
        *tree.clone().fit((&x, &classes, &weight)).unwrap().tree()
    );
    assert_eq!(
        forest
            .class_weight(ClassWeight::Balanced)
            .fit((&x, &classes))
            .unwrap()
            .trees()[0],
        *tree
            .class_weight(ClassWeight::Balanced)
            .fit((&x, &classes))
            .unwrap()
            .tree()
    );
    let one = GradientBoostingRegressor::new()
        .n_estimators(1)
        .learning_rate(1.0)
        .max_depth(2);
    let tree = DecisionTreeRegressor::new()
        .max_depth(2)
        .fit((&x, &target))
        .unwrap();
    let boosted = one.fit((&x, &target)).unwrap();
    assert!(distance(&boosted.predict(&x).unwrap(), &tree.predict(&x).unwrap()) < 1e-12);
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let Set {
        x,
        classes,
        target,
        weight,
    } = set("smooth");
    macro_rules! check {
        ($model:expr, $y:expr) => {{
            let one = on_threads(1, || $model.seed(9).fit((&x, $y, &weight)).unwrap());
            let two = on_threads(2, || $model.seed(9).fit((&x, $y, &weight)).unwrap());
            let other = $model.seed(10).fit((&x, $y, &weight)).unwrap();
            assert_eq!(one, two);
            assert_eq!(
                on_threads(1, || one.predict(&x).unwrap()),
                on_threads(2, || two.predict(&x).unwrap())
            );
            assert_ne!(one, other);
        }};
    }
    check!(
        RandomForestClassifier::new()
            .n_estimators(12)
            .oob_score(true),
        &classes
    );
    check!(RandomForestRegressor::new().n_estimators(12), &target);
    check!(ExtraTreesClassifier::new().n_estimators(12), &classes);
    check!(ExtraTreesRegressor::new().n_estimators(12), &target);
    check!(BaggingClassifier::new(), &classes);
    check!(BaggingRegressor::new(), &target);
    check!(
        GradientBoostingClassifier::new()
            .n_estimators(5)
            .subsample(0.5),
        &classes
    );
    check!(
        GradientBoostingRegressor::new()
            .n_estimators(5)
            .subsample(0.5),
        &target
    );
    check!(AdaBoostRegressor::new().n_estimators(5), &target);
    check!(
        HistGradientBoostingClassifier::new()
            .max_iter(5)
            .max_features(0.5),
        &classes
    );
}

#[test]
fn a_weight_of_zero_is_absence() {
    let Set {
        x,
        classes,
        target,
        weight,
    } = set("smooth");
    let kept: Vec<usize> = (0..x.nrows()).filter(|&row| weight[row] > 0.0).collect();
    let (x_kept, weight_kept) = (x.select(Axis(0), &kept), weight.select(Axis(0), &kept));
    let (classes_kept, target_kept) = (
        classes.select(Axis(0), &kept),
        target.select(Axis(0), &kept),
    );
    macro_rules! check {
        ($model:expr, $y:expr, $y_kept:expr) => {
            assert_eq!(
                $model.fit((&x, $y, &weight)).unwrap(),
                $model.fit((&x_kept, $y_kept, &weight_kept)).unwrap()
            )
        };
    }
    check!(
        RandomForestClassifier::new().n_estimators(5),
        &classes,
        &classes_kept
    );
    check!(
        RandomForestRegressor::new().n_estimators(5),
        &target,
        &target_kept
    );
    check!(
        GradientBoostingClassifier::new().n_estimators(5),
        &classes,
        &classes_kept
    );
    check!(
        GradientBoostingRegressor::new()
            .n_estimators(5)
            .loss(RegressionLoss::Huber),
        &target,
        &target_kept
    );
    check!(AdaBoostClassifier::new(), &classes, &classes_kept);
    check!(AdaBoostRegressor::new(), &target, &target_kept);
    check!(
        HistGradientBoostingRegressor::new().max_iter(5),
        &target,
        &target_kept
    );
}

#[test]
fn samples_are_judged_by_the_trees_that_have_not_drawn_them() {
    let Set {
        x, classes, target, ..
    } = set("smooth");
    let forest = RandomForestClassifier::new()
        .oob_score(true)
        .seed(1)
        .fit((&x, &classes))
        .unwrap();
    let found = forest.oob_decision_function().unwrap();
    assert!(
        found
            .rows()
            .into_iter()
            .all(|row| (row.sum() - 1.0).abs() < 1e-12)
    );
    // Known by heart, but not out of the bag.
    assert!(forest.score(&x, &classes).unwrap() > 0.99);
    assert!(
        (0.5..0.85).contains(&forest.oob_score().unwrap()),
        "{:?}",
        forest.oob_score()
    );
    let numbers = RandomForestRegressor::new()
        .oob_score(true)
        .fit((&x, &target))
        .unwrap();
    assert!(numbers.oob_score().unwrap() < numbers.score(&x, &target).unwrap() - 0.05);

    let few = RandomForestClassifier::new()
        .n_estimators(1)
        .oob_score(true)
        .fit((&x, &classes))
        .unwrap();
    assert!(
        few.oob_decision_function()
            .unwrap()
            .rows()
            .into_iter()
            .any(|row| row.sum() == 0.0)
    );
    assert!(few.oob_score().unwrap() > 0.3);
    let all = RandomForestClassifier::new()
        .oob_score(true)
        .bootstrap(false)
        .fit((&x, &classes));
    assert!(matches!(
        all,
        Err(Error::InvalidParameter {
            name: "oob_score",
            ..
        })
    ));
}

#[test]
fn a_balanced_subsample_lets_rare_classes_count() {
    let n = 400;
    let x = Array2::from_shape_fn((n, 2), |(row, column)| {
        ((row * (7 + 4 * column)) % 101) as f64
    });
    let y = Array1::from_shape_fn(n, |row| {
        usize::from(x[[row, 0]] + x[[row, 1]] > 165.0 || row % 40 == 0)
    });
    let recall_of = |weight: Option<ClassWeight>| {
        let mut model = RandomForestClassifier::new().max_depth(2).n_estimators(30);
        if let Some(weight) = weight {
            model = model.class_weight(weight);
        }
        recall(
            &y,
            &model.fit((&x, &y)).unwrap().predict(&x).unwrap(),
            Average::Class(1),
        )
        .unwrap()
    };
    let plain = recall_of(None);
    assert!(recall_of(Some(ClassWeight::BalancedSubsample)) > plain + 0.1);
    assert!(recall_of(Some(ClassWeight::Balanced)) > plain + 0.1);
}

#[test]
fn boosting_stops_early_and_can_be_followed() {
    let Set {
        x, classes, target, ..
    } = set("smooth");
    let model = GradientBoostingClassifier::new()
        .n_estimators(500)
        .n_iter_no_change(3)
        .learning_rate(0.5);
    let stopped = model.fit((&x, &classes)).unwrap();
    assert!(stopped.n_estimators() < 200);
    assert_eq!(stopped.train_score().len(), stopped.n_estimators());

    let followed = GradientBoostingRegressor::new()
        .n_estimators(20)
        .subsample(0.6)
        .fit((&x, &target))
        .unwrap();
    assert_eq!(followed.oob_improvement().len(), 20);
    assert!(followed.oob_improvement()[0] > 0.0);
    let stages: Vec<usize> = (1..=20).collect();
    let staged = followed.staged_predict(&x, &stages).unwrap();
    assert_eq!(staged[19], followed.predict(&x).unwrap());
    let errors: Vec<f64> = staged
        .iter()
        .map(|found| mean_squared_error(&target, found).unwrap())
        .collect();
    assert!(errors[19] < 0.7 * errors[0]);
    assert!(followed.staged_predict(&x, &[21]).is_err());
}

#[test]
fn parameters_and_data_out_of_range_are_errors() {
    let (x, y) = (array![[0.0], [1.0], [2.0]], array![0, 1, 2]);
    let target = array![0.0, 1.0, 2.0];
    macro_rules! wrong {
        ($($model:expr),*) => {$(
            assert!(matches!($model.fit((&x, &y)), Err(Error::InvalidParameter { .. })), stringify!($model));
        )*};
    }
    wrong!(
        RandomForestClassifier::new().n_estimators(0),
        RandomForestClassifier::new().max_samples(0.0),
        RandomForestClassifier::new()
            .max_samples(0.5)
            .bootstrap(false),
        RandomForestClassifier::new().max_depth(0),
        ExtraTreesClassifier::new().class_weight(ClassWeight::BalancedSubsample),
        GradientBoostingClassifier::new().n_estimators(0),
        GradientBoostingClassifier::new().learning_rate(-0.1),
        GradientBoostingClassifier::new().subsample(0.0),
        GradientBoostingClassifier::new().loss(ClassLoss::Exponential),
        GradientBoostingClassifier::new()
            .n_iter_no_change(5)
            .validation_fraction(1.0),
        AdaBoostClassifier::new().learning_rate(0.0),
        HistGradientBoostingClassifier::new().max_bins(256),
        HistGradientBoostingClassifier::new().categorical_features(&[1]),
        HistGradientBoostingClassifier::new().max_features(0.0)
    );
    assert!(
        GradientBoostingRegressor::new()
            .alpha(1.0)
            .fit((&x, &target))
            .is_err()
    );
    let constant = AdaBoostClassifier::new().fit((&Array2::ones((4, 1)), &array![0, 1, 0, 1]));
    assert!(constant.unwrap_err().to_string().contains("by chance"));
    let nan = array![[0.0], [f64::NAN], [1.0]];
    assert!(matches!(
        RandomForestClassifier::new().fit((&nan, &y)),
        Err(Error::NotFinite { row: 1, .. })
    ));
    assert!(matches!(
        GradientBoostingRegressor::new().fit((&nan, &target)),
        Err(Error::NotFinite { .. })
    ));
    let fitted = RandomForestRegressor::new()
        .n_estimators(2)
        .fit((&x, &target))
        .unwrap();
    assert!(matches!(
        fitted.predict(&array![[1.0, 2.0]]),
        Err(Error::FeatureCount { .. })
    ));
    let one = RandomForestRegressor::new()
        .fit((&array![[1.0]], &array![4.0]))
        .unwrap();
    assert_eq!(one.predict(&array![[7.0]]).unwrap(), array![4.0]);
}

#[test]
fn what_is_saved_comes_back_the_same() {
    let Set {
        x, classes, target, ..
    } = set("smooth");
    macro_rules! check {
        ($($fitted:expr => $kind:ty),*) => {$({
            let fitted = $fitted;
            let saved = serde_json::to_string(&fitted).unwrap();
            assert_eq!(serde_json::from_str::<$kind>(&saved).unwrap(), fitted);
            assert!(!fitted.to_string().is_empty());
        })*};
    }
    check!(
        RandomForestClassifier::new().n_estimators(3).fit((&x, &classes)).unwrap() => FittedRandomForestClassifier,
        ExtraTreesRegressor::new().n_estimators(3).fit((&x, &target)).unwrap() => FittedExtraTreesRegressor,
        GradientBoostingClassifier::new().n_estimators(3).fit((&x, &classes)).unwrap() => FittedGradientBoostingClassifier,
        AdaBoostClassifier::new().n_estimators(3).fit((&x, &classes)).unwrap() => FittedAdaBoostClassifier,
        AdaBoostRegressor::new().n_estimators(3).fit((&x, &target)).unwrap() => FittedAdaBoostRegressor,
        HistGradientBoostingRegressor::new().max_iter(3).fit((&x, &target)).unwrap() => FittedHistGradientBoostingRegressor
    );
}
