// Proof as people meet it, in a real browser: a receipt checked on the reader's own device, the portal as it was, a
// replay that plays; wide, on a phone, without script, with the keyboard alone.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoServer } from '../lib/server.mjs';
import { Town } from '../lib/matter.mjs';
import { launch, open } from '../lib/browser.mjs';

let server, browser, town, matter;
before(async () => {
  server = await demoServer();
  browser = await launch();
  town = await Town.signIn(server);
  matter = await town.published({ title: '浏览器里核对的信息', body: '<p>第一段。</p>' }, [{ name: '附件.txt', bytes: Buffer.from('附件的内容') }]);
});
after(async () => { await browser.close(); await server.close(); });

for (const width of [1366, 375])
  test(`a citizen checks a receipt at ${width} px: the proof is computed in the page, an attachment too`, async () => {
    const page = await open(browser, server, { width });
    await page.goto(`/disclosures/${matter.publicId}`);
    await page.getByRole('link', { name: '核对和下载凭证' }).click();
    await page.waitForURL('**/verify/**');
    await page.locator('[data-verify-result].tone-green').waitFor();
    assert.match(await page.locator('[data-verify-result]').innerText(), /核对无误/);
    assert.ok((await page.locator('[data-verify-steps] > li.tone-green').count()) >= 4);
    const file = join(server.dir, '附件.txt');
    writeFileSync(file, '附件的内容');
    await page.setInputFiles('[data-verify-file]', file);
    await page.getByText('附件一致').or(page.getByText('与凭证所列附件')).first().waitFor();
    writeFileSync(file, '改过的附件内容');
    await page.setInputFiles('[data-verify-file]', file);
    await page.getByText('不是凭证所列的附件').first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

test('a receipt kept earlier is checked from the file; an altered one is refused', async () => {
  const page = await open(browser, server);
  await page.goto(`/verify/${matter.publicId}/1`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '下载凭证' }).click()]);
  assert.match(download.suggestedFilename(), /^公开凭证-.*\.json$/);
  const path = join(server.dir, 'kept.json');
  await download.saveAs(path);
  await page.goto('/verify');
  await page.setInputFiles('[data-verify-file]', path);
  await page.locator('[data-verify-result].tone-green').waitFor();
  const receipt = JSON.parse(readFileSync(path, 'utf8'));
  for (const [what, change] of [['text', (r) => { r.content = r.content.replace('第一段', '第二段'); }], ['leaf', (r) => { r.entry.leaf = r.entry.leaf.replace('"version":1', '"version":2'); }], ['head', (r) => { r.checkpoint = r.checkpoint.replace(/\n(\d+)\n/, (_, n) => `\n${Number(n) + 1}\n`); }]]) {
    const forged = structuredClone(receipt);
    change(forged);
    writeFileSync(path, JSON.stringify(forged));
    await page.setInputFiles('[data-verify-file]', path);
    await page.locator('[data-verify-result].tone-red').waitFor({ timeout: 10000 }).catch(() => assert.fail(what));
  }
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('the printed copy carries a code whose address is the check of exactly this edition', async () => {
  const page = await open(browser, server);
  await page.goto(`/disclosures/${matter.publicId}/print`);
  const code = page.locator('img.qr');
  assert.ok((await code.evaluate((i) => i.complete && i.naturalWidth)) > 0);
  assert.match(await page.locator('footer').innerText(), new RegExp(`/verify/${matter.publicId}/1`));
  await page.context().close();
});

test('the portal as it was: chosen in the page, walked through, left again; without script as well', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await open(browser, server, { javaScriptEnabled, width: 375 });
    await page.goto('/');
    await page.fill('#as-of', '2026-11-19T12:00');
    await page.getByRole('button', { name: '查看', exact: true }).click();
    await page.waitForURL(/as_of=/);
    assert.match(await page.locator('.as-of-banner').innerText(), /2026-11-19 12:00/);
    await page.getByRole('link', { name: '全部公开信息' }).click();
    await page.waitForURL(/disclosures\?as_of=/);
    assert.match(await page.locator('.as-of-banner').innerText(), /2026-11-19 12:00/);
    assert.doesNotMatch(await page.locator('main').innerText(), /浏览器里核对的信息/);
    await page.locator('.entries a.title').first().click();
    await page.waitForURL(/disclosures\/[^?]+\?as_of=/);
    await page.getByRole('link', { name: '回到现在' }).click();
    await page.waitForURL((u) => !u.href.includes('as_of=2026'));
    assert.equal(await page.locator('.as-of-banner').count(), 0);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  }
});

test('a supervisor plays the course of a matter, stops it, walks by keyboard, filters and exports', async () => {
  const page = await open(browser, server, { login: 'office' });
  await page.goto(`/desk/replay/disclosure/${matter.id}?step=1`);
  assert.match(await page.locator('.replay-bar').innerText(), /第 1 步/);
  await page.getByRole('button', { name: '播放' }).click();
  await page.getByText(/第 2 步/).waitFor({ timeout: 8000 });
  await page.getByText(/第 3 步/).waitFor({ timeout: 8000 });
  await page.getByRole('button', { name: '暂停' }).click();
  const stopped = page.url();
  await page.waitForTimeout(3000);
  assert.equal(page.url(), stopped);
  await page.locator('[data-replay-after]').focus();
  await page.keyboard.press('Enter');
  await page.getByText(/第 4 步/).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.matches('[data-replay-after]')), true, 'the focus stays where it was');
  await page.selectOption('#verb', 'passed');
  await page.getByRole('button', { name: '筛选' }).click();
  await page.waitForURL(/verb=passed/);
  assert.equal(await page.locator('.course li').count(), 6);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出 PDF' }).click()]);
  assert.match(download.suggestedFilename(), /\.pdf$/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
  const plain = await open(browser, server, { login: 'office', javaScriptEnabled: false, width: 375 });
  await plain.goto(`/desk/replay/disclosure/${matter.id}?step=2`);
  await plain.getByRole('link', { name: '下一步' }).click();
  await plain.getByText(/第 3 步/).waitFor();
  await plain.context().close();
});
