// tables.js: a table that scrolls in its own box: a box that fits leaves the tab order; Home and End go to its edges.
import { each } from './dom.js';

function fit(box) {
  const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  if (scrolls) box.setAttribute('tabindex', '0'); else box.removeAttribute('tabindex');
}

export function startTables() {
  const boxes = [...document.querySelectorAll('.scroll[role="region"], .table-responsive[role="region"]')];
  for (const box of boxes) {
    fit(box);
    box.addEventListener('keydown', (event) => {
      if (event.target !== box || event.ctrlKey || event.metaKey) return;
      if (event.key === 'Home' || event.key === 'End') {
        event.preventDefault();
        box.scrollTo({ left: event.key === 'Home' ? 0 : box.scrollWidth });
      }
    });
  }
  if (boxes.length) window.addEventListener('resize', () => boxes.forEach(fit));
  each('[data-print]', (b) => { b.hidden = false; b.addEventListener('click', () => window.print()); });
}
