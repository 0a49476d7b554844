"""What people look at: each panel a pure function from arrays to plain data, computed once per scoring run."""
