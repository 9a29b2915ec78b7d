// matter.mjs: publishing through the whole life cycle of the demonstration town, for tests that need something public.
import assert from 'node:assert/strict';
import { hidden } from './server.mjs';

const WALK = ['chushen', 'fushen', 'zhongshen', 'baomi', 'qianfa', 'jiaodui'];

export class Town {
  static async signIn(server, town = 'changjiang') {
    const t = new Town();
    t.server = server;
    t.posts = {};
    for (const who of ['bianji', ...WALK]) t.posts[who] = await server.signIn(`${town}-${who}`);
    return t;
  }

  async draft(fields = {}, files = []) {
    const form = await this.posts.bianji.get('/desk/disclosures/new');
    const item = form.text.match(/<option value="(\d{1,9})">[^<]+｜/)[1];
    const made = await this.posts.bianji.post('/desk/disclosures', {
      ...hidden(form.text, '/desk/disclosures'), item_id: item, title: '测试公开信息', body: '<p>正文第一段。</p>', attribute: 'active', formed: '2026-11-20', ...fields,
    });
    assert.equal(made.status, 303, made.text.slice(0, 800));
    const id = Number(made.headers.location.match(/disclosures\/(\d+)/)[1]);
    for (const f of files) {
      const page = await this.posts.bianji.get(`/desk/disclosures/${id}/edit`);
      const action = `/desk/disclosures/${id}/attachments`;
      const r = await this.posts.bianji.upload(action, hidden(page.text, action), [{ field: 'files', ...f }]);
      assert.equal(r.status, 303, r.text.slice(0, 500));
    }
    return id;
  }

  async step(who, id, verb, fields = {}) {
    const action = `/desk/disclosures/${id}/steps/${verb}`;
    const page = await this.posts[who].get(`/desk/disclosures/${id}`);
    return this.posts[who].post(action, { ...hidden(page.text, action), ...fields });
  }

  async save(id, fields) {
    const action = `/desk/disclosures/${id}`;
    const page = await this.posts.bianji.get(`${action}/edit`);
    const { disclosure } = await this.model(id);
    return this.posts.bianji.post(action, { ...hidden(page.text, action), item_id: disclosure.item_id, five: disclosure.five, title: disclosure.title, body: disclosure.body ?? '', attribute: 'active', formed: '2026-11-20', ...fields });
  }

  async review(id) {
    const r = await this.step('bianji', id, 'submit', { accept_warnings: 1 });
    assert.equal(r.status, 303, r.text.slice(0, 800));
    for (const who of WALK) assert.equal((await this.step(who, id, 'pass', who === 'baomi' ? { conclusion: 'agree' } : {})).status, 303, who);
  }

  async publish(id) {
    await this.review(id);
    const r = await this.step('jiaodui', id, 'publish');
    assert.equal(r.status, 303, r.text.slice(0, 500));
    return (await this.model(id)).disclosure.public_id;
  }

  async published(fields, files) {
    const id = await this.draft(fields, files);
    return { id, publicId: await this.publish(id) };
  }

  async model(id, who = 'bianji') {
    return (await this.posts[who].get(`/api/v1/desk/disclosures/${id}`)).json;
  }
}
