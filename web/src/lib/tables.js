// tables.js: a table that scrolls in its own box: a box that fits leaves the tab order; Home and End go to its edges.
import { each, element } from './dom.js';

function fit(box) {
  const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  if (scrolls) box.setAttribute('tabindex', '0'); else box.removeAttribute('tabindex');
}

// A table in a body that is wider than the page gets a box of its own.
function boxWideTables() {
  each('.prose:not(.ProseMirror) > table, .document-body > table', (table) => {
    const box = element('div', { class: 'scroll', role: 'region', 'aria-label': table.caption?.textContent || '表格，可左右滚动' });
    table.before(box);
    box.append(table);
    if (box.scrollWidth <= box.clientWidth + 1) box.replaceWith(table);
  });
}

export function startTables() {
  boxWideTables();
  const boxes = [...document.querySelectorAll('.scroll[aria-label], .table-responsive[aria-label]')];
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
