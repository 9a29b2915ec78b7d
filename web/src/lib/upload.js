// upload.js: <form data-upload>: files dropped or chosen are sent one by one with progress, each by itself, so that one that is refused does not
// take the others with it. Without script the form is a plain multipart form.
import { csrf, element, problemText } from './dom.js';
import { isDirty } from './forms.js';

function send(form, field, file, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append(field.name, file, file.name);
    request.open('POST', new URL(form.getAttribute('action'), location.href).pathname.replace(/^(\/api\/v1)?/, '/api/v1'));
    request.setRequestHeader('X-CSRF-Token', csrf());
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', (e) => { if (e.lengthComputable) onProgress(e.loaded / e.total); });
    request.addEventListener('loadend', () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* a page, or nothing */ }
      resolve({ status: request.status, answer });
    });
    request.send(body);
  });
}

function sizeText(bytes) {
  return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

class Upload {
  constructor(form, saver) {
    this.form = form;
    this.saver = saver;
    this.field = form.querySelector('input[type="file"]');
    this.list = form.appendChild(element('ul', { class: 'uploads', 'aria-live': 'polite' }));
    this.busy = false;
    this.area = form.closest('[data-drop]') || form;
    this.area.classList.add('drop');
    this.listen();
  }

  listen() {
    this.form.addEventListener('submit', (e) => {
      e.preventDefault();
      this.take([...this.field.files]);
    });
    this.field.addEventListener('change', () => this.take([...this.field.files]));
    for (const name of ['dragenter', 'dragover']) {
      this.area.addEventListener(name, (e) => {
        if (!e.dataTransfer?.types.includes('Files')) return;
        e.preventDefault();
        this.area.classList.add('over');
      });
    }
    this.area.addEventListener('dragleave', (e) => { if (!this.area.contains(e.relatedTarget)) this.area.classList.remove('over'); });
    this.area.addEventListener('drop', (e) => {
      e.preventDefault();
      this.area.classList.remove('over');
      this.take([...e.dataTransfer.files]);
    });
  }

  async take(files) {
    if (this.busy || files.length === 0) return;
    this.busy = true;
    // What is typed goes first: attaching moves the draft's revision.
    if (this.saver) await this.saver.save();
    let kept = 0;
    for (const file of files) kept += await this.one(file) ? 1 : 0;
    this.busy = false;
    this.field.value = '';
    if (kept > 0) this.finish(kept);
  }

  async one(file) {
    const bar = element('progress', { max: '1', value: '0', 'aria-label': `${file.name} 上传进度` });
    const state = element('span', { class: 'note' }, '正在上传');
    const row = element('li', {}, element('span', {}, `${file.name}（${sizeText(file.size)}）`), state, bar);
    this.list.append(row);
    const { status, answer } = await send(this.form, this.field, file, (part) => {
      bar.value = part;
      state.textContent = part < 1 ? `${Math.round(part * 100)}%` : '正在检查';
    });
    bar.remove();
    const done = status >= 200 && status < 300;
    state.textContent = done ? '已上传' : '没有上传';
    if (!done) row.append(element('p', { class: 'problem' }, problemText(status, answer)));
    else this.revision = answer?.disclosure?.revision;
    return done;
  }

  // The list of attachments is the server's: read the page again, unless something typed is not saved yet.
  async finish(kept) {
    const draft = document.querySelector('form[data-autosave]');
    const revision = draft?.elements.namedItem('revision');
    if (revision && this.revision) revision.value = this.revision;
    const failed = this.list.querySelector('.problem');
    if (draft && isDirty(draft) && !(this.saver && await this.saver.save())) return;
    if (!failed) location.reload();
    else this.list.append(element('li', {}, element('a', { href: location.href }, `已上传 ${kept} 个，刷新查看附件清单`)));
  }
}

export function startUploads(savers) {
  const saver = [...savers.values()][0] || null;
  document.querySelectorAll('form[data-upload]').forEach((form) => { if (form.querySelector('input[type="file"]')) new Upload(form, saver); });
}
