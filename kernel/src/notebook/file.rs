use crate::Error;
use crate::error::IoContext as _;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Writes a file whole or not at all: to a neighbour first, which then takes its name.
///
/// # Errors
/// When the folder cannot be written to or the disk is full; the file is then what it was.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // The mask of the process still applies, as it does to a file that is simply created.
    let mode = std::fs::metadata(path).map_or(0o666, |known| known.permissions().mode() & 0o777);
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(".mlcourse-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_no_neighbour() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
        let error = write_atomically(Path::new("/nowhere/at/all.txt"), b"x").unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all.txt"));
    }
}
