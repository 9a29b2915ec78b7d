// What was public once: history, the portal as it was, withdrawal everywhere, the replay inside.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoServer, hidden, searchReady } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';

let server, town, citizen, office;
const at = (minutes) => new Date(Date.parse('2026-11-23T09:00:00+08:00') + minutes * 60000).toISOString().replace('Z', '+00:00');
// The clock stands still in a server; the past is made by starting it again a little later.
async function later(minutes) {
  await server.stop();
  server.env.MINGTANG_CLOCK = new Date(Date.parse('2026-11-23T09:00:00+08:00') + minutes * 60000 + 8 * 3600000).toISOString().slice(0, 19) + '+08:00';
  await server.start();
  town = await Town.signIn(server);
  office = await server.signIn('office');
}
const asOf = (path, minutes) => `${path}${path.includes('?') ? '&' : '?'}as_of=${encodeURIComponent(at(minutes).slice(0, 19) + 'Z')}`;
const see = (path, minutes) => citizen.get(minutes === undefined ? path : asOf(path, minutes));

before(async () => {
  server = await demoServer();
  await searchReady(server);
  citizen = server.visitor();
  town = await Town.signIn(server);
  office = await server.signIn('office');
});
after(() => server.close());

test('a correction shows nowhere before it is published, then history and past instants tell both texts', async () => {
  const { id, publicId } = await town.published({ title: '更正前的标题', body: '<p>更正前的正文。</p>' }, [{ name: '旧附件.txt', bytes: Buffer.from('旧附件') }]);
  await later(10);
  assert.equal((await town.step('qianfa', id, 'correct', { reason: '数字有误' })).status, 303);
  assert.equal((await town.save(id, { title: '更正后的标题', body: '<p>更正后的正文。</p>' })).status, 303);
  for (const path of ['/', '/disclosures', '/search?q=' + encodeURIComponent('更正')])
    assert.doesNotMatch((await citizen.get(path)).text, /更正后的标题/, path);
  const moved = await town.save(id, { title: '更正后的标题', five: 'decision' });
  assert.equal(moved.status, 422);
  assert.match(moved.text, /更正不能改变/);
  await town.publish(id);
  await later(20);
  const now = await see(`/disclosures/${publicId}`);
  assert.match(now.text, /更正后的正文/);
  assert.doesNotMatch(now.text, /更正前的正文/);
  const then = await see(`/disclosures/${publicId}`, 5);
  assert.equal(then.status, 200);
  assert.match(then.text, /更正前的正文/);
  assert.doesNotMatch(then.text, /更正后的正文/);
  assert.match(then.text, /您看到的是 <strong>2026-11-23 09:05<\/strong> 时的公开内容/);
  assert.match(then.text, /后来于 2026-11-23 09:10 更正/);
  assert.match((await see('/disclosures', 5)).text, /更正前的标题/);
  assert.match((await see('/disclosures', 15)).text, /更正后的标题/);
  assert.match((await see('/search?q=' + encodeURIComponent('更正'), 5)).text, /更正前的标题/);
  const attachment = `/attachments/${publicId}/1`;
  assert.equal((await see(attachment, 5)).text, '旧附件');
  const history = (await citizen.get(`/disclosures/${publicId}/history`)).text;
  assert.match(history, /理由：数字有误/);
  assert.match(history, /diff-del[^>]*>[^<]*前/);
  assert.match(history, /diff-ins[^>]*>[^<]*后/);
  for (const edition of [1, 2]) {
    const receipt = (await citizen.get(`/verify/${publicId}/${edition}/file`)).json;
    assert.match(receipt.content, edition === 1 ? /更正前的正文/ : /更正后的正文/);
  }
  /* law forbids the former text: it is shown at no instant any more, and said so */
  assert.equal((await town.step('qianfa', id, 'conceal', { reason: '原文含有个人隐私' })).status, 303);
  const hidden = await see(`/disclosures/${publicId}`, 5);
  assert.equal(hidden.status, 410);
  assert.match(hidden.text, /依法不再显示[\s\S]*原文含有个人隐私/);
  assert.doesNotMatch(hidden.text, /更正前的正文/);
  assert.equal((await see(attachment, 5)).status, 410);
  assert.equal((await citizen.get(`/verify/${publicId}/1/file`)).json.content, undefined);
  assert.equal((await citizen.get(`/disclosures/${publicId}`)).status, 200);
  assert.doesNotMatch((await citizen.get(`/disclosures/${publicId}/history`)).text, /更正前的/);
  assert.doesNotMatch((await see('/disclosures', 5)).text, /更正前的标题/);
});

test('before it was public there was nothing; the future and nonsense are refused in words', async () => {
  const { publicId } = await town.published({ title: '刚刚公开的信息' });
  const r = await see(`/disclosures/${publicId}`, -600);
  assert.equal(r.status, 404);
  assert.match(r.text, /还没有公开/);
  for (const [value, words] of [['2036-01-01', /还没有到/], ['yesterday', /时点应写成/], ['2026-02-30', /时点应写成/], ['2026-11-20T25:00', /时点应写成/]]) {
    const bad = await citizen.get(`/disclosures?as_of=${value}`);
    assert.equal(bad.status, 400, value);
    assert.match(bad.text, words);
  }
});

test('a page of the past keeps the past in its links, is never cached, and leads back to now', async () => {
  const page = await citizen.get('/?as_of=2026-11-20');
  assert.equal(page.status, 200);
  assert.match(page.text, /href="\/disclosures\?as_of=2026-11-20T23%3A59%3A59"/);
  assert.match(page.text, /<a href="\/">回到现在<\/a>|href="\/\?as_of="/);
  assert.doesNotMatch(page.text, /href="\/desk\?as_of|href="\/static[^"]*as_of/);
  assert.doesNotMatch((await citizen.get('/')).text, /您看到的是/);
  for (const path of ['/fields', '/fields/10', '/units', '/units/changjiang', '/five/service', '/catalogues', '/items/320682-01-01-001', '/catalogues/city-standard'])
    assert.equal((await citizen.get(`${path}?as_of=2026-11-21`)).status, 200, path);
});

async function waitForCheck(id) {
  for (let i = 0; i < 100; i++) {
    const { course } = await town.model(id, 'qianfa');
    const e = course.find((x) => x.verb === 'withdrawal_checked');
    if (e) return e;
    await new Promise((r) => setTimeout(r, 100));
  }
  assert.fail('the prober filed nothing');
}

test('withdrawal: page, print, attachment, API, search, lists, receipts and past answer with the tombstone; the prober files how long it took', async () => {
  const { id, publicId } = await town.published({ title: '将被撤回的信息', body: '<p>不该再看到的内容。</p>' }, [{ name: '附件.txt', bytes: Buffer.from('不该再看到的附件') }]);
  await later(40);
  for (const path of [`/disclosures/${publicId}`, `/attachments/${publicId}/1`]) assert.equal((await citizen.get(path)).status, 200);
  await citizen.get('/');
  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: '内容涉及不得公开的信息' })).status, 303);
  for (const path of [`/disclosures/${publicId}`, `/disclosures/${publicId}/print`, `/attachments/${publicId}/1`, `/api/v1/disclosures/${publicId}`, `/api/v1/attachments/${publicId}/1`]) {
    const r = await citizen.get(path);
    assert.equal(r.status, 410, path);
    assert.doesNotMatch(r.text, /不该再看到/);
  }
  for (const path of ['/', '/disclosures', '/search?q=' + encodeURIComponent('将被撤回'), '/api/v1/disclosures', '/units/changjiang', `/disclosures/${publicId}/history`, `/verify/${publicId}/1`, `/verify/${publicId}/1/file`])
    assert.doesNotMatch((await citizen.get(path)).text, /将被撤回的信息|不该再看到/, path);
  await later(50);
  const past = await see(`/disclosures/${publicId}`, 39);
  assert.equal(past.status, 410, 'law forbids it at a past instant too');
  assert.match(past.text, /依法不再显示/);
  const check = await waitForCheck(id);
  assert.equal(check.secret.all, true, JSON.stringify(check));
  assert.ok(check.secret.addresses >= 12);
  assert.ok(Number.isInteger(check.secret.milliseconds));
});

test('the prober asks for every attachment, however many there are', async () => {
  const many = 70, id = await town.draft({ title: '附件很多的信息' });
  const action = `/desk/disclosures/${id}/attachments`;
  const files = Array.from({ length: many }, (_, i) => ({ field: 'files', name: `附件${i + 1}.txt`, bytes: Buffer.from(`第${i + 1}个附件`) }));
  for (let i = 0; i < many; i += 10) {
    const form = await town.posts.bianji.get(`/desk/disclosures/${id}/edit`);
    assert.equal((await town.posts.bianji.upload(action, hidden(form.text, action), files.slice(i, i + 10))).status, 303);
  }
  await town.publish(id);
  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: '附件有误' })).status, 303);
  const { secret } = await waitForCheck(id);
  assert.equal(secret.all, true, JSON.stringify(secret));
  assert.ok(secret.addresses >= 2 * many + 12, `${secret.addresses}`);
});

test('what shows a past instant shows all of it: topics, documents and packages too; what cannot says so', async () => {
  const { id, publicId } = await town.published({ title: '下载以前的版本', body: '<p>旧版里的话。</p>' });
  await later(62);
  assert.equal((await town.step('qianfa', id, 'correct', { reason: '文字有误' })).status, 303);
  await town.save(id, { title: '下载以前的版本', body: '<p>新版里的句子。</p>' });
  await town.publish(id);
  await later(64);
  for (const [minutes, shown, hiddenText] of [[61, '旧版里的话', '新版里的句子'], [undefined, '新版里的句子', '旧版里的话']]) {
    for (const form of ['document.docx', 'package.zip']) {
      const r = await see(`/disclosures/${publicId}/${form}`, minutes);
      assert.equal(r.status, 200, form);
      const path = join(server.dir, `kept-${form}`);
      writeFileSync(path, r.bytes);
      const text = execFileSync('unzip', ['-p', path], { encoding: 'utf8', maxBuffer: 1 << 26 });
      assert.ok(text.includes(shown) && !text.includes(hiddenText), `${form} ${minutes}`);
    }
  }
  for (const path of ['/topics']) {
    const r = await see(path, 61);
    assert.equal(r.status, 200, path);
    assert.match(r.text, /您看到的是/, path);
  }
  for (const path of ['/columns/consultations/calendar.ics', '/search.atom?q=x', '/sitemap.xml', `/disclosures/${publicId}/history`]) {
    const r = await see(path, 61);
    assert.equal(r.status, 400, path);
    assert.match(r.text, /只有现在的内容/, path);
    assert.equal((await see(path)).status, 200, path);
  }
});

test('columns, the area of 政府信息公开 and legal contents show what they then held', async () => {
  const title = '关于公务员招考的公告', path = '/info/legal/FD20-14';
  const { id } = await town.published({ title, number: '皋长政发〔2026〕88号' });
  await later(66);
  assert.equal((await town.step('qianfa', id, 'correct', { reason: '文字有误' })).status, 303);
  await town.save(id, { title: '关于公务员招考的公告（改）', number: '皋长政发〔2026〕88号' });
  await town.publish(id);
  await later(67);
  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: '重复发布', removal: 'plain' })).status, 303);
  await later(68);
  for (let i = 0; i < 300 && (await citizen.get('/api/v1/search?q=x')).status === 503; i++) await new Promise((r) => setTimeout(r, 100)); // the index is built after the node listens
  const count = (text) => Number(text.match(/FD20-14[^"]*"[^]*?<span class="(?:fresh|none)">(\d+)/)[1]);
  for (const column of [path, '/columns/policies']) {
    const [before, first, second, now] = [await see(column, -60), await see(column, 65), await see(column, 66.5), await see(column)];
    for (const r of [before, first, second, now]) assert.equal(r.status, 200, column);
    assert.doesNotMatch(before.text, /公务员招考的公告/, column);
    assert.match(first.text, /公务员招考的公告</, column);
    assert.match(second.text, /公务员招考的公告（改）</, column);
    assert.doesNotMatch(now.text, /公务员招考的公告/, column);
    for (const r of [before, first, second]) {
      assert.match(r.text, /您看到的是/);
      assert.doesNotMatch(r.text, /search\.atom|\/subscribe\?|\/search\/export/, 'what knows only the present is not offered');
    }
    assert.match(now.text, /search\.atom/);
  }
  assert.doesNotMatch((await see(`${path}?unit=mzj`, 65)).text, /公务员招考的公告/);
  assert.match((await see(`${path}?unit=changjiang&year=2026`, 65)).text, /公务员招考的公告/);
  const [before, then, now] = [await see('/info', -60), await see('/info', 65), await see('/info')];
  assert.equal(then.status, 200);
  assert.match(then.text, /您看到的是/);
  assert.equal(count(then.text), count(before.text) + 1);
  assert.equal(count(now.text), count(before.text));
  assert.match(then.text, /href="\/info\/legal\/FD20-14\?as_of=/);
  const model = (await see(`/api/v1${path}`, 65)).json;
  assert.equal(model.count, count(then.text));
  assert.ok(model.hits.some((h) => h.title === title && h.unit_name && h.day === '2026-11-23'));
  /* the whole of now, asked for as the past, is what the index says now */
  for (const p of ['/columns/policies', '/columns/profiles', '/columns/villages', '/info/legal/FD20-11', '/info/legal/FD20-15']) {
    const [past, present] = [(await see(`/api/v1${p}`, 68)).json, (await see(`/api/v1${p}`)).json];
    assert.deepEqual([past.count, past.hits.map((h) => h.title)], [present.count, present.hits.map((h) => h.title)], p);
  }
});

test('a withdrawal that law does not ask for keeps the past visible, marked', async () => {
  const { id, publicId } = await town.published({ title: '重复发布的信息', body: '<p>重复的内容。</p>' });
  await later(70);
  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: 'x', removal: 'maybe' })).status, 422);
  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: '重复发布', removal: 'plain' })).status, 303);
  await later(80);
  assert.equal((await citizen.get(`/disclosures/${publicId}`)).status, 410);
  const then = await see(`/disclosures/${publicId}`, 69);
  assert.equal(then.status, 200);
  assert.match(then.text, /重复的内容/);
  assert.match(then.text, /此信息后来于 2026-11-23 10:10 停止公开/);
  assert.equal((await see(`/disclosures/${publicId}`, 75)).status, 410);
});

test('the replay shows every step with its document, its difference and the clock of the moment', async () => {
  const id = await town.draft({ title: '要回放的信息', body: '<p>第一稿的话。</p>' });
  await town.step('bianji', id, 'submit', { accept_warnings: 1 });
  await town.step('chushen', id, 'return', { reason: '请改第一段' });
  await town.save(id, { title: '要回放的信息', body: '<p>第二稿的话。</p>' });
  await town.publish(id);
  const model = (await office.get(`/api/v1/desk/replay/disclosure/${id}`)).json;
  const names = model.steps.map((s) => s.verb_name);
  for (const name of ['新建稿件', '提交审核', '退回修改', '审核通过', '发布']) assert.ok(names.includes(name), name);
  const second = model.steps.filter((s) => s.verb_name === '提交审核')[1];
  const shown = await office.get(second.step_href.replaceAll('&amp;', '&'));
  assert.match(shown.text, /与第 1 稿相比/);
  assert.match(shown.text, /diff-del[^>]*>一</);
  assert.match(shown.text, /diff-ins[^>]*>二</);
  assert.match(shown.text, /谁看过/);
  const returned = model.steps.find((s) => s.verb_name === '退回修改');
  assert.match((await office.get(returned.step_href)).text, /请改第一段/);
  const filtered = (await office.get(`/api/v1/desk/replay/disclosure/${id}?verb=passed`)).json;
  assert.ok(filtered.steps.length >= 6 && filtered.steps.every((s) => s.verb_name === '审核通过'));
  assert.equal((await office.get(`/api/v1/desk/replay/disclosure/${id}?post=${encodeURIComponent('没有这个岗位')}`)).json.steps.length, 0);
  for (const n of [0, 1, 99999]) assert.equal((await office.get(`/desk/replay/disclosure/${id}?step=${n}`)).status, 200);
});

test('who looked inside is on record, once in a while', async () => {
  const id = await town.draft({ title: '谁看过这一件' });
  for (let i = 0; i < 3; i++) await office.get(`/desk/disclosures/${id}`);
  const { step } = (await office.get(`/api/v1/desk/replay/disclosure/${id}`)).json;
  const exported = (await office.get(`/desk/replay/disclosure/${id}/export.json`)).json;
  const mine = exported.reads.filter((e) => e.post.includes('监督'));
  assert.equal(mine.length, 1, JSON.stringify(exported.reads.map((e) => e.post)));
  assert.ok(step);
});

test('exports carry the proofs; taking one away is on record; strangers get neither page nor export', async () => {
  const { id } = await town.published({ title: '导出的信息' });
  const r = await office.get(`/desk/replay/disclosure/${id}/export.json`);
  assert.equal(r.status, 200);
  assert.equal(r.json.format, 'mingtang-replay/1');
  assert.ok(r.json.events.every((e) => e.leaf && e.proof && e.protected && e.salt));
  const pdf = await office.get(`/desk/replay/disclosure/${id}/export.pdf`);
  assert.equal(pdf.headers['content-type'], 'application/pdf');
  assert.match(pdf.bytes.subarray(0, 5).toString(), /%PDF-/);
  const again = (await office.get(`/api/v1/desk/replay/disclosure/${id}`)).json;
  assert.equal(again.steps.filter((s) => s.verb_name === '导出办理全过程').length, 2);
  const stranger = await server.signIn('baipu-bianji');
  for (const path of [`/desk/replay/disclosure/${id}`, `/desk/replay/disclosure/${id}/export.json`, `/desk/replay/disclosure/${id}/export.pdf`, '/desk/replay/person/1'])
    assert.equal((await stranger.get(path)).status, 403, path);
  assert.equal((await town.posts.bianji.get(`/desk/replay/disclosure/${id}`)).status, 200, 'the unit sees its own');
  assert.equal((await office.get('/desk/replay/disclosure/999999')).status, 404);
  assert.equal((await office.get('/desk/replay/nonsense/1')).status, 404);
  assert.equal((await citizen.get(`/desk/replay/disclosure/${id}`)).status, 303);
  const audit = await office.get('/desk/audit?kind=disclosure&unit=changjiang&post=' + encodeURIComponent('长江镇签发人'));
  assert.equal(audit.status, 200);
  assert.match(audit.text, /\/desk\/replay\/disclosure\//);
});
