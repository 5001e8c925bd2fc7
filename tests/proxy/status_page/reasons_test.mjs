import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { reason_words, reasons_words } from "../../../proxy/status_page/reasons.mjs";

test("every reason for which a handshake or a connect can fail has words", () => {
  const enumeration = readFileSync(new URL("../../../proxy/failure.hpp", import.meta.url), "utf8").match(
    /\/\/ the handshake\n([^]*?)\/\/ the relay\n/)[1];
  const reasons = enumeration.replaceAll(/\/\/.*/g, "").match(/[a-z0-9_]+/g);
  assert.ok(reasons.length > 25, reasons.join());
  for (const reason of reasons) assert.notEqual(reason_words(reason), reason.replaceAll("_", " "), reason);
});

test("a reason of a later program is told by its own word", () => {
  assert.equal(reason_words("not_thought_of"), "not thought of");
  assert.equal(reason_words("toString"), "toString");
});

test("reasons are told with their counts, the most frequent first", () => {
  assert.equal(reasons_words({ connect_timeout: 1, connect_refused: 1200 }), "refused: 1,200, no answer in time: 1");
  assert.equal(reasons_words({}), "");
});
