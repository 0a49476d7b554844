"""What the command line and its commands are made of: every command calls one function."""
