//! Puts the sources of the course's library into the kernel, so that one binary can build it anywhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The packages that a session links, and their folders from the workspace's root.
const PACKAGES: [&str; 4] = ["protocol", "mlcourse", "kernel/cell", "kernel/runtime"];

fn main() {
    let kernel = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = kernel.parent().expect("the kernel lies in the workspace");
    let mut files: Vec<PathBuf> = vec!["Cargo.toml".into(), "Cargo.lock".into()];
    for package in PACKAGES {
        files.push(Path::new(package).join("Cargo.toml"));
        for folder in ["src", "data"] {
            collect(root, &Path::new(package).join(folder), &mut files);
        }
    }
    files.sort();

    let mut table = String::from(
        "/// The files, by their path from the workspace's root.\npub static FILES: &[(&str, &[u8])] = &[\n",
    );
    for file in &files {
        println!("cargo::rerun-if-changed={}", root.join(file).display());
        writeln!(
            table,
            "    ({:?}, include_bytes!({:?})),",
            file,
            root.join(file)
        )
        .expect("a string grows");
    }
    table.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("sources.rs");
    std::fs::write(out, table).expect("the build folder is writable");
}

/// Every file below a folder; a folder that is not there has none.
fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", root.join(folder).display());
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
        return;
    };
    for entry in entries.flatten() {
        let path = folder.join(entry.file_name());
        if root.join(&path).is_dir() {
            collect(root, &path, files);
        } else {
            files.push(path);
        }
    }
}
