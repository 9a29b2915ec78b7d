// editor.js: turns <textarea data-editor> into a rich-text editor. The textarea stays the field that is sent; without script it is edited itself.
//
// data-docx-url: where 打开 Word 文档 posts to. data-elements: content elements to look for while writing. No inline style is ever written
// (strict CSP): ProseMirror's own rules are in editor.css, column resizing is off.
import { baseKeymap, chainCommands, exitCode, toggleMark } from 'prosemirror-commands';
import { dropCursor } from 'prosemirror-dropcursor';
import { gapCursor } from 'prosemirror-gapcursor';
import { history, redo, undo } from 'prosemirror-history';
import { keymap } from 'prosemirror-keymap';
import { DOMParser as PMParser, DOMSerializer } from 'prosemirror-model';
import { liftListItem, sinkListItem, splitListItem } from 'prosemirror-schema-list';
import { EditorState } from 'prosemirror-state';
import { fixTables, goToNextCell, tableEditing } from 'prosemirror-tables';
import { EditorView } from 'prosemirror-view';
import { element } from './lib/dom.js';
import { docxTool } from './editor/docx.js';
import { elementsList } from './editor/elements.js';
import { cleanHtml } from './editor/paste.js';
import { schema } from './editor/schema.js';
import { Toolbar } from './editor/toolbar.js';

const SYNC_MS = 400; // after the last key: writing the HTML of a long document on every key would be felt

function parse(html) {
  const tree = new DOMParser().parseFromString(html, 'text/html');
  return PMParser.fromSchema(schema).parse(tree.body);
}

function serialise(doc) {
  const box = document.createElement('div');
  box.append(DOMSerializer.fromSchema(schema).serializeFragment(doc.content));
  // A cell or list item of one plain paragraph needs no <p>.
  box.querySelectorAll('td > p:only-child, th > p:only-child, li > p:only-child').forEach((p) => { if (!p.className) p.replaceWith(...p.childNodes); });
  return doc.childCount === 1 && doc.firstChild.isTextblock && doc.firstChild.content.size === 0 ? '' : box.innerHTML;
}

const lineBreak = chainCommands(exitCode, (state, dispatch) => {
  if (dispatch) dispatch(state.tr.replaceSelectionWith(schema.nodes.hard_break.create()).scrollIntoView());
  return true;
});

const keys = keymap({
  'Mod-z': undo, 'Mod-y': redo, 'Shift-Mod-z': redo,
  'Mod-b': toggleMark(schema.marks.strong), 'Mod-i': toggleMark(schema.marks.em), 'Mod-u': toggleMark(schema.marks.underline),
  'Shift-Enter': lineBreak,
  Enter: splitListItem(schema.nodes.list_item),
  'Mod-[': liftListItem(schema.nodes.list_item), 'Mod-]': sinkListItem(schema.nodes.list_item),
  // Tab moves between cells of a table and nowhere else: the keyboard must be able to leave the editor.
  Tab: goToNextCell(1), 'Shift-Tab': goToNextCell(-1),
});

class Editor {
  constructor(textarea) {
    this.textarea = textarea;
    this.timer = 0;
    this.mount = element('div', { class: 'editor' });
    this.status = element('p', { class: 'note editor-status', role: 'status' });
    this.elements = elementsList(textarea.dataset.elements);
    this.view = new EditorView({ mount: this.mount.appendChild(element('div', { class: 'editor-text' })) }, {
      state: EditorState.create({
        doc: parse(textarea.value),
        plugins: [keys, keymap(baseKeymap), history(), dropCursor({ class: 'editor-drop', color: false }), gapCursor(), tableEditing()],
      }),
      attributes: this.attributes(),
      transformPastedHTML: cleanHtml,
      dispatchTransaction: (tr) => this.apply(tr),
    });
    this.start();
  }

  attributes() {
    const label = document.querySelector(`label[for="${this.textarea.id}"]`);
    return {
      class: 'prose', role: 'textbox', 'aria-multiline': 'true', id: this.textarea.id, spellcheck: 'false',
      'aria-label': label ? label.textContent.trim() : '正文',
      ...(this.textarea.getAttribute('aria-describedby') ? { 'aria-describedby': this.textarea.getAttribute('aria-describedby') } : {}),
      ...(this.textarea.classList.contains('is-invalid') || this.textarea.getAttribute('aria-invalid') ? { 'aria-invalid': 'true' } : {}),
    };
  }

  start() {
    const { textarea } = this;
    const more = [];
    if (textarea.dataset.docxUrl) {
      const docx = docxTool(textarea.dataset.docxUrl, (html) => this.insert(html), (text, problem) => this.say(text, problem));
      this.mount.append(docx.input);
      more.push(docx.tool);
    }
    this.toolbar = new Toolbar(this.view, more);
    this.mount.prepend(this.toolbar.dom);
    if (this.elements) this.mount.append(this.elements.dom);
    this.mount.append(this.status);
    textarea.before(this.mount);
    // Links of the error summary and the label go to the editor, which takes the textarea's id.
    document.querySelector(`label[for="${textarea.id}"]`)?.addEventListener('click', () => this.view.focus());
    textarea.removeAttribute('id');
    textarea.required = false;
    textarea.hidden = true;
    textarea.form?.addEventListener('submit', () => this.sync(false), true);
    textarea.form?.addEventListener('autosave:collect', () => this.sync(false));
    const fixed = fixTables(this.view.state);
    if (fixed) this.view.updateState(this.view.state.apply(fixed.setMeta('addToHistory', false)));
    this.count();
  }

  apply(tr) {
    this.view.updateState(this.view.state.apply(tr));
    this.toolbar?.update();
    if (!tr.docChanged) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sync(true), SYNC_MS);
    const { form } = this.textarea;
    if (form) form.dataset.dirty = '1';
  }

  sync(tell) {
    clearTimeout(this.timer);
    this.textarea.value = serialise(this.view.state.doc);
    this.count();
    if (tell) this.textarea.dispatchEvent(new Event('input', { bubbles: true }));
  }

  count() {
    const { doc } = this.view.state;
    const text = doc.textBetween(0, doc.content.size, '\n', ' ');
    const title = this.textarea.form?.elements.namedItem('title')?.value || '';
    this.elements?.update(`${title}\n${text}`);
    this.say(`共 ${text.replace(/\s/g, '').length} 字`);
  }

  insert(html) {
    const slice = PMParser.fromSchema(schema).parseSlice(new DOMParser().parseFromString(cleanHtml(html), 'text/html').body);
    this.view.dispatch(this.view.state.tr.replaceSelection(slice).scrollIntoView());
    this.view.focus();
  }

  say(text, problem = false) {
    this.status.textContent = text;
    this.status.classList.toggle('field-error', problem);
  }
}

document.querySelectorAll('textarea[data-editor]').forEach((textarea) => new Editor(textarea));
