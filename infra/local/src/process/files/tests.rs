use super::*;

#[test]
fn a_folder_that_cannot_be_removed_does_not_keep_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let folders = ["a", "b", "c"].map(|name| dir.path().join(name));
    for folder in &folders {
        fs::create_dir(folder).unwrap();
    }
    // Files of a job that ran as root, for one.
    let denied = |folder: &Path| match folder.ends_with("b") {
        true => Err(io::Error::from(ErrorKind::PermissionDenied)),
        false => remove_tree(folder),
    };
    assert_eq!(remove_each(folders.clone(), denied), 2);
    assert_eq!(folders.map(|folder| folder.exists()), [false, true, false]);
}
