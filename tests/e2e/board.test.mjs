// The live board in a real browser: it changes without a reload, says when the line is lost, and is for a wall too.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { demoServer, hidden } from '../lib/server.mjs';
import { launch, open } from '../lib/browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let server, browser, office;
before(async () => {
  server = await demoServer({ rules: false });
  browser = await launch();
  office = await server.signIn('office');
});
after(async () => { await browser.close(); await server.close(); });

async function waive() {
  const [{ id }] = (await office.get('/api/v1/desk/duties?state=open&from=2026-11-25&page_size=1')).json.duties;
  const action = `/desk/duties/${id}/waive`, page = await office.get(`/desk/duties/${id}`);
  assert.equal((await office.post(action, { ...hidden(page.text, action), ground: 'ND6', reason: '过程性信息，不予公开' })).status, 303);
}
const figure = (page, name) => page.locator('.tiles li', { hasText: name }).locator('.tile-n').innerText().then(Number);
const live = (page) => page.waitForSelector('[data-live-state][data-state="live"]');

async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map((v) => [v.id, v.nodes[0].html]), []);
}

test('the board changes without a reload when a duty is settled, and leaves focus and scroll where they are', async () => {
  const page = await open(browser, server, { login: 'office' });
  await page.goto('/desk/supervision');
  await live(page);
  assert.match(await page.locator('[data-live-state]').innerText(), /实时更新 · 数据截至/);
  await page.evaluate(() => { window.same = true; });
  await page.getByText('查看数据').click();
  const link = page.locator('.live-table tfoot a').first();
  await link.focus();
  const before30 = await figure(page, '30天内到期');
  await waive();
  await page.waitForFunction((n) => Number([...document.querySelectorAll('.tiles li')].find((li) => li.textContent.includes('30天内到期')).querySelector('.tile-n').textContent) === n - 1, before30, { timeout: 5000 });
  assert.equal(await page.evaluate(() => window.same), true, 'the same page');
  assert.ok(await page.locator('.board-data').evaluate((d) => d.open), 'what was opened stays open');
  assert.ok(await page.evaluate(() => document.activeElement.matches('.live-table tfoot a')), 'the focus stays');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('every figure opens its records, as many as it says', async () => {
  const page = await open(browser, server, { login: 'office' });
  await page.goto('/desk/supervision');
  const n = await figure(page, '30天内到期');
  assert.ok(n > 0);
  await page.getByRole('link', { name: '30天内到期' }).click();
  await page.waitForURL(/\/desk\/duties\?state=open&from=/);
  const url = new URL(page.url());
  url.searchParams.set('page_size', '200');
  const first = (await office.get(`/api/v1${url.pathname}${url.search}`)).json.duties;
  assert.equal(first.length, Math.min(n, 200));
  await page.context().close();
});

test('the line is lost: the board says so and comes back by itself', async () => {
  const page = await open(browser, server, { login: 'office' });
  await page.goto('/desk/supervision?wall=1');
  await live(page);
  const port = server.port;
  await server.stop();
  await page.waitForSelector('[data-live-state][data-state="lost"]');
  assert.match(await page.locator('[data-live-state]').innerText(), /连接已断开，正在重新连接 · 数据截至/);
  await server.start({ MINGTANG_LISTEN: `127.0.0.1:${port}` });
  await page.waitForSelector('[data-live-state][data-state="live"]');
  await page.context().close();
});

for (const width of [1366, 375])
  test(`the board at ${width} px is accessible and does not scroll sideways`, async () => {
    const page = await open(browser, server, { login: 'office', width });
    await page.goto('/desk/supervision');
    await live(page);
    await accessible(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await page.context().close();
  });

test('a wall screen: large figures, nothing to press but figures, everything on one screen', async () => {
  const page = await open(browser, server, { login: 'office', width: 1920 });
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto('/desk/supervision?wall=1');
  await live(page);
  assert.equal(await page.locator('nav, form, button').count(), 0);
  const size = (selector) => page.locator(selector).first().evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
  assert.ok((await size('.tile-n')) >= 64);
  assert.ok((await size('.tile-name')) >= 24);
  assert.ok((await size('.live-cell')) >= 22);
  const low = await page.evaluate(() => [...document.querySelectorAll('.live-table tfoot, .trend figcaption, .wall-posts')].map((e) => e.getBoundingClientRect().bottom));
  assert.ok(low.every((y) => y <= 1080), `${low}`);
  await accessible(page);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('without script the figures are there, with a link that refreshes', async () => {
  const page = await open(browser, server, { login: 'office', javaScriptEnabled: false });
  await page.goto('/desk/supervision');
  assert.ok(await figure(page, '30天内到期') >= 0);
  assert.match(await page.locator('[data-live-state]').innerText(), /^数据截至 2026-11-23/);
  await page.getByRole('link', { name: '刷新' }).click();
  await page.waitForURL(/\/desk\/supervision$/);
  await page.context().close();
});
