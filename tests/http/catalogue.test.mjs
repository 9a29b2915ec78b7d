// Catalogues in and out: import with a dry run, proposals, export; good files and many bad ones.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoServer, hidden } from '../lib/server.mjs';

let server, maker, office, dir, catalogue;
before(async () => {
  server = await demoServer();
  maker = await server.signIn('mulu');
  office = await server.signIn('office');
  dir = mkdtempSync(join(tmpdir(), 'mingtang-cat-'));
  const list = (await maker.get('/api/v1/desk/catalogues')).json;
  catalogue = (list.catalogues ?? []).find((c) => c.code === 'city-standard') ?? list;
});
after(async () => {
  rmSync(dir, { recursive: true, force: true });
  await server.close();
});

const HEAD = '序号,领域,一级事项,二级事项,公开内容（要素）,公开依据,公开时限,公开主体,公开渠道和载体,全社会,特定群体,主动,依申请,县级,乡级';
const ROW = (n, level2, more = {}) => [n, '社会救助', '测试事项', level2, '名称、金额', '《社会救助暂行办法》', more.limit ?? '信息形成之日起20个工作日内', more.owner ?? '市民政局', '■政府网站', '√', '', '√', '', '√', ''].join(',');

async function dryRun(name, bytes) {
  const page = `/desk/catalogues/${catalogue.id}/import`;
  const form = hidden((await maker.get(page)).text, page);
  const r = await maker.upload(page, form, [{ field: 'file', name, bytes }]);
  if (r.status !== 303) return { status: r.status, text: r.text };
  const report = await maker.get(r.headers.location);
  return { status: report.status, text: report.text, path: r.headers.location, json: (await maker.get('/api/v1' + r.headers.location)).json };
}
const counts = (json) => JSON.stringify(json);

test('the standard table goes out as XLSX and comes back in without a difference', async () => {
  const out = await maker.get(`/desk/catalogues/${catalogue.id}/export?format=xlsx`);
  assert.equal(out.status, 200);
  assert.equal(out.bytes.subarray(0, 2).toString(), 'PK');
  const r = await dryRun('往返.xlsx', out.bytes);
  assert.equal(r.status, 200, r.text.slice(0, 400));
  const c = r.json.report?.counts ?? r.json.counts ?? r.json;
  assert.match(JSON.stringify(c), /"added": ?0/);
  assert.match(JSON.stringify(c), /"changed": ?0/);
});

test('the exported table opens in LibreOffice', () => {
  const file = join(dir, 'out.xlsx');
  execFileSync(process.env.MINGTANG_BIN ?? 'build/test/mingtang', ['catalogue', 'export', 'city-standard', 'xlsx', file], { env: server.env, stdio: 'pipe' });
  execFileSync('soffice', ['--headless', `-env:UserInstallation=file://${dir}/lo`, '--convert-to', 'csv:Text - txt - csv (StarCalc):44,34,76', '--outdir', dir, file], { stdio: 'pipe', timeout: 120000 });
  const text = execFileSync('cat', [join(dir, 'out.csv')], { encoding: 'utf8' });
  assert.match(text, /一级事项/);
  assert.match(text, /最低生活保障/);
});

test('CSV in GBK, with a BOM, other column orders, 同上 and line breaks in cells is read', async () => {
  const gbk = execFileSync('iconv', ['-f', 'UTF-8', '-t', 'GB18030'], { input: `${HEAD}\n${ROW(1, '国标编码的事项')}\n` });
  const a = await dryRun('gbk.csv', gbk);
  assert.equal(a.status, 200, a.text.slice(0, 300));
  assert.match(counts(a.json), /国标编码的事项/);
  const b = await dryRun('bom.csv', '\ufeff' + `${HEAD}\n${ROW(1, '有标记的事项')}\n`);
  assert.match(counts(b.json), /有标记的事项/);
  const c = await dryRun('order.csv', '公开主体,公开时限,二级事项,一级事项,公开依据,公开内容（要素）,领域\n市民政局,20个工作日,"换了列序\n的事项",测试事项,《办法》,名称,社会救助\n同上,同上,第二行,测试事项,同上,同上,同上\n');
  assert.equal(c.status, 200, c.text.slice(0, 300));
  assert.match(counts(c.json), /第二行/);
});

test('an owner that is no unit is reported by row and column, and nothing is imported', async () => {
  const r = await dryRun('owner.csv', `${HEAD}\n${ROW(1, '好的一行')}\n${ROW(2, '坏的一行', { owner: '不存在局' })}\n`);
  assert.match(r.text, /不存在局/);
  assert.match(r.text, /3/);
  const table = await server.visitor().get('/catalogues/city-standard?field=10');
  assert.doesNotMatch(table.text, /好的一行/);
});

for (const [name, file, bytes] of [
  ['a truncated XLSX', 'cut.xlsx', async () => (await maker.get(`/desk/catalogues/${catalogue.id}/export?format=xlsx`)).bytes.subarray(0, 5000)],
  ['a file that only calls itself XLSX', 'fake.xlsx', async () => Buffer.from('MZ this is a program')],
  ['an empty file', 'empty.csv', async () => Buffer.alloc(0)],
  ['a table without the headings', 'noheading.csv', async () => 'a,b,c\n1,2,3\n'],
])
  test(`${name} gets one clear sentence`, async () => {
    const r = await dryRun(file, await bytes());
    assert.ok([200, 413, 415, 422].includes(r.status), `${r.status}`);
    assert.match(r.text, /无法|不是|没有|表头|损坏|空|不完整/);
  });

test('a zip bomb is refused', async () => {
  const zeros = join(dir, 'xl');
  execFileSync('bash', ['-c', `mkdir -p ${zeros}/worksheets && head -c 600000000 /dev/zero > ${zeros}/worksheets/sheet1.xml && cd ${dir} && zip -q -r bomb.xlsx xl && rm -r xl`]);
  const r = await dryRun('bomb.xlsx', execFileSync('cat', [join(dir, 'bomb.xlsx')], { maxBuffer: 1 << 26 }));
  assert.ok([413, 415, 422].includes(r.status) || /过大|压缩|无法|不是/.test(r.text), `${r.status}`);
});

test('an import becomes a proposal; another person approves; the item takes force and its duty begins', async () => {
  const r = await dryRun('new.csv', `${HEAD}\n${ROW(1, '导入的新事项')}\n`);
  const apply = `${r.path}/apply`;
  const page = await maker.get(r.path);
  const done = await maker.post(apply, { ...hidden(page.text, apply), ground: '职能调整', effective: '2026-11-23' });
  assert.equal(done.status, 303, done.text.slice(0, 600));
  const proposal = done.headers.location;
  const act = async (who, verb, fields = {}) => {
    const p = await who.get(proposal);
    return who.post(`${proposal}/${verb}`, { ...hidden(p.text, `${proposal}/${verb}`), ...fields });
  };
  const state = async () => JSON.stringify((await office.get('/api/v1' + proposal)).json);
  if (/"state": ?"draft"/.test(await state())) assert.equal((await act(maker, 'submit')).status, 303);
  const csrf = hidden((await maker.get('/desk/account')).text, '/sign-out');
  assert.equal((await maker.post(`${proposal}/approve`, csrf)).status, 403, 'the proposer does not approve');
  assert.equal((await act(office, 'approve')).status, 303);
  const table = await server.visitor().get('/catalogues/city-standard?field=10');
  assert.match(table.text, /导入的新事项/);
  const mzj = await server.signIn('mzj-bianji');
  assert.match((await mzj.get('/api/v1/desk/duties?state=open&page_size=200')).text, /导入的新事项/);
});

test('an item without an owner, a limit or a basis cannot be proposed', async () => {
  const page = await maker.get(`/desk/catalogues/${catalogue.id}/propose`);
  const action = `/desk/catalogues/${catalogue.id}/propose`;
  const r = await maker.post(action, { ...hidden(page.text, action), field_id: 10, level1: '甲', level2: '乙', elements: '丙', ground: '依据', effective: '2026-12-01', submit: 1 });
  assert.equal(r.status, 422, r.text.slice(0, 300));
  for (const label of ['公开主体', '公开时限', '公开依据']) assert.match(r.text, new RegExp(label));
});

test('an editor of a town imports nothing', async () => {
  const town = await server.signIn('changjiang-bianji');
  assert.equal((await town.get(`/desk/catalogues/${catalogue.id}/import`)).status, 403);
});
