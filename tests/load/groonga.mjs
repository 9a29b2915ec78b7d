// groonga.mjs DIR: the same documents and queries (DIR/load.grn, DIR/queries.tsv) in Groonga's full-text index: build time, size,
// and the time Groonga itself reports for each query (median of three), newest first and by relevance, 20 hits each.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, openSync, readdirSync, statSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.argv[2];
const base = join(dir, 'groonga');
mkdirSync(base);
const db = join(base, 'db');
const t0 = performance.now();
execFileSync('groonga', ['-n', db], { stdio: [openSync(join(dir, 'load.grn'), 'r'), 'ignore', 'inherit'] });
const seconds = (performance.now() - t0) / 1000;
const bytes = readdirSync(base).reduce((n, f) => n + statSync(join(base, f)).blocks * 512, 0);
console.log(`Groonga: built in ${seconds.toFixed(1)} s, ${(bytes / 1e6).toFixed(0)} MB`);

const queries = readFileSync(join(dir, 'queries.tsv'), 'utf8').trimEnd().split('\n').map((l) => l.split('\t'));
const quoted = (q) => q.split(' ').map((w) => `"${w.replace(/["\\]/g, '')}"`).join(' ');
const command = (q, order) => `select Docs --match_columns "title * 4 || number || body" --query '${quoted(q).replaceAll("'", '')}' --sort_keys ${order} --output_columns _id,title --limit 20 --cache no`;
const RUNS = 3;
for (const [what, order] of [['newest first', '-_id'], ['relevance', '-_score']]) {
  const input = queries.flatMap(([, q]) => Array(RUNS).fill(command(q, order))).join('\n') + '\n';
  const r = spawnSync('groonga', [db], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  const times = r.stdout.trimEnd().split('\n').map((l) => {
    const [head] = JSON.parse(l);
    if (head[0] !== 0) throw new Error(l.slice(0, 300));
    return head[2] * 1000;
  });
  if (times.length !== queries.length * RUNS) throw new Error(`${times.length} answers`);
  const medians = queries.map(([kind], i) => ({ kind, ms: times.slice(i * RUNS, (i + 1) * RUNS).sort((a, b) => a - b)[RUNS >> 1] }));
  const tell = (kind, list) => {
    const t = list.map((x) => x.ms).sort((a, b) => a - b);
    const at = (p) => t[Math.min(t.length - 1, Math.floor(t.length * p))].toFixed(3).padStart(8);
    console.log(`${`Groonga, ${what}`.padEnd(34)} ${kind.padEnd(15)} p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)} ms`);
  };
  for (const kind of new Set(medians.map((m) => m.kind))) tell(kind, medians.filter((m) => m.kind === kind));
  tell('all', medians);
}
