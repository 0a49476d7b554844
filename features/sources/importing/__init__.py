"""What every import shares: reading rows, identity, consent, copies, the report."""
