// The page: asks /status every two seconds while somebody looks, and shows what it says.

import { at, let_keys_scroll, put, put_pill } from "./document.mjs";
import { add_sample, is_another_process, take_sample } from "./figures.mjs";
import { show, show_chart } from "./show.mjs";
import { state_words, when_words } from "./words.mjs";

const every_ms = 2000;
const patience_ms = 5000;

let samples = [];
let version = null;
let answered_at = null; // a Date
let news = ""; // of a process that was started anew, while this page is open
let timer = null;
let asking = false;

async function look() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  const status = await ask();
  asking = false;
  if (!document.hidden) timer = setTimeout(look, every_ms);
  if (status) took(status);
  else missed();
}

// What /status says; null when nobody answers, or with something else.
async function ask() {
  try {
    const answer = await fetch("status", { cache: "no-store", signal: AbortSignal.timeout(patience_ms) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function took(status) {
  // This page is the one of the old program.
  if (version !== null && version !== status.version) return location.reload();
  version = status.version;
  answered_at = new Date();
  const fresh = take_sample(performance.now() / 1000, status);
  if (samples.length > 0 && is_another_process(samples.at(-1), fresh))
    news = `Started anew at ${when_words(status.started)}: all counts began again.`;
  samples = add_sample(samples, fresh);
  document.body.classList.remove("away");
  show_state(state_words(status.state), news);
  put(at("updated"), clock(answered_at));
  show(status, samples);
}

function missed() {
  document.body.classList.add("away");
  const since = answered_at ? ` What you see is of ${clock(answered_at)}.` : "";
  show_state({ level: "bad", word: "no answer" }, `Trying again every 2 seconds.${since}`);
}

function show_state(state, text) {
  put_pill(at("state"), state);
  put(at("notice"), text);
  const title = `postern: ${state.word}`;
  if (document.title !== title) document.title = title;
}

function clock(when) {
  return when.toTimeString().slice(0, 8);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else look();
});
addEventListener("resize", () => {
  if (samples.length > 0) show_chart(samples);
  let_keys_scroll();
});
look();
