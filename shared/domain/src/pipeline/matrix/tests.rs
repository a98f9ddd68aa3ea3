//! Purpose: cells of a matrix.

use super::*;

fn cell(pairs: &[(&str, &str)]) -> Cell {
    pairs
        .iter()
        .map(|(axis, value)| ((*axis).to_owned(), (*value).to_owned()))
        .collect()
}

fn matrix() -> Matrix {
    let values = |list: &[&str]| list.iter().map(|value| (*value).to_owned()).collect();
    Matrix {
        axes: [
            ("os".to_owned(), values(&["linux", "mac"])),
            ("go".to_owned(), values(&["1.24", "1.25"])),
        ]
        .into_iter()
        .collect(),
        ..Matrix::default()
    }
}

fn labels(matrix: &Matrix) -> Vec<String> {
    matrix.cells().iter().map(label).collect()
}

#[test]
fn the_last_axis_turns_fastest() {
    assert_eq!(
        labels(&matrix()),
        [
            "os=linux, go=1.24",
            "os=linux, go=1.25",
            "os=mac, go=1.24",
            "os=mac, go=1.25"
        ]
    );
}

#[test]
fn exclude_leaves_out_what_has_all_its_values() {
    let exclude = vec![
        cell(&[("os", "mac")]),
        cell(&[("go", "1.25"), ("os", "linux")]),
    ];
    assert_eq!(
        labels(&Matrix {
            exclude,
            ..matrix()
        }),
        ["os=linux, go=1.24"]
    );
}

#[test]
fn include_adds_cells_with_the_axes_in_their_order() {
    let include = vec![cell(&[("race", "true"), ("go", "1.26"), ("os", "linux")])];
    let labels = labels(&Matrix {
        include,
        ..matrix()
    });
    assert_eq!(
        labels.last().map(String::as_str),
        Some("os=linux, go=1.26, race=true")
    );
    assert_eq!(labels.len(), 5);
}

#[test]
fn a_matrix_of_included_cells_alone_has_those() {
    let include = vec![cell(&[("go", "1.26")])];
    assert_eq!(
        labels(&Matrix {
            include,
            ..Matrix::default()
        }),
        ["go=1.26"]
    );
}

#[test]
fn too_many_combinations_are_never_made() {
    let many: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let axes = (0..10).map(|n| (format!("a{n}"), many.clone())).collect();
    let matrix = Matrix {
        axes,
        ..Matrix::default()
    };
    assert_eq!(matrix.combinations(), usize::MAX);
    assert_eq!(matrix.cells().len(), 0);
}
