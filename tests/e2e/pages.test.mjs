// Every page: accessible (axe, WCAG 2.1 A and AA), valid HTML, no sideways scrolling at 320 px, no console error.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate } from 'html-validate';
import { demoServer } from '../lib/server.mjs';
import { launch, open } from '../lib/browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    'no-trailing-whitespace': 'off', // templates leave blanks; no reader sees them
    'void-style': 'off', 'attribute-boolean-style': 'off', 'attr-quotes': 'off', // style of writing, not of meaning
    'long-title': 'off', // titles of official documents are as long as they are
    'no-inline-style': 'error',
    'prefer-native-element': 'off', // role="region" on a scroll box is what makes it reachable by keyboard
    'no-redundant-role': 'off',
    'form-dup-name': 'off', // several small forms with hidden fields of the same name
    'valid-id': 'off',
    'require-sri': 'off', // all scripts are our own
    'tel-non-breaking': 'off',
  },
});

let server, browser, publication, tombstone, paths;
before(async () => {
  server = await demoServer({ env: { MINGTANG_SMTP: 'smtp://127.0.0.1:9', MINGTANG_MAIL_FROM: 'gongkai@example.cn' } }); // the form is shown, nothing is sent
  browser = await launch();
  const v = await server.signIn('changjiang-bianji');
  publication = (await v.get('/api/v1/disclosures')).json.disclosures[1].public_id;
  const gone = (await v.get('/api/v1/desk/disclosures?state=withdrawn')).json.disclosures[0].id;
  tombstone = (await v.get(`/api/v1/desk/disclosures/${gone}`)).json.disclosure.public_id;
  const draft = (await v.get('/api/v1/desk/disclosures?state=draft')).json.disclosures[0].id;
  const review = (await v.get('/api/v1/desk/disclosures?state=review2')).json.disclosures[0].id;
  const part = (await (await server.signIn('zfb-bianji')).get('/desk/portal')).text.match(/desk\/portal\/(\d+)\/preview/)[1];
  const duty = (await v.get('/api/v1/desk/duties?state=open')).json.duties[0].id;
  paths = {
    '': ['/', '/fields', '/fields/10', '/catalogues', '/catalogues/city-standard?field=10', '/items/320682-changjiang-10-02-002', '/units', '/units/changjiang', '/five/decision', '/supervision', '/supervision?year=2026', '/supervision?as_of=2026-11-22', '/supervision/missing?unit=changjiang', '/five-alls', '/five-alls/elements', '/five-alls/powers', '/search?q=公开', '/search?q=2026年 财政局 预算', '/search?q=低保&kind=document&sort=newest', '/search?q=最低生话保障', '/search', '/search?q=，。', '/search?q=低保&page=99', '/search/suggest?q=cj', '/info', '/info/legal/FD20-11', '/info/legal/FD20-14', '/columns/policies', '/columns/policies?unit=zfb', '/columns/interpretations', '/columns/consultations', '/columns/reports', '/units/mzj', '/topics', '/topics/social-relief', '/columns/budgets', '/subscribe?q=低保&unit=changjiang', '/subscriptions/none', '/sitemap', '/disclosures', `/disclosures/${publication}`, `/disclosures/${publication}/print`, `/disclosures/${tombstone}`, `/disclosures/${publication}/history`, `/disclosures/${tombstone}/history`, `/disclosures/${publication}?as_of=2026-11-22`, '/?as_of=2026-11-19', '/ledger', '/ledger/entries/0', '/ledger/entries/4850', '/verify', '/verify?q=none', `/verify/${publication}/1`, `/verify/${tombstone}/1`, '/requests', '/requests/new', '/requests/new?matter=correction&unit=mzj', '/requests/track', '/requests/2026-000001', '/columns/answers', '/columns/cases', '/nothing-here', '/sign-in'],
    'changjiang-bianji': ['/desk', '/desk/duties', `/desk/duties/${duty}`, '/desk/disclosures', '/desk/disclosures/new?kind=consultation', `/desk/disclosures/${draft}`, `/desk/disclosures/${draft}/edit`, '/desk/facts/new', '/desk/account'],
    'changjiang-fushen': [`/desk/disclosures/${review}`],
    office: ['/desk/board', '/desk/statistics/supervision?by=field', '/desk/statistics/supervision/records?measure=owed', '/desk/synonyms', '/desk/audit', '/desk/proposals', '/desk/replay/disclosure/4', '/desk/replay/disclosure/4?step=3', `/desk/replay/duty/${duty}`, '/desk/replay/item/10', '/desk/replay/disclosure/4?post=none'],
    mulu: ['/desk/catalogues', '/desk/catalogues/1', '/desk/catalogues/1/import', '/desk/items/10', '/desk/items/10/propose', '/desk/limits', '/desk/matters'],
    'zfb-bianji': ['/desk/portal', '/desk/disclosures/new?kind=topic', '/desk/disclosures/new?kind=banner', `/desk/portal/${part}/preview`],
    xtgly: ['/desk/accounts', '/desk/tokens', '/desk/calendar'],
    aqgly: ['/desk/units', '/desk/units/12'],
  };
});
after(async () => { await browser.close(); await server.close(); });

async function check(page, path, width) {
  await page.setViewportSize({ width, height: 768 });
  await page.goto(path);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const ones = await page.locator('h1').count();
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  const bad = found.violations.map((v) => `${v.id}: ${v.nodes[0].target} (${v.nodes.length})`);
  return [...(wide > 0 ? [`wider than the screen by ${wide} px`] : []), ...(ones === 1 ? [] : [`${ones} h1`]), ...bad, ...page.problems.splice(0)];
}

for (const login of ['', 'changjiang-bianji', 'changjiang-fushen', 'office', 'mulu', 'zfb-bianji', 'xtgly', 'aqgly'])
  test(`pages ${login ? `of ${login}` : 'of the portal'} are accessible and fit a phone`, async () => {
    const page = await open(browser, server, { login: login || undefined });
    const found = [];
    for (const path of paths[login])
      for (const width of [1366, 320]) for (const p of await check(page, path, width)) found.push(`${path} at ${width}: ${p}`);
    await page.context().close();
    assert.deepEqual(found, []);
  });

test('the portal in elder mode is accessible and fits a phone', async () => {
  const page = await open(browser, server, { elder: true });
  const found = [];
  for (const path of paths[''].slice(0, 20)) for (const p of await check(page, path, 375)) found.push(`${path}: ${p}`);
  await page.context().close();
  assert.deepEqual(found, []);
});

test('every page is valid HTML', async () => {
  const found = new Set();
  for (const [login, list] of Object.entries(paths)) {
    const v = login ? await server.signIn(login) : server.visitor();
    for (const path of list) {
      const r = await v.get(encodeURI(path));
      const report = await validator.validateString(r.text, path);
      for (const f of report.results) for (const m of f.messages) if (m.severity === 2) found.add(`${path}: ${m.ruleId}: ${m.message}`);
    }
  }
  assert.deepEqual([...found], []);
});

test('the first view of the home page stays under 100 KB', async () => {
  const page = await open(browser, server);
  const sizes = [];
  page.on('requestfinished', (r) => sizes.push(r.sizes()));
  await page.goto('/', { waitUntil: 'networkidle' });
  const bytes = (await Promise.all(sizes)).reduce((n, s) => n + s.responseBodySize, 0);
  assert.ok(bytes > 5000 && bytes < 100 * 1024, `${bytes}`);
  await page.context().close();
});
