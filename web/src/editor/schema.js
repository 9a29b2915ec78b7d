// schema.js: what a body may hold: the same allow-list as html_sanitise() of the program, so that nothing typed is lost on saving.
import { Schema } from 'prosemirror-model';
import { tableNodes } from 'prosemirror-tables';

// Alignment from our class (paste.js makes it of what Word and WPS write) or the old attribute.
function alignmentOf(dom) {
  for (const a of ['center', 'right']) if (dom.classList.contains(`ta-${a}`)) return a;
  const said = (dom.getAttribute('align') || '').toLowerCase();
  return said === 'center' || said === 'right' ? said : null;
}

const aligned = (extra) => (dom) => ({ align: alignmentOf(dom), ...(extra ? extra(dom) : {}) });
const classOf = (node) => (node.attrs.align ? { class: `ta-${node.attrs.align}` } : {});

const safeLink = (href) => /^(https?:\/\/|mailto:|\/(?!\/)|#)/i.test(href);
const ownImage = (src) => /^\/(attachments|desk\/disclosures)\//.test(src);

const heading = (level) => ({ tag: `h${level}`, getAttrs: aligned(() => ({ level })) });

export const schema = new Schema({
  nodes: {
    doc: { content: 'block+' },
    paragraph: {
      content: 'inline*', group: 'block', attrs: { align: { default: null } },
      parseDOM: [{ tag: 'p', getAttrs: aligned() }],
      toDOM: (node) => ['p', classOf(node), 0],
    },
    heading: {
      content: 'inline*', group: 'block', defining: true, attrs: { align: { default: null }, level: { default: 2 } },
      parseDOM: [heading(1), heading(2), heading(3), heading(4), { tag: 'h5', attrs: { level: 4 } }, { tag: 'h6', attrs: { level: 4 } }],
      toDOM: (node) => [`h${node.attrs.level}`, classOf(node), 0],
    },
    blockquote: { content: 'block+', group: 'block', defining: true, parseDOM: [{ tag: 'blockquote' }], toDOM: () => ['blockquote', 0] },
    horizontal_rule: { group: 'block', parseDOM: [{ tag: 'hr' }], toDOM: () => ['hr'] },
    bullet_list: { content: 'list_item+', group: 'block', parseDOM: [{ tag: 'ul' }], toDOM: () => ['ul', 0] },
    ordered_list: { content: 'list_item+', group: 'block', parseDOM: [{ tag: 'ol' }], toDOM: () => ['ol', 0] },
    list_item: { content: 'paragraph block*', defining: true, parseDOM: [{ tag: 'li' }], toDOM: () => ['li', 0] },
    ...tableNodes({
      tableGroup: 'block', cellContent: 'block+',
      cellAttributes: {
        scope: { default: null, getFromDOM: (dom) => dom.getAttribute('scope'), setDOMAttr: (v, attrs) => { if (v) attrs.scope = v; } },
      },
    }),
    text: { group: 'inline' },
    image: {
      inline: true, group: 'inline', draggable: true, attrs: { src: {}, alt: { default: '' } },
      parseDOM: [{ tag: 'img[src]', getAttrs: (dom) => (ownImage(dom.getAttribute('src')) ? { src: dom.getAttribute('src'), alt: dom.getAttribute('alt') || '' } : false) }],
      toDOM: (node) => ['img', { src: node.attrs.src, alt: node.attrs.alt }],
    },
    hard_break: { inline: true, group: 'inline', selectable: false, parseDOM: [{ tag: 'br' }], toDOM: () => ['br'] },
  },
  marks: {
    link: {
      attrs: { href: {} }, inclusive: false,
      parseDOM: [{ tag: 'a[href]', getAttrs: (dom) => (safeLink(dom.getAttribute('href')) ? { href: dom.getAttribute('href') } : false) }],
      toDOM: (mark) => ['a', { href: mark.attrs.href }, 0],
    },
    strong: {
      parseDOM: [{ tag: 'strong' }, { tag: 'b' }],
      toDOM: () => ['strong', 0],
    },
    em: { parseDOM: [{ tag: 'em' }, { tag: 'i' }], toDOM: () => ['em', 0] },
    underline: { parseDOM: [{ tag: 'u' }], toDOM: () => ['u', 0] },
    subscript: { excludes: 'superscript', parseDOM: [{ tag: 'sub' }], toDOM: () => ['sub', 0] },
    superscript: { excludes: 'subscript', parseDOM: [{ tag: 'sup' }], toDOM: () => ['sup', 0] },
  },
});
