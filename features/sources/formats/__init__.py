"""One module for each tool whose exports can be imported; each holds only the mapping."""
