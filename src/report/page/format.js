// Texts as report/format.cc makes them, and elements whose names are text and never markup.

function significant(value, digits) {
  if (!value) return '0';
  const magnitude = Number(value.toExponential(digits - 1).split('e')[1]);
  return value.toFixed(Math.min(12, Math.max(0, digits - 1 - magnitude)));
}

function duration(ns) {
  if (typeof ns !== 'number') return '–';
  const size = Math.abs(ns);
  const [factor, unit] = size >= 1e9 ? [1e9, 's'] : size >= 1e6 ? [1e6, 'ms'] : size >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  const value = ns / factor;
  return `${significant(value, Math.abs(value) >= 100 ? 4 : 3)}\u00A0${unit}`;
}

function quantity(value, unit) {
  if (typeof value !== 'number') return '–';
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let prefix = 0;
  while (Math.abs(value) >= 999.5 && prefix + 1 < prefixes.length) {
    value /= 1000;
    ++prefix;
  }
  return `${significant(value, 3)}\u00A0${prefixes[prefix]}${unit}`;
}

function percent(share) {
  const value = 100 * share;
  const digits = Math.abs(value) >= 9.95 ? 0 : Math.abs(value) >= 0.095 || value === 0 ? 1 : 2;
  return `${value.toFixed(digits)}\u00A0%`;
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Children are nodes or texts; append() takes a text as text.
const element = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const shape = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

// A path that may be broken after a separator.
const breakable = (path) => path.split(/(?<=[/.])/).flatMap((part) => [part, element('wbr')]);

function chip(bound) {
  return element('span', {class: `chip ${bound.name}`}, element('i', {'aria-hidden': 'true'}, bound.glyph), bound.name);
}
