// The three catalogues, as the clerk, the office and the public meet them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden } from '../lib/server.mjs';

let server, manager, office, town;
before(async () => {
  server = await demoServer();
  manager = await server.signIn('mulu');
  office = await server.signIn('office');
  town = await server.signIn('changjiang-bianji');
});
after(() => server.close());

const catalogueId = async (code) => {
  const r = await manager.get('/api/v1/desk/catalogues');
  assert.equal(r.status, 200, r.text);
  return r.json.catalogues.find((c) => c.code === code).id;
};
const itemsOf = async (code, field = 10) => {
  const r = await manager.get(`/api/v1/desk/catalogues/${await catalogueId(code)}?field=${field}`);
  assert.equal(r.status, 200, r.text);
  return r.json.table.tables.flatMap((t) => t.rows);
};
const upload = async (who, code, name, bytes) => {
  const page = `/desk/catalogues/${await catalogueId(code)}/import`;
  const form = await who.get(page);
  assert.equal(form.status, 200, form.text.slice(0, 500));
  return who.upload(page, hidden(form.text, page), [{ field: 'file', name, bytes }]);
};
const report = async (who, r) => {
  assert.equal(r.status, 303, r.text.slice(0, 3000));
  const page = await who.get(r.headers.location);
  assert.equal(page.status, 200, page.text.slice(0, 500));
  const api = await who.get(`/api/v1${r.headers.location}`);
  return { ...api.json.import, page: page.text };
};
const propose = async (who, page, changes) => {
  const form = await who.get(page);
  assert.equal(form.status, 200, form.text.slice(0, 500));
  const fields = { ...hidden(form.text, page) };
  for (const m of form.text.matchAll(/<(?:input|textarea)[^>]*\bname="(\w+)"[^>]*>(?:([^<]*)<\/textarea>)?/g)) {
    const value = m[0].startsWith('<textarea') ? m[2] : m[0].match(/value="([^"]*)"/)?.[1] ?? '';
    if (m[0].includes('type="checkbox"')) { if (m[0].includes(' checked')) fields[m[1]] = value; }
    else if (!(m[1] in fields)) fields[m[1]] = value;
  }
  const sent = { ...fields, ground: '依据测试', ...changes };
  for (const k of Object.keys(sent)) if (sent[k] === null) delete sent[k];
  return who.post(page, sent);
};
const step = async (who, id, verb, fields = {}) => {
  const page = await who.get(`/desk/proposals/${id}`);
  assert.equal(page.status, 200, page.text.slice(0, 500));
  const action = `/desk/proposals/${id}/${verb}`;
  const any = page.text.includes(`action="${action}"`) ? hidden(page.text, action) : hidden((await who.get('/desk')).text, '/sign-out');
  return who.post(action, { ...any, ...fields });
};
const idOf = (r) => {
  assert.equal(r.status, 303, r.text.slice(0, 3000));
  return Number(r.headers.location.match(/proposals\/(\d+)/)[1]);
};

test('every page of the catalogues opens', async () => {
  const [item] = await itemsOf('city-standard');
  const id = await catalogueId('city-standard');
  for (const p of ['/desk/catalogues', `/desk/catalogues/${id}?field=10`, `/desk/catalogues/${id}/import`, `/desk/catalogues/${id}/propose`, `/desk/items/${item.item_id}`, `/desk/items/${item.item_id}/propose`, '/desk/proposals', '/desk/limits', '/desk/matters', '/desk/matters?kind=service&unmapped=1']) {
    const r = await manager.get(p);
    assert.equal(r.status, 200, `${p}: ${r.text.slice(0, 300)}`);
  }
});

for (const format of ['xlsx', 'csv'])
  for (const code of ['city-standard', 'changjiang-standard'])
    test(`what is exported as ${format} from ${code} imports again without differences`, async () => {
      const id = await catalogueId(code);
      const file = await manager.get(`/desk/catalogues/${id}/export?format=${format}`);
      assert.equal(file.status, 200);
      const r = await report(manager, await upload(manager, code, `目录.${format}`, file.bytes));
      assert.deepEqual([r.report.errors, r.report.added, r.report.changed, r.report.ended], [0, 0, 0, 0], JSON.stringify(r.report).slice(0, 2000));
      assert.ok(r.report.unchanged > 250, String(r.report.unchanged));
      assert.match(r.page, /没有变动/);
    });

test('the public downloads the table of one field', async () => {
  const r = await server.visitor().get('/catalogues/city-standard/export?format=csv&field=10');
  assert.equal(r.status, 200);
  assert.equal(r.bytes.subarray(0, 3).toString('hex'), 'efbbbf');
  assert.match(r.text, /最低生活保障/);
  assert.doesNotMatch(r.text, /重大建设项目/);
});

test('a change is proposed, approved by another person, and in force for the public at once', async () => {
  const item = (await itemsOf('city-standard')).at(0);
  const id = idOf(await propose(manager, `/desk/items/${item.item_id}/propose`, { elements: '改后的要素、办理时间', effective: '2026-11-23' }));
  const own = await step(manager, id, 'approve');
  assert.equal(own.status, 403, own.text.slice(0, 300));
  const done = await step(office, id, 'approve');
  assert.equal(done.status, 303, done.text.slice(0, 2000));
  const page = await server.visitor().get(`/items/${item.code}`);
  assert.match(page.text, /改后的要素/);
  assert.match(page.text, /第 2 版/);
  const desk = await manager.get(`/desk/items/${item.item_id}`);
  assert.match(desk.text, /第 1 版与第 2 版的差别/);
});

test('an approved change waits for its day', async () => {
  const item = (await itemsOf('city-standard')).at(1);
  const id = idOf(await propose(manager, `/desk/items/${item.item_id}/propose`, { elements: '明年的要素', effective: '2027-01-01' }));
  assert.equal((await step(office, id, 'approve')).status, 303);
  assert.doesNotMatch((await server.visitor().get(`/items/${item.code}`)).text, /明年的要素/);
  assert.match((await office.get(`/desk/proposals/${id}`)).text, /已审定，待生效/);
});

test('an item without owner, time limit or ground is refused at the field', async () => {
  const item = (await itemsOf('city-standard')).at(2);
  const r = await propose(manager, `/desk/items/${item.item_id}/propose`, { owners_text: '', limit_text: '', basis: '' });
  assert.equal(r.status, 422);
  for (const word of ['缺少公开主体的事项不能生效', '缺少公开时限的事项不能生效', '缺少公开依据的事项不能生效']) assert.match(r.text, new RegExp(word));
  const unknown = await propose(manager, `/desk/items/${item.item_id}/propose`, { owners_text: '市火星局' });
  assert.equal(unknown.status, 422);
  assert.match(unknown.text, /没有“市火星局”这个单位/);
});

test('a proposal made stale by another is a conflict, shown, and can be brought up to date', async () => {
  const item = (await itemsOf('city-standard')).at(3);
  const page = `/desk/items/${item.item_id}/propose`;
  const first = idOf(await propose(manager, page, { channels: '■政府网站 ■甲', effective: '2026-11-23' }));
  const second = idOf(await propose(manager, page, { elements: '第二件的要素', effective: '2026-11-23' }));
  assert.equal((await step(office, first, 'approve')).status, 303);
  const stale = await step(office, second, 'approve');
  assert.equal(stale.status, 409, stale.text.slice(0, 300));
  const shown = await office.get(`/desk/proposals/${second}`);
  assert.match(shown.text, /提出以后，该事项已有第 2 版/);
  assert.match(shown.text, /第二件的要素/);
  assert.equal((await step(manager, second, 'rebase')).status, 303);
  assert.equal((await step(manager, second, 'submit')).status, 303);
  assert.equal((await step(office, second, 'approve')).status, 303);
  const now = await server.visitor().get(`/items/${item.code}`);
  assert.match(now.text, /第二件的要素/);
  assert.match(now.text, /■政府网站 ■甲/);
});

test('a rejection needs a reason', async () => {
  const item = (await itemsOf('city-standard')).at(4);
  const id = idOf(await propose(manager, `/desk/items/${item.item_id}/propose`, { elements: '不会采纳的要素' }));
  const r = await step(office, id, 'reject', { reason: '' });
  assert.equal(r.status, 422);
  assert.match(r.text, /请写明不予采纳的理由/);
  assert.equal((await step(office, id, 'reject', { reason: '依据不足' })).status, 303);
  assert.match((await manager.get(`/desk/proposals/${id}`)).text, /依据不足/);
});

test('a town proposes for its own catalogue and not for the city’s items of others', async () => {
  const [own] = await itemsOf('changjiang-standard');
  idOf(await propose(town, `/desk/items/${own.item_id}/propose`, { elements: '本镇的要素' }));
  const [other] = await itemsOf('city-standard', 1);
  assert.equal((await town.get(`/desk/items/${other.item_id}/propose`)).status, 403);
});

test('an ended item leaves the table and keeps its page', async () => {
  const item = (await itemsOf('city-standard')).at(-1);
  const id = idOf(await propose(manager, `/desk/items/${item.item_id}/propose`, { end: '1', effective: '2026-11-23' }));
  assert.equal((await step(office, id, 'approve')).status, 303);
  assert.ok(!(await itemsOf('city-standard')).some((i) => i.code === item.code));
  const page = await server.visitor().get(`/items/${item.code}`);
  assert.equal(page.status, 200);
});

test('a table in GBK with other headings, 同上 and empty boxes becomes one proposal, whole', async () => {
  const csv = ['基层政务公开目录,,,,,,,', '社会救助领域,,,,,,,', '二级事项,一级事项,责任主体,公开时间,公开内容（要素）,公开依据,公开渠道,备用栏',
    '新事项甲,新的一级,市民政局,20个工作日,对象、标准,《社会救助暂行办法》,□政府公报 ■政府网站,附加', '新事项乙,,同上,看情况公开,同上,同上,■政府网站,', '注：本表由测试编制,,,,,,,'].join('\r\n');
  const { execFileSync } = await import('node:child_process');
  const gbk = execFileSync('iconv', ['-f', 'UTF-8', '-t', 'GBK'], { input: csv });
  const r = await report(manager, await upload(manager, 'city-standard', '表.csv', gbk));
  assert.equal(r.report.errors, 0, JSON.stringify(r.report.problems));
  assert.equal(r.report.added, 2);
  assert.match(JSON.stringify(r.report.problems), /需人工确定/);
  const page = `/desk/imports/${r.id}`;
  const html = (await manager.get(page)).text;
  const applied = await manager.post(`${page}/apply`, { ...hidden(html, `${page}/apply`), ground: '测试', effective: '2026-11-23' });
  const id = idOf(applied);
  assert.equal((await step(manager, id, 'submit')).status, 303);
  assert.equal((await step(office, id, 'approve')).status, 303);
  const item = (await itemsOf('city-standard')).find((i) => i.level2 === '新事项甲');
  assert.match(item.code, /^320682-10-\d\d-001$/);
  assert.equal(item.channels, '■政府网站');
  const other = (await itemsOf('city-standard')).find((i) => i.level2 === '新事项乙');
  assert.equal(other.owners_text, '市民政局');
  assert.equal(other.level1, '新的一级');
  assert.match((await manager.get('/desk/limits')).text, /看情况公开/);
  const form = `/desk/limits/${other.item_id}`;
  const settle = await manager.submit(form, form, { kind: 'event', trigger: 'formed', n: 7, unit: 'working_days', ground: '领导小组会议纪要', effective: '2026-11-24' });
  const rule = idOf(settle);
  assert.match((await manager.get(`/desk/proposals/${rule}`)).text, /7个工作日/);
});

test('rows that cannot be read stop the whole file', async () => {
  const csv = '﻿领域,一级事项,二级事项,公开内容,公开依据,公开时限,公开主体\n社会救助,甲,乙,丙,丁,20个工作日,市火星局\n不存在的领域,甲,己,丙,丁,20个工作日,市民政局\n社会救助,甲,庚,丙,,20个工作日,市民政局\n社会救助,甲,辛,丙,丁,20个工作日,市民政局\n社会救助,甲,辛,丙,丁,20个工作日,市民政局\n';
  const r = await report(manager, await upload(manager, 'city-standard', '表.csv', csv));
  assert.equal(r.report.errors, 4, JSON.stringify(r.report.problems));
  assert.match(r.page, /没有“市火星局”这个单位/);
  assert.match(r.page, /没有“不存在的领域”这个领域/);
  assert.match(r.page, /与第 5 行的事项重复/);
  assert.match(r.page, /整张生效，不只取一部分/);
});

for (const [what, bytes, say] of [
  ['an empty file', '', '文件是空的|请选择'],
  ['a PDF', '%PDF-1.7 abcdef', '这是 PDF 文件'],
  ['a broken zip', 'PK\x03\x04garbage garbage', '不完整或已损坏'],
  ['a table of something else', '姓名,电话\n张,1\n', '没有找到目录表头'],
])
  test(`${what} is refused with one sentence`, async () => {
    const r = await upload(manager, 'city-standard', '表.csv', Buffer.from(bytes, 'latin1').length === bytes.length ? Buffer.from(bytes, what === 'a table of something else' ? 'utf8' : 'latin1') : Buffer.from(bytes));
    assert.equal(r.status, 422, r.text.slice(0, 500));
    assert.match(r.text, new RegExp(say));
  });

test('powers are imported, linked to an item, or kept out with a ground', async () => {
  const page = '/desk/matters';
  const form = await manager.get(page);
  const csv = '编码,名称,类别,设定依据,实施主体\n3206820001,社会救助审批,行政给付,《社会救助暂行办法》,市民政局\n3206820002,内部事项,其他,内部,市民政局\n';
  const r = await manager.upload('/desk/matters/import', { ...hidden(form.text, '/desk/matters/import'), kind: 'power' }, [{ field: 'file', name: '权责.csv', bytes: csv }]);
  assert.equal(r.status, 303, r.text.slice(0, 2000));
  const list = (await manager.get('/api/v1/desk/matters?kind=power')).json;
  assert.equal(list.counts.open, 2);
  const [item] = await itemsOf('city-standard');
  const link = async (m, fields) => manager.post(`/desk/matters/${m.id}/link`, { ...hidden((await manager.get(page)).text, `/desk/matters/${m.id}/link`), kind: 'power', ...fields });
  assert.equal((await link(list.matters[0], { item_code: item.code })).status, 303);
  assert.equal((await link(list.matters[1], { exemption: '条例第十六条' })).status, 303);
  assert.equal((await manager.get('/api/v1/desk/matters?kind=power')).json.counts.open, 0);
});

test('a supplementary catalogue is made once, and warns of what the standard one already holds', async () => {
  const page = '/desk/catalogues';
  const made = await office.submit(page, page, { kind: 'supplementary', unit: '长江镇' });
  assert.equal(made.status, 303, made.text.slice(0, 1500));
  const again = await office.submit(page, page, { kind: 'supplementary', unit: '长江镇' });
  assert.equal(again.status, 422);
  const [twin] = await itemsOf('changjiang-standard');
  const id = Number(made.headers.location.match(/(\d+)$/)[1]);
  const r = await propose(manager, `/desk/catalogues/${id}/propose`, { level1: twin.level1, level2: twin.level2, elements: '要素', basis: '依据', limit_text: '20个工作日', owners_text: '长江镇', effective: '2026-11-23' });
  const shown = await manager.get(`/desk/proposals/${idOf(r)}`);
  assert.match(shown.text, /长江镇政务公开事项标准目录的事项 320682-changjiang-10-\d\d-\d\d\d 重复/);
});
