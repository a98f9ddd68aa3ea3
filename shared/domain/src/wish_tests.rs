use super::*;

fn wish(id: &str, second: i64, number: u64) -> Wish {
    Wish {
        id: id.to_owned(),
        said: Timestamp::from_second(second).unwrap(),
        number,
    }
}

#[test]
fn of_two_comments_of_one_second_the_later_number_was_said_later() {
    let mut wishes = Wishes::default();
    wishes.remember(&wish("b/1", 5, 78));
    // Two lines of one comment are said one after the other.
    assert!(wishes.is_news(&wish("b/2", 5, 78)));
    assert!(!wishes.is_news(&wish("a/1", 5, 77)));
    assert!(wishes.is_news(&wish("a/1", 6, 77)));
    assert!(!wishes.is_news(&wish("b/1", 9, 79)));
}
