//! What the code that evcxr generates around a cell calls, compiled once with the library rather than in every cell.
//!
//! A second purpose: generic code is compiled where it is used, so a cell that adds two arrays would compile that
//! addition, unoptimised, each time. This crate uses what cells use most ([`instances`]). It is compiled at an
//! optimisation level (1) at which the compiler shares such code with the crates above it, so cells find it compiled.

pub mod errors;
pub mod instances;
pub mod store;

pub use mlcourse::rt::*;

/// Does nothing. A program that calls it has this library loaded, as cells expect.
#[inline(never)]
pub fn load() {
    std::hint::black_box(instances::all as fn(&mut store::VariableStore) -> mlcourse::Result<()>);
}
