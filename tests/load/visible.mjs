// visible.mjs: milliseconds from the publishing click to the first public answer that shows it, and to the first search that
// finds it, n times.
import { hidden } from '../lib/server.mjs';

const WALK = ['chushen', 'fushen', 'zhongshen', 'baomi', 'qianfa', 'jiaodui'];

export async function visible(server, n) {
  const posts = {};
  for (const who of ['bianji', ...WALK]) posts[who] = await server.signIn(`changjiang-${who}`);
  const times = [], found = [];
  const step = async (who, id, verb, fields = {}) => {
    const action = `/desk/disclosures/${id}/steps/${verb}`;
    const page = await posts[who].get(`/desk/disclosures/${id}`);
    const r = await posts[who].post(action, { ...hidden(page.text, action), ...fields });
    if (r.status !== 303) throw new Error(`${verb} by ${who}: ${r.status}`);
  };
  for (let k = 0; k < n; k++) {
    const form = await posts.bianji.get('/desk/disclosures/new');
    const item = form.text.match(/<option value="(\d{1,9})">[^<]+｜/)[1];
    const title = `测速公开信息第${k + 1}件${Date.now()}`;
    const made = await posts.bianji.post('/desk/disclosures', { ...hidden(form.text, '/desk/disclosures'), item_id: item, title, body: '<p>正文</p>', attribute: 'active', formed: new Date(Date.now() - 86400000).toISOString().slice(0, 10) });
    const id = Number(made.headers.location.match(/(\d+)\/edit/)[1]);
    await step('bianji', id, 'submit', { accept_warnings: 1 });
    for (const who of WALK) await step(who, id, 'pass', who === 'baomi' ? { conclusion: 'agree' } : {});
    const action = `/desk/disclosures/${id}/steps/publish`;
    const page = await posts.jiaodui.get(`/desk/disclosures/${id}`);
    const fields = hidden(page.text, action);
    const t = performance.now();
    await posts.jiaodui.post(action, fields);
    for (;;) {
      if ((await server.visitor().get('/')).text.includes(title)) break;
    }
    times.push(performance.now() - t);
    for (;;) {
      if ((await server.visitor().get(`/search?q=${encodeURIComponent(title)}`)).text.includes('找到')) break;
    }
    found.push(performance.now() - t);
  }
  return { times, found };
}
