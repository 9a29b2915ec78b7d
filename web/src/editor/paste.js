// paste.js: what Word, WPS and web pages put on the clipboard, made plain before the schema reads it. Works on text, then on a detached tree.

// Office's conditional comments, XML islands, style sheets.
export function stripOffice(html) {
  return html
    .replace(/<!--\[if[\s\S]*?<!\[endif\]-->/gi, '')
    .replace(/<!\[(?:if|endif)[^>]*>/gi, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(style|script|xml|title|meta|link|head|noscript|iframe|object)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<\/?(?:meta|link|base)\b[^>]*>/gi, '')
    .replace(/<\/?(?:o|w|v|m|st1|wps|wpsCustomData):[^>]*>/gi, '');
}

// A strict CSP blocks style="" and on…="" of every document, also of detached ones, and reports them: they are renamed first and what matters in them
// is read as text.
export function disarm(html) {
  return html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, ' data-style=').replace(/\son\w+\s*=/gi, ' data-on='));
}

const MEANINGS = [
  [/font-weight:\s*(bold|[6-9]00)/i, 'strong'], [/text-decoration[^;]*:\s*[^;]*underline/i, 'u'],
  [/vertical-align:\s*super/i, 'sup'], [/vertical-align:\s*sub/i, 'sub'],
];

// Alignment becomes our class; bold, underline, super- and subscript become elements; what was hidden goes.
function readStyles(root) {
  root.querySelectorAll('[data-style]').forEach((e) => {
    const style = e.dataset.style;
    const align = /text-align:\s*(center|right)/i.exec(style);
    if (/display:\s*none|mso-hide:\s*all/i.test(style)) { e.remove(); return; }
    if (align) e.classList.add(`ta-${align[1].toLowerCase()}`);
    if (e.matches('span, a, font')) {
      for (const [pattern, tag] of MEANINGS) {
        if (!pattern.test(style)) continue;
        const inner = root.ownerDocument.createElement(tag);
        inner.append(...e.childNodes);
        e.append(inner);
      }
    }
  });
}

const BLOCKS = 'p,h1,h2,h3,h4,h5,h6,li,td,th';

// Word's numbers of automatic lists are kept as text: in an official document 「一、」 and 「1.」 are part of the wording.
function unwrapNumbers(root) {
  root.querySelectorAll('span[data-style*="mso-list"]').forEach((span) => {
    const text = span.textContent.replace(/[\s\u00a0]+/g, '');
    span.replaceWith(root.ownerDocument.createTextNode(/^[\u00b7\u2022\uf0b7\u25cf\uf06co\u00a7]$/.test(text) ? '' : text));
  });
}

// Indentation done with blanks: our paragraphs are indented by the style sheet.
function trimBlanks(root) {
  root.querySelectorAll(BLOCKS).forEach((block) => {
    const walker = root.ownerDocument.createTreeWalker(block, 4);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      node.data = node.data.replace(/\u00a0/g, ' ');
      const text = node.data.replace(/^[\s\u00a0\u3000]+/, '');
      node.data = text;
      if (text !== '') break;
    }
  });
}

// <div> and bare text lines of WPS and mail become paragraphs; rows of Excel keep their table.
function paragraphs(root) {
  root.querySelectorAll('div').forEach((div) => {
    if (div.querySelector('p,div,table,ul,ol,h1,h2,h3,h4,blockquote')) return;
    const p = root.ownerDocument.createElement('p');
    p.className = div.className;
    p.append(...div.childNodes);
    div.replaceWith(p);
  });
}

function dropEmpty(root) {
  root.querySelectorAll('p').forEach((p) => {
    if (p.parentElement?.closest('td,th')) return;
    if (!p.querySelector('img') && p.textContent.replace(/[\s\u00a0\u3000]/g, '') === '') p.remove();
  });
}

export function cleanTree(root) {
  unwrapNumbers(root);
  readStyles(root);
  paragraphs(root);
  trimBlanks(root);
  dropEmpty(root);
}

export function cleanHtml(html) {
  const tree = new DOMParser().parseFromString(disarm(stripOffice(html)), 'text/html');
  cleanTree(tree.body);
  return tree.body.innerHTML;
}
