// The strip under the header: what the watchdog found, or one calm line.
import { clock, post } from './api.js';
import { find, make } from './dom.js';
import { day, instant, judgedBefore, money, percent } from './format.js';

/** Returns what an alert says, without markup. */
export function sentence(alert, { tz, currency }) {
  const { detail } = alert;
  const where = alert.scope === '*' ? '' : ` at ${alert.scope}`;
  if (alert.rule === 'REVENUE_DIP' && detail.date) {
    const fall = detail.drop_pct == null ? '' : ` ${percent(detail.drop_pct)}`;
    return `Revenue${where} fell${fall} on ${day(detail.date, 'long')}: `
      + `${money(detail.cur, currency)} after ${money(detail.prev, currency)} the day before.`
      + (alert.fx_missing.length > 0 ? ` It was ${judgedBefore(alert)}.` : '');
  }
  if (alert.rule === 'NO_SIGNAL') {
    const who = alert.scope === '*' ? 'any source' : alert.scope;
    const since = detail.last_received_at;
    return since ? `No signal from ${who} since ${instant(since, tz)}.` : `${who} has never sent anything.`;
  }
  if (alert.rule === 'PAYOUT_UNMATCHED') {
    const wrong = detail.discrepancies ? `, ${detail.discrepancies} of them with lines that do not add up` : '';
    const since = detail.oldest_seen_at ? ` The oldest came ${instant(detail.oldest_seen_at, tz)}.` : '';
    return `${detail.payouts ?? 'Some'} payouts${where} are not explained by orders${wrong}.${since}`;
  }
  return `${alert.rule}${where}`;
}

export function renderAlerts(report, { tz: zone, sources, watchdog }, changed) {
  const strip = find('alerts');
  const context = { tz: zone, currency: report.currency };
  const firing = report.alerts.filter((alert) => alert.state === 'FIRING');
  // One that another explains is hidden only as long as that other is here to be read.
  const shown = new Set(firing.map((alert) => alert.id));
  const open = firing.filter((alert) => !shown.has(alert.inhibited_by))
    .sort((one, other) => weight(one) - weight(other));
  const hadFocus = strip.contains(document.activeElement);
  if (open.length === 0) {
    const heard = sources.some((source) => source.last_event_at);
    strip.replaceChildren(heard && watchdog.last_eval_at ? calm() : make('p', { class: 'alert quiet' },
      make('span', { class: 'mark', 'aria-hidden': 'true' }, '○'), heard ? 'The watchdog has not run yet.'
        : 'Nothing has arrived yet, so there is nothing to watch.'));
    return;
  }
  const now = clock.now();
  strip.replaceChildren(...open.map((alert) => row(alert, context, now, changed)));
  // The button that was pressed may be gone; the keyboard must not fall back to the top of the page.
  if (hadFocus) strip.focus();
}

/** Says no more than is known: the watchdog sees neither today's sales nor what was set aside. */
function calm() {
  return make('p', { class: 'calm' }, make('span', { class: 'mark', 'aria-hidden': 'true' }, '✓'),
    'No alert is open. Watched are days that are final, silent sources and payouts that nothing explains; '
    + 'not today’s sales, and not dead letters and quarantine, which growthctl status counts.');
}

const weight = (alert) => ['critical', 'warning', 'info'].indexOf(alert.severity);

function row(alert, context, now, changed) {
  const snoozed = alert.snoozed_until && Date.parse(alert.snoozed_until) > now;
  const seen = alert.acked_at != null;
  const notes = [`since ${instant(alert.active_since, context.tz)}`];
  if (seen) notes.push(`seen by ${alert.acked_by}`);
  if (snoozed) notes.push(`quiet until ${instant(alert.snoozed_until, context.tz)}`);
  const text = sentence(alert, context);
  return make('div', { class: `alert ${seen || snoozed ? 'quiet' : alert.severity}`, 'data-alert': alert.id },
    make('span', { class: 'mark', 'aria-hidden': 'true' }, alert.rule === 'NO_SIGNAL' ? '⌁' : '▼'),
    make('div', { class: 'text' }, make('p', { class: 'what' }, text),
      make('p', { class: 'since' }, `${alert.severity[0].toUpperCase()}${alert.severity.slice(1)}, ${notes.join(', ')}`)),
    make('div', { class: 'actions' },
      seen ? null : action('Acknowledge', text, () => post(`dashboard/alerts/${alert.id}/ack`), changed),
      snoozed ? null : action('Snooze 1 day', text, () => post(`dashboard/alerts/${alert.id}/snooze`, {
        until: new Date(clock.now() + 86400000).toISOString(),
      }), changed)));
}

function action(label, about, work, changed) {
  const button = make('button', { type: 'button', 'aria-label': `${label}: ${about}` }, label);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      button.after(make('span', { class: 'since', role: 'alert' }, error.message || 'That did not work.'));
    }
    button.disabled = false;
    changed();
  });
  return button;
}
