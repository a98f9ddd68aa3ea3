//! Purpose: stories of the change machine.
