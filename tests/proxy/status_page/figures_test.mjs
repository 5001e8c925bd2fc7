import assert from "node:assert/strict";
import test from "node:test";

import {
  add_sample, add_times, count_of, failures_between, is_another_process, points_of, quantile, rates_between, round_up,
  sample_before, take_sample, times_between,
} from "../../../proxy/status_page/figures.mjs";

const times = (...counts) => ({ bounds_s: [0.001, 0.01, 0.1], counts, sum_s: counts.length });
const none = times(0, 0, 0, 0);

function listener(more = {}) {
  return {
    address: "127.0.0.1:443",
    connections: { active: 1, accepted: 2 },
    handshakes: { full: 3, resumed: 4, failed: 0, failures: {}, times: { full: none, resumed: none } },
    requests: 5,
    request_times: none,
    bytes: { in: 6, out: 7 },
    ...more,
  };
}

function sample(at, more = {}) {
  return { ...take_sample(at, { started: "then", listeners: [listener()] }), ...more };
}

test("all listeners are added up", () => {
  const failing = (failures) => ({ full: 1, resumed: 0, failed: 2, failures, times: { full: times(1, 0, 0, 2), resumed: none } });
  const sum = take_sample(9, {
    started: "then",
    listeners: [listener({ handshakes: failing({ not_tls: 2 }) }), listener({ handshakes: failing({ not_tls: 1, shed: 1 }) })],
  });
  assert.deepEqual([sum.at, sum.full, sum.failed, sum.requests, sum.active, sum.bytes_out], [9, 2, 4, 10, 2, 14]);
  assert.deepEqual(sum.failures, { not_tls: 3, shed: 1 });
  assert.deepEqual(sum.times.full.counts, [2, 0, 0, 4]);
});

test("a process without a listener counts nothing and has no times", () => {
  const sum = take_sample(0, { started: "then", listeners: [] });
  assert.deepEqual([sum.full, sum.failed, sum.bytes_in], [0, 0, 0]);
  assert.equal(quantile(sum.times.full, 0.5), null);
  assert.equal(count_of(sum.times.requests), 0);
});

test("rates are growth by the time between, whatever that was", () => {
  const rates = rates_between(sample(10, { full: 100, failed: 7 }), sample(14, { full: 120, failed: 7 }));
  assert.equal(rates.full, 5);
  assert.equal(rates.failed, 0);
});

test("a number that was read a moment too early does not go down", () => {
  assert.equal(rates_between(sample(0, { bytes_in: 10 }), sample(1, { bytes_in: 9 })).bytes_in, 0);
});

test("another process is known by when it began, and nothing is compared with the one before", () => {
  const old = [sample(0, { full: 5 }), sample(2, { full: 6 })];
  const fresh = sample(4, { full: 9, started: "now" });
  assert.ok(is_another_process(old.at(-1), fresh));
  assert.deepEqual(add_sample(old, fresh), [fresh]);
  assert.equal(add_sample(old, sample(4)).length, 3);
});

test("samples are kept for three minutes", () => {
  let all = [];
  for (let at = 0; at <= 400; at += 2) all = add_sample(all, sample(at));
  assert.deepEqual([all[0].at, all.at(-1).at], [220, 400]);
});

test("what is lately begins with the oldest sample that is young enough, or with the one before", () => {
  const all = [0, 2, 4, 6].map((at) => sample(at));
  assert.equal(sample_before(all, 4).at, 2);
  assert.equal(sample_before(all, 100).at, 0);
  assert.equal(sample_before(all, 1).at, 4, "after a silence");
  assert.equal(sample_before([sample(0)], 4), undefined);
});

test("failures are told by reason, the most frequent first, with what came lately", () => {
  const before = sample(0, { failures: { shed: 9 } });
  const now = sample(2, { failures: { shed: 9, not_tls: 20, bad_record: 9 } });
  assert.deepEqual(failures_between(before, now), [
    { reason: "not_tls", total: 20, rate: 10 },
    { reason: "bad_record", total: 9, rate: 4.5 },
    { reason: "shed", total: 9, rate: 0 },
  ]);
  assert.equal(failures_between(undefined, now)[0].rate, null);
});

test("times between two samples are those that came since", () => {
  assert.deepEqual(times_between(times(1, 2, 3, 4), times(1, 4, 3, 5)).counts, [0, 2, 0, 1]);
  assert.deepEqual(times_between({ bounds_s: [], counts: [], sum_s: 0 }, times(1, 2, 3, 4)).counts, [1, 2, 3, 4]);
  assert.deepEqual(add_times(times(1, 2, 3, 4), times(1, 0, 0, 1)).counts, [2, 2, 3, 5]);
});

test("a quantile lies evenly inside of its bucket", () => {
  const close = (time, s) => assert.ok(!time.beyond && Math.abs(time.s - s) < 1e-9, `${time.s} is not ${s}`);
  close(quantile(times(10, 0, 0, 0), 0.5), 0.0005);
  close(quantile(times(0, 10, 0, 0), 0.9), 0.001 + 0.009 * 0.9);
  close(quantile(times(50, 50, 0, 0), 0.5), 0.001);
  close(quantile(times(50, 0, 50, 0), 0.5), 0.001);
  close(quantile(times(1, 0, 1, 0), 0.99), 0.01 + 0.09 * 0.98);
});

test("beyond the last bound only that is known", () => {
  assert.deepEqual(quantile(times(1, 0, 0, 99), 0.5), { s: 0.1, beyond: true });
});

test("nothing has no quantile", () => {
  assert.equal(quantile(none, 0.5), null);
});

test("a line has a point between each two samples, and a gap where nobody answered", () => {
  const points = points_of([sample(0, { full: 0 }), sample(2, { full: 4 }), sample(30, { full: 4 })]);
  assert.deepEqual(points.map(({ ago, gap, full }) => ({ ago, gap, full })),
    [{ ago: 28, gap: false, full: 2 }, { ago: 0, gap: true, full: 0 }]);
  assert.deepEqual(points_of([sample(0)]), []);
});

test("a scale ends with a round number", () => {
  assert.deepEqual([0, 0.3, 1, 1.01, 2.5, 7, 11, 100, 101, 5001].map(round_up), [1, 1, 1, 2, 5, 10, 20, 100, 200, 10000]);
});
