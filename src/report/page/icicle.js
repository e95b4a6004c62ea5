// The module tree by time: a row per level, a cell per module, layers as its leaves.

const kRow = 27;
const kNarrowest = 1.2;

function stripe(module) {
  let at = 0;
  const stops = [];
  module.byBound.forEach((time, i) => {
    if (!time) return;
    const end = at + 100 * time / module.time;
    stops.push(`var(--${bounds[i].name}) ${at.toFixed(2)}% ${end.toFixed(2)}%`);
    at = end;
  });
  return stops.length ? `linear-gradient(90deg, ${stops.join(', ')})` : 'none';
}

// Cells {item, row, left, width} in fractions of the chart, the zoomed module on top.
function layOut(top, whole, narrowest) {
  const cells = [];
  const open = [{item: top, row: 0, left: 0, width: top.time / whole}];
  while (open.length) {
    const cell = open.pop();
    cells.push(cell);
    if (cell.item.kind !== 'module') continue;
    let left = cell.left;
    for (const child of cell.item.children) {
      const width = child.time / whole;
      if (width >= narrowest) open.push({item: child, row: cell.row + 1, left, width, above: cell});
      left += width;
    }
  }
  return cells;
}

function cellText(item, pixels) {
  const text = item.kind === 'layer' ? `${bounds[item.bound].glyph} ${item.op}` : item.label;
  if (pixels >= Math.min(56, 14 + 7 * text.length)) return text;
  return item.kind === 'layer' && pixels >= 16 ? bounds[item.bound].glyph : '';
}

function describe(item) {
  const name = item.kind === 'layer' ? `${item.name}, ${bounds[item.bound].name}` : item.path || data.model;
  return `${name}: ${duration(item.time)}, ${percent(item.time / state.profile.total)}`;
}

class Icicle {
  constructor(root) {
    this.root = root;
    this.nodes = new Map();
    this.cells = [];
    root.setAttribute('role', 'tree');
    root.setAttribute('aria-label', 'Module tree by time');
    root.addEventListener('click', (event) => this.pick(event, select));
    root.addEventListener('dblclick', (event) => this.pick(event, (item) => this.enter(item)));
    root.addEventListener('keydown', (event) => this.onKey(event));
    subscribe((change) => {
      if (change === 'selection') this.mark();
      else this.draw(change === 'profile');
    });
    new ResizeObserver(() => this.draw(false)).observe(root);
  }

  pick(event, act) {
    const node = event.target.closest('.cell');
    if (node && node.item) act(node.item);
  }

  enter(item) {
    if (item.kind === 'module' && item !== state.zoom) zoomTo(item);
    else if (item.kind === 'layer') revealRow(item);
  }

  draw(anew) {
    if (anew) {
      this.nodes.clear();
      this.root.replaceChildren();
    }
    const pixels = this.root.clientWidth || 1;
    const atRoot = state.zoom === state.profile.root;
    const whole = (atRoot ? Math.max(state.profile.total, state.zoom.time) : state.zoom.time) || 1;
    this.cells = layOut(state.zoom, whole, kNarrowest / pixels);
    const kept = new Map();
    for (const cell of this.cells) kept.set(cell.item, this.place(cell, pixels));
    for (const [item, node] of this.nodes) if (!kept.has(item)) node.remove();
    this.nodes = kept;
    this.drawOutside(atRoot ? 1 - state.zoom.time / whole : 0);
    this.root.style.height = `${kRow * (1 + Math.max(...this.cells.map((cell) => cell.row)))}px`;
    this.mark();
  }

  place(cell, pixels) {
    const {item} = cell;
    let node = this.nodes.get(item);
    if (!node) {
      const kind = item.kind === 'layer' ? `layer ${bounds[item.bound].name}` : 'module';
      node = element('div', {class: `cell ${kind}`, role: 'treeitem', tabindex: '-1', title: describe(item), 'aria-label': describe(item)});
      if (item.kind === 'module') node.style.backgroundImage = stripe(item);
      node.item = item;
      this.root.append(node);
    }
    Object.assign(node.style, {left: `${100 * cell.left}%`, width: `${100 * cell.width}%`, top: `${kRow * cell.row}px`});
    node.setAttribute('aria-level', cell.row + 1);
    node.classList.toggle('narrow', cell.width * pixels < 26);
    node.textContent = cellText(item, cell.width * pixels);
    return node;
  }

  drawOutside(share) {
    this.root.querySelector('.outside')?.remove();
    if (share < 0.002) return;
    const text = `outside layers, ${percent(share)}`;
    const node = element('div', {class: 'cell outside', title: text}, share > 0.08 ? text : '');
    Object.assign(node.style, {left: `${100 * (1 - share)}%`, width: `${100 * share}%`, top: '0'});
    this.root.append(node);
  }

  mark() {
    this.root.classList.toggle('picking', state.selection !== null);
    const current = this.nodes.has(state.selection) ? state.selection : state.zoom;
    for (const [item, node] of this.nodes) {
      node.classList.toggle('within', isPicked(item) || (state.selection !== null && isWithin(state.selection, item)));
      node.setAttribute('aria-selected', item === state.selection);
      node.tabIndex = item === current ? 0 : -1;
    }
  }

  neighbour(item, key) {
    const cell = this.cells.find((candidate) => candidate.item === item);
    if (!cell) return null;
    if (key === 'ArrowUp') return cell.above ? cell.above.item : null;
    if (key === 'ArrowDown') {
      const below = this.cells.filter((other) => other.above === cell);
      return below.length ? below.reduce((a, b) => (b.width > a.width ? b : a)).item : null;
    }
    const row = this.cells.filter((other) => other.row === cell.row).sort((a, b) => a.left - b.left);
    const next = row[row.indexOf(cell) + (key === 'ArrowRight' ? 1 : -1)];
    return next ? next.item : null;
  }

  onKey(event) {
    const item = event.target.item;
    if (!item) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.enter(item);
      this.nodes.get(item)?.focus();
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      const next = this.neighbour(item, event.key);
      if (!next) return;
      select(next);
      this.nodes.get(next)?.focus();
    }
  }
}

function setUpCrumbs() {
  const bar = document.getElementById('crumbs');
  const draw = () => {
    const trail = [];
    for (let at = state.zoom; at; at = at.above) trail.unshift(at);
    bar.replaceChildren(...trail.map((module) => {
      const button = element('button', {type: 'button'}, module.label);
      if (module === state.zoom) button.setAttribute('aria-current', 'true');
      button.addEventListener('click', () => zoomTo(module));
      return button;
    }));
  };
  subscribe(draw);
  draw();
}

function setUpIcicle() {
  new Icicle(document.getElementById('icicle'));
  setUpCrumbs();
}
