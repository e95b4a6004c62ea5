// Puts the parts together.

function setUpTheme() {
  const page = document.documentElement;
  const remembered = (() => {
    try { return localStorage.getItem('nitro-theme'); } catch { return null; }
  })();
  if (remembered === 'light' || remembered === 'dark') page.dataset.theme = remembered;
  document.getElementById('theme').addEventListener('click', () => {
    const dark = page.dataset.theme ? page.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    page.dataset.theme = dark ? 'light' : 'dark';
    try { localStorage.setItem('nitro-theme', page.dataset.theme); } catch { /* a page may be denied storage */ }
  });
}

function describeAccount() {
  const {layers, layers_sum_ns: sum, start_ns: start, overhead_ns: overhead, total_ns: total, attributed_share: share} = state.profile;
  const started = start == null ? '' : `${duration(start)} starts and awaits them; `;
  document.getElementById('account').textContent =
    `${layers.length} layers take ${duration(sum)} of ${duration(total)} end to end; ${started}${duration(Math.abs(overhead))} ` +
    `${overhead < 0 ? 'is what profiling itself added' : 'lies outside layers'}. ` +
    `${percent(share)} of the layer time is traced to a module.`;
}

function setUpProfileSwitch() {
  const group = document.getElementById('profile-switch');
  group.hidden = Object.keys(profiles).length < 2;
  const mark = () => {
    for (const button of group.children) button.setAttribute('aria-pressed', button.dataset.profile === state.profile.key);
  };
  group.addEventListener('click', (event) => {
    const key = event.target.dataset.profile;
    if (key && key !== state.profile.key) showProfile(key);
  });
  subscribe((change) => {
    if (change !== 'profile') return;
    mark();
    describeAccount();
  });
  mark();
}

document.documentElement.classList.add('scripted');
setUpTheme();
setUpProfileSwitch();
setUpDetails();
setUpTable();
setUpIcicle();
setUpRoofline();
setUpSearch();
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') goBack();
});
