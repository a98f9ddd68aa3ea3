//! Purpose: where the boxes and lines of a graph go.

use super::*;

fn step(name: &str, needs: &[usize]) -> Step {
    Step {
        name: name.to_owned(),
        status: "waiting".to_owned(),
        anchor: String::new(),
        needs: needs.iter().copied().collect(),
    }
}

#[test]
fn each_step_stands_after_all_that_it_needs() {
    let steps = [
        step("build", &[]),
        step("lint", &[]),
        step("unit", &[0]),
        step("smoke", &[0, 2]),
        step("staging", &[1, 3]),
    ];
    assert_eq!(columns(&steps), [0, 0, 1, 2, 3]);
    let graph = draw(&steps);
    let at: Vec<(u32, u32)> = graph.nodes.iter().map(|node| (node.x, node.y)).collect();
    assert_eq!(at, [(1, 1), (1, 53), (217, 1), (433, 1), (649, 1)]);
    assert_eq!((graph.width, graph.height), (822, 94));
}

#[test]
fn a_line_over_a_column_has_a_row_of_its_own_there() {
    let steps = [
        step("build", &[]),
        step("lint", &[]),
        step("linux", &[0]),
        step("macos", &[0]),
        step("staging", &[1, 2, 3]),
    ];
    let needs = direct_needs(&steps);
    let rows = rows(&columns(&steps), &needs);
    let middle: Vec<usize> = [2, 3, 1].map(|step| rows[&(1, step)]).to_vec();
    assert_eq!(middle, [0, 1, 2]);
    let edges = draw(&steps).edges;
    assert_eq!(edges[0], "M173 21C195 21 195 21 217 21");
    assert_eq!(
        edges[2],
        "M173 73C195 73 195 125 217 125H389C411 125 411 21 433 21"
    );
}

#[test]
fn a_need_that_another_implies_has_no_line() {
    let steps = [step("a", &[]), step("b", &[0]), step("c", &[0, 1])];
    assert_eq!(draw(&steps).edges.len(), 2);
}

#[test]
fn a_long_name_is_cut_by_characters() {
    assert_eq!(cut("unit"), "unit");
    assert_eq!(cut("größe-größe-größe-größe"), "größe-größe-größ…");
}
