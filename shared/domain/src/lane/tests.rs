//! Purpose: stories of the lane machine.
