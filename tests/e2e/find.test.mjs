// Finding and reading by everyone: while typing, by keyboard, without script; elder mode's tools; leaving for other sites.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { demoServer } from '../lib/server.mjs';
import { launch, open } from '../lib/browser.mjs';
import { Town } from '../lib/matter.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let server, red, browser, outside;
before(async () => {
  server = await demoServer();
  red = await demoServer({ env: { MINGTANG_THEME: 'red' } });
  browser = await launch();
  const town = await Town.signIn(server);
  outside = (await town.published({ title: '外链试验', body: '<p><a href="https://example.com/there">外站说明</a></p>' })).publicId;
});
after(async () => { await browser.close(); await server.close(); await red.close(); });

async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`);
}

test('suggestions come while typing and are chosen by keyboard', async () => {
  const page = await open(browser, server);
  await page.goto('/');
  await page.locator('#q').pressSequentially('mzj', { delay: 30 });
  const list = page.locator('[role=listbox]').first();
  await list.waitFor({ state: 'visible' });
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.locator('#q').getAttribute('aria-activedescendant'), 'suggest-0');
  await page.keyboard.press('Escape');
  assert.equal(await list.isHidden(), true);
  await page.locator('#q').fill('');
  await page.locator('#q').pressSequentially('mzj', { delay: 30 });
  await list.waitFor({ state: 'visible' });
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/units/mzj');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('results are narrowed and widened again by links alone, without script, on a phone', async () => {
  const page = await open(browser, server, { javaScriptEnabled: false, width: 375 });
  await page.goto('/search');
  await page.locator('#q').fill('2026年 财政局 预算');
  await page.locator('main button[type=submit]').click();
  await page.getByText('理解为').waitFor();
  await page.getByRole('link', { name: /单位：市财政局/ }).click();
  assert.equal(await page.getByRole('link', { name: /单位：市财政局/ }).count(), 0);
  assert.ok((await page.locator('.hits > li').count()) > 0);
  await page.getByRole('link', { name: '按时间' }).click();
  assert.match(page.url(), /sort=newest/);
  await page.getByRole('link', { name: '缩小范围' }).click(); // on a phone the filters stand below the list
  const seen = () => page.locator('#facets-title').evaluate((e) => e.getBoundingClientRect().top < innerHeight);
  for (let i = 0; i < 50 && !(await seen()); i++) await new Promise((r) => setTimeout(r, 100)); // the page scrolls there in its own time
  assert.ok(await seen());
  await page.locator('.facets a').first().click();
  assert.ok((await page.locator('.chips li').count()) >= 2);
  await page.context().close();
});

test('elder mode: larger type, high contrast and both are remembered; every state is accessible', async () => {
  const page = await open(browser, server, { elder: true });
  await page.goto('/units/mzj');
  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  const before = await size();
  assert.ok(before >= 24);
  await page.getByRole('button', { name: '放大字号' }).click();
  await page.getByRole('button', { name: '放大字号' }).click();
  assert.equal(await size(), before + 4);
  await page.getByRole('button', { name: '高对比' }).click();
  assert.deepEqual(await violations(page), []);
  for (const path of ['/search?q=低保', '/info', '/columns/policies', `/disclosures/${outside}`]) {
    await page.goto(path);
    assert.equal(await size(), before + 4, path);
    assert.deepEqual(await violations(page), [], path);
  }
  assert.equal(await page.getByRole('button', { name: '高对比' }).getAttribute('aria-pressed'), 'true');
  await page.context().close();
});

test('in elder mode nothing pops up: the page asks before leaving', async () => {
  const page = await open(browser, server, { elder: true });
  await page.goto(`/disclosures/${outside}`);
  await page.getByRole('link', { name: '外站说明' }).click();
  await page.waitForURL(/\/leave\?to=/);
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.deepEqual(await violations(page), []);
  await page.context().close();
});

test('elder mode is switched in one place and remembered on every page after, until it is switched off there', async () => {
  const page = await open(browser, server, { javaScriptEnabled: false });
  await page.goto('/units/mzj');
  await page.getByRole('link', { name: '长者模式' }).click();
  await page.waitForURL('**/units/mzj');
  for (const path of ['/', '/info', '/search?q=低保', `/disclosures/${outside}`]) {
    await page.goto(path);
    assert.equal(await page.locator('html.elder').count(), 1, path);
  }
  await page.getByRole('link', { name: '退出长者模式' }).click();
  await page.waitForURL(`**/disclosures/${outside}`);
  assert.equal(await page.locator('html.elder').count(), 0);
  await page.context().close();
});

// Every fold, switch and filter that a click opens, on a screen and on a phone.
for (const [width, elder] of [[1366, false], [375, false], [375, true]])
  test(`what a click opens is accessible at ${width}${elder ? ' in elder mode' : ''}`, async () => {
    const page = await open(browser, server, { width, elder });
    const found = [];
    const look = async (what) => found.push(...(await violations(page)).map((v) => `${what}: ${v}`));
    for (const path of ['/search?q=公开', '/units/changjiang', '/columns/policies', '/items/320682-changjiang-10-02-002', '/fields/10', '/sitemap']) {
      await page.goto(path);
      for (const fold of await page.locator('summary').all()) // in the order of the page: an outer one opens before an inner
        if (!(await fold.evaluate((x) => x.parentElement.open))) await fold.click();
      await look(`${path} with every fold open`);
      for (const fold of (await page.locator('summary').all()).reverse()) await fold.click();
      await look(`${path} with every fold closed`);
    }
    await page.goto('/search?q=公开');
    const narrow = page.locator('.facets');
    if (!(await narrow.locator('a').first().isVisible())) await narrow.locator('summary').first().click();
    await narrow.locator('a').first().click();
    await page.locator('.chips a').first().waitFor();
    await look('a filter taken');
    await page.locator('.chips a').first().click();
    await page.locator('.chips').waitFor({ state: 'detached' });
    await look('a filter taken off');
    await page.getByRole('link', { name: '下一页' }).click();
    await page.getByText(/第 2 页/).waitFor();
    await look('the second page');
    await page.goto('/columns/policies');
    await page.locator('.choice a').first().click();
    await page.locator('.choice [aria-current]').waitFor();
    await look('a column narrowed');
    await page.goto('/subscribe?q=低保');
    await look('a form');
    assert.deepEqual(found, []);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

test('the red theme is accessible', async () => {
  const page = await open(browser, red);
  for (const path of ['/', '/search?q=低保', '/columns/policies', '/units/mzj', '/info']) {
    await page.goto(path);
    assert.deepEqual(await violations(page), [], path);
  }
  await page.context().close();
});

test('a link to another site asks in a dialog; staying gives the focus back; without script a page asks', async () => {
  const page = await open(browser, server);
  await page.goto(`/disclosures/${outside}`);
  const link = page.getByRole('link', { name: '外站说明' });
  await link.focus();
  await page.keyboard.press('Enter');
  const box = page.getByRole('dialog');
  await box.waitFor();
  assert.match(await box.textContent(), /即将离开“如皋市政务公开”网站/);
  assert.match(await box.textContent(), /example\.com/);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await box.waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), '外站说明');
  await page.context().close();
  const plain = await open(browser, server, { javaScriptEnabled: false });
  await plain.goto(`/disclosures/${outside}`);
  await plain.getByRole('link', { name: '外站说明' }).click();
  await plain.getByText('要去的网站').waitFor();
  assert.equal(await plain.getByRole('link', { name: '继续访问' }).getAttribute('href'), 'https://example.com/there');
  await plain.context().close();
});
