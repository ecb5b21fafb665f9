// The Vega-Lite description of the chart. Data comes later, by name, so that new figures need no new chart.
import { locale } from './format.js';

export function chartSpec(color) {
  const months = Array.from({ length: 12 }, (_, month) =>
    new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2026, month, 1)));
  const date = 'toNumber(slice(datum.value, 8, 10))';
  const month = `${JSON.stringify(months)}[toNumber(slice(datum.value, 5, 7)) - 1]`;
  const label = monthFirst() ? `${month} + ' ' + ${date}` : `${date} + ' ' + ${month}`;
  const ma7 = { field: 'ma7', type: 'quantitative' };
  const v = { field: 'v', type: 'quantitative' };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'Net revenue per business day, split into cleared and pending, with the 7-day average and dips.',
    width: 'container', height: 300, autosize: { type: 'fit', contains: 'padding' }, background: null,
    datasets: { bars: [], trend: [], dips: [] },
    config: {
      font: 'system-ui, sans-serif', aria: true, view: { stroke: null },
      axis: {
        labelColor: color.muted, gridColor: color.line, domainColor: color.border, tickColor: color.border,
        labelFontSize: 12, labelPadding: 6, domain: false, ticks: false,
      },
    },
    encoding: {
      x: {
        field: 'd', type: 'ordinal',
        axis: { title: null, labelAngle: 0, labelOverlap: true, labelExpr: label, grid: false },
        scale: { paddingInner: 0.28, paddingOuter: 0.15 },
      },
    },
    layer: [
      {
        data: { name: 'bars' },
        mark: { type: 'bar', cornerRadiusEnd: 3, stroke: color.accent, strokeWidth: 1, aria: true },
        encoding: {
          y: { ...v, stack: 'zero', axis: { title: null, format: '~s', tickCount: 5 } },
          color: {
            field: 'status', type: 'nominal', legend: null,
            scale: { domain: ['CLEARED', 'PENDING'], range: [color.accent, color.pending] },
          },
          order: { field: 'status' },
          // Today is not over.
          opacity: { condition: { test: 'datum.provisional', value: 0.5 }, value: 1 },
          strokeDash: { condition: { test: 'datum.provisional', value: [4, 3] }, value: [1, 0] },
          description: { field: 'sentence' },
          tooltip: [
            { field: 'day', title: 'Day' }, { field: 'total', title: 'Net revenue' },
            { field: 'cleared', title: 'Cleared' }, { field: 'pending', title: 'Pending' },
          ],
        },
      },
      {
        data: { values: [{}] }, mark: { type: 'rule', color: color.border, aria: false },
        encoding: { x: null, y: { datum: 0 } },
      },
      {
        data: { name: 'trend' },
        mark: { type: 'line', strokeWidth: 6, color: color.card, interpolate: 'monotone', aria: false },
        encoding: { y: ma7 },
      },
      {
        data: { name: 'trend' },
        mark: { type: 'line', strokeWidth: 2.5, color: color.trend, interpolate: 'monotone', description: '7-day average' },
        encoding: { y: ma7 },
      },
      {
        data: { name: 'dips' },
        mark: { type: 'point', shape: 'triangle-down', size: 110, filled: true, opacity: 1, color: color.dip, yOffset: -12 },
        encoding: { y: v, description: { field: 'sentence' }, tooltip: { field: 'sentence' } },
      },
      {
        data: { name: 'dips' },
        mark: { type: 'text', dy: -26, fontWeight: 'bold', color: color.dip, aria: false },
        encoding: { y: v, text: { field: 'label' } },
      },
    ],
  };
}

function monthFirst() {
  const parts = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).formatToParts(0);
  return parts.find(({ type }) => type === 'day' || type === 'month').type === 'month';
}
