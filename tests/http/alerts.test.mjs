// Alerts and tickets in the browser: what a unit answers, what the supervisor decides, a ticket's whole path, the formal notice.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden } from '../lib/server.mjs';

let server, office, unit, signer, other, auditor;
const NOW = Date.parse('2026-11-23T08:00:00+08:00');
let subjects = 900000000;
const number = (sql) => Number(server.sql(sql).trim());

// An alert of a rule that is switched off: the engine leaves it alone.
function alert(fields = {}) {
  const { code = 'changjiang', level = 3, state = 'open', outcome = '', title = '低保对象名单', began = NOW - 86400000, field = 10 } = fields;
  subjects++;
  server.sql(`INSERT INTO alert (rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, post_id, level, peak, began_at, level_at, red_at, due_at, raised_at, state, outcome, closed_at, title, note, address, step)
    SELECT v.rule_id, v.id, 'none', 'disclosure', ${subjects}, u.id, ${field}, 0, 0, ${level}, ${level}, ${began}, ${began}, ${began}, ${began}, ${NOW}, '${state}', '${outcome}', ${state === 'closed' ? NOW : 0}, '${title}', '没有按期公开', '/desk/duties', 0
    FROM rule_version v JOIN rule r ON r.id = v.rule_id, unit u WHERE r.code = 'r-test' AND u.code = '${code}'`);
  const id = number(`SELECT id FROM alert WHERE subject_id = ${subjects}`);
  return { id, path: `/desk/alerts/${id}`, subject: subjects };
}
const rows = async (who, query) => (await who.get(`/api/v1/desk/alerts?page_size=100&rule=${await rule()}${query ?? ''}`)).json;
let ruleId;
async function rule() {
  return (ruleId ??= number(`SELECT id FROM rule WHERE code = 'r-test'`));
}
async function step(who, path, verb, fields = {}, page) {
  const action = `${path}/steps/${verb}`;
  const text = page ?? (await who.get(path)).text;
  return who.post(action, { ...hidden(text, action), ...fields });
}
async function ticket(alerts, fields = {}, who = office) {
  const form = await who.get(`/desk/tickets/new?${alerts.map((a) => `alert=${a.id}`).join('&')}`);
  return who.post('/desk/tickets', { ...hidden(form.text, '/desk/tickets'), alert: alerts.map((a) => a.id), title: '低保对象名单逾期未公开', demand: '立即公开，并说明原因。', ...fields });
}

before(async () => {
  server = await demoServer();
  [office, unit, signer, other, auditor] = await Promise.all(['office', 'changjiang-bianji', 'changjiang-qianfa', 'baipu-bianji', 'sjgly'].map((l) => server.signIn(l)));
  server.sql(`INSERT INTO rule (code, check_code, state, on_at, shipped, created_at) VALUES ('r-test', 'none', 'off', 0, FALSE, 0)`);
  server.sql(`INSERT INTO rule_version (rule_id, version, frozen, name, parameters, scope, ladder, weight, ground, status, effective, created_at) SELECT id, 1, TRUE, '测试规则', '{}', '{}', '[]', 100, '测试依据第一条', 'U', '2020-01-01', 0 FROM rule WHERE code = 'r-test'`);
  server.sql(`UPDATE rule SET version_id = (SELECT id FROM rule_version WHERE rule_id = rule.id) WHERE code = 'r-test'`);
});
after(() => server.close());

test('the list: filters, counts, scope, pages and the table to take away', async () => {
  const mine = [alert({ title: '甲事项' }), alert({ level: 2, title: '乙事项', field: 11 }), alert({ level: 1, title: '丙事项' }), alert({ state: 'closed', outcome: 'late', title: '丁事项' })];
  alert({ code: 'baipu', title: '白蒲的事项' });
  const all = await rows(office);
  assert.deepEqual(all.alerts.map((a) => a.level), ['red', 'red', 'orange', 'yellow']);
  assert.deepEqual(all.levels_count.map((c) => c.count), [2, 1, 1]);
  const own = await rows(unit);
  assert.deepEqual(own.alerts.map((a) => a.title), ['甲事项', '乙事项', '丙事项']);
  assert.deepEqual(own.levels_count.map((c) => c.count), [1, 1, 1]);
  assert.deepEqual((await rows(unit, '&level=orange')).alerts.map((a) => a.id), [mine[1].id]);
  assert.deepEqual((await rows(unit, '&field=11')).alerts.map((a) => a.id), [mine[1].id]);
  assert.deepEqual((await rows(unit, '&state=closed')).alerts.map((a) => [a.id, a.state_name]), [[mine[3].id, '逾期后解除']]);
  assert.equal((await rows(office, '&state=all&unit=changjiang')).alerts.length, 4);
  assert.equal((await rows(office, '&from=2026-11-23')).alerts.length, 0);
  assert.equal((await rows(office, '&from=2026-11-22&to=2026-11-22')).alerts.length, 4);
  assert.equal((await unit.get('/desk/alerts?unit=baipu')).status, 403);
  assert.equal((await office.get('/desk/alerts?unit=nowhere')).status, 422);
  assert.equal((await office.get('/desk/alerts?from=2026-11-23&to=2026-11-22')).status, 422);
  assert.equal((await office.get('/desk/alerts?after=x')).status, 400);
  const seen = [];
  for (let at = `/api/v1/desk/alerts?page_size=1&state=all&rule=${await rule()}`; at; ) {
    const page = (await office.get(at)).json;
    seen.push(...page.alerts.map((a) => a.id));
    at = page.pager.next && `/api/v1/desk/alerts?page_size=1&state=all&rule=${await rule()}&after=${page.pager.next}`;
  }
  assert.equal(seen.length, 5);
  assert.equal(new Set(seen).size, 5);
  const book = await office.get(`/desk/alerts.xlsx?rule=${await rule()}&level=orange`);
  assert.equal(book.status, 200);
  assert.equal(book.bytes.subarray(0, 2).toString(), 'PK');
  assert.match(decodeURIComponent(book.headers['content-disposition']), /预警 2026-11-23\.xlsx/);
  assert.equal((await server.visitor().get('/desk/alerts')).status, 303);
});

test('an alert says what, why, since when and on what ground; other units do not see it', async () => {
  const a = alert({ title: '<b>名单</b>' });
  const page = (await office.get(a.path)).text;
  assert.match(page, /&lt;b&gt;名单&lt;\/b&gt;/);
  for (const t of ['没有按期公开', '测试规则', '第 1 版', '测试依据第一条', '待核实', '2026-11-22 08:00', '2026-11-23 08:00', '发现晚于发生', `/desk/replay/disclosure/${a.subject}`]) assert.ok(page.includes(t), t);
  assert.equal((await other.get(a.path)).status, 403);
  assert.equal((await office.get('/desk/alerts/99999999')).status, 404);
  assert.equal((await auditor.get(a.path)).status, 200);
});

test('a unit says that it is no breach, the supervisor decides; old forms are refused', async () => {
  const a = alert();
  const empty = await step(unit, a.path, 'deny', { reason: ' 无 ' });
  assert.equal(empty.status, 422);
  assert.match(empty.text, /reason-deny-error">请写明理由和依据/);
  assert.equal((await step(unit, a.path, 'deny', { reason: '<i>名单</i>已于上月公开' })).status, 303);
  const stale = (await office.get(a.path)).text;
  assert.match(stale, /&lt;i&gt;名单&lt;\/i&gt;已于上月公开/);
  for (const [who, verb] of [[unit, 'false'], [signer, 'refuse'], [auditor, 'false'], [other, 'deny']]) assert.equal((await step(who, a.path, verb, { reason: '没有权限的人' }, stale.replaceAll('/steps/false', `/steps/${verb}`))).status, 403, verb);
  assert.equal((await step(office, a.path, 'refuse', { reason: '附件没有公开' }, stale)).status, 303);
  const again = await unit.get(a.path);
  assert.match(again.text, /未认可单位的答复（不属实）：附件没有公开/);
  assert.equal((await step(unit, a.path, 'deny', { reason: '附件已经补上' })).status, 303);
  const old = await step(office, a.path, 'false', { reason: '核对属实了' }, stale);
  assert.equal(old.status, 409);
  assert.equal((await step(office, a.path, 'false', { reason: '核对属实了' })).status, 303);
  const twice = await step(office, a.path, 'false', { reason: '核对属实了' }, stale);
  assert.ok([303, 409].includes(twice.status));
  assert.match((await unit.get(a.path)).text, /已解除：认定不属实/);
  assert.equal((await office.get(`/api/v1${a.path}`)).json.course.filter((e) => e.verb === 'decided').length, 2);
  assert.equal((await office.get(`/desk/replay/alert/${a.id}`)).status, 200);
});

test('what the records still show is not mended by saying so; when they are right it closes at once', async () => {
  const id = number(`SELECT MIN(d.id) FROM duty d JOIN unit u ON u.id = d.unit_id WHERE d.state = 'open' AND u.code = 'changjiang' AND d.due_at < ${NOW}`);
  let found;
  for (let i = 0; i < 100 && !found; i++) {
    found = number(`SELECT a.id FROM alert a JOIN rule r ON r.id = a.rule_id WHERE r.code = 'duty-due' AND a.subject_id = ${id} AND a.state = 'open'`);
    if (!found) await new Promise((r) => setTimeout(r, 200));
  }
  assert.ok(found, 'the engine raised no alert');
  const path = `/desk/alerts/${found}`;
  const no = await step(unit, path, 'mended', { reason: '已经做好' });
  assert.equal(no.status, 409);
  assert.match(no.text, /系统核对后仍未解除/);
  assert.match(no.text, /已经做好<\/textarea>/);
  assert.match((await unit.get(path)).text, /待处理/);
  // the clock of the test stands: what began with it is put back, so that it can end
  server.sql(`UPDATE duty SET state = 'met_late', met_at = ${NOW}, created_at = due_at - 864000000 WHERE id = ${id}`);
  server.sql(`UPDATE alert SET began_at = ${NOW - 3600000} WHERE id = ${found}`);
  assert.equal((await step(unit, path, 'mended', { reason: '已经做好' })).status, 303);
  assert.match((await unit.get(path)).text, /已解除：已整改/);
});

test('a ticket: made of several alerts of one unit, by a supervisor only', async () => {
  const a = alert(), b = alert(), c = alert({ code: 'baipu' });
  const list = (await office.get(`/desk/alerts?rule=${await rule()}`)).text;
  assert.match(list, new RegExp(`<input[^>]*name="alert" value="${a.id}"`));
  assert.doesNotMatch((await unit.get('/desk/alerts')).text, /name="alert"/);
  assert.equal((await unit.get(`/desk/tickets/new?alert=${a.id}`)).status, 403);
  assert.match((await office.get(`/desk/tickets/new?alert=${a.id}&alert=${c.id}`)).text, /不属于同一|属于不同单位/);
  const mixed = await ticket([a, c]);
  assert.equal(mixed.status, 422);
  assert.match(mixed.text, /一张督办单只能发给一个单位/);
  assert.match(mixed.text, /立即公开，并说明原因。<\/textarea>/);
  assert.equal((await ticket([a], { title: '' })).status, 422);
  assert.equal((await ticket([], {})).status, 422);
  const made = await ticket([a, b]);
  assert.equal(made.status, 303);
  assert.match((await office.get(made.headers.location)).text, /督办〔2026〕\d+号/);
  assert.match((await ticket([a])).text, /已在督办〔2026〕\d+号中督办/);
  assert.match((await office.get(a.path)).text, /督办〔2026〕\d+号/);
});

test('the whole path of a ticket: acknowledged, explained, reported, returned, mended, checked, closed', async () => {
  const a = alert();
  const at = (await ticket([a])).headers.location;
  assert.match((await unit.get('/desk')).text, new RegExp(`href="${at}"`));
  assert.match((await unit.get('/desk/notices')).text, /收到督办单，请签收/);
  assert.equal((await other.get(at)).status, 403);
  assert.match((await office.get(at)).text, /督办单[\s\S]*待签收/);
  const first = (await unit.get(at)).text;
  assert.equal((await step(unit, at, 'acknowledge', {}, first)).status, 303);
  const late = await step(signer, at, 'acknowledge', { revision: 1 }, first);
  assert.equal(late.status, 403); // a form of another session
  assert.equal((await step(unit, at, 'mend', { text: '好' })).status, 422);
  assert.equal((await step(unit, at, 'explain', { text: '数据正在核对' })).status, 303);
  assert.equal((await step(unit, at, 'mend', { text: '自认为已经整改' })).status, 303);
  const blocked = (await office.get(at)).text;
  assert.match(blocked, /核验通过，办结：<\/span>还有1条预警没有解除/);
  const forced = await office.post(`${at}/steps/pass`, { ...hidden(blocked, `${at}/steps/return`) });
  assert.equal(forced.status, 409);
  assert.match((await office.get('/desk')).text, new RegExp(`href="${at}"`));
  assert.equal((await step(office, at, 'return', { text: '附件没有公开' })).status, 303);
  assert.match((await unit.get(at)).text, /第 2 次整改/);
  assert.equal((await step(unit, at, 'mend', { text: '附件已经公开' })).status, 303);
  await step(unit, a.path, 'deny', { reason: '已经公开完毕' });
  await step(office, a.path, 'false', { reason: '核对属实了' });
  assert.equal((await step(office, at, 'pass', { text: '核验属实' })).status, 303);
  const end = (await unit.get(at)).text;
  for (const t of ['已办结', '核验通过', '核验属实', '退回整改', '发出督办单', '签收督办单', '说明情况', '报告整改', '办结督办单']) assert.ok(end.includes(t), t);
  const replay = await office.get(`/desk/replay/ticket/${at.split('/').pop()}`);
  assert.equal(replay.status, 200);
  assert.match(replay.text, /督办单 督办〔2026〕\d+号/);
  assert.equal((await other.get(`/desk/replay/ticket/${at.split('/').pop()}`)).status, 403);
  assert.equal((await step(office, at, 'cancel', { text: '已经办结的' }, blocked)).status, 409);
});

test('the formal notice is a PDF and a Word file with the ticket’s number, and can be checked by its code', async () => {
  const at = (await ticket([alert()])).headers.location;
  assert.equal((await unit.get(`${at}/letter`)).status, 404);
  assert.equal((await step(unit, at, 'letter', {}, (await office.get(at)).text)).status, 403);
  assert.equal((await step(office, at, 'letter')).status, 303);
  const pdf = await unit.get(`${at}/letter`);
  assert.equal(pdf.status, 200);
  assert.equal(pdf.headers['content-type'], 'application/pdf');
  assert.equal(pdf.bytes.subarray(0, 5).toString(), '%PDF-');
  assert.match(decodeURIComponent(pdf.headers['content-disposition']), /督办通知书 督办〔2026〕\d+号\.pdf/);
  assert.equal((await unit.get(`${at}/letter?form=docx`)).bytes.subarray(0, 2).toString(), 'PK');
  assert.equal((await other.get(`${at}/letter`)).status, 403);
  const [code, words] = server.sql(`SELECT code, number FROM letter WHERE subject_kind = 'ticket' ORDER BY id DESC LIMIT 1`).trim().split('|');
  assert.match((await server.visitor().get(`/letters/${code}`)).text, new RegExp(words));
});

test('a cancelled ticket frees its alerts; the list shows each state', async () => {
  const a = alert();
  const at = (await ticket([a])).headers.location;
  assert.equal((await step(office, at, 'cancel', { text: '' })).status, 422);
  assert.equal((await step(office, at, 'cancel', { text: '发错了单位' })).status, 303);
  assert.match((await unit.get(at)).text, /撤销：发错了单位/);
  assert.equal((await ticket([a])).status, 303);
  const ids = async (who, q) => (await who.get(`/api/v1/desk/tickets?page_size=100${q}`)).json.tickets.map((t) => `/desk/tickets/${t.id}`);
  assert.ok((await ids(office, '&state=cancelled')).includes(at));
  assert.ok(!(await ids(office, '')).includes(at));
  assert.deepEqual(await ids(other, '&state=all'), []);
  assert.equal((await unit.get('/desk/tickets?unit=baipu')).status, 403);
});
