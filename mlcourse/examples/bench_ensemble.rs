//! Times trees and ensembles on the data of the shared benchmarks: `name<TAB>median ms<TAB>check`.
//!
//!     cargo run --release -p mlcourse --example bench_ensemble [NAME…]

#[path = "common/datagen.rs"]
mod datagen;

use mlcourse::ensemble::*;
use mlcourse::prelude::*;
use mlcourse::tree::*;
use std::time::Instant;

struct Data {
    x: Array2<f64>,
    y: Array1<usize>,
    score: Array1<f64>,
}

/// 20 000 samples of 20 features, three classes: the thirds of a score that is not linear.
fn data() -> Data {
    let x = Array2::from_shape_fn((20_000, 20), |(row, column)| {
        datagen::normal(16, (row * 20 + column) as u64)
    });
    let score = Array1::from_shape_fn(20_000, |row| {
        let x = x.row(row);
        let noise = 0.3 * datagen::normal(17, row as u64);
        x[0] * x[1] + x[2] * x[2] - x[3].abs() + 0.5 * x[4] + noise
    });
    let mut sorted = score.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let at = share * 19_999.0;
        let (low, part) = (at as usize, at.fract());
        sorted[low] + part * (sorted[low + 1] - sorted[low])
    };
    let cuts = [quantile(1.0 / 3.0), quantile(2.0 / 3.0)];
    let y = score.mapv(|score| cuts.iter().filter(|cut| score >= **cut).count());
    Data { x, y, score }
}

fn time<T>(name: &str, repetitions: usize, run: impl Fn() -> T, check: impl Fn(&T) -> String) {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if !names.is_empty() && !names.iter().any(|wanted| name.starts_with(wanted.as_str())) {
        return;
    }
    let mut times = Vec::new();
    let mut result = None;
    for _ in 0..repetitions {
        let start = Instant::now();
        result = Some(run());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let check = result.map_or(String::new(), |result| check(&result));
    println!("{name}\t{:.1}\t{check}", times[times.len() / 2]);
}

fn main() -> mlcourse::Result<()> {
    let Data { x, y, score } = data();
    let (first, last) = (s![..16_000, ..], s![16_000.., ..]);
    let (x_train, x_test) = (x.slice(first), x.slice(last));
    let (y_train, y_test) = (y.slice(s![..16_000]), y.slice(s![16_000..]));
    let (s_train, s_test) = (score.slice(s![..16_000]), score.slice(s![16_000..]));

    let tree = || DecisionTreeClassifier::new().fit((&x, &y));
    time("tree_clf_20kx20", 5, tree, |tree| match tree {
        Ok(tree) => format!("depth {} leaves {}", tree.depth(), tree.n_leaves()),
        Err(error) => error.to_string(),
    });

    let forest = RandomForestClassifier::new().seed(42);
    let judged = forest
        .clone()
        .fit((&x_train, &y_train))?
        .score(&x_test, &y_test)?;
    time(
        "rf_clf_100t_20kx20",
        3,
        || forest.clone().fit((&x, &y)),
        |_| format!("test {judged}"),
    );
    let fitted = forest.clone().fit((&x, &y))?;
    time(
        "rf_predict_20k_100t",
        5,
        || fitted.predict(&x),
        |_| String::new(),
    );

    for (name, features) in [
        ("rf_reg_100t_all", MaxFeatures::All),
        ("rf_reg_100t_sqrt", MaxFeatures::Sqrt),
    ] {
        let forest = RandomForestRegressor::new().max_features(features).seed(42);
        let run = || forest.clone().fit((&x_train, &s_train));
        time(name, 1, run, |forest| match forest {
            Ok(forest) => format!("test r2 {:?}", forest.score(&x_test, &s_test)),
            Err(error) => error.to_string(),
        });
    }
    let extra = ExtraTreesClassifier::new().seed(42);
    time(
        "extra_trees_clf_100t",
        1,
        || extra.clone().fit((&x_train, &y_train)),
        |forest| match forest {
            Ok(forest) => format!("test {:?}", forest.score(&x_test, &y_test)),
            Err(error) => error.to_string(),
        },
    );

    let boosting = HistGradientBoostingClassifier::new().seed(42);
    let run = || boosting.clone().fit((&x_train, &y_train));
    time("histgb_clf_16kx20", 3, run, |model| match model {
        Ok(model) => format!(
            "test {:?} iterations {}",
            model.score(&x_test, &y_test),
            model.n_iter()
        ),
        Err(error) => error.to_string(),
    });
    let ada = AdaBoostClassifier::new();
    time(
        "adaboost_50_20kx20",
        1,
        || ada.clone().fit((&x, &y)),
        |model| match model {
            Ok(model) => format!("train {:?}", model.score(&x, &y)),
            Err(error) => error.to_string(),
        },
    );
    let exact = GradientBoostingClassifier::new();
    time(
        "gb_clf_100_16kx20",
        1,
        || exact.clone().fit((&x_train, &y_train)),
        |model| match model {
            Ok(model) => format!("test {:?}", model.score(&x_test, &y_test)),
            Err(error) => error.to_string(),
        },
    );

    // The course's search: 9 settings, 5 folds, forests of 300 trees whose beginnings are those of 100 and 200.
    let iris = datasets::iris();
    let (iris_x, iris_y) = (iris.features().to_owned(), iris.labels()?.to_owned());
    let search = || -> mlcourse::Result<f64> {
        let mut best = 0.0_f64;
        for max_depth in [Some(10), Some(20), None] {
            for min_samples_split in [2, 5, 10] {
                let mut mean = 0.0;
                for fold in 0..5 {
                    let (test, train): (Vec<usize>, Vec<usize>) =
                        (0..150).partition(|row| row % 5 == fold);
                    let pick = |rows: &[usize]| {
                        (iris_x.select(Axis(0), rows), iris_y.select(Axis(0), rows))
                    };
                    let ((x, y), (x_test, y_test)) = (pick(&train), pick(&test));
                    let mut forest = RandomForestClassifier::new().n_estimators(300).seed(42);
                    forest = forest.min_samples_split(min_samples_split);
                    if let Some(depth) = max_depth {
                        forest = forest.max_depth(depth);
                    }
                    let fitted = forest.fit((&x, &y))?;
                    for found in fitted.staged_predict(&x_test, &[100, 200, 300])? {
                        mean += accuracy(&y_test, &found)? / 15.0;
                    }
                }
                best = best.max(mean);
            }
        }
        Ok(best)
    };
    time("gridsearch_iris", 3, search, |best| format!("{best:?}"));
    Ok(())
}
