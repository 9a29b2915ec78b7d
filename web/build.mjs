// build.mjs: bundles web/src into ../build/web, which the Makefile embeds into the program.
// node build.mjs [--watch]. Offline once `npm ci` has run; the same input gives the same bytes.
import * as esbuild from 'esbuild';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'build', 'web');

const options = {
  absWorkingDir: here,
  entryPoints: ['app.js', 'app.css', 'desk.js', 'desk.css', 'editor.js', 'editor.css', 'verify.js'].map((f) => `src/${f}`),
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  // The villager's four-year-old phone and the office PC's browser in compatibility with Chromium 80.
  target: ['chrome80', 'firefox78', 'safari15'],
  charset: 'utf8',
  legalComments: 'inline',
  loader: { '.svg': 'dataurl' },
  metafile: true,
  logLevel: 'warning',
  logLimit: 5,
};

// The notices that the bundled packages' licences ask for, in one file beside the bundles.
async function licences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const m = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (m) packages.add(m[1]);
  }
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = join(here, 'node_modules', name);
    const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((f) => /^licen[cs]e/i.test(f));
    const text = file ? await readFile(join(folder, file), 'utf8') : `${about.license}\n`;
    parts.push(`${name} ${about.version}\n\n${text.trim()}\n`);
  }
  await writeFile(join(out, 'licences.txt'), parts.join(`\n${'-'.repeat(72)}\n\n`));
}

await mkdir(out, { recursive: true });
if (process.argv.includes('--watch')) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  const { metafile } = await esbuild.build(options);
  const made = new Set(Object.keys(metafile.outputs).map((f) => basename(f)));
  for (const f of await readdir(out)) if (!f.startsWith('.') && !made.has(f)) await rm(join(out, f), { recursive: true });
  await licences(metafile);
  for (const [file, about] of Object.entries(metafile.outputs)) {
    console.log(`${basename(file).padEnd(12)} ${(about.bytes / 1024).toFixed(1).padStart(8)} KB`);
  }
}
