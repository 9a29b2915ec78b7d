// The public check of an official letter by its code: that it was issued, never whom it is for or what it says.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer } from '../lib/server.mjs';

const CODE = 'ABCDEFGH234567XY';
const GONE = 'ZZZZEFGH234567XY';
const SHA = 'a'.repeat(63) + 'b';
let server, citizen;

// Letters are issued by the rooms whose matters they are; here two stand in the table as those leave them.
function letter(code, serial, state) {
  server.sql(`INSERT INTO letter (unit_id, template, subject_kind, subject_id, state, revision, created_at, created_by, issued_at, erased_at, day, year, serial, number, code, sha256, sealed, pdf)
    SELECT id, 'R04.4', 'request', 1, '${state}', 2, 0, 0, 1795392306000, ${state === 'erased' ? 1795392306000 : 0}, '2026-11-23', 2026, ${serial}, '皋政办依复〔2026〕${serial}号', '${code}', '${SHA}', 'secret-text', 'secret-pdf' FROM unit WHERE code = 'zfb'`);
}
before(async () => {
  server = await demoServer();
  citizen = server.visitor();
  letter(CODE, 1, 'issued');
  letter(GONE, 2, 'erased');
});
after(() => server.close());

test('who has the code sees organ, day, number, kind and digest, and nothing else', async () => {
  const r = await citizen.get(`/letters/${CODE}`);
  assert.equal(r.status, 200, r.text);
  for (const word of ['该文书由', '如皋市人民政府办公室', '2026年11月23日', '皋政办依复〔2026〕1号', '政府信息不予公开告知书', SHA]) assert.ok(r.text.includes(word), word);
  for (const word of ['secret', '第三方合法权益', '已于']) assert.ok(!r.text.includes(word), word);
  assert.match(r.text, new RegExp(`data-compare data-sha256="${SHA}"`));
  assert.match(r.text, /<noscript>[^]*SHA-256/);
  assert.equal(r.headers['cache-control'], 'no-store');
  assert.match(r.text, /name="robots" content="noindex"/);
});

test('the API says the same and no more', async () => {
  const r = await citizen.get(`/api/v1/letters/${CODE}`);
  assert.deepEqual(r.json, { code: CODE, kind: '政府信息不予公开告知书', erased: false, number: '皋政办依复〔2026〕1号', sha256: SHA, unit: '如皋市人民政府办公室', unit_code: 'zfb', day: '2026-11-23', day_text: '2026年11月23日' });
});

test('a code typed from paper is found in small letters and in groups', async () => {
  for (const typed of [CODE.toLowerCase(), 'ABCD-EFGH-2345-67XY', 'abcd%20efgh%202345%2067xy']) assert.equal((await citizen.get(`/letters/${typed}`)).status, 200, typed);
});

test('an erased letter keeps number, day and digest and says that it was erased', async () => {
  const r = await citizen.get(`/letters/${GONE}`);
  assert.equal(r.status, 200);
  assert.match(r.text, /文书的内容已于 2026-11-23 08:05 依法删除/);
  assert.ok(r.text.includes('皋政办依复〔2026〕2号') && r.text.includes(SHA));
});

test('an unknown code and one that is none get the same words', async () => {
  const said = async (code) => {
    const r = await citizen.get(`/letters/${code}`);
    assert.equal(r.status, 404, code);
    return r.text.match(/没有这个核对码[^<]*/)?.[0];
  };
  const words = await said('QQQQEFGH234567XY');
  assert.ok(words);
  for (const code of ['A', CODE.slice(0, 15), `${CODE}A`, 'ABCDEFGH234567X1', "ABCDEFGH234567X'", '%E5%88%98', '%25%25', 'x'.repeat(300)]) assert.equal(await said(code), words, code);
});

test('nothing can be changed here', async () => {
  assert.equal((await citizen.post(`/letters/${CODE}`, {})).status, 405);
});
