use super::*;

#[test]
fn sec_16_the_api_is_https_or_this_machine() {
    for good in [
        "https://api.github.com",
        "https://git.example.org/api/v3/",
        "http://127.0.0.1:4000",
        "http://[::1]:4000",
        "http://localhost:4000",
    ] {
        assert!(Base::new(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "api.github.com",
        "http://api.github.com",
        "http://169.254.169.254",
        "http://[fd00:ec2::254]",
        "http://127.0.0.1.example.org",
        "ftp://api.github.com",
        "https://user@api.github.com",
        "https://api.github.com?x=1",
    ] {
        assert!(matches!(Base::new(bad), Err(Fault::Malformed(_))), "{bad}");
    }
}

#[test]
fn sec_16_a_download_is_never_in_the_clear() {
    let allows = |base: &str, url: &str| Base::new(base).unwrap().allows(&url.parse().unwrap());
    let hosted = "https://api.github.com";
    assert!(allows(
        hosted,
        "https://codeload.github.com/a/b/legacy.zip/c"
    ));
    for bad in [
        "http://codeload.github.com/a",
        "http://169.254.169.254/latest",
        "http://127.0.0.1/",
        "/relative",
    ] {
        assert!(!allows(hosted, bad), "{bad}");
    }
    assert!(allows("http://127.0.0.1:1", "http://127.0.0.1:2/a"));
    assert!(!allows(
        "http://127.0.0.1:1",
        "http://169.254.169.254/latest"
    ));
}

#[test]
fn graphql_has_an_address_of_its_own_on_an_enterprise_server() {
    let address = |api: &str| Base::new(api).unwrap().address(&Route::graphql());
    assert_eq!(
        address("https://api.github.com"),
        "https://api.github.com/graphql"
    );
    assert_eq!(
        address("https://git.example.org/api/v3/"),
        "https://git.example.org/api/graphql"
    );
}

#[test]
fn a_base_path_is_kept() {
    let base = Base::new("https://git.example.org/api/v3/").unwrap();
    assert_eq!(base.text, "https://git.example.org/api/v3");
}
