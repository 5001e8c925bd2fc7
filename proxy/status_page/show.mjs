// What /status said, in the page: from top to bottom.

import { draw, lines } from "./chart.mjs";
import { at, fill, let_keys_scroll, note, pill, put } from "./document.mjs";
import * as figures from "./figures.mjs";
import { reason_words, reasons_words } from "./reasons.mjs";
import * as words from "./words.mjs";

const lately_s = 60; // what times are told of
const now_s = 10; // what rates are told of

// `samples`: what was counted until now (figures.mjs), the last one of this status.
export function show(status, samples) {
  show_facts(status, samples);
  show_handshakes(status, samples);
  show_failures(samples);
  show_times(samples);
  show_certificates(status);
  show_upstreams(status);
  show_listeners(status);
  show_lists_of_facts(status);
  let_keys_scroll();
}

function put_all(texts) {
  for (const [id, text] of Object.entries(texts)) put(at(id), text);
}

function show_facts(status, samples) {
  const last = samples.at(-1);
  const rates = rates_now(samples);
  put_all({
    version: status.version,
    running: words.age_words((Date.parse(status.now) - Date.parse(status.started)) / 1000),
    workers: words.count_words(status.workers),
    active: words.count_words(last.active),
    requests_rate: words.rate_words(rates.requests),
    bytes_in_rate: rates.bytes_in === undefined ? "–" : `${words.bytes_words(rates.bytes_in)}/s`,
    bytes_out_rate: rates.bytes_out === undefined ? "–" : `${words.bytes_words(rates.bytes_out)}/s`,
  });
}

function show_handshakes(status, samples) {
  const rates = rates_now(samples);
  for (const name of lines) {
    put(at(`${name}_rate`), words.rate_words(rates[name]));
    put(at(`${name}_total`), `${words.count_words(samples.at(-1)[name])} in all`);
  }
  put_all({
    in_flight: words.count_words(status.tls.handshakes_in_flight),
    waiting: words.count_words(status.tls.handshakes_waiting),
  });
  show_chart(samples);
}

export function show_chart(samples) {
  const points = draw(at("chart"), samples);
  put(at("chart_words"), words.chart_words(points, lines, samples.at(-1).at - samples[0].at));
}

function show_failures(samples) {
  const all = figures.failures_between(figures.sample_before(samples, now_s), samples.at(-1));
  fill("failures", all.map(({ reason, total, rate }) =>
    [[{ text: reason_words(reason), kind: "" }, note(reason)], words.rate_words(rate), words.count_words(total)]));
}

function show_times(samples) {
  const now = samples.at(-1);
  const before = figures.sample_before(samples, lately_s);
  put(at("times_caption"), before ? `In the last ${words.span_words(now.at - before.at)}` : "Lately");
  const what = { full: ["Full", "handshakes"], resumed: ["Resumed", "handshakes"], requests: ["Requests", "of HTTP"] };
  const rows = (times_of) => Object.entries(what).map(([name, [title, more]]) => {
    const times = times_of(name);
    const shares = [0.5, 0.9, 0.99].map((share) => times && words.time_words(figures.quantile(times, share)));
    return [[{ text: title, kind: "" }, note(more)], ...shares.map((s) => s ?? "–"), times ? words.count_words(figures.count_of(times)) : "–"];
  });
  fill("times", rows((name) => before && figures.times_between(before.times[name], now.times[name])));
  fill("times_ever", rows((name) => now.times[name]));
}

function show_certificates(status) {
  const soonest = [...status.certificates].sort((a, b) => a.days_left - b.days_left);
  fill("certificates", soonest.map((certificate) => {
    const stands = words.certificate_words(certificate, status.now);
    const staple = words.staple_words(certificate, status.now);
    return [
      [{ text: certificate.name, kind: "" }, note(`serial ${certificate.serial}`)],
      [pill(stands), note(stands.left)],
      words.when_words(certificate.not_after),
      [pill(staple), note(staple.left)],
    ];
  }));
  at("lists_all").hidden = status.revocation_lists.length === 0;
  fill("lists", status.revocation_lists.map((list) => {
    const stands = words.ends_words(list.next_update, status.now);
    return [list.issuer, [pill(stands), note(stands.left)], words.when_words(list.next_update)];
  }));
}

function show_upstreams(status) {
  const rows = status.upstreams.flatMap(({ name, peers, resolve_failed }) => [
    ...peers.map((peer) => [
      [{ text: peer.address, kind: "" }, note(peer.address === name ? "" : `of ${name}`)],
      [pill(words.peer_words(peer))],
      words.count_words(peer.requests),
      words.count_words(peer.connects),
      ...[0.5, 0.99].map((share) => words.time_words(figures.quantile(peer.connect_times, share))),
      reasons_words(peer.failures) || "none",
    ]),
    ...(resolve_failed > 0
      ? [[name, [], "", "", "", "", `${reason_words("resolve_failed")}: ${words.count_words(resolve_failed)}`]]
      : []),
  ]);
  fill("upstreams", rows);
}

function show_listeners(status) {
  fill("listeners", status.listeners.map((l) => [
    l.address,
    ...[l.connections.active, l.connections.accepted, l.handshakes.full, l.handshakes.resumed, l.handshakes.failed, l.requests]
      .map(words.count_words),
    words.bytes_words(l.bytes.in),
    words.bytes_words(l.bytes.out),
  ]));
}

function show_lists_of_facts(status) {
  const { tickets, ticket_key_age_s } = status.tls;
  put_all({
    issued: words.count_words(tickets.issued),
    tickets_accepted: words.count_words(tickets.accepted),
    rejected: words.count_words(tickets.rejected),
    key_age: words.age_words(ticket_key_age_s),
    reloads_ok: words.count_words(status.reloads.ok),
    reloads_failed: words.count_words(status.reloads.failed),
    served_since: words.when_words(status.reloads.served_since),
    began: words.when_words(status.started),
  });
}

function rates_now(samples) {
  const before = figures.sample_before(samples, now_s);
  return before ? figures.rates_between(before, samples.at(-1)) : {};
}
