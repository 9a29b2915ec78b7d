// What the national rules ask to be found in its fixed place: columns, policy and interpretation, legal content.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoServer, hidden } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';

let server, citizen, town;
before(async () => {
  server = await demoServer();
  citizen = server.visitor();
  town = await Town.signIn(server);
  for (let i = 0; i < 300 && (await citizen.get('/api/v1/search?q=x')).status === 503; i++) await new Promise((r) => setTimeout(r, 100)); // the index is built after the node listens
});
after(() => server.close());
const page = async (path, status = 200) => {
  const r = await citizen.get(path);
  assert.equal(r.status, status, path);
  return r.text;
};
const create = async (kind, fields) => {
  const form = await town.posts.bianji.get(`/desk/disclosures/new?kind=${kind}`);
  assert.equal(form.status, 200);
  return town.posts.bianji.post('/desk/disclosures', { ...hidden(form.text, '/desk/disclosures'), body: '<p>正文。</p>', attribute: 'active', formed: '2026-11-20', ...fields });
};
const idOf = (r) => Number(r.headers.location.match(/disclosures\/(\d+)/)[1]);

test('the area of government information has its fixed parts in order, every column says what it holds and when it was renewed', async () => {
  const info = await page('/info');
  const at = ['政府信息公开指南', '政府信息公开制度', '法定主动公开内容', '政府信息公开年报', '依申请公开'].map((t) => info.search(new RegExp(`<h2[^>]*>${t}<`)));
  assert.deepEqual(at, [...at].sort((a, b) => a - b));
  assert.ok(at.every((n) => n > 0), at.join());
  for (let n = 1; n <= 15; n++) assert.match(info, new RegExp(`/info/legal/FD20-${String(n).padStart(2, '0')}"`));
  for (const path of ['/columns/policies', '/columns/interpretations', '/columns/consultations', '/columns/guides', '/columns/rules', '/columns/reports', '/columns/profiles', '/info/legal/FD20-07', '/info/legal/FD21-T8']) {
    const text = await page(path);
    for (const name of ['ColumnName', 'ColumnDescription', 'ColumnKeywords', 'ColumnType', 'SiteName']) assert.match(text, new RegExp(`<meta name="${name}" content="[^"]+"`), `${path} ${name}`);
    assert.match(text, /最近更新|还没有内容/, path);
  }
  await page('/columns/nothing', 404);
  await page('/info/legal/FD99', 404);
});

test('every page of a kind says when it was last renewed and can be subscribed to; the feed holds what the page holds', async () => {
  for (const path of ['/fields/10', '/five/service', '/units/changjiang', '/disclosures', '/disclosures?unit=changjiang', '/columns/policies', '/info/legal/FD21-T8', '/topics/social-relief']) {
    const text = await page(path);
    const feed = text.match(/type="application\/atom\+xml"[^>]*href="([^"]+)"/)?.[1].replaceAll('&amp;', '&');
    assert.ok(feed, path);
    const shown = [...text.matchAll(/href="(\/disclosures\/[\w-]{12})"/g)].map((m) => m[1]);
    const fed = await page(feed);
    assert.ok(shown.length > 0 && fed.includes(`${shown[0]}</id>`), path);
    if (path !== '/topics/social-relief') assert.match(text, /最近更新：<time datetime="2026-\d\d-\d\d"/, path);
  }
  for (const path of ['/fields', '/units', '/info', '/topics']) assert.match(await page(path), /最近更新：<time/, path);
  assert.match(await page('/fields/25'), /还没有内容/);
});

test('budget and final accounts stand under the seventh item of Article 20, the town\'s relief under its own', async () => {
  assert.match(await page('/info/legal/FD20-07'), /一般公共预算/);
  assert.match(await page('/info/legal/FD21-T8'), /长江镇最低生活保障办事指南/);
  assert.doesNotMatch(await page('/info/legal/FD21-C7'), /长江镇/);
});

test('the policy library shows validity; a column can be narrowed, subscribed to and downloaded', async () => {
  const library = await page('/columns/policies');
  assert.match(library, /皋政办发〔2020〕147号[\s\S]{0,200}有效/);
  const narrowed = await page('/columns/policies?unit=zfb');
  assert.match(narrowed, /147号/);
  assert.doesNotMatch(narrowed, /长政发/);
  const feed = library.match(/type="application\/atom\+xml"[^>]*href="([^"]+)"/)[1].replaceAll('&amp;', '&');
  assert.match(await page(feed), /<feed[\s\S]*实施方案的通知/);
  assert.match(await page('/search/export?class=policy&format=csv&all=1'), /皋政办发〔2020〕147号/);
});

test('a policy and its interpretation lead to each other, in pages and in results, and only while both are public', async () => {
  const policy = await town.draft({ title: '关于蓝莓补贴的通知', number: '长政发〔2026〕77号', genre: '通知' });
  const policyId = await town.publish(policy);
  const wrong = await create('interpretation', { title: '解读', el_interprets: '长政发〔2026〕999号' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /没有找到已公开的这份文件/);
  assert.match(wrong.text, /value="长政发〔2026〕999号"/, 'what was typed comes back');
  const made = await create('interpretation', { title: '一图读懂果农扶持', el_interprets: '长政发[2026]77号' });
  assert.equal(made.status, 303, made.text.slice(0, 500));
  const id = idOf(made), publicId = await town.publish(id);
  assert.match(await page(`/disclosures/${policyId}`), new RegExp(`本文件的解读：<a href="/disclosures/${publicId}"`));
  assert.match(await page(`/disclosures/${publicId}`), new RegExp(`解读的文件：<a href="/disclosures/${policyId}"`));
  assert.match(await page('/columns/interpretations'), /一图读懂果农扶持[\s\S]{0,400}解读的文件：<a href="\/disclosures\/[\w-]+">关于蓝莓补贴的通知/);
  assert.match(await page('/columns/policies'), /关于蓝莓补贴的通知[\s\S]{0,400}解读：<a href="\/disclosures\/[\w-]+">一图读懂果农扶持/);
  const found = (await citizen.get('/api/v1/search?q=' + encodeURIComponent('蓝莓补贴'))).json;
  assert.equal(found.hits[0].related[0].title, '一图读懂果农扶持');
  const back = (await citizen.get('/api/v1/search?q=' + encodeURIComponent('一图读懂果农扶持'))).json;
  assert.equal(back.hits[0].related[0].title, '关于蓝莓补贴的通知');
  assert.equal((await town.step('qianfa', policy, 'withdraw', { reason: '文件有误' })).status, 303);
  assert.doesNotMatch(await page(`/disclosures/${publicId}`), /解读的文件/);
  const after = (await citizen.get('/api/v1/search?q=' + encodeURIComponent('一图读懂果农扶持'))).json;
  assert.deepEqual(after.hits[0].related, []);
});

test('an interpretation is not submitted without what it interprets; a consultation says until when and where', async () => {
  const id = idOf(await create('interpretation', { title: '没有对象的解读' }));
  const refused = await town.step('bianji', id, 'submit', { accept_warnings: 1 });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /政策解读须填写解读的文件/);
  const bad = await create('consultation', { title: '征求意见', el_opinions_until: '2026-02-30' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /如 2026-12-31/);
  const open = idOf(await create('consultation', { title: '关于风车广场的征求意见', el_opinions_until: '2026-12-25', el_opinions_to: '镇政府办公室' }));
  const publicId = await town.publish(open);
  const text = await page(`/disclosures/${publicId}`);
  assert.match(text, /正在征求意见/);
  assert.match(text, /征求意见截止日<\/th><td colspan="3">2026-12-25/);
  assert.match(await page('/columns/consultations'), /关于风车广场的征求意见[\s\S]{0,300}截止 2026-12-25/);
  const calendar = await citizen.get('/columns/consultations/calendar.ics');
  assert.match(calendar.headers['content-type'], /text\/calendar/);
  assert.match(calendar.text, /DTSTART;VALUE=DATE:20261225\r\n/);
  assert.ok(calendar.text.split('\r\n').every((l) => Buffer.byteLength(l) <= 75));
  await page('/columns/policies/calendar.ics', 404);
});

test('who heads a unit, its address, hours and telephone stand on its page as the newest profile has them', async () => {
  const id = idOf(await create('profile', { title: '长江镇机构概况（新）', el_address: '试验路1号', el_hours: '工作日8:30—17:00', el_telephone: '0513-00000001', el_head: '某某' }));
  await town.publish(id);
  const text = await page('/units/changjiang');
  for (const [label, value] of [['办公地址', '试验路1号'], ['办公时间', '工作日8:30—17:00'], ['联系电话', '0513-00000001'], ['负责人姓名', '某某']]) assert.match(text, new RegExp(`<dt>${label}</dt><dd>${value}</dd>`));
});

test('a unit\'s profile stands on its page; what kind a draft is of cannot be invented', async () => {
  assert.match(await page('/units/mzj'), /机构职能[\s\S]*社会救助、养老服务/);
  const form = await town.posts.bianji.get('/desk/disclosures/new?kind=plan');
  assert.equal(form.status, 422);
  assert.equal((await create('profile', { title: 'x', kind: 'plan' })).status, 422);
});

test('the fields of a kind are bound by the receipt: they are part of the digest', async () => {
  const id = idOf(await create('consultation', { title: '摘要试验', el_opinions_until: '2026-12-28', el_opinions_to: '办公室' }));
  const publicId = await town.publish(id);
  assert.match(await page(`/verify/${publicId}/1/file`), /2026-12-28/);
  assert.match(server.command('ledger', 'verify'), /./);
});

test('the page of a publication bears the tags of its own column', async () => {
  const tag = (text, name) => text.match(new RegExp(`<meta name="${name}" content="([^"]+)"`))?.[1];
  const tags = (text) => ['ColumnName', 'ColumnType'].map((n) => tag(text, n));
  const of = async (kind, fields) => page(`/disclosures/${await town.publish(idOf(await create(kind, fields)))}`);
  const consultation = await of('consultation', { title: '标签试验一', el_opinions_until: '2026-12-28', el_opinions_to: '办公室' });
  assert.deepEqual(tags(consultation), ['征求意见', '征集调查']);
  assert.match(tag(consultation, 'ColumnDescription'), /^决策草案向社会公开征求意见/);
  assert.match(tag(consultation, 'ColumnKeywords'), /征求意见,决策草案/);
  assert.deepEqual(tags(await of('report', { title: '标签试验二', el_year: '2025' })), ['政府信息公开年报', '信息公开年报']);
  assert.deepEqual(tags(await of('guide', { title: '标签试验三' })), ['政府信息公开指南', '信息公开指南']);
  const { publicId } = await town.published({ title: '标签试验四', number: '皋长政发〔2026〕90号' });
  assert.deepEqual(tags(await page(`/disclosures/${publicId}`)), ['政策文件库', '政策文件']);
  const ordinary = await town.published({ title: '标签试验五' }), text = await page(`/disclosures/${ordinary.publicId}`);
  const { item } = (await citizen.get(`/api/v1/disclosures/${ordinary.publicId}`)).json.disclosure;
  assert.deepEqual(tags(text), [item.level1, '信息公开目录']);
  assert.match(tag(text, 'ColumnDescription'), /公开事项的内容要素/);
});

test('the map for machines names columns, units and publications, in parts; robots are told of it', async () => {
  const parts = async () => [...(await page('/sitemap.xml')).matchAll(/<sitemap><loc>[^<]*(\/sitemaps\/[^<]+)<\/loc>/g)].map((m) => m[1]);
  assert.deepEqual(await parts(), ['/sitemaps/pages.xml', '/sitemaps/0.xml']);
  const map = await page('/sitemaps/pages.xml');
  for (const path of ['/info', '/columns/policies', '/units/changjiang', '/info/legal/FD20-11']) assert.ok(map.includes(`${path}</loc>`), path);
  assert.match(await page('/sitemaps/0.xml'), /\/disclosures\/[^<]+<\/loc><lastmod>\d{4}-\d\d-\d\d/);
  assert.match(await page('/robots.txt'), /Sitemap: http.*\/sitemap\.xml/);
  /* ids further on: parts without anything are not named */
  server.sql(process.env.MINGTANG_TEST_DB === 'postgresql' ? "SELECT setval(pg_get_serial_sequence('disclosure', 'id'), 59999)" : "UPDATE sqlite_sequence SET seq = 59999 WHERE name = 'disclosure'");
  const last = await town.published({ title: '一部分里的最后一件' }), next = await town.published({ title: '下一部分里的第一件' });
  assert.equal(last.id, 60000);
  assert.deepEqual(await parts(), ['/sitemaps/pages.xml', '/sitemaps/0.xml', '/sitemaps/2.xml', '/sitemaps/3.xml']);
  const named = async (part) => [...(await page(`/sitemaps/${part}.xml`)).matchAll(/disclosures\/([^<]+)</g)].map((m) => m[1]);
  assert.deepEqual([await named(2), await named(3)], [[last.publicId], [next.publicId]]);
  assert.ok((await named(0)).every((id) => id !== last.publicId && id !== next.publicId));
  assert.equal((await town.step('qianfa', next.id, 'withdraw', { reason: '试验' })).status, 303);
  assert.deepEqual(await parts(), ['/sitemaps/pages.xml', '/sitemaps/0.xml', '/sitemaps/2.xml']);
  for (const part of ['1.xml', '3.xml', '-1.xml', '9999999999999999999.xml', 'x.xml', '0', '.xml', '461168601842738.xml']) assert.equal((await citizen.get(`/sitemaps/${part}`)).status, 404, part);
});

test('a publication is downloaded whole: text, attachments, receipt; what is withdrawn is not', async () => {
  const { id, publicId } = await town.published({ title: '打包/下载<试验>', body: '<p>打包的正文。</p>' }, [{ name: '名单.txt', bytes: Buffer.from('附件的内容') }]);
  const r = await citizen.get(`/disclosures/${publicId}/package.zip`);
  assert.equal(r.status, 200);
  assert.equal(r.headers['content-type'], 'application/zip');
  const dir = mkdtempSync(join(tmpdir(), 'mingtang-zip-'));
  try {
    writeFileSync(join(dir, 'p.zip'), r.bytes);
    execFileSync('unzip', ['-q', 'p.zip', '-d', 'out'], { cwd: dir, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    assert.deepEqual(readdirSync(join(dir, 'out')).sort(), ['公开凭证.json', '正文.html', '说明.txt', '附件'].sort());
    assert.equal(readFileSync(join(dir, 'out', '附件', '01-名单.txt'), 'utf8'), '附件的内容');
    assert.match(readFileSync(join(dir, 'out', '正文.html'), 'utf8'), /<h1>打包\/下载&lt;试验&gt;<\/h1>[\s\S]*打包的正文/);
    writeFileSync(join(dir, 'receipt.json'), readFileSync(join(dir, 'out', '公开凭证.json')));
    assert.match(readFileSync(join(dir, 'receipt.json'), 'utf8'), /mingtang-receipt\/1/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  assert.deepEqual(readdirSync(join(server.dir, 'tmp')), [], 'nothing is left behind');
  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: '有误' })).status, 303);
  assert.equal((await citizen.get(`/disclosures/${publicId}/package.zip`)).status, 410);
  assert.equal((await citizen.get('/disclosures/none/package.zip')).status, 404);
});

test('a publication is downloaded as Word and PDF with its table, marks and receipt; a withdrawn one is not', async () => {
  const body = '<h2>一、标准</h2><p>低于<strong>每月 720 元</strong>的，可以申请 H<sub>2</sub>O &lt;试验&gt;。</p><table><tbody><tr><th>镇</th><th colspan="2">标准</th></tr><tr><td rowspan="2">长江镇</td><td>城镇</td><td>720</td></tr><tr><td>农村</td><td>700</td></tr></tbody></table><ol><li>申请</li><li>审核</li></ol>';
  const { id, publicId } = await town.published({ title: '文档下载试验', number: '长政发〔2026〕78号', body });
  const word = await citizen.get(`/disclosures/${publicId}/document.docx`);
  assert.equal(word.status, 200);
  assert.match(word.headers['content-type'], /wordprocessingml/);
  assert.match(decodeURIComponent(word.headers['content-disposition']), /文档下载试验\.docx/);
  const dir = mkdtempSync(join(tmpdir(), 'mingtang-docx-'));
  try {
    writeFileSync(join(dir, 'a.docx'), word.bytes);
    execFileSync('soffice', [`-env:UserInstallation=file://${dir}/profile`, '--headless', '--convert-to', 'html', '--outdir', dir, join(dir, 'a.docx')], { stdio: 'pipe' });
    const html = readFileSync(join(dir, 'a.html'), 'utf8');
    const plain = html.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
    for (const text of ['文档下载试验', '长政发〔2026〕78号', '每月 720 元', '&lt;试验&gt;', '长江镇', '1. ', '2. ', '核对公开凭证', '索引号']) assert.ok(plain.includes(text), text);
    assert.match(html, /rowspan="2"/);
    assert.match(html, /colspan="2"/);
    assert.match(html, /<b>[\s\S]{0,80}每月/);
    assert.match(html, /<sub>/);
    const pdf = await citizen.get(`/disclosures/${publicId}/document.pdf`);
    assert.equal(pdf.headers['content-type'], 'application/pdf');
    writeFileSync(join(dir, 'a.pdf'), pdf.bytes);
    const text = execFileSync('pdftotext', ['-layout', join(dir, 'a.pdf'), '-'], { encoding: 'utf8' });
    for (const t of ['文档下载试验', '长政发〔2026〕78号', '每月 720 元', '<试验>', '700', '1. 申请', '/verify/']) assert.ok(text.includes(t), t);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: '有误' })).status, 303);
  for (const form of ['docx', 'pdf']) assert.equal((await citizen.get(`/disclosures/${publicId}/document.${form}`)).status, 410, form);
});

test("a field's whole year is one package with a table of contents; what was withdrawn is not in it", async () => {
  assert.match(await page('/fields/10'), /fields\/10\/years\/2026\/package\.zip/);
  const dir = mkdtempSync(join(tmpdir(), 'mingtang-year-'));
  try {
    const take = async () => {
      const r = await citizen.get('/fields/10/years/2026/package.zip');
      assert.equal(r.status, 200);
      writeFileSync(join(dir, 'y.zip'), r.bytes);
      return execFileSync('unzip', ['-Z1', join(dir, 'y.zip')], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } }).trimEnd().split('\n');
    };
    const names = await take();
    assert.equal(names[0], '目录.csv');
    const folders = new Set(names.slice(1).map((n) => n.split('/')[0]));
    const table = execFileSync('unzip', ['-p', join(dir, 'y.zip'), names[0]], { encoding: 'utf8' }).trimEnd().split('\r\n');
    assert.equal(folders.size, table.length - 1);
    for (const f of folders) assert.ok(names.includes(`${f}/公开凭证.json`), f);
    const shown = (await citizen.get('/api/v1/search?field=10&kind=document&unit=changjiang&all=1')).json.hits[0];
    const id = (await town.posts.qianfa.get('/desk/disclosures')).text.match(new RegExp(`/desk/disclosures/(\\d+)"[^>]*>${shown.title}`))[1];
    assert.equal((await town.step('qianfa', Number(id), 'withdraw', { reason: '试验' })).status, 303);
    assert.ok(!(await take()).some((n) => n.includes(shown.title)));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  for (const path of ['/fields/10/years/2019/package.zip', '/fields/99/years/2026/package.zip', '/fields/10/years/x/package.zip']) assert.equal((await citizen.get(path)).status, 404, path);
});

test('what villages owe by their own catalogue has its column', async () => {
  const before = await page('/columns/villages');
  assert.match(before, /<h1[^>]*>村（居）公开/);
  assert.match(await page('/'), /columns\/villages/);
  const found = (await citizen.get('/api/v1/search?catalogue=standard&kind=document&all=1')).json;
  assert.ok(found.count > 0);
  assert.ok(found.hits.every((h) => h.document));
});
