// synthetic_log.mjs: a log in memory, served as the product serves its own, that can be made to lie: tampered with,
// grown, forked. Its trees follow the recursive definitions of RFC 6962 word by word, to test the verifier against
// something written differently.
import http from 'node:http';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (...parts) => { const h = createHash('sha256'); for (const p of parts) h.update(p); return h.digest(); };
const hex = (...parts) => sha256(...parts).toString('hex');
const WIDTH = 256;

// ── RFC 6962 §2.1: MTH, PATH, PROOF ──

export const leafOf = (entry) => sha256(Buffer.of(0), entry);
const below = (n) => 2 ** Math.floor(Math.log2(n - 1)); // largest power of two smaller than n

export function mth(d) {
  if (d.length === 0) return sha256('');
  if (d.length === 1) return d[0];
  const k = below(d.length);
  return sha256(Buffer.of(1), mth(d.slice(0, k)), mth(d.slice(k)));
}
export function path(m, d) {
  if (d.length === 1) return [];
  const k = below(d.length);
  return m < k ? [...path(m, d.slice(0, k)), mth(d.slice(k))] : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
}
export function proof(m, d, whole = true) {
  if (m === d.length) return whole ? [] : [mth(d)];
  const k = below(d.length);
  return m <= k ? [...proof(m, d.slice(0, k), whole), mth(d.slice(k))] : [...proof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}

// ── keys and entries ──

export function keyPair(name, type = 1) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const material = Buffer.concat([Buffer.of(type), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]);
  const id = sha256(`${name}\n`, material).subarray(0, 4);
  return { name, id, privateKey, vkey: `${name}+${id.toString('hex')}+${material.toString('base64')}` };
}
export const signatureLine = (key, ...parts) => `— ${key.name} ${Buffer.concat([key.id, ...parts]).toString('base64')}\n`;

// A cosignature line as c2sp.org/tlog-cosignature has it.
export function cosign(key, note, at) {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1), time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(at));
  return signatureLine(key, time, sign(null, Buffer.from(`cosignature/v1\ntime ${at}\n${text}`), key.privateKey));
}

// Canonical JSON of objects whose members are sorted: for entries that is all RFC 8785 asks.
export function sorted(v) {
  if (Array.isArray(v)) return `[${v.map(sorted)}]`;
  if (v === null || typeof v !== 'object') return JSON.stringify(v);
  return `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${sorted(v[k])}`)}}`;
}

const instant = (i, exact) => `2026-11-${String(1 + (i % 28)).padStart(2, '0')}T09:00:${String(i % 60).padStart(2, '0')}${exact ? '.125' : ''}+08:00`;
const closed = (i, mark) => ({ at: instant(i), commitment: hex(`${mark} ${i}`), id: 1000 + i, logged: instant(i, true), v: 2 });
const open = (i, mark) => ({ ...closed(i, mark), payload: { number: `第${i}号`, sha256: hex(`text ${i}`) }, room: 'duty', subject: { id: i, kind: 'duty' }, unit: 7, verb: 'met' });

const place = (n) => {
  const parts = [];
  for (let left = n, first = true; first || left > 0; left = Math.floor(left / 1000), first = false) parts.unshift(String(left % 1000).padStart(3, '0'));
  return parts.map((p, i) => (i < parts.length - 1 ? `x${p}` : p)).join('/');
};

export class SyntheticLog {
  constructor(size, { origin = 'ledger.example', mark = 'first', key = keyPair(origin), entries = [] } = {}) {
    Object.assign(this, { origin, mark, key, entries: [...entries], leaves: entries.map(leafOf), roots: new Map(), retired: [], more: [], edits: new Map(), asked: [], busy: 0, busiest: 0 });
    this.grow(size - this.entries.length);
  }

  get size() { return this.entries.length; }
  get vkey() { return this.key.vkey; }

  // One more entry, of an object or exactly as given; returns its number.
  add(entry) {
    const bytes = Buffer.isBuffer(entry) ? entry : Buffer.from(typeof entry === 'string' ? entry : sorted(entry));
    this.leaves.push(leafOf(bytes));
    this.levels = null;
    return this.entries.push(bytes) - 1;
  }
  // Every third entry is about something public.
  grow(n) {
    for (let i = 0; i < n; i++) this.add((this.size % 3 ? closed : open)(this.size, this.mark));
    return this;
  }
  // The same log by name and key up to entry `at`, another from there on.
  fork(at, size = this.size) {
    return new SyntheticLog(size, { origin: this.origin, key: this.key, mark: 'second', entries: this.entries.slice(0, at) });
  }
  rotate() {
    this.retired.unshift(this.key);
    this.key = keyPair(this.origin);
  }

  root(size = this.size) { // entries are only ever added: the root at a size stays
    if (!this.roots.has(size)) this.roots.set(size, mth(this.leaves.slice(0, size)));
    return this.roots.get(size);
  }
  inclusion(seq, size = this.size) { return path(seq, this.leaves.slice(0, size)); }
  consistency(from, to = this.size) { return from ? proof(from, this.leaves.slice(0, to)) : []; }

  // The signed head, with a line of a kind that is not ours to check and those added in `more`.
  checkpoint(size = this.size, root = this.root(size)) {
    const text = `${this.origin}\n${size}\n${root.toString('base64')}\n`;
    const sm2 = { name: this.origin, id: Buffer.from('5a5a5a5a', 'hex') };
    return `${text}\n${signatureLine(this.key, sign(null, Buffer.from(text), this.key.privateKey))}${signatureLine(sm2, Buffer.alloc(71, 9))}${this.more.join('')}`;
  }

  // ── what it serves ──

  hashesOf(level) {
    this.levels ??= [this.leaves];
    while (this.levels.length <= level) {
      const lower = this.levels.at(-1), upper = [];
      for (let i = 0; i + WIDTH <= lower.length; i += WIDTH) upper.push(mth(lower.slice(i, i + WIDTH)));
      this.levels.push(upper);
    }
    return this.levels[level];
  }
  honest(p) {
    if (p === 'checkpoint') return Buffer.from(this.checkpoint());
    if (p === 'key') return Buffer.from([this.key, ...this.retired].map((k) => `${k.vkey}\n`).join(''));
    const m = /^tile\/(entries|\d+)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/.exec(p);
    if (!m) return null;
    const index = Number(m[2].replace(/[x/]/g, '')), width = Number(m[3] ?? WIDTH);
    const all = m[1] === 'entries' ? this.entries : this.hashesOf(Number(m[1]));
    const part = all.slice(index * WIDTH, index * WIDTH + width);
    if (part.length !== width) return null;
    return Buffer.concat(m[1] !== 'entries' ? part : part.flatMap((e) => [Buffer.of(e.length >> 8, e.length & 255), e]));
  }
  file(p) {
    const b = this.honest(p), edit = this.edits.get(p);
    return b && edit ? edit(b) : b;
  }
  tilePath(kind, index, width = WIDTH) { return `tile/${kind}/${place(index)}${width < WIDTH ? `.p/${width}` : ''}`; }
  // The path of the tile or bundle that holds number `n` of its level.
  pathOf(kind, n) {
    const count = kind === 'entries' ? this.size : this.hashesOf(kind).length, index = Math.floor(n / WIDTH);
    return this.tilePath(kind, index, Math.min(WIDTH, count - index * WIDTH));
  }

  // From now on `p` is served changed: by edit(Buffer) → Buffer, or with the byte at this place flipped.
  tamper(p, edit) {
    this.edits.set(p, typeof edit === 'function' ? edit : (b) => { const c = Buffer.from(b); c[edit < 0 ? c.length + edit : edit] ^= 1; return c; });
  }
  restore() { this.edits.clear(); }

  async start() {
    this.server = http.createServer((q, r) => {
      const p = q.url.replace(/^\/ledger\//, '');
      this.asked.push(p);
      this.busiest = Math.max(this.busiest, ++this.busy);
      setImmediate(() => {
        const body = this.file(p);
        this.busy--;
        r.writeHead(body ? 200 : 404, { 'content-type': 'application/octet-stream' }).end(body ?? 'none\n');
      });
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}/ledger`;
    return this;
  }
  stop() {
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    return closed;
  }

  // ── what leads to it ──

  // A publication with attachments [{name, bytes}]; returns its number.
  publish({ publicId, title, attachments = [], verb = 'published' }) {
    const files = attachments.map((a) => ({ name: a.name, sha256: hex(a.bytes), sm3: createHash('sm3').update(a.bytes).digest('hex'), size: a.bytes.length }));
    const content = sorted({ attachments: files.map(({ name, sha256: digest }) => ({ name, sha256: digest })), body: '<p>正文</p>', title });
    const payload = { attachments: files.map(({ sha256: digest, sm3 }) => ({ sha256: digest, sm3 })), public_id: publicId, sha256: hex(content) };
    const seq = this.add({ ...open(this.size, this.mark), payload, room: 'disclosure', subject: { id: 1, kind: 'disclosure' }, verb });
    (this.publications ??= new Map()).set(seq, { publicId, title, files, content, digest: payload.sha256 });
    return seq;
  }
  receipt(seq, { size = this.size, witnesses = [], withdrawn = false } = {}) {
    const p = this.publications.get(seq);
    const shown = withdrawn ? {} : { title: p.title, content: p.content, attachments: p.files };
    return {
      format: 'mingtang-receipt/1', site: '示例', address: `https://www.example/disclosures/${p.publicId}`, public_id: p.publicId, edition: 1,
      published: instant(seq), sha256: p.digest, ...shown, entry: { seq, leaf: this.entries[seq].toString() },
      proof: { size, hashes: this.inclusion(seq, size).map((h) => h.toString('base64')) }, checkpoint: this.checkpoint(size),
      keys: [this.key, ...this.retired, ...witnesses].map((k) => k.vkey),
    };
  }

  // An event whose commitment can be opened; returns its number.
  record({ person = '张三', post = '初审员', room = 'disclosure', verb = 'passed' } = {}) {
    const salt = randomBytes(32), text = sorted({ actor: { person_name: person, post_name: post }, room, verb });
    const seq = this.add({ ...closed(this.size, this.mark), commitment: hex(salt, text) });
    (this.records ??= new Map()).set(seq, { person, post, room, verb, salt: salt.toString('hex'), protected: text });
    return seq;
  }
  // The replay of these records; of those in `erased` without what they committed to.
  replay(seqs, { size = this.size, erased = [] } = {}) {
    const events = seqs.map((seq) => {
      const { salt, protected: text, ...said } = this.records.get(seq), leaf = this.entries[seq].toString();
      const e = { id: JSON.parse(leaf).id, seq, ...said, leaf, proof: this.inclusion(seq, size).map((h) => h.toString('base64')) };
      return erased.includes(seq) ? e : { ...e, salt, protected: text };
    });
    return { format: 'mingtang-replay/1', checkpoint: this.checkpoint(size), keys: [this.vkey], proof_size: size, events };
  }
}
