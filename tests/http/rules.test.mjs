// Rule management as its people meet it: made in the browser, tried, switched on, compared, refused.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Server, hidden } from '../lib/server.mjs';

let server, manager, office, audit;
before(async () => {
  // Without the shipped rules' first round over their subjects: it is not what is tried here, and takes its time.
  server = new Server().init();
  server.sql("DELETE FROM job WHERE kind = 'supervision_enrol'");
  await server.start();
  manager = await server.signIn('guize');
  office = await server.signIn('office');
  audit = await server.signIn('sjgly');
});
after(() => server.close());

const unescape = (s) => s.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
// All a browser would send of the form with this action, as it stands on the page.
function formOf(html, action) {
  const form = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map((m) => m[0]).find((f) => f.includes(`action="${action}"`));
  assert.ok(form, `no form ${action} in ${html.slice(0, 1500)}`);
  const fields = [];
  for (const [all] of form.matchAll(/<input\b[^>]*>|<textarea\b[^>]*>[\s\S]*?<\/textarea>|<select\b[^>]*>[\s\S]*?<\/select>/g)) {
    const open = all.slice(0, all.indexOf('>') + 1), name = open.match(/\bname="([^"]*)"/)?.[1];
    if (!name || (/type="checkbox"/.test(open) && !/ checked/.test(open))) continue;
    const value = all.startsWith('<textarea') ? all.slice(open.length, -'</textarea>'.length)
      : all.startsWith('<select') ? all.match(/value="([^"]*)" selected/)?.[1] ?? all.match(/<option value="([^"]*)"/)?.[1] ?? ''
      : open.match(/\bvalue="([^"]*)"/)?.[1] ?? '';
    fields.push([name, unescape(value)]);
  }
  return fields;
}
function sent(fields, changes) {
  const o = {};
  for (const [k, v] of fields) (o[k] ??= []).push(v);
  return { ...o, ...changes };
}
const newForm = async (check = 'duty_due') => formOf((await manager.get(`/desk/rules/new?check=${check}`)).text, '/desk/rules');
const LADDER = { step_level: ['yellow', 'red'], step_after: ['0', '1'], step_to: ['holder', 'superior'] };
async function makeRule(changes = {}) {
  const r = await manager.post('/desk/rules', sent(await newForm(), { name: '发改委任务提前提醒', ground: '测试依据', units: 'fgw', ...LADDER, ...changes }));
  assert.equal(r.status, 303, r.text.slice(0, 3000));
  return r.headers.location;
}
const edit = async (path, changes) => manager.post(path, sent(formOf((await manager.get(`${path}/edit`)).text, path), changes));
async function step(who, path, verb, fields = {}) {
  const page = await who.get(path), action = `${path}/steps/${verb}`;
  const any = page.text.includes(`action="${action}"`) ? hidden(page.text, action) : hidden((await who.get('/desk')).text, '/sign-out');
  return who.post(action, { ...any, reason: '测试理由', ...fields });
}
const rule = async (path, who = manager) => (await who.get(`/api/v1${path}`)).json;
async function tryOut(path, days = { from: '2026-06-01', to: '2026-11-23' }) {
  const page = await manager.get(path);
  const r = await manager.post(`${path}/runs`, { ...hidden(page.text, `${path}/runs`), ...days });
  assert.equal(r.status, 303, r.text.slice(0, 3000));
  return finished(r.headers.location);
}
async function finished(at) {
  for (let i = 0; i < 240; i++) {
    const { run } = await rule(at);
    if (!run.going) return { ...run, at };
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`${at} did not end\n${server.log.slice(-2000)}`);
}

test('who holds no such post sees no rule; who reads may not write', async () => {
  const clerk = await server.signIn('changjiang-bianji');
  for (const path of ['/desk/rules', '/desk/rules/checks', '/desk/rules/1', '/desk/rules/new?check=duty_due']) assert.equal((await clerk.get(path)).status, 403, path);
  assert.equal((await server.visitor().get('/api/v1/desk/rules')).status, 401);
  const list = await audit.get('/desk/rules');
  assert.equal(list.status, 200);
  assert.doesNotMatch(list.text, /新建规则/);
  for (const path of ['/desk/rules/new?check=duty_due', '/desk/rules/1/edit']) assert.equal((await audit.get(path)).status, 403, path);
  for (const who of [audit, office]) {
    const r = await who.post('/desk/rules/1', { ...hidden((await who.get('/desk')).text, '/sign-out'), name: '不许' });
    assert.equal(r.status, 403);
    assert.equal((await step(who, '/desk/rules/1', 'off')).status, 403);
  }
  assert.equal((await rule('/desk/rules/1')).rule.state, 'on');
  for (const path of ['/desk/rules/999999', '/desk/rules/abc', '/desk/rules/1/runs/999999', '/desk/rules/1/compare?from=1&to=9']) assert.equal((await manager.get(path)).status, 404, path);
});

test('a form filled badly comes back filled in, each fault told at its field', async () => {
  const r = await manager.post('/desk/rules', sent(await newForm(), {
    name: '坏的规则', ground: '', yellow_days: '六十一', orange_days: '2', units: ['fgw', 'jyj'], except: 'fgw', weight: '1.234', effective: '2026-02-30', ...LADDER }));
  assert.equal(r.status, 422);
  for (const id of ['ground', 'effective']) assert.match(r.text, new RegExp(`id="${id}-error">[^<]+<`), id);
  const again = await manager.post('/desk/rules', sent(await newForm(), {
    name: '坏的规则', ground: '依据', yellow_days: '六十一', units: ['fgw', 'jyj'], except: 'fgw', weight: '1.234', ...LADDER, step_after: ['0', '300'] }));
  assert.equal(again.status, 422);
  for (const id of ['yellow_days', 'weight']) assert.match(again.text, new RegExp(`id="${id}-error">[^<]+<`), id);
  assert.match(again.text, /“市发改委”既在适用单位里，又在例外单位里/);
  assert.match(again.text, /href="#ladder">提醒步骤：第 2 步/);
  assert.match(again.text, /name="yellow_days" value="六十一"/);
  assert.match(again.text, /name="units" value="jyj" checked/);
  assert.match(again.text, /name="name" value="坏的规则"/);
  assert.match(again.text, /<option value="superior" selected>/);
  assert.equal((await manager.get('/desk/rules')).text.includes('坏的规则'), false);
});

test('made, tried, switched on, changed, compared, switched, ended', async () => {
  const path = await makeRule({ yellow_days: '7' });
  let m = await rule(path);
  assert.equal(m.rule.state, 'draft');
  assert.deepEqual(m.rule.newest.scope, { units: ['fgw'] });
  assert.equal(m.rule.newest.parameters.yellow_days, 7);
  assert.deepEqual(m.rule.newest.ladder, [{ level: 'yellow', after: 0, to: 'holder' }, { level: 'red', after: 1, to: 'superior' }]);
  const early = await step(manager, path, 'on');
  assert.equal(early.status, 409);
  assert.match(early.text, /没有完成过试运行/);
  const run = await tryOut(path);
  assert.equal(run.state, 'done');
  assert.ok(run.raised > 0 && run.units.length === 1 && run.units[0].code === 'fgw');
  assert.equal(run.units[0].raised, run.raised);
  assert.equal(run.levels.reduce((n, l) => n + l.n, 0), run.raised);
  assert.equal(run.verdicts.reduce((n, v) => n + v.n, 0), run.raised);
  const shown = (await manager.get(run.at)).text;
  assert.match(shown, new RegExp(`将产生 ${run.raised} 条预警`));
  assert.doesNotMatch(shown, /http-equiv="refresh"/);
  assert.equal((await manager.get(shown.match(/href="(\/desk\/duties\/\d+)"/)[1])).status === 404, false, 'an example opens its record');
  assert.equal((await step(manager, path, 'on', { reason: '' })).status, 422);
  assert.equal((await step(manager, path, 'on')).status, 303);
  m = await rule(path);
  assert.equal(m.rule.state, 'on');
  assert.equal(m.rule.on_version, 1);
  // Changed: the one that is on stays on, until the new one is tried and switched on.
  assert.equal((await edit(path, { yellow_days: '5', ground: '测试依据第二条' })).status, 303);
  m = await rule(path);
  assert.equal(m.rule.on_version, 1);
  assert.equal(m.rule.version, 2);
  const compare = await manager.get(`${path}/compare?from=1&to=2`);
  assert.match(compare.text, /有 2 处不同/);
  assert.match(compare.text, /<span class="diff-ins">5<\/span>/);
  const rows = (await rule(`${path}/compare?from=1&to=2`)).rows;
  assert.deepEqual(rows.filter((r) => r.changed).map((r) => r.label), ['黄色预警提前（工作日）', '依据']);
  assert.match((await step(manager, path, 'on')).text, /第 2 版在 30 日内没有完成过试运行/);
  await tryOut(path);
  assert.equal((await step(manager, path, 'on')).status, 303);
  assert.equal((await rule(path)).rule.on_version, 2);
  assert.equal((await step(manager, path, 'off')).status, 303);
  assert.equal((await step(manager, path, 'end')).status, 303);
  assert.equal((await manager.get(`${path}/edit`)).status, 409);
  const course = (await rule(path)).course.map((e) => e.verb);
  assert.deepEqual(course, ['rule_saved', 'rule_tried', 'rule_on', 'rule_saved', 'rule_tried', 'rule_on', 'rule_off', 'rule_ended']);
});

test('a parameter that is called as a field of every rule keeps its own control', async () => {
  const form = await newForm('personal_data');
  const fields = sent(form, { ground: '测试依据', parameter_kinds: '身份证号', kinds: 'policy' });
  const r = await manager.post('/desk/rules', fields);
  assert.equal(r.status, 303, r.text.slice(0, 2000));
  const { newest } = (await rule(r.headers.location)).rule;
  assert.equal(newest.parameters.kinds, '身份证号');
  assert.deepEqual(newest.scope, { kinds: ['policy'] });
  const bad = await manager.post('/desk/rules', { ...fields, parameter_kinds: '长'.repeat(600), _once: 'another-time' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /id="parameter_kinds-error">[^<]+</);
});

test('a form that somebody overtook is refused and keeps what was typed; pressing twice saves once', async () => {
  const path = await makeRule({ name: '两人同时改', units: 'jyj' });
  const stale = formOf((await manager.get(`${path}/edit`)).text, path);
  const first = sent(formOf((await manager.get(`${path}/edit`)).text, path), { yellow_days: '6' });
  assert.equal((await manager.post(path, first)).status, 303);
  assert.equal((await manager.post(path, first)).status, 303); // the same form again: answered, not done again
  assert.equal((await rule(path)).rule.version, 2);
  const r = await manager.post(path, sent(stale, { yellow_days: '9' }));
  assert.equal(r.status, 409);
  assert.match(r.text, /已保存第 2 版/);
  assert.match(r.text, /name="yellow_days" value="9"/);
  assert.match(r.text, new RegExp(`href="${path}/compare\\?from=1&amp;to=2"`));
  assert.equal((await manager.post(path, sent(formOf(r.text, path), {}))).status, 303); // on purpose
  assert.equal((await rule(path)).rule.newest.parameters.yellow_days, 9);
  const page = await manager.get(path), once = hidden(page.text, `${path}/runs`);
  const a = await manager.post(`${path}/runs`, { ...once, from: '2026-11-01', to: '2026-11-23' });
  const b = await manager.post(`${path}/runs`, { ...once, from: '2026-11-01', to: '2026-11-23' });
  assert.equal(a.headers.location, b.headers.location);
  await finished(a.headers.location);
  assert.equal((await rule(path)).runs.length, 1);
  const bad = await manager.post(`${path}/runs`, { ...hidden((await manager.get(path)).text, `${path}/runs`), from: '2026-11-24', to: '2026-11-24' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /id="to-error">结束日期不能晚于今天/);
});

test('programs of the room see the same: checks, list, a rule made by JSON', async () => {
  const token = hidden((await manager.get('/desk')).text, '/sign-out')._csrf;
  const json = (path, body) => manager.request('POST', `/api/v1${path}`, { headers: { 'content-type': 'application/json', 'x-csrf-token': token }, body: JSON.stringify(body) });
  const checks = (await rule('/desk/rules/checks')).groups.flatMap((g) => g.checks);
  const due = checks.find((c) => c.code === 'duty_due');
  assert.ok(due.parameters.some((p) => p.name === 'yellow_days'));
  for (const p of checks.flatMap((c) => c.parameters)) assert.ok(p.label && p.min <= p.max && p.fallback !== undefined, p.name);
  const body = { check: 'duty_due', name: '接口新建', ground: '测试', status: 'L', effective: '2026-11-23', parameters: { yellow_days: 4, orange_days: 1 }, fields: ['1'], ladder: [{ level: 'red', after: 0, to: 'office' }] };
  const made = await json('/desk/rules', body);
  assert.equal(made.status, 201, made.text);
  assert.deepEqual((await rule(`/desk/rules/${made.json.id}`)).rule.newest.ladder, body.ladder);
  const bad = await json('/desk/rules', { ...body, parameters: { yellow_days: 61 }, colour: 'red' });
  assert.equal(bad.status, 422);
  const low = await json('/desk/rules', { ...body, parameters: { yellow_days: 61 } });
  assert.equal(low.status, 422);
  assert.match(low.text, /yellow_days/);
  const row = (await rule('/desk/rules')).rules.find((r) => r.id === made.json.id);
  assert.equal(row.state, 'draft');
  assert.match(row.scope_words, /各单位；领域：/);
  assert.equal(row.run, false);
});

test('a flood needs a second person: asked, refused to oneself, decided by another', async () => {
  const path = await makeRule({ name: '大范围规则', units: [] });
  const run = await tryOut(path);
  assert.match(run.large, /超过 20 条/);
  assert.ok(run.busiest > 20 && run.raised > 1000);
  const alone = await step(manager, path, 'on');
  assert.equal(alone.status, 409);
  assert.match(alone.text, /须申请启用，由另一人复核/);
  assert.equal((await step(manager, path, 'ask')).status, 303);
  assert.equal((await step(manager, path, 'approve')).status, 403);
  assert.match((await manager.get(path)).text, /等待另一人复核/);
  assert.match((await office.get('/desk/notices')).text, /大范围监督规则等待复核：大范围规则/);
  assert.equal((await step(office, path, 'refuse', { reason: '先在几个单位试' })).status, 303);
  assert.equal((await rule(path)).rule.state, 'draft');
  assert.equal((await step(manager, path, 'ask')).status, 303);
  assert.equal((await step(office, path, 'approve', { version: 9 })).status, 409);
  assert.equal((await step(office, path, 'approve')).status, 303);
  assert.equal((await rule(path)).rule.state, 'on');
});
