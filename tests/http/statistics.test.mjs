// The statistics of supervision: page, API, workbook, records behind figures, and who may see whose.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoServer, hidden } from '../lib/server.mjs';

let server, office, signer;
const PAGE = '/desk/statistics/supervision';
const SPAN = 'period=span&from=2020-01&to=2029-12';
const model = async (who, query = '') => (await who.get(`/api/v1${PAGE}?${query}`)).json;

// Until everything older is counted and every event followed.
async function counted() {
  for (let i = 0; i < 1200; i++) {
    const behind = server.sql("SELECT COUNT(*) FROM supervision_state WHERE name = 'statistics_filled' AND value = 1").trim() !== '1'
      || server.sql("SELECT (SELECT MAX(seq) FROM ledger_entry) <= (SELECT value FROM supervision_state WHERE name = 'seq') AND NOT EXISTS (SELECT 1 FROM event_pending)").trim().replace('t', '1') !== '1';
    if (!behind) return;
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(`not counted: ${server.sql('SELECT name, value FROM supervision_state')}`);
}

before(async () => {
  server = await demoServer();
  office = await server.signIn('office');
  signer = await server.signIn('changjiang-qianfa');
  await counted();
});
after(() => server.close());

test('who has no right to statistics gets none; another unit is refused, the own one is all there is', async () => {
  const editor = await server.signIn('changjiang-bianji');
  for (const path of [PAGE, `${PAGE}/export`, `${PAGE}/records?measure=owed`]) {
    assert.equal((await editor.get(path)).status, 403, path);
    assert.equal((await signer.get(`${path}${path.includes('?') ? '&' : '?'}unit=baipu`)).status, 403, path);
    assert.equal((await signer.get(`/api/v1${path}${path.includes('?') ? '&' : '?'}unit=baipu`)).status, 403, path);
  }
  const own = await model(signer, SPAN);
  assert.deepEqual(own.rows.map((r) => r.code), ['changjiang']);
  assert.deepEqual(own.units.map((u) => u.value), ['changjiang']);
  const all = await model(office, SPAN);
  assert.ok(all.rows.length > 20);
  assert.equal(own.all.owed.n, all.rows.find((r) => r.code === 'changjiang').owed.n);
  // A post of another unit asked for by its number gives nothing of it.
  const posts = await model(office, `${SPAN}&by=post`);
  const other = posts.rows.find((r) => r.code !== '0' && r.note === '白蒲镇');
  assert.ok(other, 'a post of another town counts');
  assert.equal((await model(signer, `${SPAN}&post=${other.code}`)).all.owed.n, 0);
});

test('the page shows what the API says, and every way of dividing adds up to the same', async () => {
  const by = {};
  for (const way of ['unit', 'post', 'field', 'catalogue', 'month']) {
    const m = (by[way] = await model(office, `${SPAN}&by=${way}`));
    const text = (await office.get(`${PAGE}?${SPAN}&by=${way}`)).text;
    for (const r of m.rows) {
      assert.ok(text.includes(r.name), r.name);
      for (const measure of ['owed', 'overdue', 'published', 'yellow'])
        if (r[measure].n) assert.ok(text.includes(`<a href="${r[measure].href.replaceAll('&', '&amp;')}">${r[measure].n}</a>`), `${way} ${r.name} ${measure}`);
    }
    for (const [measure, v] of Object.entries(m.all))
      if (v && typeof v === 'object') assert.equal(m.rows.reduce((n, r) => n + r[measure].n, 0), v.n, `${way} ${measure}`);
  }
  for (const way of Object.keys(by)) assert.equal(by[way].all.owed.n, by.unit.all.owed.n, way);
  const duties = Number(server.sql("SELECT COUNT(*) FROM duty WHERE state IN ('open', 'met', 'met_late')"));
  assert.equal(by.unit.all.owed.n, duties);
});

test('ranked are those with enough cases, by the lower bound; the others have an interval', async () => {
  const m = await model(office, `${SPAN}&by=field`);
  const ranked = m.rows.filter((r) => r.rank);
  assert.ok(ranked.length > 1);
  for (const [i, r] of ranked.entries()) {
    assert.ok(r.due >= m.rank_least, r.name);
    if (i) assert.ok(r.low <= ranked[i - 1].low && r.rank >= ranked[i - 1].rank);
  }
  const few = m.rows.filter((r) => r.few);
  assert.ok(few.length > 0);
  for (const r of few) {
    assert.ok(r.due > 0 && r.due < m.rank_least && !r.rank);
    assert.match(r.interval, /^\d+\.\d%～\d+\.\d%$/);
  }
  assert.equal((await model(office, `${SPAN}&by=month`)).ranking, false);
});

async function list(who, href) {
  const found = [];
  for (let at = href; at;) {
    const m = (await who.get(`/api/v1${at}`)).json;
    found.push(...m.records);
    at = m.pager?.href?.replace('/api/v1', '') ?? null;
  }
  return found;
}

test('every figure opens exactly the records it counts', async () => {
  const m = await model(office, `${SPAN}&unit=changjiang`);
  let seen = 0;
  for (const [code, v] of Object.entries(m.all)) {
    if (!v?.href) continue;
    const records = await list(office, v.href);
    assert.equal(records.length, v.n, code);
    assert.equal(new Set(records.map((r) => `${r.kind} ${r.id} ${r.month}`)).size, v.n, code);
    assert.equal((await office.get(records[0].href)).status, 200, records[0].href);
    seen++;
  }
  assert.ok(seen >= 6, `${seen}`);
});

test('a duty waived leaves what is owed, as the event comes', async () => {
  const was = await model(office, `${SPAN}&unit=changjiang`);
  const [record] = await list(office, was.all.overdue.href);
  const page = await office.get(record.href);
  const r = await office.post(`${record.href}/waive`, { ...hidden(page.text, `${record.href}/waive`), ground: page.text.match(/<select[^>]*name="ground"[\s\S]*?<option value="([^"]+)"/)[1], reason: '依法不予公开的事项' });
  assert.equal(r.status, 303, r.text.slice(0, 300));
  await counted();
  const now = await model(office, `${SPAN}&unit=changjiang`);
  assert.equal(now.all.owed.n, was.all.owed.n - 1);
  assert.equal(now.all.overdue.n, was.all.overdue.n - 1);
  assert.equal(now.all.waived.n, was.all.waived.n + 1);
});

test('what cannot be asked for is said at the field', async () => {
  for (const [query, word] of [['period=span&from=2026-05&to=2026-04', '早于'], ['from=2026-13', '年份和月份'], ['unit=nowhere', '没有这个单位'], ['field=99', '没有这个领域'], ['by=colour', '分行']]) {
    const r = await office.get(`/api/v1${PAGE}?${query}`);
    assert.equal(r.status, 422, query);
    assert.match(JSON.stringify(r.json), new RegExp(word), query);
  }
  assert.equal((await office.get(`/api/v1${PAGE}/records?measure=colour`)).status, 422);
});

test('the workbook opens and holds the same numbers', async () => {
  const r = await office.get(`${PAGE}/export?${SPAN}&by=unit`);
  assert.equal(r.status, 200);
  assert.match(decodeURIComponent(r.headers['content-disposition']), /监督统计-按单位/);
  const file = join(server.dir, 'statistics.xlsx');
  writeFileSync(file, r.bytes);
  const part = (name) => execFileSync('unzip', ['-p', file, name], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const words = [...part('xl/sharedStrings.xml').matchAll(/<si><t[^>]*>([\s\S]*?)<\/t><\/si>/g)].map((m) => m[1]);
  const cells = {};
  for (const m of part('xl/worksheets/sheet1.xml').matchAll(/<c r="([A-Z]+)(\d+)"([^>]*)>(?:<v>([^<]*)<\/v>)?/g)) cells[`${m[1]}${m[2]}`] = /t="s"/.test(m[3]) ? words[Number(m[4])] : Number(m[4]);
  const m = await model(office, `${SPAN}&by=unit`);
  assert.equal(cells.B1, '应公开');
  for (const [i, row] of m.rows.entries()) {
    assert.equal(cells[`A${i + 2}`], row.name);
    assert.equal(cells[`B${i + 2}`], row.owed.n);
    assert.equal(cells[`I${i + 2}`], row.overdue.n);
  }
  assert.equal(cells[`A${m.rows.length + 2}`], '合计');
  assert.equal(cells[`B${m.rows.length + 2}`], m.all.owed.n);
  assert.match(part('xl/workbook.xml'), /公开任务[\s\S]*发布和申请[\s\S]*预警[\s\S]*说明/);
});
