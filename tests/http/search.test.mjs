// Finding: what a citizen types, what is found, what must never be found.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoServer, hidden, Server } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';

let server, citizen, town;
before(async () => {
  server = await demoServer();
  citizen = server.visitor();
  town = await Town.signIn(server);
});
after(() => server.close());
const enc = encodeURIComponent;
const api = async (q, more = '') => {
  const r = await citizen.get(`/api/v1/search?q=${enc(q)}${more}`);
  assert.equal(r.status, 200, `${q}: ${r.text.slice(0, 300)}`);
  return r.json;
};
const titles = (found) => found.hits.map((h) => h.title);

// A PDF with one line of text a page.
function pdf(pages) {
  const objects = ['<</Type/Catalog/Pages 2 0 R>>', `<</Type/Pages/Count ${pages.length}/Kids[${pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ')}]>>`, '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>'];
  for (const [i, text] of pages.entries()) {
    const stream = `BT /F1 24 Tf 72 700 Td (${text}) Tj ET`;
    objects.push(`<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents ${5 + 2 * i} 0 R>>`, `<</Length ${stream.length}>>stream\n${stream}\nendstream`);
  }
  let out = '%PDF-1.4\n';
  const at = objects.map((o, i) => {
    const place = out.length;
    out += `${i + 1} 0 obj${o}endobj\n`;
    return place;
  });
  const start = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${at.map((n) => `${String(n).padStart(10, '0')} 00000 n \n`).join('')}trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(out);
}

test('a word is found in titles, texts and under its other names, what was published before what is owed', async () => {
  const found = await api('低保');
  assert.match(found.hits[0].title, /最低生活保障/);
  assert.ok(found.hits[0].address.startsWith('/disclosures/'));
  assert.match(found.hits[0].title_html, /<mark>最低生活保障<\/mark>/);
  assert.ok(found.facets.unit.some((u) => u.value === 'changjiang'));
  assert.ok(found.hits.some((h) => h.address.startsWith('/items/')) || found.count > 20);
});

test('traditional characters, full-width digits, any brackets and none find the same', async () => {
  for (const q of ['皋政办发〔2020〕147号', '皋政办发[2020]147', '皋政办发（２０２０）１４７号', '皋政辦發2020147號', '皋政办发2020 147'])
    assert.match((await api(q)).hits[0]?.title ?? '', /标准化规范化工作实施方案/, q);
  assert.equal((await api('长江镇最低生活保障办事指南')).hits[0].title, '长江镇最低生活保障办事指南');
  assert.equal((await api('長江鎮最低生活保障辦事指南')).hits[0].title, '长江镇最低生活保障办事指南');
});

test('a year, a unit and a subject are understood and can be taken off', async () => {
  const page = await citizen.get('/search?q=' + enc('2026年 财政局 预算'));
  assert.match(page.text, /理解为/);
  assert.match(page.text, /单位：市财政局/);
  assert.match(page.text, /年份：2026/);
  const off = page.text.match(/<a href="(\/search\?[^"]+)" rel="nofollow">单位：市财政局/)[1].replaceAll('&amp;', '&');
  const without = await citizen.get(off);
  assert.doesNotMatch(without.text, /单位：市财政局/);
  assert.match(without.text, /年份：2026/);
  const found = await api('2026年 财政局 预算');
  assert.ok(found.hits.length > 0 && found.hits.every((h) => h.unit_code === 'czj'));
  assert.equal((await api('2026年 财政局 预算', '&literal=1')).understood.length, 0);
});

test('a question finds the guide; a slip of the pen is asked about', async () => {
  assert.match((await api('低保怎么申请需要什么材料')).hits[0].title, /最低生活保障办事指南/);
  assert.equal((await api('最低生话保障')).did_you_mean, '最低生活保障');
});

test('names of units and fields are suggested by characters and by pinyin initials, titles by any piece', async () => {
  const labels = async (q) => (await citizen.get(`/api/v1/search/suggest?q=${enc(q)}`)).json.suggestions.map((s) => s.label);
  assert.ok((await labels('zfbz')).includes('保障性住房'));
  assert.ok((await labels('mzj')).includes('市民政局'));
  assert.ok((await labels('民政')).includes('市民政局'));
  assert.ok((await labels('临时救')).some((l) => /临时救助/.test(l)));
  assert.deepEqual(await labels('，。'), []);
});

test('initials typed and sent lead to the unit or field; words that a filter leaves nothing of are searched as written, and it is said', async () => {
  const page = async (q) => (await citizen.get(`/search?q=${enc(q)}`)).text;
  assert.match(await page('zfbz'), /您要找的是不是[^?]*<a href="\/fields\/04"><strong>保障性住房/);
  assert.match(await page('cjz'), /<a href="\/units\/changjiang"><strong>长江镇/);
  assert.doesNotMatch(await page('低保'), /您要找的是不是/);
  assert.equal((await api('2020年 财政局 决算')).how, 'literal');
  assert.match(await page('2020年 财政局 决算'), /理解没有找到，以下是写有这些词的信息/);
  assert.doesNotMatch(await page('2026年 财政局 预算'), /理解没有找到/);
});

test('only what is in force is found, unless asked; it is then marked, in lists, feeds and exports alike', async () => {
  const word = '琥珀试验办法';
  const { id, publicId } = await town.published({ title: word, number: '长政发〔2026〕55号', body: `<p>${word}的正文。</p>` });
  const everywhere = [`/search?q=${enc(word)}`, `/search.atom?q=${enc(word)}`, `/search/export?q=${enc(word)}`, `/api/v1/search/suggest?q=${enc('琥珀')}`];
  for (const path of everywhere) assert.ok((await citizen.get(path)).text.includes(publicId), path);
  assert.equal((await town.step('qianfa', id, 'expire', { reason: '已有新的办法' })).status, 303);
  assert.equal((await api(word, '&literal=1')).count, 0);
  for (const path of everywhere) assert.ok(!(await citizen.get(path)).text.includes(publicId), path);
  assert.match((await citizen.get(`/search?literal=1&q=${enc(word)}`)).text, /连同已失效的一起找/);
  assert.equal((await api(word, '&literal=1&validity=valid')).count, 0);
  for (const more of ['&all=1', '&validity=expired']) {
    const [hit] = (await api(word, more)).hits;
    assert.equal(hit.address, `/disclosures/${publicId}`, more);
    assert.equal(hit.ended, true);
    assert.equal(hit.validity_name, '失效');
    assert.ok((await citizen.get(`/search/export?q=${enc(word)}${more}`)).text.includes(publicId), more);
  }
});

test('filters narrow, and the counts beside them are true', async () => {
  const all = await api('低保');
  for (const { value, count } of all.facets.kind) assert.equal((await api('低保', `&kind=${value}`)).count, count, value);
  assert.equal(all.facets.kind.reduce((n, x) => n + x.count, 0), all.count);
  for (const { value, count } of all.facets.unit.slice(0, 5)) assert.equal((await api('低保', `&unit=${value}`)).count, count, value);
  assert.equal((await api('低保', '&unit=nowhere')).count, 0);
  assert.equal((await api('', '&unit=changjiang&kind=document&sort=newest')).hits.every((h) => h.unit_code === 'changjiang'), true);
});

test('newest first is by publication; pages do not overlap', async () => {
  const days = (await api('公开', '&sort=newest')).hits.map((h) => h.published);
  assert.deepEqual(days, [...days].sort().reverse());
  const one = (await api('公开', '&sort=newest')).hits, two = (await api('公开', '&sort=newest&page=2')).hits;
  assert.equal(new Set([...one, ...two].map((h) => h.address)).size, one.length + two.length);
  const first = (await api('公开')).hits, second = (await api('公开', '&page=2')).hits;
  assert.equal(new Set([...first, ...second].map((h) => h.address)).size, first.length + second.length);
});

test('what is published can be found at once, a correction replaces it, what is withdrawn is gone everywhere and after a rebuild', async () => {
  const word = '蓝鲸试验站', feed = `/search.atom?q=${enc(word)}`, table = `/search/export?q=${enc(word)}`;
  const { id } = await town.published({ title: `关于${word}的公告`, body: `<p>${word}定于冬至开放。</p>`, summary: '一句概述' }, [{ name: '名单.pdf', bytes: pdf(['first page', 'second page with unicorn', 'third']) }]);
  const found = await api(word);
  assert.equal(found.count, 1);
  assert.match((await citizen.get(feed)).text, /关于蓝鲸试验站的公告/);
  assert.match((await citizen.get(table)).text, /关于蓝鲸试验站的公告/);
  assert.equal((await citizen.get(`/api/v1/search/suggest?q=${enc('蓝鲸')}`)).json.suggestions.length, 1);

  const inFile = await api('unicorn');
  assert.equal(inFile.hits[0].title, `关于${word}的公告`);
  assert.equal(inFile.hits[0].files[0].at_page, 2);
  assert.match(inFile.hits[0].files[0].snippet_html, /<mark>unicorn<\/mark>/);
  assert.equal((await api('unicorn', '&type=pdf')).count, 1);
  assert.equal((await api('unicorn', '&type=word')).count, 0);

  assert.equal((await town.step('qianfa', id, 'correct', { reason: '日期有误' })).status, 303);
  await town.save(id, { title: `关于${word}的更正公告`, body: '<p>定于大寒开放。</p>' });
  assert.equal((await api('大寒')).hits.filter((h) => h.title.includes(word)).length, 0, 'a draft is not found');
  await town.publish(id);
  assert.deepEqual(titles(await api(word)), [`关于${word}的更正公告`]);
  assert.equal((await api('冬至开放', '&literal=1')).count, 0);

  assert.equal((await town.step('qianfa', id, 'withdraw', { reason: '内容涉及不得公开的信息' })).status, 303);
  const gone = async () => {
    for (const path of [`/search?q=${enc(word)}`, `/search?q=unicorn`, feed, table, `/search/export?format=json&q=${enc(word)}`, `/api/v1/search/suggest?q=${enc('蓝鲸')}`]) assert.doesNotMatch((await citizen.get(path)).text, /更正公告|second page/, path);
    assert.equal((await api(word)).count, 0);
  };
  await gone();
  await rebuild();
  await gone();
});

// While the server answers: the command asks it, it builds beside the old file and swaps.
async function rebuild() {
  let done = false, answers = 0;
  const command = new Promise((ok, bad) => execFile(process.env.MINGTANG_BIN ?? 'build/test/mingtang', ['search', 'rebuild'], { env: server.env }, (e, _, err) => ((done = true), e ? bad(new Error(err)) : ok())));
  while (!done) {
    assert.ok((await api('低保')).count > 0, 'reads go on');
    answers++;
    await new Promise((r) => setTimeout(r, 20));
  }
  await command;
  assert.ok(answers > 0);
}

test('the office edits synonyms; they count at once, bad ones are refused at the field', async () => {
  const office = await server.signIn('office');
  const add = (words) => office.submit('/desk/synonyms', '/desk/synonyms', { words });
  assert.equal((await api('摸鱼补贴', '&literal=1')).count, 0);
  assert.equal((await add('摸鱼补贴 稻谷补贴')).status, 303);
  assert.ok((await api('摸鱼补贴', '&literal=1')).count > 0);
  const refused = await add('只有一个词');
  assert.equal(refused.status, 422);
  assert.match(refused.text, /两个以上不同的词/);
  assert.match(refused.text, /value="只有一个词"/);
  assert.equal((await add('低 保')).status, 422);
  const page = await office.get('/desk/synonyms');
  const id = page.text.match(/\/desk\/synonyms\/(\d+)"[^>]*>(?:(?!<\/form>)[\s\S])*摸鱼补贴/)[1];
  const action = `/desk/synonyms/${id}/remove`;
  assert.equal((await office.post(action, hidden(page.text, action))).status, 303);
  assert.equal((await api('摸鱼补贴', '&literal=1')).count, 0);
  const clerk = town.posts.bianji;
  assert.equal((await clerk.get('/desk/synonyms')).status, 403);
});

test('no query breaks it', async () => {
  for (const q of ['低', '"', "'", '%', '*', '低*', 'a" OR "b', 'NEAR(低 保)', 'title:低保', '🙂', '🙂低保', '，。！', '^低', '(((', '低 AND', '低保'.repeat(200), '<script>alert(1)</script>', "'; DROP TABLE doc; --", '\u202e低保', '低\u200b保']) {
    const r = await citizen.get(`/search?q=${enc(q)}`);
    assert.equal(r.status, 200, q);
    assert.doesNotMatch(r.text, /<script>alert/);
  }
  assert.equal((await citizen.get('/search?q=%ED%A0%80')).status, 400, 'half a surrogate is no character');
  assert.ok([400, 414, 422, 431].includes((await citizen.get(`/search?q=${'%E4%BD%8E'.repeat(10000)}`)).status));
  assert.match((await citizen.get(`/search?q=${enc('，。！')}`)).text, /至少一个字/);
  assert.match((await citizen.get(`/search?q=${enc('低保'.repeat(100))}`)).text, /前 100 个字/);
  const far = await citizen.get(`/search?q=${enc('低保')}&page=100000`);
  assert.equal(far.status, 200);
  assert.match(far.text, /没有这一页/);
  assert.equal((await citizen.get(`/search?q=${enc('低保')}&page=x`)).status, 422);
  const filters = Array.from({ length: 40 }, (_, i) => `unit=u${i}`).join('&');
  assert.equal((await citizen.get(`/search?q=${enc('低保')}&${filters}`)).status, 200);
});

test('an export holds what was found; a formula in it is only text; Excel opens it', async () => {
  await town.published({ title: '=HYPERLINK("http://x","点我")', body: '<p>公式试验田。</p>' });
  const csv = await citizen.get(`/search/export?q=${enc('公式试验田')}`);
  assert.match(csv.headers['content-type'], /text\/csv/);
  assert.match(csv.text, /"'=HYPERLINK/);
  const json = (await citizen.get(`/search/export?format=json&q=${enc('公式试验田')}`)).json;
  assert.equal(json.length, 1);
  assert.match(json[0]['网址'], /^http.*\/disclosures\//);
  const xlsx = await citizen.get(`/search/export?format=xlsx&q=${enc('公式试验田')}`);
  assert.equal(xlsx.bytes.subarray(0, 2).toString(), 'PK');
});

test('a feed is well-formed, newest first, and the same bytes while nothing changes', async () => {
  const one = await citizen.get(`/search.atom?q=${enc('公开')}`), two = await citizen.get(`/search.atom?q=${enc('公开')}`);
  assert.equal(one.text, two.text);
  const times = [...one.text.matchAll(/<published>([^<]+)/g)].map((m) => m[1]);
  assert.ok(times.length > 3);
  assert.deepEqual(times, [...times].sort().reverse());
  assert.doesNotMatch(one.text, /&(?!amp;|lt;|gt;|quot;)/);
});

test('a second node on the same folder keeps an index of its own; a killed one catches up', async () => {
  const other = new Server();
  try {
    other.env = { ...server.env, MINGTANG_LISTEN: '127.0.0.1:0' };
    await other.start();
    const seen = async () => (await other.visitor().get(`/api/v1/search?literal=1&q=${enc('第二节点试验')}`)).json.count;
    const until = async (n) => { // a node listens before its index is built
      let count;
      for (let i = 0; i < 400 && (count = await seen()) !== n; i++) await new Promise((r) => setTimeout(r, 50));
      return count;
    };
    assert.equal(await until(0), 0);
    await other.stop('SIGKILL');
    await town.published({ title: '第二节点试验', body: '<p>x。</p>' });
    await other.start();
    assert.equal(await until(1), 1);
  } finally {
    await other.stop();
    other.db.drop();
  }
});

test('a damaged or missing index is built anew at the start', async () => {
  const before = (await api('低保')).count;
  for (const damage of [(f) => writeFileSync(f, 'not a database at all'.repeat(1000)), (f) => truncateSync(f, 100000), (f) => truncateSync(f, 0)]) {
    await server.stop();
    damage(join(server.dir, 'search.db'));
    await server.start();
    let n = 0;
    for (let i = 0; i < 100 && n !== before; i++) {
      const r = await citizen.get(`/api/v1/search?q=${enc('低保')}`);
      n = r.status === 200 ? r.json.count : 0;
      if (n !== before) await new Promise((done) => setTimeout(done, 100));
    }
    assert.equal(n, before);
  }
});

test('Word and Excel files of the old formats are searched too', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mingtang-old-'));
  try {
    writeFileSync(join(dir, 'a.txt'), '穿山甲保护名录\n第二段\n');
    writeFileSync(join(dir, 'b.csv'), '姓名,金额\n金丝猴补助,720\n');
    const convert = (...args) => execFileSync('soffice', [`-env:UserInstallation=file://${dir}/profile`, '--headless', ...args], { cwd: dir, stdio: 'pipe' });
    convert('--convert-to', 'doc:MS Word 97', 'a.txt');
    convert('--infilter=CSV:44,34,76', '--convert-to', 'xls:MS Excel 97', 'b.csv');
    const files = [{ name: '名录.doc', bytes: readFileSync(join(dir, 'a.doc')) }, { name: '补助.xls', bytes: readFileSync(join(dir, 'b.xls')) }];
    const { publicId } = await town.published({ title: '旧格式附件试验' }, files);
    for (const word of ['穿山甲保护', '金丝猴补助']) {
      const found = await api(word);
      assert.equal(found.hits[0]?.address, `/disclosures/${publicId}`, word);
      assert.match(found.hits[0].files[0].snippet_html, new RegExp(`<mark>${word}`));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
