//! Times preprocessing on the data of the side-by-side benchmarks: `name<TAB>median_ms<TAB>value to compare`.

#[path = "common/streams.rs"]
#[allow(dead_code)]
mod datagen;

use mlcourse::prelude::*;
use std::time::Instant;

fn time<T>(name: &str, mut run: impl FnMut() -> T, value: impl Fn(&T) -> String) {
    let mut times = Vec::new();
    let mut shown = String::new();
    for _ in 0..7 {
        let start = Instant::now();
        let result = run();
        times.push(start.elapsed().as_secs_f64() * 1e3);
        shown = value(&result);
    }
    times.sort_by(f64::total_cmp);
    println!("{name}\t{:.1}\t{shown}", times[times.len() / 2]);
}

fn sum(x: &Array2<f64>) -> String {
    format!(
        "{:.6} {:.6}",
        x.mean().unwrap_or(f64::NAN),
        x[[x.nrows() - 1, x.ncols() - 1]]
    )
}

fn main() -> mlcourse::Result<()> {
    let n = 1_000_000;
    let mut x = Array2::from_shape_vec((n, 20), datagen::normals(23, n * 20))
        .expect("as many numbers as the shape says");
    for (column, mut values) in x.columns_mut().into_iter().enumerate() {
        values.mapv_inplace(|value| value * (column + 1) as f64 + column as f64 * 10.0);
    }
    macro_rules! step {
        ($name:literal, $x:expr, $step:expr) => {
            time(
                $name,
                || {
                    $step
                        .fit($x)
                        .and_then(|step| step.transform($x))
                        .expect("the data is finite")
                },
                sum,
            )
        };
    }
    step!(
        "standardscaler_fit_transform_1Mx20",
        &x,
        StandardScaler::new()
    );
    step!("minmaxscaler_fit_transform_1Mx20", &x, MinMaxScaler::new());
    step!("maxabsscaler_fit_transform_1Mx20", &x, MaxAbsScaler::new());
    step!("robustscaler_fit_transform_1Mx20", &x, RobustScaler::new());
    step!("normalizer_1Mx20", &x, Normalizer::new());
    let small = x.slice(s![..100_000, ..]).to_owned();
    step!("powertransformer_100kx20", &small, PowerTransformer::new());
    step!(
        "quantiletransformer_100kx20",
        &small,
        QuantileTransformer::new()
    );
    step!(
        "kbins_ordinal_100kx20",
        &small,
        KBinsDiscretizer::new().encode(BinEncoding::Ordinal)
    );
    let holes = datagen::uniforms(24, 200_000 * 20);
    let mut missing = x.slice(s![..200_000, ..]).to_owned();
    for (value, hole) in missing.iter_mut().zip(holes) {
        if hole < 0.03 {
            *value = f64::NAN;
        }
    }
    let median = SimpleImputer::new().strategy(ImputeStrategy::Median);
    step!("simpleimputer_median_200kx20", &missing, median.clone());
    step!("simpleimputer_mean_200kx20", &missing, SimpleImputer::new());
    let few = missing.slice(s![..3000, ..]).to_owned();
    step!("knnimputer_3kx20", &few, KNNImputer::new());
    words()?;
    features()
}

/// Encoders and texts, on words that the same stream draws.
fn words() -> mlcourse::Result<()> {
    let n = 200_000;
    let towns: Vec<String> = datagen::u64s(40, n)
        .map(|z| format!("town{}", z % 997))
        .collect();
    let kinds: Vec<String> = datagen::u64s(41, n)
        .map(|z| format!("c{}", z % 7))
        .collect();
    let x = TextColumns::new()
        .column("town", &towns)?
        .column("kind", &kinds)?;
    let y = Array1::from(datagen::normals(42, n));
    let valid = "the words are valid";
    time(
        "onehotencoder_sparse_200kx2",
        || {
            OneHotEncoder::new()
                .fit(&x)
                .and_then(|step| step.transform_sparse(&x))
                .expect(valid)
        },
        |table| table.nnz().to_string(),
    );
    time(
        "ordinalencoder_200kx2",
        || {
            OrdinalEncoder::new()
                .fit(&x)
                .and_then(|step| step.transform(&x))
                .expect(valid)
        },
        |table| table.sum().to_string(),
    );
    time(
        "targetencoder_200kx2",
        || {
            TargetEncoder::new()
                .shuffle(false)
                .fit_transform(&x, &y)
                .expect(valid)
                .1
        },
        |table| format!("{:.9}", table[[n - 1, 0]]),
    );
    let drawn: Vec<u64> = datagen::u64s(43, 20_000 * 80).collect();
    let texts: Vec<String> = drawn
        .chunks(80)
        .map(|words| {
            let word = |z: &u64| format!("word{}", (z % 1000) * ((z >> 20) % 1000) / 20);
            words.iter().map(word).collect::<Vec<String>>().join(" ")
        })
        .collect();
    time(
        "countvectorizer_20kx80words",
        || CountVectorizer::new().fit_transform(&texts).expect(valid).1,
        |table| format!("{} {}", table.n_columns(), table.nnz()),
    );
    let weights = |table: &mlcourse::sparse::CsrMatrix| {
        let sum: f64 = table.data().iter().sum();
        format!("{} {} {sum:.6}", table.n_columns(), table.nnz())
    };
    time(
        "tfidfvectorizer_20kx80words",
        || TfidfVectorizer::new().fit_transform(&texts).expect(valid).1,
        weights,
    );
    time(
        "tfidfvectorizer_bigrams_20kx80words",
        || {
            TfidfVectorizer::new()
                .ngram_range(1, 2)
                .fit_transform(&texts)
                .expect(valid)
                .1
        },
        weights,
    );
    Ok(())
}

/// Scores of features, and SMOTE.
fn features() -> mlcourse::Result<()> {
    use mlcourse::feature_selection::{f_classif, f_regression, mutual_info_classif};
    let shaped = |n_rows: usize, n_columns: usize| {
        Array2::from_shape_vec(
            (n_rows, n_columns),
            datagen::normals(44, n_rows * n_columns),
        )
        .expect("as many numbers as the shape says")
    };
    let x = shaped(100_000, 50);
    let classes: Array1<usize> = datagen::u64s(45, 100_000)
        .map(|z| (z % 3) as usize)
        .collect();
    let y = Array1::from(datagen::normals(46, 100_000));
    let valid = "the data is finite";
    let first = |scores: &mlcourse::feature_selection::Scores| format!("{:.9}", scores.scores[0]);
    time(
        "f_classif_100kx50",
        || f_classif(&x, &classes).expect(valid),
        first,
    );
    time(
        "f_regression_100kx50",
        || f_regression(&x, &y).expect(valid),
        first,
    );
    let few = x.slice(s![..20_000, ..10]).to_owned();
    let few_classes = classes.slice(s![..20_000]).to_owned();
    time(
        "mutual_info_classif_20kx10",
        || mutual_info_classif(&few, &few_classes, 3, 0).expect(valid),
        first,
    );
    let x = shaped(20_000, 20);
    let rare: Array1<usize> = datagen::u64s(45, 20_000)
        .map(|z| usize::from(z % 10 == 0))
        .collect();
    time(
        "smote_20kx20",
        || SMOTE::new().fit_resample((&x, &rare)).expect(valid),
        |made| format!("{:?}", made.x().dim()),
    );
    Ok(())
}
