// Sudden death and a second node while supervision works through the moments that have come.
import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import { Server, demoServer, POSTGRESQL } from '../lib/server.mjs';

const open = [];
after(async () => { for (const s of open) await s.close().catch(() => {}); });
const demo = async () => { const s = await demoServer(); open.push(s); return s; };
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

// Of duties: the site's own check finds something of its own meanwhile.
const ALERTS = "SELECT rule_id, subject_id, level, began_at FROM alert WHERE state <> 'closed' AND check_code = 'duty_due' ORDER BY rule_id, subject_id";
const raised = (s) => Number(s.sql("SELECT count(*) FROM event e JOIN alert a ON a.id = e.subject_id WHERE e.subject_kind = 'alert' AND e.verb = 'raised' AND a.check_code = 'duty_due'").trim());

// What the wheel will look at again is to be found anew: no such alert is left, and every moment has come.
const WATCHED = "check_code = 'duty_due' AND EXISTS (SELECT 1 FROM watch w WHERE w.rule_id = alert.rule_id AND w.subject_id = alert.subject_id)";
function forget(server) {
  const before = server.sql(ALERTS), found = Number(server.sql(`SELECT count(*) FROM alert WHERE ${WATCHED}`).trim());
  server.sql(`DELETE FROM ticket_alert; DELETE FROM alert_notice; DELETE FROM alert WHERE ${WATCHED}; UPDATE watch SET next_at = 1`);
  assert.ok(found > 300);
  return { before, found, events: raised(server) };
}
const left = (s) => Number(s.sql('SELECT count(*) FROM watch WHERE next_at = 1').trim());
async function done(server) {
  for (let i = 0; i < 600 && left(server); i++) await pause(100);
  assert.equal(left(server), 0);
}

test('kill -9 while alerts are raised: each is there once, with its true beginning', async () => {
  const server = await demo();
  await server.stop();
  const { before, found, events } = forget(server);
  for (let round = 0; round < 6 && left(server); round++) {
    await server.start();
    await pause(150 + round * 70);
    await server.stop('SIGKILL');
  }
  await server.start();
  await done(server);
  assert.equal(server.sql(ALERTS), before);
  assert.equal(raised(server), events + found, 'no step was taken twice');
});

test('two nodes work through the same moments: no step is taken twice', { skip: !POSTGRESQL }, async () => {
  const one = await demo();
  await one.stop();
  const { before, found, events } = forget(one);
  const two = new Server();
  two.db.drop();
  for (const k of ['MINGTANG_DATABASE', 'MINGTANG_DATA_DIR', 'MINGTANG_SECRET_FILE']) two.env[k] = one.env[k];
  two.db = { url: one.env.MINGTANG_DATABASE, drop() {} };
  open.unshift(two);
  await Promise.all([one.start(), two.start()]);
  await done(one);
  assert.equal(one.sql(ALERTS), before);
  assert.equal(raised(one), events + found);
  assert.doesNotMatch(one.log + two.log, /event=supervision/);
});
