// proof.js: what a receipt (公开凭证) claims, computed anew: digests, RFC 6962 proofs, C2SP signed notes. No page, no network.
//
// Nothing here throws on bad input: whatever cannot be read is not proven.
import { hashes, verify } from '@noble/ed25519';
import { sha256 as sha256Plain, sha512 } from '@noble/hashes/sha2.js';

hashes.sha512 = sha512;

export const FORMAT = 'mingtang-receipt/1';
const LOG_KEY = 1; // Ed25519
const WITNESS_KEY = 4; // Ed25519 over "cosignature/v1"
const WHOLE_BYTES = 64 << 20; // Web Crypto wants all of a file in memory: larger ones go in pieces
const PIECE_BYTES = 4 << 20;

// ── bytes ──

export const utf8 = (text) => new TextEncoder().encode(text);

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

// Standard alphabet with padding and nothing else, null otherwise: two spellings of one signature would be two receipts.
export function fromBase64(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const binary = atob(text);
  return btoa(binary) === text ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : null;
}

export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { all.set(p, at); at += p.length; }
  return all;
}

export const equal = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);

// Pages over plain http have no crypto.subtle.
export async function sha256(bytes) {
  const { subtle } = globalThis.crypto || {};
  return subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : sha256Plain(bytes);
}

export async function sha256File(file) {
  if (globalThis.crypto?.subtle && file.size <= WHOLE_BYTES) return sha256(new Uint8Array(await file.arrayBuffer()));
  const digest = sha256Plain.create();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    digest.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
  }
  return digest.digest();
}

// ── trees: RFC 6962 hashes, RFC 9162 §2.1.3.2 and §2.1.4.2 ──

export const leafHash = (bytes) => sha256(concat(Uint8Array.of(0), bytes));
export const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

const isCount = (n) => Number.isSafeInteger(n) && n >= 0;
const odd = (n) => n % 2 === 1;
const half = (n) => Math.floor(n / 2); // sizes may pass 32 bits, which >> would cut

function digests(list) {
  if (!Array.isArray(list) || list.length > 64) return null;
  const all = list.map(fromBase64);
  return all.every((h) => h && h.length === 32) ? all : null;
}

// The root that the leaf at seq leads to in a tree of that size; null when the proof has not the shape of one.
export async function inclusionRoot(leaf, seq, size, list) {
  const path = digests(list);
  if (!path || !isCount(seq) || !isCount(size) || seq >= size) return null;
  let node = seq;
  let last = size - 1;
  let root = leaf;
  for (const h of path) {
    if (last === 0) return null;
    if (odd(node) || node === last) {
      root = await nodeHash(h, root);
      while (!odd(node) && node !== 0) { node = half(node); last = half(last); }
    } else {
      root = await nodeHash(root, h);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 ? root : null;
}

// Is the tree of size `from` the beginning of the tree of size `to`?
export async function consistent(from, fromRoot, to, toRoot, list) {
  const path = digests(list);
  if (!path || !isCount(from) || !isCount(to) || from > to) return false;
  if (from === to) return path.length === 0 && equal(fromRoot, toRoot);
  if (from === 0) return path.length === 0;
  let node = from - 1;
  let last = to - 1;
  while (odd(node)) { node = half(node); last = half(last); }
  if (node === 0) path.unshift(fromRoot); // a full tree: the proof leaves out what the verifier knows
  if (path.length === 0) return false;
  let older = path[0];
  let newer = path[0];
  for (const h of path.slice(1)) {
    if (last === 0) return false;
    if (odd(node) || node === last) {
      older = await nodeHash(h, older);
      newer = await nodeHash(h, newer);
      while (!odd(node) && node !== 0) { node = half(node); last = half(last); }
    } else {
      newer = await nodeHash(newer, h);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equal(older, fromRoot) && equal(newer, toRoot);
}

// ── signed notes ──

// "name+hex8+base64(type || key)" → {vkey, name, id, type, key}, null when malformed or its id is not the digest's.
export async function parseKey(vkey) {
  const m = typeof vkey === 'string' && /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const material = m && fromBase64(m[3]);
  if (!material || material.length < 2) return null;
  const id = hex((await sha256(concat(utf8(`${m[1]}\n`), material))).slice(0, 4));
  return id === m[2] ? { vkey, name: m[1], id, type: material[0], key: material.slice(1) } : null;
}

// Text up to the blank line, then signature lines; null when malformed.
export function parseNote(note) {
  const end = typeof note === 'string' ? note.lastIndexOf('\n\n') : -1;
  if (end < 0 || !note.endsWith('\n')) return null;
  const lines = note.slice(end + 2).split('\n').slice(0, -1);
  const signatures = lines.map((line) => {
    const m = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
    const bytes = m && fromBase64(m[2]);
    return bytes && bytes.length > 4 ? { name: m[1], id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) } : null;
  });
  return signatures.length > 0 && signatures.every(Boolean) ? { text: note.slice(0, end + 1), signatures } : null;
}

export function parseCheckpoint(note) {
  const parsed = parseNote(note);
  if (!parsed) return null;
  const [origin, size, text, ...more] = parsed.text.split('\n');
  const root = fromBase64(text);
  if (!origin || !/^(0|[1-9]\d*)$/.test(size) || !isCount(Number(size)) || !root || root.length !== 32) return null;
  if (more.pop() !== '' || more.includes('')) return null;
  return { ...parsed, origin, size: Number(size), root };
}

function signed(signature, text, key) {
  try {
    return verify(signature, utf8(text), key, { zip215: false });
  } catch {
    return false; // not of the right length
  }
}

// {at} in seconds, {at: 0} for a log's own line; null when the signature is none of this key's.
function checkSignature(note, signature, key) {
  if (key.type === LOG_KEY) return signed(signature.bytes, note.text, key.key) ? { at: 0 } : null;
  if (signature.bytes.length !== 72) return null;
  const view = new DataView(signature.bytes.buffer, signature.bytes.byteOffset);
  const at = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  if (at > 8e12) return null; // past every calendar
  return signed(signature.bytes.slice(8), `cosignature/v1\ntime ${at}\n${note.text}`, key.key) ? { at } : null;
}

// What the keys say of the note's lines: [{name, vkey, good, at}]; lines of keys nobody gave are left out, as the format asks.
export function checkLines(note, keys) {
  const found = [];
  for (const s of note.signatures) {
    const key = keys.find((k) => k.name === s.name && k.id === s.id);
    if (!key) continue;
    const answer = checkSignature(note, s, key);
    found.push({ name: key.name, vkey: key.vkey, good: answer !== null, at: answer ? answer.at : 0 });
  }
  return found;
}

// ── receipts ──

function json(text) {
  try {
    const o = JSON.parse(text);
    return o && typeof o === 'object' ? o : null;
  } catch {
    return null;
  }
}

// The receipt that a text is, null when it is something else.
export function asReceipt(text) {
  const o = json(text);
  return typeof o?.format === 'string' && o.format.startsWith('mingtang-receipt/') ? o : null;
}

const list = (v) => (Array.isArray(v) ? v.filter((f) => f && typeof f === 'object') : []);

// state: good | hidden (no text any more) | altered (text and digest differ) | unlisted (the leaf has another digest, or none)
async function checkContent(receipt, payload) {
  const shown = typeof receipt.content === 'string';
  const digest = shown ? hex(await sha256(utf8(receipt.content))) : receipt.sha256;
  if (shown && digest !== receipt.sha256) return { state: 'altered', digest };
  if (typeof digest !== 'string' || payload?.sha256 !== digest) return { state: 'unlisted', digest: String(digest) };
  return { state: shown ? 'good' : 'hidden', digest };
}

// What surrounds the text in the file must be what is in the text.
function described(receipt, content) {
  if (!content) return typeof receipt.content !== 'string';
  if (receipt.title !== undefined && receipt.title !== content.title) return false;
  const known = list(content.attachments);
  return list(receipt.attachments).every((f) => known.some((k) => k.sha256 === f.sha256 && k.name === f.name));
}

// The attachments by what is proven: named in the text, else the digests alone that the leaf keeps.
export function attachmentsOf(content, payload) {
  const named = list(content?.attachments);
  return (named.length > 0 ? named : list(payload?.attachments)).map((f) => ({ name: String(f.name || ''), sha256: f.sha256 }));
}

function checkLeaf(receipt, leaf) {
  const about = leaf?.room === 'disclosure' && ['published', 'corrected', 'entered'].includes(leaf.verb);
  return about && typeof receipt.public_id === 'string' && leaf.payload?.public_id === receipt.public_id;
}

async function checkTree(receipt, checkpoint) {
  const { entry, proof } = receipt;
  if (!checkpoint || typeof entry?.leaf !== 'string' || proof?.size !== checkpoint.size) return { good: false, root: null };
  const root = await inclusionRoot(await leafHash(utf8(entry.leaf)), entry.seq, proof.size, proof.hashes);
  return { good: root !== null && equal(root, checkpoint.root), root };
}

// Every computation on one receipt, as facts; the sentences are the page's.
export async function checkReceipt(receipt) {
  const leaf = json(receipt.entry?.leaf);
  const content = typeof receipt.content === 'string' ? json(receipt.content) : null;
  const checkpoint = parseCheckpoint(receipt.checkpoint);
  const keys = (await Promise.all((Array.isArray(receipt.keys) ? receipt.keys : []).map(parseKey))).filter(Boolean);
  const lines = (type) => (checkpoint ? checkLines(checkpoint, keys.filter((k) => k.type === type)) : []);
  const own = lines(LOG_KEY).filter((l) => l.name === checkpoint.origin);
  return {
    known: receipt.format === FORMAT,
    leaf,
    content: await checkContent(receipt, leaf?.payload),
    described: described(receipt, content),
    title: typeof content?.title === 'string' ? content.title : '',
    attachments: attachmentsOf(content, leaf?.payload),
    names: checkLeaf(receipt, leaf),
    tree: await checkTree(receipt, checkpoint),
    checkpoint,
    // One good line of the log is enough and one bad line is too many: after a change of keys a checkpoint carries two.
    log: { good: own.length > 0 && own.every((l) => l.good), vkeys: own.filter((l) => l.good).map((l) => l.vkey) },
    witnesses: lines(WITNESS_KEY),
  };
}

// ── what this browser has seen before ──

// kept {size, root, key} and a verified checkpoint: what they say of each other. `ask(from, to)` resolves to {status, hashes}.
// tree: first | same | grown | older | forked | shorter | unknown. keyChanged: signed by none of the keys kept.
export async function follow(kept, checkpoint, vkeys, ask) {
  const root = fromBase64(kept?.root);
  if (!isCount(kept?.size) || root?.length !== 32) return { tree: 'first', keyChanged: false };
  const keyChanged = !vkeys.includes(kept.key);
  if (kept.size === checkpoint.size) return { tree: equal(root, checkpoint.root) ? 'same' : 'forked', keyChanged };
  const grown = kept.size < checkpoint.size;
  const [from, to] = grown ? [{ size: kept.size, root }, checkpoint] : [checkpoint, { size: kept.size, root }];
  const { status, hashes: path } = await ask(from.size, to.size);
  if (status === 404 && !grown) return { tree: 'shorter', keyChanged };
  if (!Array.isArray(path)) return { tree: 'unknown', keyChanged };
  const good = await consistent(from.size, from.root, to.size, to.root, path);
  return { tree: good ? (grown ? 'grown' : 'older') : 'forked', keyChanged };
}

// What to keep after that: the larger tree, never one that contradicts the kept one.
export function toKeep(kept, checkpoint, vkeys, { tree, keyChanged }) {
  const fresh = { size: checkpoint.size, root: base64(checkpoint.root), key: vkeys[0] };
  if (tree === 'first') return fresh;
  return (tree === 'grown' || tree === 'same') && !keyChanged ? fresh : kept;
}
