//! Purpose: stories of the run machine.
