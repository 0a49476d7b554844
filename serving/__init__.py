"""The event store, the scoring service, batch scores and audiences."""
