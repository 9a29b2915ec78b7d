// witness.mjs: a witness as C2SP tlog-witness describes it: it remembers the largest tree of each log it knows and
// cosigns only what is consistent with that.
import http from 'node:http';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { checkLine, consistent, parseCheckpoint, parseKey } from '../../tools/verify-ledger.mjs';

const sha256 = (...p) => { const h = createHash('sha256'); for (const x of p) h.update(x); return h.digest(); };

export class Witness {
  constructor({ name, logs }) {
    this.name = name;
    this.logs = logs;
    this.seen = [];
    this.fail = 0;
    this.state = new Map();
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.key = privateKey;
    const material = Buffer.concat([Buffer.of(4), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]);
    this.id = sha256(name, '\n', material).subarray(0, 4);
    this.vkey = `${name}+${this.id.toString('hex')}+${material.toString('base64')}`;
  }

  async start() {
    this.server = http.createServer((q, r) => {
      let body = '';
      q.setEncoding('utf8');
      q.on('data', (d) => (body += d));
      q.on('end', () => {
        const [status, text, type] = this.fail ? [this.fail, 'refused\n'] : this.answer(q, body);
        r.writeHead(status, { 'content-type': type ?? 'text/plain' }).end(text);
      });
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }
  stop() {
    return new Promise((done) => this.server.close(done));
  }

  answer(q, body) {
    const m = /^old (0|[1-9]\d*)\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n([\s\S]+)$/.exec(body);
    if (q.method !== 'POST' || q.url !== '/add-checkpoint') return [404, 'no such address\n'];
    if (!m) return [400, 'malformed\n'];
    const old = Number(m[1]), proof = m[2].split('\n').slice(0, -1).map((h) => Buffer.from(h, 'base64'));
    let c;
    try { c = parseCheckpoint(m[3]); } catch { return [400, 'malformed checkpoint\n']; }
    if (!this.logs[c.origin]) return [404, 'unknown log\n'];
    try { if (!checkLine(c, parseKey(this.logs[c.origin]))) return [403, 'no known signature\n']; } catch { return [403, 'bad signature\n']; }
    if (old > c.size) return [400, 'old size is larger\n'];
    const known = this.state.get(c.origin) ?? { size: 0, root: sha256() };
    if (old !== known.size) return [409, `${known.size}\n`, 'text/x.tlog.size'];
    if (old === c.size && !known.root.equals(c.root)) return [409, 'another root\n'];
    if (!consistent(old, known.root, c.size, c.root, proof)) return [422, 'not consistent\n'];
    this.state.set(c.origin, { size: c.size, root: c.root });
    this.seen.push(c.size);
    const at = Math.floor(Date.now() / 1000), time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(at));
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${at}\n${c.text}`), this.key);
    return [200, `— ${this.name} ${Buffer.concat([this.id, time, signature]).toString('base64')}\n`];
  }
}
