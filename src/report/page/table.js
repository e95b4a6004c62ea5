// The table of layers: sorted, filtered, selectable.

const table = {body: null, rows: new Map(), sort: 'time_ns', descending: true, text: '', bound: ''};

function tableRow(layer) {
  const bar = element('i');
  bar.style.width = `${100 * layer.time / state.profile.longest}%`;
  const row = element('tr', {tabindex: '-1'},
    element('th', {scope: 'row'}, element('span', {}, ...breakable(layer.name)), element('small', {}, layer.op)),
    element('td', {}, duration(layer.time_ns)),
    element('td', {class: 'share'}, percent(layer.share), bar),
    element('td', {}, quantity(layer.flops, 'FLOP')),
    element('td', {}, quantity(layer.bytes, 'B')),
    element('td', {}, layer.intensity === null ? '–' : significant(layer.intensity, 3)),
    element('td', {}, quantity(layer.achieved_flops, 'FLOP/s')),
    element('td', {}, chip(bounds[layer.bound])),
    element('td', {class: 'evidence'}, layer.evidence));
  row.item = layer;
  return row;
}

function isListed(layer) {
  if (table.bound && bounds[layer.bound].name !== table.bound) return false;
  if (state.selection?.kind === 'module' && !isPicked(layer)) return false;
  const text = table.text.toLowerCase();
  return !text || [layer.name, layer.op, layer.above.path].some((name) => name.toLowerCase().includes(text));
}

function compare(a, b) {
  const key = table.sort;
  const order = key === 'name' ? a.name.localeCompare(b.name, 'en', {numeric: true})
    : key === 'bound' ? a.bound - b.bound : (a[key] ?? -1) - (b[key] ?? -1);
  return (table.descending ? -order : order) || a.index - b.index;
}

function drawTable() {
  const listed = state.profile.layers.filter(isListed).sort(compare);
  table.rows = new Map(listed.map((layer) => [layer, table.rows.get(layer) || tableRow(layer)]));
  table.body.replaceChildren(...table.rows.values());
  const time = listed.reduce((sum, layer) => sum + layer.time, 0);
  const place = state.selection?.kind === 'module' ? ` in ${state.selection.path || data.model}` : '';
  document.getElementById('filter-count').textContent =
    `${listed.length} of ${state.profile.layers.length} layers${place}, ${percent(time / state.profile.total)} of the time`;
  markRows();
}

function markRows() {
  const first = table.rows.keys().next().value;
  const current = table.rows.has(state.selection) ? state.selection : first;
  for (const [layer, row] of table.rows) {
    row.setAttribute('aria-selected', layer === state.selection);
    row.classList.toggle('within', isPicked(layer));
    row.tabIndex = layer === current ? 0 : -1;
  }
}

// Scrolls the frame of the table, not the page, unless asked to.
function revealRow(layer, scrollPage = true) {
  const row = table.rows.get(layer);
  if (!row) return;
  const frame = row.closest('.table-frame');
  frame.scrollTop = row.offsetTop - frame.clientHeight / 2;
  if (scrollPage) {
    row.focus({preventScroll: true});
    frame.scrollIntoView({block: 'center'});
  }
}

function moveInTable(event) {
  const row = event.target.closest('tr');
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : event.key === 'ArrowUp' ? row?.previousElementSibling : null;
  if (!next) return;
  event.preventDefault();
  select(next.item);
  next.focus();
}

function sortBy(key) {
  table.descending = table.sort === key ? !table.descending : key !== 'name' && key !== 'bound';
  table.sort = key;
  markSort();
  drawTable();
}

function markSort() {
  for (const head of document.querySelectorAll('#layers th[data-sort]')) {
    if (head.dataset.sort !== table.sort) head.removeAttribute('aria-sort');
    else head.setAttribute('aria-sort', table.descending ? 'descending' : 'ascending');
  }
}

function setUpHeads() {
  for (const head of document.querySelectorAll('#layers th[data-sort]')) {
    const button = element('button', {type: 'button'}, head.textContent);
    button.addEventListener('click', () => sortBy(head.dataset.sort));
    head.replaceChildren(button);
  }
  markSort();
}

function setUpFilters() {
  const text = document.getElementById('filter-text');
  const bound = document.getElementById('filter-bound');
  const apply = () => {
    table.text = text.value;
    table.bound = bound.value;
    drawTable();
  };
  text.addEventListener('input', apply);
  bound.addEventListener('change', apply);
  const clear = document.getElementById('clear');
  clear.addEventListener('click', () => select(null));
  subscribe(() => { clear.hidden = state.selection === null; });
  document.getElementById('filters').addEventListener('submit', (event) => event.preventDefault());
}

function setUpTable() {
  table.body = document.querySelector('#layers tbody');
  table.body.addEventListener('click', (event) => select(event.target.closest('tr').item));
  table.body.addEventListener('keydown', moveInTable);
  let filtered = false;
  subscribe((change) => {
    const byModule = state.selection?.kind === 'module';
    if (change === 'profile' || (change === 'selection' && (byModule || filtered))) drawTable();
    else if (change === 'selection') markRows();
    filtered = byModule;
    if (state.selection?.kind === 'layer' && !table.body.contains(document.activeElement)) revealRow(state.selection, false);
  });
  setUpHeads();
  setUpFilters();
  drawTable();
}
