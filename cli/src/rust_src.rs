//! The sources of Rust's standard library, which the embedded rust-analyzer reads for completion and for the types of
//! variables.

use crate::process::{self, Ended};
use crate::report::Done;
use mlcourse_kernel::Lang;
use mlcourse_kernel::template::Compiler;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where they are, wherever that is.
pub fn find(compiler: &Compiler) -> Option<PathBuf> {
    compiler
        .rust_src()
        .or_else(|| distribution_copy(Path::new("/usr/src"), &compiler.version))
}

/// Debian and its kin keep them in `/usr/src/rustc-VERSION/library`.
fn distribution_copy(sources: &Path, version: &str) -> Option<PathBuf> {
    let number = version.split(' ').nth(1)?;
    let library = sources.join(format!("rustc-{number}")).join("library");
    library.join("core/src/lib.rs").is_file().then_some(library)
}

/// What a session needs in `RUST_SRC_PATH`, when the sources are not in the compiler's own folder.
pub fn path_for_sessions(compiler: &Compiler) -> Option<PathBuf> {
    find(compiler).filter(|path| !path.starts_with(&compiler.sysroot))
}

/// Adds them through rustup.
pub fn make(compiler: &Compiler, lang: Lang) -> anyhow::Result<Done> {
    if let Some(path) = find(compiler) {
        return Ok(Done::Present(path.display().to_string()));
    }
    let weaker = lang.pick(
        "completion and the types of variables are weaker without",
        "la complétion et les types des variables sont moins bons sans elles",
    );
    let Ok(rustup) = which::which("rustup") else {
        return Ok(Done::Without(lang.pick(
            format!("{weaker}. Install your distribution's `rust-src` (Debian: `sudo apt install rust-src`)"),
            format!("{weaker}. Installez le `rust-src` de votre distribution (Debian : `sudo apt install rust-src`)"),
        )));
    };
    let mut add = Command::new(rustup);
    add.args(["component", "add", "rust-src"]);
    if let Some(toolchain) = compiler.sysroot.file_name() {
        add.arg("--toolchain").arg(toolchain);
    }
    match process::run(&mut add)? {
        Ended::Exited { success: true, .. } if compiler.rust_src().is_some() => {
            Ok(Done::Made("rustup".into()))
        }
        Ended::Stopped => anyhow::bail!(lang.pick("stopped", "arrêté")),
        Ended::Exited { said, .. } => {
            let said = said
                .lines()
                .rfind(|line| line.starts_with("error"))
                .unwrap_or("")
                .trim()
                .to_owned();
            Ok(Done::Without(lang.pick(
                format!("{weaker}. When online, type `rustup component add rust-src`. {said}"),
                format!(
                    "{weaker}. Une fois en ligne, tapez `rustup component add rust-src`. {said}"
                ),
            )))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_distributions_copy_counts_when_it_is_of_the_same_version() {
        let folder = tempfile::tempdir().unwrap();
        let core = folder.path().join("rustc-1.95.0/library/core/src");
        std::fs::create_dir_all(&core).unwrap();
        std::fs::write(core.join("lib.rs"), "").unwrap();
        assert!(distribution_copy(folder.path(), "rustc 1.95.0 (abc 2026-04-14)").is_some());
        assert!(distribution_copy(folder.path(), "rustc 1.96.0 (abc 2026-05-14)").is_none());
    }
}
