// focus.js: after a refused form the summary of errors has the focus; its links go to the fields, even those in a closed <details>.
import { each } from './dom.js';

function open(target) {
  for (let e = target; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
}

export function startFocus() {
  const first = document.querySelector('[data-focus]');
  if (first) first.focus();
  each('.error-summary a[href^="#"]', (a) => a.addEventListener('click', (event) => {
    const name = decodeURIComponent(a.hash.slice(1));
    const target = document.getElementById(name) || document.getElementsByName(name)[0];
    if (!target) return;
    event.preventDefault();
    open(target);
    target.focus();
    target.scrollIntoView({ block: 'center' });
  }));
}
