// What the page tells, worked out of what /status said. Nothing here knows a document or a clock: Node tests it.

export const shown_s = 180; // of the chart
const longest_gap_s = 10; // no line is drawn over a longer silence

const nothing_timed = { bounds_s: [], counts: [], sum_s: 0 };

// What all listeners have counted since the process began. `at`: when it came, in seconds of any steady clock.
export function take_sample(at, status) {
  const of_each = (value) => sum(status.listeners.map(value));
  const timed = (value) => status.listeners.map(value).reduce(add_times, nothing_timed);
  return {
    at,
    started: status.started,
    full: of_each((l) => l.handshakes.full),
    resumed: of_each((l) => l.handshakes.resumed),
    failed: of_each((l) => l.handshakes.failed),
    requests: of_each((l) => l.requests),
    active: of_each((l) => l.connections.active),
    accepted: of_each((l) => l.connections.accepted),
    bytes_in: of_each((l) => l.bytes.in),
    bytes_out: of_each((l) => l.bytes.out),
    failures: status.listeners.map((l) => l.handshakes.failures).reduce(add_by_name, {}),
    times: {
      full: timed((l) => l.handshakes.times.full),
      resumed: timed((l) => l.handshakes.times.resumed),
      requests: timed((l) => l.request_times),
    },
  };
}

// The samples with a new one behind them, and without what is too old to be shown. Another process counts from zero: what
// was before it says nothing about it.
export function add_sample(samples, fresh) {
  const last = samples.at(-1);
  if (last && is_another_process(last, fresh)) return [fresh];
  return [...samples.filter((s) => fresh.at - s.at <= shown_s), fresh];
}

export function is_another_process(before, now) {
  return before.started !== now.started;
}

// The oldest sample that is at most so much older than the last one; undefined while there is no other.
export function sample_before(samples, seconds) {
  const last = samples.at(-1);
  return samples.slice(0, -1).find((s) => last.at - s.at <= seconds) ?? samples.at(-2);
}

const counted = ["full", "resumed", "failed", "requests", "accepted", "bytes_in", "bytes_out"];

// What happened a second between two samples, under the samples' names.
export function rates_between(before, now) {
  const seconds = now.at - before.at;
  return Object.fromEntries(counted.map((name) => [name, growth(before[name], now[name]) / seconds]));
}

// [{reason, total, rate}], the most frequent first. Without a sample before, rates are null.
export function failures_between(before, now) {
  return Object.entries(now.failures)
    .map(([reason, total]) => ({
      reason,
      total,
      rate: before ? growth(before.failures[reason] ?? 0, total) / (now.at - before.at) : null,
    }))
    .sort((a, b) => b.total - a.total || a.reason.localeCompare(b.reason));
}

export function times_between(before, now) {
  if (before.counts.length !== now.counts.length) return now;
  return {
    bounds_s: now.bounds_s,
    counts: now.counts.map((n, i) => growth(before.counts[i], n)),
    sum_s: Math.max(0, now.sum_s - before.sum_s),
  };
}

export function add_times(a, b) {
  if (a.counts.length !== b.counts.length) return a.counts.length === 0 ? b : a;
  return { bounds_s: a.bounds_s, counts: a.counts.map((n, i) => n + b.counts[i]), sum_s: a.sum_s + b.sum_s };
}

export function count_of(times) {
  return sum(times.counts);
}

// What this share of all took at most, as Prometheus's histogram_quantile has it: even inside a bucket. Null when there
// were none; `beyond`: more than the last bound, which is all that is known.
export function quantile(times, share) {
  const wanted = share * count_of(times);
  if (wanted === 0) return null;
  let below = 0;
  for (let i = 0; i < times.bounds_s.length; ++i) {
    const here = times.counts[i];
    if (below + here >= wanted) {
      const from = i === 0 ? 0 : times.bounds_s[i - 1];
      return { s: from + ((times.bounds_s[i] - from) * (wanted - below)) / here, beyond: false };
    }
    below += here;
  }
  return { s: times.bounds_s.at(-1), beyond: true };
}

// What was between each two samples, for a line: `ago` is when it ended, `gap` that nothing leads there.
export function points_of(samples) {
  const last = samples.at(-1);
  return samples.slice(1).map((now, i) => ({
    ago: last.at - now.at,
    gap: now.at - samples[i].at > longest_gap_s,
    ...rates_between(samples[i], now),
  }));
}

// The first round number (1, 2 or 5 and zeros) that is not below; 1 at least.
export function round_up(number) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, number)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= number) ?? 10 * power;
}

function add_by_name(all, more) {
  const names = [...new Set([...Object.keys(all), ...Object.keys(more)])];
  return Object.fromEntries(names.map((name) => [name, (all[name] ?? 0) + (more[name] ?? 0)]));
}

// A number that only grows, unless two were not read in the same moment.
function growth(before, now) {
  return Math.max(0, now - before);
}

function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}
