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

const BLOCKS = 'p,h1,h2,h3,h4,h5,h6,li,td,th';

// Word's numbers of automatic lists are kept as text: in an official document 「一、」 and 「1.」 are part of the wording.
function unwrapNumbers(root) {
  root.querySelectorAll('span[style*="mso-list"]').forEach((span) => {
    const text = span.textContent.replace(/[\s\u00a0]+/g, '');
    span.replaceWith(root.ownerDocument.createTextNode(/^[\u00b7\u2022\uf0b7\u25cf\uf06co\u00a7]$/.test(text) ? '' : text));
  });
}

// Indentation done with blanks: our paragraphs are indented by the style sheet.
function trimBlanks(root) {
  root.querySelectorAll(BLOCKS).forEach((block) => {
    const walker = root.ownerDocument.createTreeWalker(block, 4);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
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
    if (div.style.textAlign) p.style.textAlign = div.style.textAlign;
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
  paragraphs(root);
  trimBlanks(root);
  dropEmpty(root);
  root.querySelectorAll('[style*="display:none"],[style*="display: none"],[style*="mso-hide"]').forEach((e) => e.remove());
}

export function cleanHtml(html) {
  const tree = new DOMParser().parseFromString(stripOffice(html), 'text/html');
  cleanTree(tree.body);
  return tree.body.innerHTML;
}
