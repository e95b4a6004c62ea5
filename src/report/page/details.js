// What is known of the selection.

function facts(pairs) {
  const list = element('dl');
  for (const [term, value] of pairs) {
    if (value) list.append(element('div', {}, element('dt', {}, term), element('dd', {}, value)));
  }
  return list;
}

function layerDetails(layer) {
  const roof = data.roofs.peak?.flops;
  const reached = layer.achieved_flops > 0 && roof ? `, ${percent(layer.achieved_flops / roof)} of the compute roof` : '';
  const range = layer.low_ns !== null && layer.high_ns !== null
    ? ` [${duration(layer.low_ns)}, ${duration(layer.high_ns)}]` : '';
  const module = element('button', {type: 'button'}, layer.above.path || data.model);
  module.addEventListener('click', () => select(layer.above));
  return [
    element('h3', {}, layer.name),
    facts([
      ['limit', chip(bounds[layer.bound])], ['time', duration(layer.time_ns) + range], ['share', percent(layer.share)],
      ['op', layer.op], ['work', quantity(layer.flops, 'FLOP')], ['traffic', quantity(layer.bytes, 'B')],
      ['intensity', layer.intensity === null ? '' : `${significant(layer.intensity, 3)} FLOP/B`],
      ['reached', quantity(layer.achieved_flops, 'FLOP/s') + reached], ['module', module],
    ]),
    element('p', {}, layer.evidence),
    element('p', {}, layer.origins.length ? `From ${layer.origins.join(', ')}` : ''),
  ];
}

function moduleDetails(module) {
  const mix = bounds
    .map((bound, i) => [bound, module.byBound[i]])
    .filter(([, time]) => time > 0.005 * module.time)
    .sort((a, b) => b[1] - a[1])
    .map(([bound, time]) => element('span', {}, chip(bound), ` ${percent(time / module.time)} `));
  const other = Object.values(profiles).find((profile) => profile !== state.profile);
  const twin = other && counterpart(module, other);
  const words = {baseline: 'baseline', optimized: 'optimised'};
  const list = facts([
    ['time', duration(module.time)], ['share', percent(module.time / state.profile.total)],
    ['layers', String(module.count)], ['work', quantity(module.flops, 'FLOP')], ['traffic', quantity(module.bytes, 'B')],
    [other ? words[other.key] : '', other ? (twin ? duration(twin.time) : 'no such module') : ''],
  ]);
  return [element('h3', {}, module.path || data.model), list, element('p', {class: 'mix'}, ...mix)];
}

// Shown where nothing is selected: the operators that take the most time.
function operatorSummary() {
  const totals = new Map();
  for (const layer of state.profile.layers) {
    const entry = totals.get(layer.op) || {op: layer.op, time: 0, count: 0};
    totals.set(layer.op, {...entry, time: entry.time + layer.time, count: entry.count + 1});
  }
  const largest = [...totals.values()].sort((a, b) => b.time - a.time).slice(0, 8);
  return element('div', {class: 'operators'}, ...largest.map(({op, time, count}) => {
    const bar = element('i');
    bar.style.width = `${100 * time / state.profile.total}%`;
    return element('div', {}, element('b', {}, op), element('small', {}, `${count}×`),
      element('span', {}, percent(time / state.profile.total)), bar);
  }));
}

function setUpDetails() {
  const panel = document.getElementById('details');
  const draw = () => {
    const item = state.selection;
    panel.replaceChildren(...(!item
      ? [element('p', {class: 'empty'}, 'By operator. Select a module or a layer above, in the table or under the roofs to see its numbers.'), operatorSummary()]
      : item.kind === 'layer' ? layerDetails(item) : moduleDetails(item)));
  };
  subscribe(draw);
  draw();
}
