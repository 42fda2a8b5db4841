use super::compiler::Compiler;
use super::{
    Linker, MANIFEST, Manifest, Progress, Template, data_folder, hex, sources, sources_hash,
};
use crate::Error;
use crate::error::IoContext as _;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Crates that a cell can name without adding them.
const NAMEABLE: [&str; 3] = ["mlcourse", "ndarray", "plotters"];

/// The members of the workspace that a template is built from.
const MEMBERS: [&str; 4] = ["protocol", "mlcourse", "kernel/cell", "kernel/runtime"];

/// The members that are shared libraries, so that what they hold exists once in a process.
const SHARED: [&str; 2] = ["mlcourse", "mlcourse_cell"];

pub(super) fn build(progress: &mut dyn FnMut(Progress)) -> Result<Template, Error> {
    if let Ok(template) = Template::find() {
        return Ok(template);
    }
    let compiler = Compiler::find().map_err(|problem| Error::Message(problem.to_string()))?;
    let folder = data_folder().join("templates");
    create_folder(&folder)?;
    let root = folder.join(key(&compiler)?);
    create_folder(&root)?;

    // Two set-ups at once: the second waits, then finds the work done.
    let lock_path = folder.join(".lock");
    let lock = File::create(&lock_path)
        .context(|| format!("{} cannot be written", lock_path.display()))?;
    lock.lock()
        .context(|| format!("{} cannot be locked", lock_path.display()))?;
    if let Some(template) = Template::open(&root) {
        return Ok(template);
    }
    write_sources(&root.join("src"))?;
    let manifest = compile(&root, compiler, progress)?;
    write_analysis(&root, &manifest)?;
    let text =
        serde_json::to_vec_pretty(&manifest).map_err(|error| Error::Message(error.to_string()))?;
    let complete = root.join(MANIFEST);
    crate::notebook::write_atomically(&complete, &text)?;
    let template = Template {
        root: root.clone(),
        manifest,
    };
    crate::engine::boot::warm(&template).inspect_err(|_| {
        // What cannot run a cell is no template; the next set-up begins again.
        let _ = std::fs::remove_file(&complete);
    })?;
    remove_outdated(&folder, &root);
    Ok(template)
}

/// The package that rust-analyzer reads for completion, with its versions fixed.
fn write_analysis(root: &Path, manifest: &Manifest) -> Result<(), Error> {
    let folder = root.join("analysis");
    create_folder(&folder.join("src"))?;
    let refused = || format!("{} cannot be written", folder.display());
    let mut text = format!(
        "[package]\nname = \"cells\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         mlcourse = {{ path = {:?} }}\n",
        root.join("src/mlcourse")
    );
    for (name, version, features) in &manifest.packages {
        if NAMEABLE.contains(&name.as_str()) {
            text.push_str(&format!(
                "{name} = {{ version = \"={version}\", default-features = false, features = {features:?} }}\n"
            ));
        }
    }
    std::fs::write(folder.join("Cargo.toml"), text).context(refused)?;
    std::fs::write(folder.join("src/lib.rs"), "").context(refused)?;
    std::fs::copy(root.join("src/Cargo.lock"), folder.join("Cargo.lock")).context(refused)?;
    let status = Command::new(&manifest.compiler.cargo)
        .args(["metadata", "--format-version=1", "--offline"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context(|| format!("{} cannot be run", manifest.compiler.cargo.display()))?;
    // Without it completion is weaker; cells run all the same.
    let _ = status;
    Ok(())
}

/// The name of a template: everything that its machine code depends on.
fn key(compiler: &Compiler) -> Result<String, Error> {
    let features = Command::new(&compiler.rustc)
        .args(["--print", "cfg", "-C", "target-cpu=native"])
        .output()
        .context(|| format!("{} cannot be run", compiler.rustc.display()))?;
    let mut hash = Sha256::new();
    for part in [
        sources_hash().as_bytes(),
        compiler.version.as_bytes(),
        compiler.host.as_bytes(),
        &features.stdout,
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    Ok(hex(&hash.finalize()))
}

/// Unpacks the sources, as a workspace of their own.
fn write_sources(folder: &Path) -> Result<(), Error> {
    for (path, content) in sources::FILES {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            create_folder(parent)?;
        }
        let adapted = adapt(path, content)?;
        std::fs::write(&target, adapted)
            .context(|| format!("{} cannot be written", target.display()))?;
    }
    Ok(())
}

/// The manifests name what is not here (other members, test tools) and say `lib` where a session needs one shared
/// library.
fn adapt(path: &str, content: &[u8]) -> Result<Vec<u8>, Error> {
    if !path.ends_with("Cargo.toml") {
        return Ok(content.to_owned());
    }
    let broken = |error: &dyn std::fmt::Display| {
        Error::Message(format!("{path} in this program is broken: {error}"))
    };
    let text = std::str::from_utf8(content).map_err(|error| broken(&error))?;
    let mut manifest: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| broken(&error))?;
    manifest.remove("dev-dependencies");
    if let Some(workspace) = manifest
        .get_mut("workspace")
        .and_then(toml::Value::as_table_mut)
    {
        workspace.insert(
            "members".into(),
            MEMBERS.map(toml::Value::from).to_vec().into(),
        );
        workspace.remove("default-members");
        manifest.insert("profile".into(), profile().into());
    }
    if path == "mlcourse/Cargo.toml" || path == "kernel/cell/Cargo.toml" {
        let library = toml::Table::from_iter([(
            "crate-type".to_owned(),
            vec![toml::Value::from("dylib")].into(),
        )]);
        manifest.insert("lib".into(), library.into());
    }
    Ok(manifest.to_string().into_bytes())
}

/// Everything about a template that is decided here: another recipe makes another template.
pub(super) fn recipe() -> String {
    format!(
        "{}\n{}\n{NAMEABLE:?} {MEMBERS:?}",
        profile(),
        flags(&[]).join(" ")
    )
}

/// Models run at full speed; what a session adds is built the same way, or cargo would build all again.
pub(crate) fn profile() -> toml::Table {
    let release = toml::Table::from_iter([
        ("opt-level".to_owned(), toml::Value::from(3)),
        ("debug".to_owned(), toml::Value::from(false)),
        ("codegen-units".to_owned(), toml::Value::from(16)),
        ("incremental".to_owned(), toml::Value::from(false)),
    ]);
    let mut release = release;
    // Generic code that this crate uses is shared with cells, which the compiler does up to this level.
    let cell = toml::Table::from_iter([("opt-level".to_owned(), toml::Value::from(1))]);
    let packages = toml::Table::from_iter([("mlcourse-cell".to_owned(), cell.into())]);
    release.insert("package".to_owned(), packages.into());
    toml::Table::from_iter([("release".to_owned(), release.into())])
}

/// The flags that everything in a session shares.
pub(crate) fn flags(library_path: &[PathBuf]) -> Vec<String> {
    let mut flags = vec![
        "-Cprefer-dynamic".to_owned(),
        "-Ctarget-cpu=native".to_owned(),
    ];
    flags.extend(
        library_path
            .iter()
            .map(|folder| format!("-Clink-arg=-Wl,-rpath,{}", folder.display())),
    );
    flags
}

fn compile(
    root: &Path,
    compiler: Compiler,
    progress: &mut dyn FnMut(Progress),
) -> Result<Manifest, Error> {
    let workspace = root.join("src");
    let target = root.join("target");
    let release = target.join(&compiler.host).join("release");
    let deps = release.join("deps");
    let library_path = vec![deps.clone(), release, compiler.library_folder()];
    let flags = flags(&library_path);
    let mut command = Command::new(&compiler.cargo);
    command
        .args([
            "build",
            "--release",
            "--workspace",
            "--message-format=json-render-diagnostics",
            "--target",
        ])
        .arg(&compiler.host)
        .current_dir(&workspace)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("RUSTC", &compiler.rustc)
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("CARGO_BUILD_TARGET")
        .stdin(Stdio::null());
    let metadata = metadata(&workspace, &compiler)?;
    let total = metadata["resolve"]["nodes"].as_array().map_or(0, Vec::len);
    let artifacts = run_cargo(command, total, progress, &mut |_| ())?.artifacts;

    let library = |name: &str, ending: &str| {
        artifacts
            .iter()
            .find(|artifact| artifact.crate_name == name)
            .and_then(|artifact| {
                artifact
                    .files
                    .iter()
                    .find(|file| file.to_string_lossy().ends_with(ending))
            })
            .cloned()
            .ok_or_else(|| {
                Error::Message(format!(
                    "cargo built no {ending} of {name}: this compiler is not supported"
                ))
            })
    };
    let mut externs = Vec::new();
    for name in NAMEABLE.into_iter().chain([SHARED[1]]) {
        let ending = if SHARED.contains(&name) {
            std::env::consts::DLL_SUFFIX
        } else {
            ".rlib"
        };
        externs.push((name.to_owned(), library(name, ending)?));
    }
    let runtime = artifacts
        .iter()
        .find_map(|artifact| artifact.executable.clone())
        .ok_or_else(|| Error::Message("cargo built no runtime".into()))?;
    let packages = packages_of(&metadata);
    let built = packages
        .iter()
        .filter_map(|(name, version, _)| {
            let features = artifacts
                .iter()
                .find(|artifact| {
                    artifact.is_version(name, version)
                        && artifact.is_below(&target.join(&compiler.host))
                })?
                .features
                .clone();
            Some((name.clone(), version.clone(), features))
        })
        .collect();
    Ok(Manifest {
        built,
        sources: sources_hash().to_owned(),
        processor: super::compiler::processor(),
        linker: linker(&compiler),
        packages,
        compiler,
        flags,
        externs,
        // Procedural macros lie with the host's libraries.
        search: vec![deps, target.join("release/deps")],
        library_path,
        runtime,
        bytes: folder_size(root),
    })
}

/// The linker that the C compiler would call. Cells are linked by it alone; the C compiler takes longer than the link.
fn linker(compiler: &Compiler) -> Option<Linker> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let said = Command::new("cc")
        .arg("-print-prog-name=ld")
        .output()
        .ok()?;
    let named = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
    let program = if named.is_absolute() {
        named
    } else {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|folder| folder.join(&named))
            .find(|program| program.is_file())?
    };
    let builtins = std::fs::read_dir(compiler.library_folder())
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libcompiler_builtins-") && name.ends_with(".rlib")
        });
    Some(Linker { program, builtins })
}

/// What cargo built, or found built.
pub(crate) struct Built {
    pub artifacts: Vec<Artifact>,
    /// Folders with libraries in other languages, as the compiler's `-L` takes them.
    pub native_folders: Vec<String>,
}

/// A crate among them.
pub(crate) struct Artifact {
    pub crate_name: String,
    package: String,
    pub files: Vec<PathBuf>,
    executable: Option<PathBuf>,
    features: Vec<String>,
    /// Whether cells can name it: a library or a procedural macro.
    pub is_library: bool,
}

/// Runs cargo with JSON messages, telling each finished crate.
pub(crate) fn run_cargo(
    mut command: Command,
    total: usize,
    progress: &mut dyn FnMut(Progress),
    running: &mut dyn FnMut(Option<u32>),
) -> Result<Built, Error> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(|| format!("{} cannot be run", command.get_program().display()))?;
    running(Some(child.id()));
    let stderr = child.stderr.take();
    let said = std::thread::spawn(move || {
        let mut said = String::new();
        if let Some(mut stderr) = stderr {
            // What cannot be read cannot be shown.
            let _ = stderr.read_to_string(&mut said);
        }
        said
    });
    let mut artifacts = Vec::new();
    let mut native_folders = Vec::new();
    let mut done = 0;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.context(|| "cargo's messages cannot be read".into())?;
            let Ok(message) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            if message["reason"] == "build-script-executed" {
                native_folders.extend(texts(&message["linked_paths"]));
            }
            if message["reason"] != "compiler-artifact" {
                continue;
            }
            let artifact = Artifact::read(&message);
            if !message["target"]["kind"]
                .to_string()
                .contains("custom-build")
            {
                done += 1;
                let total = total.max(done);
                let compiled = message["fresh"] == false;
                progress(Progress {
                    step: artifact.crate_name.clone(),
                    done,
                    total,
                    compiled,
                });
            }
            artifacts.push(artifact);
        }
    }
    let status = child
        .wait()
        .context(|| "cargo cannot be waited for".into())?;
    running(None);
    let said = said.join().unwrap_or_default();
    if status.success() {
        Ok(Built {
            artifacts,
            native_folders,
        })
    } else {
        Err(Error::Message(explain(&said)))
    }
}

impl Artifact {
    fn read(message: &Value) -> Self {
        Self {
            crate_name: message["target"]["name"]
                .as_str()
                .unwrap_or_default()
                .replace('-', "_"),
            package: message["package_id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            files: texts(&message["filenames"]).map(PathBuf::from).collect(),
            features: texts(&message["features"]).collect(),
            executable: message["executable"].as_str().map(PathBuf::from),
            is_library: ["lib", "proc-macro"]
                .iter()
                .any(|kind| message["target"]["kind"].to_string().contains(kind)),
        }
    }

    /// Whether it belongs to this version of a package from a registry.
    fn is_version(&self, name: &str, version: &str) -> bool {
        self.package.ends_with(&format!("#{name}@{version}"))
            || (self.package.ends_with(&format!("#{version}")) && self.is_package(name))
    }

    /// Whether it lies in a folder.
    fn is_below(&self, folder: &Path) -> bool {
        self.files.iter().any(|file| file.starts_with(folder))
    }

    /// Whether it belongs to a package of this name: `registry+…#name@1.2.3`, `path+file:///…/name#1.2.3`.
    pub fn is_package(&self, name: &str) -> bool {
        let (place, version) = self.package.rsplit_once('#').unwrap_or((&self.package, ""));
        match version.split_once('@') {
            Some((named, _)) => named == name,
            None => place.ends_with(&format!("/{name}")),
        }
    }
}

/// The texts in a JSON list.
fn texts(value: &Value) -> impl Iterator<Item = String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
}

/// What to do about a failed cargo.
fn explain(said: &str) -> String {
    let advice = if said.contains("Could not resolve host") || said.contains("failed to download") {
        "The network is needed once, to download the crates; then everything works offline."
    } else if said.contains("No space left on device") {
        "The disk is full: the library needs about 400 MB."
    } else if said.contains("linker `cc` not found") {
        "The linker is missing: install a C compiler (Debian and Ubuntu: `sudo apt install build-essential`)."
    } else {
        "This is what cargo said."
    };
    let kept: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim_start().starts_with("Compiling"))
        .collect();
    format!(
        "the course's library could not be built. {advice}\n{}",
        kept.join("\n").trim()
    )
}

/// The resolved graph of the template's packages.
fn metadata(workspace: &Path, compiler: &Compiler) -> Result<Value, Error> {
    let output = Command::new(&compiler.cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--filter-platform",
            &compiler.host,
        ])
        .current_dir(workspace)
        .output()
        .context(|| format!("{} cannot be run", compiler.cargo.display()))?;
    if !output.status.success() {
        return Err(Error::Message(explain(&String::from_utf8_lossy(
            &output.stderr,
        ))));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Error::Message(format!("cargo's metadata cannot be read: {error}")))
}

/// The packages of a resolution that a session links: name, version, features. Not what only builds them (procedural
/// macros, build scripts), nor what lies in a folder.
pub(crate) fn packages_of(metadata: &Value) -> Vec<(String, String, Vec<String>)> {
    let empty = Vec::new();
    let list = |value: &'_ Value| value.as_array().unwrap_or(&empty).clone();
    let nodes = list(&metadata["resolve"]["nodes"]);
    let packages = list(&metadata["packages"]);
    let package = |id: &Value| packages.iter().find(|package| package["id"] == *id);
    let mut pending: Vec<Value> = list(&metadata["workspace_members"]);
    let mut seen: Vec<Value> = Vec::new();
    let mut found = Vec::new();
    while let Some(id) = pending.pop() {
        let (Some(node), Some(package)) =
            (nodes.iter().find(|node| node["id"] == id), package(&id))
        else {
            continue;
        };
        let is_macro = list(&package["targets"])
            .iter()
            .any(|target| target["kind"][0] == "proc-macro");
        if seen.contains(&id) || is_macro {
            continue;
        }
        seen.push(id);
        if !package["source"].is_null() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            found.push((
                text(&package["name"]),
                text(&package["version"]),
                texts(&node["features"]).collect(),
            ));
        }
        for dependency in list(&node["deps"]) {
            if list(&dependency["dep_kinds"])
                .iter()
                .any(|kind| kind["kind"].is_null())
            {
                pending.push(dependency["pkg"].clone());
            }
        }
    }
    found.sort();
    found
}

fn create_folder(folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).context(|| {
        format!(
            "{} cannot be made; set MLCOURSE_HOME to a folder that you can write to",
            folder.display()
        )
    })
}

fn folder_size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => folder_size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Templates of other sources or compilers go, except the newest of them: a session may still read it.
fn remove_outdated(folder: &Path, current: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut others: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path() != current && entry.path().is_dir())
        .map(|entry| {
            (
                entry
                    .metadata()
                    .and_then(|metadata| metadata.modified())
                    .ok(),
                entry.path(),
            )
        })
        .collect();
    others.sort();
    others.pop();
    for (_, path) in others {
        // A folder that stays costs disk and nothing else.
        let _ = std::fs::remove_dir_all(path);
    }
}
