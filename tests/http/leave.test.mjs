// Leaving for sites outside gov.cn: asked first, with and without script; colours of the theme; elder mode's tools.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';

let server, citizen;
before(async () => {
  server = await demoServer({ env: { MINGTANG_THEME: 'red', MINGTANG_SITE_UNDERTAKER: '如皋市政务公开办公室', MINGTANG_SITE_IPV6: 'yes' } });
  citizen = server.visitor();
});
after(() => server.close());

test('a link to another site leads to the question, one to gov.cn does not', async () => {
  const town = await Town.signIn(server);
  const { publicId } = await town.published({ title: '外链试验', body: '<p><a href="https://example.com/a?b=1&amp;c=2">外站</a><a href="https://www.gov.cn/x">国家</a><a href="https://evil.gov.cn.example.org/">假</a><a href="https://gov.cn@example.net/">藏</a><a href="/units">本站</a></p>' });
  const text = (await citizen.get(`/disclosures/${publicId}`)).text;
  assert.match(text, /href="\/leave\?to=https%3A%2F%2Fexample\.com%2Fa%3Fb%3D1%26c%3D2"/);
  assert.match(text, /href="https:\/\/www\.gov\.cn\/x"/);
  assert.match(text, /href="\/leave\?to=https%3A%2F%2Fevil\.gov\.cn\.example\.org%2F"/);
  assert.match(text, /href="\/leave\?to=https%3A%2F%2Fgov\.cn%40example\.net%2F"/);
  assert.match(text, /href="\/units"/);
  const body = (await citizen.get(`/api/v1/disclosures/${publicId}`)).json.disclosure.body;
  assert.match(body, /href="https:\/\/example\.com\/a\?b=1&amp;c=2"/, 'the text itself is untouched: its digest is on record');
});

test('the question names the host as a browser would see it and refuses what is no address', async () => {
  const ask = async (to) => citizen.get(`/leave?to=${encodeURIComponent(to)}`);
  const r = await ask('https://gov.cn@example.net:8443/x?<b>');
  assert.equal(r.status, 200);
  assert.match(r.text, /<strong>example\.net<\/strong>/);
  assert.match(r.text, /href="https:\/\/gov\.cn@example\.net:8443\/x\?&lt;b&gt;" rel="noopener noreferrer nofollow"/);
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', '//example.com', 'http://', 'ftp://x', '']) assert.equal((await ask(bad)).status, 422, bad);
});

test('the theme, the undertaker and IPv6 are said where they are set', async () => {
  const home = (await citizen.get('/')).text;
  assert.match(home, /<html lang="zh-CN" class="theme-red">/);
  assert.match(home, /承办单位：如皋市政务公开办公室/);
  assert.match(home, /支持 IPv6/);
  assert.throws(() => { server.env.MINGTANG_THEME = 'pink'; try { server.command('config', 'check'); } finally { server.env.MINGTANG_THEME = 'red'; } }, /theme must be blue or red/);
});

test('elder mode has its tools in one place and is left again', async () => {
  const elder = server.visitor();
  await elder.get('/elder?on=1&back=/units');
  const page = (await elder.get('/units')).text;
  assert.match(page, /class="theme-red elder"/);
  for (const name of ['larger', 'smaller', 'contrast', 'read', 'stop']) assert.match(page, new RegExp(`data-elder="${name}"`));
  await elder.get('/elder?on=0&back=/');
  assert.doesNotMatch((await elder.get('/')).text, /data-elder-tools/);
});
