// browser.mjs: Debian's Chromium, signed in when asked; console errors are collected (a CSP violation is one).
import { chromium } from 'playwright-core';
import { PASSWORD } from './server.mjs';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });

export async function open(browser, server, { login, width = 1366, javaScriptEnabled = true, elder = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 768 }, javaScriptEnabled, baseURL: server.url });
  if (elder) await context.addCookies([{ name: 'elder', value: '1', url: server.url }]);
  const page = await context.newPage();
  page.problems = [];
  page.on('console', (m) => m.type() === 'error' && !/status of 4\d\d/.test(m.text()) && page.problems.push(m.text()));
  page.on('pageerror', (e) => page.problems.push(e.message));
  if (login) {
    await page.goto('/sign-in');
    await page.fill('#login', login);
    await page.fill('#password', PASSWORD);
    await page.click('main button[type=submit]');
    await page.waitForURL(/\/desk/);
  }
  return page;
}
