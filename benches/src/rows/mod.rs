//! Purpose: the rows, one module each.

mod accepted;
mod calls;
mod cost;
mod programs;
mod replay;
mod sizes;
mod start;
mod units;
mod verify;

use crate::Error;
use crate::table::Row;

/// What measures one row, which may be several lines of the table.
pub type Measure = fn() -> Result<Vec<Row>, Error>;

/// All rows by their number.
pub const ALL: [(u8, Measure); 8] = [
    (1, verify::rows),
    (2, accepted::rows),
    (3, calls::rows),
    (4, start::rows),
    (5, sizes::rows),
    (6, replay::rows),
    (7, units::rows),
    (10, cost::rows),
];
