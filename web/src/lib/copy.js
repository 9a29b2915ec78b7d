// copy.js: <button data-copy="text">复制</button>; says so to screen readers too. Hidden where the browser cannot.
import { each } from './dom.js';

export function startCopy() {
  each('[data-copy]', (button) => {
    if (!navigator.clipboard) { button.hidden = true; return; }
    button.hidden = false;
    const words = button.textContent;
    button.setAttribute('aria-live', 'polite');
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = '已复制';
      } catch {
        button.textContent = '复制没有成功';
      }
      setTimeout(() => { button.textContent = words; }, 2000);
    });
  });
}
