//! Purpose: lengths of time, both ways.

use super::*;

#[test]
fn lengths_are_read() {
    let seconds = |text: &str| parse(text).ok();
    assert_eq!(seconds("90s"), Some(90));
    assert_eq!(seconds("20m"), Some(1_200));
    assert_eq!(seconds("1h30m"), Some(5_400));
    assert_eq!(seconds("2d"), Some(172_800));
    assert_eq!(seconds("1d1h1m1s"), Some(90_061));
    assert_eq!(seconds("0s"), Some(0));
}

#[test]
fn what_is_not_a_length_is_refused() {
    for text in [
        "", "20", "m", "20 m", "-5m", "1.5h", "30m1h", "5m5m", "1w", "1H", "٣m", "9999999s",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn bounds_are_part_of_the_type() {
    type Short = Seconds<60, 3_600>;
    let read = |text: &str| Short::try_from(text.to_owned()).map(Short::get);
    assert_eq!(read("1h"), Ok(3_600));
    assert_eq!(read("60s"), Ok(60));
    assert_eq!(
        read("59s"),
        Err("`59s` is not between 1m and 1h".to_owned())
    );
    assert!(read("1h1s").is_err());
}

#[test]
fn spelling_and_reading_agree() {
    for seconds in [0, 1, 59, 60, 61, 3_600, 5_400, 86_400, 90_061] {
        assert_eq!(parse(&spell(seconds)), Ok(seconds));
    }
}
