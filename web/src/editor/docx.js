// docx.js: 打开 Word 文档: the program reads the .docx and gives clean HTML; it is put at the cursor.
import { csrf, element, problemText, readJson } from '../lib/dom.js';

const FIELD = 'files';

export function docxTool(address, insert, say) {
  const input = element('input', { type: 'file', accept: '.docx', hidden: true, 'aria-hidden': 'true', tabindex: '-1' });
  // Not a field of the page's form: nothing of it is sent or counts as a change.
  input.addEventListener('input', (e) => e.stopPropagation());
  input.addEventListener('change', async (event) => {
    event.stopPropagation();
    const file = input.files[0];
    input.value = '';
    if (!file) return;
    say(`正在打开 ${file.name}`);
    const body = new FormData();
    body.append(FIELD, file, file.name);
    let response;
    try {
      response = await fetch(address, { method: 'POST', body, headers: { 'X-CSRF-Token': csrf(), Accept: 'application/json' } });
    } catch {
      say('网络不通，文档没有打开', true);
      return;
    }
    const answer = await readJson(response);
    if (!response.ok || typeof answer?.html !== 'string') {
      say(`${file.name} 没有打开：${problemText(response.status, answer)}`, true);
      return;
    }
    insert(answer.html);
    say(`已放入 ${file.name} 的内容，请核对`);
  });
  return { input, tool: { words: '打开 Word 文档', title: '打开 Word 文档（.docx）', act: () => input.click() } };
}
