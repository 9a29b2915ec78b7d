// replay.js: plays the course of a matter: the next step's page every few seconds, put in place without a reload.
import { each } from './dom.js';

const PAUSE_MS = 2500;

// The neighbour's page, or null when it cannot be had (signed out, network): then an ordinary visit says why.
async function fetchStep(href) {
  const answer = await fetch(href, { headers: { Accept: 'text/html' }, credentials: 'same-origin' });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-replay]');
}

export function startReplay() {
  each('[data-replay]', (first) => {
    let root = first;
    let timer = null;

    function label() {
      const button = root.querySelector('[data-replay-play]');
      button.hidden = false;
      button.textContent = timer ? '暂停' : '播放';
      button.addEventListener('click', () => (timer ? stop() : play()));
      each('[data-replay-before],[data-replay-after],.course a', (link) => link.addEventListener('click', visit), root);
    }
    function stop() {
      clearTimeout(timer);
      timer = null;
      root.querySelector('[data-replay-play]').textContent = '播放';
    }
    async function show(href, focus) {
      const next = await fetchStep(href).catch(() => null);
      if (!next) { location.href = href; return; }
      root.replaceWith(next);
      root = next;
      history.replaceState(null, '', href);
      label();
      if (focus) (root.querySelector(focus) ?? root.querySelector('[data-replay-play]')).focus({ preventScroll: true });
    }
    async function visit(event) {
      const href = event.currentTarget.getAttribute('href');
      if (!href || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const again = event.currentTarget.matches('[data-replay-before]') ? '[data-replay-before]'
        : event.currentTarget.matches('[data-replay-after]') ? '[data-replay-after]' : '.course .active a';
      stop();
      await show(href, again);
    }
    async function step() {
      const after = root.querySelector('[data-replay-after]').getAttribute('href');
      if (!after) { stop(); return; }
      await show(after, '[data-replay-play]');
      if (timer) timer = setTimeout(step, PAUSE_MS);
    }
    async function play() {
      const button = root.querySelector('[data-replay-play]');
      timer = setTimeout(step, PAUSE_MS);
      if (!root.querySelector('[data-replay-after]').getAttribute('href')) await show(button.dataset.first, '[data-replay-play]');
      else button.textContent = '暂停';
    }
    label();
  });
}
