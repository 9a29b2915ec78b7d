// The life of a disclosure, as people and programs meet it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden } from '../lib/server.mjs';

let server, posts;
const T = 'changjiang';
const WALK = ['chushen', 'fushen', 'zhongshen', 'baomi', 'qianfa', 'jiaodui'];

before(async () => {
  server = await demoServer();
  posts = {};
  for (const who of ['bianji', ...WALK]) posts[who] = await server.signIn(`${T}-${who}`);
});
after(() => server.close());

const openDuty = async () => {
  const r = await posts.bianji.get('/api/v1/desk/duties?state=open');
  assert.equal(r.status, 200, r.text);
  return r.json.duties[0];
};

async function draft(fields = {}) {
  const duty = await openDuty();
  const page = `/desk/disclosures/new?duty=${duty.id}`;
  const form = await posts.bianji.get(page);
  assert.equal(form.status, 200, form.text.slice(0, 300));
  const item = form.text.match(/<option value="(\d+)" selected>/)?.[1];
  const r = await posts.bianji.post('/desk/disclosures', {
    ...hidden(form.text, '/desk/disclosures'), item_id: item, title: '测试公开信息', body: '<p>内容完整的正文。</p>', attribute: 'active', formed: '2026-11-20', validity: 'valid', ...fields,
  });
  assert.equal(r.status, 303, r.text.slice(0, 800));
  return { id: Number(r.headers.location.match(/disclosures\/(\d+)/)[1]), duty };
}

async function step(who, id, verb, fields = {}) {
  const page = await posts[who].get(`/desk/disclosures/${id}`);
  assert.equal(page.status, 200, page.text.slice(0, 300));
  const action = `/desk/disclosures/${id}/steps/${verb}`;
  return posts[who].post(action, { ...hidden(page.text, action), ...fields });
}

const model = async (id, who = 'bianji') => (await posts[who].get(`/api/v1/desk/disclosures/${id}`)).json;

async function publish(id) {
  assert.equal((await step('bianji', id, 'submit', { accept_warnings: 1 })).status, 303);
  for (const who of WALK) assert.equal((await step(who, id, 'pass', who === 'baomi' ? { conclusion: 'agree' } : {})).status, 303, who);
  const r = await step('jiaodui', id, 'publish');
  assert.equal(r.status, 303, r.text.slice(0, 500));
  return (await model(id)).disclosure.public_id;
}

test('a draft walks three reviews, secrecy review, signature and proofreading, and the public reads it at once', async () => {
  const { id, duty } = await draft({ title: '长江镇办事指南更新' });
  const publicId = await publish(id);
  const page = await server.visitor().get(`/disclosures/${publicId}`);
  assert.equal(page.status, 200);
  assert.match(page.text, /长江镇办事指南更新/);
  const home = await server.visitor().get('/');
  assert.match(home.text, /长江镇办事指南更新/, 'the home page shows it the same second');
  const met = (await posts.bianji.get(`/api/v1/desk/duties/${duty.id}`)).json;
  assert.match(JSON.stringify(met), /"state": ?"met/);
});

test('the public sees nothing of a draft', async () => {
  const { id } = await draft({ title: '尚未公开的稿件' });
  const { disclosure } = await model(id);
  assert.equal((await server.visitor().get(`/disclosures/${disclosure.public_id}`)).status, 404);
  assert.doesNotMatch((await server.visitor().get('/search?q=' + encodeURIComponent('尚未公开的稿件'))).text, /href="\/disclosures\/[^"]+">尚未公开/);
});

test('nobody takes a step of another post, and the drafter reviews nothing', async () => {
  const { id } = await draft();
  assert.equal((await step('bianji', id, 'submit', { accept_warnings: 1 })).status, 303);
  const csrf = hidden((await posts.bianji.get('/desk/account')).text, '/sign-out');
  for (const verb of ['pass', 'return', 'publish'])
    assert.ok([403, 409].includes((await posts.bianji.post(`/desk/disclosures/${id}/steps/${verb}`, { ...csrf, reason: 'x' })).status), verb);
  assert.equal((await model(id)).disclosure.state, 'review1');
});

test('a reviewer sends it back with a reason, and sees next time what changed', async () => {
  const { id } = await draft({ body: '<p>第一段。</p><p>第二段。</p>' });
  await step('bianji', id, 'submit', { accept_warnings: 1 });
  const without = await step('chushen', id, 'return', { reason: '' });
  assert.equal(without.status, 422);
  assert.match(without.text, /请写明理由/);
  assert.equal((await step('chushen', id, 'return', { reason: '第二段需要改写' })).status, 303);
  const edit = await posts.bianji.get(`/desk/disclosures/${id}/edit`);
  const m = await model(id);
  const saved = await posts.bianji.post(`/desk/disclosures/${id}`, {
    ...hidden(edit.text, `/desk/disclosures/${id}`), item_id: m.disclosure.item_id, title: '测试公开信息', body: '<p>第一段。</p><p>改写后的第二段。</p>', attribute: 'active', formed: '2026-11-20',
  });
  assert.equal(saved.status, 303, saved.text.slice(0, 500));
  await step('bianji', id, 'submit', { accept_warnings: 1 });
  const seen = await posts.chushen.get(`/desk/disclosures/${id}`);
  assert.match(seen.text, /diff-ins[^>]*>[^<]*改写后/);
});

test('two people edit one draft: the second save is told and keeps the text', async () => {
  const { id } = await draft();
  const action = `/desk/disclosures/${id}`;
  const first = hidden((await posts.bianji.get(`${action}/edit`)).text, action);
  const second = hidden((await posts.bianji.get(`${action}/edit`)).text, action);
  const item_id = (await model(id)).disclosure.item_id;
  const base = { item_id, attribute: 'active', formed: '2026-11-20' };
  assert.equal((await posts.bianji.post(action, { ...first, ...base, title: '甲的标题', body: '<p>甲的正文</p>' })).status, 303);
  const r = await posts.bianji.post(action, { ...second, ...base, title: '乙的标题', body: '<p>乙的正文</p>' });
  assert.equal(r.status, 409);
  assert.match(r.text, /乙的正文/);
  assert.match(r.text, /甲的正文/);
  assert.equal((await model(id)).disclosure.title, '甲的标题');
});

test('a stale form is refused: the state has already been left', async () => {
  const { id } = await draft();
  const page = await posts.bianji.get(`/desk/disclosures/${id}`);
  const action = `/desk/disclosures/${id}/steps/submit`;
  const form = hidden(page.text, action);
  assert.equal((await posts.bianji.post(action, { ...form, accept_warnings: 1 })).status, 303);
  const again = await posts.bianji.post(action, { ...form, _once: 'another-form', accept_warnings: 1 });
  assert.equal(again.status, 409);
});

test('a double click submits once', async () => {
  const before = (await posts.bianji.get('/api/v1/desk/disclosures?page_size=200')).json.disclosures.length;
  const form = hidden((await posts.bianji.get('/desk/disclosures/new')).text, '/desk/disclosures');
  const fields = { ...form, item_id: 0, title: '双击提交的稿件', body: '<p>x</p>', attribute: 'active', formed: '2026-11-20' };
  const [a, b] = await Promise.all([posts.bianji.post('/desk/disclosures', fields), posts.bianji.post('/desk/disclosures', fields)]);
  const c = await posts.bianji.post('/desk/disclosures', fields);
  assert.ok([a, b, c].some((r) => r.status === 303));
  const rows = (await posts.bianji.get('/api/v1/desk/disclosures?page_size=200')).json.disclosures;
  assert.equal(rows.filter((r) => r.title === '双击提交的稿件').length, 1);
  assert.ok(rows.length >= Math.min(before, 199));
});

test('another unit neither reads nor writes it', async () => {
  const { id } = await draft();
  const other = await server.signIn('baipu-bianji');
  assert.equal((await other.get(`/desk/disclosures/${id}`)).status, 403);
  const csrf = hidden((await other.get('/desk/account')).text, '/sign-out');
  assert.equal((await other.post(`/desk/disclosures/${id}`, { ...csrf, title: '外单位改写', revision: 1 })).status, 403);
  assert.equal((await other.post(`/desk/disclosures/${id}/steps/submit`, csrf)).status, 403);
});

test('a rejected CSRF token keeps the text that was typed', async () => {
  const { id } = await draft();
  const r = await posts.bianji.post(`/desk/disclosures/${id}`, { _csrf: 'wrong', title: '辛苦写成的标题', body: '<p>辛苦写成的正文</p>' });
  assert.equal(r.status, 403);
  assert.match(r.text, /辛苦写成的标题/);
  assert.match(r.text, /辛苦写成的正文/);
});

test('script, event handlers and javascript links do not survive in a body', async () => {
  const { id } = await draft({ body: '<p onclick="x()">甲<script>alert(1)</script><a href="javascript:alert(1)">链</a><img src=x onerror=alert(1)></p><table style="color:red"><tr><td colspan="2">格</td></tr></table>' });
  const { disclosure } = await model(id);
  assert.doesNotMatch(disclosure.body, /script|onclick|onerror|javascript|style=/i);
  assert.match(disclosure.body, /<td colspan="2">/);
});

test('personal data is pointed out, masked, and must be looked at before submission', async () => {
  const { id } = await draft({ body: '<p>联系人电话13812345678，身份证号11010519491231002X。</p>' });
  const page = await posts.bianji.get(`/desk/disclosures/${id}`);
  assert.match(page.text, /疑似身份证号/);
  assert.match(page.text, /138\*\*\*\*5678/);
  const refused = await step('bianji', id, 'submit');
  assert.equal(refused.status, 422);
  assert.match(refused.text, /需要核对/);
  assert.equal((await step('bianji', id, 'submit', { accept_warnings: 1 })).status, 303);
});

test('an attribute that is not active needs a ground, and the matter is filed, never public', async () => {
  const { id } = await draft({ attribute: 'none' });
  assert.equal((await step('bianji', id, 'submit', { accept_warnings: 1 })).status, 422);
  const action = `/desk/disclosures/${id}`;
  const m = await model(id);
  await posts.bianji.post(action, {
    ...hidden((await posts.bianji.get(`${action}/edit`)).text, action), item_id: m.disclosure.item_id, title: '内部事务', body: '<p>x</p>', attribute: 'none', ground: 'ND5', ground_note: '内部工作流程', formed: '2026-11-20',
  });
  assert.equal((await step('bianji', id, 'submit', { accept_warnings: 1 })).status, 303);
  for (const who of WALK.slice(0, 5)) assert.equal((await step(who, id, 'pass', who === 'baomi' ? { conclusion: 'refuse' } : {})).status, 303, who);
  const done = await model(id);
  assert.equal(done.disclosure.state, 'filed');
  assert.equal((await server.visitor().get(`/disclosures/${done.disclosure.public_id}`)).status, 404);
});

test('a withdrawal leaves a tombstone at the same address, and what it met is owed again', async () => {
  const { id, duty } = await draft({ title: '将要撤回的信息' });
  const publicId = await publish(id);
  assert.equal((await server.visitor().get(`/disclosures/${publicId}`)).status, 200);
  assert.equal((await step('qianfa', id, 'withdraw', { reason: '数据有误' })).status, 303);
  const stone = await server.visitor().get(`/disclosures/${publicId}`);
  assert.equal(stone.status, 410);
  assert.match(stone.text, /数据有误/);
  assert.doesNotMatch((await server.visitor().get('/')).text, /将要撤回的信息/);
  assert.doesNotMatch((await server.visitor().get('/api/v1/disclosures?page_size=200')).text, /将要撤回的信息/);
  assert.match((await posts.bianji.get(`/api/v1/desk/duties/${duty.id}`)).text, /"state": ?"(open|met)/);
});

test('a correction is reviewed while the old version stays public', async () => {
  const { id } = await draft({ title: '更正前的标题' });
  const publicId = await publish(id);
  assert.equal((await step('qianfa', id, 'correct', { reason: '标题有误' })).status, 303);
  assert.match((await server.visitor().get(`/disclosures/${publicId}`)).text, /更正前的标题/);
  const action = `/desk/disclosures/${id}`;
  const m = await model(id);
  const r = await posts.bianji.post(action, {
    ...hidden((await posts.bianji.get(`${action}/edit`)).text, action), item_id: m.disclosure.item_id, title: '更正后的标题', body: '<p>内容完整的正文。</p>', attribute: 'active', formed: '2026-11-20',
  });
  assert.equal(r.status, 303);
  assert.match((await server.visitor().get(`/disclosures/${publicId}`)).text, /更正前的标题/);
  await publish(id);
  const page = await server.visitor().get(`/disclosures/${publicId}`);
  assert.match(page.text, /更正后的标题/);
});

test('the whole course is on record: who, in which post and unit, when', async () => {
  const { id } = await draft();
  await publish(id);
  const audit = await server.signIn('sjgly');
  const page = await audit.get(`/api/v1/desk/disclosures/${id}`);
  assert.equal(page.status, 200, page.text.slice(0, 300));
  const verbs = page.json.course.map((e) => e.verb);
  assert.deepEqual(verbs, ['created', 'submitted', 'passed', 'passed', 'passed', 'passed', 'passed', 'passed', 'published']);
  assert.ok(page.json.course.every((e) => e.at && e.post && e.unit));
});

test('an unknown address answers 404, a wrong method 405, in Chinese', async () => {
  const v = server.visitor();
  const missing = await v.get('/disclosures/nothing-here');
  assert.equal(missing.status, 404);
  assert.match(missing.text, /没有/);
  assert.equal((await v.request('POST', '/disclosures', { body: '' })).status, 405);
});
