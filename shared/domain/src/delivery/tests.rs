//! Purpose: stories of the delivery machine.
