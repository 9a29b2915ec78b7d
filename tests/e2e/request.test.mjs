// Applying for information as people do it: on a phone, by the keyboard alone, without script, in elder mode; every step and
// page accessible (axe, WCAG 2.1 A and AA), no sideways scrolling, no console error.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { demoServer } from '../lib/server.mjs';
import { launch, open } from '../lib/browser.mjs';
import { Applicant, Office, PERSON, idCard } from '../lib/applicant.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
let server, browser, office;
before(async () => {
  server = await demoServer();
  browser = await launch();
  office = await Office.signIn(server);
});
after(async () => { await browser.close(); await server.close(); });

const found = [];
async function look(page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  found.push(...(wide > 0 ? [`${name}: wider than the screen by ${wide} px`] : []), ...violations.map((v) => `${name}: ${v.id}: ${v.nodes[0].target} (${v.nodes.length})`), ...page.problems.splice(0).map((p) => `${name}: ${p}`));
}

// Tab until what has the focus is this.
async function reach(page, selector) {
  for (let i = 0; i < 120; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector} cannot be reached by Tab`);
}
async function type(page, selector, text) {
  await reach(page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}
async function press(page, words) {
  for (let i = 0; i < 120; i++) {
    if (await page.evaluate((w) => document.activeElement?.matches('button, a') && document.activeElement.textContent.trim() === w, words)) {
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
      return;
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`${words} cannot be reached by Tab`);
}
const step = (page) => page.locator('.steps-now').innerText();

for (const elder of [false, true])
  test(`a phone, the keyboard alone${elder ? ', elder mode' : ''}: apply, follow, supplement, fetch, rate`, async () => {
    const page = await open(browser, server, { width: 375, elder });
    await page.goto('/requests');
    await look(page, 'start');
    await press(page, '提交申请');
    await look(page, 'unit');
    await press(page, '下一步');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'error-summary', 'the summary has the focus');
    await look(page, 'unit refused');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'unit');
    await reach(page, '#find');
    await page.keyboard.type('长江');
    assert.ok(await page.locator('#unit label:visible').count() < 5, 'the list narrows while typing');
    await reach(page, 'input[name=unit]');
    await page.keyboard.press('Space');
    await press(page, '下一步');
    await type(page, '#subject', '低保');
    await page.locator('[data-similar-list] a').first().waitFor();
    await look(page, 'wanted');
    await type(page, '#subject', `低保标准的依据${elder ? '（长者）' : ''}`);
    await type(page, '#description', '2025年\n全镇');
    await press(page, '下一步');
    await look(page, 'kind');
    await reach(page, 'input[name=applicant]');
    await page.keyboard.press('Space');
    await press(page, '下一步');
    await type(page, '#name', PERSON.name);
    await type(page, '#id_number', '320682199003070011');
    await press(page, '下一步');
    await look(page, 'person refused');
    assert.equal(await page.inputValue('#name'), PERSON.name);
    await type(page, '#id_number', idCard(elder ? 102 : 101));
    await type(page, '#mobile', PERSON.mobile);
    await look(page, 'person');
    await press(page, '下一步');
    await look(page, 'way');
    await press(page, '下一步');
    await page.setInputFiles('#identity_file', { name: '身份证.png', mimeType: 'image/png', buffer: PNG });
    await press(page, '上传，留在本步');
    await look(page, 'files');
    await press(page, '下一步');
    await look(page, 'check');
    assert.match(await step(page), /第 6 步，共 6 步/);
    await press(page, '修改所需信息');
    assert.equal(await page.inputValue('#description'), '2025年\n全镇');
    await press(page, '下一步');
    await press(page, '提交申请');
    await look(page, 'done');
    const [number, code] = [await page.innerText('#number'), await page.innerText('#code')];
    assert.ok(await page.getByRole('button', { name: '打印本页' }).isVisible());
    await page.context().clearCookies({ name: 'foi' });
    await page.goto(`/requests/${number}`);
    assert.match(page.url(), /\/requests\/track\?number=/);
    await look(page, 'track');
    await type(page, '#code', code.toLowerCase());
    await press(page, '查询');
    await look(page, 'mine');
    await office.taken(number);
    await office.step('foi', number, 'clarify', { text: '请写明是城市低保还是农村低保' });
    await page.reload();
    await look(page, 'asked');
    await type(page, '#text', '农村低保');
    await press(page, '提交补正');
    await office.reply(number);
    await page.reload();
    await look(page, 'replied');
    await press(page, '领取答复');
    for (const d of await page.$$('details')) await d.evaluate((e) => { e.open = true; });
    await look(page, 'delivered');
    await reach(page, 'input[name=n]');
    await page.keyboard.press('Space');
    await press(page, '提交评价');
    assert.match(await page.innerText('main'), /您的评价：非常满意/);
    await page.context().close();
    assert.deepEqual(found.splice(0), []);
  });

test('without script everything works; the list of organs is found by a button', async () => {
  const page = await open(browser, server, { width: 320, javaScriptEnabled: false });
  await page.goto('/requests/new');
  await page.selectOption('#field', '10');
  await page.click('button[value=find]');
  assert.ok(await page.locator('#unit label').count() < 10);
  await page.check('input[name=unit] >> nth=0');
  await page.getByRole('button', { name: '下一步' }).click();
  await page.fill('#subject', '无脚本的申请');
  await page.getByRole('button', { name: '下一步' }).click();
  await page.check('input[value=company]');
  await page.getByRole('button', { name: '下一步' }).click();
  assert.ok(await page.locator('#contact_name').isVisible());
  assert.equal(await page.locator('#workplace').count(), 0);
  await page.getByRole('button', { name: '上一步' }).click();
  await page.getByRole('button', { name: '上一步' }).click();
  assert.equal(await page.inputValue('#subject'), '无脚本的申请');
  await page.context().close();
});

test('a fee and its dispute, withdrawing, at 1366 and 320 px', async () => {
  const a = await new Applicant(server).applied({ wanted: { subject: '收费页面的申请' }, person: { ...PERSON, id_number: idCard(111) } });
  await office.taken(a.number);
  await office.step('foi', a.number, 'charge', { basis: 'page', n: 250, text: '到长江镇财政所缴纳' });
  for (const width of [1366, 320]) {
    const page = await open(browser, server, { width });
    await page.context().addCookies([{ name: 'foi', value: a.v.cookies.get('foi'), url: server.url }]);
    for (const rest of ['', '/withdraw']) {
      await page.goto(`/requests/${a.number}${rest}`);
      await look(page, `fee${rest} at ${width}`);
    }
    await page.goto(`/requests/${a.number}`);
    await page.getByRole('button', { name: '提出异议' }).click();
    await look(page, `dispute refused at ${width}`);
    await page.context().close();
  }
  assert.deepEqual(found.splice(0), []);
});
