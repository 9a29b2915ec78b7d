// dom.js: the few helpers that every module uses.

export function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value === true) e.setAttribute(name, '');
    else e.setAttribute(name, value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

export const icon = (name) => element('span', { class: `icon icon-${name}`, 'aria-hidden': 'true' });

export const each = (selector, fn, root = document) => root.querySelectorAll(selector).forEach(fn);

export const csrf = () => document.querySelector('meta[name="csrf"]')?.content
  || document.querySelector('input[name="_csrf"]')?.value || '';

// What an answer that is not 2xx says to people: a problem document's sentence, or ours by status.
export function problemText(status, body) {
  if (body?.errors?.length) return body.errors.map((e) => e.message).join('；');
  if (body?.detail || body?.title) return body.detail || body.title;
  if (status === 0) return '网络不通，请检查网络';
  if (status === 401) return '登录已过期';
  if (status === 413) return '内容超过允许的大小';
  return '没有成功，请稍后再试';
}

export async function readJson(response) {
  try { return await response.json(); } catch { return null; }
}

export function clockText(date = new Date()) {
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}
