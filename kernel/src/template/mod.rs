//! The prebuilt library that every session links.
//!
//! `mlcourse` and what it stands on are compiled once per machine, as a shared library, and read in place by every
//! session: no cell compiles, copies or downloads any of it again.
//!
//! A template is a folder, `templates/KEY` below the user's data folder (`MLCOURSE_HOME`, or the system's place for
//! data). The key names the compiler, the processor, the flags and the sources; the sources are those in this program.
//! An administrator may place templates for all users in `/usr/local/share/mlcourse`, or anywhere that
//! `MLCOURSE_TEMPLATES` names: a session only ever reads.

mod build;
mod compiler;

use crate::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

pub(crate) use build::{packages_of, profile, run_cargo};
pub use compiler::Compiler;

mod sources {
    include!(concat!(env!("OUT_DIR"), "/sources.rs"));
}

/// The file that makes a template complete; it is written last.
const MANIFEST: &str = "template.json";

/// A prebuilt library, complete and made for the compiler that it names.
#[derive(Clone, Debug)]
pub struct Template {
    root: PathBuf,
    manifest: Manifest,
}

/// What a session needs to know of a template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The hash of the sources and of how they are built, [`sources_hash`].
    pub sources: String,
    /// The processor that the machine code is for.
    pub processor: String,
    /// The compiler it was built with.
    pub compiler: Compiler,
    /// Flags for every compilation that links it.
    pub flags: Vec<String>,
    /// Crates that a cell can name, with their libraries.
    pub externs: Vec<(String, PathBuf)>,
    /// Folders where the compiler finds what those stand on.
    pub search: Vec<PathBuf>,
    /// Folders where the loader finds shared libraries.
    pub library_path: Vec<PathBuf>,
    /// What links cells, where it can be called without the C compiler.
    pub linker: Option<Linker>,
    /// The program that runs cells.
    pub runtime: PathBuf,
    /// Every package in it: name, version, features, as cargo resolves them for all platforms at once.
    pub packages: Vec<(String, String, Vec<String>)>,
    /// The same packages with the features that they are built with here.
    pub built: Vec<(String, String, Vec<String>)>,
    /// Its size.
    pub bytes: u64,
}

/// The linker of this machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Linker {
    /// The program, `ld`.
    pub program: PathBuf,
    /// The compiler's own library of arithmetic that processors lack.
    pub builtins: Option<PathBuf>,
}

/// How far a build is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, a crate's name for instance.
    pub step: String,
    /// Steps done.
    pub done: usize,
    /// Steps in all, as far as known.
    pub total: usize,
    /// Whether this step compiled something, rather than finding it compiled.
    pub compiled: bool,
}

/// Why there is no usable template.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// None was built yet.
    #[error("the course's library is not built yet; run `mlcourse setup`")]
    NotBuilt,
    /// One is there, for another compiler or other sources.
    #[error(
        "the course's library was built for {built_for}, and this is {found}; run `mlcourse setup` again"
    )]
    Stale {
        /// The compiler (or the sources) it was built for.
        built_for: String,
        /// What is here now.
        found: String,
    },
    /// No compiler.
    #[error(
        "no Rust compiler: {0}. Install Rust from https://rustup.rs, then run `mlcourse setup`"
    )]
    NoCompiler(String),
}

impl Template {
    /// The template for the sources in this program, whose compiler is still there and unchanged.
    ///
    /// Starts no process: a session waits for this.
    ///
    /// # Errors
    /// When there is none.
    pub fn find() -> Result<Self, Missing> {
        let mut reason = Missing::NotBuilt;
        for folder in template_folders() {
            let Ok(entries) = std::fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                let Some(template) = Self::open(&entry.path()) else {
                    continue;
                };
                if template.manifest.sources != sources_hash() {
                    if matches!(reason, Missing::NotBuilt) {
                        reason = Missing::Stale {
                            built_for: "other sources of mlcourse".into(),
                            found: "a newer or older program".into(),
                        };
                    }
                    continue;
                }
                if template.manifest.processor != compiler::processor() {
                    // A shared folder serves machines of several kinds.
                    continue;
                }
                match template.manifest.compiler.check_unchanged() {
                    Ok(()) => return Ok(template),
                    Err(problem) => reason = problem,
                }
            }
        }
        Err(reason)
    }

    /// Builds the template, or finds that it is there.
    ///
    /// # Errors
    /// When a crate does not compile, the network is needed and absent, or the disk is full.
    pub fn build(progress: &mut dyn FnMut(Progress)) -> Result<Self, Error> {
        build::build(progress)
    }

    /// The folder that holds it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.manifest.bytes
    }

    /// The compiler it was built with, which its sessions use.
    pub fn compiler(&self) -> &Compiler {
        &self.manifest.compiler
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder with the sources it was built from.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.root.join("src")
    }

    /// A template that is known to be there.
    pub(crate) fn open_at(root: &Path) -> Result<Self, Error> {
        Self::open(root)
            .ok_or_else(|| Error::Message(format!("{} is no template any more", root.display())))
    }

    fn open(root: &Path) -> Option<Self> {
        let manifest = serde_json::from_slice(&std::fs::read(root.join(MANIFEST)).ok()?).ok()?;
        Some(Self {
            root: root.to_owned(),
            manifest,
        })
    }
}

/// The user's data folder.
pub fn data_folder() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_else(std::env::temp_dir);
    match (
        std::env::var_os("MLCOURSE_HOME"),
        std::env::var_os("XDG_DATA_HOME"),
    ) {
        (Some(folder), _) if !folder.is_empty() => folder.into(),
        (_, Some(folder)) if !folder.is_empty() => Path::new(&folder).join("mlcourse"),
        _ if cfg!(target_os = "macos") => home().join("Library/Application Support/mlcourse"),
        _ => home().join(".local/share/mlcourse"),
    }
}

/// Where templates may be, the user's own first.
fn template_folders() -> Vec<PathBuf> {
    let mut folders = vec![data_folder().join("templates")];
    if let Some(named) = std::env::var_os("MLCOURSE_TEMPLATES") {
        folders.extend(std::env::split_paths(&named));
    }
    folders.push("/usr/local/share/mlcourse/templates".into());
    folders
}

/// A name for the sources in this program and the way they are built.
pub(crate) fn sources_hash() -> &'static str {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| {
        let mut hash = Sha256::new();
        for (path, content) in sources::FILES {
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path);
            hash.update((content.len() as u64).to_le_bytes());
            hash.update(content);
        }
        hash.update(build::recipe());
        hex(&hash.finalize())
    })
}

/// The first 16 bytes of a hash, in hexadecimal.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
