// Notices to posts: counted in the top bar, opened, marked as read; for nobody else. A sealed file that is gone is named.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden } from '../lib/server.mjs';

let server, signer, editor;
const NOW = Date.parse('2026-11-23T08:00:00+08:00');
const tell = (titles, { unit = 'changjiang', permission = 'disclosure.sign', office = false, address = '/desk/duties' } = {}) => {
  const rows = [titles].flat().map((t) => `(${NOW}, (SELECT id FROM unit WHERE code = '${unit}'), '${permission}', ${office}, 'red', '${t}', '说明', '${address}', '')`);
  server.sql(`INSERT INTO notice (at, unit_id, permission, office, tone, title, text, address, once_key) VALUES ${rows.join(', ')}`);
};
before(async () => {
  server = await demoServer({ rules: false });
  signer = await server.signIn('changjiang-qianfa');
  editor = await server.signIn('changjiang-bianji');
});
after(() => server.close());
const count = async (v) => (await v.get('/desk')).text.match(/通知 <span class="tag tone-red">([^<]*)</)?.[1];

test('a notice is counted on every page of who holds the right, and of nobody else', async () => {
  assert.equal(await count(signer), undefined);
  tell('<b>待签发</b>');
  tell('别的单位', { unit: 'fgw' });
  tell('第二件');
  assert.equal(await count(signer), '2');
  assert.equal(await count(editor), undefined);
  const page = (await signer.get('/desk/notices')).text;
  assert.match(page, /&lt;b&gt;待签发&lt;\/b&gt;/);
  assert.match(page, /长江镇/);
  assert.doesNotMatch(page, /别的单位/);
  assert.match((await editor.get('/desk/notices')).text, /还没有通知/);
  assert.equal((await server.visitor().get('/desk/notices')).status, 303);
});

test('opening one marks it and leads there; all at once; only one’s own', async () => {
  const page = await signer.get('/desk/notices');
  const actions = [...page.text.matchAll(/action="(\/desk\/notices\/(\d+)\/read)"/g)].map((m) => m[1]);
  assert.equal(actions.length, 2);
  const form = (await editor.get('/desk')).text;
  assert.equal((await editor.post(actions[0], { ...hidden(form, '/sign-out') })).status, 404);
  assert.equal((await signer.post(actions[0], {})).status, 403);
  const opened = await signer.post(actions[0], { ...hidden(page.text, actions[0]), open: '1' });
  assert.equal(opened.status, 303);
  assert.equal(opened.headers.location, '/desk/duties');
  assert.equal(await count(signer), '1');
  tell('第三件');
  const all = await signer.submit('/desk/notices', '/desk/notices/read', {});
  assert.equal(all.headers.location, '/desk/notices');
  assert.equal(await count(signer), undefined);
  assert.doesNotMatch((await signer.get('/desk/notices')).text, /全部标为已读|未读/);
});

test('the list goes on by pages, also for programs; a very large count stays short', async () => {
  tell(Array.from({ length: 101 }, (_, i) => `批量${i}`));
  assert.equal(await count(signer), '99+');
  const titles = [];
  for (let at = '/desk/notices?page_size=40'; at; ) {
    const r = await signer.get(at);
    assert.equal(r.status, 200);
    titles.push(...[...r.text.matchAll(/<a href="\/desk\/duties">([^<]+)<\/a>/g)].map((m) => m[1]));
    at = r.text.match(/<a class="btn" href="([^"]+)" rel="next"/)?.[1].replaceAll('&amp;', '&');
  }
  assert.equal(titles.length, 104);
  assert.equal(new Set(titles).size, 104);
  assert.equal(titles[0], '批量100');
  const api = await signer.get('/api/v1/desk/notices?page_size=5');
  assert.equal(api.json.list.length, 5);
  assert.equal(api.json.list[0].title, '批量100');
  assert.equal(api.json.unread, 100);
  assert.equal((await signer.get('/desk/notices?after=x')).status, 400);
});

test('doctor names a sealed file that is missing', async () => {
  assert.doesNotMatch(server.command('doctor'), /加密文件/);
  server.sql(`INSERT INTO sealed_file (file, name, type, extension, size, sha256, claimed, created_at, erased_at) VALUES ('${'ab'.repeat(16)}', '', 'image/png', 'png', 1, '', TRUE, ${NOW}, 0)`);
  assert.throws(() => server.command('doctor'), (e) => /加密文件 \d+（abababababababab…）：文件不存在/.test(e.stdout + e.stderr));
});
