// apply.js: comfort on the application form: the list of organs narrows while typing, and published information like what is
// wanted is shown while it is being described. Without script both come with the next page.
import { each, element } from './dom.js';

const WAIT = 300;

function filter(input) {
  const set = document.querySelector(input.dataset.filter);
  const { name } = set.querySelector('[data-words] input') ?? {};
  const narrow = () => {
    const q = input.value.trim();
    each('[data-words]', (line) => {
      const radio = line.querySelector('input');
      line.hidden = q !== '' && !line.dataset.words.includes(q) && !radio.checked;
      radio.name = line.hidden ? '' : name; // out of the group: else Tab may look for the group at a hidden one
    }, set);
  };
  input.addEventListener('input', narrow);
  narrow();
}

const item = (hit) => element('li', {}, element('a', { href: hit.address, target: '_blank', rel: 'noopener' }, hit.title), ` ${hit.unit_name} ${hit.day}`);

function similar(list) {
  const inputs = [...document.querySelectorAll('input[data-similar]')];
  let timer = 0;
  const ask = async () => {
    const q = inputs.map((i) => i.value.trim()).filter(Boolean).join(' ').slice(0, 100);
    if (q.length < 2) { list.replaceChildren(); return; }
    try {
      const { similar: address, similarUnit: unit } = inputs[0].dataset;
      const r = await fetch(`${address}?q=${encodeURIComponent(q)}&unit=${encodeURIComponent(unit)}`, { headers: { accept: 'application/json' } });
      if (!r.ok) return;
      const { hits, answers } = await r.json();
      const all = [...answers, ...hits.filter((h) => !answers.some((a) => a.address === h.address))];
      list.replaceChildren(...(all.length ? [element('p', { class: 'note' }, '已经公开的相近信息（在新窗口打开）：'), element('ul', { class: 'side-list' }, ...all.map(item))] : []));
    } catch { /* the next page shows them */ }
  };
  for (const input of inputs) input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
}

export function startApply() {
  each('input[data-filter]', filter);
  each('[data-similar-list]', similar);
}
