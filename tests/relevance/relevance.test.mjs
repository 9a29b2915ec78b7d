// Relevance, judged by 100 queries as people type them: NDCG at 10 over the shipped catalogue and the demonstration
// publications must not fall below what it was (floor.json), and what was found among the first ten stays there.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Server } from '../lib/server.mjs';

const { queries } = JSON.parse(readFileSync(new URL('queries.json', import.meta.url)));
const floor = JSON.parse(readFileSync(new URL('floor.json', import.meta.url)));
let server;
before(async () => {
  server = await new Server().init().start();
  for (let i = 0; i < 300 && (await server.visitor().get('/api/v1/search?q=x')).status === 503; i++) await new Promise((r) => setTimeout(r, 100)); // the index is built after the node listens
});
after(() => server.close());

const gain = (grades) => grades.reduce((sum, g, i) => sum + (2 ** g - 1) / Math.log2(i + 2), 0);

// A title that several towns share counts once; what a query was corrected to is looked at like a citizen would.
function judge(hits, expected) {
  const left = new Map(expected.map((e) => [e.title, e.grade]));
  const grades = hits.slice(0, 10).map((h) => {
    const g = left.get(h.title) ?? 0;
    left.delete(h.title);
    return g;
  });
  const best = expected.map((e) => e.grade).sort((a, b) => b - a).slice(0, 10);
  return { ndcg: gain(grades) / gain(best), top: grades.includes(3) || !expected.some((e) => e.grade === 3) };
}

test('a hundred queries find what people want', async () => {
  const visitor = server.visitor(), results = [];
  for (const { q, expected } of queries) {
    let found = (await visitor.get(`/api/v1/search?q=${encodeURIComponent(q)}`)).json;
    if (found.did_you_mean) found = (await visitor.get(`/api/v1/search?q=${encodeURIComponent(found.did_you_mean)}`)).json;
    results.push({ q, ...judge(found.hits, expected), first: found.hits[0]?.title ?? '' });
  }
  const mean = results.reduce((n, r) => n + r.ndcg, 0) / results.length;
  const lost = results.filter((r) => !r.top && !(r.q in floor.lost));
  console.log(`# NDCG@10 ${mean.toFixed(3)}, wanted document among the first ten: ${results.filter((r) => r.top).length} of ${results.length}`);
  for (const r of [...results].sort((a, b) => a.ndcg - b.ndcg).slice(0, 15)) console.log(`#   ${r.ndcg.toFixed(2)} ${r.q} → ${r.first}`);
  assert.deepEqual(lost.map((r) => r.q), []);
  assert.ok(mean >= floor.ndcg, `${mean}`);
});
