// Guessing query codes: the same answer whatever was wrong, and an end to it after a few.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoServer } from '../lib/server.mjs';
import { Applicant } from '../lib/applicant.mjs';

let server, a;
before(async () => {
  server = await demoServer();
  a = await new Applicant(server).applied();
});
after(() => server.close());
const plain = (text) => text.replace(/value="[^"]*"/g, '').replace(/[A-Za-z0-9_-]{16,}/g, '');

test('number and code open the case, however they are typed; wrong ones get one answer, then none', async () => {
  const v = server.visitor();
  const ok = await v.post('/requests/track', { number: ` ${a.number} `, code: a.code.toLowerCase().replace('-', '').replaceAll('0', 'o') });
  assert.equal(ok.status, 303, ok.text.slice(0, 500));
  assert.equal((await v.get(ok.headers.location)).status, 200);
  assert.match(ok.headers['set-cookie'][0], /HttpOnly; SameSite=Lax; Max-Age=7200/);
  const unknown = await server.visitor().post('/requests/track', { number: '2026-888888', code: 'AAAAA-AAAAA' });
  const wrong = await server.visitor().post('/requests/track', { number: a.number, code: 'AAAAA-AAAAA' });
  assert.equal(unknown.status, 422);
  assert.equal(wrong.status, 422);
  assert.equal(plain(unknown.text), plain(wrong.text));
  const api = async (number) => (await server.visitor().get(`/api/v1/requests/${number}`, { headers: { 'x-request-code': 'BBBBB-BBBBB' } }));
  const [one, two] = [await api('2026-888888'), await api(a.number)];
  assert.deepEqual([one.status, one.json.errors], [two.status, two.json.errors]);
  assert.equal((await v.post('/requests/track', { number: '', code: '' })).status, 422);
  let last;
  for (let i = 0; i < 10; i++) last = await server.visitor().post('/requests/track', { number: `2026-10000${i}`, code: 'CCCCC-CCCCC' });
  assert.equal(last.status, 429);
  assert.match(last.text, /请一小时后再试/);
  assert.match(last.text, /value="2026-100009"/);
  const right = await server.visitor().post('/requests/track', { number: a.number, code: a.code });
  assert.equal(right.status, 429, 'the right code is no oracle either');
  assert.equal((await a.mine()).status, 200, 'who is in stays in');
});

test('limits are data: an operator\'s own table takes the place of the one that ships, a broken one stops the start', async () => {
  const rules = mkdtempSync(join(tmpdir(), 'mingtang-rules-'));
  const foi = JSON.parse(readFileSync('data/foi.json', 'utf8'));
  foi.limits.clarify_notice.n = 6;
  writeFileSync(join(rules, 'foi.json'), JSON.stringify(foi));
  const own = await demoServer({ env: { MINGTANG_RULES_DIR: rules } });
  assert.match((await own.visitor().get('/requests')).text, /自收到之日起 6 个工作日内一次告知/);
  await own.stop();
  writeFileSync(join(rules, 'foi.json'), '{"limits": {}}');
  await assert.rejects(() => own.start());
  assert.match(own.log, /foi\.json/);
  own.child = null;
  await own.close();
  rmSync(rules, { recursive: true });
});
