// System, light or dark; remembered in this browser.
import { find } from './dom.js';

const choices = [['system', '◐'], ['light', '☀'], ['dark', '☾']];
const key = 'growth-theme';

export function startTheme(onChange) {
  const button = find('theme');
  let current = remembered();
  const apply = () => {
    const [name, sign] = choices[current];
    if (name === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    button.textContent = sign;
    button.title = `Theme: ${name}`;
    button.setAttribute('aria-label', `Theme: ${name}`);
  };
  button.addEventListener('click', () => {
    current = (current + 1) % choices.length;
    try { localStorage.setItem(key, choices[current][0]); } catch { /* Storage is off: not remembered. */ }
    apply();
    onChange();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  apply();
}

function remembered() {
  const asked = new URLSearchParams(location.search).get('theme');
  let stored = null;
  try { stored = localStorage.getItem(key); } catch { /* Storage is off. */ }
  return Math.max(0, choices.findIndex(([name]) => name === (asked ?? stored)));
}

/** Returns the resolved colour of a palette entry, e.g. `rgb(180, 84, 10)`; the chart cannot read CSS variables. */
export function colors(...names) {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const result = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    result[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return result;
}
