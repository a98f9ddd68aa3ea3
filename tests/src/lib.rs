//! Black-box tests: the tidy rules, the command line, the whole road.
