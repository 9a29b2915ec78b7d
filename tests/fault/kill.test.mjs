// Sudden death, a full disk, a second node.
import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../tools/verify-ledger.mjs';
import { Server, demoServer, hidden, POSTGRESQL } from '../lib/server.mjs';

const WALK = ['chushen', 'fushen', 'zhongshen', 'baomi', 'qianfa', 'jiaodui'];
const open = [];
after(async () => { for (const s of open) await s.close().catch(() => {}); });
const demo = async (o) => { const s = await demoServer(o); open.push(s); return s; };

async function readyMatter(server, title) {
  const posts = {};
  for (const who of ['bianji', ...WALK]) posts[who] = await server.signIn(`changjiang-${who}`);
  const form = await posts.bianji.get('/desk/disclosures/new');
  const item = form.text.match(/<option value="(\d{1,9})">[^<]+｜/)[1];
  const made = await posts.bianji.post('/desk/disclosures', { ...hidden(form.text, '/desk/disclosures'), item_id: item, title, body: '<p>正文</p>', attribute: 'active', formed: '2026-11-20' });
  const id = Number(made.headers.location.match(/(\d+)\/edit/)[1]);
  const step = async (who, verb, fields = {}) => {
    const action = `/desk/disclosures/${id}/steps/${verb}`;
    const page = await posts[who].get(`/desk/disclosures/${id}`);
    return posts[who].post(action, { ...hidden(page.text, action), ...fields });
  };
  await step('bianji', 'submit', { accept_warnings: 1 });
  for (const who of WALK) await step(who, 'pass', who === 'baomi' ? { conclusion: 'agree' } : {});
  return { id, posts, step };
}

test('kill -9 in the middle of a publication: after a restart all of it is there or none', async () => {
  const server = await demo();
  for (let round = 0; round < 5; round++) {
    const title = `突然断电第${round + 1}次`;
    const { id, step } = await readyMatter(server, title);
    const publishing = step('jiaodui', 'publish').catch(() => null);
    await new Promise((r) => setTimeout(r, 2 + round * 6));
    await server.stop('SIGKILL');
    await publishing;
    await server.start();
    const bianji = await server.signIn('changjiang-bianji');
    const { disclosure, course } = (await bianji.get(`/api/v1/desk/disclosures/${id}`)).json;
    const published = course.some((e) => e.verb === 'published');
    const page = await server.visitor().get(`/disclosures/${disclosure.public_id}`);
    assert.equal(disclosure.state, published ? 'published' : 'ready');
    assert.equal(page.status, published ? 200 : 404);
    assert.equal((await server.visitor().get('/')).text.includes(title), published);
  }
  await server.stop();
  assert.match(server.command('ledger', 'verify'), /size \d+/);
  await server.start();
});

test('kill -9 while the log is written: whoever watched from outside sees it only grow, no gap, no double, no loss', async () => {
  const server = await demo();
  const state = join(server.dir, 'outside.json');
  const committed = [];
  for (let round = 0; round < 6; round++) {
    const bianji = await server.signIn('changjiang-bianji');
    const page = await bianji.get('/desk/disclosures/new');
    const item = page.text.match(/<option value="(\d{1,9})">[^<]+｜/)[1];
    const writes = Array.from({ length: 12 }, async (_, i) => {
      const title = `第${round}轮第${i}件`;
      const r = await bianji.post('/desk/disclosures', { ...hidden(page.text, '/desk/disclosures'), _once: `r${round}i${i}`, item_id: item, title, body: '<p>正文</p>', attribute: 'active', formed: '2026-11-20' }).catch(() => null);
      if (r?.status === 303) committed.push(Number(r.headers.location.match(/(\d+)\/edit/)[1]));
    });
    await new Promise((r) => setTimeout(r, 5 + round * 9));
    await server.stop('SIGKILL');
    await Promise.all(writes);
    await server.start();
    const seen = await check(`${server.url}/ledger`, { state });
    assert.equal(seen.since === null, round === 0);
  }
  const office = await server.signIn('office');
  for (const id of committed) {
    const { events } = (await office.get(`/desk/replay/disclosure/${id}/export.json`)).json;
    assert.equal(events.filter((e) => e.verb === 'created').length, 1, `${id}`);
    assert.ok(Number.isInteger(events[0].seq), `${id} has its number`);
  }
  assert.ok(committed.length > 0);
  await server.stop();
  assert.match(server.command('ledger', 'verify'), /verified/);
  await server.start();
});

test('a full disk: the clerk is told, nothing is half done, and work goes on when there is room', { skip: POSTGRESQL || process.getuid() !== 0 }, async () => {
  const dir = join('/tmp', `mingtang-full-${process.pid}`);
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', dir]);
  const server = new Server({ env: { MINGTANG_DATA_DIR: dir, MINGTANG_DATABASE: `sqlite:${dir}/mingtang.db`, MINGTANG_SECRET_FILE: `${dir}/secret` } });
  open.push(server);
  try {
    server.init();
    await server.start();
    const { id, step, posts } = await readyMatter(server, '磁盘满时的发布');
    for (let i = 0; i < 200 && (await server.visitor().get('/api/v1/search?q=x')).status !== 200; i++) await new Promise((r) => setTimeout(r, 50));
    const free = () => Number(execFileSync('df', ['--output=avail', '-k', dir], { encoding: 'utf8' }).split('\n')[1]);
    for (let i = 0; i < 20 && free() > 4; i++) // the program writes meanwhile: what is left is asked again
      try {
        execFileSync('fallocate', ['-l', `${free() - 4}K`, join(dir, `ballast${i}`)], { stdio: 'pipe' });
      } catch {}
    const makeRoom = () => readdirSync(dir).filter((f) => f.startsWith('ballast')).forEach((f) => rmSync(join(dir, f)));
    const tile = await server.visitor().get('/ledger/tile/0/002');
    assert.equal(tile.bytes.length, 8192, 'a tile that cannot be kept is shown all the same');
    const r = await step('jiaodui', 'publish');
    assert.ok([303, 500, 507].includes(r.status), `${r.status}`);
    if (r.status !== 303) {
      assert.match(r.text, /存储空间不足|系统内部错误/);
      makeRoom();
      const state = (await posts.bianji.get(`/api/v1/desk/disclosures/${id}`)).json.disclosure.state;
      assert.equal(state, 'ready');
      assert.equal((await step('jiaodui', 'publish')).status, 303);
    } else {
      makeRoom();
    }
    assert.equal((await posts.bianji.get(`/api/v1/desk/disclosures/${id}`)).json.disclosure.state, 'published');
  } finally {
    await server.stop();
    execFileSync('umount', [dir]);
    rmSync(dir, { recursive: true, force: true });
  }
});

test('what one node publishes, the other node shows, and withdraws with it', { skip: !POSTGRESQL }, async () => {
  const one = await demo();
  const two = new Server();
  two.db.drop();
  two.env.MINGTANG_DATABASE = one.env.MINGTANG_DATABASE;
  two.env.MINGTANG_DATA_DIR = one.env.MINGTANG_DATA_DIR;
  two.env.MINGTANG_SECRET_FILE = one.env.MINGTANG_SECRET_FILE;
  two.db = { url: one.env.MINGTANG_DATABASE, drop() {} };
  open.unshift(two);
  await two.start();
  const port = one.port; /* the same again, with the prober told of both nodes */
  await one.stop();
  await one.start({ MINGTANG_LISTEN: `127.0.0.1:${port}`, MINGTANG_PROBE_ADDRESSES: `http://127.0.0.1:${port} ${two.url}` });
  const { id, step, posts } = await readyMatter(one, '两个节点都能看到');
  await two.visitor().get('/');
  assert.equal((await step('jiaodui', 'publish')).status, 303);
  const { public_id } = (await posts.bianji.get(`/api/v1/desk/disclosures/${id}`)).json.disclosure;
  const seen = async (wanted) => {
    for (let i = 0; i < 60; i++) {
      const r = await two.visitor().get(`/disclosures/${public_id}`);
      if (r.status === wanted) return r;
      await new Promise((x) => setTimeout(x, 50));
    }
    assert.fail(`the second node never answered ${wanted}`);
  };
  await seen(200);
  assert.equal((await step('qianfa', 'withdraw', { reason: '数据有误' })).status, 303);
  await seen(410);
  assert.doesNotMatch((await two.visitor().get('/')).text, /两个节点都能看到/);
  let filed;
  for (let i = 0; i < 200 && !filed; i++) {
    filed = (await posts.bianji.get(`/api/v1/desk/disclosures/${id}`)).json.course.find((e) => e.verb === 'withdrawal_checked');
    await new Promise((x) => setTimeout(x, 50));
  }
  assert.equal(filed?.secret.nodes, 2);
  assert.equal(filed.secret.all, true, JSON.stringify(filed.secret));
});

test('two nodes write at once: one log, the same tiles from both, every head signed once', { skip: !POSTGRESQL }, async () => {
  const one = await demo();
  const two = new Server();
  two.db.drop();
  for (const k of ['MINGTANG_DATABASE', 'MINGTANG_DATA_DIR', 'MINGTANG_SECRET_FILE']) two.env[k] = one.env[k];
  two.db = { url: one.env.MINGTANG_DATABASE, drop() {} };
  open.unshift(two);
  await two.start();
  const write = async (server, name) => {
    const bianji = await server.signIn('changjiang-bianji');
    const page = await bianji.get('/desk/disclosures/new');
    const item = page.text.match(/<option value="(\d{1,9})">[^<]+｜/)[1];
    await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const r = await bianji.post('/desk/disclosures', { ...hidden(page.text, '/desk/disclosures'), _once: `${name}${i}`, item_id: item, title: `${name}第${i}件`, body: '<p>正文</p>', attribute: 'active', formed: '2026-11-20' });
      assert.equal(r.status, 303, r.text.slice(0, 300));
    }));
  };
  await Promise.all([write(one, '甲'), write(two, '乙')]);
  await new Promise((r) => setTimeout(r, 1500));
  const [a, b] = [await check(`${one.url}/ledger`), await check(`${two.url}/ledger`)];
  assert.equal(a.root, b.root);
  assert.match(one.command('ledger', 'verify'), /verified/);
});
