// The public part of supervision: rates by unit and field, what is missing, the five alls; and nothing internal in them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden } from '../lib/server.mjs';

let server, visitor;
const SECRET = '某某救助对象的审批结果';
const api = async (path) => (await visitor.get(`/api/v1${path}`)).json;

async function counted() {
  for (let i = 0; i < 1200; i++) {
    const filled = server.sql("SELECT COUNT(*) FROM supervision_state WHERE name = 'statistics_filled' AND value = 1").trim() === '1';
    const followed = server.sql("SELECT (SELECT MAX(seq) FROM ledger_entry) <= (SELECT value FROM supervision_state WHERE name = 'seq') AND NOT EXISTS (SELECT 1 FROM event_pending)").trim().replace('t', '1') === '1';
    if (filled && followed) return;
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(`not counted: ${server.sql('SELECT name, value FROM supervision_state')}`);
}

before(async () => {
  server = await demoServer();
  visitor = server.visitor();
  await counted(); // the program writes much until then
  const matter = (kind, code, name, exemption) => server.sql(`INSERT INTO public_matter (kind, code, unit_id, name, category, basis, exemption, valid_from, valid_to, created_at) SELECT '${kind}', '${code}', id, '${name}', '行政许可', '', '${exemption}', '2020-01-01', NULL, 0 FROM unit WHERE code = 'mzj'`);
  matter('power', 'P1', '社会团体登记', '');
  matter('power', 'P2', '涉密事项审批', '依法不予公开');
  matter('power', 'P3', '慈善组织认定', '');
  matter('service', 'S1', '婚姻登记', '');
  server.sql("INSERT INTO public_matter_item (matter_id, item_id) SELECT m.id, (SELECT MIN(id) FROM catalogue_item) FROM public_matter m WHERE m.code IN ('P3', 'S1')");
  // A fact whose words are not public, long overdue.
  const editor = await server.signIn('changjiang-bianji');
  const page = await editor.get('/desk/facts/new');
  const r = await editor.post('/desk/facts', { ...hidden(page.text, '/desk/facts'), item: '320682-changjiang-12-03-006', kind: 'decided', subject: SECRET, day: '2026-11-03' });
  assert.equal(r.status, 303, r.text.slice(0, 500));
  await counted();
});
after(() => server.close());

test('home, navigation, foot and site maps lead there', async () => {
  const home = (await visitor.get('/')).text;
  assert.match(home, /<a href="\/supervision">监督评议<\/a>/);
  assert.match(home, /href="\/five-alls"/);
  assert.match(home, /<a class="more" href="\/supervision">/);
  assert.match((await visitor.get('/sitemap')).text, /href="\/five-alls"/);
  const xml = (await visitor.get('/sitemaps/pages.xml')).text;
  for (const path of ['/supervision', '/supervision/missing', '/five-alls']) assert.ok(xml.includes(`${path}</loc>`), path);
});

test('rates by unit and field say the same as the duties, page and API alike', async () => {
  const m = await api('/supervision');
  const page = await visitor.get('/supervision');
  assert.equal(page.status, 200);
  let etag; // once the figures know every event
  for (let i = 0; i < 60 && !etag; i++) {
    await counted();
    etag = (await visitor.get('/supervision')).headers.etag;
  }
  assert.ok(etag, 'the page is kept');
  assert.equal((await visitor.get('/supervision', { headers: { 'if-none-match': etag } })).status, 304);
  const home = (await api('/')).totals;
  assert.deepEqual([m.all.required, m.all.on_time, m.all.late, m.all.overdue], [home.required, home.on_time, home.late, home.overdue]);
  const units = m.groups.flatMap((g) => g.units);
  assert.equal(units.reduce((n, u) => n + u.overdue, 0), m.all.overdue);
  assert.equal(m.fields.length, 26);
  for (const u of units) {
    assert.equal(u.rate, u.due ? `${((100 * u.on_time) / u.due).toFixed(1)}%` : '—', u.name);
    assert.ok(page.text.includes(`>${u.name}</a>`));
    if (u.overdue) assert.ok(page.text.includes(u.missing_href.replaceAll('&', '&amp;')), u.name);
  }
  assert.equal((await api('/supervision?year=2019')).all.required, 0);
  assert.equal((await visitor.get('/api/v1/supervision?year=99')).status, 422);
  assert.equal((await visitor.get('/supervision/missing?unit=nowhere')).status, 404);
});

async function missing(path) {
  const found = [];
  for (let at = path; at;) {
    const m = await api(at);
    found.push(...m.missing);
    at = m.pager?.href?.replace('/api/v1', '') ?? null;
  }
  return found;
}

test('each number of what is missing opens just that many items', async () => {
  const m = await api('/supervision');
  for (const u of m.groups.flatMap((g) => g.units).filter((x) => x.overdue).slice(0, 4)) assert.equal((await missing(u.missing_href)).length, u.overdue, u.name);
  for (const f of m.fields.filter((x) => x.overdue).slice(0, 3)) assert.equal((await missing(f.missing_href)).length, f.overdue, f.name);
  assert.equal((await missing(m.all.missing_href)).length, m.all.overdue);
  const first = (await api('/supervision/missing?unit=changjiang')).missing[0];
  const text = (await visitor.get('/supervision/missing?unit=changjiang')).text;
  assert.ok(text.includes(first.item) && text.includes(`/items/${first.item_code}`));
});

test('public pages hold nothing internal: no words of a fact, no numbers of records, no way to the desk', async () => {
  const rows = await missing('/supervision/missing?unit=changjiang');
  assert.ok(rows.some((r) => r.one_matter), 'the fact is counted');
  for (const r of rows) assert.deepEqual(Object.keys(r).filter((k) => ['id', 'duty_id', 'fact_id', 'source', 'post', 'post_id'].includes(k)), []);
  for (const path of ['/supervision', '/supervision/missing', '/supervision/missing?unit=changjiang', '/five-alls', '/five-alls/powers', '/five-alls/services', '/five-alls/elements']) {
    const page = await visitor.get(path);
    assert.equal(page.status, 200, path);
    const main = page.text.slice(page.text.indexOf('<main'), page.text.indexOf('</main>'));
    for (const text of [main, (await visitor.get(`/api/v1${path}`)).text]) {
      assert.ok(!text.includes(SECRET), path);
      assert.ok(!/\/desk|信息员|"post/.test(text), path);
    }
  }
});

test('a past instant shows what was missing then; the five alls know only now', async () => {
  const then = await visitor.get('/supervision?as_of=2019-01-01T00:00');
  assert.equal(then.status, 200);
  assert.match(then.text, /2019-01-01/);
  assert.equal((await api('/supervision?as_of=2019-01-01T00:00')).all.required, 0);
  const now = await api('/supervision'), same = await api('/supervision?as_of=2026-11-23T09:00');
  assert.deepEqual(same.all, now.all);
  assert.deepEqual(same.fields, now.fields);
  assert.ok(!/five-alls\?as_of/.test(then.text));
});

test('the five alls are ratios of recorded things, with what is missing', async () => {
  const m = await api('/five-alls');
  assert.deepEqual(m.alls.map((a) => a.name), ['全流程权力公开', '全过程服务公开', '全要素事项公开', '全渠道信息获取', '全方位监督评价']);
  for (const a of m.alls) {
    assert.equal(a.ratio, a.whole ? `${((100 * a.part) / a.whole).toFixed(1)}%` : '—', a.name);
    assert.ok(a.definition.length > 10 && a.part_name && a.whole_name);
  }
  const [powers, services, elements, channels, evaluation] = m.alls;
  assert.deepEqual([powers.part, powers.whole, powers.missing], [2, 3, 1]);
  assert.deepEqual([services.part, services.whole, services.missing], [1, 1, 0]);
  const lacking = await api('/five-alls/powers');
  assert.deepEqual(lacking.matters.map((x) => [x.code, x.name, x.unit_code]), [['P1', '社会团体登记', 'mzj']]);
  assert.ok((await visitor.get('/five-alls/powers')).text.includes('社会团体登记'));
  assert.equal((await api('/five-alls/services')).matters.length, 0);
  assert.equal((await api('/five-alls/elements')).items.length, elements.whole - elements.part);
  for (const a of [channels, evaluation]) {
    assert.ok(a.ways.some((w) => w.there) && a.ways.some((w) => !w.there && w.lacking));
    assert.equal(a.missing, a.ways.filter((w) => !w.there).length);
    for (const w of a.ways.filter((x) => x.href)) assert.ok([200, 303].includes((await visitor.get(w.href)).status), w.href);
  }
  const page = (await visitor.get('/five-alls')).text;
  for (const a of m.alls) assert.ok(page.includes(`<h2 id="${a.code}">${a.name}</h2>`));
  assert.match(page, /政务新媒体[\s\S]*?尚未纳入本系统/);
  assert.equal((await visitor.get('/five-alls/nothing')).status, 404);
});
