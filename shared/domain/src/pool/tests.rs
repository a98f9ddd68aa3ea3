//! Purpose: stories and laws of the pool: never above its size, fair between repositories.

use proptest::prelude::*;

use super::*;
use crate::run::TaskId;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn ticket(repository: u64, number: u16) -> Ticket {
    Ticket {
        repository: RepositoryId(repository),
        run: RunId::new(format!("r{number}")),
        attempt: Attempt {
            task: TaskId::Job("unit".into()),
            number: 1,
        },
    }
}

fn give(pool: Pool, command: &Command) -> Pool {
    let events = pool.decide(AT, command).unwrap();
    let pool = events.iter().fold(pool, Pool::evolve);
    let follow = pool.advance(AT);
    follow.iter().fold(pool, Pool::evolve)
}

fn take(pool: Pool, capacity: usize, tickets: Vec<Ticket>) -> Pool {
    give(pool, &Command::Take { capacity, tickets })
}

fn give_back(pool: Pool, ticket: Ticket) -> Pool {
    give(
        pool,
        &Command::Return {
            tickets: vec![ticket],
        },
    )
}

#[test]
fn one_repositorys_flood_does_not_delay_another() {
    let flood: Vec<Ticket> = (0..20).map(|number| ticket(1, number)).collect();
    let pool = take(Pool::default(), 2, flood);
    let pool = take(pool, 2, vec![ticket(2, 0)]);
    assert_eq!(pool.position(&ticket(2, 0)), Some(1), "fewest places first");
    assert_eq!(pool.position(&ticket(1, 2)), Some(2));
    assert_eq!(pool.position(&ticket(1, 0)), None, "it has its place");

    let pool = give_back(pool, ticket(1, 0));
    assert!(pool.holders.contains(&ticket(2, 0)));
}

#[test]
fn a_pool_that_shrinks_takes_no_place_away() {
    let pool = take(
        Pool::default(),
        3,
        (0..3).map(|number| ticket(1, number)).collect(),
    );
    let pool = take(pool, 1, vec![ticket(1, 9)]);
    assert_eq!(pool.holders.len(), 3);
    let pool = give_back(give_back(pool, ticket(1, 0)), ticket(1, 1));
    assert_eq!((pool.holders.len(), pool.waiting.len()), (1, 1));
}

#[test]
fn asking_and_returning_twice_is_once() {
    let pool = take(Pool::default(), 1, vec![ticket(1, 0), ticket(1, 1)]);
    let again = take(pool.clone(), 1, vec![ticket(1, 0), ticket(1, 1)]);
    assert_eq!(again, pool);
    let pool = give_back(pool, ticket(1, 0));
    assert_eq!(give_back(pool.clone(), ticket(1, 0)), pool);
}

#[test]
fn who_holds_a_place_is_looked_at_before_who_waits() {
    // The holder's repository and run sort after all that wait.
    let pool = take(Pool::default(), 1, vec![ticket(9, 900)]);
    let pool = take(pool, 1, (0..100).map(|number| ticket(1, number)).collect());
    let owed = pool.outstanding(AT);
    let check = |repository, number: u16| Effect::CheckRun {
        repository: RepositoryId(repository),
        run: RunId::new(format!("r{number}")),
    };
    assert_eq!(owed.len(), 101);
    assert_eq!(owed.first(), Some(&check(9, 900)));
    assert_eq!(owed.get(1), Some(&check(1, 0)), "in the order they asked");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_above_its_size_and_never_idle(steps in prop::collection::vec((0..4u8, 1..4u64, 0..6u16), 0..50)) {
        let mut pool = Pool::default();
        for (step, repository, number) in steps {
            pool = match step {
                0 => give_back(pool, ticket(repository, number)),
                _ => take(pool, 3, vec![ticket(repository, number)]),
            };
            prop_assert!(pool.holders.len() <= 3);
            prop_assert!(pool.waiting.is_empty() || pool.holders.len() == pool.capacity);
            for (index, _) in pool.waiting.iter().enumerate() {
                let at = pool.waiting.iter().filter(|t| pool.position(t) == Some(index + 1)).count();
                prop_assert_eq!(at, 1, "every place in the queue is somebody's");
            }
        }
    }
}
