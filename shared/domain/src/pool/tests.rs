//! Purpose: stories of the pool machine.
