// Layers under the measured roofs, both axes logarithmic.

const kMargin = {left: 64, right: 18, top: 18, bottom: 44};

// The outline of a bound's mark around (0, 0), of about the area of a circle with radius r.
function outline(bound, r) {
  const polygon = (points) => `M${points.map(([x, y]) => `${(x * r).toFixed(2)} ${(y * r).toFixed(2)}`).join('L')}Z`;
  switch (bound.name) {
    case 'memory': return polygon([[-0.89, -0.89], [0.89, -0.89], [0.89, 0.89], [-0.89, 0.89]]);
    case 'layout': return polygon([[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]]);
    case 'launch': return polygon([[0, -1.3], [1.2, 0.9], [-1.2, 0.9]]);
    case 'wave': return polygon([[-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4], [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4]]);
    default: return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  }
}

function logScale(low, high, from, to) {
  const span = Math.log10(high / low) || 1;
  return (value) => from + (to - from) * Math.log10(Math.max(value, low) / low) / span;
}

class Roofline {
  constructor(root) {
    this.root = root;
    this.nodes = new Map();
    root.addEventListener('click', (event) => {
      if (event.target.item) select(event.target.item);
    });
    root.addEventListener('keydown', (event) => this.onKey(event));
    subscribe((change) => {
      if (change === 'profile') this.draw();
      else if (change === 'selection') this.mark();
    });
    new ResizeObserver(() => this.draw()).observe(root);
  }

  drawn() {
    return state.profile.layers.filter((layer) => layer.intensity > 0 && layer.achieved_flops > 0);
  }

  scales(layers, width, height) {
    const peak = data.roofs.peak?.flops || Math.max(...layers.map((layer) => layer.achieved_flops));
    const intensities = layers.map((layer) => layer.intensity);
    const slowest = Math.min(...data.roofs.bandwidths.map((each) => each.bytes_per_s), peak);
    const lowX = 10 ** Math.floor(Math.log10(Math.max(Math.min(...intensities), 1e-3)));
    const highX = 10 ** Math.ceil(Math.log10(Math.max(...intensities, 2 * peak / slowest)));
    const highY = peak * 2.2;
    const achieved = layers.map((layer) => layer.achieved_flops);
    const lowY = 10 ** Math.floor(Math.log10(Math.max(Math.min(...achieved), peak * 1e-4)));
    return {
      x: logScale(lowX, highX, kMargin.left, width - kMargin.right),
      y: logScale(lowY, highY, height - kMargin.bottom, kMargin.top),
      lowX, highX, lowY, highY, peak,
    };
  }

  axes(scale, width, height) {
    const marks = [];
    for (let value = scale.lowX; value <= scale.highX * 1.01; value *= 10) {
      const x = scale.x(value);
      marks.push(shape('line', {class: 'grid', x1: x, x2: x, y1: kMargin.top, y2: height - kMargin.bottom}));
      marks.push(shape('text', {x, y: height - kMargin.bottom + 18, 'text-anchor': 'middle'}, String(+value.toPrecision(3))));
    }
    for (let value = scale.lowY; value <= scale.highY; value *= 10) {
      const y = scale.y(value);
      marks.push(shape('line', {class: 'grid', x1: kMargin.left, x2: width - kMargin.right, y1: y, y2: y}));
      marks.push(shape('text', {x: kMargin.left - 8, y: y + 4, 'text-anchor': 'end'}, quantity(value, '').replace(/\.0+(?=\D)/, '')));
    }
    marks.push(shape('text', {x: width - kMargin.right, y: height - 6, 'text-anchor': 'end'}, 'intensity, FLOP per byte'));
    marks.push(shape('text', {x: kMargin.left - 52, y: kMargin.top - 6}, 'FLOP/s'));
    return marks;
  }

  roofs(scale) {
    const marks = [];
    const edge = scale.x(scale.highX);
    const top = scale.y(scale.peak);
    let ridges = [];
    for (const {name, bytes_per_s: bandwidth} of data.roofs.bandwidths) {
      const start = Math.max(scale.lowX, scale.lowY / bandwidth);
      const ridge = scale.peak / bandwidth;
      if (start >= ridge) continue;
      ridges.push(ridge);
      const [x1, y1, x2] = [scale.x(start), scale.y(start * bandwidth), scale.x(ridge)];
      marks.push(shape('line', {class: 'roof bandwidth', x1, y1, x2, y2: top}));
      const angle = Math.atan2(top - y1, x2 - x1) * 180 / Math.PI;
      const text = shape('text', {class: 'roof-label', transform: `translate(${x1 + 0.06 * (x2 - x1)} ${y1 + 0.06 * (top - y1) - 6}) rotate(${angle})`}, `${name} ${quantity(bandwidth, 'B/s')}`);
      marks.push(text);
    }
    marks.push(shape('line', {class: 'roof', x1: scale.x(ridges.length ? Math.min(...ridges) : scale.lowX), x2: edge, y1: top, y2: top}));
    marks.push(shape('text', {class: 'roof-label', x: edge, y: top - 8, 'text-anchor': 'end'}, `${data.roofs.peak?.name ?? 'fastest layer'} ${quantity(scale.peak, 'FLOP/s')}`));
    return marks;
  }

  point(layer, scale) {
    const bound = bounds[layer.bound];
    const radius = Math.min(22, Math.max(2.5, 90 * Math.sqrt(layer.share)));
    const node = shape('path', {
      class: `point ${bound.name}${bound.name === 'unknown' ? ' hollow' : ''}`, d: outline(bound, radius), tabindex: '-1', role: 'img',
      transform: `translate(${scale.x(layer.intensity).toFixed(1)} ${scale.y(layer.achieved_flops).toFixed(1)})`, 'aria-label': describe(layer),
    }, shape('title', {}, describe(layer)));
    node.item = layer;
    return node;
  }

  legend(layers) {
    const hidden = state.profile.layers.filter((layer) => !layers.includes(layer));
    const time = hidden.reduce((sum, layer) => sum + layer.time, 0);
    const list = element('ul', {class: 'legend'});
    bounds.forEach((bound, i) => {
      if (layers.some((layer) => layer.bound === i)) list.append(element('li', {}, chip(bound)));
    });
    const note = hidden.length ? `${hidden.length} layers without arithmetic, ${percent(time / state.profile.total)} of the time, have no place here.` : '';
    return [list, element('p', {class: 'hint'}, note)];
  }

  draw() {
    const width = Math.max(320, this.root.clientWidth);
    const height = Math.min(520, Math.max(340, width * 0.46));
    const layers = this.drawn();
    if (layers.length === 0) {
      this.root.replaceChildren(element('p', {class: 'hint'}, 'No layer has both arithmetic and traffic to place.'));
      return;
    }
    const scale = this.scales(layers, width, height);
    const largestFirst = [...layers].sort((a, b) => b.time - a.time);
    this.nodes = new Map(largestFirst.map((layer) => [layer, this.point(layer, scale)]));
    const chart = shape('svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'group', 'aria-label': 'Roofline'},
      ...this.axes(scale, width, height), ...this.roofs(scale), ...this.nodes.values());
    this.root.replaceChildren(chart, ...this.legend(layers));
    this.mark();
  }

  mark() {
    this.root.classList.toggle('picking', state.selection !== null);
    const current = this.nodes.has(state.selection) ? state.selection : this.nodes.keys().next().value;
    for (const [layer, node] of this.nodes) {
      node.classList.toggle('within', isPicked(layer));
      node.setAttribute('tabindex', layer === current ? '0' : '-1');
    }
    this.raise(this.nodes.get(state.selection));
  }

  // In front of the others; a mark with the focus stays, for moving it takes the focus away.
  raise(node) {
    if (node && node !== document.activeElement) node.parentNode.append(node);
  }

  // Left and right go through the marks by intensity, up and down by speed.
  onKey(event) {
    const layer = event.target.item;
    const key = {ArrowLeft: 'intensity', ArrowRight: 'intensity', ArrowUp: 'achieved_flops', ArrowDown: 'achieved_flops'}[event.key];
    if (!layer || !key) return;
    event.preventDefault();
    const ordered = [...this.nodes.keys()].sort((a, b) => a[key] - b[key] || a.index - b.index);
    const next = ordered[ordered.indexOf(layer) + (event.key === 'ArrowRight' || event.key === 'ArrowUp' ? 1 : -1)];
    if (!next) return;
    select(next);
    this.nodes.get(next).focus({preventScroll: true});
  }
}

function setUpRoofline() {
  const root = document.getElementById('roofline');
  if (root) new Roofline(root);
}
