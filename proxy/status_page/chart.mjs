// The chart of handshakes a second, as paths of SVG. What it looks like is in page.css.

import { points_of, round_up, shown_s } from "./figures.mjs";

export const lines = ["full", "resumed", "failed"];

const svg = "http://www.w3.org/2000/svg";
const height = 200;
const margin = { top: 12, right: 10, bottom: 24, left: 44 };

// What to draw in so many pixels: the top of the scale, its marks, and a path for each line.
export function lay_out(samples, width) {
  const points = points_of(samples);
  const top = round_up(Math.max(0, ...points.flatMap((p) => lines.map((name) => p[name]))));
  const x = (ago) => margin.left + (1 - ago / shown_s) * (width - margin.left - margin.right);
  const y = (rate) => margin.top + (1 - rate / top) * (height - margin.top - margin.bottom);
  const path = (name) =>
    points.map((p, i) => `${i === 0 || p.gap ? "M" : "L"}${x(p.ago).toFixed(1)} ${y(p[name]).toFixed(1)}`).join("");
  return {
    points,
    levels: [0, top / 2, top].map((rate) => ({ y: y(rate), text: rate.toLocaleString("en") })),
    times: [180, 120, 60, 0].map((ago) => ({ x: x(ago), text: ago === 0 ? "now" : `−${ago / 60} min` })),
    paths: Object.fromEntries(lines.map((name) => [name, path(name)])),
    ends: points.length === 0 ? {} : Object.fromEntries(lines.map((name) => [name, y(points.at(-1)[name])])),
    right: width - margin.right,
    left: margin.left,
    bottom: height - margin.bottom,
  };
}

export function draw(into, samples) {
  const width = Math.max(240, into.clientWidth);
  const to = lay_out(samples, width);
  into.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const drawn = [
    ...to.levels.map(({ y }) => element("line", { class: "grid", x1: to.left, x2: to.right, y1: y, y2: y })),
    ...to.levels.map(({ y, text }) => element("text", { class: "level", x: to.left - 8, y: y + 4 }, text)),
    ...to.times.map(({ x, text }, i) => element("text", { class: `time time_${i}`, x, y: height - 6 }, text)),
    ...lines.map((name) => element("path", { class: `line ${name}`, d: to.paths[name] })),
    ...Object.entries(to.ends).map(([name, y]) => element("circle", { class: `end ${name}`, cx: to.right, cy: y, r: 3.5 })),
  ];
  into.replaceChildren(...drawn);
  return to.points;
}

function element(name, attributes, text = "") {
  const made = document.createElementNS(svg, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}
