"""`python -m wnlib` compiles the loops and stores them, so that no later run waits for the compiler."""

from wnlib import GD, flow, make_least_squares, solve
from wnlib.sensing import make_matrix_sensing, random_factor, recover

problem = make_least_squares()
for g0 in (1.0, 2.0), 1.0:
    run = solve(problem, GD(eta=0.5), g0, problem.A[0])
print(run.message)
print(flow(problem, 1.0, problem.A[0], t_max=1.0).message)
print(recover(make_matrix_sensing(), GD(eta=0.001), random_factor(30)).message)
