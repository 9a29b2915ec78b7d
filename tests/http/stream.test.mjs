// Server-sent events over raw sockets: an answer that stays open costs no thread, ends when it must, and keeps nobody waiting.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { demoServer, hidden } from '../lib/server.mjs';

let server, office;
before(async () => {
  server = await demoServer({ rules: false });
  for (let i = 0; i < 100 && server.sql("SELECT count(*) FROM job WHERE kind = 'post_times' AND state = 'done'").trim() === '0'; i++) await new Promise((r) => setTimeout(r, 100)); // the board's own first news
  office = await server.signIn('office');
});
after(() => server.close());

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const cookie = (who) => [...who.cookies].map(([k, v]) => `${k}=${v}`).join('; ');

// One open stream: what has come so far, and waiting for something in it.
class Stream {
  constructor(who, { headers = '', path = '/desk/supervision/stream', on = server, paused = false } = {}) {
    this.text = '';
    this.closed = false;
    this.paused = paused; // takes the first bytes, then nothing
    this.socket = net.connect(on.port, '127.0.0.1', () => this.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie(who)}\r\n${headers}\r\n`));
    this.socket.on('data', (d) => { this.text += d.toString('latin1'); if (this.paused) this.socket.pause(); });
    this.socket.on('error', () => {});
    this.socket.on('close', () => { this.closed = true; });
  }
  async until(pattern, ms = 2000, what = `${pattern}`) {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      if (typeof pattern === 'function' ? pattern() : pattern.test(this.text)) return this;
      await pause(20);
    }
    throw new Error(`${what} did not come in ${ms} ms; so far: ${JSON.stringify(this.text.slice(-600))}`);
  }
  get ids() { return [...this.text.matchAll(/^id: (\d+)$/gm)].map((m) => m[1]); }
  get status() { return Number(this.text.match(/^HTTP\/1\.1 (\d+)/)?.[1]); }
  close() { this.socket.destroy(); }
}

// A change of the board: one open duty is waived.
let waived = 0;
async function change() {
  const list = (await office.get('/api/v1/desk/duties?state=open&page_size=5')).json.duties;
  const id = list[0].id, action = `/desk/duties/${id}/waive`;
  const page = await office.get(`/desk/duties/${id}`);
  const r = await office.post(action, { ...hidden(page.text, action), ground: 'ND6', reason: `过程性信息，第${++waived}次` });
  assert.equal(r.status, 303, r.text.slice(0, 300));
}

test('a stream opens at once, says what is now, and tells of a change within two seconds', async () => {
  const s = new Stream(office);
  await s.until(/retry: 3000/);
  assert.equal(s.status, 200);
  assert.match(s.text, /Content-Type: text\/event-stream; charset=utf-8\r\n/);
  assert.match(s.text, /X-Accel-Buffering: no\r\n/);
  assert.match(s.text, /Cache-Control: no-store\r\n/);
  assert.match(s.text, /Transfer-Encoding: chunked\r\n/);
  await s.until(() => s.ids.length === 1, 2000, 'the present version');
  assert.match(s.text, /event: board\ndata: \{"version":"\d+"\}\n/);
  const page = await office.get('/desk/supervision');
  assert.match(page.text, new RegExp(`data-version="${s.ids[0]}"`), 'the page shows the same version');
  await change();
  await s.until(() => s.ids.length === 2, 2000, 'news');
  assert.notEqual(s.ids[0], s.ids[1]);
  s.close();
});

test('who comes back having seen the newest is told nothing, until there is news', async () => {
  const first = new Stream(office);
  await first.until(() => first.ids.length === 1, 2000, 'the present version');
  const back = new Stream(office, { headers: `Last-Event-ID: ${first.ids[0]}\r\n` });
  await back.until(/retry: 3000/);
  await pause(800);
  assert.deepEqual(back.ids, []);
  await change();
  await back.until(() => back.ids.length === 1, 2000, 'news');
  await first.until(() => first.ids.length === 2, 2000, 'news');
  assert.equal(back.ids[0], first.ids[1]);
  first.close();
  back.close();
});

test('a Last-Event-ID that is none does no harm', async () => {
  const s = new Stream(office, { headers: 'Last-Event-ID: \u00e4; DROP\r\n' });
  await s.until(() => s.ids.length === 1 || s.status === 400, 2000, 'an answer');
  s.close();
});

test('nobody opens a stream without the permission', async () => {
  const clerk = await server.signIn('changjiang-bianji');
  const s = new Stream(clerk);
  await s.until(() => s.status, 2000, 'an answer');
  assert.equal(s.status, 403);
  s.close();
  assert.equal((await server.visitor().get('/desk/supervision/stream')).status, 303);
  assert.equal((await server.visitor().get('/api/v1/desk/supervision/stream')).status, 401);
});

test('a person may open eight; the ninth is asked to come later; one that left makes room', async () => {
  await pause(600); // those of the tests before are noticed as gone
  const open = [];
  for (let i = 0; i < 8; i++) open.push(new Stream(office));
  for (const s of open) await s.until(/retry: 3000/);
  const ninth = new Stream(office);
  await ninth.until(() => ninth.status, 2000, 'an answer');
  assert.equal(ninth.status, 503);
  assert.match(ninth.text, /Retry-After: 30\r\n/);
  assert.match(Buffer.from(ninth.text, 'latin1').toString(), /同时打开的实时连接过多/);
  ninth.close();
  const auditor = new Stream(await server.signIn('sjgly'));
  await auditor.until(/retry: 3000/);
  assert.equal(auditor.status, 200, 'another person is not concerned');
  open.pop().close();
  const end = performance.now() + 3000;
  let again;
  do {
    again?.close();
    await pause(200);
    again = new Stream(office);
    await again.until(() => again.status, 2000, 'an answer');
  } while (again.status !== 200 && performance.now() < end);
  assert.equal(again.status, 200);
  for (const s of [...open, again, auditor]) s.close();
});

test('streams hold no worker: with more of them open than there are, pages are answered', async () => {
  await pause(600);
  const people = [office, await server.signIn('sjgly')];
  const open = people.flatMap((who) => Array.from({ length: 7 }, () => new Stream(who))); // MINGTANG_WORKERS is 4
  for (const s of open) await s.until(() => s.ids.length === 1, 3000, 'the present version');
  const t = performance.now();
  for (let i = 0; i < 10; i++) assert.equal((await office.get('/desk/duties')).status, 200);
  assert.ok(performance.now() - t < 5000);
  await change();
  for (const s of open) await s.until(() => s.ids.length === 2, 2000, 'news');
  for (const s of open) s.close();
});

test('one that reads nothing keeps nobody waiting', async () => {
  await pause(600);
  const slow = new Stream(office, { paused: true });
  await pause(200);
  const quick = new Stream(office);
  await quick.until(() => quick.ids.length === 1, 2000, 'the present version');
  for (let i = 2; i < 6; i++) {
    await change();
    await quick.until(() => quick.ids.length === i, 2000, 'news');
  }
  slow.paused = false;
  slow.socket.resume();
  await slow.until(() => slow.ids.at(-1) === quick.ids.at(-1), 2000, 'the newest');
  slow.close();
  quick.close();
});

test('when the person signs out, the stream says so and ends', async () => {
  const who = await server.signIn('sjgly');
  const s = new Stream(who);
  await s.until(/retry: 3000/);
  const page = await who.get('/desk/account');
  assert.equal((await who.post('/sign-out', hidden(page.text, '/sign-out'))).status, 303);
  await s.until(/event: end\ndata: signed-out\n\n\r\n0\r\n\r\n$/, 8000);
  s.close();
});

test('a line on which nothing happens is kept open by a comment, and the page hears it', { timeout: 30000 }, async () => {
  const s = new Stream(office);
  await s.until(/\n:\nevent: beat\ndata: \d+\n\n/, 17000);
  s.close();
});

test('a stop with open streams, one of which is not read, is quick', async () => {
  const other = await demoServer({ rules: false });
  const who = await other.signIn('office');
  const open = Array.from({ length: 5 }, () => new Stream(who, { on: other }));
  const stuck = new Stream(who, { on: other, paused: true });
  for (const s of open) await s.until(() => s.ids.length === 1, 3000, 'the present version');
  const stopped = other.close(), t = performance.now();
  for (const s of open) await s.until(() => s.closed, 3000, 'the end');
  await assert.rejects(new Promise((done, refuse) => net.connect(other.port, '127.0.0.1', done).on('error', refuse)), 'nobody is let in any more');
  assert.ok(performance.now() - t < 3000);
  await stopped;
  for (const s of open) {
    assert.match(s.text, /\r\n0\r\n\r\n$/, 'ended, not torn off');
    s.close();
  }
  stuck.close();
});
