// server.mjs: starts the real program on a fresh database and talks to it over HTTP; SQLite by default,
// PostgreSQL with MINGTANG_TEST_DB=postgresql (needs MINGTANG_TEST_PG). Stops what it started, by process id.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, existsSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import http from 'node:http';

const bin = () => resolve(process.env.MINGTANG_BIN ?? 'build/test/mingtang');
export const PASSWORD = JSON.parse((await import('node:fs')).readFileSync('data/accounts-demo.json', 'utf8')).password;
export const POSTGRESQL = process.env.MINGTANG_TEST_DB === 'postgresql';
// A Monday with make-up days in reach; every test may choose another.
export const NOW = '2026-11-23T09:00:00+08:00';

function freshDatabase(dir) {
  if (!POSTGRESQL) return { url: `sqlite:${join(dir, 'mingtang.db')}`, drop() {} };
  const base = process.env.MINGTANG_TEST_PG;
  if (!base) throw new Error('MINGTANG_TEST_PG is not set: run ./dev test');
  const name = `t_${randomBytes(6).toString('hex')}`;
  execFileSync('psql', ['-q', base, '-c', `CREATE DATABASE ${name}`], { stdio: 'pipe' });
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execFileSync('psql', ['-q', base, '-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`], { stdio: 'pipe' }) };
}

export class Server {
  constructor(options = {}) {
    this.dir = mkdtempSync(join(tmpdir(), 'mingtang-test-'));
    this.db = freshDatabase(this.dir);
    this.env = {
      ...process.env,
      MINGTANG_LISTEN: '127.0.0.1:0', MINGTANG_DATABASE: this.db.url, MINGTANG_DATA_DIR: this.dir,
      MINGTANG_SECRET_FILE: join(this.dir, 'secret'), MINGTANG_CLOCK: options.clock ?? NOW, MINGTANG_WORKERS: '4',
      ...options.env,
    };
    this.log = '';
  }

  command(...args) {
    return execFileSync(bin(), args, { env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  }

  // A statement asked of the database itself, past the program.
  sql(text) {
    const sqlite = ['sqlite3', ['-cmd', '.timeout 5000', join(this.dir, 'mingtang.db'), text]];
    const [program, args] = POSTGRESQL ? ['psql', ['-qAt', this.db.url, '-c', text]] : sqlite;
    return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  }

  init() {
    this.command('init', '--demo');
    return this;
  }

  async start(env = {}) {
    this.child = spawn(bin(), ['serve'], { env: { ...this.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stderr.on('data', (d) => (this.log = (this.log + d).slice(-200000)));
    this.exited = new Promise((done) => this.child.on('exit', (code, signal) => done({ code, signal })));
    this.port = await new Promise((done, refuse) => {
      let text = '';
      this.child.stdout.on('data', (d) => {
        text += d;
        const m = text.match(/^listening (\d+)/m);
        if (m) done(Number(m[1]));
      });
      this.exited.then(({ code, signal }) => refuse(new Error(`server ended ${code ?? signal}:\n${this.log}`)));
    });
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop(signal = 'SIGTERM') {
    if (!this.child) return;
    this.child.kill(signal);
    const result = await this.exited;
    this.child = null;
    return result;
  }

  async close() {
    const result = await this.stop();
    this.db.drop();
    rmSync(this.dir, { recursive: true, force: true });
    if (result && result.code !== 0) throw new Error(`server ended with ${JSON.stringify(result)}:\n${this.log.slice(-4000)}`);
  }

  visitor() {
    return new Visitor(this);
  }

  async signIn(login, password = PASSWORD) {
    const v = this.visitor();
    const r = await v.signIn(login, password);
    if (r.status !== 303) throw new Error(`${login} could not sign in: ${r.status} ${r.text.slice(0, 500)}`);
    return v;
  }
}

// One browser without script: keeps cookies, reads hidden fields of forms.
export class Visitor {
  constructor(server) {
    this.server = server;
    this.cookies = new Map();
  }

  async request(method, path, { headers = {}, body, agent } = {}) {
    const h = { ...headers };
    if (this.cookies.size) h.cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
    if (body !== undefined) h['content-length'] = Buffer.byteLength(body);
    return new Promise((done, refuse) => {
      const q = http.request({ host: '127.0.0.1', port: this.server.port, method, path, headers: h, agent }, (r) => {
        const parts = [];
        r.on('data', (d) => parts.push(d));
        r.on('end', () => {
          for (const c of r.headers['set-cookie'] ?? []) {
            const [pair] = c.split(';');
            const at = pair.indexOf('=');
            if (/max-age=0/i.test(c)) this.cookies.delete(pair.slice(0, at));
            else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
          }
          const bytes = Buffer.concat(parts);
          done({ status: r.statusCode, headers: r.headers, bytes, text: bytes.toString('utf8'), get json() { return JSON.parse(bytes.toString('utf8')); } });
        });
        r.on('error', refuse);
      });
      // A kept connection that the server closed while we were busy: the request never arrived, and is sent again.
      q.on('error', (e) => (q.reusedSocket && e.code === 'ECONNRESET' ? this.request(method, path, { headers, body, agent }).then(done, refuse) : refuse(e)));
      if (body !== undefined) q.write(body);
      q.end();
    });
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  post(path, fields, options = {}) {
    const body = new URLSearchParams();
    for (const [k, v] of Object.entries(fields)) for (const one of [v].flat()) body.append(k, String(one));
    return this.request('POST', path, { ...options, body: body.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', ...options.headers } });
  }

  // Fetches the page, then posts its form with its hidden fields and ours.
  async submit(page, action, fields) {
    const r = await this.get(page);
    return this.post(action, { ...hidden(r.text, action), ...fields });
  }

  async signIn(login, password) {
    return this.submit('/sign-in', '/sign-in', { login, password });
  }

  // A multipart form with files: [{field, name, type, bytes}].
  upload(path, fields, files, options = {}) {
    const boundary = `b${randomBytes(8).toString('hex')}`;
    const parts = [];
    for (const [k, v] of Object.entries(fields)) parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${k}"\r\n\r\n${v}\r\n`));
    for (const f of files) {
      parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${f.field}"; filename="${f.name}"\r\nContent-Type: ${f.type ?? 'application/octet-stream'}\r\n\r\n`));
      parts.push(Buffer.from(f.bytes), Buffer.from('\r\n'));
    }
    parts.push(Buffer.from(`--${boundary}--\r\n`));
    return this.request('POST', path, { ...options, body: Buffer.concat(parts), headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...options.headers } });
  }
}

export class Program extends Visitor {
  constructor(server, secret) {
    super(server);
    this.secret = secret;
  }
  call(method, path, json, headers = {}) {
    const h = { authorization: `Bearer ${this.secret}`, ...headers };
    if (json === undefined) return this.request(method, `/api/v1${path}`, { headers: h });
    return this.request(method, `/api/v1${path}`, { headers: { ...h, 'content-type': 'application/json' }, body: JSON.stringify(json) });
  }
}

// Hidden fields of the form with this action.
export function hidden(html, action) {
  const fields = {};
  for (const form of html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)) {
    const open = form[0].match(/<form\b[^>]*>/)[0];
    if (!open.includes(`action="${action.replaceAll('&', '&amp;')}"`)) continue;
    for (const m of form[0].matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
      const name = m[0].match(/name="([^"]*)"/)?.[1];
      const value = m[0].match(/value="([^"]*)"/)?.[1] ?? '';
      if (name) fields[name] = value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
    }
    return fields;
  }
  throw new Error(`no form with action ${action} on the page`);
}

// The index is built after the node listens: pages that gather from it wait for it.
export async function searchReady(server) {
  for (let i = 0; i < 300 && (await server.visitor().get('/api/v1/search?q=x')).status === 503; i++) await new Promise((r) => setTimeout(r, 100));
}

// One initialised installation per database kind and process, copied for each server: init runs once.
let template;
export async function demoServer(options = {}) {
  const s = new Server(options);
  if (POSTGRESQL || options.clock || options.fresh) s.init();
  else {
    if (!template) {
      template = new Server();
      template.init();
      process.on('exit', () => rmSync(template.dir, { recursive: true, force: true }));
    }
    cpSync(template.dir, s.dir, { recursive: true });
  }
  if (!POSTGRESQL && !existsSync(join(s.dir, 'mingtang.db'))) throw new Error('init made no database');
  // Without supervision rules and what they found: figures move only by what the test does.
  if (options.rules === false) s.sql("UPDATE rule SET state = 'off'; DELETE FROM job WHERE kind = 'supervision_enrol'; " + ['ticket_alert', 'ticket_round', 'ticket', 'alert_notice', 'alert', 'alert_count', 'alert_day', 'watch'].map((t) => `DELETE FROM ${t}`).join('; ') + "; DELETE FROM notice WHERE address LIKE '/desk/alerts%' OR address LIKE '/desk/tickets%'");
  return s.start();
}
