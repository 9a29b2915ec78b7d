// What a citizen finds.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, searchReady } from '../lib/server.mjs';

let server, v;
before(async () => { server = await demoServer(); await searchReady(server); v = server.visitor(); });
after(() => server.close());
const page = async (path) => {
  const r = await v.get(path);
  assert.equal(r.status, 200, path);
  return r.text;
};

test('the home page leads to the 26 fields, the catalogues, the units and the latest', async () => {
  const home = await page('/');
  for (let n = 1; n <= 26; n++) assert.match(home, new RegExp(`href="/fields/${String(n).padStart(2, '0')}"`));
  for (const href of ['/catalogues', '/units', '/disclosures', '/five/decision']) assert.match(home, new RegExp(`href="${href}`));
  assert.match(home, /演示数据/);
});

test('the plan itself is there: number, dates, tasks, annex 2, offices without names', async () => {
  const found = await page('/search?q=' + encodeURIComponent('皋政办发[2020]147'));
  const href = found.match(/href="(\/disclosures\/[^"]+)"/)[1];
  const plan = await page(href);
  for (const words of ['皋政办发〔2020〕147号', '2020-09-07', '编制政务公开事项标准目录', '2020-12-31', '城市综合执法', '如皋市人民政府办公室']) assert.match(plan, new RegExp(words), words);
  assert.doesNotMatch(plan, /何益军|茅红宇|陈小燕/);
});

test('文号 is found with any brackets or none', async () => {
  for (const q of ['皋政办发〔2020〕147号', '皋政办发[2020]147号', '皋政办发（2020）147号', '皋政办发2020147', '2020〕147']) assert.match(await page('/search?q=' + encodeURIComponent(q)), /标准化规范化工作实施方案/, q);
});

test('search survives wildcards, quotes, one character and ten thousand', async () => {
  for (const q of ['%', '_', '!', "'", '"', '<script>', '公', 'a'.repeat(3000)]) {
    const r = await v.get('/search?q=' + encodeURIComponent(q));
    assert.ok([200, 400, 422].includes(r.status), `${q.slice(0, 5)} ${r.status}`);
    assert.doesNotMatch(r.text, /<script>/);
  }
});

test('a catalogue reads as the national table, with all columns and two heading rows', async () => {
  const t = await page('/catalogues/city-standard?field=10');
  for (const words of ['一级事项', '二级事项', '公开内容（要素）', '公开依据', '公开时限', '公开主体', '公开渠道和载体', '全社会', '特定群体', '主动', '依申请', '县级', '乡级']) assert.match(t, new RegExp(words), words);
  assert.match(t, /rowspan="2"/);
});

test('an item shows what was published under it and what is still owed', async () => {
  const t = await page('/items/320682-changjiang-10-02-002');
  assert.match(t, /最低生活保障办事指南/);
  const owed = await page('/items/320682-baipu-10-02-004');
  assert.match(owed, /逾期|剩|到期|工作日/);
});

test('a publication carries its metadata, and the tags of the national rules', async () => {
  const list = (await v.get('/api/v1/disclosures')).json.disclosures;
  const t = await page(`/disclosures/${list.find((d) => d.number).public_id}`);
  for (const label of ['索引号', '文号', '发布机构', '生成日期', '发布日期', '公开属性', '有效性']) assert.match(t, new RegExp(label), label);
  for (const name of ['SiteName', 'ArticleTitle', 'PubDate', 'ContentSource']) assert.match(t, new RegExp(`name="${name}" content="[^"]+"`), name);
});

test('every page’s API twin answers the same thing as JSON', async () => {
  for (const path of ['/', '/fields', '/fields/10', '/catalogues', '/units', '/units/changjiang', '/disclosures', '/items/320682-changjiang-10-02-002', '/search?q=x']) {
    const r = await v.get('/api/v1' + (path === '/' ? '/' : path));
    assert.equal(r.status, 200, path);
    assert.equal(typeof r.json, 'object');
  }
});

test('lists page by key without losing or repeating a row', async () => {
  const seen = [];
  let after = '';
  do {
    const r = (await v.get(`/api/v1/disclosures?page_size=5${after ? `&after=${after}` : ''}`)).json;
    seen.push(...r.disclosures.map((d) => d.public_id));
    after = r.pager.next ?? '';
  } while (after);
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(seen.length > 15);
  assert.equal((await v.get('/disclosures?after=rubbish')).status, 400);
});

test('an attachment is what was uploaded, under its Chinese name, and gone after withdrawal', async () => {
  const { hidden } = await import('../lib/server.mjs');
  const who = await server.signIn('changjiang-bianji');
  const form = await who.get('/desk/disclosures/new');
  const item = form.text.match(/<option value="(\d{1,9})">[^<]+｜/)[1];
  const made = await who.post('/desk/disclosures', { ...hidden(form.text, '/desk/disclosures'), item_id: item, title: '带附件', body: '<p>x</p>', attribute: 'active', formed: '2026-11-20' });
  const id = made.headers.location.match(/(\d+)\/edit/)[1];
  const path = `/desk/disclosures/${id}/attachments`;
  const csrf = async () => hidden((await who.get(`/desk/disclosures/${id}/edit`)).text, path);
  const exe = await who.upload(path, await csrf(), [{ field: 'files', name: '报表.pdf', bytes: Buffer.from('MZ\x90\x00\x03' + '\0'.repeat(100)) }]);
  assert.ok([415, 422].includes(exe.status), `${exe.status}`);
  assert.match(exe.text, /不|无法/);
  const good = await who.upload(path, await csrf(), [{ field: 'files', name: '../../附件 一\u0001.txt', bytes: '附件内容，手机13812345678' }]);
  assert.equal(good.status, 303, good.text.slice(0, 400));
  const m = (await who.get(`/api/v1/desk/disclosures/${id}`)).json;
  assert.doesNotMatch(m.disclosure.attachments[0].name, /[/\\\u0001]|\.\./);
  assert.match(JSON.stringify(m.warnings), /138\*+5678/);
});
