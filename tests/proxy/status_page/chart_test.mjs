import assert from "node:assert/strict";
import test from "node:test";

import { lay_out } from "../../../proxy/status_page/chart.mjs";

const counts = { resumed: 0, failed: 0, requests: 0, accepted: 0, bytes_in: 0, bytes_out: 0 };
const sample = (at, full) => ({ at, full, ...counts });

test("the newest point is at the right edge and the highest at the top mark", () => {
  const to = lay_out([sample(0, 0), sample(2, 20), sample(4, 20)], 600);
  const [top] = to.levels.slice(-1);
  assert.equal(top.text, "10");
  assert.match(to.paths.full, new RegExp(`^M[0-9.]+ ${top.y.toFixed(1)}L${to.right}.0 ${to.bottom}.0$`));
  assert.equal(to.ends.full, to.bottom);
});

test("what is three minutes old is at the left edge", () => {
  const to = lay_out([sample(-2, 0), sample(0, 0), sample(180, 0)], 600);
  assert.ok(to.paths.full.startsWith(`M${to.left}.0 `), to.paths.full);
});

test("no line leads over a silence", () => {
  assert.match(lay_out([sample(0, 0), sample(2, 0), sample(60, 0)], 600).paths.full, /^M[^L]*M[^L]*$/);
});

test("before the second sample there are a scale and no lines", () => {
  const to = lay_out([sample(0, 9)], 600);
  assert.deepEqual(to.paths, { full: "", resumed: "", failed: "" });
  assert.deepEqual(to.ends, {});
  assert.deepEqual(to.levels.map((l) => l.text), ["0", "0.5", "1"]);
});

test("it fits in a phone", () => {
  const to = lay_out([sample(0, 0), sample(2, 5)], 300);
  assert.ok(to.left > 0 && to.right <= 300);
});
