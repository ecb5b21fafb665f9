// The tables: every number of the chart in text, and the health of the sources.
import { find, make } from './dom.js';
import { ago, count, day, instant, judgedBefore, money, percent } from './format.js';

export function renderDays(series) {
  const heads = ['Day', 'Net revenue', 'Cleared', 'Pending', '7-day average', 'Orders'];
  const dips = new Map(series.dips.map((dip) => [dip.date, dip]));
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

function marks(series, index, dip) {
  const result = [];
  const missing = series.fx_missing[series.days[index]];
  if (dip) result.push(make('span', { class: 'tag warn' }, `▼ ${percent(dip.drop_pct)}`));
  if (dip?.fx_missing.length > 0) result.push(make('span', { class: 'tag info wrap' }, judgedBefore(dip)));
  if (missing) result.push(make('span', { class: 'tag warn' }, `no rate: ${missing.join(', ')}`));
  if (series.restated[index]) result.push(make('span', { class: 'tag info' }, 'restated'));
  if (series.days[index] === series.today) result.push(make('span', { class: 'tag info' }, 'so far'));
  else if (series.dnr[index] != null && !series.final[index]) result.push(make('span', { class: 'tag info' }, 'not final'));
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

/** Tells the products' shops apart by as much as it takes: nothing where there is one, their source, their account. */
function shopNames(skus) {
  const accounts = new Map();
  for (const { source, account } of skus) accounts.set(source, (accounts.get(source) ?? new Set()).add(account));
  return ({ source, account }) => [accounts.size > 1 ? source : null, accounts.get(source).size > 1 ? account : null]
    .filter(Boolean).join(' ');
}

const titled = (product) => [product.title ?? product.sku ?? product.product_id, product.title && product.sku ? product.sku : null];

/** Tells products of one title, unit and shop apart by their id, and their variant where they have one. */
function productIDs(skus, shop) {
  const look = (product) => JSON.stringify([...titled(product), shop(product)]);
  const looks = skus.map(look);
  return (product) => looks.filter((one) => one === look(product)).length > 1
    ? [product.product_id, product.variant_id].filter(Boolean).join(' / ') : null;
}

/** What sold best in the days shown. */
export function renderProducts(report) {
  const shop = shopNames(report.skus);
  const id = productIDs(report.skus, shop);
  const rows = report.skus.map((product) => make('tr', {},
    make('th', { scope: 'row', title: `${product.source} ${product.product_id}` }, titled(product)[0],
      titled(product)[1] ? make('span', { class: 'sku' }, titled(product)[1]) : null,
      id(product) ? make('span', { class: 'sku id' }, id(product)) : null,
      shop(product) ? make('span', { class: 'shop' }, shop(product)) : null),
    make('td', {}, count(product.units)),
    make('td', { class: `strong${product.net < 0 ? ' negative' : ''}` }, money(product.net, report.currency))));
  fillTable('products', ['Product', 'Units', 'Net revenue'], rows, 'No message has named a product yet.');
  const more = report.count - report.skus.length;
  const notes = [more > 0 ? `and ${count(more)} more` : null,
    report.fx_missing.length > 0 ? `without ${report.fx_missing.join(', ')}, which has no rate` : null];
  find('products-note').textContent = notes.filter(Boolean).join('; ');
}

function fillTable(id, heads, rows, nothing) {
  const table = find(id);
  table.tHead.replaceChildren(make('tr', {}, heads.map((head) =>
    make('th', { scope: 'col', class: head === 'State' ? 'word' : null }, head))));
  table.tBodies[0].replaceChildren(...(rows.length > 0 ? rows
    : [make('tr', {}, make('td', { class: 'nothing', colspan: heads.length }, nothing))]));
}
