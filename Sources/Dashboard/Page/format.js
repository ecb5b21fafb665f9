// Numbers, dates and money as words. Amounts stay whole minor units until Intl reads them as a decimal string.

const preferred = navigator.languages?.find((tag) => /^(tr|en)\b/i.test(tag));
export const locale = preferred ?? 'en';

/** Returns `-0.05` for -5 with exponent 2: text, since a binary fraction could not hold every amount. */
export function decimalString(minor, exponent) {
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const cut = digits.length - exponent;
  const sign = minor < 0 ? '-' : '';
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

function formatter(currency, options) {
  return new Intl.NumberFormat(locale, {
    style: 'currency', currency: currency.code, currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: currency.exponent, maximumFractionDigits: currency.exponent, ...options,
  });
}

export function money(minor, currency) {
  return minor == null ? '–' : formatter(currency).format(decimalString(minor, currency.exponent));
}

export function signedMoney(minor, currency) {
  if (minor == null) return '–';
  return formatter(currency, { signDisplay: 'exceptZero' }).format(decimalString(minor, currency.exponent));
}

/** Returns the parts of an amount, so that the page can set the fraction in smaller type. */
export function moneyParts(minor, currency, signDisplay = 'auto') {
  return formatter(currency, { signDisplay }).formatToParts(decimalString(minor, currency.exponent));
}

export function percent(value, { signed = false } = {}) {
  if (value == null) return '–';
  const format = new Intl.NumberFormat(locale, {
    style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1,
    signDisplay: signed ? 'exceptZero' : 'auto',
  });
  if (Math.abs(value) <= 999) return format.format(value / 100);
  const whole = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  return `${value > 0 ? '>' : '<'}${whole.format(value > 0 ? 9.99 : -9.99)}`;
}

export function decimal(value) {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value);
}

/** Says why the judgement of an alert or a dip does not fit the figures beside it, and whether it may still change. */
export function judgedBefore({ fx_missing: missing, fx_awaited: isAwaited }) {
  const names = missing.join(', ');
  const rest = isAwaited ? `waits for a rate of ${names}` : `a rate of ${names} does not change it any more`;
  return `judged before amounts in ${names} came, and ${rest}`;
}

export function count(value) {
  return value == null ? '–' : new Intl.NumberFormat(locale).format(value);
}

/** Formats `YYYY-MM-DD`. It is a date without a time, so the zone must not shift it. */
export function day(date, style = 'short') {
  const options = {
    short: { day: 'numeric', month: 'short' },
    long: { weekday: 'short', day: 'numeric', month: 'short' },
    full: { weekday: 'long', day: 'numeric', month: 'long' },
    weekday: { weekday: 'long' },
  }[style];
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

export function instant(text, zone) {
  const options = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone };
  return new Intl.DateTimeFormat(locale, options).format(new Date(text));
}

export function ago(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
}
