use super::*;

fn stream(name: &str) -> StreamId {
    StreamId::pool(name)
}

#[tokio::test]
async fn a_stream_waits_once_and_comes_again_when_rung_at_work() {
    let queues = Queues::new();
    queues.push(Function::Builder, stream("a"));
    queues.push(Function::Builder, stream("a"));
    queues.push(Function::Builder, stream("b"));
    assert_eq!(queues.next(Function::Builder).await, stream("a"));
    queues.push(Function::Builder, stream("a"));
    assert_eq!(queues.next(Function::Builder).await, stream("b"));
    assert!(queues.take(Function::Builder).is_none());

    queues.done(Function::Builder, &stream("a"));
    assert_eq!(queues.next(Function::Builder).await, stream("a"));
    queues.done(Function::Builder, &stream("a"));
    queues.done(Function::Builder, &stream("b"));
    assert!(queues.take(Function::Builder).is_none());
}

#[tokio::test]
async fn functions_do_not_take_each_others_doorbells() {
    let queues = Queues::new();
    queues.push(Function::Planner, stream("a"));
    assert!(queues.take(Function::Builder).is_none());
    assert_eq!(queues.take(Function::Planner), Some(stream("a")));
}
