// Business systems: a token, facts, disclosures, attachments, state; the same rules as for people.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden, Program } from '../lib/server.mjs';

let server, program, admin;
const CODE = '320682-changjiang-10-02-004'; // 最低生活保障 / 审批信息
before(async () => {
  server = await demoServer();
  admin = await server.signIn('xtgly');
  const form = hidden((await admin.get('/desk/tokens')).text, '/desk/tokens');
  const page = await admin.post('/desk/tokens', { ...form, name: '民政业务系统', unit: 'changjiang', days: 30 });
  const secret = page.text.match(/mt_[A-Za-z0-9_-]{40,}/)?.[0];
  assert.ok(secret, page.text.slice(0, 500));
  program = new Program(server, secret);
});
after(() => server.close());

const item = async () => {
  const page = await (await server.signIn('changjiang-bianji')).get('/desk/disclosures/new');
  return Number(page.text.match(/<option value="(\d{1,9})">社会救助｜最低生活保障｜审批信息/)[1]);
};

test('a fact from a business system makes a duty with a clock, once', async () => {
  const fact = { item: CODE, kind: 'formed', subject: '2026年11月低保审批', day: '2026-11-20', source_ref: 'MZ-2026-1120' };
  const first = await program.call('POST', '/desk/facts', fact);
  assert.ok([200, 201].includes(first.status), first.text);
  const again = await program.call('POST', '/desk/facts', fact);
  assert.ok([200, 201].includes(again.status), again.text);
  const list = await program.call('GET', '/desk/duties?source=fact');
  assert.equal(list.json.duties.filter((d) => JSON.stringify(d).includes('2026年11月低保审批')).length, 1);
  const other = await program.call('POST', '/desk/facts', { ...fact, subject: '另一件事' });
  assert.equal(other.status, 409, other.text);
});

test('a fact in the future, of no item, or of another unit is refused at its field', async () => {
  const future = await program.call('POST', '/desk/facts', { item: CODE, kind: 'formed', subject: 'x', day: '2027-01-01', source_ref: 'r1' });
  assert.equal(future.status, 422);
  assert.equal(future.json.errors[0].field, 'day');
  assert.ok([404, 422].includes((await program.call('POST', '/desk/facts', { item: '320682-99-99-999', kind: 'formed', subject: 'x', day: '2026-11-20', source_ref: 'r2' })).status));
  const unknown = await program.call('POST', '/desk/facts', { item: CODE, kind: 'formed', subject: 'x', day: '2026-11-20', source_ref: 'r3', colour: 'red' });
  assert.equal(unknown.status, 422);
  assert.equal(unknown.json.errors[0].field, 'colour');
});

test('a system drafts, attaches a file, submits and follows the state, but never reviews', async () => {
  const made = await program.call('POST', '/desk/disclosures', { title: '系统报送的公开信息', body: '<p>低保对象名单及相关信息</p>', attribute: 'active', formed: '2026-11-20', item_id: await item() });
  assert.equal(made.status, 201, made.text);
  const { id } = made.json;
  const up = await program.upload(`/api/v1/desk/disclosures/${id}/attachments`, {}, [{ field: 'files', name: '名单.txt', type: 'text/plain', bytes: '低保对象名单及相关信息' }], { headers: { authorization: `Bearer ${program.secret}` } });
  assert.equal(up.status, 201, up.text);
  assert.equal(up.json.attachments[0].name, '名单.txt');
  const submitted = await program.call('POST', `/desk/disclosures/${id}/steps/submit`, { accept_warnings: true });
  assert.equal(submitted.status, 200, submitted.text);
  assert.equal(submitted.json.disclosure.state, 'review1');
  assert.equal((await program.call('POST', `/desk/disclosures/${id}/steps/pass`, {})).status, 403);
  assert.equal((await program.call('GET', `/desk/disclosures/${id}`)).json.disclosure.state_name, '初审');
});

test('Idempotency-Key: the same write twice is done once', async () => {
  const body = { title: '只应有一件', body: '<p>x</p>', attribute: 'active', formed: '2026-11-20', item_id: await item() };
  const a = await program.call('POST', '/desk/disclosures', body, { 'idempotency-key': 'k-1' });
  const b = await program.call('POST', '/desk/disclosures', body, { 'idempotency-key': 'k-1' });
  assert.equal(a.status, 201);
  assert.deepEqual(b.json, a.json);
  const misuse = await program.call('POST', `/desk/disclosures/${a.json.id}/steps/submit`, { accept_warnings: true }, { 'idempotency-key': 'k-1' });
  assert.equal(misuse.status, 409);
});

test('a token reaches neither other units nor the administrators’ pages', async () => {
  const other = await server.signIn('baipu-bianji');
  const form = hidden((await other.get('/desk/disclosures/new')).text, '/desk/disclosures');
  const made = await other.post('/desk/disclosures', { ...form, item_id: 0, title: '白蒲镇的稿件', body: '<p>x</p>', attribute: 'active', formed: '2026-11-20' });
  const id = made.headers.location.match(/(\d+)\/edit/)[1];
  assert.equal((await program.call('GET', `/desk/disclosures/${id}`)).status, 403);
  for (const path of ['/desk/accounts', '/desk/tokens', '/desk/board']) assert.equal((await program.call('GET', path)).status, 403, path);
});

test('a wrong, revoked or absent token answers 401', async () => {
  assert.equal((await new Program(server, 'mt_wrong').call('GET', '/desk/duties')).status, 401);
  const page = await admin.get('/desk/tokens');
  const id = page.text.match(/\/desk\/tokens\/(\d+)\/revoke/)[1];
  assert.equal((await admin.post(`/desk/tokens/${id}/revoke`, hidden(page.text, `/desk/tokens/${id}/revoke`))).status, 303);
  assert.equal((await program.call('GET', '/desk/duties')).status, 401);
});

test('malformed JSON, an array, deep nesting and a wrong type are refused with a sentence', async () => {
  const form = hidden((await admin.get('/desk/tokens')).text, '/desk/tokens');
  const page = await admin.post('/desk/tokens', { ...form, name: '另一系统', unit: 'changjiang', days: 30 });
  const p = new Program(server, page.text.match(/mt_[A-Za-z0-9_-]{40,}/)[0]);
  const send = (text) => p.request('POST', '/api/v1/desk/facts', { headers: { authorization: `Bearer ${p.secret}`, 'content-type': 'application/json' }, body: text });
  for (const text of ['{', '[]', '"x"', '{"a":'.repeat(40) + '1' + '}'.repeat(40), '{"day":"2026-11-20","day":"2026-11-21"}', 'null'])
    assert.equal((await send(text)).status, 400, text.slice(0, 20));
  assert.equal((await send('{"item":"abc","kind":"formed","day":"20261120"}')).status, 422);
});
