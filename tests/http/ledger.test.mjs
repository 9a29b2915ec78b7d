// The log as an outsider's machine reads it, and the receipts that lead to it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { demoServer, POSTGRESQL } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';
import { Witness } from '../lib/witness.mjs';
import { checkReceipt as checkInBrowser } from '../../web/src/lib/proof.js';
import { consistent, parseCheckpoint } from '../../tools/verify-ledger.mjs';

const run = promisify(execFile);
const SECRET = '绝密草稿的标题';
let server, town, citizen, work;
before(async () => {
  server = await demoServer();
  town = await Town.signIn(server);
  citizen = server.visitor();
  work = mkdtempSync(join(tmpdir(), 'mingtang-outside-'));
});
after(async () => { await server.close(); rmSync(work, { recursive: true, force: true }); });

// The independent verifier, as an outsider runs it.
async function verifier(...args) {
  try {
    const { stdout, stderr } = await run('node', ['tools/verify-ledger.mjs', ...args]);
    return { code: 0, text: stdout + stderr };
  } catch (e) {
    return { code: e.code, text: `${e.stdout}${e.stderr}` };
  }
}
const ledgerUrl = () => `${server.url}/ledger`;

test('an outsider mirrors the log and verifies every entry; later it has only grown', async () => {
  const state = join(work, 'state.json');
  const key = (await citizen.get('/ledger/key')).text.trim();
  let r = await verifier('check', ledgerUrl(), '--key', key, '--state', state);
  assert.equal(r.code, 0, r.text);
  const before = JSON.parse(readFileSync(state, 'utf8')).size;
  await town.published({ title: '镜像之后发布的信息' });
  r = await verifier('check', ledgerUrl(), '--key', key, '--state', state);
  assert.equal(r.code, 0, r.text);
  assert.ok(JSON.parse(readFileSync(state, 'utf8')).size > before);
  r = await verifier('mirror', ledgerUrl(), join(work, 'mirror'));
  assert.equal(r.code, 0, r.text);
  const other = key.replace(/.{6}$/, 'AAAAA=');
  assert.notEqual((await verifier('check', ledgerUrl(), '--key', other)).code, 0);
});

test('the verifier names whatever is changed in a mirror: tile, entry, head, a removed or exchanged entry', async () => {
  const dir = join(work, 'tampered');
  assert.equal((await verifier('mirror', ledgerUrl(), dir)).code, 0);
  const size = Number(readFileSync(join(dir, 'checkpoint'), 'utf8').split('\n')[1]);
  const last = `${String(Math.floor(size / 256)).padStart(3, '0')}.p/${size % 256}`;
  const change = async (path, edit, words) => {
    const file = join(dir, path), kept = readFileSync(file);
    writeFileSync(file, edit(Buffer.from(kept)));
    const r = await verifier('check', dir);
    assert.equal(r.code, 1, path);
    assert.match(r.text, words, path);
    writeFileSync(file, kept);
  };
  const flip = (at) => (b) => { b[at < 0 ? b.length + at : at] ^= 1; return b; };
  await change('tile/0/003', flip(100), /entry 771 does not hash/);
  await change(`tile/1/000.p/${Math.floor(size / 256)}`, flip(0), /hash 0 of tile\/1/);
  await change('tile/entries/000', flip(40), /entry \d+/);
  await change(`tile/entries/${last}`, (b) => b.subarray(0, b.length - 2 - b.readUInt16BE(b.length - 100)), /does not hold|does not hash/);
  await change(`tile/0/${last}`, (b) => b.subarray(0, -32), /bytes, not/);
  await change('checkpoint', flip(-20), /signature|note/);
  await change('checkpoint', (b) => Buffer.from(b.toString().replace(`\n${size}\n`, `\n${size - 1}\n`)), /signature|missing/);
  assert.equal((await verifier('check', dir)).code, 0);
  assert.equal((await verifier('check')).code, 2);
});

test('tiles are immutable, of the exact size, and nothing past the signed head is shown', async () => {
  const head = (await citizen.get('/ledger/checkpoint')).text.split('\n');
  const size = Number(head[1]);
  const full = await citizen.get('/ledger/tile/0/000');
  assert.equal(full.bytes.length, 8192);
  assert.match(full.headers['cache-control'], /immutable/);
  assert.equal(full.headers['access-control-allow-origin'], '*');
  assert.equal((await citizen.get('/ledger/checkpoint')).headers['cache-control'], 'no-store');
  const index = Math.floor(size / 256), width = size % 256;
  const n = (i) => String(i).padStart(3, '0');
  assert.equal((await citizen.get(`/ledger/tile/0/${n(index)}.p/${width}`)).bytes.length, 32 * width);
  assert.equal((await citizen.get(`/ledger/tile/1/000.p/${index}`)).bytes.length, 32 * index);
  for (const bad of [`0/${n(index)}.p/${width + 1}`, `0/${n(index)}`, '0/000.p/0', '0/000.p/256', '0/000.p/01', '0/0', '0/x000/001', '00/000', '64/000', '0/999/999', 'x/000', 'entries', 'entries/x999/x999/x999/999', '0/000/', '0/-01', '0/000.p/1/2'])
    assert.equal((await citizen.get(`/ledger/tile/${bad}`)).status, 404, bad);
});

test('a draft and a restricted matter leave no readable trace under /ledger/', async () => {
  const id = await town.draft({ title: SECRET, body: '<p>不应出现的正文。</p>' });
  await town.step('bianji', id, 'submit', { accept_warnings: 1 });
  const { disclosure } = await town.model(id);
  const size = Number((await citizen.get('/ledger/checkpoint')).text.split('\n')[1]);
  let all = '';
  for (let i = 0; i * 256 < size; i++) {
    const width = Math.min(256, size - i * 256);
    const r = await citizen.get(`/ledger/tile/entries/${String(i).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`);
    assert.equal(r.status, 200);
    all += r.text;
  }
  for (const trace of [SECRET, '不应出现', disclosure.public_id, '信息员', 'review1', 'address'])
    assert.ok(!all.includes(trace), trace);
  assert.ok(all.includes('"verb":"published"'));
  assert.ok(!/"title"|"reason"|"name"/.test(all), 'free text is committed to, not shown');
});

test('a receipt proves exactly this text; any change of it fails', async () => {
  const bytes = Buffer.from('附件的内容，用来核对。');
  const { publicId } = await town.published({ title: '有凭证的信息' }, [{ name: '附件.txt', bytes }]);
  const page = await citizen.get(`/disclosures/${publicId}`);
  assert.match(page.text, /公开凭证/);
  assert.match(page.text, new RegExp(`/verify/${publicId}/1`));
  const file = await citizen.get(`/verify/${publicId}/1/file`);
  assert.match(file.headers['content-disposition'], /attachment/);
  const receipt = file.json;
  assert.equal(createHash('sha256').update(receipt.content).digest('hex'), receipt.sha256);
  assert.match(receipt.content, /有凭证的信息/);
  assert.equal(JSON.parse(receipt.entry.leaf).payload.attachments[0].sm3, receipt.attachments[0].sm3);
  const path = join(work, 'receipt.json'), attachment = join(work, '附件.txt');
  writeFileSync(path, file.bytes);
  writeFileSync(attachment, bytes);
  const key = (await citizen.get('/ledger/key')).text.trim();
  let r = await verifier('receipt', path, '--key', key, '--log', ledgerUrl(), '--file', attachment);
  assert.equal(r.code, 0, r.text);
  writeFileSync(path, JSON.stringify({ ...receipt, content: receipt.content.replace('有凭证', '没凭证') }));
  assert.equal((await verifier('receipt', path, '--key', key)).code, 1);
  writeFileSync(path, file.bytes);
  writeFileSync(attachment, '改过的附件');
  assert.equal((await verifier('receipt', path, '--key', key, '--file', attachment)).code, 1);
  const api = await citizen.get(`/api/v1/verify/${publicId}/1`);
  assert.equal(api.json.sha256, receipt.sha256);
});

test('what was public before this system is recorded as entered, never as published; its receipt proves that', async () => {
  const [id, publicId] = server.sql("SELECT id, public_id FROM disclosure WHERE kind = 'plan'").trim().split('|');
  const office = await server.signIn('office');
  const verbs = (await office.get(`/desk/replay/disclosure/${id}/export.json`)).json.events.map((e) => e.verb);
  assert.equal(verbs.filter((v) => v === 'entered').length, 1, verbs.join());
  assert.ok(!verbs.includes('published'), verbs.join());
  assert.match((await citizen.get(`/disclosures/${publicId}/history`)).text, /补录此前已公开的信息/);
  const file = await citizen.get(`/verify/${publicId}/1/file`), path = join(work, 'entered.json');
  assert.equal(JSON.parse(file.json.entry.leaf).verb, 'entered');
  assert.ok(JSON.parse(file.json.entry.leaf).payload.version === 1);
  writeFileSync(path, file.bytes);
  const r = await verifier('receipt', path, '--log', ledgerUrl());
  assert.equal(r.code, 0, r.text);
  assert.equal((await checkInBrowser(file.json)).names, true);
  assert.match(server.command('ledger', 'verify'), /verified/);
});

test('the check is found by address, printed address and index number; the code leads to exactly this edition', async () => {
  const { publicId } = await town.published({ title: '按编号核对' });
  const { index_number } = (await citizen.get(`/api/v1/disclosures/${publicId}`)).json.disclosure;
  for (const q of [publicId, index_number, `https://www.rugao.gov.cn/disclosures/${publicId}?x=1`, `http://a/verify/${publicId}/1`]) {
    const r = await citizen.get(`/verify?q=${encodeURIComponent(q)}`);
    assert.equal(r.status, 303, q);
    assert.equal(r.headers.location, `/verify/${publicId}/1`);
  }
  const none = await citizen.get('/verify?q=' + encodeURIComponent('<没有这个>'));
  assert.equal(none.status, 200);
  assert.match(none.text, /没有找到“&lt;没有这个&gt;”/);
  const qr = await citizen.get(`/verify/${publicId}/1/qr.svg`);
  assert.equal(qr.headers['content-type'], 'image/svg+xml');
  assert.match((await citizen.get(`/disclosures/${publicId}/print`)).text, new RegExp(`/verify/${publicId}/1/qr.svg`));
  for (const bad of [`/verify/${publicId}/2`, `/verify/${publicId}/0`, `/verify/${publicId}/x`, '/verify/nothing/1'])
    assert.equal((await citizen.get(bad)).status, 404, bad);
});

test('consistency and inclusion are answered only within what was signed', async () => {
  const size = Number((await citizen.get('/ledger/checkpoint')).text.split('\n')[1]);
  assert.equal((await citizen.get(`/api/v1/ledger/consistency?from=1000&to=${size}`)).json.to, size);
  for (const bad of [`consistency?from=1&to=${size + 1}`, `consistency?from=${size}&to=10`, `inclusion?seq=${size}&size=${size}`, `inclusion?seq=0&size=${size + 1}`])
    assert.equal((await citizen.get(`/api/v1/ledger/${bad}`)).status, 404, bad);
  assert.equal((await citizen.get('/api/v1/ledger/consistency?from=x&to=1')).status, 422);
  assert.equal((await citizen.get(`/ledger/entries/${size}`)).status, 404);
  assert.equal((await citizen.get('/ledger/entries/0')).status, 200);
});

test('witnesses cosign; what they refuse is said; a forged line is not kept', async () => {
  const key = (await citizen.get('/ledger/key')).text.trim();
  const origin = (await citizen.get('/ledger/checkpoint')).text.split('\n')[0];
  const good = new Witness({ name: 'witness.nantong.example', logs: { [origin]: key } }), stranger = new Witness({ name: 'stranger.example', logs: {} });
  await good.start();
  await stranger.start();
  const list = join(work, 'witnesses');
  try {
    writeFileSync(list, `# 见证方\n${good.vkey} ${good.url}\n`);
    server.env.MINGTANG_LEDGER_WITNESSES = list;
    assert.match((await run(process.env.MINGTANG_BIN, ['ledger', 'witness'], { env: server.env })).stdout, /witness\.nantong\.example: \d+/);
    await town.published({ title: '请见证方联署的信息' });
    await run(process.env.MINGTANG_BIN, ['ledger', 'witness'], { env: server.env });
    assert.equal(good.seen.length, 2, 'the second one continues the first');
    const note = (await run(process.env.MINGTANG_BIN, ['ledger', 'checkpoint'], { env: server.env })).stdout;
    assert.match(note, /— witness\.nantong\.example /);
    writeFileSync(list, `${stranger.vkey} ${stranger.url}\n`);
    await assert.rejects(run(process.env.MINGTANG_BIN, ['ledger', 'witness'], { env: server.env }), /不认识本账本/);
    good.fail = 422;
    writeFileSync(list, `${good.vkey} ${good.url}\n`);
    await town.published({ title: '见证方拒绝时' });
    await assert.rejects(run(process.env.MINGTANG_BIN, ['ledger', 'witness'], { env: server.env }), /核查/);
    writeFileSync(list, 'nonsense http://127.0.0.1\n');
    await assert.rejects(run(process.env.MINGTANG_BIN, ['ledger', 'witness'], { env: server.env }), /第 1 行/);
    assert.match(server.command('ledger', 'verify'), /1 cosignatures|2 cosignatures/);
  } finally {
    delete server.env.MINGTANG_LEDGER_WITNESSES;
    await good.stop();
    await stranger.stop();
  }
});

test('consistency leads from a receipt to today\'s log', async () => {
  const { publicId } = await town.published({ title: '联署之后' });
  const receipt = (await citizen.get(`/verify/${publicId}/1/file`)).json, then = parseCheckpoint(receipt.checkpoint);
  await town.published({ title: '凭证之后又公开的信息' });
  const now = parseCheckpoint((await citizen.get('/ledger/checkpoint')).text);
  assert.ok(now.size > then.size && then.size > receipt.entry.seq);
  const { hashes } = (await citizen.get(`/api/v1/ledger/consistency?from=${then.size}&to=${now.size}`)).json;
  assert.ok(consistent(then.size, then.root, now.size, now.root, hashes.map((h) => Buffer.from(h, 'base64'))));
});

test('the key is rotated while the server runs: the next head carries both lines, then the new one only', async () => {
  const old = (await citizen.get('/ledger/key')).text.trim().split('\n')[0];
  server.command('ledger', 'rotate');
  const keys = (await citizen.get('/ledger/key')).text.trim().split('\n');
  assert.equal(keys.length, 2);
  assert.equal(keys[1], old);
  await town.published({ title: '换钥之后' });
  const note = (await citizen.get('/ledger/checkpoint')).text;
  assert.equal(note.split('\n').filter((l) => l.startsWith('—')).length, 1);
  const r = await verifier('check', ledgerUrl(), '--key', keys[0]);
  assert.equal(r.code, 0, r.text);
  assert.match(server.command('ledger', 'verify'), /verified/);
  const file = join(server.dir, 'ledger-key.pem');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readdirSync(server.dir).some((f) => f.startsWith('ledger-key.pem.retired-')));
});

test('personal data is erased: gone from pages and exports, proofs hold, the erasure is on record', async () => {
  const office = await server.signIn('office');
  const { id, publicId } = await town.published({ title: '王小明的补助公示' });
  const exported = (await office.get(`/desk/replay/disclosure/${id}/export.json`)).json;
  const event = exported.events.find((e) => e.verb === 'published');
  assert.equal(event.public.title, '王小明的补助公示');
  assert.throws(() => server.command('ledger', 'erase', String(event.id), '--reason', ' '), /理由/);
  server.command('ledger', 'erase', String(event.id), '--reason', '当事人申请删除');
  const file = join(work, 'export.json');
  writeFileSync(file, JSON.stringify((await office.get(`/desk/replay/disclosure/${id}/export.json`)).json));
  assert.match((await verifier('export', file)).text, /events in the log/);
  writeFileSync(file, JSON.stringify({ ...exported, events: exported.events.map((e) => (e.verb === 'signed' || e.verb === 'passed' ? { ...e, person: '另一个人' } : e)) }));
  assert.match((await verifier('export', file)).text, /FAIL event/);
  const later = (await office.get(`/desk/replay/disclosure/${id}/export.json`)).json.events.find((e) => e.id === event.id);
  assert.equal(later.public.title, undefined);
  assert.equal(later.salt, undefined);
  assert.equal(later.leaf, event.leaf);
  assert.throws(() => server.command('ledger', 'erase', String(event.id), '--reason', '再次'), /已经删除/);
  assert.match(server.command('ledger', 'verify'), /1 erased: verified/);
  const r = await verifier('check', ledgerUrl());
  assert.equal(r.code, 0, r.text);
  assert.equal((await citizen.get(`/verify/${publicId}/1/file`)).status, 200, 'the receipt still proves');
});

test('the doctor names a publication moved in time, slipped in or exchanged, though the log itself is whole', async () => {
  const { id } = await town.published({ title: '公开时间将被改动' });
  const doctor = () => { try { return server.command('doctor'); } catch (e) { return e.stdout; } };
  assert.match(doctor(), /verified/);
  assert.equal((await town.step('qianfa', id, 'correct', { reason: '数字有误' })).status, 303);
  const one = `disclosure_id = ${id} AND version = 1`, draft = `disclosure_id = ${id} AND version = 2`;
  const keep = server.sql(`SELECT public_from FROM disclosure_version WHERE ${one}`).trim();
  const changes = [
    [`UPDATE disclosure_version SET public_from = public_from - 86400000 WHERE ${one}`, `UPDATE disclosure_version SET public_from = ${keep} WHERE ${one}`, /起止时间[\s\S]*自检查点/],
    [`UPDATE disclosure_version SET public_to = ${keep} WHERE ${one}`, `UPDATE disclosure_version SET public_to = 0 WHERE ${one}`, /起止时间/],
    [`UPDATE disclosure_version SET public_from = ${keep}, public_to = ${keep} WHERE ${draft}`, `UPDATE disclosure_version SET public_from = 0, public_to = 0 WHERE ${draft}`, /发布记录数不符/],
    [`UPDATE disclosure SET public_version_id = (SELECT id FROM disclosure_version WHERE ${draft}) WHERE id = ${id}`, `UPDATE disclosure SET public_version_id = (SELECT id FROM disclosure_version WHERE ${one}) WHERE id = ${id}`, /现在显示的版本不是/],
  ];
  for (const [change, back, words] of changes) {
    server.sql(change);
    assert.match(doctor(), words, change);
    server.sql(back);
  }
  assert.match(doctor(), /verified/);
});

test('the doctor names a tampered attachment, a stray file, a changed public text, a changed tile', { skip: POSTGRESQL }, async () => {
  await town.published({ title: '附件将被改动' }, [{ name: '原件.txt', bytes: Buffer.from('原来的附件内容') }]);
  await citizen.get('/ledger/tile/0/001');
  assert.match(server.command('doctor'), /verified/);
  const sqlite = (sql) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', join(server.dir, 'mingtang.db'), sql], { encoding: 'utf8' });
  const doctor = () => { try { return server.command('doctor'); } catch (e) { return e.stdout; } };
  const sha = sqlite("SELECT sha256 FROM blob ORDER BY id DESC LIMIT 1").trim();
  const path = join(server.dir, 'blobs', sha.slice(0, 2), sha.slice(2, 4), sha);
  const flip = (file, at) => { chmodSync(file, 0o600); const b = readFileSync(file); b[at] ^= 1; writeFileSync(file, b); };
  flip(path, 3);
  assert.match(doctor(), /附件 \d+（.*SHA-256 摘要不符[\s\S]*自检查点/);
  flip(path, 3);
  const stray = join(server.dir, 'blobs', 'ab');
  execFileSync('mkdir', ['-p', join(stray, 'cd')]);
  writeFileSync(join(stray, 'cd', 'abcd' + '0'.repeat(60)), 'x');
  assert.match(doctor(), /没有登记/);
  rmSync(join(stray, 'cd', 'abcd' + '0'.repeat(60)));
  const tile = join(server.dir, 'ledger/tile/0/001');
  flip(tile, 77);
  assert.match(doctor(), /账本块文件 0\/001/);
  flip(tile, 77);
  sqlite("UPDATE disclosure_version SET body = replace(body, '正文', '伪文') WHERE id = (SELECT max(id) FROM disclosure_version WHERE public_from <> 0)");
  assert.match(doctor(), /公开过的内容与发布时登记的摘要不符[\s\S]*自检查点/);
  sqlite("UPDATE disclosure_version SET body = replace(body, '伪文', '正文') WHERE id = (SELECT max(id) FROM disclosure_version WHERE public_from <> 0)");
  assert.match(doctor(), /verified/);
});
