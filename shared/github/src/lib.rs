//! What GitHub sends and shows, as pure functions: signatures, payloads, texts.
