// elder.js: elder mode's own tools: larger type, high contrast, reading aloud. What is chosen is remembered in this browser.
const MOST = 6; // 24 px + 6 × 2 px

function remembered(key, fallback) {
  try {
    return localStorage.getItem(key) ?? fallback;
  } catch {
    return fallback; // storage is switched off
  }
}
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* the choice holds for this page */
  }
}

function startSize(root, larger, smaller) {
  let step = Math.min(MOST, Math.max(0, Number(remembered('elder-step', '0')) || 0));
  const apply = () => {
    root.style.setProperty('--elder-step', String(step));
    larger.disabled = step === MOST;
    smaller.disabled = step === 0;
  };
  const change = (by) => {
    step = Math.min(MOST, Math.max(0, step + by));
    remember('elder-step', String(step));
    apply();
  };
  larger.addEventListener('click', () => change(1));
  smaller.addEventListener('click', () => change(-1));
  apply();
}

function startContrast(root, button) {
  let on = remembered('elder-contrast', matchMedia('(prefers-contrast: more)').matches ? '1' : '0') === '1';
  const apply = () => {
    root.classList.toggle('contrast', on);
    button.setAttribute('aria-pressed', String(on));
  };
  button.addEventListener('click', () => {
    on = !on;
    remember('elder-contrast', on ? '1' : '0');
    apply();
  });
  apply();
}

// Blocks of text in reading order; one is read and marked at a time.
function startReading(read, stop) {
  if (!('speechSynthesis' in window)) return;
  const voice = window.speechSynthesis;
  const blocks = () => [...document.querySelectorAll('main h1, main h2, main h3, main p, main li, main dt, main dd, main th, main td, main label')].filter((b) => b.textContent.trim() && b.offsetParent && !b.querySelector('p, li, td'));
  let list = [];
  let at = -1;
  const mark = (i) => {
    if (list[at]) list[at].classList.remove('reading');
    at = i;
    if (!list[at]) return;
    list[at].classList.add('reading');
    list[at].scrollIntoView({ block: 'center' });
  };
  const end = () => {
    mark(-1);
    list = [];
    stop.hidden = true;
    read.textContent = '朗读本页';
  };
  const next = () => {
    mark(at + 1);
    if (!list[at]) return end();
    const words = new SpeechSynthesisUtterance(list[at].textContent.trim());
    words.lang = 'zh-CN';
    words.rate = 0.9;
    words.onend = () => list.length && next();
    voice.speak(words);
  };
  read.hidden = false;
  read.addEventListener('click', () => {
    if (!list.length) {
      list = blocks();
      stop.hidden = false;
      read.textContent = '暂停';
      next();
    } else if (voice.paused) {
      voice.resume();
      read.textContent = '暂停';
    } else {
      voice.pause();
      read.textContent = '继续朗读';
    }
  });
  stop.addEventListener('click', () => {
    list.forEach((b) => b.classList.remove('reading'));
    list = [];
    voice.cancel();
    end();
    read.focus();
  });
  window.addEventListener('pagehide', () => voice.cancel());
}

export function startElder() {
  const bar = document.querySelector('[data-elder-tools]');
  if (!bar) return;
  const button = (name) => bar.querySelector(`[data-elder="${name}"]`);
  const root = document.documentElement;
  bar.hidden = false;
  startSize(root, button('larger'), button('smaller'));
  startContrast(root, button('contrast'));
  startReading(button('read'), button('stop'));
}
