//! Purpose: the cast of every scenario.

use domain::ids::PersonId;
use engine::ports::Person;

/// Pushes and writes; sometimes named as an approver.
pub const ANA: PersonId = PersonId(1);
/// In the team `release`; pushes too.
pub const BEN: PersonId = PersonId(2);
/// In the team `release`.
pub const CHO: PersonId = PersonId(3);
/// Named as an approver.
pub const DEE: PersonId = PersonId(4);
/// May decide nothing, ever.
pub const EVE: PersonId = PersonId(5);

/// Maintains, decides nothing, and never leaves. The machine does not know this person, GitHub does.
pub const FAY: PersonId = PersonId(6);

/// The name that pipeline files use.
pub fn login(person: PersonId) -> &'static str {
    match person {
        ANA => "ana",
        BEN => "ben",
        CHO => "cho",
        DEE => "dee",
        FAY => "fay",
        _ => "eve",
    }
}

/// Everybody.
pub fn cast() -> Vec<Person> {
    [ANA, BEN, CHO, DEE, EVE]
        .into_iter()
        .map(|id| Person {
            id,
            login: login(id).to_owned(),
            name: login(id).to_owned(),
            address: Some(address(id)),
            teams: if [BEN, CHO].contains(&id) {
                vec!["release".to_owned()]
            } else {
                Vec::new()
            },
        })
        .collect()
}

/// As commits name their author.
pub fn address(person: PersonId) -> String {
    format!("{}@example.org", login(person))
}
