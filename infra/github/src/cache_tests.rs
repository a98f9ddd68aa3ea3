use http::{HeaderMap, StatusCode};

use super::*;

fn answer(bytes: usize, etag: Option<&'static str>) -> Answer {
    let mut headers = HeaderMap::new();
    if let Some(etag) = etag {
        headers.insert(header::ETAG, HeaderValue::from_static(etag));
    }
    Answer {
        status: StatusCode::OK,
        headers,
        body: vec![b'x'; bytes],
    }
}

fn held(cache: &Cache) -> (usize, usize) {
    let held = cache.0.lock().unwrap();
    (held.entries.len(), held.bytes)
}

#[test]
fn the_cache_is_bounded_and_keeps_what_was_used_last() {
    let cache = Cache::default();
    for number in 0..40 {
        cache.keep(
            format!("key {number}"),
            answer(MAX_ENTRY_BYTES, Some("\"a\"")),
        );
        assert!(cache.get("key 0").is_some());
    }
    let (entries, bytes) = held(&cache);
    assert!(entries == 15 && bytes <= MAX_BYTES, "{entries} {bytes}");
    assert!(cache.get("key 1").is_none() && cache.get("key 39").is_some());
}

#[test]
fn replacing_an_entry_frees_the_old_one() {
    let cache = Cache::default();
    for _ in 0..100 {
        cache.keep("key".to_owned(), answer(1_000, Some("\"a\"")));
    }
    let (entries, bytes) = held(&cache);
    assert!(entries == 1 && bytes < 2_000, "{entries} {bytes}");
}

#[test]
fn what_has_no_etag_or_is_too_large_is_not_kept() {
    let cache = Cache::default();
    cache.keep("a".to_owned(), answer(1, None));
    cache.keep("b".to_owned(), answer(MAX_ENTRY_BYTES + 1, Some("\"a\"")));
    assert_eq!(held(&cache), (0, 0));
}
