// SMS through a real gateway: Chinese and emoji arrive, what is refused is not tried again, what fails is, nobody is woken at night.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer } from '../lib/server.mjs';
import { smsGateway } from '../lib/sms.mjs';

const DAY = '2026-11-23T10:00:00+08:00';
const ms = (text) => Date.parse(text);
let gateway, server;
before(async () => {
  gateway = await smsGateway();
  server = await demoServer({ env: { ...gateway.env, MINGTANG_SITE_NAME: '如皋😀政务公开&to=1{to}' } });
});
after(async () => {
  await server.close();
  await gateway.close();
});
const at = async (clock) => {
  await server.stop();
  server.env.MINGTANG_CLOCK = clock;
  await server.start();
};
const queue = (to) => server.command('message', 'sms', to);
const last = () => server.sql("SELECT state, CASE WHEN sealed = '' THEN 'destroyed' ELSE 'kept' END, error FROM message ORDER BY id DESC LIMIT 1").trim().split('|');
const lastJob = () => server.sql("SELECT state, tries, run_at, error FROM job WHERE kind = 'message' ORDER BY id DESC LIMIT 1").trim().split('|');
async function until(what, ask) {
  for (const end = Date.now() + 30000; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) if (ask()) return;
  throw new Error(`${what}: ${last()} ${lastJob()}\n${server.log.slice(-2000)}`);
}

test('an SMS arrives as it was written and is destroyed', async () => {
  await at(DAY);
  queue('13812345678');
  const got = await gateway.next('13812345678');
  assert.equal(got.text, '这是如皋😀政务公开&to=1{to}的测试消息，发出时间 2026-11-23 10:00。收到即说明设置正确。');
  await until('sent', () => last()[0] === 'sent');
  assert.deepEqual(last(), ['sent', 'destroyed', '']);
});

test('a number that is none is refused at once, one that the gateway refuses is not tried again', async () => {
  for (const bad of ['', '1381234567', '12812345678', '+8613812345678', '138123456789']) assert.throws(() => queue(bad), /手机号码应为 11 位数字/);
  queue('13900001234');
  await until('failed', () => last()[0] === 'failed');
  assert.equal(last()[1], 'destroyed');
  assert.match(last()[2], /短信网关没有收下（应答 400）/);
  assert.equal(lastJob()[0], 'done');
  assert.ok(!gateway.messages.some((m) => m.to === '13900001234'));
});

test('a wrong password or a gateway that is down is tried again; the message waits, sealed', async () => {
  gateway.setPassword('wrong');
  queue('13800000001');
  await until('tried', () => /应答 403/.test(lastJob()[3]));
  assert.equal(lastJob()[0], 'waiting');
  assert.deepEqual(last().slice(0, 2), ['waiting', 'kept']);
  gateway.setPassword('p&ss {to} 密');
  await gateway.stop();
  await at('2026-11-23T10:10:00+08:00');
  await until('tried twice', () => /没有应答/.test(lastJob()[3]) && Number(lastJob()[1]) === 2);
  assert.doesNotMatch(server.sql("SELECT error FROM job WHERE kind = 'message'"), /13800000001|ss%20|username|测试/);
  assert.deepEqual(last().slice(0, 2), ['waiting', 'kept']);
  await gateway.start();
  await at('2026-11-23T11:00:00+08:00');
  assert.match((await gateway.next('13800000001')).text, /10:00/);
  await until('sent', () => last()[0] === 'sent');
});

test('in quiet hours an SMS waits until their end, also one that is tried again', async () => {
  await at('2026-11-23T20:59:59+08:00');
  await gateway.stop();
  queue('13800000002');
  await until('tried', () => /没有应答/.test(lastJob()[3]));
  await gateway.start();
  await at('2026-11-23T21:00:30+08:00');
  await until('put off', () => Number(lastJob()[2]) === ms('2026-11-24T08:00:00+08:00'));
  queue('13800000003');
  assert.equal(Number(lastJob()[2]), ms('2026-11-24T08:00:00+08:00'));
  await at('2026-11-24T07:59:59+08:00');
  assert.equal(server.sql("SELECT count(*) FROM message WHERE state = 'waiting'").trim(), '2');
  await at('2026-11-24T08:00:00+08:00');
  await gateway.next('13800000002');
  await gateway.next('13800000003');
  await until('all sent', () => server.sql("SELECT count(*) FROM message WHERE state = 'waiting'").trim() === '0');
  assert.equal(gateway.messages.length, 0);
});

test('nothing of it is readable in the database or the log; wrong settings are named', async () => {
  for (const table of ['message', 'job', 'event']) assert.doesNotMatch(server.sql(`SELECT * FROM ${table}`), /13[89]0000|13812345678|测试消息/, table);
  assert.doesNotMatch(server.log, /13[89]0000\d|13812345678|ss%20/);
  for (const [name, value] of [['SMS_URL', 'http://x/?to={to}'], ['SMS_ACCEPT', '^('], ['QUIET_HOURS', '21-8'], ['SEAL_CIPHER', 'des']]) {
    const kept = server.env[`MINGTANG_${name}`];
    server.env[`MINGTANG_${name}`] = value;
    assert.throws(() => server.command('config', 'check'), (e) => e.stderr.includes(`MINGTANG_${name}: ${name.toLowerCase()} must`), name);
    if (kept === undefined) delete server.env[`MINGTANG_${name}`];
    else server.env[`MINGTANG_${name}`] = kept;
  }
  server.env.MINGTANG_SMS_URL = '';
  assert.throws(() => queue('13800000004'), /没有设置 sms_url/);
});
