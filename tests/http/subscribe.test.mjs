// A search subscribed to by e-mail: confirmed from the mailbox, told of what is new and only that, ended by one click.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer } from '../lib/server.mjs';
import { mailbox } from '../lib/mailbox.mjs';
import { Town } from '../lib/matter.mjs';

let box, server, citizen, town;
before(async () => {
  box = await mailbox();
  server = await demoServer({ clock: '', env: { ...box.env, MINGTANG_BASE_URL: 'http://mingtang.example.gov.cn' } });
  citizen = server.visitor();
  // A node listens before its index is built.
  for (let i = 0; i < 1200 && (await citizen.get('/api/v1/search?q=x')).status !== 200; i++) await new Promise((done) => setTimeout(done, 50));
  town = await Town.signIn(server);
});
after(async () => {
  await server.close();
  await box.close();
});
const ask = (fields, v = citizen) => v.post('/subscribe', { often: 'soon', ...fields });
const linkIn = (mail) => mail.text.match(/http:\/\/mingtang\.example\.gov\.cn(\/subscriptions\/[\w-]+)/)[1];

test('asked for, confirmed, told of what was published after and of nothing else, ended by one click', async () => {
  const before = await town.published({ title: '枇杷种植补贴（订阅之前）' });
  assert.match((await citizen.get(encodeURI('/search?q=枇杷'))).text, /href="\/subscribe\?q=/);
  const form = (await citizen.get(encodeURI('/subscribe?q=枇杷&unit=changjiang'))).text;
  assert.match(form, /枇杷 · 长江镇/);
  assert.match(form, /<input type="hidden" name="unit" value="changjiang">/);
  const asked = await ask({ q: '枇杷', unit: 'changjiang', email: 'Reader@Example.cn' });
  assert.equal(asked.status, 200, asked.text);
  assert.match(asked.text, /确认邮件已经发出/);
  const confirm = await box.next('Reader@Example.cn');
  assert.equal(confirm.headers.Subject, '请确认订阅：枇杷 · 长江镇');
  assert.equal(confirm.headers['Auto-Submitted'], 'auto-generated');
  assert.ok(confirm.longest <= 998);
  const link = linkIn(confirm);
  const page = (await citizen.get(link)).text; // a mail program that looks at links confirms nothing
  assert.match(page, /确认订阅/);
  assert.match(page, /退订/);
  assert.match((await citizen.post(`${link}/confirm`, {})).text, /订阅已确认/);
  const fresh = await town.published({ title: '枇杷种植补贴发放公示' });
  await town.published({ title: '与此无关的通知' });
  const mail = await box.next('Reader@Example.cn');
  assert.equal(mail.headers.Subject, '枇杷 · 长江镇：1 条新信息');
  assert.match(mail.text, new RegExp(`枇杷种植补贴发放公示[\\s\\S]*http://mingtang\\.example\\.gov\\.cn/disclosures/${fresh.publicId}`));
  assert.doesNotMatch(mail.text, new RegExp(before.publicId));
  assert.doesNotMatch(mail.text, /与此无关/);
  const leave = mail.headers['List-Unsubscribe'].match(/<http:\/\/mingtang\.example\.gov\.cn([^>]+)>/)[1];
  assert.equal(mail.headers['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click');
  assert.match((await server.visitor().post(leave, { 'List-Unsubscribe': 'One-Click' })).text, /不会再发邮件给您/);
  assert.equal((await citizen.get(link)).status, 404);
  assert.equal((await citizen.post(leave, {})).status, 404);
});

test('a wrong address, a forged code, too many requests are refused; nothing is sent', async () => {
  for (const email of ['', 'nobody', '@example.cn', 'a@', 'a@b@c.cn', 'a..b@example.cn', 'a@-x.cn', 'a\r\nBcc: x@example.cn', '张三@example.cn', `${'a'.repeat(65)}@example.cn`]) {
    const r = await ask({ q: '低保', email });
    assert.equal(r.status, 422, email);
    assert.match(r.text, /邮箱/);
  }
  assert.match((await ask({ q: '低保', email: 'nobody' })).text, /value="nobody"/);
  for (let i = 0; i < 5; i++) assert.equal((await ask({ q: `低保${i}`, email: 'many@example.cn' })).status, 200);
  const over = await ask({ q: '低保', email: 'MANY@example.cn' });
  assert.equal(over.status, 422);
  assert.match(over.text, /今天已经申请过/);
  const code = linkIn(await box.next('many@example.cn')).split('/')[2];
  for (const bad of [code.replace(/.$/, (c) => (c === '0' ? '1' : '0')), code.replace(/^\d+/, '999'), 'x', '-', '1-']) {
    assert.equal((await citizen.get(`/subscriptions/${bad}`)).status, 404, bad);
    assert.equal((await citizen.post(`/subscriptions/${bad}/confirm`, {})).status, 404, bad);
  }
  const foreign = await citizen.post('/subscribe', { q: '低保', email: 'x@example.cn' }, { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } });
  assert.equal(foreign.status, 403);
  for (let i = 0; i < 40; i++) if ((await ask({ q: `次数${i}`, email: `n${i}@example.cn` })).status === 429) return;
  assert.fail('one client could ask without end');
});

test('addresses are not readable in the database, and a message is destroyed once it is gone', async () => {
  assert.ok(Number(server.sql('SELECT count(*) FROM subscription')) > 0);
  for (const table of ['subscription', 'message', 'job', 'event']) assert.doesNotMatch(server.sql(`SELECT * FROM ${table}`), /@?example\.cn/i, table);
  assert.equal((await ask({ q: '退信', email: 'refused@example.cn' }, server.visitor())).status, 429, 'this client has asked enough');
  assert.equal(Number(server.sql("SELECT count(*) FROM message WHERE state <> 'waiting' AND sealed <> ''")), 0);
  assert.ok(Number(server.sql("SELECT count(*) FROM message WHERE state = 'sent'")) > 5);
});

test('a mailbox that does not exist is not tried again, one that is busy is', async () => {
  const other = await demoServer({ clock: '', env: { ...box.env, MINGTANG_TRUSTED_PROXY: 'yes' } });
  try {
    for (const email of ['refused@example.cn', 'later@example.cn']) assert.equal((await ask({ q: '低保', email }, other.visitor())).status, 200);
    await box.next('later@example.cn', 60);
    let states;
    for (let i = 0; i < 50 && /waiting/.test((states = other.sql('SELECT state, error FROM message ORDER BY id'))); i++) await new Promise((done) => setTimeout(done, 100));
    assert.match(states, /^failed\|.*550/);
    assert.match(states, /\nsent\|/);
  } finally {
    await other.close();
  }
});

test('without a mail server nothing is offered that would need it', async () => {
  const plain = await demoServer();
  try {
    const form = (await plain.visitor().get(encodeURI('/subscribe?q=低保'))).text;
    assert.match(form, /没有开通邮件订阅/);
    assert.doesNotMatch(form, /name="email"/);
    assert.equal((await ask({ q: '低保', email: 'a@example.cn' }, plain.visitor())).status, 409);
  } finally {
    await plain.close();
  }
});
