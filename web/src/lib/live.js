// live.js: a page that follows its stream (server-sent events): when the stream tells of another version than the page shows,
// the page is fetched and its parts are put in place, with focus, scroll and what was opened left as they are. It always says as of
// when its figures are, and when the line was lost. A wall screen comes back by itself, for ever.
import { each } from './dom.js';

const SILENCE_MS = 40000; // the server says something every 15 s
const AGAIN_MS = 5000;
const WALL_RELOAD_MS = 5 * 60 * 1000;

const two = (n) => String(n).padStart(2, '0');
function instant(ms) {
  const d = new Date(ms + 8 * 3600000); // Shanghai, wherever the screen is
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

function place(old, next) {
  if (old.innerHTML === next.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  const opened = [...old.querySelectorAll('details')].map((d) => d.open);
  old.replaceChildren(...next.childNodes);
  old.querySelectorAll('details').forEach((d, i) => { d.open = opened[i] ?? false; });
  if (focused) old.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

class Live {
  constructor(root) {
    this.root = root;
    this.wall = root.hasAttribute('data-live-wall');
    this.state = document.querySelector('[data-live-state]');
    this.at = this.state.textContent.trim(); // “数据截至 …”, as the page came
    this.over = false;
  }

  say(kind, text) {
    const words = text ? `${text} · ${this.at}` : this.at;
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.dataset.state = kind;
  }

  good(ms) {
    if (ms) this.at = `数据截至 ${instant(ms)}`;
    this.say('live', '实时更新');
  }

  lost() {
    if (!this.over) this.say('lost', '连接已断开，正在重新连接');
  }

  ended() {
    this.close();
    if (this.wall) { // whoever signs in again on this screen finds it as it was
      this.say('lost', '登录已失效，请重新登录');
      this.timer = setTimeout(() => location.reload(), 60000);
      return;
    }
    this.over = true;
    this.say('lost', '登录已失效，请重新登录');
  }

  close() {
    this.source?.close();
    this.source = null;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
  }

  again(after = AGAIN_MS) {
    this.close();
    if (this.over || document.hidden) return;
    this.timer = setTimeout(() => this.open(), after);
  }

  heard() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => { this.lost(); this.again(0); }, SILENCE_MS);
  }

  open() {
    this.close();
    const source = new EventSource(this.root.dataset.live);
    this.source = source;
    this.heard();
    source.addEventListener('open', () => { this.heard(); this.good(); });
    source.addEventListener('beat', (e) => { this.heard(); this.good(Number(e.data)); });
    source.addEventListener('end', () => this.ended());
    source.addEventListener('board', (e) => {
      this.heard();
      this.wanted = JSON.parse(e.data).version;
      if (this.wanted === this.root.dataset.version) this.good();
      else if (!this.busy) this.refresh();
    });
    source.addEventListener('error', () => {
      this.lost();
      if (source.readyState === EventSource.CLOSED) this.refused();
    });
  }

  // Not a stream came: signed out, too many streams, or the server is being exchanged. The page itself says which.
  async refused() {
    const shown = await this.refresh();
    if (shown !== null) this.again(shown ? 30000 : AGAIN_MS);
    if (shown) this.say('lost', '暂时不能实时更新，每半分钟刷新');
  }

  // true: the figures are new; false: not reached; null: signed out.
  async refresh() {
    this.busy = true;
    try {
      const headers = { Accept: 'text/html' };
      if (!this.wall) headers['X-Automatic'] = '1'; // nobody asked: it is no reason to stay signed in
      const answer = await fetch(location.href, { headers, credentials: 'same-origin' });
      if (answer.redirected || answer.status === 401 || answer.status === 403) { this.ended(); return null; }
      if (!answer.ok) throw new Error(answer.status);
      this.show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      return true;
    } catch {
      this.lost();
      if (this.source) this.again();
      return false;
    } finally {
      this.busy = false;
    }
  }

  show(page) {
    const next = page.querySelector('[data-live]');
    each('[data-part]', (part) => {
      const other = next.querySelector(`[data-part="${part.dataset.part}"]`);
      if (other) place(part, other);
    }, this.root);
    this.root.dataset.version = next.dataset.version;
    this.at = page.querySelector('[data-live-state]').textContent.trim();
    this.good();
    // What changed while it was fetched is fetched too, but not in a storm.
    if (this.wanted && this.wanted !== next.dataset.version) setTimeout(() => { if (!this.busy && this.wanted !== this.root.dataset.version) this.refresh(); }, 1000);
  }

  start() {
    this.open();
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.close();
      else if (!this.over) this.open();
    });
    window.addEventListener('pagehide', () => this.close());
    document.querySelector('[data-live-refresh]')?.addEventListener('click', (e) => { e.preventDefault(); this.refresh(); });
    if (this.wall) setInterval(() => this.refresh(), WALL_RELOAD_MS);
  }
}

export function startLive() {
  each('[data-live]', (root) => { if (window.EventSource) new Live(root).start(); });
}
