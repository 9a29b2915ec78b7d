// Receipts made here with node:crypto and the definitions of RFC 6962 taken literally; proof.js must accept them and refuse every altered one.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { asReceipt, attachmentsOf, base64, checkLines, checkReceipt, consistent, follow, fromBase64, inclusionRoot, leafHash, parseCheckpoint, parseKey, parseNote, sha256, sha256File, toKeep } from '../src/lib/proof.js';

const SIZES = [1, 2, 3, 7, 8, 255, 256, 1000];
const digest = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest();
const text64 = (bytes) => Buffer.from(bytes).toString('base64');

// ── the tree, by definition ──

const leafOf = (entry) => digest(Buffer.from([0]), entry);
const joined = (l, r) => digest(Buffer.from([1]), l, r);
const split = (n) => { let k = 1; while (k * 2 < n) k *= 2; return k; };
const known = new Map();

// MTH(D[lo:hi]) over the leaves of entries(i), remembered.
function root(lo, hi) {
  const name = `${lo}:${hi}`;
  if (!known.has(name)) {
    const k = split(hi - lo);
    known.set(name, hi - lo === 1 ? leafOf(leafText(lo)) : joined(root(lo, lo + k), root(lo + k, hi)));
  }
  return known.get(name);
}

function path(m, lo, hi) {
  if (hi - lo === 1) return [];
  const k = split(hi - lo);
  return m < lo + k ? [...path(m, lo, lo + k), root(lo + k, hi)] : [...path(m, lo + k, hi), root(lo, lo + k)];
}

function subproof(m, lo, hi, whole) {
  if (m === hi - lo) return whole ? [] : [root(lo, hi)];
  const k = split(hi - lo);
  return m <= k
    ? [...subproof(m, lo, lo + k, whole), root(lo + k, hi)]
    : [...subproof(m - k, lo + k, hi, false), root(lo, lo + k)];
}

// ── a log, a witness, their receipts ──

function signer(name, type) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const material = Buffer.concat([Buffer.from([type]), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]);
  const id = digest(`${name}\n`, material).subarray(0, 4);
  const line = (bytes) => `\u2014 ${name} ${text64(Buffer.concat([id, bytes]))}\n`;
  const stamp = (at) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(at)); return b; };
  return {
    vkey: `${name}+${id.toString('hex')}+${text64(material)}`,
    line: (note) => line(sign(null, Buffer.from(note), privateKey)),
    cosign: (note, at) => line(Buffer.concat([stamp(at), sign(null, Buffer.from(`cosignature/v1\ntime ${at}\n${note}`), privateKey)])),
  };
}

const ORIGIN = 'zwgk.example.gov.cn/ledger';
const log = signer(ORIGIN, 1);
const other = signer(ORIGIN, 1);
const witness = signer('jianzheng.example.org', 4);
const AT = 1767236645;

const content = JSON.stringify({
  attachments: [{ name: '附件一.pdf', sha256: 'a'.repeat(64) }, { name: '附件二.xlsx', sha256: 'b'.repeat(64) }],
  body: '<p>关于二〇二六年工作的通知“全文”😀</p>', title: '通知',
});
const SHA = digest(content).toString('hex');

function leafText(seq) {
  return JSON.stringify({
    at: '2026-01-01T11:04:05+08:00', commitment: 'c'.repeat(64), id: seq + 10,
    payload: { attachments: [{ sha256: 'a'.repeat(64) }, { sha256: 'b'.repeat(64) }], public_id: `ID${seq}`, sha256: SHA },
    room: 'disclosure', v: 2, verb: 'published',
  });
}

const noteText = (size, hash) => `${ORIGIN}\n${size}\n${text64(hash)}\n`;

function receiptOf(seq, size, hash = root(0, size)) {
  const note = noteText(size, hash);
  return {
    format: 'mingtang-receipt/1', site: '示例网', address: `https://zwgk.example.gov.cn/disclosures/ID${seq}`,
    public_id: `ID${seq}`, edition: 1, title: '通知', published: '2026-01-01T11:04:05+08:00', sha256: SHA, content,
    attachments: [{ name: '附件一.pdf', sha256: 'a'.repeat(64), sm3: 'd'.repeat(64), size: 3 }],
    entry: { seq, leaf: leafText(seq) },
    proof: { size, hashes: path(seq, 0, size).map(text64) },
    checkpoint: `${note}\n${log.line(note)}${witness.cosign(note, AT)}`,
    keys: [log.vkey, witness.vkey],
  };
}

const parts = (f) => ({
  content: f.content.state === 'good' && f.described, leaf: f.names, tree: f.tree.good, log: f.log.good,
  witness: f.witnesses.length > 0 && f.witnesses.every((w) => w.good),
});
const ALL = { content: true, leaf: true, tree: true, log: true, witness: true };

// The receipt after `change`: exactly the parts named in `bad` must fail.
async function refused(change, bad, receipt = receiptOf(5, 8)) {
  change(receipt);
  assert.deepEqual(parts(await checkReceipt(receipt)), { ...ALL, ...Object.fromEntries(bad.map((name) => [name, false])) });
}

const flip = (text, at = 0) => { const b = Buffer.from(text, 'base64'); b[at] ^= 1; return text64(b); };
const flipLine = (note, line, at) => {
  const lines = note.split('\n');
  lines[line] = lines[line].replace(/\S+$/, (sig) => flip(sig, at));
  return lines.join('\n');
};

// ── receipts ──

test('good receipts of trees of every shape', async () => {
  for (const size of SIZES) {
    for (const seq of new Set([0, 1, Math.floor(size / 2), size - 2, size - 1].filter((n) => n >= 0 && n < size))) {
      const facts = await checkReceipt(receiptOf(seq, size));
      assert.deepEqual(parts(facts), ALL, `${seq} in ${size}`);
      assert.deepEqual(facts.log.vkeys, [log.vkey]);
      assert.deepEqual(facts.witnesses, [{ name: 'jianzheng.example.org', vkey: witness.vkey, good: true, at: AT }]);
      assert.equal(facts.checkpoint.origin, ORIGIN);
      assert.equal(facts.content.digest, SHA);
      assert.equal(facts.title, '通知');
    }
  }
});

test('a receipt file is told from other files by its content', () => {
  assert.equal(asReceipt(JSON.stringify(receiptOf(0, 1), null, 1)).public_id, 'ID0');
  for (const text of ['', '%PDF-1.7', 'null', '1', '[]', '{}', '{"format":1}', '{"format":"geojson"}', '{']) assert.equal(asReceipt(text), null, text);
});

test('altered text, digest, title, attachments', async () => {
  await refused((r) => { r.content = r.content.replace('工作', '上作'); }, ['content']);
  await refused((r) => { r.content += ' '; }, ['content']);
  await refused((r) => { r.content = ''; }, ['content']);
  await refused((r) => { r.sha256 = '0'.repeat(64); }, ['content']);
  await refused((r) => { r.content = '{}'; r.sha256 = digest('{}').toString('hex'); }, ['content']);
  await refused((r) => { r.title = '另一通知'; }, ['content']);
  await refused((r) => { r.attachments[0].sha256 = 'f'.repeat(64); }, ['content']);
  await refused((r) => { r.attachments[0].name = '附件二.xlsx'; }, ['content']);
});

test('text that is no longer shown keeps its digest; a wrong digest is still refused', async () => {
  const hidden = receiptOf(5, 8);
  for (const name of ['content', 'title', 'attachments']) delete hidden[name];
  const facts = await checkReceipt(hidden);
  assert.equal(facts.content.state, 'hidden');
  assert.equal(facts.described, true);
  assert.deepEqual(facts.attachments.map((f) => f.sha256), ['a'.repeat(64), 'b'.repeat(64)]);
  hidden.sha256 = '0'.repeat(64);
  assert.equal((await checkReceipt(hidden)).content.state, 'unlisted');
  delete hidden.sha256;
  assert.equal((await checkReceipt(hidden)).content.state, 'unlisted');
});

test('an altered entry', async () => {
  await refused((r) => { r.entry.leaf = r.entry.leaf.replace('11:04:05', '11:04:06'); }, ['tree']);
  await refused((r) => { r.entry.leaf += ' '; }, ['tree']);
  await refused((r) => { r.entry.leaf = leafText(4); }, ['leaf', 'tree']);
  await refused((r) => { r.entry.leaf = r.entry.leaf.replace('published', 'withdrawn'); }, ['leaf', 'tree']);
  await refused((r) => { r.entry.leaf = r.entry.leaf.replace(SHA, '1'.repeat(64)); }, ['content', 'tree']);
  await refused((r) => { r.public_id = 'ID6'; }, ['leaf']);
  await refused((r) => { r.entry.leaf = 'x'; }, ['content', 'leaf', 'tree']);
  await refused((r) => { delete r.entry; }, ['content', 'leaf', 'tree']);
});

test('every other place and every altered hash of the proof', async () => {
  for (const size of SIZES) {
    const seq = size - 1 - Math.floor(size / 3);
    const hashes = receiptOf(seq, size).proof.hashes.length;
    for (const wrong of new Set([...Array(Math.min(size, 50)).keys(), size, size + 1, -1, 0.5, String(seq), null])) {
      if (wrong !== seq) await refused((r) => { r.entry.seq = wrong; }, ['tree'], receiptOf(seq, size));
    }
    for (let i = 0; i < hashes; i++) {
      await refused((r) => { r.proof.hashes[i] = flip(r.proof.hashes[i], i); }, ['tree'], receiptOf(seq, size));
      await refused((r) => { r.proof.hashes.splice(i, 1); }, ['tree'], receiptOf(seq, size));
      await refused((r) => { r.proof.hashes[i] = 'AA=='; }, ['tree'], receiptOf(seq, size));
    }
    await refused((r) => { r.proof.hashes.push(text64(digest('x'))); }, ['tree'], receiptOf(seq, size));
    await refused((r) => { r.proof.size += 1; }, ['tree'], receiptOf(seq, size));
  }
  await refused((r) => { delete r.proof; }, ['tree']);
  await refused((r) => { r.proof.hashes = null; }, ['tree']);
});

test('a root, a size, an origin that were not signed', async () => {
  const lines = (change) => (r) => { const l = r.checkpoint.split('\n'); change(l); r.checkpoint = l.join('\n'); };
  await refused(lines((l) => { l[2] = flip(l[2]); }), ['tree', 'log', 'witness']);
  await refused(lines((l) => { l[1] = '9'; }), ['tree', 'log', 'witness']);
  await refused(lines((l) => { l[0] = 'other.example/ledger'; }), ['log', 'witness']);
  await refused(lines((l) => { l.splice(3, 0, 'more'); }), ['log', 'witness']);
  // Signed, but another tree's.
  assert.deepEqual(parts(await checkReceipt(receiptOf(5, 8, digest('x')))), { ...ALL, tree: false });
});

test('a signature of the log that is altered, missing or of another key', async () => {
  for (const at of [4, 35, 36, 67]) await refused((r) => { r.checkpoint = flipLine(r.checkpoint, 4, at); }, ['log']);
  await refused((r) => { r.checkpoint = flipLine(r.checkpoint, 4, 0); }, ['log']); // the key's id
  await refused((r) => { r.checkpoint = r.checkpoint.replace(/^\u2014 zwgk.*\n/m, ''); }, ['log']);
  await refused((r) => { r.keys = [other.vkey, witness.vkey]; }, ['log']);
  await refused((r) => { r.keys[0] = r.keys[0].replace(/.$/, 'A').replace(/\+[0-9a-f]{8}\+/, '+00000000+'); }, ['log']);
  await refused((r) => { r.keys = null; }, ['log', 'witness']);
  await refused((r) => { const n = noteText(8, root(0, 8)); r.checkpoint = `${n}\n${other.line(n)}${witness.cosign(n, AT)}`; }, ['log']);
  // A witness's key never stands for the log's.
  const named = signer(ORIGIN, 4);
  await refused((r) => {
    const n = noteText(8, root(0, 8));
    r.checkpoint = `${n}\n${named.cosign(n, AT)}${witness.cosign(n, AT)}`;
    r.keys = [named.vkey, witness.vkey];
  }, ['log']);
});

test('after a change of keys both lines count and one bad line spoils it', async () => {
  const r = receiptOf(5, 8);
  const n = noteText(8, root(0, 8));
  r.checkpoint = `${n}\n${other.line(n)}${log.line(n)}`;
  r.keys.push(other.vkey);
  assert.deepEqual((await checkReceipt(r)).log, { good: true, vkeys: [other.vkey, log.vkey] });
  r.checkpoint = flipLine(r.checkpoint, 5, 20);
  assert.equal((await checkReceipt(r)).log.good, false);
});

test('cosignatures: altered time, altered signature, unknown witness, none', async () => {
  for (const at of [4, 11, 12, 50, 75]) await refused((r) => { r.checkpoint = flipLine(r.checkpoint, 5, at); }, ['witness']);
  await refused((r) => { r.checkpoint = r.checkpoint.replace(/^\u2014 jianzheng.*\n/m, ''); }, ['witness']);
  const r = receiptOf(5, 8);
  r.keys.pop();
  assert.deepEqual((await checkReceipt(r)).witnesses, []);
});

test('lines of unknown kinds are passed over, malformed notes are not', async () => {
  const r = receiptOf(5, 8);
  r.checkpoint += `\u2014 ${ORIGIN} ${text64(Buffer.alloc(75, 7))}\n`;
  assert.deepEqual(parts(await checkReceipt(r)), ALL);
  const good = receiptOf(5, 8).checkpoint;
  assert.ok(parseCheckpoint(good));
  for (const bad of [undefined, 7, '', 'x', good.trimEnd(), `${good}x\n`, `${good}\u2014 a\n`, good.replace('\n8\n', '\n08\n'), good.replace('\n8\n', '\n-8\n'),
    good.replace('\n8\n', '\n99999999999999999999\n'), good.replace(/^.*\n/, '\n'), `${good.split('\n\n')[0]}\n\n`]) {
    assert.equal(parseCheckpoint(bad), null, String(bad));
    assert.equal((await checkReceipt({ ...receiptOf(5, 8), checkpoint: bad })).log.good, false);
  }
  assert.equal(parseNote('a\n\n\u2014 b AAAAAAA=\n').text, 'a\n');
});

test('nothing thrown whatever the file holds', async () => {
  for (const name of Object.keys(receiptOf(5, 8))) {
    for (const value of [undefined, null, 0, 'x', [], {}, [null], true]) await checkReceipt({ ...receiptOf(5, 8), [name]: value });
  }
  await checkReceipt({});
});

// ── keys and encodings ──

test('keys: the id must be the digest of name and key', async () => {
  assert.equal((await parseKey(witness.vkey)).type, 4);
  assert.equal((await parseKey(log.vkey)).name, ORIGIN);
  for (const bad of [undefined, '', 'a+b', log.vkey.replace(ORIGIN, 'x'), `${log.vkey}AAAA`, log.vkey.slice(0, -4), `a b${log.vkey}`]) {
    assert.equal(await parseKey(bad), null, String(bad));
  }
});

test('base64 has one spelling', () => {
  assert.deepEqual([...fromBase64('AQI=')], [1, 2]);
  assert.equal(base64(Uint8Array.of(1, 2)), 'AQI=');
  for (const bad of [undefined, 5, '', 'AQI', 'AQJ=', 'AQI=\n', ' AQI=', 'AQ-_', 'AQI==', 'A===']) assert.equal(fromBase64(bad), null, String(bad));
});

test('with and without Web Crypto the digests are the same', async () => {
  const file = new Blob([Buffer.alloc(9 << 20, 'mingtang')]);
  const want = digest(Buffer.from(await file.arrayBuffer()));
  const with_ = [await sha256(Buffer.from('内容')), await sha256File(file)];
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true, writable: true });
  try {
    const without = [await sha256(Buffer.from('内容')), await sha256File(file)];
    assert.deepEqual(without.map((b) => text64(b)), with_.map((b) => text64(b)));
    assert.deepEqual(text64(without[1]), text64(want));
    assert.deepEqual(parts(await checkReceipt(receiptOf(254, 255))), ALL);
  } finally {
    if (own) Object.defineProperty(globalThis, 'crypto', own);
    else delete globalThis.crypto;
  }
});

test('the Ed25519 vector of RFC 8032 whose message is text (7.1, test 2)', () => {
  const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
  const key = { name: 'x', id: '1', type: 1, vkey: 'x', key: bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c') };
  const signature = bytes('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
  const good = (text) => checkLines({ text, signatures: [{ name: 'x', id: '1', bytes: signature }] }, [key])[0].good;
  assert.equal(good('r'), true);
  assert.equal(good('s'), false);
});

// ── proofs ──

test('inclusion: all places of all trees up to 20', async () => {
  for (let size = 1; size <= 20; size++) {
    for (let seq = 0; seq < size; seq++) {
      const got = await inclusionRoot(await leafHash(Buffer.from(leafText(seq))), seq, size, path(seq, 0, size).map(text64));
      assert.equal(text64(got), text64(root(0, size)), `${seq} in ${size}`);
    }
  }
});

test('inclusion at sizes past 32 bits', async () => {
  // The last leaf of 2^40 + 1: one node stands for everything before it.
  const before = digest('all before');
  const leaf = await leafHash(Buffer.from('x'));
  assert.equal(text64(await inclusionRoot(leaf, 2 ** 40, 2 ** 40 + 1, [text64(before)])), text64(joined(before, leaf)));
  // Leaf 0 of 2^40: forty nodes to the right.
  const nodes = Array.from({ length: 40 }, (_, i) => digest(`node ${i}`));
  assert.equal(text64(await inclusionRoot(leaf, 0, 2 ** 40, nodes.map(text64))), text64(nodes.reduce((l, r) => joined(l, r), leaf)));
  assert.equal(await inclusionRoot(leaf, 0, 2 ** 40, nodes.slice(1).map(text64)), null);
});

async function consistencyHolds(from, to) {
  const proof = subproof(from, 0, to, true).map(text64);
  const [a, b] = [root(0, from), root(0, to)];
  assert.equal(await consistent(from, a, to, b, proof), true, `${from} → ${to}`);
  assert.equal(await consistent(from, digest('x'), to, b, proof), false, `${from} → ${to}, other beginning`);
  assert.equal(await consistent(from, a, to, digest('x'), proof), false, `${from} → ${to}, other end`);
  for (let i = 0; i < proof.length; i++) {
    assert.equal(await consistent(from, a, to, b, proof.map((h, k) => (k === i ? flip(h, 31) : h))), false, `${from} → ${to}, hash ${i}`);
    assert.equal(await consistent(from, a, to, b, proof.filter((_, k) => k !== i)), false, `${from} → ${to} without hash ${i}`);
  }
  assert.equal(await consistent(from, a, to, b, [...proof, text64(digest('x'))]), false, `${from} → ${to}, one more`);
}

test('consistency: all pairs up to 20', async () => {
  for (let to = 1; to <= 20; to++) for (let from = 1; from <= to; from++) await consistencyHolds(from, to);
});

test('consistency: large pairs', async () => {
  for (const [from, to] of [[255, 256], [256, 257], [1, 1000], [255, 1000], [256, 1000], [512, 1000], [513, 1000], [999, 1000], [1000, 1000], [777, 1537]]) await consistencyHolds(from, to);
});

test('consistency: the empty tree, the wrong way round, no sizes', async () => {
  const a = digest('');
  assert.equal(await consistent(0, a, 5, root(0, 5), []), true);
  assert.equal(await consistent(0, a, 5, root(0, 5), [text64(a)]), false);
  assert.equal(await consistent(5, root(0, 5), 3, root(0, 3), []), false);
  assert.equal(await consistent('3', root(0, 3), 5, root(0, 5), []), false);
  assert.equal(await consistent(3, root(0, 3), 5, root(0, 5), null), false);
  // A tree that was rewritten: no proof of the new one leads to the old root.
  const rewritten = joined(digest('x'), root(4, 5));
  assert.equal(await consistent(4, root(0, 4), 5, rewritten, [text64(root(4, 5))]), false);
});

// ── what was seen before ──

const seen = (size, key = log.vkey) => ({ size, root: text64(root(0, size)), key });
const head = (size) => parseCheckpoint(receiptOf(0, size).checkpoint);
const honest = async (from, to) => ({ status: 200, hashes: subproof(from, 0, to, true).map(text64) });
const silent = async () => ({ status: 0, hashes: undefined });

test('what was seen before: first, same, grown, older', async () => {
  const cases = [[null, 8, 'first'], [seen(8), 8, 'same'], [seen(3), 8, 'grown'], [seen(8), 3, 'older']];
  for (const [kept, size, tree] of cases) {
    const answer = await follow(kept, head(size), [log.vkey], honest);
    assert.deepEqual(answer, { tree, keyChanged: false });
    assert.deepEqual(toKeep(kept, head(size), [log.vkey], answer), seen(Math.max(size, kept ? kept.size : 0)));
  }
  assert.equal((await follow({ size: 'x', root: 5 }, head(8), [log.vkey], honest)).tree, 'first');
});

test('a tree that contradicts the one seen before is never kept', async () => {
  const forged = { size: 3, root: text64(digest('x')), key: log.vkey };
  for (const [kept, size, ask, tree] of [
    [forged, 8, honest, 'forked'], [forged, 3, honest, 'forked'], [{ ...forged, size: 8 }, 3, honest, 'forked'],
    [seen(3), 8, silent, 'unknown'], [seen(8), 3, silent, 'unknown'], [seen(3), 8, async () => ({ status: 404 }), 'unknown'],
    [seen(8), 3, async () => ({ status: 404 }), 'shorter'], [seen(3), 8, async () => ({ status: 200, hashes: [] }), 'forked'],
  ]) {
    const answer = await follow(kept, head(size), [log.vkey], ask);
    assert.equal(answer.tree, tree);
    assert.deepEqual(toKeep(kept, head(size), [log.vkey], answer), kept);
  }
});

test('a changed key is told and not kept; a checkpoint with both lines hands over', async () => {
  const changed = await follow(seen(3, other.vkey), head(8), [log.vkey], honest);
  assert.deepEqual(changed, { tree: 'grown', keyChanged: true });
  assert.deepEqual(toKeep(seen(3, other.vkey), head(8), [log.vkey], changed), seen(3, other.vkey));
  const both = await follow(seen(3, other.vkey), head(8), [log.vkey, other.vkey], honest);
  assert.deepEqual(both, { tree: 'grown', keyChanged: false });
  assert.deepEqual(toKeep(seen(3, other.vkey), head(8), [log.vkey, other.vkey], both), seen(8));
});

test('attachments come from what is proven', () => {
  assert.deepEqual(attachmentsOf(JSON.parse(content), null).map((f) => f.name), ['附件一.pdf', '附件二.xlsx']);
  assert.deepEqual(attachmentsOf(null, { attachments: [{ sha256: 'e' }, null, 4] }), [{ name: '', sha256: 'e' }]);
  assert.deepEqual(attachmentsOf(null, null), []);
});
