"""The WN flow of any differentiable loss, from its gradient alone (Appendix D)."""

import numpy as np

from wnlib._checks import real_array, real_number


def flow_of(gradient, g0, w0, *, c=1.0, times, rtol=1e-11, atol=1e-13):
    """Integrate the WN flow of a loss L from (g0, w0), and return it at `times`.

    With u = w/‖w‖ and G = ∇L(g u) the flow is

        g' = −c uᵀG,    w' = −(g/‖w‖) (I − uuᵀ) G.

    If Q∇L = 0 everywhere, Q w e^{g²/(2c‖w0‖²)} is constant along it (Theorem D.2, with the c that is not printed).
    For least squares `wnlib.flow` is faster and exact in the kernel of A; here the loss may be any.

    Parameters
    ----------
    gradient : callable
        ∇L: takes x of shape (d,), and returns an array of that shape.
    g0 : float
        Starting scale, of either sign.
    w0 : array_like, shape (d,)
        Starting direction, of any length but zero.
    c : float
        Ratio of the speed of g to that of w, at least 0. With c = 0 the scale is frozen.
    times : array_like, shape (K,)
        Where to record the path: increasing, the first at least 0 and the last above 0. It starts at time 0.
    rtol, atol : float
        Relative (at least 1e-13) and absolute tolerance of each step.

    Returns
    -------
    g : ndarray, shape (K,)
    w : ndarray, shape (K, d)

    Raises
    ------
    TypeError, ValueError
        If an argument, or what `gradient` returns, has the wrong kind, shape or range.
    RuntimeError
        If the integrator does not reach the last time.

    Examples
    --------
    >>> import numpy as np
    >>> from wnlib import flow_of
    >>> g, w = flow_of(lambda x: np.array([x[0] - 1, 0]), 0.5, [0, 1], times=[0, 100])
    >>> (g[-1] * w[-1]).round(6)
    array([1.      , 0.662046])
    """
    from scipy.integrate import solve_ivp  # takes a quarter of a second to import: not before the first flow

    if not callable(gradient):
        raise TypeError(f"gradient must be a function of x; got {type(gradient).__name__}.")
    g0, c = real_number("g0", g0), real_number("c", c, at_least=0)
    w0 = real_array("w0", w0, ("d",))
    times = real_array("times", times, ("K",))
    rtol, atol = real_number("rtol", rtol, at_least=1e-13), real_number("atol", atol, above=0)
    with np.errstate(over="ignore"):
        length = np.linalg.norm(w0)
    if not 0 < length < np.inf:
        raise ValueError(f"w0 must have a direction and a length that a float holds; its length is {length}.")
    if times[0] < 0 or times[-1] <= 0 or (np.diff(times) <= 0).any():
        raise ValueError(f"times must increase from 0 or later to a time above 0; got {times}.")

    def velocity(_, state):
        g, w = state[0], state[1:]
        size = np.linalg.norm(w)
        u = w / size
        G = real_array("what gradient returns", gradient(g * u), w0.shape)
        slope = u @ G
        return np.append(-c * slope, -g / size * (G - slope * u))

    # LSODA changes between a method for stiff flows and one for others: c and L may make it either.
    run = solve_ivp(velocity, (0, times[-1]), np.append(g0, w0), "LSODA", times, rtol=rtol, atol=atol)
    if not run.success:
        raise RuntimeError(
            f"The integrator gave up before t = {times[-1]:.6g}: {run.message} "
            "Take earlier times, or raise rtol and atol."
        )
    return run.y[0], run.y[1:].T
