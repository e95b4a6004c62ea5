// Below the trials of a search: the recipe of the one that is pointed at or has the focus.

function setUpSearch() {
  const chart = document.querySelector('#pareto svg');
  const words = document.getElementById('pareto-trial');
  if (!chart) return;
  const show = (event) => {
    if (event.target.classList.contains('trial')) words.textContent = event.target.textContent;
  };
  chart.addEventListener('pointerover', show);
  chart.addEventListener('focusin', show);
}
