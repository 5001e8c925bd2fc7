import assert from "node:assert/strict";
import test from "node:test";

import * as words from "../../../proxy/status_page/words.mjs";

const now = "2026-11-29T12:00:00.000Z";

function certificate(days_left, more = {}) {
  const ends = new Date(Date.parse(now) + days_left * 86400_000).toISOString();
  return { not_before: "2026-01-01T00:00:00.000Z", not_after: ends, stapling: false, stapled_until: null, ...more };
}

test("rates are told as exactly as they are worth", () => {
  assert.deepEqual([undefined, null, 0, 0.04, 0.25, 9.94, 9.96, 1234.4].map(words.rate_words),
    ["–", "–", "0", "< 0.1", "0.3", "9.9", "10", "1,234"]);
});

test("times are told in the unit that fits", () => {
  assert.deepEqual([0.00025, 0.00099, 0.000999, 0.00123, 0.0204, 0.9994, 1, 2.54, 60].map(words.seconds_words),
    ["0.25 ms", "0.99 ms", "1.0 ms", "1.2 ms", "20 ms", "999 ms", "1 s", "2.5 s", "60 s"]);
  assert.equal(words.time_words(null), "–");
  assert.equal(words.time_words({ s: 5, beyond: true }), "> 5 s");
});

test("bytes are told in powers of 1024", () => {
  assert.deepEqual([0, 1023, 1024, 1536, 1024 ** 2 - 1, 5 * 1024 ** 4].map(words.bytes_words),
    ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "5.0 TiB"]);
});

test("ages are told by their two largest units", () => {
  assert.deepEqual([null, -1, 59.9, 60, 3661, 86400, 200000].map(words.age_words),
    ["–", "0 s", "59 s", "1 min", "1 h 1 min", "1 day 0 h", "2 days 7 h"]);
});

test("a date is told by the reader's clock, and what has none by a dash", () => {
  assert.equal(words.when_words("2026-11-29T09:05:00.000Z"), "2026-11-29 09:05");
  assert.equal(words.when_words(null), "–");
});

test("a certificate says in words how it stands", () => {
  const told = (days, more) => Object.values(words.certificate_words(certificate(days, more), now));
  assert.deepEqual(told(89.9), ["good", "valid", "89 days left"]);
  assert.deepEqual(told(14), ["good", "valid", "14 days left"]);
  assert.deepEqual(told(13.9), ["warn", "ends soon", "13 days left"]);
  assert.deepEqual(told(1.5), ["warn", "ends soon", "36 h left"]);
  assert.deepEqual(told(0), ["bad", "expired", "0 h ago"]);
  assert.deepEqual(told(-3.1), ["bad", "expired", "3 days ago"]);
  assert.deepEqual(told(30, { not_before: "2026-12-01T00:00:00.000Z" }), ["warn", "not valid yet", "30 days left"]);
});

test("a staple is off, missing, there or out of date", () => {
  const told = (stapling, stapled_until) => words.staple_words(certificate(30, { stapling, stapled_until }), now);
  assert.deepEqual(told(false, null), { level: "", word: "", left: "off" });
  assert.deepEqual(told(true, null), { level: "warn", word: "missing", left: "" });
  assert.deepEqual(told(true, "2026-12-02T13:00:00.000Z"), { level: "good", word: "stapled", left: "3 days 1 h left" });
  assert.deepEqual(told(true, "2026-11-29T11:00:00.000Z"), { level: "bad", word: "out of date", left: "1 h 0 min ago" });
});

test("a peer is up only when a connect has come about", () => {
  assert.equal(words.peer_words({ up: true, connects: 0 }).word, "not tried yet");
  assert.equal(words.peer_words({ up: true, connects: 1 }).word, "up");
  assert.equal(words.peer_words({ up: false, connects: 9 }).word, "down");
});

test("only serving is well", () => {
  assert.deepEqual(["serving", "starting", "draining"].map((s) => words.state_words(s).level), ["good", "warn", "warn"]);
});

test("a chart is told in a sentence", () => {
  const points = [{ full: 0, failed: 2 }, { full: 12, failed: 2 }, { full: 3, failed: 2 }];
  assert.equal(words.chart_words(points, ["full", "failed"], 6),
    "In the last 6 seconds: full 0 to 12, failed 2.0 a second.");
  assert.match(words.chart_words([], ["full"], 0), /Nothing to draw yet/);
});

test("a span is told in seconds or minutes", () => {
  assert.deepEqual([0, 6.2, 61, 180].map(words.span_words), ["2 seconds", "6 seconds", "61 seconds", "3 minutes"]);
});
