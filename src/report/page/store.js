// The document, and the one state that all charts share: profile, selection, zoom.

const data = JSON.parse(document.getElementById('data').textContent);
const bounds = data.bounds;

function unpack(columns) {
  const keys = Object.keys(columns);
  return columns[keys[0]].map((_, index) => {
    const row = {index};
    for (const key of keys) row[key] = columns[key][index];
    return row;
  });
}

function addTime(module, layer) {
  for (let at = module; at; at = at.above) {
    at.time += layer.time_ns || 0;
    at.byBound[layer.bound] += layer.time_ns || 0;
    at.count += 1;
    at.first = Math.min(at.first, layer.index);
  }
}

// Modules get `above`, `children` (modules and layers in order of execution), `depth` and sums.
function buildProfile(key, source) {
  const layers = unpack(source.layers);
  let modules = unpack(source.modules);
  if (modules.length === 0) modules = [{index: 0, path: '', parent: -1}];
  for (const module of modules) {
    module.kind = 'module';
    module.above = modules[module.parent] || (module.index > 0 ? modules[0] : null);
    Object.assign(module, {children: [], time: 0, count: 0, first: Infinity, byBound: bounds.map(() => 0)});
    module.depth = module.above ? module.above.depth + 1 : 0;
    if (module.above) module.above.children.push(module);
    const prefix = module.above && module.above.path ? `${module.above.path}.` : '';
    module.label = module.path.startsWith(prefix) ? module.path.slice(prefix.length) : module.path;
  }
  modules[0].label = modules[0].label || data.model;
  for (const layer of layers) {
    layer.kind = 'layer';
    layer.above = modules[layer.module];
    layer.time = layer.time_ns || 0;
    layer.first = layer.index;
    layer.share = source.total_ns > 0 ? layer.time / source.total_ns : 0;
    layer.above.children.push(layer);
    addTime(layer.above, layer);
  }
  for (const module of modules) module.children.sort((a, b) => a.first - b.first);
  return {
    ...source, key, layers, modules, root: modules[0], total: source.total_ns || modules[0].time || 1,
    longest: Math.max(...layers.map((layer) => layer.time), 1),
  };
}

const profiles = {};
for (const [key, source] of Object.entries(data.profiles)) profiles[key] = buildProfile(key, source);

// `selection` is a layer or a module of `profile`, or null; `zoom` a module.
const state = {profile: profiles[data.shown], selection: null, zoom: profiles[data.shown].root};
const listeners = [];

function subscribe(listener) { listeners.push(listener); }
function publish(change) { for (const listener of listeners) listener(change); }

function isWithin(item, module) {
  for (let at = item; at; at = at.above) if (at === module) return true;
  return false;
}

// Whether `item` belongs to what is selected; nothing does where nothing is.
const isPicked = (item) => state.selection !== null && isWithin(item, state.selection);

function select(item) {
  state.selection = item;
  if (item && !isWithin(item, state.zoom)) {
    state.zoom = state.profile.root;
    publish('zoom');
  }
  publish('selection');
}

function zoomTo(module) {
  state.zoom = module;
  publish('zoom');
}

// The module or layer of `profile` that goes by the name of `item`, or null.
function counterpart(item, profile) {
  if (!item) return null;
  if (item.kind === 'module') return profile.modules.find((module) => module.path === item.path) || null;
  return profile.layers.find((layer) => layer.name === item.name && layer.op === item.op) || null;
}

function showProfile(key) {
  const profile = profiles[key];
  const selection = counterpart(state.selection, profile);
  const zoom = counterpart(state.zoom, profile) || profile.root;
  Object.assign(state, {profile, selection, zoom});
  publish('profile');
}

// Escape: first out of the zoom, then out of the selection.
function goBack() {
  if (state.zoom.above) zoomTo(state.zoom.above);
  else if (state.selection) select(null);
}
