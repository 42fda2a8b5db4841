//! The compiler as a process: what it is asked for, and one that is started before its cell is there.
//!
//! Half of what the compiler does for a small cell does not depend on the cell: it starts and reads the libraries. So
//! while the reader reads, a compiler waits that has done this half. Its crate is two lines and `include!("lib.rs")`,
//! where `lib.rs` is its own standard input: it stops there until the cell comes.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The text of a cell, in the folder of its build. Messages and panics name it.
pub(super) const CELL: &str = "lib.rs";
/// What the runtime loads.
pub(super) const LIBRARY: &str = "libctx.so";
/// The dump that says the types of variables.
pub(super) const DUMP: &str = "ctx.mir";
/// What a library is linked from.
pub(super) const OBJECT: &str = "ctx.o";
/// The crate of a compiler that waits.
const WAITING: &str = "standby.rs";
/// What nobody needs after the build.
pub(super) const SPENT: [&str; 4] = [CELL, DUMP, OBJECT, WAITING];

/// The first line of every text that evcxr generates.
const ATTRIBUTES: &str = "#![allow(unused_imports, unused_mut, dead_code)]";

/// What the compiler makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// A library, linked by the compiler.
    Library,
    /// An object, for our own call of the linker: without the C compiler between them.
    Object,
    /// Messages alone.
    Messages,
}

impl Product {
    /// The compiler's arguments for it.
    pub fn arguments(self, folder: &str) -> Vec<String> {
        match self {
            Self::Library => vec![format!(
                "--emit=link={folder}/{LIBRARY},mir={folder}/{DUMP}"
            )],
            Self::Object => vec![
                "-Ccodegen-units=1".to_owned(),
                format!("--emit=obj={folder}/{OBJECT},mir={folder}/{DUMP}"),
            ],
            Self::Messages => vec![format!("--emit=metadata={folder}/libctx.rmeta")],
        }
    }
}

/// Whether a text may need libraries that only the compiler's own link finds: it declares functions of other languages.
pub(super) fn links_more(text: &str) -> bool {
    text.contains("#[link")
        || text
            .match_indices("extern \"")
            .any(|(at, _)| !text[at..].starts_with("extern \"C\" fn run_user_code_"))
}

/// Starts a tool whose process group an interrupt can end.
pub(super) fn spawn(command: &mut Command, input: Stdio) -> std::io::Result<Child> {
    command
        .process_group(0)
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            std::io::Error::other(format!(
                "{} cannot be run: {error}",
                command.get_program().display()
            ))
        })
}

/// A compiler that waits for its cell.
pub(super) struct Standby {
    folder: String,
    arguments: Vec<OsString>,
    /// Until the cell is handed over.
    child: Option<Child>,
}

impl Standby {
    /// Starts it in `root`, for a build in `folder`.
    pub fn start(mut call: Command, root: &Path, folder: String) -> std::io::Result<Self> {
        let place = root.join(&folder);
        // The name in the crate's root is one that no cell uses; it makes the compiler read the library now.
        std::fs::write(
            place.join(WAITING),
            format!("{ATTRIBUTES}\nuse ::mlcourse_cell as __mlc_cell;\ninclude!({CELL:?});\n"),
        )?;
        std::os::unix::fs::symlink("/dev/fd/0", place.join(CELL))?;
        let arguments = arguments(&call);
        call.arg(format!("{folder}/{WAITING}"));
        let child = spawn(&mut call, Stdio::piped())?;
        Ok(Self {
            folder,
            arguments,
            child: Some(child),
        })
    }

    /// The folder of its build.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Hands the text over, if it is the call that is wanted and the text can be included. The child then compiles.
    pub fn take_text(mut self, text: &str, wanted: &Command) -> Option<Child> {
        if self.arguments != arguments(wanted) {
            return None;
        }
        let body = includable(text)?;
        let child = self.child.as_mut()?;
        if !matches!(child.try_wait(), Ok(None)) {
            return None;
        }
        child.stdin.take()?.write_all(body.as_bytes()).ok()?;
        self.child.take()
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn arguments(command: &Command) -> Vec<OsString> {
    command.get_args().map(OsString::from).collect()
}

/// The text for `include!`, if it means the same there: attributes of the crate, `extern crate` and exported macros are
/// only for the crate's own file. The first line becomes blanks, so that every place stays where it was.
fn includable(text: &str) -> Option<String> {
    let body = text.strip_prefix(ATTRIBUTES)?;
    let own_file = ["#![", "extern crate", "macro_export"];
    (!own_file.iter().any(|words| body.contains(words)))
        .then(|| " ".repeat(ATTRIBUTES.len()) + body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_included_text_keeps_its_places() {
        let text = format!("{ATTRIBUTES}\nfn f() {{}}\n");
        let included = includable(&text);
        assert_eq!(
            included.as_deref().map(|text| text.find("fn f()")),
            Some(text.find("fn f()"))
        );
        for own in ["extern crate rand;", "#![recursion_limit = \"9\"]"] {
            assert_eq!(includable(&format!("{ATTRIBUTES}\n{own}\n")), None);
        }
        assert_eq!(includable("fn f() {}"), None);
    }

    #[test]
    fn functions_of_other_languages_are_linked_by_the_compiler() {
        assert!(!links_more("pub extern \"C\" fn run_user_code_3("));
        assert!(links_more("unsafe extern \"C\" { fn cos(x: f64) -> f64; }"));
        assert!(links_more("#[link(name = \"z\")]"));
    }
}
