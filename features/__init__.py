"""From events to features: (event log, customer, cutoff) in, numbers out, and nothing after the cutoff is read."""
