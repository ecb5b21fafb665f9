// Range, source and currency; they live in the address, so that a view can be shared.
import { find, make } from './dom.js';

const offered = ['TRY', 'USD', 'EUR', 'GBP'];

export function startFilters(onChange) {
  const form = find('filters');
  const asked = new URLSearchParams(location.search);
  const current = {
    days: [7, 14, 30, 90].find((days) => String(days) === asked.get('days')) ?? 30,
    source: asked.get('source') || '*',
    currency: asked.get('currency') || '',
  };
  form.elements.days.value = String(current.days);
  choose(find('source'), current.source);
  choose(find('currency'), current.currency, `Only ${current.currency}`);
  form.addEventListener('change', () => {
    current.days = Number(form.elements.days.value);
    current.source = form.elements.source.value;
    current.currency = form.elements.currency.value;
    remember(current);
    onChange();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  return current;
}

/** Offers the sources that exist and the usual currencies, keeping what is chosen. */
export function offer(kpi, current) {
  for (const source of kpi.sources) ensure(find('source'), source.id);
  const select = find('currency');
  // Where one currency is asked for, the figures come in it, and which one is the base currency is not known.
  if (!current.currency) select.options[0].textContent = `All, in ${kpi.currency.code}`;
  for (const code of offered) {
    if (current.currency || code !== kpi.currency.code) ensure(select, code, `Only ${code}`);
  }
}

function ensure(select, value, text = value) {
  if (![...select.options].some((option) => option.value === value)) select.append(make('option', { value }, text));
}

function choose(select, value, text) {
  ensure(select, value, text);
  select.value = value;
}

function remember({ days, source, currency }) {
  const url = new URL(location.href);
  const set = (name, value, usual) => (value === usual ? url.searchParams.delete(name) : url.searchParams.set(name, value));
  set('days', String(days), '30');
  set('source', source, '*');
  set('currency', currency, '');
  history.replaceState(null, '', url);
}
