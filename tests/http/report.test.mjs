// The annual report and the statistics, from the browser, the API and the command line.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { demoServer, hidden } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';

let server, officer, office, number = 0;
const REPORT = '/desk/reports/2025/changjiang';

// A case as the room of applications keeps it, put straight into the table: what is tested here only reads it.
function addCase({ unit = 'changjiang', applicant = 'person', received, closed = null, outcome = '', late = false, extended = false, days = 0, channel = 'internet', matter = 'access' }) {
  const q = (v) => (v === null ? 'NULL' : `'${v}'`);
  number++;
  server.sql(`INSERT INTO request (number, code_key, matter, unit_id, state, channel, applicant, person, masked, person_key, name_key, subject, info_number, description, fingerprint, carrier, delivery, other_way, help, submitted_at, received_day, due_at, suspended, provisional, certificate, calendar_version, next_at, warned, outcome, reply, replied_at, delivered_at, closed_day, archived_at, late, days_used, extended, rating, rating_text, erased_at, demo, revision, created_at)
    SELECT 'T-${number}', '', '${matter}', id, '${closed ? 'archived' : 'working'}', '${channel}', '${applicant}', '', '张*', '', '', '预算', '', '', '', 'paper', 'post', FALSE, '', 0, ${q(received)}, 0, FALSE, FALSE, '', 1, 0, '', '${outcome}', '', 0, 0, ${q(closed)}, 0, ${late}, ${days}, ${extended}, 0, '', 0, FALSE, 1, 0 FROM unit WHERE code = '${unit}'`);
}
const addRemedy = (kind, filed, result, day) => server.sql(`INSERT INTO request_remedy (request_id, unit_id, kind, organ, number, filed_day, result, result_day, note) SELECT MIN(id), unit_id, '${kind}', '市复议机关', '〔2025〕1号', '${filed}', '${result}', ${day ? `'${day}'` : 'NULL'}, '' FROM request WHERE number = 'T-1' GROUP BY unit_id`);

const model = async (who, path = REPORT) => (await who.get(`/api/v1${path}`)).json;
const row = (m, code) => m.report.table3.find((r) => r.code === code).cells.map((c) => c.value);
async function step(who, verb, path = REPORT) {
  const page = await who.get(path);
  return who.post(`${path}/steps/${verb}`, { ...hidden(page.text, `${path}/steps/${verb}`) });
}
async function save(fields, who = officer) {
  const page = await who.get(`${REPORT}/edit`);
  return who.post(REPORT, { ...hidden(page.text, REPORT), overview: '总体情况。', problems: '主要问题。', other: '没有其他需要报告的事项。', ...fields });
}

before(async () => {
  server = await demoServer();
  officer = await server.signIn('changjiang-foi');
  office = await server.signIn('yishenqing');
  addCase({ received: '2025-03-03', closed: '2025-03-20', outcome: 'R02', days: 13 });
  addCase({ received: '2025-03-04', closed: '2025-06-20', outcome: 'R04.4', days: 41, late: true, extended: true, applicant: 'company', channel: 'fax' });
  addCase({ received: '2024-12-30', closed: '2025-01-20', outcome: 'R03', days: 14 });
  addCase({ received: '2025-12-30', applicant: 'legal' });
  addCase({ received: '2025-05-05', closed: '2025-05-06', outcome: 'C1', matter: 'correction' });
  addCase({ unit: 'mzj', received: '2025-05-05', closed: '2025-05-06', outcome: 'R06', days: 1 });
  addRemedy('reconsideration', '2025-04-01', 'corrected', '2025-06-01');
});
after(() => server.close());

test('who may not see applications sees no report; of another unit neither', async () => {
  const clerk = await server.signIn('changjiang-bianji');
  for (const path of [REPORT, '/desk/reports', '/desk/requests/statistics']) assert.equal((await clerk.get(path)).status, 403, path);
  assert.equal((await officer.get('/desk/reports/2025/mzj')).status, 403);
  assert.equal((await officer.get('/desk/requests/statistics?unit=mzj')).status, 403);
  assert.equal((await server.visitor().get(`/api/v1${REPORT}`)).status, 401);
  for (const path of ['/desk/reports/2031/changjiang', '/desk/reports/2025/nowhere', '/desk/reports/abc/changjiang']) assert.equal((await officer.get(path)).status, 404, path);
});

test('the list shows each unit of the post with its deadline, which no rest day moves', async () => {
  const own = (await officer.get('/desk/reports?year=2025')).text;
  assert.match(own, /长江镇[\s\S]*未编制[\s\S]*2026-01-31/);
  assert.doesNotMatch(own, /民政局/);
  const all = (await office.get('/desk/reports?year=2025')).text;
  assert.match(all, /全市合计[\s\S]*2026-03-31/);
  assert.match(all, /民政局/);
});

test('tables hold the cases cell by cell and every cell leads to them', async () => {
  const m = await model(officer);
  assert.deepEqual(row(m, 'r1'), [1, 1, 0, 0, 1, 0, 3]);
  assert.deepEqual(row(m, 'r2'), [1, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(row(m, 'r3.1'), [1, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(row(m, 'r3.2'), [1, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(row(m, 'r3.3.4'), [0, 1, 0, 0, 0, 0, 1]);
  assert.deepEqual(row(m, 'r3.7'), [2, 1, 0, 0, 0, 0, 3]);
  assert.deepEqual(row(m, 'r4'), [0, 0, 0, 0, 1, 0, 1]);
  assert.deepEqual(m.report.table4[0].cells.map((c) => c.value), [0, 1, 0, 0, 1]);
  const page = (await officer.get(REPORT)).text;
  assert.match(page, /href="\/desk\/requests\?matter=access&amp;year=2025&amp;cell=r3\.3\.4&amp;column=company&amp;unit=changjiang">1<\/a>/);
  for (const t of ['一、总体情况', '二、主动公开政府信息情况', '三、收到和处理政府信息公开申请情况', '四、政府信息公开行政复议、行政诉讼情况', '五、存在的主要问题及改进情况', '六、其他需要报告的事项']) assert.match(page, new RegExp(`<h2>${t}</h2>`));
  assert.match(page, /新收政府信息公开申请3件，其中自然人1件、法人或其他组织2件/);
  assert.match(page, /<svg[\s\S]*新收申请[\s\S]*查看数据/);
  const cell = m.report.table4[0].cells[1].href;
  const cases = (await officer.get(cell)).text;
  assert.match(cases, /T-1<\/a>[\s\S]*结果纠正（2025-06-01）/);
  assert.match((await officer.get(m.report.table4[0].cells[0].href)).text, /没有符合条件/);
});

test('behind each number of table 三 stand just so many cases', async () => {
  const m = await model(officer);
  for (const r of m.report.table3)
    for (const c of r.cells) {
      const { requests } = (await officer.get(`/api/v1${c.href}`)).json;
      assert.equal(requests.length, c.value, c.href);
    }
});

test('nothing is finished before it is written; bad figures come back at their field with what was typed', async () => {
  assert.match((await officer.get(REPORT)).text, /定稿：请先编辑并保存报告/);
  const bad = await save({ penalties: '-3', charges: '1.234', overview: '写了很久的文字' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /id="penalties-error">请填写不小于零的整数/);
  assert.match(bad.text, /id="charges-error">请填写以万元为单位的金额/);
  assert.match(bad.text, /写了很久的文字/);
  assert.match(bad.text, /value="-3"/);
  assert.equal((await save({ penalties: '12', charges: '3.5', overview: '【请补充：平台建设情况】' })).status, 303);
  assert.match((await officer.get(REPORT)).text, /定稿：“一、总体情况”还有需要补充的内容/);
  const refused = await officer.post(`${REPORT}/steps/finish`, hidden((await officer.get(`${REPORT}/edit`)).text, REPORT));
  assert.equal(refused.status, 409);
  assert.match(refused.text, /还有需要补充的内容/);
  const m = await model(officer);
  assert.equal(m.report.table2.find((c) => c.name === 'charges').value, '3.50');
  assert.equal(m.report.table2.find((c) => c.name === 'rule_made').value, '0');
});

test('two people: the second is told, sees the other text and loses nothing of his own', async () => {
  const page = await officer.get(`${REPORT}/edit`);
  assert.equal((await save({ overview: '先保存的文字。' })).status, 303);
  const second = await officer.post(REPORT, { ...hidden(page.text, REPORT), overview: '后保存的文字。', problems: '问题。', other: '其他。' });
  assert.equal(second.status, 409);
  assert.match(second.text, /他人刚刚保存的内容[\s\S]*先保存的文字[\s\S]*后保存的文字/);
  const again = await officer.post(REPORT, { ...hidden(second.text, REPORT), overview: '后保存的文字。', problems: '问题。', other: '其他。' });
  assert.equal(again.status, 303);
  const { report } = await model(officer);
  assert.equal(report.sections.overview, '后保存的文字。');
  const saved = await officer.post(`/api/v1${REPORT}`, { overview: '自动保存。', problems: '问题。', other: '其他。', revision: report.revision, autosave: 1 }, { headers: { 'x-csrf-token': hidden(page.text, REPORT)._csrf } });
  assert.equal(saved.status, 200, saved.text);
  assert.equal(saved.json.revision, report.revision + 1);
});

test('finished figures are frozen, become a publication and lead to each other', async () => {
  assert.equal((await save({ licences: '5' })).status, 303);
  assert.equal((await step(officer, 'finish')).status, 303);
  addCase({ received: '2025-07-01', closed: '2025-07-02', outcome: 'R02' });
  let m = await model(officer);
  assert.equal(m.report.state, 'finished');
  assert.deepEqual(row(m, 'r1'), [1, 1, 0, 0, 1, 0, 3]);
  assert.match((await officer.get(REPORT)).text, /定稿以后，申请件有变化/);
  assert.equal((await officer.get(`${REPORT}/edit`)).status, 409);
  const made = await step(officer, 'publish');
  assert.equal(made.status, 303, made.text.slice(0, 500));
  const draft = made.headers.location;
  const d = (await officer.get(`/api/v1${draft}`)).json.disclosure;
  assert.equal(d.title, `${m.report.unit_name}2025年政府信息公开工作年度报告`);
  assert.equal(d.kind_name, '年度报告');
  assert.match(d.body, /<h2>六、其他需要报告的事项<\/h2>/);
  assert.match(d.body, /<th[^>]*rowspan="8"[^>]*>（三）不予公开<\/th>/);
  assert.doesNotMatch(d.body, /href=/);
  assert.match((await officer.get(draft)).text, new RegExp(`href="${REPORT}"`));
  assert.match((await officer.get(REPORT)).text, new RegExp(`href="${draft}"`));
  /* made again after a correction: the same draft with the new figures */
  assert.equal((await step(officer, 'reopen')).status, 303);
  assert.equal((await step(officer, 'finish')).status, 303);
  assert.equal((await step(officer, 'publish')).headers.location, draft);
  m = await model(officer);
  assert.deepEqual(row(m, 'r1'), [2, 1, 0, 0, 1, 0, 4]);
  assert.equal(m.report.disclosure.state, 'draft');
  const verbs = m.course.map((e) => e.verb_name);
  for (const v of ['保存年度报告', '年度报告定稿', '年度报告生成公开稿件', '年度报告退回修改']) assert.ok(verbs.includes(v), v);
});

test('published through the life cycle of all information, it is shown as published and is not taken back any more', async () => {
  const town = await Town.signIn(server);
  const { report } = await model(officer);
  const publicId = await town.publish(report.disclosure.id);
  const page = await server.visitor().get(`/disclosures/${publicId}`);
  assert.match(page.text, /2025年政府信息公开工作年度报告[\s\S]*（三）不予公开/);
  const now = await model(officer);
  assert.equal(now.report.disclosure.public_href, `/disclosures/${publicId}`);
  assert.match(now.report.clock.text, /已办，逾期/);
  assert.match((await officer.get('/desk/reports?year=2025')).text, new RegExp(`已公布[\\s\\S]*/disclosures/${publicId}`));
  for (const verb of ['reopen', 'publish']) {
    const r = await officer.post(`/api/v1${REPORT}/steps/${verb}`, {}, { headers: { 'x-csrf-token': hidden((await officer.get('/desk/reports')).text, '/sign-out')._csrf } });
    assert.equal(r.status, 409, verb);
  }
});

test('the year after compares what was carried over with the finished report', async () => {
  const now = (await model(officer, '/desk/reports/2026/changjiang')).report;
  const four = now.checks.find((c) => c.number === 4);
  assert.equal(four.ok, true);
  assert.deepEqual(four.lines.map((l) => [l.left, l.right]), [[0, 0], [0, 0], [0, 0], [0, 0], [1, 1], [0, 0], [1, 1]]);
  assert.match((await officer.get('/desk/reports/2026/changjiang')).text, /定稿：统计期限到2026年12月31日/);
});

test('the city total is the sum of its units', async () => {
  const m = await model(office, '/desk/reports/2025/all');
  assert.equal(m.report.city, true);
  assert.match(m.report.title, /^如皋市2025年/);
  const sum = (key) => m.report.units.reduce((n, u) => n + u[key], 0);
  assert.equal(row(m, 'r1')[6], 5);
  assert.equal(sum('received'), 5);
  assert.equal(sum('closed'), row(m, 'r3.7')[6]);
  assert.equal(m.report.units.length, 46);
  assert.equal((await office.get('/desk/reports/2025/all')).status, 200);
});

test('files: Word and PDF open elsewhere, the page stands alone', async () => {
  const pdf = await officer.get(`${REPORT}/file?form=pdf`);
  writeFileSync(join(server.dir, 'r.pdf'), pdf.bytes);
  assert.match(execFileSync('pdftotext', ['-layout', join(server.dir, 'r.pdf'), '-'], { encoding: 'utf8' }), /保护第三方合法权益\s+0\s+1\s+0\s+0\s+0\s+0\s+1/);
  const docx = await officer.get(`${REPORT}/file?form=docx`);
  writeFileSync(join(server.dir, 'r.docx'), docx.bytes);
  assert.match(execFileSync('unzip', ['-p', join(server.dir, 'r.docx'), 'word/document.xml'], { encoding: 'utf8' }), /无正当理由大量反复申请/);
  const html = await officer.get(`${REPORT}/file?form=html`);
  assert.match(html.text, /^<!DOCTYPE html>/);
  assert.doesNotMatch(html.text, /<script|href=|src=/);
  assert.equal((await officer.get(`${REPORT}/file?form=exe`)).status, 422);
});

test('the command makes the same report, with exit codes', async () => {
  const file = join(server.dir, 'out.pdf');
  const text = server.command('report', 'annual', '--unit', 'changjiang', '--year', '2025', '--pdf', file);
  assert.match(text, /1 第一项加第二项之和，等于第三项加第四项之和（表三各列）：相符/);
  assert.equal(readFileSync(file).subarray(0, 5).toString(), '%PDF-');
  rmSync(file);
  const json = JSON.parse(server.command('report', 'annual', '--unit', 'all', '--year', '2025', '--json'));
  assert.deepEqual(json.table3.find((r) => r.code === 'r1').cells.map((c) => c.value), row(await model(office, '/desk/reports/2025/all'), 'r1'));
  const code = (...args) => { try { server.command(...args); return 0; } catch (e) { return e.status; } };
  assert.equal(code('report', 'annual', '--unit', 'nowhere', '--year', '2025'), 1);
  assert.equal(code('report', 'annual', '--year', '2025'), 2);
  assert.equal(code('report', 'annual', '--unit', 'all', '--year', 'x'), 2);
  assert.equal(code('report', 'annual', '--unit', 'all', '--year', '2025', '--pdf', '/nowhere/at/all.pdf'), 1);
});

test('statistics: by unit, channel, applicant, outcome, ground, month; numbers lead to cases; a rate has its base beside it', async () => {
  const m = (await office.get('/api/v1/desk/requests/statistics?year=2025')).json;
  const by = (code) => Object.fromEntries(m.dimensions.find((d) => d.code === code).rows.map((r) => [r.key, r]));
  assert.equal(m.all.received.n, 5);
  assert.equal(m.all.closed, 4);
  assert.deepEqual([m.all.rate, m.all.on_time, m.all.due], ['75.0%', 3, 4]);
  assert.equal(by('unit').mzj.received.n, 1);
  assert.equal(by('channel').fax.late.n, 1);
  assert.equal(by('applicant').company.extended.n, 1);
  assert.equal(by('outcome').R02.received.n, 2);
  assert.equal(by('ground')['R04.4'].received.n, 1);
  assert.equal(by('month')['2025-03'].received.n, 2);
  assert.equal(by('channel').fax.late.href, '/desk/requests?matter=access&state=all&from=2025-01-01&to=2025-12-31&channel=fax&late=1');
  const own = await officer.get('/desk/requests/statistics?from=2025-03-04&to=2025-03-04');
  assert.equal(own.status, 200);
  assert.match(own.text, /0\.0%<br><span class="text-secondary">0 \/ 1 件/);
  assert.doesNotMatch(own.text, /民政局/);
  const bad = await officer.get('/desk/requests/statistics?from=2025-03-04&to=2025-03-01');
  assert.equal(bad.status, 422);
  assert.match(bad.text, /截止日期早于起始日期/);
});

test('what is overdue leads to what is overdue; an outcome that is only drafted is in no list of outcomes', async () => {
  server.sql("UPDATE request SET due_at = 1, outcome = 'R02' WHERE number = 'T-4'");
  const all = (await office.get('/api/v1/desk/requests/statistics?year=2025')).json.all;
  assert.equal(all.overdue.n, 1);
  const rows = (await office.get(`/api/v1${all.overdue.href}`)).json.requests;
  assert.deepEqual(rows.map((r) => r.number), ['T-4']);
  const granted = (await office.get('/api/v1/desk/requests?state=all&outcome=R02&from=2025-01-01&to=2025-12-31')).json.requests;
  assert.ok(granted.length > 0 && granted.every((r) => r.number !== 'T-4'));
});

test('statistics go out as a workbook', async () => {
  const r = await office.get('/desk/requests/statistics/export?year=2025');
  assert.equal(r.status, 200);
  assert.match(r.headers['content-disposition'], /xlsx/);
  writeFileSync(join(server.dir, 's.xlsx'), r.bytes);
  const strings = execFileSync('unzip', ['-p', join(server.dir, 's.xlsx'), 'xl/sharedStrings.xml'], { encoding: 'utf8' });
  for (const words of ['按期率', '75.0%', '合计', '结果纠正']) assert.match(strings, new RegExp(words));
});
