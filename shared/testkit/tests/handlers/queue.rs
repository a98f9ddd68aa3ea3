//! Purpose: the pool's queue with many runs in it.

use domain::kernel::StreamId;
use domain::pool::Pool;
use domain::run::Command;
use engine::load;
use testkit::yielding::block_on;

use super::runs::push;
use super::world::{World, stream};

fn pool(world: &World) -> Pool {
    let pool = StreamId::pool(domain::pool::JOBS);
    block_on(load::<Pool>(&world.journal, &pool)).unwrap().state
}

#[test]
fn cancelled_runs_take_their_tickets_back_themselves_however_many_they_are() {
    let world = World::default();
    let names: Vec<String> = (0..engine::turn::MAX_EFFECTS + 20)
        .map(|number| format!("r{number:03}"))
        .collect();
    for name in &names {
        world.open(name, push(name));
        world.schedule(&[stream(name)]);
    }
    assert_eq!(pool(&world).holders.len(), 1);
    assert_eq!(pool(&world).waiting.len(), names.len() - 1);
    let (first, others) = names.split_first().unwrap();
    for name in others {
        let reason = "enough".to_owned();
        world.submit(name, &Command::Cancel { by: None, reason });
        world.schedule(&[stream(name)]);
    }
    // The pool itself has not been looked at.
    assert_eq!(pool(&world).waiting, []);
    assert_eq!(pool(&world).holders.first().unwrap().run.as_str(), first);
    for name in others {
        assert!(world.head(&stream(name)).ended, "{name} owes nothing more");
    }
}
