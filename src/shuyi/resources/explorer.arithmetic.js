"use strict";
// Responses to rises of a regressor: M = (I - rho W)^-1 (b I + th W), by estimate and by draw.
const Arithmetic = (() => {
  const LEAST = 1e-12;
  const OPERATIONS = 3e9;

  const CENTRE = {
    a: [3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
      45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727],
    b: [1.0, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
      39307.89580009271061, 28729.085735721942674, 5226.495278852545925],
  };
  const MIDDLE = {
    a: [1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
      1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4],
    b: [1.0, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
      0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9],
  };
  const TAIL = {
    a: [6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
      0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7],
    b: [1.0, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525,
      7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15],
  };

  function ratio(parts, x) {
    let above = 0;
    let below = 0;
    for (let i = 7; i >= 0; i -= 1) {
      above = above * x + parts.a[i];
      below = below * x + parts.b[i];
    }
    return above / below;
  }

  // Quantile of the standard normal distribution: Wichura (1988), algorithm AS 241.
  function normalQuantile(p) {
    const q = p - 0.5;
    if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
    const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
    const size = r <= 5 ? ratio(MIDDLE, r - 1.6) : ratio(TAIL, r - 5);
    return q < 0 ? -size : size;
  }

  // Standard normal points of a Sobol sequence, from its first point and its direction numbers.
  function normalPoints(sobol, draws) {
    const point = Int32Array.from(sobol.digits[0]);
    const found = new Float64Array(draws * point.length);
    for (let i = 0; i < draws; i += 1) {
      const direction = i ? sobol.digits[1 + Math.log2(i & -i)] : null;
      for (let j = 0; j < point.length; j += 1) {
        if (direction) point[j] ^= direction[j];
        const p = Math.min(Math.max(point[j] / sobol.scale, LEAST), 1 - LEAST);
        found[i * point.length + j] = normalQuantile(p);
      }
    }
    return found;
  }

  // Parameters b, th and rho: the estimate first, then every draw.
  function parametersOf(estimate, points, draws) {
    const size = estimate.values.length;
    const found = new Float64Array((draws + 1) * size);
    found.set(estimate.values);
    for (let i = 0; i < draws; i += 1) {
      for (let j = 0; j < size; j += 1) {
        let sum = 0;
        for (let k = 0; k < size; k += 1) sum += estimate.root[j][k] * points[i * size + k];
        found[(i + 1) * size + j] = estimate.values[j] + sum;
      }
    }
    estimate.redrawn.positions.forEach((position, i) => {
      if (position < draws) found.set(estimate.redrawn.values[i], (position + 1) * size);
    });
    return found;
  }

  // The system of the transposed weights: rows of M are columns of its own.
  function transposed(system) {
    const n = system.basis.length;
    return {
      basis: system.basis.map((row) => row.slice().reverse()),
      hessenberg: system.hessenberg.map((_, i) => system.hessenberg.map((__, j) => system.hessenberg[n - 1 - j][n - 1 - i])),
    };
  }

  // Solve (I - rho H) y = y in place for several right sides; H has zeros below its first subdiagonal.
  function solve(rho, h, n, right, sides, work) {
    for (let i = 0; i < n; i += 1) {
      for (let j = Math.max(0, i - 1); j < n; j += 1) work[i * n + j] = (i === j ? 1 : 0) - rho * h[i * n + j];
    }
    for (let k = 0; k < n - 1; k += 1) {
      const below = k + 1;
      if (Math.abs(work[below * n + k]) > Math.abs(work[k * n + k])) {
        for (let j = k; j < n; j += 1) {
          const kept = work[k * n + j];
          work[k * n + j] = work[below * n + j];
          work[below * n + j] = kept;
        }
        for (let s = 0; s < sides; s += 1) {
          const kept = right[s * n + k];
          right[s * n + k] = right[s * n + below];
          right[s * n + below] = kept;
        }
      }
      const factor = work[below * n + k] / work[k * n + k];
      if (factor === 0) continue;
      for (let j = below; j < n; j += 1) work[below * n + j] -= factor * work[k * n + j];
      for (let s = 0; s < sides; s += 1) right[s * n + below] -= factor * right[s * n + k];
    }
    for (let s = 0; s < sides; s += 1) {
      const start = s * n;
      for (let i = n - 1; i >= 0; i -= 1) {
        let sum = right[start + i];
        for (let j = i + 1; j < n; j += 1) sum -= work[i * n + j] * right[start + j];
        right[start + i] = sum / work[i * n + i];
      }
    }
  }

  // How many draws a computation may use before it takes too long for a page.
  function affordable(draws, n, raised) {
    return Math.min(draws, Math.floor(OPERATIONS / (n * n * (raised + 2))));
  }

  // Responses of every unit to rises in some: own and total, the estimate first, then every draw.
  function responses(system, parameters, term, terms, rises) {
    const n = system.basis.length;
    const size = 2 * terms + 1;
    const count = parameters.length / size;
    const raised = rises.map((rise, i) => [i, rise]).filter(([, rise]) => rise !== 0);
    const h = Float64Array.from(system.hessenberg.flat());
    const q = Float64Array.from(system.basis.flat());
    const bases = raised.map(([unit]) => q.slice(unit * n, unit * n + n));
    const lagged = bases.map((base) => system.hessenberg.map((row) => row.reduce((sum, v, j) => sum + v * base[j], 0)));
    const right = new Float64Array(raised.length * n);
    const work = new Float64Array(n * n);
    const joined = new Float64Array(n);
    const own = Array.from({ length: n }, () => new Float64Array(count));
    const total = Array.from({ length: n }, () => new Float64Array(count));
    for (let d = 0; d < count; d += 1) {
      const b = parameters[d * size + term];
      const th = parameters[d * size + terms + term];
      raised.forEach(([, rise], s) => {
        for (let i = 0; i < n; i += 1) right[s * n + i] = rise * (b * bases[s][i] + th * lagged[s][i]);
      });
      solve(parameters[d * size + size - 1], h, n, right, raised.length, work);
      joined.fill(0);
      raised.forEach(([unit], s) => {
        let sum = 0;
        for (let i = 0; i < n; i += 1) {
          sum += bases[s][i] * right[s * n + i];
          joined[i] += right[s * n + i];
        }
        own[unit][d] = sum;
      });
      for (let i = 0; i < n; i += 1) {
        let sum = 0;
        for (let j = 0; j < n; j += 1) sum += q[i * n + j] * joined[j];
        total[i][d] = sum;
      }
    }
    return { own, total };
  }

  // Percentile of sorted values, interpolated as numpy's.
  function percentile(sorted, share) {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    const t = place - low;
    const step = sorted[high] - sorted[low];
    return t < 0.5 ? sorted[low] + step * t : sorted[high] - step * (1 - t);
  }

  // Estimate and interval of a series that holds the estimate first and then its draws.
  function summary(series, level) {
    const draws = series.slice(1).sort();
    return {
      estimate: series[0],
      low: draws.length ? percentile(draws, 0.5 - level / 2) : null,
      high: draws.length ? percentile(draws, 0.5 + level / 2) : null,
    };
  }

  function difference(x, y) {
    return x.map((v, i) => v - y[i]);
  }

  function sumOf(list) {
    const found = new Float64Array(list[0].length);
    list.forEach((series) => series.forEach((v, i) => { found[i] += v; }));
    return found;
  }

  function squaredCorrelation(x, y) {
    const mean = (v) => v.reduce((sum, each) => sum + each, 0) / v.length;
    const [mx, my] = [mean(x), mean(y)];
    const product = (u, mu, v, mv) => u.reduce((sum, each, i) => sum + (each - mu) * (v[i] - mv), 0);
    const [xx, yy, xy] = [product(x, mx, x, mx), product(y, my, y, my), product(x, mx, y, my)];
    return xx > 0 && yy > 0 ? (xy * xy) / (xx * yy) : null;
  }

  return {
    normalQuantile, normalPoints, parametersOf, transposed, affordable, responses, summary, difference, sumOf,
    squaredCorrelation,
  };
})();
