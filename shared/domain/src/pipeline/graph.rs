//! Purpose: which of many named things comes before which: an order, and the circles that allow none.

use std::collections::{BTreeMap, BTreeSet};

/// Indices in an order in which each comes after what it needs, otherwise in the order given; and what is left over
/// because it is in a circle or needs one that is.
pub fn order(needs: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut needed_by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut open: Vec<usize> = Vec::with_capacity(needs.len());
    for (index, list) in needs.iter().enumerate() {
        let list: BTreeSet<usize> = list.iter().copied().filter(|n| *n < needs.len()).collect();
        open.push(list.len());
        for need in list {
            needed_by.entry(need).or_default().push(index);
        }
    }
    let mut ready: BTreeSet<usize> = (0..needs.len())
        .filter(|i| open.get(*i) == Some(&0))
        .collect();
    let mut ordered = Vec::with_capacity(needs.len());
    while let Some(next) = ready.pop_first() {
        ordered.push(next);
        for index in needed_by.get(&next).into_iter().flatten() {
            if let Some(count) = open.get_mut(*index) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*index);
                }
            }
        }
    }
    let done: BTreeSet<usize> = ordered.iter().copied().collect();
    let left = (0..needs.len())
        .filter(|index| !done.contains(index))
        .collect();
    (ordered, left)
}

/// Circles, each as the indices along it from its first in the order given; no two share a member. Breaking all of
/// them may show others that shared one.
pub fn cycles(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut needs: Vec<Vec<usize>> = needs.to_vec();
    let mut found = Vec::new();
    // Each round takes the members of one circle out, so there are at most as many rounds as members.
    for _ in 0..=needs.len() {
        let (_, left) = order(&needs);
        let Some(cycle) = one_cycle(&needs, &left) else {
            break;
        };
        for index in &cycle {
            if let Some(list) = needs.get_mut(*index) {
                list.clear();
            }
        }
        found.push(cycle);
    }
    found
}

fn one_cycle(needs: &[Vec<usize>], left: &[usize]) -> Option<Vec<usize>> {
    let in_question: BTreeSet<usize> = left.iter().copied().collect();
    let mut path: Vec<usize> = vec![*left.first()?];
    for _ in 0..=left.len() {
        let last = *path.last()?;
        // What is left over always needs something that is left over.
        let next = *needs
            .get(last)?
            .iter()
            .find(|need| in_question.contains(need))?;
        if let Some(start) = path.iter().position(|index| *index == next) {
            let mut cycle = path.split_off(start);
            let smallest = cycle.iter().enumerate().min_by_key(|(_, index)| **index);
            let turn = smallest.map_or(0, |(position, _)| position);
            cycle.rotate_left(turn);
            return Some(cycle);
        }
        path.push(next);
    }
    None
}

#[cfg(test)]
mod tests;
