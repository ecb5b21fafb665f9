// The tables: every number of the chart in text, and the health of the sources.
import { find, make } from './dom.js';
import { ago, count, day, instant, money, percent } from './format.js';

export function renderDays(series) {
  const heads = ['Day', 'Net revenue', 'Cleared', 'Pending', '7-day average', 'Orders'];
  const dips = new Map(series.dips.map((dip) => [dip.date, dip.drop_pct]));
  const rows = series.days.map((date, index) => {
    const amounts = [series.dnr, series.cleared, series.pending, series.ma7]
      .map((column) => column[index] == null ? null : Math.round(column[index]));
    return make('tr', {},
      make('th', { scope: 'row' }, day(date, 'long'), ...marks(series, index, dips.get(date))),
      ...amounts.map((minor, position) => make('td', { class: classes(minor, position) }, money(minor, series.currency))),
      make('td', {}, count(series.orders[index])));
  });
  fillTable('days', heads, rows.reverse(), 'No days yet.');
}

function classes(minor, position) {
  return `${position === 0 ? 'strong' : ''}${minor < 0 ? ' negative' : ''}`;
}

function marks(series, index, drop) {
  const result = [];
  const missing = series.fx_missing[series.days[index]];
  if (drop !== undefined) result.push(make('span', { class: 'tag warn' }, `▼ ${percent(drop)}`));
  if (missing) result.push(make('span', { class: 'tag warn' }, `no rate: ${missing.join(', ')}`));
  if (series.restated[index]) result.push(make('span', { class: 'tag info' }, 'restated'));
  if (series.dnr[index] != null && !series.final[index]) result.push(make('span', { class: 'tag info' }, 'not final'));
  return result;
}

const states = { ok: '● live', silent: '■ silent', never: '○ never heard', disabled: '○ off' };

export function renderSources(kpi, serverNow) {
  const rows = kpi.sources.map((source) => make('tr', {},
    make('th', { scope: 'row' }, source.id),
    make('td', { class: 'word' }, make('span', { class: `state ${source.state}` }, states[source.state] ?? source.state)),
    make('td', { title: source.last_event_at ? instant(source.last_event_at, kpi.tz) : null },
      source.last_event_at ? ago(serverNow - Date.parse(source.last_event_at)) : '–'),
    make('td', {}, count(source.events_24h))));
  fillTable('sources', ['Source', 'State', 'Last event', '24 h'], rows, 'No source has sent anything yet.');
}

function fillTable(id, heads, rows, nothing) {
  const table = find(id);
  table.tHead.replaceChildren(make('tr', {}, heads.map((head) =>
    make('th', { scope: 'col', class: head === 'State' ? 'word' : null }, head))));
  table.tBodies[0].replaceChildren(...(rows.length > 0 ? rows
    : [make('tr', {}, make('td', { class: 'nothing', colspan: heads.length }, nothing))]));
}
