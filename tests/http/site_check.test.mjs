// 网站自查: gauges of the national indicators, what the look at the site's own pages found, and who may see it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer } from '../lib/server.mjs';

let server, office, data;
const row = (code) => [...data.veto, ...data.deduct].find((r) => r.code === code);

before(async () => {
  server = await demoServer({ env: { MINGTANG_SITE_CODE: '3206820001', MINGTANG_SITE_CONTACT: '0513-00000000' } });
  office = await server.signIn('office');
  for (let i = 0; i < 900; i++) { // the jobs look at the site once it listens
    data = (await office.get('/api/v1/desk/site-check')).json;
    if (data.found.some((f) => f.kind === 'footer')) break;
    await new Promise((done) => setTimeout(done, 100));
  }
});
after(() => server.close());

test('each veto indicator says where it stands, or why it is not connected', () => {
  assert.deepEqual(data.veto.map((r) => r.code), ['safety', 'reach', 'home', 'columns-soon', 'columns-any', 'columns-empty', 'consult', 'service']);
  for (const r of data.veto) assert.ok(r.connected ? r.value && r.limit_text && r.left : r.reason, r.code);
  assert.equal(row('consult').state_name, '尚未接入');
  assert.match(row('home').value, /天没有更新|今天有更新/);
  assert.match(row('home').left, /天$/);
});

test('the number of a gauge is the number of its records', () => {
  const empty = row('columns-empty');
  assert.equal(empty.count, empty.records.length + empty.more);
  assert.ok(empty.records.every((r) => r.href.startsWith('/columns/')));
  const profiles = row('profiles');
  assert.ok(profiles.count > profiles.records.length && profiles.more === profiles.count - profiles.records.length);
});

test('the foot of the site is read: what is set is not missing, what is not set is named', () => {
  const foot = data.found.find((f) => f.kind === 'footer');
  assert.match(foot.detail, /ICP备案号/);
  assert.match(foot.detail, /公安机关备案号/);
  for (const there of ['我为政府网站找错', '政府网站标识码', '主办单位', '联系方式']) assert.doesNotMatch(foot.detail, new RegExp(there));
  assert.equal(row('footer').state_name, '要扣分');
  assert.equal(row('footer').count, 1);
});

test('the page shows the same and leads to the records', async () => {
  const page = await office.get('/desk/site-check');
  assert.equal(page.status, 200);
  for (const r of [...data.veto, ...data.deduct]) assert.ok(page.text.includes(`id="${r.code}"`), r.code);
  assert.match(page.text, /互动交流功能尚未建立/);
  assert.match(page.text, /缺少.*ICP备案号/);
  assert.match(page.text, /<a href="\/columns\//);
});

test('who may not read the board does not see it, and a bad cursor is refused', async () => {
  const editor = await server.signIn('changjiang-bianji');
  assert.equal((await editor.get('/desk/site-check')).status, 403);
  assert.equal((await server.visitor().get('/api/v1/desk/site-check')).status, 401);
  assert.ok([400, 422].includes((await office.get('/desk/site-check?after=%00x')).status));
});
