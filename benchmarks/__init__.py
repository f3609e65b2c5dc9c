"""How fast wnlib is beside what people would use instead: `make bench`.

Each module measures one kind of work. Results are checked for equality before anything is timed, and all peers
of a piece of work run one after the other in the same process. What counts are the ratios.
"""
