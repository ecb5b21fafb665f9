// The five figures above the chart.
import { find, make } from './dom.js';
import { count, day, decimal, money, moneyParts, percent, signedMoney } from './format.js';
import { sparkline } from './spark.js';

export function renderCards(kpi, recent) {
  renderYesterday(kpi);
  renderToday(kpi, recent);
  renderSlope(kpi, recent);
  renderCleared(kpi, recent);
  renderOrders(kpi, recent);
}

function renderYesterday(kpi) {
  const { yesterday, currency } = kpi;
  const tags = yesterday.fx_missing.map((code) => tag(`no rate for ${code}`, 'warn'));
  if (yesterday.dnr != null && !yesterday.final) tags.push(tag('not final yet', 'info'));
  if (kpi.policy.tax_basis === 'inclusive') tags.push(tag('tax included', 'info'));
  find('card-yesterday').replaceChildren(
    title('Yesterday', `· ${day(yesterday.date, 'full')}`),
    amount(yesterday.dnr, currency),
    delta(yesterday.dnr, kpi.change, currency, `vs ${day(kpi.day_before.date, 'weekday')}`),
    make('div', { class: 'tags' }, tags),
    ...split(yesterday, currency),
    sparkline(kpi.spark.values),
  );
}

function renderToday(kpi, recent) {
  const { today, currency } = kpi;
  find('card-today').replaceChildren(
    title('Today so far', `· ${today.until_local}`),
    amount(today.dnr, currency),
    delta(today.dnr, today.vs_yesterday_same_time, currency, 'vs yesterday, same time'),
    sparkline(recent.dnr),
  );
}

function renderSlope(kpi, recent) {
  const { slope7, currency } = kpi;
  const card = find('card-slope');
  if (slope7.per_day == null) {
    card.replaceChildren(title('7-day trend'), words('–'), line('Seven complete days make a trend.'));
    return;
  }
  const perDay = Math.round(slope7.per_day);
  const trend = trendOf(slope7);
  card.replaceChildren(
    title('7-day trend'),
    amount(perDay, currency, { signDisplay: 'exceptZero', unit: ' / day' }),
    make('p', { class: 'delta' }, make('span', { class: trend.tone }, `${trend.arrow} ${trend.word}`),
      slope7.pct_of_mean == null ? '' : ` · ${percent(slope7.pct_of_mean, { signed: true })} of the mean`),
    make('div', { class: 'tags' }, slope7.driven_by_one_day && slope7.per_day !== 0 ? tag('driven by one day', 'info') : null),
    sparkline(recent.ma7),
  );
}

function trendOf({ per_day: perDay, pct_of_mean: pct }) {
  // Half a percent of the mean per day is too little to call a direction.
  if (perDay === 0 || (pct != null && Math.abs(pct) < 0.5)) return { arrow: '→', word: 'steady', tone: 'flat' };
  return perDay > 0 ? { arrow: '▲', word: 'rising', tone: 'up' } : { arrow: '▼', word: 'falling', tone: 'down' };
}

function renderCleared(kpi, recent) {
  const cleared = sum(recent.cleared);
  const waiting = sum(recent.pending);
  const { oldest, mean_age_days: age } = kpi.pending;
  const usable = cleared >= 0 && waiting >= 0 && cleared + waiting > 0;
  find('card-cleared').replaceChildren(
    title('Cleared', `· ${recent.days.length} days`),
    words(usable ? percent((100 * cleared) / (cleared + waiting)) : '–'),
    make('p', { class: 'delta' }, make('strong', {}, money(kpi.pending.amount, kpi.currency)), ' pending',
      age == null ? '' : `, ${decimal(age)} ${decimal(age) === decimal(1) ? 'day' : 'days'} old on average`, oldest ? `, oldest ${day(oldest)}` : ''),
    sparkline(recent.cleared),
  );
}

function renderOrders(kpi, recent) {
  const last = kpi.yesterday.orders;
  const before = recent.orders[recent.days.indexOf(kpi.day_before.date)];
  const difference = last == null || before == null ? null : last - before;
  const { order_value: value, refund_pct: refunds, fx_missing: missing } = kpi.month;
  const month = [value == null ? null : `${money(value, kpi.currency)} an order`,
    refunds == null ? null : `${percent(refunds)} refunded`,
    missing.length > 0 ? `without ${missing.join(', ')}, which has no rate` : null].filter(Boolean).join(', ');
  find('card-orders').replaceChildren(
    title('Orders', '· yesterday'),
    words(count(last)),
    make('p', { class: 'delta' }, difference == null ? '' : arrow(difference), difference == null ? '' :
      ` ${count(Math.abs(difference))} vs ${day(kpi.day_before.date, 'weekday')}`),
    ...(month ? [line(`30 days: ${month}`)] : []),
    sparkline(recent.orders),
  );
}

function title(text, sub) {
  return make('h2', {}, text, ' ', sub ? make('span', { class: 'sub' }, sub) : null);
}

function words(text) {
  return make('p', { class: 'value' }, text);
}

function line(text) {
  return make('p', { class: 'delta' }, text);
}

function amount(minor, currency, { signDisplay = 'auto', unit } = {}) {
  if (minor == null) return words('–');
  const parts = moneyParts(minor, currency, signDisplay).map(({ type, value }) =>
    type === 'decimal' || type === 'fraction' ? make('span', { class: 'minor' }, value) : value);
  return make('p', { class: 'value' }, parts, unit ? make('span', { class: 'unit' }, unit) : null);
}

function delta(value, change, currency, against) {
  if (change.state === 'insufficient_history') return line('Nothing to compare with yet.');
  // Without a percentage the base was zero or negative; only what was nothing before is new.
  const isNew = change.amount > 0 && change.amount === value;
  const ratio = change.pct == null ? '' : ` (${percent(change.pct, { signed: true })})`;
  const note = change.state === 'partial' ? ', incomplete' : '';
  return make('p', { class: 'delta' }, arrow(change.amount),
    make('strong', {}, ` ${signedMoney(change.amount, currency)}`),
    isNew ? ' (new)' : ratio, ` ${against}${note}`);
}

function arrow(value) {
  if (value === 0) return make('span', { class: 'flat' }, '→');
  return make('span', { class: value > 0 ? 'up' : 'down' }, value > 0 ? '▲' : '▼',
    make('span', { class: 'hidden' }, value > 0 ? ' up' : ' down'));
}

function split({ cleared, pending }, currency) {
  if (cleared == null) return [];
  const key = make('p', { class: 'split-key' },
    make('span', {}, make('span', { class: 'swatch cleared' }), 'Cleared ', make('b', {}, money(cleared, currency))),
    make('span', {}, make('span', { class: 'swatch pending' }), 'Pending ', make('b', {}, money(pending, currency))));
  // A share of a negative part has no picture; the words remain.
  if (cleared < 0 || pending < 0 || cleared + pending === 0) return [key];
  const bar = make('div', { class: 'split', 'aria-hidden': 'true' },
    ...[['cleared', cleared], ['pending', pending]].filter(([, value]) => value > 0).map(([name, value]) => {
      const part = make('span', { class: name });
      part.style.flexGrow = value / (cleared + pending);
      return part;
    }));
  return [bar, key];
}

function tag(text, tone) {
  return make('span', { class: `tag ${tone}` }, text);
}

function sum(values) {
  return values.reduce((total, value) => total + (value ?? 0), 0);
}
