"""Whether data is fit to be trained on: one file per check, each a pure function that returns findings."""
