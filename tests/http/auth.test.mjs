// Signing in and the three administrators.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden, PASSWORD } from '../lib/server.mjs';

let server;
before(async () => { server = await demoServer(); });
after(() => server.close());

test('five wrong passwords lock the account for half an hour, and the right one does not help', async () => {
  const v = server.visitor();
  for (let i = 0; i < 5; i++) assert.equal((await v.signIn('baipu-jiaodui', 'wrong')).status, 422);
  const r = await v.signIn('baipu-jiaodui', PASSWORD);
  assert.equal(r.status, 422);
  assert.match(r.text, /锁定/);
});

test('an unknown name and a wrong password read the same', async () => {
  const v = server.visitor();
  const a = await v.signIn('nobody-here', 'wrong'), b = await v.signIn('baipu-qianfa', 'wrong');
  const message = (t) => t.match(/登录名或口令不正确/)?.[0];
  assert.equal(message(a.text), message(b.text));
  assert.ok(message(a.text));
});

test('a new account has no rights until a post is granted, and must change its password first', async () => {
  const system = await server.signIn('xtgly');
  const form = hidden((await system.get('/desk/accounts')).text, '/desk/accounts');
  const page = await system.post('/desk/accounts', { ...form, login: 'dongchen-bianji', name: '东陈镇信息员' });
  const password = page.text.match(/Mt-[A-Za-z0-9_-]+9/)[0];
  const v = server.visitor();
  const r = await v.signIn('dongchen-bianji', password);
  assert.equal(r.headers.location, '/desk/account');
  assert.equal((await v.get('/desk/duties')).status, 403);
  const fields = hidden((await v.get('/desk/account')).text, '/desk/account/password');
  const weak = await v.post('/desk/account/password', { ...fields, old_password: password, password: 'short', again: 'short' });
  assert.equal(weak.status, 422);
  assert.match(weak.text, /至少10个字符/);
  assert.doesNotMatch(weak.text, new RegExp(password));
  const good = await v.post('/desk/account/password', { ...fields, _once: 'another', old_password: password, password: 'Dongchen-2026-ok', again: 'Dongchen-2026-ok' });
  assert.equal(good.status, 303, good.text.slice(0, 500));
  assert.equal((await v.get('/desk/duties')).status, 403);
});

test('the system administrator grants no posts, the security administrator makes no accounts, the auditor only reads', async () => {
  const [system, security, audit] = [await server.signIn('xtgly'), await server.signIn('aqgly'), await server.signIn('sjgly')];
  const csrf = async (v) => hidden((await v.get('/desk/account')).text, '/sign-out');
  const unit = (await system.get('/api/v1/desk/units')).json.units.find((u) => u.code === 'dongchen').id;
  assert.equal((await system.post(`/desk/units/${unit}/posts`, { ...(await csrf(system)), name: 'x岗', roles: 'editor' })).status, 403);
  assert.equal((await security.post('/desk/accounts', { ...(await csrf(security)), login: 'abc-def', name: '某岗' })).status, 403);
  for (const path of ['/desk/accounts', `/desk/units/${unit}/posts`, '/desk/tokens']) assert.equal((await audit.post(path, { ...(await csrf(audit)), name: '某岗' })).status, 403, path);
  const both = await security.post(`/desk/units/${unit}/posts`, { ...hidden((await security.get(`/desk/units/${unit}`)).text, `/desk/units/${unit}/posts`), name: '兼任岗', roles: ['system', 'audit'] });
  assert.equal(both.status, 422);
  const ok = await security.post(`/desk/units/${unit}/posts`, { ...hidden((await security.get(`/desk/units/${unit}`)).text, `/desk/units/${unit}/posts`), name: '东陈镇信息员', roles: 'editor' });
  assert.equal(ok.status, 303, ok.text.slice(0, 300));
});

test('a second factor: enrolled with a code, asked for at the next sign-in, each code once', async () => {
  const v = await server.signIn('baipu-fushen');
  const page = await v.get('/desk/account/factor');
  const secret = page.text.match(/<code>([A-Z2-7]+)<\/code>/)[1];
  const now = Date.parse(server.env.MINGTANG_CLOCK) / 30000;
  const { createHmac } = await import('node:crypto');
  const code = (step) => {
    const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const message = Buffer.alloc(8);
    message.writeBigUInt64BE(BigInt(step));
    const md = createHmac('sha1', key).update(message).digest();
    const at = md[19] & 15;
    return String((md.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
  };
  const fields = hidden(page.text, '/desk/account/factor');
  assert.equal((await v.post('/desk/account/factor', { ...fields, code: '000000' })).status, 422);
  const on = await v.post('/desk/account/factor', { ...fields, _once: 'b', code: code(now) });
  assert.equal(on.status, 303, on.text.slice(0, 300));
  const again = server.visitor();
  const r = await again.signIn('baipu-fushen', PASSWORD);
  assert.equal(r.headers.location, '/sign-in/factor');
  assert.equal((await again.get('/desk/duties')).status, 403, 'no rights before the second factor');
  const given = await again.submit('/sign-in/factor', '/sign-in/factor', { code: code(now) });
  assert.equal(given.status, 303, given.text.slice(0, 300));
  assert.equal((await again.get('/desk/duties')).status, 200);
  const thief = server.visitor();
  await thief.signIn('baipu-fushen', PASSWORD);
  assert.equal((await thief.submit('/sign-in/factor', '/sign-in/factor', { code: code(now) })).status, 422, 'a code works once');
});

test('a session ends after thirty idle minutes', async () => {
  const v = await server.signIn('czj-bianji');
  assert.equal((await v.get('/desk')).status, 200);
  await server.stop();
  await server.start({ MINGTANG_CLOCK: '2026-11-23T09:29:00+08:00' });
  assert.equal((await v.get('/desk')).status, 200);
  await server.stop();
  await server.start({ MINGTANG_CLOCK: '2026-11-23T10:00:00+08:00' });
  assert.equal((await v.get('/desk')).status, 303);
});
