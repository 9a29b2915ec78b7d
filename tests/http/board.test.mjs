// The live board over HTTP: its figures agree with the records they open, as page and as JSON.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden, supervisionReady } from '../lib/server.mjs';

let server, office;
before(async () => {
  server = await demoServer();
  await supervisionReady(server);
  office = await server.signIn('office');
});
after(() => server.close());

const board = async () => (await office.get('/api/v1/desk/supervision')).json;
const tile = (b, name) => b.tiles.find((t) => t.name === name);

// Every record behind an address, page by page.
async function records(href, member) {
  const all = [];
  for (let after = ''; ;) {
    const r = await office.get(`/api/v1${href}&page_size=200${after ? `&after=${encodeURIComponent(after)}` : ''}`);
    assert.equal(r.status, 200, `${href} ${r.text.slice(0, 300)}`);
    all.push(...r.json[member]);
    after = r.json.pager.next ?? '';
    if (!after || all.length > 5000) return all;
  }
}

test('what is due in 1, 3, 7 and 30 days is what the lists show', async () => {
  const b = await board();
  const counts = ['今天到期', '3天内到期', '7天内到期', '30天内到期'].map((name) => tile(b, name));
  assert.ok(counts.at(-1).n > 0, 'the demonstration owes something');
  for (let i = 1; i < counts.length; i++) assert.ok(counts[i].n >= counts[i - 1].n);
  for (const t of counts) {
    const first = (await office.get(`/api/v1${t.href}&page_size=200`)).json.duties;
    assert.equal(first.length, Math.min(t.n, 200), t.name);
  }
});

test('units without duties are folded away, the others add up to the total', async () => {
  const b = await board();
  assert.ok(b.units.length > 0);
  assert.ok(b.units.every((u) => u.total.required > 0 || u.total.overdue > 0 || u.total.red + u.total.orange + u.total.yellow > 0));
  assert.equal(b.units.reduce((n, u) => n + u.total.required, 0), b.total.required);
  assert.equal(b.columns.reduce((n, c) => n + (c.required ?? 0), 0), b.total.required);
  const page = await office.get('/desk/supervision');
  assert.match(page.text, new RegExp(`没有任务也没有预警的单位 ${b.idle_count} 个`));
});

test('a settled duty leaves the counts, and the version is another', async () => {
  const before = await board();
  const list = (await office.get(`/api/v1${tile(before, '30天内到期').href}`)).json.duties;
  const action = `/desk/duties/${list[0].id}/waive`, page = await office.get(`/desk/duties/${list[0].id}`);
  assert.equal((await office.post(action, { ...hidden(page.text, action), ground: 'ND6', reason: '过程性信息，不予公开' })).status, 303);
  const now = await board();
  assert.equal(tile(now, '30天内到期').n, tile(before, '30天内到期').n - 1);
  assert.equal(now.total.required, before.total.required - 1);
  assert.notEqual(now.version, before.version);
});

test('the alerts behind a day: bad days are refused at their field, an empty day says so', async () => {
  assert.equal((await office.get('/api/v1/desk/supervision/day?day=2026-13-01')).status, 422);
  assert.equal((await office.get('/api/v1/desk/supervision/day?what=x')).status, 422);
  const r = await office.get('/api/v1/desk/supervision/day?day=2026-11-01&from=2026-11-02');
  assert.equal(r.status, 422);
  assert.equal(r.json.errors[0].field, 'day');
  assert.match((await office.get('/desk/supervision/day?day=2020-01-01')).text, /2020年1月1日没有发出的预警/);
});

test('the trend counts what the lists of its days show', async () => {
  const { trend } = await board();
  assert.equal(trend.days.length, 30);
  assert.equal(trend.days[0].day, '2026-11-23');
  for (const what of ['raised', 'red', 'closed']) {
    const n = trend.days.reduce((sum, d) => sum + d[what], 0);
    const all = await records(`/desk/supervision/day?what=${what}&from=${trend.days.at(-1).day}&day=${trend.days[0].day}`, 'alerts');
    assert.equal(all.length, Math.min(n, all.length > 5000 ? all.length : n), what);
  }
});

test('days of duties that end before they begin are refused at the field', async () => {
  const r = await office.get('/api/v1/desk/duties?from=2026-12-02&to=2026-12-01');
  assert.equal(r.status, 422);
  assert.equal(r.json.errors[0].field, 'to');
});

test('who may not see the board is refused', async () => {
  const clerk = await server.signIn('changjiang-bianji');
  for (const path of ['/desk/supervision', '/desk/supervision?wall=1', '/desk/supervision/day'])
    assert.equal((await clerk.get(path)).status, 403, path);
});

test('the wall has no navigation and reloads itself without script', async () => {
  const page = await office.get('/desk/supervision?wall=1');
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /<nav|<form/);
  assert.match(page.text, /<noscript><meta http-equiv="refresh" content="60"><\/noscript>/);
});
