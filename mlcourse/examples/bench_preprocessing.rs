//! Times preprocessing on the data of the side-by-side benchmarks: `name<TAB>median_ms<TAB>value to compare`.

#[path = "common/datagen.rs"]
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
    Ok(())
}
