// run.mjs: Lighthouse over the main public pages, as a phone on a slow line: scores, first contentful paint, bytes, requests.
// Reported, not asserted (machines are noisy), but for what does not depend on the machine: accessibility, bytes, requests.
import lighthouse from 'lighthouse';
import { launch } from 'chrome-launcher';
import { demoServer } from '../lib/server.mjs';

const BUDGET = { accessibility: 1, bytes: 100 * 1024, requests: 8 };
const server = await demoServer();
const publication = (await server.visitor().get('/api/v1/disclosures')).json.disclosures[0].public_id;
const paths = ['/', '/search?q=%E4%BD%8E%E4%BF%9D', '/columns/policies', '/fields/10', '/units/changjiang', `/disclosures/${publication}`];
const chrome = await launch({ chromePath: '/usr/bin/chromium', chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu'] });
let over = 0;
try {
  console.log('page                                   performance  accessibility  best practices  SEO   FCP ms   LCP ms   KB   requests');
  for (const path of paths) {
    const { lhr } = await lighthouse(server.url + path, { port: chrome.port, logLevel: 'error', onlyCategories: ['performance', 'accessibility', 'best-practices', 'seo'] });
    const score = (name) => lhr.categories[name].score;
    const items = lhr.audits['network-requests'].details.items.filter((i) => i.url.startsWith(server.url));
    const bytes = items.reduce((n, i) => n + (i.transferSize ?? 0), 0);
    const cell = (value, width) => String(value).padStart(width);
    console.log(`${decodeURI(path).slice(0, 38).padEnd(38)}${cell(score('performance'), 12)}${cell(score('accessibility'), 15)}${cell(score('best-practices'), 16)}${cell(score('seo'), 6)}${cell(Math.round(lhr.audits['first-contentful-paint'].numericValue), 9)}${cell(Math.round(lhr.audits['largest-contentful-paint'].numericValue), 9)}${cell(Math.round(bytes / 1024), 6)}${cell(items.length, 9)}`);
    for (const [what, value, bad] of [['accessibility', score('accessibility'), score('accessibility') < BUDGET.accessibility], ['bytes', bytes, bytes > BUDGET.bytes], ['requests', items.length, items.length > BUDGET.requests]])
      if (bad) {
        over++;
        console.log(`  over budget: ${what} ${value}`);
        if (what === 'accessibility') for (const ref of lhr.categories.accessibility.auditRefs) if (ref.weight && lhr.audits[ref.id].score !== null && lhr.audits[ref.id].score < 1) console.log(`    ${ref.id}: ${lhr.audits[ref.id].title}`);
      }
  }
} finally {
  await chrome.kill();
  await server.close();
}
process.exitCode = over ? 1 : 0;
