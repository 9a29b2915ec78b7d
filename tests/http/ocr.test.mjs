// Pictures and scans: recognised in the background when the operator wants it, then searched and checked for personal data.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoServer } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';

let dir, server, citizen, town;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mingtang-ocr-'));
  server = await demoServer({ clock: '', env: { MINGTANG_OCR: 'yes' } });
  citizen = server.visitor();
  town = await Town.signIn(server);
});
after(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

// A picture of these lines, drawn by a browser.
function picture(name, lines) {
  writeFileSync(join(dir, `${name}.html`), `<meta charset="utf-8"><body style="margin:40px;font:44px 'Noto Sans CJK SC'">${lines.map((l) => `<p>${l}</p>`).join('')}`);
  execFileSync('chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${dir}/profile`, '--window-size=1200,500', `--screenshot=${dir}/${name}.png`, `file://${dir}/${name}.html`], { stdio: 'pipe' });
  return readFileSync(join(dir, `${name}.png`));
}
async function until(what, seconds, done) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await done();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what} did not happen in ${seconds} s`);
    await new Promise((r) => setTimeout(r, 300));
  }
}
const find = async (q) => (await citizen.get(`/api/v1/search?q=${encodeURIComponent(q)}`)).json.hits.filter((h) => h.document);

test('a picture in a draft is recognised: personal data in it is told before publication', async () => {
  const id = await town.draft({ title: '图片名单' }, [{ name: '名单.png', type: 'image/png', bytes: picture('a', ['长江镇水貂养殖补贴名单', '联系电话 13812345678']) }]);
  const seen = await until('recognition', 60, async () => {
    const model = await town.model(id);
    return JSON.stringify(model).includes('138****5678') && JSON.stringify(model);
  });
  assert.match(seen, /文字由图片识别/);
});

test('a picture already public is found by its words as soon as it is recognised', async () => {
  const { publicId } = await town.published({ title: '只有图片的公告' }, [{ name: '公告.png', type: 'image/png', bytes: picture('b', ['梅花鹿保护区域公告', '自公布之日起施行']) }]);
  const hit = await until('the search', 60, async () => (await find('梅花鹿保护区域'))[0]);
  assert.equal(hit.address, `/disclosures/${publicId}`);
  assert.match(hit.files[0].snippet_html, /<mark>梅花鹿保护区域<\/mark>/);
  assert.equal(server.sql("SELECT count(*) FROM job WHERE kind = 'ocr' AND state = 'failed'").trim(), '0');
  assert.match(server.command('doctor'), /verified/);
});

test('what is no readable picture is kept with a remark', async () => {
  const id = await town.draft({ title: '坏图片' }, [{ name: '坏.png', type: 'image/png', bytes: Buffer.concat([picture('c', ['x']).subarray(0, 200), Buffer.alloc(500)]) }]);
  await until('the end of the job', 60, async () => server.sql("SELECT count(*) FROM job WHERE kind = 'ocr' AND state IN ('waiting', 'running')").trim() === '0');
  assert.equal((await town.model(id)).disclosure.attachments.length, 1);
});
