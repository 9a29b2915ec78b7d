// suggest.js: suggestions under a search field (a combobox with a listbox: arrow keys, Enter, Escape). Without script the
// field is an ordinary one.
const WAIT = 80;

function option(item, i) {
  const li = document.createElement('li');
  li.role = 'option';
  li.id = `suggest-${i}`;
  li.setAttribute('role', 'option');
  li.setAttribute('aria-selected', 'false');
  li.dataset.href = item.href;
  const label = document.createElement('span');
  label.textContent = item.label;
  const kind = document.createElement('span');
  kind.className = 'kind';
  kind.textContent = item.kind_name;
  li.append(label, kind);
  return li;
}

function start(input) {
  const box = document.createElement('div');
  box.className = 'suggest-box';
  input.replaceWith(box);
  const list = document.createElement('ul');
  list.className = 'suggest-list';
  list.id = `${input.id}-suggestions`;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', '检索提示');
  list.hidden = true;
  box.append(input, list);
  for (const [k, v] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })) input.setAttribute(k, v);

  let timer = 0;
  let asked = '';
  let at = -1;
  const close = () => {
    asked = ''; // an answer still on its way comes too late
    list.hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const choose = (i) => {
    const all = list.children;
    if (all[at]) all[at].setAttribute('aria-selected', 'false');
    at = all.length ? (i + all.length) % all.length : -1;
    if (at < 0) return;
    all[at].setAttribute('aria-selected', 'true');
    input.setAttribute('aria-activedescendant', all[at].id);
  };
  const show = (items) => {
    list.replaceChildren(...items.map(option));
    at = -1;
    list.hidden = items.length === 0;
    input.setAttribute('aria-expanded', String(items.length > 0));
  };
  const ask = async () => {
    const q = input.value.trim();
    if (q === asked) return;
    asked = q;
    if (!q) return close();
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(q)}`, { headers: { accept: 'application/json' } });
      if (!answer.ok || q !== asked) return;
      const { suggestions } = await answer.json();
      if (q === asked && document.activeElement === input) show(suggestions);
    } catch {
      close();
    }
  };
  input.addEventListener('input', (e) => {
    if (e.isComposing) return; // the input method is still choosing characters
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener('compositionend', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener('keydown', (e) => {
    if (list.hidden || e.isComposing) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      choose(at < 0 ? (e.key === 'ArrowDown' ? 0 : -1) : at + (e.key === 'ArrowDown' ? 1 : -1));
    } else if (e.key === 'Escape') {
      e.preventDefault();
      close();
    } else if (e.key === 'Enter' && at >= 0) {
      e.preventDefault();
      location.assign(list.children[at].dataset.href);
    }
  });
  list.addEventListener('pointerdown', (e) => {
    const li = e.target.closest('li');
    if (!li) return;
    e.preventDefault();
    location.assign(li.dataset.href);
  });
  input.addEventListener('blur', close);
}

export function startSuggestions() {
  for (const input of document.querySelectorAll('input[data-suggest]')) start(input);
  // On a narrow screen the filters are folded away above the results.
  const fold = document.querySelector('.facets-fold');
  if (fold && matchMedia('(max-width: 959px)').matches) fold.open = false;
}
