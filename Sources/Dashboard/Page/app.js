// Joyful Observer: asks for the figures, hands them to the sections, and says when they are old.
import { renderAlerts, sentence } from './alerts.js';
import { clock, Poller, Resource, SignInNeeded } from './api.js';
import { renderCards } from './cards.js';
import { recolorChart, renderChart } from './chart.js';
import { find, make } from './dom.js';
import { offer, startFilters } from './filters.js';
import { addDays, ago, instant, money, percent } from './format.js';
import { renderDays, renderProducts, renderSources } from './table.js';
import { startTheme } from './theme.js';

const kpi = new Resource('dashboard/kpi');
const series = new Resource('dashboard/series');
const alerts = new Resource('dashboard/alerts');
const skus = new Resource('dashboard/skus');
let updatedAt = null;
let said = null;
let drawn = {};

startTheme(recolorChart);
const filters = startFilters(() => poller.now());
const poller = new Poller({ work: refresh, onGood, onBad });
setInterval(tick, 1000);
poller.now();

async function refresh() {
  const scope = { currency: filters.currency, source: filters.source };
  await kpi.refresh(scope);
  const to = kpi.body.today.date;
  const yesterday = kpi.body.yesterday.date;
  // The cards look back 14 days even when the chart shows fewer.
  const from = addDays(yesterday, 1 - Math.max(14, filters.days));
  await Promise.all([
    series.refresh({ ...scope, from, to }), alerts.refresh({ state: 'open', limit: '50' }),
    skus.refresh({ ...scope, from: addDays(yesterday, 1 - filters.days), to, limit: '10' }),
  ]);
  // What counts is what was drawn, not what this poll brought: an earlier one may have failed halfway.
  const found = {
    kpi: kpi.body, series: series.body, alerts: alerts.body, skus: skus.body, chosen: JSON.stringify(filters),
  };
  const differs = (...names) => names.some((name) => found[name] !== drawn[name]);
  if (differs('series', 'chosen')) renderDetails();
  if (differs('kpi', 'series', 'alerts', 'chosen')) renderSummary();
  if (differs('skus', 'chosen')) renderProducts(skus.body);
  drawn = found;
  renderSources(kpi.body, clock.now());
}

function renderDetails() {
  const view = { ...lastDays(series.body, filters.days + 1), today: kpi.body.today.date };
  renderDays(view);
  renderChart(view);
}

function renderSummary() {
  document.body.classList.remove('loading');
  find('cards').removeAttribute('aria-busy');
  const nothing = kpi.body.yesterday.dnr == null && !kpi.body.today.dnr && kpi.body.sources.length === 0;
  find('empty').hidden = !nothing;
  if (nothing) fillFirstWebhook();
  offer(kpi.body, filters);
  // Today is not over: the small charts of the cards end yesterday.
  renderCards(kpi.body, lastDays(upToYesterday(series.body), 14));
  renderAlerts(alerts.body, kpi.body, () => poller.now());
  renderFrame();
  announce();
}

const columns = ['days', 'cleared', 'pending', 'dnr', 'ma7', 'orders', 'final', 'restated'];

function slice(report, from, to) {
  return { ...report, ...Object.fromEntries(columns.map((name) => [name, report[name].slice(from, to)])) };
}

function lastDays(report, days) {
  return slice(report, Math.max(0, report.days.length - days));
}

function upToYesterday(report) {
  return slice(report, 0, report.days.filter((date) => date < kpi.body.today.date).length);
}

function renderFrame() {
  const { tz, currency, policy, watchdog, yesterday } = kpi.body;
  const firing = kpi.body.alerts.firing;
  document.title = `${firing > 0 ? `(${firing}) ` : ''}${money(yesterday.dnr, currency)} · Joyful Observer`;
  find('sun').src = firing > 0 ? 'page/sun-watching.svg' : 'page/sun.svg';
  find('zone').textContent = `${currency.code} · ${tz}`;
  const query = new URLSearchParams({ from: addDays(series.body.to, -filters.days), to: series.body.to, source: filters.source });
  if (filters.currency) query.set('currency', filters.currency);
  find('csv').href = `dashboard/series.csv?${query}`;
  find('foot').replaceChildren(
    make('span', {}, watchdog.last_eval_at ? `Watchdog last ran ${instant(watchdog.last_eval_at, tz)}` : 'The watchdog has not run yet'),
    make('span', {}, `Policy ${policy.id}, tax ${policy.tax_basis}`),
    make('span', {}, `Days end at midnight in ${tz}`));
}

function fillFirstWebhook() {
  const text = find('first-webhook');
  const now = new Date().toISOString().slice(0, 19) + 'Z';
  text.textContent = text.textContent.replaceAll('{{now}}', now);
}

/** Tells a screen reader what changed, once, in one sentence. */
function announce() {
  const { yesterday, today, change, currency, tz } = kpi.body;
  const open = alerts.body.alerts.map((alert) => sentence(alert, { tz, currency: alerts.body.currency }));
  const text = [`Net revenue yesterday ${money(yesterday.dnr, currency)}`, change.pct == null ? null : percent(change.pct, { signed: true }),
    `today so far ${money(today.dnr, currency)}`, ...open].filter(Boolean).join(', ');
  if (said !== null && said !== text) find('announce').textContent = text;
  said = text;
}

function onGood() {
  updatedAt = Date.now();
  find('stale').hidden = true;
  document.body.classList.remove('dimmed');
  setLive('live');
  tick();
}

function onBad(error, missed) {
  if (error instanceof SignInNeeded) return location.reload();
  setLive(navigator.onLine && missed < 3 ? 'stale' : 'offline');
  tick();
  if (missed < 3 && updatedAt && !error.status) return;
  const banner = find('stale');
  const since = updatedAt ? ` These figures are from ${new Date(updatedAt).toLocaleTimeString()}.` : '';
  const retry = make('button', { type: 'button', onclick: () => poller.now() }, 'Try again');
  banner.replaceChildren(`${error.status ? error.message : 'The dashboard does not answer.'}${since} `, retry);
  banner.hidden = false;
  document.body.classList.toggle('dimmed', updatedAt != null);
}

function setLive(state) {
  find('live').dataset.state = state;
}

function tick() {
  const state = find('live').dataset.state;
  const word = { live: 'updated', stale: 'late, updated', offline: 'offline, updated' }[state];
  if (updatedAt) find('updated').textContent = `${word} ${ago(Date.now() - updatedAt)}`;
  else if (state !== 'loading') find('updated').textContent = 'no connection';
}
