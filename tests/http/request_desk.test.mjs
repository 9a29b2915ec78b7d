// Applications on the workbench, as the posts of a unit meet them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { demoServer, hidden, POSTGRESQL } from '../lib/server.mjs';
import { FoiDesk, idCard } from '../lib/foi.mjs';

let server, desk;
before(async () => {
  server = await demoServer();
  desk = await FoiDesk.signIn(server);
});
after(() => server.close());

test('one application from the desk to the archive, each step by its post', async () => {
  const made = await desk.register({ name: '欧阳测试', id_number: idCard(11), subject: '长江镇2025年道路养护合同', description: '要求提供合同全文' });
  assert.ok(made.id && made.code, JSON.stringify(made.refused?.text.slice(0, 800)));
  const id = made.id;
  assert.equal((await desk.model(id)).request.state, 'registered');
  await desk.must('foi', id, 'take');
  await desk.must('foi', id, 'clarify', { text: '请写明合同所涉的路段', n: 15 });
  let m = await desk.model(id);
  assert.equal(m.request.state, 'clarifying');
  await desk.must('foi', id, 'got', { ask_id: m.asks[0].id, day: '2026-11-23' });
  await desk.must('foi', id, 'supplement', { text: '长江大道东段', day: '2026-11-23' });
  m = await desk.model(id);
  assert.equal(m.request.state, 'working');
  assert.match(m.request.description, /长江大道东段/);
  await desk.must('foi', id, 'consult', { kind: 'third', party: '测试养护公司', contact: '测试路2号', text: '合同是否涉及商业秘密', day: '2026-11-23' });
  m = await desk.model(id);
  assert.equal(m.request.suspended, true);
  const third = m.asks.find((a) => a.kind === 'third');
  await desk.must('foi', id, 'answer', { ask_id: third.id, answer: 'agree', text: '同意', day: '2026-11-23' });
  await desk.must('foi', id, 'draft', { outcome: 'R02', where: '随本告知书提供' });
  m = await desk.model(id);
  assert.equal(m.request.state, 'drafting');
  assert.ok(m.letter.body.length > 20, 'the letter has words');
  assert.equal((await desk.attach(id, 'released', '合同.txt', '合同全文')).status, 303);
  const early = await desk.step('foi', id, 'submit');
  assert.equal(early.status, 409, 'the letter does not name the file that came after it');
  await desk.must('foi', id, 'draft', { outcome: 'R02', where: '随本告知书提供' });
  const page = await desk.page(id);
  const letter = (await desk.model(id)).letter;
  const action = `/desk/requests/${id}/letters/${letter.id}`;
  const saved = await desk.posts.foi.post(action, { ...hidden(page.text, action), addressee: letter.addressee, title: letter.title, body: `${letter.body}\n（测试改动）` });
  assert.equal(saved.status, 303, saved.text.slice(0, 600));
  assert.equal((await desk.posts.foi.post(action, { ...hidden(page.text, action), _once: 'again', addressee: '', title: letter.title, body: 'x' })).status, 409, 'a stale letter');
  await desk.must('foi', id, 'submit');
  const seen = await desk.page(id, 'fazhi');
  assert.match(seen.text, /（测试改动）/, 'the reviewer reads the letter');
  assert.match(seen.text, /合同\.txt/, 'and the released file');
  assert.equal((await desk.attach(id, 'released', '调包.txt', '另一个文件').catch(() => ({ status: 0 }))).status, 0, 'no form to add files while under review');
  await desk.must('fazhi', id, 'pass', { reason: '合法' });
  await desk.must('baomi', id, 'pass');
  await desk.must('fuze', id, 'sign');
  m = await desk.model(id);
  assert.equal(m.request.state, 'replied');
  assert.equal(m.request.late, false);
  const pdf = await desk.posts.foi.get(`/desk/requests/${id}/letters/${m.letter.id}/pdf`);
  assert.equal(pdf.status, 200);
  assert.equal(pdf.bytes.subarray(0, 5).toString(), '%PDF-');
  assert.equal(server.sql(`SELECT COUNT(*) FROM event WHERE subject_kind='request' AND subject_id=${id} AND verb='file_read'`).trim(), '1', 'a letter names the applicant: fetching it is on record');
  const docx = await desk.posts.foi.get(`/desk/requests/${id}/letters/${m.letter.id}/docx`);
  assert.equal(docx.bytes.subarray(0, 2).toString(), 'PK');
  await desk.must('foi', id, 'deliver', { way: 'post', day: '2026-11-23', text: '邮件 1234567890' });
  await desk.must('foi', id, 'remedy', { kind: 'reconsideration', organ: '如皋市人民政府', number: '皋行复1号', day: '2026-11-23' });
  await desk.must('foi', id, 'archive');
  m = await desk.model(id);
  assert.equal(m.request.state, 'archived');
  assert.equal(m.remedies.length, 1);
  assert.equal(m.deliveries[0].proof, '邮件 1234567890');
  const verbs = m.course.map((e) => e.verb);
  for (const v of ['submitted', 'taken', 'clarify_asked', 'supplemented', 'consulted', 'answered', 'drafted', 'passed', 'replied', 'delivered', 'archived']) assert.ok(verbs.includes(v), v);
  const replay = await desk.posts.foi.get(`/desk/replay/request/${id}`);
  assert.equal(replay.status, 200, replay.text.slice(0, 300));
  assert.match(replay.text, /class="clock/, 'the clock of the moment stands beside the step');
});

test('wrong role, wrong unit, wrong state, a form sent twice, a stale revision', async () => {
  const { id, number } = await desk.register({ name: '测试甲某', id_number: idCard(12), subject: '长江镇2024年公务接待台账' });
  assert.equal((await desk.step('fazhi', id, 'take')).status, 403);
  const other = await FoiDesk.signIn(server, 'mzj');
  assert.equal((await other.page(id)).status, 403);
  assert.equal((await other.step('foi', id, 'take')).status, 403);
  for (const [who, seen] of [[other.posts.foi, 0], [desk.posts.foi, 1], [desk.posts.yishenqing, 1]])
    assert.equal((await who.get(`/api/v1/desk/requests?q=${number}`)).json.requests.length, seen, 'a number finds what one may see');
  for (const path of ['files/1', 'redact', 'letters/1/pdf']) assert.equal((await other.posts.foi.get(`/desk/requests/${id}/${path}`)).status, 403, path);
  assert.equal((await desk.step('foi', id, 'archive')).status, 409);
  const action = `/desk/requests/${id}/steps/take`;
  const form = hidden((await desk.page(id)).text, action);
  assert.equal((await desk.posts.foi.post(action, form)).status, 303);
  assert.equal((await desk.posts.foi.post(action, form)).status, 303, 'the same form again is answered once');
  const stale = await desk.posts.foi.post(action, { ...form, _once: 'another' });
  assert.equal(stale.status, 409);
  assert.equal((await desk.model(id)).course.filter((e) => e.verb === 'taken').length, 1);
  for (const verb of ['withdraw_own', 'rate', 'consult_lapse']) assert.ok([403, 409].includes((await desk.step('foi', id, verb)).status), verb);
  await desk.must('foi', id, 'draft', { outcome: 'R01', where: '门户网站“预决算公开”栏目' });
  await desk.must('foi', id, 'submit');
  assert.equal((await desk.step('foi', id, 'pass')).status, 403, 'who works a case does not review it');
});

test('a refused step shows the page again with what was typed and the message at the field', async () => {
  const { id } = await desk.register({ name: '测试乙某', id_number: idCard(13), subject: '长江镇2024年绿化工程决算' });
  await desk.must('foi', id, 'take');
  const r = await desk.step('foi', id, 'clarify', { text: '', n: 90 });
  assert.equal(r.status, 422);
  assert.match(r.text, /id="clarify-text-error">[^<]*补正/);
  assert.match(r.text, /href="#clarify-text"/, 'the summary leads to the field');
  const typed = await desk.step('foi', id, 'consult', { kind: 'third', party: '某某公司', text: '' });
  assert.match(typed.text, /value="某某公司"/);
  const ids = [...typed.text.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]);
  assert.equal(new Set(ids).size, ids.length, 'every id stands once');
  const partial = await desk.step('foi', id, 'draft', { outcome: 'R03', reason: '涉及个人隐私' });
  assert.equal(partial.status, 422);
  assert.match(partial.text, /请先上传遮盖后的信息/);
  const gone = await desk.step('foi', id, 'draft', { outcome: 'R06' });
  assert.match(gone.text, /id="draft-search_record-error">[^<]*检索记录/);
});

test('who applies is masked until it is asked for, and asking is on record', async () => {
  const number = idCard(14);
  const { id } = await desk.register({ name: '诸葛测试', id_number: number, mobile: '13900000001', subject: '长江镇测试档案' }, 'yishenqing', [{ field: 'identity', name: '诸葛测试身份证.png', bytes: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64') }]);
  const personal = (text) => text.includes(number) || text.includes('诸葛测试') || text.includes('13900000001');
  const page = await desk.page(id);
  assert.ok(!personal(page.text), 'not on the page');
  assert.match(page.text, /诸葛/);
  assert.ok(!personal((await desk.posts.foi.get('/desk/requests?state=all')).text), 'not in the list');
  assert.ok(!personal((await desk.posts.foi.get(`/api/v1/desk/requests/${id}`)).text), 'not in the API');
  const action = `/desk/requests/${id}/reveal`;
  const shown = await desk.posts.foi.post(action, hidden(page.text, action));
  assert.equal(shown.status, 200);
  assert.ok(shown.text.includes(number) && shown.text.includes('13900000001'));
  assert.ok((await desk.model(id)).course.some((e) => e.verb === 'revealed'));
  assert.ok(!personal((await desk.page(id)).text), 'gone again');
  assert.equal((await desk.posts.fazhi.post(action, hidden((await desk.posts.fazhi.get('/desk/account')).text, '/sign-out'))).status, 403);
  const file = (await desk.model(id)).files.find((f) => f.role === 'identity');
  assert.equal((await desk.posts.foi.get(`/desk/requests/${id}/files/${file.file}`)).status, 200);
  assert.equal((await desk.posts.fazhi.get(`/desk/requests/${id}/files/${file.file}`)).status, 403);
  assert.equal(server.sql(`SELECT COUNT(*) FROM event WHERE subject_kind='request' AND subject_id=${id} AND verb='file_read'`).trim(), '1');
  const found = await desk.posts.foi.get('/desk/requests?q=' + encodeURIComponent(number));
  assert.match(found.text, new RegExp(`/desk/requests/${id}"`), 'found by the whole number');
  const table = await desk.posts.foi.get('/desk/requests.xlsx?state=all');
  assert.equal(table.status, 200);
  assert.equal(table.bytes.subarray(0, 2).toString(), 'PK');
  assert.ok(!personal(server.log), 'not in the log');
  const rows = server.sql("SELECT payload FROM event WHERE room='request'");
  assert.ok(!personal(rows), 'in no event');
  const secrets = server.sql('SELECT payload FROM event_secret');
  assert.ok(!personal(secrets), 'in no protected part of an event');
  const tile = await server.visitor().get('/ledger/tile/entries/000.p/1');
  assert.ok(!personal(tile.text));
  const replay = await desk.posts.foi.get(`/desk/replay/request/${id}/export.json`);
  assert.ok(!personal(replay.text), 'not in the export of the course');
});

test('an original is covered, the words are gone, and what was not found is said', async () => {
  const { id } = await desk.register({ name: '测试丙某', id_number: idCard(15), subject: '长江镇信访事项处理单' });
  await desk.must('foi', id, 'take');
  const secret = idCard(77);
  const pdf = await simplePdf(`Name 13912345678 and ${secret} end`);
  assert.equal((await desk.attach(id, 'source', 'source.pdf', pdf)).status, 303);
  const file = (await desk.model(id)).files.find((f) => f.role === 'source');
  const page = await desk.posts.foi.get(`/desk/requests/${id}/redact?file=${file.file}`);
  assert.equal(page.status, 200, page.text.slice(0, 300));
  const image = await desk.posts.foi.get(`/desk/requests/${id}/redact/${file.file}/1`);
  assert.equal(image.bytes.subarray(1, 4).toString(), 'PNG');
  const action = `/desk/requests/${id}/redact`;
  const form = hidden(page.text.slice(page.text.indexOf('redact-form') - 20), action);
  const bad = await desk.posts.foi.post(action, { ...form, areas: '1 900 0 200 10' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /不是页面内的区域/);
  const done = await desk.posts.foi.post(action, { ...form, _once: 'r2', phrases: `${secret}\n没有的词`, areas: '1 0 0 100 20' });
  assert.equal(done.status, 200, done.text.slice(0, 600));
  assert.match(done.text, /没有找到“没有的词”/);
  const released = (await desk.model(id)).files.find((f) => f.role === 'released');
  const out = await desk.posts.foi.get(`/desk/requests/${id}/files/${released.file}`);
  assert.equal(out.bytes.subarray(0, 5).toString(), '%PDF-');
  assert.ok(!out.bytes.includes(secret));
  const left = (await import('node:fs')).readdirSync(`${server.dir}/tmp`).filter((n) => n.startsWith('redact-'));
  assert.deepEqual(left, [], 'nothing in clear is left on the disk');
  const remove = `/desk/requests/${id}/files/${released.file}/remove`;
  assert.equal((await desk.posts.foi.post(remove, hidden((await desk.page(id)).text, remove))).status, 303);
  assert.ok(!(await desk.model(id)).files.some((f) => f.role === 'released'));
});

test('every filter of the list answers, pages follow each other, a figure of the annual table leads to its cases', async () => {
  for (const q of ['state=working', 'state=all', 'channel=in_person', 'applicant=person', 'outcome=R02', 'late=1', 'extended=1', 'overdue=1', 'from=2026-01-01&to=2026-12-31', 'remedy=reconsideration', 'matter=access', 'unit=changjiang', 'q=%E5%90%88%E5%90%8C', 'year=2026&cell=r1&column=person', 'year=2026&cell=r4', 'year=2026&cell=r3.1', 'closed_from=2026-01-01'])
    assert.equal((await desk.posts.yishenqing.get(`/desk/requests?${q}`)).status, 200, q);
  assert.equal((await desk.posts.yishenqing.get('/desk/requests?year=2026&cell=r9')).status, 422);
  const seen = [];
  let path = '/api/v1/desk/requests?state=all&page_size=2';
  for (let i = 0; i < 20 && path; i++) {
    const r = (await desk.posts.foi.get(path)).json;
    seen.push(...r.requests.map((x) => x.id));
    path = r.pager.next ? `/api/v1/desk/requests?state=all&page_size=2&after=${r.pager.next}` : null;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(seen.length >= 5);
  const only = (await desk.posts.foi.get('/api/v1/desk/requests?year=2026&cell=r3.1&column=person')).json.requests;
  assert.ok(only.length >= 1 && only.every((x) => ['R01', 'R02'].includes(x.outcome) && x.applicant === 'person'));
});

test('what waits is in my work, with the action of the post', async () => {
  const home = await desk.posts.foi.get('/desk');
  assert.match(home.text, /href="\/desk\/requests\/\d+"/);
  assert.match(home.text, /依申请公开/);
});

test('receipt day by channel at the desk; a day to come is refused at its field', async () => {
  const post = await desk.register({ channel: 'post_signed', came_day: '2026-11-20', name: '测试丁某', id_number: idCard(16), subject: '长江镇测试信件一' });
  assert.equal((await desk.model(post.id)).request.received, '2026-11-20');
  const fax = await desk.register({ channel: 'fax', came_day: '2026-11-20', name: '测试戊某', id_number: idCard(17), subject: '长江镇测试信件二' });
  assert.equal((await desk.model(fax.id)).request.state, 'submitted');
  const future = await desk.register({ came_day: '2026-12-20', name: '测试己某', id_number: idCard(18), subject: '长江镇测试信件三' });
  assert.equal(future.refused.status, 422);
  assert.match(future.refused.text, /不能晚于今天/);
  assert.match(future.refused.text, /value="测试己某"/, 'what was typed is there again');
  const wrong = await desk.register({ id_number: '320682198001011010', name: '测试庚某' });
  assert.match(wrong.refused.text, /校验不符/);
  await desk.must('foi', fax.id, 'confirm', { day: '2026-11-23' });
  const m = await desk.model(fax.id);
  assert.equal(m.request.clock.due, '2026-12-21');
  assert.equal(m.counted.certificate.days.filter((d) => d.counted).length, 20);
});

// One page of text, enough for a reader of PDF.
async function simplePdf(text) {
  const stream = `BT /F1 18 Tf 50 700 Td (${text}) Tj ET`;
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>', `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  let out = '%PDF-1.4\n';
  const at = objects.map((o, i) => {
    const here = out.length;
    out += `${i + 1} 0 obj\n${o}\nendobj\n`;
    return here;
  });
  const xref = out.length;
  out += `xref\n0 6\n0000000000 65535 f \n${at.map((n) => `${String(n).padStart(10, '0')} 00000 n \n`).join('')}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF`;
  return Buffer.from(out, 'latin1');
}

test('an answered case becomes a draft for everyone, without anything of the applicant', async () => {
  const number = idCard(21);
  const { id } = await desk.register({ name: '司马测试', id_number: number, mobile: '13900000021', address: '测试镇测试路21号', subject: '长江镇测试工程验收报告', description: '本人司马测试，电话13900000021，住测试镇测试路21号，申请验收报告' });
  await desk.must('foi', id, 'take');
  await desk.must('foi', id, 'draft', { outcome: 'R01', where: '门户网站重大建设项目栏目' });
  await desk.must('foi', id, 'submit');
  await desk.must('fazhi', id, 'pass');
  await desk.must('baomi', id, 'pass');
  const early = `/desk/requests/${id}/case`;
  const account = hidden((await desk.posts.foi.get('/desk/account')).text, '/sign-out');
  assert.equal((await desk.posts.foi.post(early, { ...account, kind: 'case' })).status, 409, 'not before the reply');
  await desk.must('fuze', id, 'sign');
  const page = await desk.page(id);
  const made = await desk.posts.foi.post(early, { ...hidden(page.text, early), kind: 'case' });
  assert.equal(made.status, 303, made.text.slice(0, 500));
  const draft = Number(made.headers.location.match(/disclosures\/(\d+)/)[1]);
  const d = (await desk.posts.foi.get(`/api/v1/desk/disclosures/${draft}`)).json.disclosure;
  assert.equal(d.state, 'draft');
  assert.equal(d.kind_name, '典型案例');
  const text = JSON.stringify(d);
  for (const personal of ['司马测试', number, '13900000021', '测试路21号']) assert.ok(!text.includes(personal), personal);
  assert.match(text, /验收报告/);
  assert.match(text, /第三十六条/);
});

test('three applicants who want the same lead to a proposal; it is declined with a reason, or adopted into a draft', async () => {
  for (const n of [31, 32, 33]) {
    const { id } = await desk.register({ channel: 'fax', name: `测试申请人${n}`, id_number: idCard(n), subject: '长江镇2025年防汛预案' });
    await desk.must('foi', id, 'confirm', { day: '2026-11-23' });
  }
  const list = await desk.posts.foi.get('/desk/requests/proposals');
  assert.match(list.text, /长江镇2025年防汛预案/);
  const action = list.text.match(/action="(\/desk\/requests\/proposals\/\d+)"/)[1];
  const bare = await desk.posts.foi.post(action, { ...hidden(list.text, action), decision: 'decline', note: '' });
  assert.equal(bare.status, 422);
  const adopted = await desk.posts.foi.post(action, { ...hidden(list.text, action), _once: 'p2', decision: 'adopt', note: '' });
  assert.equal(adopted.status, 303, adopted.text.slice(0, 400));
  assert.match(adopted.headers.location, /\/desk\/disclosures\/\d+\/edit/);
  const again = await desk.posts.foi.post(action, { ...hidden(list.text, action), _once: 'p3', decision: 'decline', note: '重复' });
  assert.equal(again.status, 409);
});

test('answers to the same question that differ are marked before the next one is given', async () => {
  const walk = async (n, fields) => {
    const { id } = await desk.register({ name: `测试申请人${n}`, id_number: idCard(n), subject: '长江镇2023年集体资产台账' });
    await desk.must('foi', id, 'take');
    await desk.must('foi', id, 'draft', fields);
    await desk.must('foi', id, 'submit');
    await desk.must('fazhi', id, 'pass');
    await desk.must('baomi', id, 'pass');
    await desk.must('fuze', id, 'sign');
    return id;
  };
  const first = await walk(41, { outcome: 'R01', where: '公示栏' });
  await walk(42, { outcome: 'R04.4', reason: '涉及个人隐私' });
  const { id } = await desk.register({ name: '测试申请人41', id_number: idCard(41), subject: '长江镇2023年集体资产台账' });
  const page = await desk.page(id);
  assert.match(page.text, /答复不一致/);
  assert.match(page.text, /已经答复，请核对是否属于重复申请/);
  assert.match(page.text, new RegExp(`/desk/requests/${first}"`));
});

test('the workbench reads the cases of the city without acting on them; a stranger sees nothing', async () => {
  const office = await server.signIn('office');
  const list = await office.get('/api/v1/desk/requests?state=all');
  assert.ok(list.json.requests.some((r) => r.unit.code === 'mzj') && list.json.requests.some((r) => r.unit.code === 'changjiang'));
  const one = list.json.requests[0].id;
  assert.equal((await office.get(`/api/v1/desk/requests/${one}`)).json.actions.length, 0);
  const editor = await server.signIn('changjiang-bianji');
  for (const path of ['/desk/requests', `/desk/requests/${one}`, '/desk/requests.xlsx']) assert.equal((await editor.get(path)).status, 403, path);
  assert.ok([303, 401].includes((await server.visitor().get('/desk/requests')).status));
});
