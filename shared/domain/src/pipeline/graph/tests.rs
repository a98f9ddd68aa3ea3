//! Purpose: orders and circles.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_needed_comes_first_otherwise_the_given_order_holds() {
    assert_eq!(
        order(&[vec![2], vec![], vec![], vec![0]]),
        (vec![1, 2, 0, 3], vec![])
    );
    assert_eq!(order(&[]), (vec![], vec![]));
}

#[test]
fn circles_are_named_from_their_first_member() {
    assert_eq!(
        cycles(&[vec![2], vec![0], vec![1], vec![0]]),
        [vec![0, 2, 1]]
    );
    assert_eq!(
        cycles(&[vec![1], vec![0], vec![3], vec![2]]),
        [vec![0, 1], vec![2, 3]]
    );
    // One in front of the circle is not part of it, wherever it leads in.
    assert_eq!(cycles(&[vec![2], vec![2], vec![1]]), [vec![1, 2]]);
    assert_eq!(cycles(&[vec![1], vec![]]), Vec::<Vec<usize>>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_order_and_circles_exclude_each_other(
        needs in prop::collection::vec(prop::collection::vec(0..12usize, 0..4), 0..12)
    ) {
        let (ordered, left) = order(&needs);
        prop_assert_eq!(ordered.len() + left.len(), needs.len());
        for (position, index) in ordered.iter().enumerate() {
            for need in needs[*index].iter().filter(|need| **need < needs.len()) {
                prop_assert!(ordered[..position].contains(need));
            }
        }
        prop_assert_eq!(left.is_empty(), cycles(&needs).is_empty());
    }
}
