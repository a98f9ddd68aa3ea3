use super::*;

#[test]
fn repositories_are_added_once_and_removed() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::new(data.path());
    assert_eq!(registry.entries().unwrap(), []);

    let shop = registry
        .add(Path::new("/src/shop"), "shop", None, None)
        .unwrap();
    assert!(shop.polled && shop.id.0 > 1 << 52 && shop.id.0 < 1 << 53);
    assert_eq!(registry.path(shop.id), Some(PathBuf::from("/src/shop")));

    let again = registry
        .add(Path::new("/src/shop"), "store", None, None)
        .unwrap();
    assert_eq!((again.id, again.name.as_str()), (shop.id, "store"));
    assert_eq!(registry.entries().unwrap().len(), 1);

    let hub = registry
        .add(Path::new("/src/hub"), "hub", Some(RepositoryId(12)), None)
        .unwrap();
    assert!(!hub.polled);
    assert!(registry.follows_origin(hub.id) && !registry.follows_origin(shop.id));
    let clash = registry.add(
        Path::new("/src/other"),
        "other",
        Some(RepositoryId(12)),
        None,
    );
    assert!(clash.unwrap_err().to_string().contains("registered as hub"));

    assert_eq!(
        registry.remove("store").unwrap().map(|e| e.id),
        Some(shop.id)
    );
    assert_eq!(registry.remove("store").unwrap(), None);
    assert_eq!(registry.entries().unwrap(), [hub]);
}

#[test]
fn a_broken_list_is_not_overwritten() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join(FILE_NAME);
    std::fs::write(&file, "[{").unwrap();
    let registry = Registry::new(data.path());
    assert!(
        registry
            .add(Path::new("/src/shop"), "shop", None, None)
            .is_err()
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "[{");
}
