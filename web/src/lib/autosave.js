// autosave.js: <form data-autosave data-autosave-url="/api/v1/…">: a few seconds after a change the fields are sent. The first answer
// that says someone else saved (409) stops it: the text stays in the form, and saving on purpose shows both.
import { clockText, csrf, element, problemText, readJson } from './dom.js';
import { isDirty, setDirty } from './forms.js';

const QUIET_MS = 3000;   // pause in typing before a save
const RETRY_MS = 15000;  // after a failure of the network or the server

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosaveUrl || form.action;
    this.status = form.querySelector('[data-autosave-status]') || form.appendChild(element('p', { role: 'status', class: 'note' }));
    this.timer = 0;
    this.saving = null;
    this.stopped = false;
    form.addEventListener('input', () => this.later(QUIET_MS));
    form.addEventListener('change', () => this.later(QUIET_MS));
    form.addEventListener('submit', () => clearTimeout(this.timer));
    document.addEventListener('visibilitychange', () => { if (document.hidden && isDirty(form)) this.save(); });
  }

  later(ms) {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), ms);
  }

  say(text, problem = false) {
    this.status.textContent = text;
    this.status.classList.toggle('autosave-problem', problem);
  }

  fields() {
    this.form.dispatchEvent(new CustomEvent('autosave:collect'));
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === 'string' && !name.startsWith('_')) body.append(name, value);
    body.set('autosave', '1');
    return body;
  }

  // Resolves to true when everything typed so far is kept by the server.
  async save() {
    clearTimeout(this.timer);
    if (this.saving) await this.saving;
    if (this.stopped || !isDirty(this.form) || this.form.dataset.sending) return !this.stopped;
    this.saving = this.send();
    const done = await this.saving;
    this.saving = null;
    return done;
  }

  async send() {
    const body = this.fields();
    setDirty(this.form, false);
    this.say('正在保存');
    let response;
    try {
      response = await fetch(this.url, { method: 'POST', body, headers: { 'X-CSRF-Token': csrf(), Accept: 'application/json' } });
    } catch {
      return this.failed('网络不通，内容留在本页，将自动重试');
    }
    const answer = await readJson(response);
    if (response.ok) return this.kept(answer);
    if (response.status === 409) return this.conflict();
    if (response.status === 422) return this.failed(`尚未自动保存：${problemText(422, answer)}`, 0);
    if (response.status === 401 || response.status === 403) {
      this.stopped = true;
      return this.failed('登录已过期。请在新窗口登录后再点保存，本页内容不会丢失', 0);
    }
    return this.failed(`没有保存成功：${problemText(response.status, answer)}`);
  }

  kept(answer) {
    const revision = this.form.elements.namedItem('revision');
    if (revision && answer && Number.isInteger(answer.revision)) revision.value = answer.revision;
    this.say(`已自动保存 ${clockText()}`);
    return true;
  }

  failed(text, retry = RETRY_MS) {
    setDirty(this.form, true);
    this.say(text, true);
    if (retry) this.later(retry);
    return false;
  }

  conflict() {
    this.stopped = true;
    setDirty(this.form, true);
    this.say('他人刚刚修改并保存了这份稿件。您输入的内容还在本页，自动保存已停止；点“保存稿件”可以对照两份内容', true);
    return false;
  }
}

export function startAutosave() {
  const savers = new Map();
  document.querySelectorAll('form[data-autosave]').forEach((form) => savers.set(form, new Autosave(form)));
  return savers;
}
