// forms.js: comfort for plain forms: asks before what cannot be undone, sends once, asks before leaving with changes.
import { each } from './dom.js';

function question(form, button) {
  return button?.dataset.confirm || form.dataset.confirm || '';
}

// A second click while the first is under way sends nothing; the page coming back from the history works again.
function guardSending(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sending) return event.preventDefault();
    const ask = question(form, event.submitter);
    if (ask && !window.confirm(ask)) return event.preventDefault();
    if (event.defaultPrevented) return undefined;
    form.dataset.sending = '1';
    // After this event, so that the button's own name and value are still sent.
    setTimeout(() => each('button[type="submit"], button:not([type])', (b) => { b.disabled = true; }, form), 0);
    return undefined;
  });
}

function sendAgain() {
  each('form[data-sending]', (form) => {
    delete form.dataset.sending;
    each('button', (b) => { b.disabled = false; }, form);
  });
}

export const isDirty = (form) => form.dataset.dirty === '1';
export const setDirty = (form, dirty) => { if (dirty) form.dataset.dirty = '1'; else delete form.dataset.dirty; };

function guardLeaving(form) {
  form.addEventListener('input', () => setDirty(form, true));
  form.addEventListener('change', () => setDirty(form, true));
}

export function startForms() {
  each('form', (form) => { if (form.method === 'post' && !('upload' in form.dataset)) guardSending(form); });
  each('form[data-warn-unsaved], form[data-autosave]', guardLeaving);
  window.addEventListener('pageshow', (event) => { if (event.persisted) sendAgain(); });
  window.addEventListener('beforeunload', (event) => {
    const left = [...document.querySelectorAll('form[data-dirty]')].some((f) => !f.dataset.sending);
    if (left) event.preventDefault();
  });
  each('select[data-submit]', (select) => select.addEventListener('change', () => select.form.requestSubmit()));
}
