//! The command `mlcourse`: reads its arguments, wires the crates together, maps what happened to an exit code.
//!
//! ```text
//! mlcourse lab                     JupyterLab on the notebooks
//! mlcourse run notebooks/*.ipynb   the same notebooks without Jupyter
//! mlcourse doctor                  what is installed, what is missing, what to type
//! ```
//!
//! Exit codes: 0 fine, 1 the thing asked about failed (a cell, an installation), 2 the command could not be carried out.

mod args;
mod disk;
mod doctor;
mod kernel;
mod lab;
mod process;
mod python;
mod report;
mod run;
mod rust_src;
mod setup;
mod stop;

use args::{Args, Command};
use mlcourse_kernel::Lang;
use std::process::ExitCode;

/// What a command found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// All is well.
    Fine,
    /// The thing asked about is not.
    Failed,
}

fn main() -> ExitCode {
    // The same program plays engine and compiler driver: it may not come back from here.
    mlcourse_kernel::hook();
    let (args, lang) = args::parse();
    match carry_out(args, lang) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Failed) => ExitCode::from(1),
        Err(error) => {
            let word = lang.pick("error", "erreur");
            eprintln!("mlcourse: {word}: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn carry_out(args: Args, lang: Lang) -> anyhow::Result<Verdict> {
    match args.command {
        // The kernel stops by its own rules: an interrupt is a message to it, not an end.
        Command::Kernel(kernel) => kernel::carry_out(&kernel, lang),
        Command::Doctor => Ok(doctor::carry_out(lang)),
        Command::Setup => {
            stop::listen()?;
            setup::carry_out(lang).map(|_| Verdict::Fine)
        }
        Command::Lab(lab) => {
            stop::listen()?;
            lab::carry_out(&lab, lang)
        }
        Command::Run(run) => {
            stop::listen()?;
            run::carry_out(&run, lang)
        }
    }
}
