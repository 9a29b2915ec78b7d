#!/usr/bin/env node
// verify-ledger.mjs: checks a ledger from outside. A second implementation that shares no code with the server: C2SP
// tlog-tiles, tlog-checkpoint, signed-note and tlog-cosignature, RFC 6962 hashing, RFC 8785 canonical JSON, from their
// specifications. Node 18 or later, no packages.
import { createHash, createPublicKey, getHashes, verify as verifySignature } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const USAGE = `usage:
  verify-ledger.mjs check URL|DIR [--key VKEY] [--state FILE] [--json]
  verify-ledger.mjs mirror URL DIR [--key VKEY]
  verify-ledger.mjs receipt FILE [--key VKEY] [--log URL|DIR] [--file ATTACHMENT]…
  verify-ledger.mjs export FILE [--key VKEY]
URL is the ledger's address, e.g. https://www.example.gov.cn/ledger`;
const WIDTH = 256;
const AT_ONCE = 8;

class Wrong extends Error {}
const wrong = (text) => { throw new Wrong(text); };

// ── hashes and trees (RFC 6962) ──

const sha256 = (...parts) => { const h = createHash('sha256'); for (const p of parts) h.update(p); return h.digest(); };
export const leafHash = (entry) => sha256(Buffer.of(0), entry);
export const nodeHash = (l, r) => sha256(Buffer.of(1), l, r);

// Largest power of two below n; sizes stay far below 2^53.
function split(n) {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

// Root of D[lo:hi] when hashes[i] is the root of `unit` leaves and lo, hi are multiples of it, the last one excepted.
export function treeHash(hashes, lo = 0, hi = hashes.length) {
  if (hi === lo) return sha256();
  if (hi - lo === 1) return hashes[lo];
  const k = split(hi - lo);
  return nodeHash(treeHash(hashes, lo, lo + k), treeHash(hashes, lo + k, hi));
}

// RFC 9162 §2.1.3.2: the root that a leaf and its proof lead to, or null.
export function inclusionRoot(leaf, seq, size, proof) {
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(size) || seq < 0 || seq >= size) return null;
  let fn = BigInt(seq), sn = BigInt(size) - 1n, r = leaf;
  for (const p of proof) {
    if (sn === 0n) return null;
    if ((fn & 1n) || fn === sn) {
      r = nodeHash(p, r);
      while (!(fn & 1n) && fn) { fn >>= 1n; sn >>= 1n; }
    } else r = nodeHash(r, p);
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n ? r : null;
}

// RFC 9162 §2.1.4.2.
export function consistent(from, fromRoot, to, toRoot, proof) {
  if (from > to) return false;
  if (from === 0) return proof.length === 0;
  if (from === to) return proof.length === 0 && fromRoot.equals(toRoot);
  const path = [...proof];
  let fn = BigInt(from) - 1n, sn = BigInt(to) - 1n;
  while (fn & 1n) { fn >>= 1n; sn >>= 1n; }
  let fr = fn ? path.shift() : fromRoot, sr = fr;
  if (!fr) return false;
  for (const p of path) {
    if (sn === 0n) return false;
    if ((fn & 1n) || fn === sn) {
      fr = nodeHash(p, fr);
      sr = nodeHash(p, sr);
      while (!(fn & 1n) && fn) { fn >>= 1n; sn >>= 1n; }
    } else sr = nodeHash(sr, p);
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n && fr.equals(fromRoot) && sr.equals(toRoot);
}

// ── signed notes ──

const fromBase64 = (s) => {
  const b = Buffer.from(s, 'base64');
  return b.toString('base64') === s ? b : null;
};

export function parseKey(vkey) {
  const m = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey.trim());
  const material = m && fromBase64(m[3]);
  if (!material) wrong(`not a verifier key: ${vkey}`);
  const id = sha256(m[1], '\n', material).subarray(0, 4);
  if (id.toString('hex') !== m[2]) wrong(`the key id of ${m[1]} does not belong to its key`);
  const type = material[0];
  if (type !== 1 && type !== 4) return { name: m[1], id, type, vkey }; // SM2 and others: not ours to check
  if (material.length !== 33) wrong(`the key of ${m[1]} has the wrong length`);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), material.subarray(1)]);
  return { name: m[1], id, type, vkey, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

export function parseNote(note) {
  const at = note.lastIndexOf('\n\n');
  if (at < 0 || !note.endsWith('\n')) wrong('not a signed note');
  const text = note.slice(0, at + 1);
  const lines = note.slice(at + 2).split('\n').slice(0, -1).map((line) => {
    const m = /^— (\S+) (\S+)$/.exec(line);
    const bytes = m && fromBase64(m[2]);
    if (!bytes || bytes.length < 5) wrong(`not a signature line: ${line}`);
    return { name: m[1], id: bytes.subarray(0, 4), signature: bytes.subarray(4), line };
  });
  return { text, lines };
}

export function parseCheckpoint(note) {
  const { text, lines } = parseNote(note);
  const [origin, size, root] = text.split('\n');
  const hash = fromBase64(root ?? '');
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? '') || hash?.length !== 32) wrong('the checkpoint cannot be read');
  return { origin, size: Number(size), root: hash, text, lines };
}

// The line of a key in a note: null when there is none, else {at}; a bad signature of a known key is an error.
export function checkLine(checkpoint, key) {
  const line = checkpoint.lines.find((l) => l.name === key.name && l.id.equals(key.id));
  if (!line || !key.key) return null;
  let { signature } = line, { text } = checkpoint, at = null;
  if (key.type === 4) {
    if (signature.length !== 72) wrong(`the cosignature of ${key.name} has the wrong length`);
    at = Number(signature.readBigUInt64BE(0));
    if (at > 8e12) wrong(`the cosignature of ${key.name} is of no readable instant`);
    text = `cosignature/v1\ntime ${at}\n${text}`;
    signature = signature.subarray(8);
  }
  if (!verifySignature(null, Buffer.from(text), key.key, signature)) wrong(`the signature of ${key.name} does not hold`);
  return { at };
}

// ── entries ──

// RFC 8785, for what entries hold: objects, arrays, strings, booleans, null and whole numbers.
export function canonical(v) {
  if (Array.isArray(v)) return `[${v.map(canonical).join(',')}]`;
  if (v && typeof v === 'object') return `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`).join(',')}}`;
  return JSON.stringify(v);
}

const CLOSED = ['at', 'commitment', 'id', 'logged', 'v'];
const OPEN = [...CLOSED, 'payload', 'room', 'subject', 'unit', 'verb'];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const isInstant = (v) => typeof v === 'string' && INSTANT.test(v) && !Number.isNaN(Date.parse(v));
const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const hasLoneSurrogate = (text) => /\\ud[89a-f]/i.test(text.replace(/\\\\/g, '')); // canonical text never escapes a surrogate unless it stands alone

// Logs begun by the first builds hold entries of v 1, without "logged".
export function checkEntry(entry, seq) {
  const text = entry.toString(), bad = (what) => wrong(`entry ${seq} ${what}`);
  if (Buffer.isBuffer(entry) && !Buffer.from(text).equals(entry)) bad('is not UTF-8');
  let o;
  try { o = JSON.parse(text); } catch { bad('is not JSON'); }
  if (!isObject(o)) bad('is not an object');
  if (canonical(o) !== text || hasLoneSurrogate(text)) bad('is not canonical JSON');
  const open = o.room !== undefined, allowed = open ? OPEN : CLOSED;
  for (const k of Object.keys(o)) if (!allowed.includes(k)) bad(`has a member "${k}" that should not be public`);
  const needed = [...CLOSED.filter((k) => k !== 'logged' || o.v !== 1), ...(open ? ['room', 'subject', 'verb'] : [])];
  for (const k of needed) if (o[k] === undefined) bad(`has no "${k}"`);
  if (typeof o.commitment !== 'string' || !/^[0-9a-f]{64}$/.test(o.commitment)) bad('has no readable commitment');
  if (!Number.isSafeInteger(o.id)) bad('has no readable id');
  for (const k of ['at', 'logged']) if (o[k] !== undefined && !isInstant(o[k])) bad(`has no readable instant in "${k}"`);
  if (open && (!isObject(o.subject) || Object.keys(o.subject).join() !== 'id,kind')) bad('has a subject of other members than id and kind');
  return o;
}

// ── where a log is read from ──

const number = (n) => {
  let s = String(n % 1000).padStart(3, '0');
  for (n = Math.floor(n / 1000); n; n = Math.floor(n / 1000)) s = `x${String(n % 1000).padStart(3, '0')}/${s}`;
  return s;
};
export const tilePath = (level, index, width) => `tile/${level}/${number(index)}${width < WIDTH ? `.p/${width}` : ''}`;

export function source(where) {
  if (!/^https?:/.test(where)) return { read: (p) => readFile(join(where, p)).catch((e) => wrong(e.code === 'ENOENT' ? `${p} is missing in ${where}` : `${join(where, p)}: ${e.code}`)) };
  const base = where.replace(/\/$/, '');
  return {
    async read(p) {
      const r = await fetch(`${base}/${p}`, { redirect: 'error', signal: AbortSignal.timeout(60000) }).catch((e) => wrong(`${base}/${p}: ${e.cause?.code ?? e.message}`));
      if (!r.ok) wrong(`${base}/${p}: status ${r.status}`);
      return Buffer.from(await r.arrayBuffer());
    },
  };
}

// The tiles of a level for a log of `size`: [{index, width}].
function tilesOf(size, level) {
  const width = Math.floor(size / WIDTH ** level), list = [];
  for (let i = 0; i * WIDTH < width; i++) list.push({ index: i, width: Math.min(WIDTH, width - i * WIDTH) });
  return list;
}
const levels = (size) => { let n = 1; while (size >= WIDTH ** n) n++; return n; };

async function inTurn(list, fn) {
  const results = new Array(list.length);
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, async () => {
    while (next < list.length) { const i = next++; results[i] = await fn(list[i], i); }
  }));
  return results;
}

async function hashTile(from, level, { index, width }) {
  const path = tilePath(level, index, width), b = await from.read(path);
  if (b.length !== 32 * width) wrong(`${path} has ${b.length} bytes, not ${32 * width}`);
  return Array.from({ length: width }, (_, i) => b.subarray(32 * i, 32 * i + 32));
}

function unbundle(path, b, width) {
  const entries = [];
  let at = 0;
  while (at + 2 <= b.length) {
    const n = b.readUInt16BE(at);
    entries.push(b.subarray(at + 2, at + 2 + n));
    at += 2 + n;
  }
  if (at !== b.length || entries.length !== width) wrong(`${path} does not hold ${width} entries`);
  return entries;
}

// ── the whole log ──

async function keyFor(from, given) {
  if (given) return { keys: [parseKey(given)], note: 'the key given' };
  const text = (await from.read('key')).toString();
  return { keys: text.trim().split('\n').map(parseKey), note: 'a key the log itself names: trust it only after comparing it elsewhere' };
}

function signedBy(checkpoint, keys) {
  const own = keys.filter((k) => k.type === 1 && k.name === checkpoint.origin);
  if (!own.length) wrong(`no key is named like the log, ${checkpoint.origin}`);
  const good = own.filter((k) => checkLine(checkpoint, k));
  if (!good.length) wrong('the checkpoint carries no signature of the key');
  return good[0];
}

async function readLeaves(from, size) {
  const ids = new Set(), tiles = tilesOf(size, 0);
  const parts = await inTurn(tiles, async (t) => {
    const hashes = await hashTile(from, 0, t), path = tilePath('entries', t.index, t.width);
    const entries = unbundle(path, await from.read(path), t.width);
    entries.forEach((e, i) => {
      const seq = t.index * WIDTH + i;
      if (!leafHash(e).equals(hashes[i])) wrong(`entry ${seq} does not hash to its leaf (${path})`);
      const { id } = checkEntry(e, seq);
      if (ids.has(id)) wrong(`event ${id} stands twice, again as entry ${seq}`);
      ids.add(id);
    });
    return hashes;
  });
  return parts.flat();
}

async function checkUpperTiles(from, size, leaves) {
  let below = leaves;
  for (let level = 1; level < levels(size); level++) {
    const nodes = [];
    for (let i = 0; (i + 1) * WIDTH <= below.length; i++) nodes.push(treeHash(below, i * WIDTH, (i + 1) * WIDTH));
    await inTurn(tilesOf(size, level), async (t) => {
      (await hashTile(from, level, t)).forEach((h, i) => {
        if (!h.equals(nodes[t.index * WIDTH + i])) wrong(`hash ${i} of ${tilePath(level, t.index, t.width)} is not the root of the tile below`);
      });
    });
    below = nodes;
  }
}

// What was seen before must be the beginning of what is seen now.
function continues(old, checkpoint, leaves) {
  if (old.origin !== checkpoint.origin) wrong(`the log is called ${checkpoint.origin} now, it was ${old.origin}`);
  if (old.size > checkpoint.size) wrong(`the log has shrunk from ${old.size} to ${checkpoint.size} entries`);
  if (treeHash(leaves, 0, old.size).toString('base64') !== old.root) wrong(`entries before ${old.size} were changed since they were last seen`);
}

// Only a file that is not there makes this the first time: one that cannot be read must not.
async function readState(file) {
  const text = await readFile(file, 'utf8').catch((e) => (e.code === 'ENOENT' ? null : wrong(`${file}: ${e.code}`)));
  if (text === null) return null;
  let old;
  try { old = JSON.parse(text); } catch { wrong(`${file} is not JSON`); }
  if (!isObject(old) || typeof old.origin !== 'string' || !Number.isSafeInteger(old.size) || old.size < 0 || typeof old.root !== 'string') wrong(`${file} is not the state of a log`);
  return old;
}

async function replace(file, content) {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}

const stateOf = ({ origin, size, root }) => ({ origin, size, root: root.toString('base64') });

export async function check(where, { key, state, head, trusted, before = null } = {}) {
  const from = source(where), note = head ?? (await from.read('checkpoint')).toString(), checkpoint = parseCheckpoint(note);
  const trust = trusted ?? await keyFor(from, key), signer = signedBy(checkpoint, trust.keys);
  const old = state ? await readState(state) : before;
  const leaves = await readLeaves(from, checkpoint.size);
  await checkUpperTiles(from, checkpoint.size, leaves);
  if (!treeHash(leaves).equals(checkpoint.root)) wrong(`the entries give another root than the checkpoint of ${checkpoint.size}`);
  for (const one of [old, before]) if (one) continues(one, checkpoint, leaves);
  if (state) await replace(state, JSON.stringify({ ...stateOf(checkpoint), checkpoint: note }, null, 1));
  return { ...stateOf(checkpoint), signer: signer.vkey, trust: trust.note, since: old?.size ?? null };
}

// The head already in a copy stays until the new one has been found to continue it: it may be the only witness of what was.
// Nothing of a log that was found wrong stays.
async function mirror(url, dir, options) {
  const from = source(url), have = source(dir);
  const note = (await from.read('checkpoint')).toString(), checkpoint = parseCheckpoint(note), { size } = checkpoint;
  const keys = await from.read('key'), trusted = await keyFor(from, options.key);
  signedBy(checkpoint, trusted.keys);
  const kept = await readFile(join(dir, 'checkpoint'), 'utf8').catch((e) => (e.code === 'ENOENT' ? null : wrong(`${join(dir, 'checkpoint')}: ${e.code}`)));
  const old = kept === null ? null : stateOf(parseCheckpoint(kept));
  if (old?.size > size) wrong(`the log has shrunk from ${old.size} to ${size} entries`);
  if (old?.size === size && old.root !== checkpoint.root.toString('base64')) wrong(`the log has another root at ${size} than the copy: it was rewritten`);
  const paths = [], fetched = [];
  for (let level = 0; level < levels(size); level++) for (const t of tilesOf(size, level)) paths.push(tilePath(level, t.index, t.width));
  for (const t of tilesOf(size, 0)) paths.push(tilePath('entries', t.index, t.width));
  const fetchAll = () => inTurn(paths, async (p) => {
    if (await have.read(p).catch(() => null)) return; // tiles never change
    const bytes = await from.read(p), file = join(dir, p);
    await mkdir(dirname(file), { recursive: true });
    fetched.push(file);
    await replace(file, bytes);
  });
  const result = await fetchAll().then(() => check(dir, { ...options, head: note, trusted, before: old })).catch(async (e) => {
    for (const file of fetched) await rm(file, { force: true });
    if (e instanceof Wrong && old) e.message += `; the copy in ${dir} keeps its checkpoint of ${old.size}`;
    throw e;
  });
  await mkdir(dir, { recursive: true });
  await replace(join(dir, 'key'), keys);
  await replace(join(dir, 'checkpoint'), note);
  return { ...result, fetched: fetched.length };
}

// ── receipts and exports ──

const json = (text, what) => {
  try { return JSON.parse(text); } catch { return wrong(`${what} is not JSON`); }
};
const filesIn = (v) => (Array.isArray(v) ? v.filter(isObject) : []);

// The attachments by what is proven, the text or else the entry; what the receipt says beside them must agree.
function attachmentsOf(receipt, leaf) {
  const listed = filesIn(leaf.payload.attachments), content = receipt.content === undefined ? null : json(receipt.content, 'the text');
  const proven = content ? filesIn(content.attachments) : listed;
  if (content && receipt.title !== undefined && receipt.title !== content.title) wrong('the receipt is titled otherwise than its text');
  for (const a of filesIn(receipt.attachments)) {
    const one = proven.find((k) => k.sha256 === a.sha256 && (!content || k.name === a.name));
    if (!one) wrong(`attachment ${a.name}: the text names no such file with this digest`);
    const sm3 = listed.find((k) => k.sha256 === a.sha256)?.sm3;
    if (sm3 && a.sm3 && sm3 !== a.sm3) wrong(`attachment ${a.name}: the entry names another SM3 digest`);
  }
  return proven.map((k) => ({ ...k, sm3: listed.find((l) => l.sha256 === k.sha256)?.sm3 ?? filesIn(receipt.attachments).find((a) => a.sha256 === k.sha256)?.sm3 }));
}

async function attachmentStep(attachments, file) {
  const bytes = await readFile(file), digest = sha256(bytes).toString('hex');
  const one = attachments.find((a) => a.sha256 === digest);
  if (!one) wrong(`${file} is none of the receipt's attachments, or was changed`);
  if (one.sm3 && getHashes().includes('sm3') && createHash('sm3').update(bytes).digest('hex') !== one.sm3) wrong(`${file}: the SM3 digest differs`);
  return `attachment ${one.name ?? one.sha256}`;
}

// Keys change: besides the receipt's own, today's head may be signed by one the log names now.
async function toToday(checkpoint, where, own) {
  const from = source(where), now = parseCheckpoint((await from.read('checkpoint')).toString());
  if (now.origin !== checkpoint.origin || now.size < checkpoint.size) wrong('the log of today is another one, or shorter than the receipt\'s');
  const known = own.some((k) => k.type === 1 && k.name === now.origin && checkLine(now, k));
  const signer = known ? null : signedBy(now, (await keyFor(from)).keys);
  const leaves = (await inTurn(tilesOf(now.size, 0), (t) => hashTile(from, 0, t))).flat();
  if (!treeHash(leaves).equals(now.root)) wrong('the tiles of today give another root than today\'s checkpoint');
  if (!treeHash(leaves, 0, checkpoint.size).equals(checkpoint.root)) wrong('the log of today does not continue the receipt\'s checkpoint');
  return `today's log (${now.size} entries) continues the receipt's (${checkpoint.size})${signer ? `, signed by ${signer.vkey}, which only the log itself names` : ''}`;
}

function included(leaf, seq, size, hashes, checkpoint) {
  const proof = Array.isArray(hashes) ? hashes.map((h) => (typeof h === 'string' ? fromBase64(h) : null)) : [null];
  if (proof.some((h) => h?.length !== 32)) wrong(`entry ${seq}: the proof cannot be read`);
  const root = inclusionRoot(leafHash(Buffer.from(leaf)), seq, size, proof);
  if (size !== checkpoint.size || !root?.equals(checkpoint.root)) wrong(`entry ${seq}: the proof does not lead to the checkpoint's root`);
}

const keysOf = (o) => (Array.isArray(o.keys) ? o.keys : wrong('the file names no keys')).map(parseKey);

export async function checkReceipt(receipt, { key, log, files = [], say = () => {} } = {}) {
  if (receipt?.format !== 'mingtang-receipt/1') wrong('not a receipt of a known format');
  if (typeof receipt.entry?.leaf !== 'string' || !isObject(receipt.proof) || typeof receipt.checkpoint !== 'string') wrong('the receipt lacks its entry, proof or checkpoint');
  const { leaf: text, seq } = receipt.entry, leaf = checkEntry(text, seq);
  if (receipt.content !== undefined && (typeof receipt.content !== 'string' || sha256(receipt.content).toString('hex') !== receipt.sha256)) wrong('the text does not give the digest');
  if (!receipt.sha256 || leaf.payload?.sha256 !== receipt.sha256) wrong('the entry names another digest');
  say(receipt.content === undefined ? 'digest on record; the text is no longer shown' : 'text and digest');
  if (!receipt.public_id || leaf.payload.public_id !== receipt.public_id) wrong('the entry is about another publication');
  if (leaf.room !== 'disclosure' || !['published', 'corrected', 'entered'].includes(leaf.verb)) wrong(`entry ${seq} is not a publication but ${leaf.room} ${leaf.verb}`);
  const attachments = attachmentsOf(receipt, leaf);
  say(`entry ${seq}: ${leaf.verb} at ${leaf.at}`);
  const checkpoint = parseCheckpoint(receipt.checkpoint);
  included(text, seq, receipt.proof.size, receipt.proof.hashes, checkpoint);
  say(`included in the checkpoint of ${checkpoint.size}`);
  const keys = keysOf(receipt), own = key ? [parseKey(key)] : keys;
  say(`signed by ${signedBy(checkpoint, own).vkey}${key ? '' : ' (named by the receipt itself: compare it elsewhere)'}`);
  for (const k of keys.filter((x) => x.type === 4)) {
    const c = checkLine(checkpoint, k);
    if (c) say(`cosigned by ${k.vkey} at ${new Date(c.at * 1000).toISOString()} (a witness named by the receipt itself)`);
  }
  for (const f of files) say(await attachmentStep(attachments, f));
  if (log) say(await toToday(checkpoint, log, own));
}

export function checkExport(o, { key, say = () => {} } = {}) {
  if (o?.format !== 'mingtang-replay/1') wrong('not an export of a known format');
  if (typeof o.checkpoint !== 'string' || !Array.isArray(o.events)) wrong('the export lacks its checkpoint or events');
  const checkpoint = parseCheckpoint(o.checkpoint), own = key ? [parseKey(key)] : keysOf(o);
  say(`checkpoint of ${checkpoint.size} signed by ${signedBy(checkpoint, own).vkey}${key ? '' : ' (named by the export itself: compare it elsewhere)'}`);
  let bound = 0, shown = 0, loose = 0;
  for (const e of [...o.events, ...(o.reads ?? [])]) {
    if (e.leaf === undefined) { loose++; continue; } // newer than the checkpoint
    if (typeof e.leaf !== 'string') wrong(`event ${e.id}: its entry cannot be read`);
    const leaf = checkEntry(e.leaf, e.seq);
    if (leaf.id !== e.id) wrong(`entry ${e.seq} is not event ${e.id}`);
    included(e.leaf, e.seq, o.proof_size, e.proof, checkpoint);
    bound++;
    if (e.protected === undefined) continue;
    if (typeof e.protected !== 'string' || !/^([0-9a-f]{2})+$/.test(e.salt ?? '')) wrong(`event ${e.id}: what is shown, or its salt, cannot be read`);
    if (sha256(Buffer.from(e.salt, 'hex'), e.protected).toString('hex') !== leaf.commitment) wrong(`event ${e.id}: what is shown is not what was committed to`);
    const p = json(e.protected, `event ${e.id}: what is shown`);
    if (p.room !== e.room || p.verb !== e.verb || p.actor?.person_name !== e.person || p.actor?.post_name !== e.post) wrong(`event ${e.id}: who or what differs from what was committed to`);
    shown++;
  }
  say(`${bound} events in the log, ${shown} of them with what they committed to`);
  if (loose) say(`${loose} events without an entry: nothing proves them`);
}

// ── command line ──

function options(args) {
  const o = { rest: [], files: [] };
  for (let i = 0; i < args.length; i++) {
    const a = args[i];
    if (a === '--json') o.json = true;
    else if (['--key', '--state', '--log', '--file'].includes(a)) {
      if (++i === args.length) throw new RangeError(a);
      if (a === '--file') o.files.push(args[i]); else o[a.slice(2)] = args[i];
    } else if (a.startsWith('--')) throw new RangeError(a);
    else o.rest.push(a);
  }
  return o;
}

async function main(argv) {
  let o;
  try { o = options(argv); } catch { console.error(USAGE); return 2; }
  const [verb, ...rest] = o.rest, say = (t) => console.log(`ok ${t}`);
  const counts = { check: 1, mirror: 2, receipt: 1, export: 1 };
  if (rest.length !== counts[verb]) { console.error(USAGE); return 2; }
  try {
    if (verb === 'receipt') await checkReceipt(json(await readFile(rest[0], 'utf8'), rest[0]), { ...o, say });
    else if (verb === 'export') checkExport(json(await readFile(rest[0], 'utf8'), rest[0]), { ...o, say });
    else {
      const r = verb === 'check' ? await check(rest[0], o) : await mirror(rest[0], rest[1], o);
      if (o.json) console.log(JSON.stringify(r, null, 1));
      else {
        console.log(`ok ${r.origin}: ${r.size} entries, root ${r.root}${r.since === null ? '' : `, continues ${r.since}`}`);
        console.log(`signed by ${r.signer} (${r.trust})`);
      }
      if (!o.key) console.error('WARNING: without --key the log vouches for itself; compare the key above with one from elsewhere');
    }
    return 0;
  } catch (e) {
    if (!(e instanceof Wrong) && !(e instanceof SyntaxError) && !(e instanceof TypeError) && !e.syscall) throw e;
    console.error(`FAIL ${e.message}`);
    return 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await main(process.argv.slice(2));
