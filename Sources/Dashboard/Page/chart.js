// Draws the chart with the Vega bundle where it is installed; without it the day table tells the same story.
import { chartSpec } from './chart-spec.js';
import { find } from './dom.js';
import { day, decimalString, judgedBefore, money, percent } from './format.js';
import { colors } from './theme.js';

let embedded = null;
let pending = Promise.resolve();
let lastSeries = null;
let bundle = null;

/** Draws or updates the chart; calls line up, so that two of them never draw at once. */
export function renderChart(series) {
  lastSeries = series;
  pending = pending.then(() => draw(series)).catch((error) => explain(`The chart failed: ${error.message}`));
  return pending;
}

/** Draws again from scratch, in the colours that hold now. */
export function recolorChart() {
  pending = pending.then(() => {
    embedded?.view.finalize();
    embedded = null;
  });
  if (lastSeries) renderChart(lastSeries);
}

async function draw(series) {
  if (!(await loadBundle())) return;
  const host = find('chart');
  if (!embedded) {
    const color = colors('accent', 'pending', 'trend', 'card', 'dip', 'border', 'line', 'muted');
    // Expressions run in the interpreter: the content security policy forbids eval.
    embedded = await window.vegaEmbed(host, chartSpec(color), {
      ast: true, actions: false, renderer: 'svg', defaultStyle: false, tooltip: { disableDefaultStyle: true },
    });
  }
  const rows = rowsOf(series);
  const { view } = embedded;
  await view.data('bars', rows.bars).data('trend', rows.trend).data('dips', rows.dips).resize().runAsync();
  host.dataset.ready = String(series.days.length);
}

function rowsOf(series) {
  const { currency } = series;
  // Only the height of a mark is a binary number; every text is made from the exact amount.
  const major = (minor) => Number(decimalString(Math.round(minor), currency.exponent));
  const bars = series.days.flatMap((date, index) => {
    if (series.dnr[index] == null) return [{ d: date, status: 'CLEARED', v: 0, sentence: `${day(date, 'full')}: no data` }];
    const isToday = date === series.today;
    const texts = {
      day: `${day(date, 'long')}${isToday ? ', so far' : ''}`, provisional: isToday, total: money(series.dnr[index], currency),
      cleared: money(series.cleared[index], currency), pending: money(series.pending[index], currency),
    };
    return [['CLEARED', 'cleared'], ['PENDING', 'pending']].map(([status, name]) => ({
      d: date, status, v: major(series[name][index]), ...texts,
      sentence: `${day(date, 'full')}${isToday ? ', so far' : ''}: ${texts[name]} ${name} of ${texts.total}`,
    }));
  });
  const trend = series.days.map((date, index) => ({ d: date, ma7: series.ma7[index] == null ? null : major(series.ma7[index]) }))
    .filter((row) => row.ma7 != null);
  const dips = series.dips.filter((dip) => series.days.includes(dip.date)).map((dip) => {
    const index = series.days.indexOf(dip.date);
    const top = Math.max(0, series.cleared[index]) + Math.max(0, series.pending[index]);
    return {
      d: dip.date, v: major(top), label: `${percent(-Math.abs(dip.drop_pct))}${dip.fx_missing.length > 0 ? ' *' : ''}`,
      sentence: `Dip: ${percent(dip.drop_pct)} below the day before on ${day(dip.date, 'full')}`
        + (dip.fx_missing.length > 0 ? `, ${judgedBefore(dip)}` : ''),
    };
  });
  return { bars, trend, dips };
}

function loadBundle() {
  bundle ??= new Promise((resolve) => {
    const source = document.querySelector('meta[name="vega-bundle"]').content;
    if (!source) return resolve(explain('The chart needs the Vega bundle. Run deploy/vega-bundle once and reload; the table below has every number.'));
    const script = document.createElement('script');
    script.src = source;
    script.onload = () => resolve(true);
    script.onerror = () => resolve(explain('The chart bundle did not load; the table below has every number.'));
    document.head.append(script);
  });
  return bundle;
}

function explain(text) {
  find('chart').classList.add('bare');
  const note = find('chart-note');
  note.textContent = text;
  note.hidden = false;
  return false;
}
