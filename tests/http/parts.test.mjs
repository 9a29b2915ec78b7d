// Columns, topics, blocks, links and banners of the portal: edited in the workbench, previewed, reviewed and on record like all
// that is public; in their places on the portal and in no list of information.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoServer, hidden, searchReady } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';

let server, citizen, office;
before(async () => {
  server = await demoServer();
  await searchReady(server);
  citizen = server.visitor();
  office = await Town.signIn(server, 'zfb');
});
after(() => server.close());
const page = async (path, status = 200, who = citizen) => {
  const r = await who.get(path);
  assert.equal(r.status, status, `${path}: ${r.text.slice(0, 300)}`);
  return r.text;
};
const part = async (kind, fields, files = []) => {
  const form = await office.posts.bianji.get(`/desk/disclosures/new?kind=${kind}`);
  assert.equal(form.status, 200);
  const r = await office.posts.bianji.post('/desk/disclosures', { ...hidden(form.text, '/desk/disclosures'), body: '', ...fields });
  if (r.status !== 303) return { r };
  const id = Number(r.headers.location.match(/disclosures\/(\d+)/)[1]);
  for (const f of files) {
    const action = `/desk/disclosures/${id}/attachments`;
    assert.equal((await office.posts.bianji.upload(action, hidden((await office.posts.bianji.get(`/desk/disclosures/${id}/edit`)).text, action), [{ field: 'files', ...f }])).status, 303);
  }
  return { id, r };
};
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

test('a topic is previewed, reviewed, published, corrected and withdrawn; each state shows in its place', async () => {
  const { id } = await part('topic', { title: '春耕备耕', el_code: 'spring', el_search: 'https://www.example.gov.cn/search?q=低保&unit=changjiang', el_order: '5', summary: '种子、农资和补贴', body: '<p>专题说明。</p><script>alert(1)</script>' });
  await page('/topics/spring', 404);
  assert.doesNotMatch(await page('/'), /春耕备耕/);
  const preview = await page(`/desk/portal/${id}/preview`, 200, office.posts.chushen);
  assert.match(preview, /预览：尚未发布/);
  assert.match(preview, /<h1[^>]*>春耕备耕/);
  assert.match(preview, /专题说明/);
  assert.doesNotMatch(preview, /alert/);
  assert.match(preview, /长江镇最低生活保障/);
  await page(`/desk/portal/${id}/preview`, 403, await server.signIn('changjiang-bianji'));
  await page(`/desk/portal/${id}/preview`, 303, server.visitor());
  const publicId = await office.publish(id);
  const topic = await page('/topics/spring');
  assert.match(topic, /长江镇最低生活保障/);
  assert.doesNotMatch(topic, /预览/);
  assert.match(await page('/'), /href="\/topics\/spring">春耕备耕/);
  assert.match(await page('/topics'), /春耕备耕/);
  assert.match(await page('/sitemap'), /topics\/spring/);
  assert.match(await page(`/disclosures/${publicId}`), /公开凭证/);
  assert.match(await page(encodeURI('/search?q=春耕备耕')), new RegExp(`/disclosures/${publicId}`));
  for (const list of ['/disclosures', '/units/zfb']) assert.doesNotMatch(await page(list), /春耕备耕/, list);
  assert.equal((await office.step('qianfa', id, 'correct', { reason: '改名' })).status, 303);
  assert.equal((await office.posts.bianji.post(`/desk/disclosures/${id}`, { ...hidden((await page(`/desk/disclosures/${id}/edit`, 200, office.posts.bianji)), `/desk/disclosures/${id}`), title: '春耕备耕服务', el_code: 'spring', body: '<p>改过。</p>' })).status, 303);
  assert.match(await page(`/desk/portal/${id}/preview`, 200, office.posts.bianji), /春耕备耕服务/);
  assert.match(await page('/topics/spring'), /<h1[^>]*>春耕备耕</);
  assert.equal(await office.publish(id), publicId);
  assert.match(await page('/topics/spring'), /<h1[^>]*>春耕备耕服务/);
  assert.equal((await office.step('qianfa', id, 'withdraw', { reason: '专题结束' })).status, 303);
  await page('/topics/spring', 404);
  assert.doesNotMatch(await page('/'), /春耕备耕/);
  await page(`/disclosures/${publicId}`, 410);
});

test('a column gathers by its search, replaces a shipped one by its code, and its code is its own', async () => {
  const { id } = await part('column', { title: '长江镇动态', el_code: 'changjiang-news', el_search: '/search?unit=changjiang', summary: '长江镇公开的信息' });
  const preview = await page(`/desk/portal/${id}/preview`, 200, office.posts.bianji);
  assert.match(preview, /长江镇公开的信息/);
  assert.match(preview, /预览：尚未发布/);
  await office.publish(id);
  const column = await page('/columns/changjiang-news');
  assert.match(column, /<meta name="ColumnName" content="长江镇动态">/);
  assert.doesNotMatch(column, /预览/);
  assert.match(column, /href="\/subscribe\?[^"]*unit=changjiang/);
  assert.match(column, /长江镇最低生活保障/);
  assert.doesNotMatch(column, /市民政局/);
  assert.match(await page('/'), /columns\/changjiang-news/);
  const again = await part('column', { title: '又一个', el_code: 'changjiang-news', el_search: '/search?unit=baipu' });
  const refused = await office.step('bianji', again.id, 'submit', { accept_warnings: 1 });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /代码已经用于“长江镇动态”/);
  const mine = await part('column', { title: '文件库', el_code: 'policies', el_search: '/search?class=policy&unit=changjiang', summary: '只看长江镇' });
  await office.publish(mine.id);
  const library = await page('/columns/policies');
  assert.match(library, /<h1[^>]*>文件库/);
  assert.doesNotMatch(library, /147号/);
  assert.match(await page('/info'), /文件库|政府信息公开指南/);
});

test('a block, a banner with its picture and a link stand on the home page in order; a banner past its day is taken down', async () => {
  await office.publish((await part('block', { title: '第二块', el_order: '20', body: '<p>文字板块</p>' })).id);
  await office.publish((await part('block', { title: '第一块', el_order: '3', el_search: '/search?unit=changjiang' })).id);
  assert.doesNotMatch(await page('/desk/disclosures/new?kind=banner', 200, office.posts.bianji), /name="body"/);
  assert.match(await page('/desk/disclosures/new?kind=block', 200, office.posts.bianji), /name="body"/);
  const banner = await part('banner', { title: '依法公开横幅', el_link: '/info' }, [{ name: '横幅.png', type: 'image/png', bytes: PNG }]);
  assert.match(await page(`/desk/disclosures/${banner.id}`, 200, office.posts.chushen), /<dt>链接地址<\/dt><dd[^>]*>\/info</, 'who reviews it sees where it leads');
  const publicId = await office.publish(banner.id);
  await office.publish((await part('link', { title: '外站', el_link: 'https://example.com/a?b=1&c=2' })).id);
  const home = await page('/');
  assert.ok(home.indexOf('第一块') > 0 && home.indexOf('第一块') < home.indexOf('第二块'));
  assert.match(home, new RegExp(`<a href="/info"><img src="/attachments/${publicId}/1" alt="依法公开横幅">`));
  assert.equal((await citizen.get(`/attachments/${publicId}/1`)).status, 200);
  assert.match(home, /href="\/leave\?to=https%3A%2F%2Fexample\.com%2Fa%3Fb%3D1%26c%3D2"/);
  for (const word of ['第一块', '依法公开横幅', '外站']) assert.doesNotMatch(await page(encodeURI(`/search?q=${word}`)), new RegExp(`<h3>[^<]*<a[^>]*>.*${word}`), word);
  await office.publish((await part('banner', { title: '过期横幅', expires: '2026-11-22' })).id);
  assert.doesNotMatch(await page('/?as_of=2026-11-01'), /第一块/);
});

test('bad codes, searches, links and orders are told at the field and nothing is lost', async () => {
  const cases = [
    ['topic', { el_code: 'Bad Code' }, /代码须以小写字母开头/], ['topic', { el_code: '../x' }, /代码须以小写字母开头/], ['topic', { el_code: 'x'.repeat(41) }, /代码须以/],
    ['column', { el_code: 'ok', el_search: 'https://evil.example/' }, /请粘贴检索页的网址/], ['column', { el_code: 'ok', el_search: '/searching?q=1' }, /请粘贴检索页的网址/],
    ['link', { el_link: 'javascript:alert(1)' }, /请填写以 https/], ['link', { el_link: '//evil.example' }, /请填写以 https/], ['link', { el_link: '/\\evil.example' }, /请填写以 https/],
    ['block', { el_order: '0' }, /1 至 999/], ['block', { el_order: '1000' }, /1 至 999/], ['block', { el_order: 'x' }, /1 至 999/],
  ];
  for (const [kind, fields, message] of cases) {
    const { r } = await part(kind, { title: '保留的标题', ...fields });
    assert.equal(r.status, 422, JSON.stringify(fields));
    assert.match(r.text, message);
    assert.match(r.text, /value="保留的标题"/);
  }
  const { id } = await part('column', { title: '没有条件' });
  const r = await office.step('bianji', id, 'submit', { accept_warnings: 1 });
  assert.equal(r.status, 422);
  assert.match(r.text, /门户栏目须填写代码/);
  assert.match(r.text, /门户栏目须填写收录的信息/);
});

test('only portal editors write parts; others are refused, the supervisor sees the list', async () => {
  const editor = await server.signIn('changjiang-bianji');
  const form = await editor.get('/desk/disclosures/new');
  const r = await editor.post('/desk/disclosures', { ...hidden(form.text, '/desk/disclosures'), kind: 'banner', title: '擅自横幅', body: '', attribute: 'active', formed: '2026-11-20' });
  assert.equal(r.status, 403);
  await page('/desk/portal', 403, editor);
  const desk = await page('/desk/portal', 200, office.posts.bianji);
  assert.match(desk, /新建横幅/);
  assert.match(desk, /低保和社会救助/);
  assert.match(await page('/desk', 200, office.posts.bianji), /href="\/desk\/portal"/);
});

test('a corrected code and the addresses of an older site lead on; nothing leads off the site or in a circle', async () => {
  const { id } = await part('topic', { title: '会搬家的专题', el_code: 'moving', body: '<p>一</p>' });
  await office.publish(id);
  const correct = async (code) => {
    assert.equal((await office.step('qianfa', id, 'correct', { reason: '改代码' })).status, 303);
    const form = await page(`/desk/disclosures/${id}/edit`, 200, office.posts.bianji);
    assert.equal((await office.posts.bianji.post(`/desk/disclosures/${id}`, { ...hidden(form, `/desk/disclosures/${id}`), title: '会搬家的专题', el_code: code, body: '<p>二</p>' })).status, 303);
    await office.publish(id);
  };
  const leads = async (path) => {
    const r = await citizen.get(path);
    return r.status === 301 ? r.headers.location : r.status;
  };
  await correct('moved-once');
  assert.equal(await leads('/topics/moving'), '/topics/moved-once');
  await correct('moved-twice');
  assert.equal(await leads('/topics/moving'), '/topics/moved-twice');
  assert.equal(await leads('/topics/moved-once'), '/topics/moved-twice');
  await correct('moving');
  assert.equal(await leads('/topics/moving'), 200);
  assert.equal(await leads('/topics/moved-twice'), '/topics/moving');
  const file = join(server.dir, 'moved.csv');
  writeFileSync(file, '# 旧站\n/art/2020/5/1/art_1234.html,/columns/policies\n/rugao/zfxxgk/index.shtml\t/info\n');
  assert.match(server.command('moved', file), /moved addresses: 2/);
  assert.equal(await leads('/art/2020/5/1/art_1234.html'), '/columns/policies');
  assert.equal(await leads('/rugao/zfxxgk/index.shtml'), '/info');
  assert.equal(await leads('/art/unknown.html'), 404);
  assert.equal((await citizen.post('/art/2020/5/1/art_1234.html', {})).status, 404);
  for (const bad of ['/x,https://evil.example/', '/x,//evil.example', 'x,/y', '/x', '/x,/y"z']) {
    writeFileSync(file, `/good,/info\n${bad}\n`);
    assert.throws(() => server.command('moved', file), /第 2 行应为/, bad);
    assert.equal(await leads('/good'), 404, 'all or none');
  }
});
