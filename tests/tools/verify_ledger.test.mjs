// The outsider's verifier against logs that grow as they should and logs that lie; and the witness of the tests itself.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SyntheticLog, cosign, keyPair, leafOf, sorted } from '../lib/synthetic_log.mjs';
import { Witness } from '../lib/witness.mjs';
import { canonical, check, checkEntry, checkExport, checkLine, checkReceipt, consistent, inclusionRoot, parseCheckpoint, parseKey, tilePath } from '../../tools/verify-ledger.mjs';

let work, files = 0;
const open = [];
before(() => { work = mkdtempSync(join(tmpdir(), 'mingtang-verify-')); });
after(async () => {
  for (const s of open) await s.stop();
  rmSync(work, { recursive: true, force: true });
});
const started = async (s) => { await s.start(); open.push(s); return s; };
const served = (size, options) => started(new SyntheticLog(size, options));
const fresh = (name) => join(work, `${++files}-${name}`);
const kept = (o) => { const f = fresh('file.json'); writeFileSync(f, typeof o === 'string' ? o : JSON.stringify(o)); return f; };
const copy = (o) => JSON.parse(JSON.stringify(o));

const tool = (...args) => new Promise((done) => {
  execFile(process.execPath, ['tools/verify-ledger.mjs', ...args], (e, out, err) => done({ code: e ? e.code : 0, out, err }));
});
async function fails(words, ...args) {
  const r = await tool(...args);
  assert.equal(r.code, 1, `${args.join(' ')}\n${r.out}${r.err}`);
  assert.match(r.err, words);
  assert.match(r.err, /^FAIL /m, 'said in one line, not as a trace');
  assert.doesNotMatch(r.err, /^\s+at /m);
}
async function passes(...args) {
  const r = await tool(...args);
  assert.equal(r.code, 0, r.out + r.err);
  return r;
}

// ── whole logs ──

for (const size of [0, 1, 2, 255, 256, 257, 700, 66000]) {
  test(`an honest log of ${size} entries passes, over the network and mirrored`, async () => {
    const log = await served(size), state = fresh('state'), dir = fresh('mirror');
    const r = await passes('check', log.url, '--key', log.vkey, '--state', state, '--json');
    assert.equal(JSON.parse(r.out).size, size);
    assert.equal(JSON.parse(r.out).root, log.root().toString('base64'));
    assert.doesNotMatch(r.err, /WARNING/);
    const { origin, size: seen, root, checkpoint } = JSON.parse(readFileSync(state, 'utf8'));
    assert.deepEqual([origin, seen, root, checkpoint], [log.origin, size, log.root().toString('base64'), log.checkpoint()]);
    assert.ok(log.busiest <= 8);
    await passes('mirror', log.url, dir, '--key', log.vkey);
    await passes('check', dir, '--key', log.vkey, '--state', state);
  });
}

test('without --key the tool says loudly whom it trusted; a wrong key or address and bad usage are told apart', async () => {
  const log = await served(3);
  assert.match((await passes('check', log.url)).err, /WARNING: .*the log vouches for itself/);
  await fails(/no signature of the key/, 'check', log.url, '--key', keyPair(log.origin).vkey);
  await fails(/no key is named like the log/, 'check', log.url, '--key', keyPair('other.example').vkey);
  await fails(/not a verifier key/, 'check', log.url, '--key', 'nonsense');
  await fails(/key id/, 'check', log.url, '--key', log.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'));
  await fails(/checkpoint: status 404/, 'check', `${log.url}/elsewhere`);
  const gone = await new SyntheticLog(1).start();
  await gone.stop();
  await fails(/ECONNREFUSED/, 'check', gone.url);
  await fails(/checkpoint is missing/, 'check', fresh('nothing'));
  for (const args of [[], ['check'], ['check', 'a', 'b'], ['guess', 'a'], ['check', 'a', '--key'], ['check', 'a', '--loud'], ['mirror', 'a']]) {
    const r = await tool(...args);
    assert.equal(r.code, 2, args.join(' '));
    assert.match(r.err, /usage:/);
  }
});

test('a rotated key: the head is signed by the new one, the old one stays named', async () => {
  const log = await served(5), old = log.vkey;
  log.rotate();
  await passes('check', log.url);
  await passes('check', log.url, '--key', log.vkey);
  await fails(/no signature of the key/, 'check', log.url, '--key', old);
});

test('whatever is changed is named: the tile, the entry, the head', async () => {
  const large = await served(66000), small = await served(700);
  let log = large;
  const lies = async (words, path, edit) => {
    assert.ok(log.honest(path), path);
    log.tamper(path, edit);
    await fails(words, 'check', log.url, '--key', log.vkey);
    log.restore();
  };
  const resigned = (edit) => () => { const bad = new SyntheticLog(0, { origin: log.origin, key: log.key }); return Buffer.from(edit(bad)); };
  await lies(/entry 0 does not hash to its leaf \(tile\/entries\/000\)/, log.pathOf('entries', 0), 10);
  await lies(/entry 40000 does not hash to its leaf/, log.pathOf(0, 40000), 32 * (40000 % 256));
  await lies(/entry 65999 does not hash to its leaf/, log.pathOf(0, 65999), -1);
  await lies(/hash 3 of tile\/1\/000 /, tilePath(1, 0, 256), 3 * 32 + 5);
  await lies(/hash 0 of tile\/1\/001\.p\/1 /, tilePath(1, 1, 1), 0);
  await lies(/hash 0 of tile\/2\/000\.p\/1 /, tilePath(2, 0, 1), 31);
  log = small;
  await lies(/tile\/0\/001 has 8160 bytes, not 8192/, tilePath(0, 1, 256), (b) => b.subarray(32));
  await lies(/tile\/entries\/001 does not hold 256 entries/, log.pathOf('entries', 300), (b) => b.subarray(0, -1));
  await lies(/tile\/entries\/001 does not hold 256 entries/, log.pathOf('entries', 300), (b) => b.subarray(2 + b.readUInt16BE(0)));
  await lies(/tile\/entries\/002\.p\/188: status 404/, log.pathOf('entries', 699), () => null);
  await lies(/signature of ledger\.example does not hold/, 'checkpoint', (b) => Buffer.from(b.toString().replace('\n700\n', '\n699\n')));
  await lies(/signature of ledger\.example does not hold/, 'checkpoint', (b) => Buffer.from(b.toString().replace(log.root().toString('base64'), Buffer.alloc(32).toString('base64'))));
  await lies(/not a signature line/, 'checkpoint', (b) => Buffer.from(b.toString().replace('— ', '- ')));
  await lies(/not a signed note/, 'checkpoint', (b) => b.subarray(0, -1));
  await lies(/checkpoint cannot be read/, 'checkpoint', (b) => Buffer.from(b.toString().replace('\n700\n', '\n0700\n')));
  await lies(/no signature of the key/, 'checkpoint', (b) => Buffer.from(b.toString().replace(/— ledger\.example .*\n/, '')));
  await lies(/another root than the checkpoint of 700/, 'checkpoint', resigned((bad) => bad.checkpoint(700, leafOf('x'))));
  await passes('check', log.url, '--key', log.vkey);
});

test('entries that a log should never hold are named, though its head is signed', async () => {
  const closed = { at: '2026-11-01T09:00:00+08:00', commitment: 'ab'.repeat(32), id: 9, logged: '2026-11-01T09:00:00.125+08:00', v: 2 };
  const open_ = { ...closed, room: 'duty', subject: { id: 1, kind: 'duty' }, verb: 'met' };
  const { logged, ...first } = closed;
  const bad = [
    [{ ...closed, name: '张三' }, /entry 2 has a member "name"/], [{ ...closed, payload: {} }, /has a member "payload"/], [{ ...open_, person: 1 }, /has a member "person"/],
    [{ ...open_, subject: { id: 1, kind: 'duty', name: 'x' } }, /has a subject of other members/], [{ ...open_, subject: 5 }, /has a subject of other members/],
    [{ ...open_, verb: undefined }, /has no "verb"/], [first, /has no "logged"/], [{ ...closed, at: undefined }, /has no "at"/], [{ ...closed, id: '9' }, /no readable id/],
    [{ ...closed, at: 'yesterday' }, /no readable instant in "at"/], [{ ...closed, logged: '2026-13-01T09:00:00Z' }, /no readable instant in "logged"/],
    [{ ...closed, commitment: 'AB'.repeat(32) }, /no readable commitment/], [`${sorted(closed)} `, /entry 2 is not canonical JSON/],
    [sorted(closed).replace('{', '{"at":"2026-11-01T09:00:00+08:00",'), /not canonical JSON/], [sorted(closed).replace('"v":2', '"v":2.0'), /not canonical JSON/],
    [JSON.stringify({ v: 2, ...closed }), /not canonical JSON/], [sorted({ ...open_, verb: '\ud800' }), /not canonical JSON/],
    ['{"at"', /entry 2 is not JSON/], ['null', /is not an object/], ['[]', /is not an object/], ['', /is not JSON/],
    [Buffer.concat([Buffer.from('{"at":"'), Buffer.of(0xff), Buffer.from('"}')]), /entry 2 is not UTF-8/], [{ ...closed, id: 1001 }, /event 1001 stands twice, again as entry 2/],
  ];
  for (const [entry, words] of bad) {
    const log = await served(2);
    log.add(typeof entry === 'object' && !Buffer.isBuffer(entry) ? sorted(copy(entry)) : entry);
    await assert.rejects(check(log.url, { key: log.vkey }), words, String(words));
  }
  for (const good of [closed, open_, { ...first, v: 1 }, { ...open_, verb: 'a\\ud800', unit: 3 }]) checkEntry(Buffer.from(sorted(good)), 0);
  assert.equal(canonical({ é: 1, b: [true, null, '\u20ac\n"'], a: { z: '', y: -5 } }), '{"a":{"y":-5,"z":""},"b":[true,null,"€\\n\\""],"é":1}');
});

// ── what was seen before ──

test('--state: growth passes; a fork, a shrunk or renamed log and an unreadable state do not, and the state stays', async () => {
  for (const [from, to] of [[0, 5], [1, 2], [255, 257], [256, 256], [257, 700], [700, 701]]) {
    const state = fresh('state'), log = await served(from);
    await passes('check', log.url, '--key', log.vkey, '--state', state);
    log.grow(to - from);
    assert.match((await passes('check', log.url, '--key', log.vkey, '--state', state)).out, new RegExp(`continues ${from}`));
    const was = readFileSync(state, 'utf8');
    assert.equal(JSON.parse(was).size, to);
    const fork = await started(log.fork(to - 1, to + 300));
    await fails(new RegExp(`entries before ${to} were changed`), 'check', fork.url, '--key', log.vkey, '--state', state);
    const same = await started(log.fork(to - 1));
    await fails(new RegExp(`entries before ${to} were changed`), 'check', same.url, '--key', log.vkey, '--state', state);
    const short = await started(log.fork(to - 1, to - 1));
    await fails(new RegExp(`has shrunk from ${to} to ${to - 1}`), 'check', short.url, '--key', log.vkey, '--state', state);
    assert.equal(readFileSync(state, 'utf8'), was);
    assert.ok(!existsSync(`${state}.new`));
  }
  const log = await served(4), other = await served(9, { origin: 'other.example' }), state = fresh('state');
  await passes('check', other.url, '--state', state);
  await fails(/is called ledger\.example now/, 'check', log.url, '--state', state);
  await fails(/is not JSON/, 'check', log.url, '--state', kept('{'));
  await fails(/is not the state of a log/, 'check', log.url, '--state', kept({ size: 3 }));
  await fails(/EISDIR/, 'check', log.url, '--state', work);
});

test('a mirror fetches only what is new, and keeps its head when the log was rewritten', async () => {
  const log = await served(600), dir = fresh('mirror'), head = () => readFileSync(join(dir, 'checkpoint'), 'utf8');
  await passes('mirror', log.url, dir, '--key', log.vkey);
  assert.ok(existsSync(join(dir, 'tile/entries/002.p/88')) && existsSync(join(dir, 'tile/1/000.p/2')));
  log.grow(100);
  log.asked.length = 0;
  assert.match((await passes('mirror', log.url, dir, '--key', log.vkey)).out, /continues 600/);
  assert.deepEqual([...log.asked].filter((p) => p.startsWith('tile')).sort(), ['tile/0/002.p/188', 'tile/entries/002.p/188']);
  const was = head();
  for (const [fork, words] of [[log.fork(300), /another root at 700/], [log.fork(300, 900), /keeps its checkpoint of 700/], [log.fork(690, 900), /entries before 700 were changed.*keeps its checkpoint/], [log.fork(650, 650), /shrunk from 700 to 650/]]) {
    await started(fork);
    await fails(words, 'mirror', fork.url, dir, '--key', log.vkey);
    assert.equal(head(), was);
    await passes('mirror', log.url, dir, '--key', log.vkey); // nothing of the other log is left
  }
  const stranger = await served(800, { origin: 'ledger.example' });
  await fails(/no signature of the key/, 'mirror', stranger.url, dir, '--key', log.vkey);
  assert.equal(head(), was);
  log.grow(1);
  log.tamper(log.pathOf(0, 700), 32 * 188);
  const torn = fresh('mirror');
  await fails(/entry 700 does not hash/, 'mirror', log.url, torn, '--key', log.vkey);
  assert.ok(!existsSync(join(torn, 'checkpoint')));
  log.restore();
  await passes('mirror', log.url, torn, '--key', log.vkey);
});

// ── proofs ──

test('inclusion and consistency hold for every pair of small sizes and for nothing else', () => {
  const log = new SyntheticLog(20);
  for (let n = 1; n <= 20; n++) {
    for (let i = 0; i < n; i++) {
      const proof = log.inclusion(i, n);
      assert.ok(inclusionRoot(log.leaves[i], i, n, proof).equals(log.root(n)), `${i} of ${n}`);
      assert.ok(!inclusionRoot(log.leaves[i], i, n, [...proof, log.leaves[0]])?.equals(log.root(n)));
      if (proof.length) assert.ok(!inclusionRoot(log.leaves[i], i, n, proof.slice(1))?.equals(log.root(n)));
      if (n > 1) assert.ok(!inclusionRoot(log.leaves[i], (i + 1) % n, n, proof)?.equals(log.root(n)));
      for (const bad of [-1, n, 0.5, '0', NaN]) assert.equal(inclusionRoot(log.leaves[i], bad, n, proof), null);
    }
    for (let m = 0; m <= n; m++) {
      const proof = log.consistency(m, n), roots = [m, log.root(m), n, log.root(n)];
      assert.ok(consistent(...roots, proof), `${m} to ${n}`);
      assert.ok(!consistent(...roots, [...proof, log.leaves[0]]));
      if (m && m < n) {
        assert.ok(!consistent(...roots, proof.slice(1)));
        assert.ok(!consistent(m, log.leaves[19], n, log.root(n), proof));
        assert.ok(!consistent(m, log.root(m), n, log.leaves[19], proof));
      }
      if (m < n) assert.ok(!consistent(n, log.root(n), m, log.root(m), proof));
    }
  }
});

const letter = { name: '附件.txt', bytes: Buffer.from('附件的内容') };
async function published() {
  const log = await served(300), witness = keyPair('witness.example', 4);
  const seq = log.publish({ publicId: 'p1', title: '标题', attachments: [letter] });
  log.grow(33);
  const size = log.size;
  log.more = [cosign(witness, log.checkpoint(), 1795000000)];
  const receipt = log.receipt(seq, { witnesses: [witness] });
  log.more = [];
  log.grow(200);
  return { log, witness, seq, size, receipt };
}

test('a receipt passes step by step, offline, with its attachment and against today\'s log', async () => {
  const { log, witness, seq, size, receipt } = await published(), file = kept(receipt), attachment = fresh('附件.txt');
  writeFileSync(attachment, letter.bytes);
  const { out } = await passes('receipt', file, '--key', log.vkey, '--file', attachment, '--log', log.url);
  const steps = [/^ok text and digest$/m, new RegExp(`^ok entry ${seq}: published at 2026-`, 'm'), new RegExp(`^ok included in the checkpoint of ${size}$`, 'm'), /^ok signed by ledger\.example\+/m, /^ok attachment 附件\.txt$/m, new RegExp(`^ok today's log \\(${log.size} entries\\) continues the receipt's \\(${size}\\)$`, 'm')];
  for (const step of steps) assert.match(out, step);
  assert.match(out, new RegExp(`cosigned by witness\\.example\\S+ at ${new Date(1795000000000).toISOString()}`));
  assert.match((await passes('receipt', file)).out, /compare it elsewhere/);
  assert.match((await passes('receipt', kept(log.receipt(seq, { withdrawn: true })), '--file', attachment)).out, /no longer shown/);
  writeFileSync(attachment, 'altered');
  await fails(/none of the receipt's attachments/, 'receipt', file, '--file', attachment);
  await fails(/ENOENT/, 'receipt', file, '--file', fresh('absent'));
  await fails(/no signature of the key/, 'receipt', file, '--key', keyPair(log.origin).vkey);
  await fails(/is not JSON/, 'receipt', kept('{'));
  const key = log.vkey;
  log.rotate();
  assert.match((await passes('receipt', file, '--key', key, '--log', log.url)).out, /which only the log itself names/);
  assert.ok(witness.vkey);
});

test('each field of a receipt, broken, is named', async () => {
  const { log, witness, seq, receipt } = await published(), elsewhere = log.publish({ publicId: 'p2', title: '别的', verb: 'withdrawn' });
  const flip = (text) => { const b = Buffer.from(text, 'base64'); b[b.length - 1] ^= 1; return b.toString('base64'); };
  const forged = cosign({ ...witness, privateKey: keyPair('x').privateKey }, receipt.checkpoint, 1795000000);
  const line = receipt.checkpoint.split('\n').find((l) => l.startsWith('— witness'));
  const broken = {
    format: [(r) => { r.format = 'mingtang-receipt/2'; }, /known format/],
    content: [(r) => { r.content = r.content.replace('正文', '假文'); }, /text does not give the digest/],
    'content as no text': [(r) => { r.content = 5; }, /text does not give the digest/],
    sha256: [(r) => { r.sha256 = 'ab'.repeat(32); }, /text does not give the digest/],
    'sha256 without text': [(r) => { delete r.content; r.sha256 = 'ab'.repeat(32); }, /names another digest/],
    'no sha256': [(r) => { delete r.content; delete r.sha256; }, /names another digest/],
    public_id: [(r) => { r.public_id = 'p2'; }, /another publication/],
    title: [(r) => { r.title = '改过的标题'; }, /titled otherwise/],
    'attachment digest': [(r) => { r.attachments[0].sha256 = 'ab'.repeat(32); }, /names no such file/],
    'attachment name': [(r) => { r.attachments[0].name = '别的.txt'; }, /names no such file/],
    'attachment sm3': [(r) => { r.attachments[0].sm3 = 'ab'.repeat(32); }, /another SM3/],
    'attachment added': [(r) => { r.attachments.push({ name: 'x', sha256: 'ab'.repeat(32) }); }, /attachment x: /],
    'another verb': [() => log.receipt(elsewhere), /not a publication but disclosure withdrawn/],
    'no entry': [(r) => { delete r.entry; }, /lacks its entry/],
    leaf: [(r) => { r.entry.leaf = r.entry.leaf.replace('"id":1300', '"id":1301'); }, /does not lead to the checkpoint/],
    'leaf as no JSON': [(r) => { r.entry.leaf = 'x'; }, /is not JSON/],
    seq: [(r) => { r.entry.seq += 1; }, /does not lead to the checkpoint/],
    'seq as text': [(r) => { r.entry.seq = String(seq); }, /does not lead to the checkpoint/],
    'seq as fraction': [(r) => { r.entry.seq += 0.5; }, /does not lead to the checkpoint/],
    'proof size': [(r) => { r.proof.size += 1; }, /does not lead to the checkpoint/],
    'proof hash': [(r) => { r.proof.hashes[2] = flip(r.proof.hashes[2]); }, /does not lead to the checkpoint/],
    'proof shorter': [(r) => { r.proof.hashes.pop(); }, /does not lead to the checkpoint/],
    'proof unreadable': [(r) => { r.proof.hashes[0] = 'x'; }, /proof cannot be read/],
    'no hashes': [(r) => { delete r.proof.hashes; }, /proof cannot be read/],
    'checkpoint root': [(r) => { const root = r.checkpoint.split('\n')[2]; r.checkpoint = r.checkpoint.replace(root, flip(root)); }, /does not lead to the checkpoint/],
    'checkpoint origin': [(r) => { r.checkpoint = r.checkpoint.replace('ledger.example\n', 'other.example\n'); }, /no key is named like the log/],
    'log signature': [(r) => { const l = r.checkpoint.split('\n')[4].split(' ')[2]; r.checkpoint = r.checkpoint.replace(l, flip(l)); }, /signature of ledger\.example does not hold/],
    'another head': [(r) => { r.checkpoint = log.fork(10).checkpoint(r.proof.size); }, /does not lead to the checkpoint/],
    cosignature: [(r) => { r.checkpoint = r.checkpoint.replace(line, forged.trim()); }, /signature of witness\.example does not hold/],
    'cosignature cut': [(r) => { r.checkpoint = r.checkpoint.replace(line, `${line.slice(0, -8)}`); }, /cosignature of witness\.example has the wrong length/],
    'no keys': [(r) => { delete r.keys; }, /names no keys/],
    'foreign keys': [(r) => { r.keys = [keyPair(log.origin).vkey]; }, /no signature of the key/],
  };
  for (const [name, [edit, words]] of Object.entries(broken)) {
    const r = copy(receipt);
    await assert.rejects(checkReceipt(edit(r) ?? r), words, name);
  }
  await checkReceipt(receipt);
  await fails(/text does not give the digest/, 'receipt', kept({ ...receipt, content: 'x' }), '--key', log.vkey);
});

test('a receipt against a log that no longer leads to it', async () => {
  const { log, size, receipt } = await published(), file = kept(receipt);
  const against = async (words, other) => fails(words, 'receipt', file, '--key', log.vkey, '--log', other.url);
  await against(/does not continue the receipt's checkpoint/, await started(log.fork(10)));
  await against(/shorter than the receipt's/, await started(log.fork(size - 1, size - 1)));
  await against(/the log of today is another one/, await served(size + 9, { origin: 'other.example' }));
  log.tamper(log.pathOf(0, log.size - 1), 0);
  await against(/tiles of today give another root/, log);
  log.restore();
  log.tamper('checkpoint', (b) => Buffer.from(b.toString().replace(`\n${log.size}\n`, `\n${log.size - 1}\n`)));
  await against(/signature of ledger\.example does not hold/, log);
});

test('a replay: what is shown must be what was committed to; erased and unbound events are counted apart', async () => {
  const log = new SyntheticLog(280), seqs = [log.record(), log.record({ person: '李四', verb: 'returned' }), log.record()];
  log.grow(9);
  const replay = log.replay(seqs, { erased: [seqs[2]] });
  const { out } = await passes('export', kept(replay), '--key', log.vkey);
  assert.match(out, /ok 3 events in the log, 2 of them with what they committed to/);
  const later = copy(replay);
  later.events.push({ id: 5, person: '王五' });
  assert.match((await passes('export', kept(later))).out, /1 events without an entry: nothing proves them/);
  const bad = {
    format: [(o) => { o.format = 'x'; }, /known format/],
    protected: [(o) => { o.events[0].protected = o.events[0].protected.replace('张三', '张四'); }, /event 1280: what is shown is not what was committed to/],
    salt: [(o) => { o.events[0].salt = '00'.repeat(32); }, /not what was committed to/],
    'no salt': [(o) => { delete o.events[0].salt; }, /salt, cannot be read/],
    person: [(o) => { o.events[1].person = '张三'; }, /event 1281: who or what differs/],
    id: [(o) => { o.events[1].id = 7; }, /entry 281 is not event 7/],
    seq: [(o) => { o.events[1].seq = 280; }, /does not lead to the checkpoint/],
    leaf: [(o) => { o.events[2].leaf = o.events[2].leaf.replace('09:00', '09:01'); }, /entry 282: the proof does not lead/],
    proof: [(o) => { o.events[2].proof.reverse(); }, /does not lead to the checkpoint/],
    proof_size: [(o) => { o.proof_size -= 1; }, /does not lead to the checkpoint/],
    checkpoint: [(o) => { o.checkpoint = log.fork(5).checkpoint(); }, /does not lead to the checkpoint/],
    keys: [(o) => { o.keys = [keyPair(log.origin).vkey]; }, /no signature of the key/],
    events: [(o) => { delete o.events; }, /lacks its checkpoint or events/],
  };
  for (const [name, [edit, words]] of Object.entries(bad)) {
    const o = copy(replay);
    edit(o);
    assert.throws(() => checkExport(o), words, name);
  }
});

// ── witnesses ──

test('a witness cosigns what continues what it saw, and nothing else', async () => {
  const log = new SyntheticLog(300), witness = await started(new Witness({ name: 'witness.example', logs: { [log.origin]: log.vkey } }));
  const body = (old, note, hashes) => `old ${old}\n${hashes.map((h) => `${h.toString('base64')}\n`).join('')}\n${note}`;
  const ask = async (text, path = '/add-checkpoint') => {
    const r = await fetch(witness.url + path, { method: 'POST', body: text });
    return { status: r.status, type: r.headers.get('content-type'), text: await r.text() };
  };
  const offer = (old, size, from = log) => ask(body(old, from.checkpoint(size), log.consistency(old, size)));
  const cosigned = (r, note) => {
    assert.equal(r.status, 200, r.text);
    const { at } = checkLine(parseCheckpoint(note + r.text), parseKey(witness.vkey));
    assert.ok(Math.abs(at - Date.now() / 1000) < 60);
  };
  cosigned(await offer(0, 200), log.checkpoint(200));
  cosigned(await offer(200, 300), log.checkpoint(300));
  cosigned(await offer(300, 300), log.checkpoint(300));
  assert.deepEqual(witness.seen, [200, 300, 300]);
  log.grow(100);
  for (const old of [0, 200, 301]) {
    const r = await ask(body(old, log.checkpoint(), log.consistency(old)));
    assert.deepEqual([r.status, r.type, r.text], [409, 'text/x.tlog.size', '300\n'], `old ${old}`);
  }
  const fork = log.fork(100);
  assert.equal((await ask(body(300, fork.checkpoint(300), []))).status, 409, 'same size, another root');
  assert.equal((await ask(body(300, fork.checkpoint(), fork.consistency(300)))).status, 422);
  assert.equal((await ask(body(300, log.checkpoint(), log.consistency(300).slice(1)))).status, 422);
  assert.equal((await ask(body(300, log.checkpoint(), []))).status, 422);
  assert.equal((await ask(body(500, log.checkpoint(), []))).status, 400, 'old larger than the size');
  for (const text of ['', 'old x\n\nnote', 'old 300\n', body(300, 'no note', []), body(300, log.checkpoint(), []).replace('old 300', 'old 0300')])
    assert.equal((await ask(text)).status, 400, JSON.stringify(text));
  assert.equal((await ask(body(0, new SyntheticLog(3, { origin: 'other.example' }).checkpoint(), []))).status, 404);
  assert.equal((await ask(body(300, log.checkpoint(), []), '/elsewhere')).status, 404);
  assert.equal((await ask(body(300, new SyntheticLog(400).checkpoint(), []))).status, 403, 'signed by another key');
  assert.equal((await ask(body(300, log.checkpoint().replace('\n400\n', '\n399\n'), []))).status, 403);
  witness.fail = 503;
  assert.equal((await offer(300, 400)).status, 503);
  witness.fail = 0;
  assert.deepEqual(witness.seen, [200, 300, 300], 'what was refused left no trace');
  const r = await offer(300, 400);
  cosigned(r, log.checkpoint());
  const seq = log.publish({ publicId: 'p9', title: '联署' });
  const last = await ask(body(400, log.checkpoint(), log.consistency(400)));
  log.more = [last.text];
  assert.match((await passes('receipt', kept(log.receipt(seq, { witnesses: [witness] })), '--key', log.vkey)).out, /cosigned by witness\.example\+/);
});
