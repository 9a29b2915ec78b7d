// toolbar.js: the tools above the text: one tab stop, arrow keys between tools (WAI-ARIA toolbar), states told.
import { lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands';
import { redo, undo } from 'prosemirror-history';
import { liftListItem, wrapInList } from 'prosemirror-schema-list';
import {
  addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, isInTable, mergeCells, splitCell, toggleHeaderRow,
} from 'prosemirror-tables';
import { element, icon } from '../lib/dom.js';
import { alignIs, clearFormat, insertTable, linkAt, markIs, setAlign } from './commands.js';
import { schema } from './schema.js';

const { nodes, marks } = schema;

const inside = (type) => (state) => {
  const { $from } = state.selection;
  for (let d = $from.depth; d > 0; d -= 1) if ($from.node(d).type === type) return true;
  return false;
};

function toggleList(type) {
  return (state, dispatch) => (inside(type)(state) ? liftListItem(nodes.list_item)(state, dispatch) : wrapInList(type)(state, dispatch));
}
function toggleQuote(state, dispatch) {
  return inside(nodes.blockquote)(state) ? lift(state, dispatch) : wrapIn(nodes.blockquote)(state, dispatch);
}

const TOOLS = [
  [{ icon: 'undo', label: '撤销', run: undo }, { icon: 'redo', label: '重做', run: redo }],
  'style',
  [{ icon: 'bold', label: '加粗', run: toggleMark(marks.strong), on: markIs(marks.strong) },
    { icon: 'underline', label: '下划线', run: toggleMark(marks.underline), on: markIs(marks.underline) },
    { icon: 'superscript', label: '上标', run: toggleMark(marks.superscript), on: markIs(marks.superscript) },
    { icon: 'subscript', label: '下标', run: toggleMark(marks.subscript), on: markIs(marks.subscript) }],
  [{ icon: 'align-left', label: '左对齐并首行缩进', run: setAlign(null), on: alignIs(null) },
    { icon: 'align-center', label: '居中', run: setAlign('center'), on: alignIs('center') },
    { icon: 'align-right', label: '右对齐', run: setAlign('right'), on: alignIs('right') }],
  [{ icon: 'list', label: '项目符号', run: toggleList(nodes.bullet_list), on: inside(nodes.bullet_list) },
    { icon: 'list-ordered', label: '编号', run: toggleList(nodes.ordered_list), on: inside(nodes.ordered_list) },
    { icon: 'quote', label: '引用', run: toggleQuote, on: inside(nodes.blockquote) }],
  [{ icon: 'link', label: '链接', form: 'link', on: markIs(marks.link) },
    { icon: 'table', label: '插入表格', run: insertTable(3, 3), off: isInTable },
    { icon: 'clear', label: '清除格式', run: clearFormat }],
];

const TABLE_TOOLS = [
  { text: '下方加行', run: addRowAfter }, { text: '右侧加列', run: addColumnAfter }, { text: '删行', run: deleteRow }, { text: '删列', run: deleteColumn },
  { text: '合并单元格', run: mergeCells }, { text: '拆分单元格', run: splitCell }, { text: '表头行', run: toggleHeaderRow }, { text: '删除表格', run: deleteTable },
];

const STYLES = [['0', '正文'], ['1', '一级标题'], ['2', '二级标题'], ['3', '三级标题'], ['4', '四级标题']];

export class Toolbar {
  constructor(view, more) {
    this.view = view;
    this.tools = [];
    this.bar = element('div', { class: 'editor-bar', role: 'toolbar', 'aria-label': '编辑工具' });
    for (const group of TOOLS) this.bar.append(group === 'style' ? this.styles() : this.group(group));
    if (more.length) this.bar.append(this.group(more));
    this.tableBar = element('div', { class: 'editor-bar editor-table-bar', role: 'toolbar', 'aria-label': '表格工具', hidden: true });
    this.tableBar.append(this.group(TABLE_TOOLS));
    this.linkForm = this.link();
    this.dom = element('div', { class: 'editor-tools' }, this.bar, this.tableBar, this.linkForm);
    [this.bar, this.tableBar].forEach((bar) => this.rove(bar));
    this.update();
  }

  group(tools) {
    const box = element('div', { class: 'editor-group' });
    for (const tool of tools) {
      const button = element('button', {
        type: 'button', title: tool.title || tool.label || tool.text, 'aria-label': tool.label || null, tabindex: '-1',
        onmousedown: (e) => e.preventDefault(), onclick: () => this.press(tool),
      }, tool.icon ? icon(tool.icon) : null, tool.words || tool.text || null);
      tool.button = button;
      this.tools.push({ ...tool, button });
      box.append(button);
    }
    return box;
  }

  styles() {
    this.style = element('select', { 'aria-label': '段落样式', title: '段落样式', tabindex: '-1', onchange: () => this.setStyle() });
    for (const [value, text] of STYLES) this.style.append(element('option', { value }, text));
    return element('div', { class: 'editor-group' }, this.style);
  }

  setStyle() {
    const level = Number(this.style.value);
    setBlockType(level ? nodes.heading : nodes.paragraph, level ? { level } : null)(this.view.state, this.view.dispatch);
    this.view.focus();
  }

  press(tool) {
    if (tool.form === 'link') return this.openLink();
    if (tool.act) return tool.act();
    tool.run(this.view.state, this.view.dispatch, this.view);
    this.view.focus();
    return undefined;
  }

  link() {
    this.href = element('input', { type: 'text', 'aria-label': '链接地址', placeholder: 'https://', class: 'form-control', onkeydown: (e) => {
      if (e.key === 'Enter') { e.preventDefault(); this.setLink(this.href.value.trim()); }
      if (e.key === 'Escape') this.closeLink();
    } });
    // The address is not a field of the page's form.
    this.href.addEventListener('input', (e) => e.stopPropagation());
    this.href.addEventListener('change', (e) => e.stopPropagation());
    this.linkProblem = element('span', { class: 'field-error', role: 'status' });
    return element('div', { class: 'editor-link', hidden: true }, this.href,
      element('button', { type: 'button', class: 'btn btn-sm', onclick: () => this.setLink(this.href.value.trim()) }, '加上链接'),
      element('button', { type: 'button', class: 'btn btn-sm', onclick: () => this.setLink('') }, '去掉链接'), this.linkProblem);
  }

  openLink() {
    this.linkForm.hidden = false;
    this.linkProblem.textContent = this.view.state.selection.empty ? '请先选中要加链接的文字' : '';
    this.href.value = linkAt(this.view.state);
    this.href.focus();
  }

  closeLink() {
    this.linkForm.hidden = true;
    this.view.focus();
  }

  setLink(href) {
    const { from, to } = this.view.state.selection;
    if (href && !/^(https?:\/\/|mailto:|\/(?!\/))/i.test(href)) {
      this.linkProblem.textContent = '地址以 https:// 或 / 开头';
      return;
    }
    const tr = this.view.state.tr.removeMark(from, to, marks.link);
    if (href) tr.addMark(from, to, marks.link.create({ href }));
    this.view.dispatch(tr);
    this.closeLink();
  }

  // One tab stop per bar; arrows, Home and End move in it.
  rove(bar) {
    const stops = () => [...bar.querySelectorAll('button:not(:disabled), select')];
    const first = stops()[0];
    if (first) first.tabIndex = 0;
    bar.addEventListener('keydown', (event) => {
      const keys = { ArrowRight: 1, ArrowLeft: -1, Home: 'first', End: 'last' };
      const step = keys[event.key];
      if (step === undefined || (event.target.tagName === 'SELECT' && event.altKey)) return;
      const list = stops();
      const at = list.indexOf(event.target);
      const next = step === 'first' ? list[0] : step === 'last' ? list[list.length - 1] : list[(at + step + list.length) % list.length];
      event.preventDefault();
      list.forEach((b) => { b.tabIndex = -1; });
      next.tabIndex = 0;
      next.focus();
    });
  }

  update() {
    const { state } = this.view;
    this.tableBar.hidden = !isInTable(state);
    const { parent } = state.selection.$from;
    this.style.value = parent.type === nodes.heading ? String(parent.attrs.level) : '0';
    for (const tool of this.tools) {
      if (tool.on) tool.button.setAttribute('aria-pressed', String(tool.on(state)));
      const able = tool.act || tool.form ? true : tool.run(state) && !(tool.off && tool.off(state));
      tool.button.setAttribute('aria-disabled', String(!able));
    }
  }
}
