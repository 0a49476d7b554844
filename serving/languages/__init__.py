"""What pages and reports say: one YAML file of messages per language."""
