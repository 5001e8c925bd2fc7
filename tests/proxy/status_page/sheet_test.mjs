import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const sheet = readFileSync(new URL("../../../proxy/status_page/page.css", import.meta.url), "utf8");
const [light, dark] = [...sheet.matchAll(/:root \{([^}]*)\}/g)].map(([, text]) =>
  Object.fromEntries([...text.matchAll(/--([a-z_]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour])));

// WCAG 2.2, relative luminance and contrast ratio.
function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [less, more] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (more + 0.05) / (less + 0.05);
}

for (const [name, colours] of Object.entries({ light, dark })) {
  test(`every text can be read on its ground, ${name} (WCAG AA: 4.5)`, () => {
    const pairs = [
      ...["text", "quiet", "link"].flatMap((text) => [[text, "ground"], [text, "card"]]),
      ...["good", "warn", "bad"].map((level) => [level, `${level}_ground`]),
      ["quiet", "plain_ground"],
    ];
    for (const [text, ground] of pairs)
      assert.ok(contrast(colours[text], colours[ground]) >= 4.5,
        `${text} on ${ground}: ${contrast(colours[text], colours[ground]).toFixed(2)}`);
  });

  test(`every line of the chart can be seen on its ground, ${name} (WCAG AA: 3)`, () => {
    for (const line of ["full", "resumed", "failed"]) assert.ok(contrast(colours[line], colours.card) >= 3, line);
  });
}

test("black on white has the contrast that the rule gives as 21", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(3), "21.000");
});
