// Numbers and facts as people read them.

const none = "–";
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export const soon_days = 14; // what ends before is told

export function count_words(n) {
  return n.toLocaleString("en");
}

export function rate_words(rate) {
  if (rate === null || rate === undefined) return none;
  if (rate === 0) return "0";
  if (rate < 0.1) return "< 0.1";
  return rate < 9.95 ? rate.toFixed(1) : count_words(Math.round(rate));
}

// Of what `quantile` found.
export function time_words(time) {
  if (time === null) return none;
  return (time.beyond ? "> " : "") + seconds_words(time.s);
}

export function seconds_words(s) {
  const ms = s * 1000;
  if (ms < 0.995) return `${ms.toFixed(2)} ms`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  return `${Number(s.toFixed(1))} s`;
}

export function bytes_words(n) {
  let unit = 0;
  for (; n >= 1023.95 && unit < 5; ++unit) n /= 1024;
  return unit === 0 ? `${Math.round(n)} B` : `${n.toFixed(1)} ${["KiB", "MiB", "GiB", "TiB", "PiB"][unit - 1]}`;
}

// A time that goes on, by its two largest units.
export function age_words(s) {
  if (s === null) return none;
  if (s < minute) return `${Math.max(0, Math.floor(s))} s`;
  if (s < hour) return `${Math.floor(s / minute)} min`;
  if (s < day) return `${Math.floor(s / hour)} h ${Math.floor((s % hour) / minute)} min`;
  return `${days_words(Math.floor(s / day))} ${Math.floor((s % day) / hour)} h`;
}

// "2026-11-29 14:05", where the reader is; for what is still to come the zone is told elsewhere.
export function when_words(text) {
  if (text === null) return none;
  const when = new Date(text);
  const two = (n) => String(n).padStart(2, "0");
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())} ${two(when.getHours())}:${two(when.getMinutes())}`;
}

// How a certificate stands: {level, word, left}.
export function certificate_words(certificate, now) {
  const days = (Date.parse(certificate.not_after) - Date.parse(now)) / 1000 / day;
  if (days <= 0) return { level: "bad", word: "expired", left: `${time_of_days(-days)} ago` };
  const left = `${time_of_days(days)} left`;
  if (Date.parse(certificate.not_before) > Date.parse(now)) return { level: "warn", word: "not valid yet", left };
  return days < soon_days ? { level: "warn", word: "ends soon", left } : { level: "good", word: "valid", left };
}

// How its staple stands: {level, word, left}.
export function staple_words(certificate, now) {
  if (!certificate.stapling) return { level: "", word: "", left: "off" };
  if (certificate.stapled_until === null) return { level: "warn", word: "missing", left: "" };
  return ends_words(certificate.stapled_until, now, "stapled");
}

// Of a list or a response that is renewed: how long it is still good.
export function ends_words(until, now, word = "current") {
  const left = (Date.parse(until) - Date.parse(now)) / 1000;
  if (left <= 0) return { level: "bad", word: "out of date", left: `${age_words(-left)} ago` };
  return { level: "good", word, left: `${age_words(left)} left` };
}

export function peer_words(peer) {
  if (!peer.up) return { level: "bad", word: "down" };
  return peer.connects > 0 ? { level: "good", word: "up" } : { level: "", word: "not tried yet" };
}

// [{level, word}] of what the daemon is about.
export function state_words(state) {
  return { level: state === "serving" ? "good" : "warn", word: state };
}

// One sentence for each line of a chart, for those who do not see it.
export function chart_words(points, names, seconds) {
  if (points.length === 0) return "Nothing to draw yet: the first line begins with the second answer.";
  const sentences = names.map((name) => {
    const rates = points.map((p) => p[name]);
    const [least, most] = [Math.min(...rates), Math.max(...rates)].map(rate_words);
    return least === most ? `${name} ${most}` : `${name} ${least} to ${most}`;
  });
  return `In the last ${span_words(seconds)}: ${sentences.join(", ")} a second.`;
}

export function span_words(seconds) {
  if (seconds < 90) return `${Math.max(2, Math.round(seconds))} seconds`;
  return `${Math.round(seconds / minute)} minutes`;
}

function time_of_days(days) {
  if (days < 2) return `${Math.max(0, Math.floor(days * 24))} h`;
  return days_words(Math.floor(days));
}

function days_words(n) {
  return n === 1 ? "1 day" : `${count_words(n)} days`;
}
