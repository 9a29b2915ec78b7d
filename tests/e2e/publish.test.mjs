// The main job as people do it, in a real browser: wide, on a phone, without script, with the keyboard alone.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoServer } from '../lib/server.mjs';
import { launch, open } from '../lib/browser.mjs';

let server, browser;
before(async () => { server = await demoServer(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const WALK = [['chushen', '通过初审'], ['fushen', '通过复审'], ['zhongshen', '通过终审'], ['baomi', '通过保密审查'], ['qianfa', '签发'], ['jiaodui', '校对无误'], ['jiaodui', '立即发布']];

async function review(page, id, label) {
  await page.goto(`/desk/disclosures/${id}`);
  if (label === '通过保密审查') await page.selectOption('#conclusion', 'agree');
  await page.getByRole('button', { name: label, exact: true }).click();
  await page.waitForURL(`**/desk/disclosures/${id}`);
}

for (const width of [1366, 375])
  test(`from a duty to the public page at ${width} px: draft, attach, submit, seven steps, read`, async () => {
    const title = `浏览器里发布的信息 ${width}`;
    const page = await open(browser, server, { login: 'changjiang-bianji', width });
    await page.getByRole('link', { name: '拟稿' }).first().click();
    await page.fill('#title', title);
    const editor = page.locator('.ProseMirror');
    await editor.click();
    await page.keyboard.type('这是正文的第一段。');
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text/html', '<p class=MsoNormal style="mso-x:1"><o:p>粘贴的段落</o:p></p><table style="border:1px"><tr><td>项目</td><td>金额</td></tr></table>');
      document.querySelector('.ProseMirror').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await page.getByRole('button', { name: '保存稿件' }).click();
    await page.waitForURL(/disclosures\/\d+\/edit/);
    const id = page.url().match(/disclosures\/(\d+)/)[1];
    const file = join(server.dir, '附件.txt');
    writeFileSync(file, '附件的内容');
    await page.setInputFiles('#files', file);
    const upload = page.getByRole('button', { name: '上传附件' });
    if (await upload.isVisible()) await upload.click();
    await page.getByRole('link', { name: '附件.txt' }).first().waitFor();
    await page.goto(`/desk/disclosures/${id}`);
    assert.match(await page.locator('.document-body').innerText(), /粘贴的段落/);
    assert.equal(await page.locator('.document-body table td').count(), 2);
    const accept = page.locator('input[name=accept_warnings]');
    if (await accept.count()) await accept.check();
    await page.getByRole('button', { name: '提交审核' }).click();
    await page.waitForURL(`**/desk/disclosures/${id}`);
    assert.deepEqual(page.problems, []);
    for (const [who, label] of WALK) {
      const p = await open(browser, server, { login: `changjiang-${who}`, width });
      await review(p, id, label);
      assert.deepEqual(p.problems, []);
      await p.context().close();
    }
    const citizen = await open(browser, server, { width });
    await citizen.goto('/');
    await citizen.getByRole('link', { name: title }).first().click();
    assert.match(await citizen.locator('h1').innerText(), new RegExp(title));
    assert.ok(await citizen.getByRole('link', { name: /附件\.txt/ }).count());
    assert.deepEqual(citizen.problems, []);
    await citizen.context().close();
    await page.context().close();
  });

test('without script: sign in, draft in a plain field, submit, first review', async () => {
  const page = await open(browser, server, { login: 'changjiang-bianji', javaScriptEnabled: false });
  await page.getByRole('link', { name: '拟稿' }).first().click();
  await page.fill('#title', '没有脚本也能办');
  await page.fill('#body', '<p>正文</p>');
  await page.getByRole('button', { name: '保存稿件' }).click();
  const id = page.url().match(/disclosures\/(\d+)/)[1];
  await page.goto(`/desk/disclosures/${id}`);
  const accept = page.locator('input[name=accept_warnings]');
  if (await accept.count()) await accept.check();
  await page.getByRole('button', { name: '提交审核' }).click();
  const reviewer = await open(browser, server, { login: 'changjiang-chushen', javaScriptEnabled: false });
  await review(reviewer, id, '通过初审');
  assert.match(await reviewer.locator('.matter-side').innerText(), /复审/);
  await page.context().close();
  await reviewer.context().close();
});

test('with the keyboard alone: from sign-in to the draft, the focus always to be seen', async () => {
  const page = await open(browser, server, { login: 'changjiang-bianji' });
  let found = false;
  for (let i = 0; i < 60 && !found; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
      return { text: e.innerText?.trim(), shown: s.outlineStyle !== 'none' || s.boxShadow !== 'none' || e.closest('.skip') !== null, visible: r.width > 0 };
    });
    if (at.visible && at.text) assert.ok(at.shown, `focus on “${at.text}” is not to be seen`);
    found = at.text === '拟稿';
  }
  assert.ok(found, 'the main action is reached by Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/disclosures\/new/);
  await page.context().close();
});
