// commands.js: what the toolbar and the keys do, beyond ProseMirror's own commands.
import { schema } from './schema.js';

export function setAlign(align) {
  return (state, dispatch) => {
    const { from, to } = state.selection;
    const tr = state.tr;
    state.doc.nodesBetween(from, to, (node, pos) => {
      if (node.type.spec.attrs && 'align' in node.type.spec.attrs && node.attrs.align !== align) tr.setNodeMarkup(pos, null, { ...node.attrs, align });
    });
    if (tr.docChanged && dispatch) dispatch(tr.scrollIntoView());
    return true;
  };
}

export function alignIs(align) {
  return (state) => (state.selection.$from.parent.attrs.align || null) === align;
}

export function markIs(type) {
  return (state) => {
    const { from, to, empty, $from } = state.selection;
    if (empty) return Boolean(type.isInSet(state.storedMarks || $from.marks()));
    return state.doc.rangeHasMark(from, to, type);
  };
}

export function clearFormat(state, dispatch) {
  const { from, to } = state.selection;
  const tr = state.tr;
  Object.values(schema.marks).forEach((m) => tr.removeMark(from, to, m));
  state.doc.nodesBetween(from, to, (node, pos) => {
    if (node.type === schema.nodes.heading || (node.type === schema.nodes.paragraph && node.attrs.align)) tr.setNodeMarkup(pos, schema.nodes.paragraph, { align: null });
  });
  if (dispatch) dispatch(tr.scrollIntoView());
  return true;
}

export function insertTable(rows, columns) {
  return (state, dispatch) => {
    const { table, table_row: row, table_cell: cell, table_header: header } = schema.nodes;
    const make = (type, attrs) => Array.from({ length: columns }, () => type.createAndFill(attrs));
    const lines = [row.create(null, make(header, { scope: 'col' }))];
    for (let i = 1; i < rows; i += 1) lines.push(row.create(null, make(cell)));
    const tr = state.tr.replaceSelectionWith(table.create(null, lines));
    if (dispatch) dispatch(tr.scrollIntoView());
    return true;
  };
}

// The href at the selection, to fill the link form.
export function linkAt(state) {
  const { $from, from, to } = state.selection;
  let href = '';
  state.doc.nodesBetween(from, Math.max(to, from + 1 > state.doc.content.size ? from : from + 1), (node) => {
    const mark = schema.marks.link.isInSet(node.marks);
    if (mark) href = mark.attrs.href;
  });
  return href || schema.marks.link.isInSet($from.marks())?.attrs.href || '';
}
