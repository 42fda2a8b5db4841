//! Support vector machines: the widest margin, in the space of a kernel.
//!
//! | model | for | method |
//! |---|---|---|
//! | [`SVC`] | classes, with a kernel | sequential minimal optimisation |
//! | [`LinearSVC`] | classes, many samples, no kernel | Newton, or dual coordinate descent |
//! | [`SVR`] | numbers, with a kernel | sequential minimal optimisation |
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! // Exclusive or: no line divides the classes, the radial kernel does.
//! let (x, y) = (array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], array![0, 1, 1, 0]);
//! assert_eq!(SVC::new().fit((&x, &y))?.predict(&x)?, y);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Kernels compare distances, so features on different scales are standardised first.

mod kernel;
mod linear;
mod primal;
mod regression;
mod smo;
mod svc;

pub use kernel::{Gamma, Kernel};
pub use linear::{FittedLinearSVC, LinearSVC, Loss};
pub use regression::{FittedSVR, SVR};
pub use svc::{FittedSVC, SVC};
