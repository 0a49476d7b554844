"""From an event log to a registered Predictor, measured on a later period beside its baselines."""
