/* The loops of `wnlib.loops`, `wnlib.integrator` and `wnlib.sensing._loop` in C, for WebAssembly: see __main__.py.

   The same arithmetic, but starts run one after another, not side by side. Step counts are numbers of 64 bits here and
   there; what ctypes passes as a number is a double or 32 bits wide. */
typedef int i32;
typedef long long i64;
enum { GD, WN, RPGD };
enum { RUNNING, CONVERGED, MAX_STEPS, DIVERGED, ZERO_SCALE, ZERO_DIRECTION };
#define LOSS_LIMIT 1e200
#define RECOVERY_LIMIT 1e80
#define ORDER 8
#define BISECTIONS 52
enum { GOES_ON, ARRIVED, MET_TOL, TOO_SHORT, TOO_MANY };
#define sqrt __builtin_sqrt
#define fabs __builtin_fabs
double exp(double), log(double), pow(double, double);

/* Where in a rule (optimal, power, 0, value, switch, value, …) step t stands. */
static i32 piece(const double *rule, i32 size, i32 at, i64 t) {
  while (at + 2 < size && t >= rule[at + 2]) at += 2;
  return at;
}

static double power(double size, double exponent) {
  return exponent == 0 ? 1 : exponent == 1 ? size : size * size;
}

/* Take one start from step *t to the step `limit` or its end; returns how it ended. */
static i32 run_one(i32 kind, i32 n, const double *s, const double *b, double *z, double *scale, const double *eta,
                   i32 eta_size, const double *gamma, i32 gamma_size, double tol, i64 max_steps, i64 limit, i64 *t,
                   double *loss_out, i64 every, double *record) {
  double g = *scale, loss;
  i32 eta_at = 2, gamma_at = 2, ending;
  i64 now = *t;
  for (;; now++) {
    eta_at = piece(eta, eta_size, eta_at, now);
    gamma_at = piece(gamma, gamma_size, gamma_at, now);
    double size = 1, squared = 0, slope = 0;
    if (kind != GD) {
      for (i32 i = 0; i < n; i++) squared += z[i] * z[i];
      size = sqrt(squared);
    }
    double shrink = 1 / size, inner = g * shrink;
    squared = 0;
    for (i32 i = 0; i < n; i++) {
      double residual = inner * s[i] * z[i] - b[i];
      squared += residual * residual;
      slope += s[i] * z[i] * residual;
    }
    loss = 0.5 * squared;
    slope *= shrink;
    double length = kind == WN ? size : 1, stretch = 1;
    double step = eta[eta_at + 1] * power(length, eta[1]) * (eta[0] == 1 ? 1 / (g * s[0] * s[0]) : g);
    if (kind == WN) {
      step *= shrink;
      stretch += step * slope * shrink;
    } else if (kind == RPGD) {
      stretch = shrink;
    }
    if (every && now % every == 0 && now < limit) {
      double *row = record + now / every * (n + 2);
      row[0] = g;
      row[1] = loss;
      for (i32 i = 0; i < n; i++) row[i + 2] = z[i];
    }
    ending = RUNNING;
    if (loss <= tol) ending = CONVERGED;
    else if (!(loss < LOSS_LIMIT)) ending = DIVERGED;
    else if (eta[0] == 1 && g == 0) ending = ZERO_SCALE;
    else if (now == max_steps) ending = MAX_STEPS;
    else if (kind == RPGD && fabs(1 - step * slope) <= 1e-9) {
      ending = ZERO_DIRECTION;
      for (i32 i = 0; i < n; i++)
        if (stretch * z[i] != step * (s[i] * (inner * s[i] * z[i] - b[i]))) ending = RUNNING;
    }
    if (ending != RUNNING || now == limit) break;
    for (i32 i = 0; i < n; i++) z[i] = stretch * z[i] - step * s[i] * (inner * s[i] * z[i] - b[i]);
    g -= gamma[gamma_at + 1] * power(length, gamma[1]) * slope;
  }
  *scale = g;
  *t = now;
  *loss_out = loss;
  return ending;
}

/* All starts that have not ended, `pause` steps further: z of shape (starts, n), g, ending, t and loss are written. */
void run(i32 kind, i32 n, i32 starts, const double *s, const double *b, double *z, double *g, const double *eta,
         i32 eta_size, const double *gamma, i32 gamma_size, double tol, double max_steps, double pause, i64 *ending,
         i64 *t, double *loss, double every, double *record) {
  for (i32 k = 0; k < starts; k++) {
    if (ending[k] != RUNNING) continue;
    double limit = t[k] + pause < max_steps ? t[k] + pause : max_steps;
    ending[k] = run_one(kind, n, s, b, z + k * n, g + k, eta, eta_size, gamma, gamma_size, tol, (i64)max_steps,
                        (i64)limit, t + k, loss + k, (i64)every, record);
  }
}

static i32 implicit_euler(i32 m, const double *s, const double *b, double c, double h, double *state, double *p,
                          double *q) {
  double g = state[0], slope = 0, top = 0, bottom = 1;
  i32 grows = 0;
  for (i32 i = 0; i < m; i++) {
    double z = state[i + 1];
    slope += s[i] * z * (g * s[i] * z - b[i]);
  }
  for (i32 i = 0; i < m; i++) {
    double z = state[i + 1], ss = s[i] * s[i], sr = s[i] * (g * s[i] * z - b[i]);
    double bend = g * ss * z - slope * z + sr, pivot = 1 + h * g * (g * ss - slope);
    grows |= !(pivot > 0);
    top += sr * (z * (1 - h * g * slope) - h * g * sr) / pivot;
    bottom += h * (c * (ss * z * z - h * sr * (bend + g * ss * z)) - g * z * (g * ss * z + sr)) / pivot;
    p[i] = -h * g * sr / pivot;
    q[i] = h * (g * z + c * h * bend) / pivot;
  }
  if (grows || !(bottom > 0)) return 0;
  double end_slope = top / bottom, g_change = -c * h * end_slope;
  state[0] += g_change;
  for (i32 i = 0; i < m; i++) state[i + 1] += p[i] + end_slope * q[i];
  state[m + 1] += h * (g * end_slope + slope * g_change);
  return 1;
}

/* end: m + 2 numbers, written; work: (ORDER + 2) (m + 2) numbers; returns the error. */
static double flow_step(i32 m, const double *s, const double *b, double log_perp0, double c, const double *state,
                        double h, double reach, double rtol, double atol, double *end, double *work) {
  i32 n = m + 2;
  double *p = work, *q = p + n, *table = q + n, infinity = __builtin_inf();
  for (i32 row = 0; row < ORDER; row++) {
    for (i32 i = 0; i < n; i++) end[i] = state[i];
    for (i32 k = 0; k <= row; k++)
      if (!implicit_euler(m, s, b, c, h / (row + 1), end, p, q)) return infinity;
    for (i32 i = 0; i < n; i++) end[i] -= state[i];
    for (i32 k = 0; k < row; k++) {
      double factor = (double)(row + 1) / (row - k) - 1;
      for (i32 i = 0; i < n; i++) {
        double coarser = table[k * n + i];
        table[k * n + i] = end[i];
        end[i] += (end[i] - coarser) / factor;
      }
    }
    for (i32 i = 0; i < n; i++) table[row * n + i] = end[i];
  }
  double error = 0, move = 0;
  for (i32 i = 0; i < n; i++) {
    double size = fabs(state[i]), then = fabs(state[i] + end[i]);
    if (then > size) size = then;
    double off = fabs(end[i] - table[(ORDER - 2) * n + i]) / (atol + rtol * (i ? 1 + size : size));
    double moved = fabs(end[i]) / (1 + size);
    if (off > error) error = off;
    if (moved > move) move = moved;
  }
  for (i32 i = 0; i < n; i++) end[i] += state[i];
  double squared = exp(2 * (log_perp0 + end[n - 1]));
  for (i32 i = 0; i < m; i++) squared += end[i + 1] * end[i + 1];
  double size = sqrt(squared);
  for (i32 i = 0; i < m; i++) end[i + 1] /= size;
  end[n - 1] -= 0.5 * log(squared);
  for (i32 i = 0; i < n; i++)
    if (!(fabs(end[i]) < infinity)) return infinity;
  double far = move / reach;
  far *= far;
  far *= far;
  far *= far; /* (move / reach)^ORDER */
  return far > error ? far : error;
}

static double loss_of(i32 m, const double *s, const double *b, const double *state) {
  double loss = 0;
  for (i32 i = 0; i < m; i++) {
    double residual = state[0] * s[i] * state[i + 1] - b[i];
    loss += residual * residual;
  }
  return 0.5 * loss;
}

/* The time from `state` at which the loss is `tol`; `end`, after the time `high`, becomes the state there. */
static double crossing(i32 m, const double *s, const double *b, double log_perp0, double c, double unit,
                       const double *state, double high, double *end, double tol, double reach, double rtol,
                       double atol, double *work) {
  double low = 0, *there = work, *rest = work + m + 2;
  for (i32 k = 0; k < BISECTIONS; k++) {
    double middle = (low + high) / 2;
    flow_step(m, s, b, log_perp0, c, state, middle / unit, reach, rtol, atol, there, rest);
    if (loss_of(m, s, b, there) <= tol) {
      high = middle;
      for (i32 i = 0; i < m + 2; i++) end[i] = there[i];
    } else {
      low = middle;
    }
  }
  return high;
}

/* t and states: rows, of which the first is read and others are written; work: (ORDER + 3) (m + 2) numbers.
   progress: the length of the next step, stops behind, tries, and out: steps taken and their ending. */
void flow_steps(i32 m, const double *s, const double *b, double log_perp0, double c, double unit, i32 count,
                const double *stops, double most, double tol, double reach, double rtol, double atol,
                double *progress, i32 rows, double *t, double *states, double *work) {
  double h = progress[0], tries = progress[2];
  i32 passed = (i32)progress[1], row = 0, ending = GOES_ON, n = m + 2;
  while (ending == GOES_ON && row + 1 < rows) {
    for (; passed < count && t[row] >= stops[passed]; passed++) tries = 0;
    if (passed == count) {
      ending = ARRIVED;
      break;
    }
    const double *state = states + row * n;
    double *end = states + (row + 1) * n, left = stops[passed] - t[row], step = left < h ? left : h;
    tries++;
    if (t[row] + step == t[row]) {
      ending = TOO_SHORT;
      break;
    }
    if (tries > most) {
      ending = TOO_MANY;
      break;
    }
    double error = flow_step(m, s, b, log_perp0, c, state, step / unit, reach, rtol, atol, end, work);
    double factor = 0.8 * pow(error + 1e-16, -1.0 / ORDER);
    factor = factor < 0.2 ? 0.2 : factor > 5 ? 5 : factor;
    if (error > 1) {
      h = factor * step;
      continue;
    }
    h = step < h && h > factor * step ? h : factor * step;
    if (loss_of(m, s, b, end) <= tol) {
      ending = MET_TOL;
      step = crossing(m, s, b, log_perp0, c, unit, state, step, end, tol, reach, rtol, atol, work);
    }
    row++;
    t[row] = step == left ? stops[passed] : t[row - 1] + step;
  }
  progress[0] = h;
  progress[1] = passed;
  progress[2] = tries;
  progress[3] = row;
  progress[4] = ending;
}

/* ‖W‖_F; the squared lengths of what has a scale are written. */
static double lengths(i32 groups, i32 size, const double *W, double *squared) {
  double total = 0;
  for (i32 q = 0; q < groups; q++, W += size) {
    squared[q] = 0;
    for (i32 j = 0; j < size; j++) squared[q] += W[j] * W[j];
    total += squared[q];
  }
  return sqrt(total);
}

/* The triangle x of X = Σ (D/squared) w wᵀ, summed over the columns w of W; sides: 2 d k numbers. */
static void matrix(i32 d, i32 k, i32 groups, const double *W, const double *D, const double *squared, double *sides,
                   double *x) {
  double *left = sides, *right = sides + d * k;
  for (i32 column = 0; column < k; column++) {
    double factor = D[column * groups / k] / squared[column * groups / k];
    for (i32 i = 0; i < d; i++) left[i * k + column] = factor * (right[i * k + column] = W[column * d + i]);
  }
  for (i32 i = 0; i < d; i++)
    for (i32 j = i; j < d; j++) {
      double total = 0;
      for (i32 column = 0; column < k; column++) total += left[i * k + column] * right[j * k + column];
      *x++ = total;
    }
}

/* The loss at X; s becomes the mean of rᵢAᵢ. */
static double measure(i32 n, i32 m, const double *A, const double *y, const double *x, double *s) {
  double total = 0;
  for (i32 j = 0; j < n; j++) s[j] = 0;
  for (i32 i = 0; i < m; i++, A += n) {
    double r = -y[i];
    for (i32 j = 0; j < n; j++) r += A[j] * x[j];
    total += r * r;
    double share = r / m;
    for (i32 j = 0; j < n; j++) s[j] += share * A[j];
  }
  return total / (2 * m);
}

/* SW for the symmetric S whose triangle s holds twice what is off the diagonal. */
static void gradient(i32 d, i32 k, const double *s, const double *W, double *S, double *SW) {
  for (i32 i = 0; i < d; s += d - i++) {
    S[i * d + i] = s[0];
    for (i32 j = i + 1; j < d; j++) S[i * d + j] = S[j * d + i] = s[j - i] / 2;
  }
  for (i32 column = 0; column < k; column++, W += d)
    for (i32 i = 0; i < d; i++) {
      double total = 0;
      for (i32 j = 0; j < d; j++) total += S[i * d + j] * W[j];
      *SW++ = total;
    }
}

/* One step of a part of the factor with its scale; returns whether it would lead to length 0, where the part stays. */
static i32 step_part(i32 kind, i32 size, double *w, double *scale, double *Sw, double squared, double eta,
                     double gamma) {
  double slope = 0, length = 0;
  for (i32 j = 0; j < size; j++) slope += w[j] * Sw[j];
  slope /= squared;
  double along = kind == WN ? slope : 0, step = 2 * eta * *scale / squared;
  for (i32 j = 0; j < size; j++) {
    Sw[j] = w[j] - step * (Sw[j] - along * w[j]);
    length += Sw[j] * Sw[j];
  }
  length = kind == RPGD ? sqrt(length) : 1;
  for (i32 j = 0; j < size && length != 0; j++) w[j] = Sw[j] / length;
  if (kind != GD) *scale -= gamma * slope;
  return length == 0;
}

static double value(const double *rule, i32 size, i64 t, double norm) {
  return rule[piece(rule, size, 2, t) + 1] * power(norm, rule[1]);
}

/* W: (starts, k, d), D: (starts, groups), A: triangles; work: d (2 d + 1 + 3 k) + groups numbers. */
void recovery_steps(i32 kind, i32 starts, i32 d, i32 k, i32 groups, i32 m, const double *A, const double *y, double *W,
                    double *D, const double *eta, i32 eta_size, const double *gamma, i32 gamma_size, double tol,
                    double max_steps, double pause, i64 *ending, i64 *t, double *loss, double *recent, i32 memory,
                    double *work) {
  i32 size = k * d / groups, n = d * (d + 1) / 2;
  double *x = work, *s = x + n, *S = s + n, *SW = S + d * d, *squared = SW + k * d, *sides = squared + groups;
  for (i32 q = 0; q < groups; q++) squared[q] = 1;
  for (i32 i = 0; i < starts; i++, W += k * d, D += groups, eta += eta_size, gamma += gamma_size, recent += memory) {
    double limit = t[i] + pause < max_steps ? t[i] + pause : max_steps;
    for (i32 lost = 0; ending[i] == RUNNING; t[i]++) {
      double norm = kind == WN ? lengths(groups, size, W, squared) : 1;
      matrix(d, k, groups, W, D, squared, sides, x);
      loss[i] = recent[t[i] % memory] = measure(n, m, A, y, x, s);
      if (loss[i] <= tol) ending[i] = CONVERGED;
      else if (lost) ending[i] = ZERO_DIRECTION;
      else if (!(loss[i] < RECOVERY_LIMIT)) ending[i] = DIVERGED;
      else if (t[i] == max_steps) ending[i] = MAX_STEPS;
      if (ending[i] != RUNNING || t[i] == limit) break;
      gradient(d, k, s, W, S, SW);
      double eta_now = value(eta, eta_size, t[i], norm), gamma_now = value(gamma, gamma_size, t[i], norm);
      for (i32 q = 0; q < groups; q++)
        lost |= step_part(kind, size, W + q * size, D + q, SW + q * size, squared[q], eta_now, gamma_now);
    }
  }
}
