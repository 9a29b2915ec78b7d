// The HTTP layer against hostile and careless clients, over raw sockets, on the real program.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { gunzipSync, brotliDecompressSync } from 'node:zlib';
import { demoServer, hidden } from '../lib/server.mjs';

let server;
before(async () => { server = await demoServer(); });
after(() => server.close());

// Sends bytes, returns everything the server says until it closes or falls silent.
function raw(bytes, { silence = 400, end = false } = {}) {
  return new Promise((done, refuse) => {
    const s = net.connect(server.port, '127.0.0.1', () => { s.write(bytes); if (end) s.end(); });
    let text = '', timer;
    const finish = () => { clearTimeout(timer); s.destroy(); done(text); };
    s.on('data', (d) => { text += d.toString('latin1'); clearTimeout(timer); timer = setTimeout(finish, silence); });
    s.on('close', finish);
    s.on('error', (e) => (text ? finish() : refuse(e)));
    timer = setTimeout(finish, 3000);
  });
}
const status = (text) => Number(text.match(/^HTTP\/1\.[01] (\d+)/)?.[1]);
const H = 'Host: x\r\n';

const framing = {
  'two differing Content-Length are refused': `POST /sign-in HTTP/1.1\r\n${H}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
  'Content-Length together with Transfer-Encoding is refused': `POST /sign-in HTTP/1.1\r\n${H}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a Content-Length that is not digits is refused': `POST /sign-in HTTP/1.1\r\n${H}Content-Length: 3x\r\n\r\nabc`,
  'a negative Content-Length is refused': `POST /sign-in HTTP/1.1\r\n${H}Content-Length: -1\r\n\r\nabc`,
  'an unknown transfer coding is refused': `POST /sign-in HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'a blank before the colon is refused': `GET / HTTP/1.1\r\nHost : x\r\n\r\n`,
  'two Host headers are refused': `GET / HTTP/1.1\r\n${H}Host: y\r\n\r\n`,
  'a missing Host is refused on HTTP/1.1': `GET / HTTP/1.1\r\n\r\n`,
  'a control character in a header is refused': `GET / HTTP/1.1\r\n${H}X-A: a\x01b\r\n\r\n`,
  'a path that climbs is refused': `GET /static/../../etc/passwd HTTP/1.1\r\n${H}\r\n`,
  'a broken percent sign is refused': `GET /%zz HTTP/1.1\r\n${H}\r\n`,
  'an encoded NUL is refused': `GET /a%00b HTTP/1.1\r\n${H}\r\n`,
  'bytes that are not UTF-8 are refused': `GET /a%ff HTTP/1.1\r\n${H}\r\n`,
  'a body on a GET is refused': `GET / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`,
};
for (const [name, bytes] of Object.entries(framing))
  test(name, async () => {
    const text = await raw(bytes);
    assert.ok(text === '' || status(text) === 400, text.slice(0, 200));
  });

test('an unknown method answers 405', async () => {
  assert.equal(status(await raw(`BREW / HTTP/1.1\r\n${H}\r\n`)), 405);
});

test('a header of 20 KB is refused', async () => {
  const text = await raw(`GET / HTTP/1.1\r\n${H}X-Long: ${'a'.repeat(24000)}\r\n\r\n`);
  assert.ok(text === '' || [400, 413, 414, 431].includes(status(text)), text.slice(0, 100));
});

test('too large a form is refused before its body is sent, also with Expect: 100-continue', async () => {
  const text = await raw(`POST /sign-in HTTP/1.1\r\n${H}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n`, { silence: 800 });
  assert.equal(status(text), 413, text.slice(0, 200));
  assert.doesNotMatch(text, /100 Continue/);
});

test('an unknown media type answers 415', async () => {
  const text = await raw(`POST /sign-in HTTP/1.1\r\n${H}Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>`);
  assert.equal(status(text), 415, text.slice(0, 200));
});

test('pipelined requests on one connection are answered in order', async () => {
  const text = await raw(`GET /robots.txt HTTP/1.1\r\n${H}\r\nGET /nothing-here HTTP/1.1\r\n${H}\r\nGET /robots.txt HTTP/1.1\r\n${H}Connection: close\r\n\r\n`, { silence: 1500 });
  const all = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => Number(m[1]));
  assert.deepEqual(all, [200, 404, 200]);
});

test('a public page carries an ETag, and answers 304 to it, also in a list and weak', async () => {
  const v = server.visitor();
  const first = await v.get('/fields');
  const etag = first.headers.etag ?? (await v.get('/fields')).headers.etag;
  assert.ok(etag);
  for (const header of [etag, `"other", ${etag}`, `W/${etag}`, '*'])
    assert.equal((await v.get('/fields', { headers: { 'if-none-match': header } })).status, 304, header);
  assert.equal((await v.get('/fields', { headers: { 'if-none-match': '"other"' } })).status, 200);
});

test('gzip and brotli carry the same page', async () => {
  const v = server.visitor();
  const plain = await v.get('/units');
  await v.get('/units');
  const gz = await v.get('/units', { headers: { 'accept-encoding': 'gzip' } });
  const br = await v.get('/units', { headers: { 'accept-encoding': 'br, gzip' } });
  assert.equal(gunzipSync(gz.bytes).toString(), plain.text);
  assert.equal(br.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(br.bytes).toString(), plain.text);
});

test('HEAD answers like GET without a body', async () => {
  const r = await server.visitor().request('HEAD', '/fields');
  assert.equal(r.status, 200);
  assert.equal(r.bytes.length, 0);
});

test('every answer carries the security headers, and pages hold no inline script', async () => {
  const v = server.visitor();
  for (const path of ['/', '/fields', '/sign-in', '/nothing-here', '/api/v1/units']) {
    const r = await v.get(path);
    assert.match(r.headers['content-security-policy'], /script-src 'self'/, path);
    assert.equal(r.headers['x-content-type-options'], 'nosniff');
    assert.match(r.headers['content-security-policy'], /frame-ancestors 'none'/);
    assert.doesNotMatch(r.text, /<script>|<style>| style="| onclick=/, path);
  }
});

test('a staff page asks for sign-in and comes back to where one was', async () => {
  const v = server.visitor();
  const r = await v.get('/desk/duties?state=open');
  assert.equal(r.status, 303);
  const page = await v.get(r.headers.location);
  assert.match(page.text, /name="next" value="\/desk\/duties\?state=open"/);
  assert.equal((await v.get('/api/v1/desk/duties')).status, 401);
});

test('sign-in never leads away from this site', async () => {
  const v = server.visitor();
  const page = await v.get('/sign-in?next=' + encodeURIComponent('//evil.example/'));
  assert.doesNotMatch(page.text, /evil/);
});

test('a cross-site POST is refused', async () => {
  const v = await server.signIn('changjiang-bianji');
  const form = hidden((await v.get('/desk/account')).text, '/sign-out');
  const r = await v.post('/sign-out', form, { headers: { 'sec-fetch-site': 'cross-site' } });
  assert.equal(r.status, 403);
});

test('sixty-four slow sign-ins do not keep a cached page waiting', async () => {
  const v = server.visitor();
  await v.get('/');
  const slow = Array.from({ length: 24 }, () => server.visitor().submit('/sign-in', '/sign-in', { login: 'nobody', password: 'x' }).catch(() => null));
  const t = performance.now();
  for (let i = 0; i < 20; i++) assert.equal((await v.get('/')).status, 200);
  const quick = performance.now() - t;
  const t2 = performance.now();
  await Promise.all(slow);
  assert.ok(quick < performance.now() - t2 + 5000, 'answered while the others hashed');
});

test('a graceful stop answers what was accepted', async () => {
  const other = await demoServer();
  const v = await other.signIn('changjiang-bianji');
  const pending = Array.from({ length: 10 }, () => v.get('/desk/duties'));
  await new Promise((r) => setTimeout(r, 30));
  const stopped = other.stop();
  const answers = await Promise.allSettled(pending);
  assert.ok(answers.every((a) => a.status === 'fulfilled' && a.value.status === 200), JSON.stringify(answers.map((a) => a.reason?.message ?? a.value.status)));
  assert.equal((await stopped).code, 0);
  await other.close();
});

test('the API describes itself, with every error as a problem document', async () => {
  const v = server.visitor();
  const api = (await v.get('/api/v1/openapi.json')).json;
  assert.equal(api.openapi, '3.1.0');
  assert.ok(api.paths['/disclosures'].get && api.paths['/desk/facts'].post);
  const r = await v.get('/api/v1/disclosures/none');
  assert.equal(r.status, 404);
  assert.match(r.headers['content-type'], /problem\+json/);
  assert.equal(r.json.code, 'not_found');
});

test('a second server on the same port is refused with the reason', async () => {
  const { Server } = await import('../lib/server.mjs');
  const second = new Server({ env: { MINGTANG_LISTEN: `127.0.0.1:${server.port}` } });
  await assert.rejects(second.start(), /in use/);
  second.child = null;
  await second.close();
});
