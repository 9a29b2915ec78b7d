// sms.mjs: a real SMS gateway: Kannel (bearerbox, smsbox) with its fake SMSC, on loopback ports from a configuration
// written here. Keeps what the SMSC was given. Stops the three by their process ids.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import net from 'node:net';

const FAKE = '/usr/lib/kannel/test/fakesmsc';
const free = () => new Promise((done, refuse) => {
  const s = net.createServer();
  s.once('error', refuse).listen(0, '127.0.0.1', () => {
    const { port } = s.address();
    s.close(() => done(port));
  });
});
const opens = (port) => new Promise((done) => {
  const s = net.connect(port, '127.0.0.1');
  s.once('connect', () => (s.destroy(), done(true))).once('error', () => done(false));
});
async function until(what, ask, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    const value = await ask();
    if (value) return value;
  }
  throw new Error(`${what} did not come`);
}

// Numbers that begin with 1390000 are refused by the gateway for good.
const settings = (dir, p) => `
group = core
admin-port = ${p[0]}
admin-interface = 127.0.0.1
admin-password = none
smsbox-port = ${p[1]}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = "${dir}/bearerbox.log"
store-type = file
store-file = "${dir}/store"

group = smsc
smsc = fake
smsc-id = fake
port = ${p[2]}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${p[3]}
sendsms-interface = 127.0.0.1
global-sender = 10690000
log-file = "${dir}/smsbox.log"

group = sendsms-user
username = mingtang
password = "p&ss {to} 密"
concatenation = true
max-messages = 10
black-list-regex = "^1390000"

group = sms-service
keyword = default
max-messages = 0
text = ""
`;

// The bytes of the SMSC's percent writing.
function bytesOf(s) {
  const out = [];
  for (let i = 0; i < s.length; i++) {
    if (s[i] === '%') out.push(parseInt(s.slice(i + 1, i + 3), 16)), (i += 2);
    else out.push(s[i] === '+' ? 32 : s.charCodeAt(i));
  }
  return Buffer.from(out);
}
const ucs2 = (b) => Buffer.from(b).swap16().toString('utf16le');

export async function smsGateway() {
  if (!existsSync(FAKE)) throw new Error('packages kannel and kannel-extras are needed: run ./dev test');
  const dir = mkdtempSync(join(tmpdir(), 'mingtang-sms-'));
  const ports = [await free(), await free(), await free(), await free()];
  const parts = new Map(), messages = [], children = [];
  writeFileSync(join(dir, 'kannel.conf'), settings(dir, ports));
  writeFileSync(join(dir, 'password'), 'p&ss {to} 密\n', { mode: 0o600 });
  const run = (program, args, stdio = ['ignore', 'ignore', 'ignore']) => {
    const child = spawn(program, args, { cwd: dir, stdio });
    children.push(child);
    child.ended = new Promise((done) => child.once('exit', done));
    return child;
  };
  const line = (text) => {
    const m = text.match(/Got message \d+: <(\S+) (\S+) (\S+) (.*)>/);
    if (!m) return;
    if (m[3] === 'ucs-2') return void messages.push({ to: m[2], text: ucs2(bytesOf(m[4])), parts: 1 });
    if (m[3] === 'data' || m[3] === 'text') return void messages.push({ to: m[2], text: bytesOf(m[4]).toString('latin1'), parts: 1 });
    const [head, , body] = m[4].split(' ');
    const [, , , reference, total, number] = bytesOf(head), key = `${m[2]} ${reference}`;
    const got = parts.get(key) ?? parts.set(key, []).get(key);
    got[number - 1] = bytesOf(body);
    if (got.filter(Boolean).length === total) messages.push({ to: m[2], text: ucs2(Buffer.concat(got)), parts: total });
  };
  const box = {
    messages,
    env: {
      MINGTANG_SMS_URL: `http://127.0.0.1:${ports[3]}/cgi-bin/sendsms?username={user}&password={password}&to={to}&text={text}&charset=UTF-8&coding=2`,
      MINGTANG_SMS_USER: 'mingtang', MINGTANG_SMS_PASSWORD_FILE: join(dir, 'password'),
    },
    setPassword: (text) => writeFileSync(join(dir, 'password'), `${text}\n`),
    async next(to, seconds = 40) {
      return until(`an SMS to ${to}`, () => {
        const at = messages.findIndex((m) => m.to === to);
        return at >= 0 && messages.splice(at, 1)[0];
      }, seconds);
    },
    async start() {
      run('/usr/sbin/bearerbox', ['kannel.conf']);
      await until('bearerbox', async () => (await opens(ports[1])) && (await opens(ports[2])));
      run('/usr/sbin/smsbox', ['kannel.conf']);
      await until('smsbox', () => opens(ports[3]));
      const fake = run(FAKE, ['-H', '127.0.0.1', '-r', String(ports[2]), '-i', '86400', '13000000001 10690000 text up'], ['pipe', 'pipe', 'pipe']);
      for (const stream of [fake.stdout, fake.stderr]) {
        let rest = '';
        stream.on('data', (d) => {
          const lines = (rest + d).split('\n');
          rest = lines.pop();
          for (const l of lines) line(l);
        });
      }
      await until('the SMSC', () => fetch(`http://127.0.0.1:${ports[0]}/status.txt?password=none`).then(async (r) => /fake.*online/i.test(await r.text()), () => false));
      return box;
    },
    async stop() {
      for (const child of children.splice(0).reverse()) {
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 5000);
        await child.ended;
        clearTimeout(late);
      }
    },
    async close() {
      await box.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return box.start();
}
