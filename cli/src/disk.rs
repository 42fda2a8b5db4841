//! Room on a disk.

use std::path::{Path, PathBuf};

/// The bytes that this user can still write below a folder, there or not yet.
pub fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(nearest(folder)).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The folder or the nearest one above that is there.
pub fn nearest(folder: &Path) -> PathBuf {
    folder
        .ancestors()
        .find(|path| path.is_dir())
        .unwrap_or(Path::new("/"))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_is_found_above_one_that_is_not_there() {
        assert_eq!(
            nearest(Path::new("/tmp/not/there/at/all")),
            Path::new("/tmp")
        );
        assert!(free(Path::new("/tmp/not/there")).is_some());
    }
}
