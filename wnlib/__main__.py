"""`python -m wnlib` compiles the loops and stores them, so that no later run waits for the compiler."""

from wnlib import GD, flow, make_least_squares, solve

problem = make_least_squares()
print(solve(problem, GD(eta=0.5), 1.0, problem.A[0], record_every=1).message)
print(flow(problem, 1.0, problem.A[0], t_max=1.0).message)
