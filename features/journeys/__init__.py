"""Ready-made journeys, one YAML file each."""
