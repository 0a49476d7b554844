"""The compiled kernel: one pass per customer, in which every window slides forward with the cutoff.

What to compute is data, a Spec, so that one small compiled program serves every feature set.

| module | what is in it |
|---|---|
| `spec` | what a plan hands over, and the work space, as named arrays |
| `operations` | the kinds of operations, by number |
| `compiling` | how functions are compiled and kept on disk |
| `sums` | sums that slide without loss |
| `varieties` | how many different values, and how evenly they occur |
| `windows` | an event enters the history and leaves window after window |
| `walk` | the stages that a customer goes through |
| `writing` | a row is written |
| `run` | the loop over customers and rows, the work space |
| `search` | where a moment lies among sorted times |
| `order` | rows by customer, and columns in that order |
"""
