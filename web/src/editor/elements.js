// elements.js: live list of the content elements (公开内容要素) of the catalogue item: which of them the text names already. A help, not
// the check: that one is the program's, at submission, and looks into attachments too.
import { element, icon } from '../lib/dom.js';

const split = (text) => text.split(/[；;、，,\n。]|(?:^|\s)[●■□·•*]/).map((s) => s.replace(/^[\s\d.．（()）]+/, '').trim()).filter((s) => s.length > 1 && s.length <= 40);

export function elementsList(source) {
  const names = [...new Set(split(source || ''))];
  if (names.length === 0) return null;
  const rows = names.map((name) => ({ name, dom: element('li', {}) }));
  const dom = element('div', { class: 'editor-elements' }, element('p', { class: 'note' }, '内容要素（提交时还会核对附件）'), element('ul', {}, ...rows.map((r) => r.dom)));
  const update = (text) => {
    for (const row of rows) {
      const there = text.includes(row.name);
      if (row.there === there) continue;
      row.there = there;
      row.dom.className = there ? 'there' : '';
      row.dom.replaceChildren(icon(there ? 'check' : 'minus-circle'), element('span', { class: 'visually-hidden' }, there ? '已写到：' : '未见：'), row.name);
    }
  };
  return { dom, update };
}
