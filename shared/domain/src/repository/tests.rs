//! Purpose: stories of the repository machine.
