// A line of the last days without axes. Its words are in the card beside it, hence aria-hidden.
import { makeSVG } from './dom.js';

const width = 200;
const height = 44;

export function sparkline(values) {
  const known = values.map((value, index) => ({ value, index })).filter((point) => point.value != null);
  const svg = makeSVG('svg', {
    class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true',
  });
  if (known.length < 2) return svg;
  const low = Math.min(0, ...known.map((point) => point.value));
  const high = Math.max(0, ...known.map((point) => point.value));
  const x = (index) => ((index / (values.length - 1)) * width).toFixed(1);
  const y = (value) => (height - 3 - ((value - low) / (high - low || 1)) * (height - 6)).toFixed(1);
  const line = known.map((point) => `${x(point.index)},${y(point.value)}`).join(' L');
  const [first, last] = [known[0], known[known.length - 1]];
  svg.append(
    makeSVG('path', { class: 'area', d: `M${x(first.index)},${y(0)} L${line} L${x(last.index)},${y(0)} Z` }),
    makeSVG('path', { class: 'stroke', d: `M${line}` }),
    makeSVG('path', { class: 'end', d: `M${x(last.index)},${y(last.value)} l0.01,0` }),
  );
  if (low < 0) svg.prepend(makeSVG('path', { class: 'zero', d: `M0,${y(0)} L${width},${y(0)}` }));
  return svg;
}
