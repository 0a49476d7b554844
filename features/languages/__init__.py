"""How a language says things: one YAML file of messages per language."""
