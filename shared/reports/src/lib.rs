//! Test and quality reports (JUnit, go test, SARIF, lcov) parsed into counts and findings.
