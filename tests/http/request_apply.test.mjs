// Applying and following an application on the portal, without an account and without script; what is refused and how.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { demoServer } from '../lib/server.mjs';
import { Applicant, COMPANY, Office, PERSON, creditCode, formOf, idCard } from '../lib/applicant.mjs';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const ELF = readFileSync('/bin/true');
let server, office;
before(async () => {
  server = await demoServer();
  office = await Office.signIn(server);
});
after(() => server.close());

const summary = (r) => r.text.match(/class="error-summary"[\s\S]*?<\/div>/)?.[0] ?? '';
const errorAt = (r, field) => r.text.match(new RegExp(`id="${field}-error">([^<]*)<`))?.[1] ?? '';

test('the entry page says how, by when and at what cost, and is reached from where people look', async () => {
  const r = await server.visitor().get('/requests');
  assert.equal(r.status, 200);
  for (const words of ['1 个工作日内与您确认', '20 个工作日内答复', '最多延长 20 个工作日', '超过 10 件', '超过 30 页', '先申请行政复议', '不需要说明用途']) assert.ok(r.text.includes(words), words);
  for (const href of ['/requests/new', '/requests/track', '/requests/new?matter=correction']) assert.ok(r.text.includes(`href="${href}"`), href);
  for (const page of ['/', '/info', '/units/changjiang', '/sitemap']) assert.match((await server.visitor().get(page)).text, /href="\/requests/, page);
  assert.match((await server.visitor().get('/units/changjiang')).text, /href="\/requests\/new\?unit=changjiang"/);
  for (const column of ['answers', 'cases']) {
    let shown;
    for (let i = 0; i < 100 && shown?.status !== 200; i++) { // the index may still be building
      if (shown) await new Promise((next) => { setTimeout(next, 100); });
      shown = await server.visitor().get(`/columns/${column}`);
    }
    assert.equal(shown.status, 200);
  }
});

test('a person applies step by step; going back and forth keeps everything', async () => {
  const a = new Applicant(server);
  const description = '第一行 <b>&"引号"</b>\n第二行';
  await a.open('/requests/new?unit=mzj');
  assert.equal(a.value('unit'), 'mzj');
  assert.match(a.page.headers['cache-control'], /no-store/);
  await a.next({ unit: 'changjiang' });
  await a.next({ subject: '2025年度低保资金发放方案', info_number: '长政发〔2025〕3号', description });
  assert.equal(a.step(), 'kind');
  await a.next({ applicant: 'person' });
  await a.next(PERSON);
  assert.equal(a.step(), 'way');
  await a.send({ delivery: 'post', help: '请用大字', other_way: '1' }, 'back');
  assert.equal(a.step(), 'person');
  assert.equal(a.value('name'), PERSON.name);
  await a.send({}, 'back');
  await a.send({}, 'back');
  assert.equal(a.step(), 'wanted');
  assert.equal(a.value('description'), description);
  assert.equal(a.value('help'), '请用大字');
  await a.next();
  await a.next();
  await a.next();
  assert.equal(a.value('delivery'), 'post');
  assert.equal(a.value('other_way'), '1');
  await a.next();
  await a.send({}, 'upload', [{ field: 'identity_file', name: '身份证.png', type: 'image/png', bytes: PNG }]);
  assert.match(a.page.text, /身份证\.png/);
  await a.send({}, 'upload', [{ field: 'material_files', name: '说明.txt', bytes: '材料一' }, { field: 'material_files', name: '图.png', bytes: PNG }]);
  assert.equal(formOf(a.page.text).filter(([k]) => k === 'material').length, 2);
  await a.send({}, 'drop:1');
  assert.equal(formOf(a.page.text).filter(([k]) => k === 'material').length, 1);
  assert.doesNotMatch(a.page.text, /图\.png/);
  await a.next();
  assert.equal(a.step(), 'check');
  for (const words of ['长江镇人民政府', '2025年度低保资金发放方案', '长政发〔2025〕3号', '第一行 &lt;b&gt;', '张三丰', PERSON.id_number, '邮寄', '可以用其他方式', '请用大字', '身份证.png', '说明.txt']) assert.ok(a.page.text.includes(words), words);
  assert.doesNotMatch(a.page.text, /用途/);
  await a.send({}, 'to:wanted');
  await a.next({ subject: '2025年度低保资金发放方案和名册' });
  assert.equal(a.step(), 'check', 'a corrected step leads back to the answers');
  assert.match(a.page.text, /发放方案和名册/);
  await a.submit();
  assert.match(a.number, /^2026-\d{6}$/);
  assert.match(a.code, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  assert.match(a.page.text, /2026年11月24日前/);
  const mine = await a.mine();
  assert.equal(mine.status, 200);
  for (const words of ['待确认', '长江镇人民政府', '提交申请', '2026年11月24日前与您确认']) assert.ok(mine.text.includes(words), words);
  assert.match(mine.text, /说明\.txt/);
  const file = mine.text.match(/href="(\/requests\/[^"]+\/files\/\d+)"[^>]*>[^<]*<span[^>]*><\/span>身份证\.png/)[1];
  const got = await a.v.get(file);
  assert.deepEqual(got.bytes, PNG);
});

test('an organisation applies; only its fields are asked', async () => {
  const a = new Applicant(server);
  await a.open();
  await a.next({ unit: 'czj' });
  await a.next({ info_number: '皋财〔2025〕8号' });
  await a.next({ applicant: 'welfare' });
  assert.match(a.page.text, /统一社会信用代码/);
  assert.doesNotMatch(a.page.text, /身份证为 18 位|工作单位/);
  for (const [bad, at] of [[{ id_number: creditCode().slice(0, 17) + '0' }, 'id_number'], [{ id_number: '91320682' }, 'id_number'], [{ contact_name: '' }, 'contact_name'], [{ name: '' }, 'name'], [{ mobile: '123', mail: '' }, 'mobile'], [{ mail: 'gs@@' }, 'mail']]) {
    await a.next({ ...COMPANY, ...bad });
    assert.equal(a.page.status, 422, JSON.stringify(bad));
    assert.ok(errorAt(a.page, at), JSON.stringify(bad));
    assert.match(summary(a.page), new RegExp(`href="#${at}"`));
  }
  await a.next(COMPANY);
  await a.next({ delivery: 'fax' });
  assert.match(errorAt(a.page, 'fax'), /传真号码/);
  await a.next({ delivery: 'mail' });
  await a.next();
  await a.submit();
  assert.match((await a.mine()).text, /皋财〔2025〕8号/);
  assert.equal(server.sql(`SELECT applicant FROM request WHERE number = '${a.number}'`).trim(), 'welfare');
});

test('what is wrong is said at the field, and nothing typed is lost', async () => {
  const a = new Applicant(server);
  await a.open();
  await a.next();
  assert.match(errorAt(a.page, 'unit'), /请选择受理的机关/);
  await a.next({ unit: 'no-such-unit' });
  assert.equal(a.page.status, 422);
  await a.next({ unit: 'changjiang' });
  await a.next({ subject: ' ', description: '\n' });
  assert.match(errorAt(a.page, 'subject'), /至少一项/);
  await a.next({ subject: '公路' });
  assert.match(errorAt(a.page, 'subject'), /具体一些/);
  const long = '长'.repeat(350000);
  await a.next({ subject: '公路养护方案', description: long });
  assert.equal(a.page.status, 422);
  assert.match(errorAt(a.page, 'description'), /最多20000个字，现有350000个/);
  assert.equal(a.value('description').length, 350000, 'one megabyte of text comes back');
  await a.send({}, 'back');
  assert.equal(a.step(), 'unit');
  assert.equal(a.value('description').length, 350000);
  await a.next();
  await a.next({ description: '字'.repeat(20000) });
  assert.equal(a.step(), 'kind');
  await a.next();
  assert.match(errorAt(a.page, 'applicant'), /个人还是组织/);
  await a.next({ applicant: 'person' });
  const good = idCard();
  for (const [id_number, words] of [[good.slice(0, 17) + (good[17] === '1' ? '2' : '1'), /校验不符/], [good.slice(0, 17), /应为 18 位，现有 17 位/], ['', /请填写证件号码/], [idCard(1, '19901301'), /出生日期/]]) {
    await a.next({ ...PERSON, id_number });
    assert.match(errorAt(a.page, 'id_number'), words);
    assert.equal(a.value('id_number'), id_number);
    assert.equal(a.value('address'), PERSON.address);
  }
  await a.next({ ...PERSON, id_number: good.toLowerCase(), mobile: '', mail: '', address: '' });
  assert.match(errorAt(a.page, 'mobile'), /至少填写一种联系方式/);
  await a.next({ ...PERSON, address: '', id_number: '１' + good.slice(1) });
  assert.equal(a.page.status, 422);
  await a.next({ ...PERSON, address: '' });
  await a.next({ delivery: 'post' });
  assert.match(errorAt(a.page, 'address'), /请填写通信地址/);
  await a.next({ address: '测试路2号' });
  assert.equal(a.step(), 'files');
  await a.send({}, 'upload', [{ field: 'material_files', name: '材料.pdf', type: 'application/pdf', bytes: ELF }]);
  assert.equal(a.page.status, 422);
  assert.match(errorAt(a.page, 'material_files'), /程序/);
  await a.send({}, 'upload', Array.from({ length: 6 }, (_, i) => ({ field: 'material_files', name: `m${i}.txt`, bytes: `第 ${i} 个` })));
  assert.equal(a.page.status, 422);
  assert.match(a.page.text, /最多上传 5 个材料/);
  assert.equal(formOf(a.page.text).filter(([k]) => k === 'material').length, 5, 'those that were good are kept');
  await a.next();
  assert.equal(a.step(), 'check');
});

test('a correction needs evidence', async () => {
  const a = new Applicant(server);
  await a.open('/requests/new?matter=correction');
  await a.next({ unit: 'changjiang' });
  await a.next({ subject: '宅基地登记信息' });
  assert.match(errorAt(a.page, 'evidence'), /证据/);
  await a.send({ evidence: '登记证复印件' }, 'matter');
  assert.doesNotMatch(a.page.text, /name="evidence"[^>]*rows/);
  await a.send({}, 'matter');
  assert.equal(a.value('evidence'), '登记证复印件');
  await a.next();
  assert.equal(a.step(), 'kind');
  await a.next({ applicant: 'person' });
  await a.next({ ...PERSON, id_number: idCard(77) });
  await a.next();
  await a.next();
  await a.submit();
  assert.equal(server.sql(`SELECT matter FROM request WHERE number = '${a.number}'`).trim(), 'correction');
});

test('the same form sent twice makes one application and shows the same code twice', async () => {
  const a = new Applicant(server);
  const wanted = { subject: '双击提交的信息' };
  await a.fill({ wanted });
  const body = new URLSearchParams([...formOf(a.page.text), ['go', 'submit']]).toString();
  const post = () => server.visitor().request('POST', '/requests/new', { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  const both = await Promise.all([post(), post()]);
  const third = await post();
  const codes = [...both, third].map((r) => r.text.match(/id="number">([^<]+)<[\s\S]*id="code">([^<]+)</)?.slice(1).join(' '));
  assert.deepEqual([...both, third].map((r) => r.status), [201, 201, 201]);
  assert.equal(new Set(codes).size, 1, codes.join('; '));
  assert.equal(Number(server.sql("SELECT count(*) FROM request WHERE subject = '双击提交的信息'")), 1);
  assert.match(third.text, /没有重复登记/);
  const b = new Applicant(server); // typed anew within the minute: told, and no code is shown
  await b.fill({ wanted });
  await b.send({}, 'submit');
  assert.equal(b.page.status, 409);
  assert.match(b.page.text, /不必重复提交/);
  assert.doesNotMatch(b.page.text, /id="code"/);
  assert.equal(b.value('subject'), wanted.subject);
});

test('an uploaded file belongs to one form: another cannot claim it, and it is claimed once', async () => {
  const files = [{ field: 'identity_file', name: '证件.png', bytes: PNG }];
  const a = new Applicant(server);
  await a.fill({ wanted: { subject: '甲申请的信息' }, files });
  const token = a.value('identity');
  const b = new Applicant(server);
  await b.fill({ wanted: { subject: '乙申请的信息' }, person: { ...PERSON, name: '乙某某', id_number: idCard(9) } });
  for (const identity of [token, '1-' + '0'.repeat(40), `${token.split('-')[0]}-`, '99999-x', '-', 'x']) {
    await b.send({ identity }, 'submit');
    assert.equal(b.page.status, 422, identity);
    assert.match(b.page.text, /身份证件影像已经失效，请重新上传/);
    await b.next();
  }
  await a.submit();
  const c = new Applicant(server);
  await c.fill({ wanted: { subject: '丙申请的信息' }, person: { ...PERSON, name: '丙某某', id_number: idCard(10) }, files });
  const kept = formOf(c.page.text);
  await c.submit();
  const again = kept.map(([k, v]) => [k, k === 'subject' ? '丁申请的信息' : v]);
  const r = await server.visitor().request('POST', '/requests/new', { body: new URLSearchParams([...again, ['go', 'submit']]).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(r.status, 422);
  assert.match(r.text, /已经用于另一件申请/);
  assert.equal(Number(server.sql("SELECT count(*) FROM request WHERE subject = '丁申请的信息'")), 0);
});

test('similar information and answers are shown before the next step and by the API; organs are found by field and by name', async () => {
  const a = new Applicant(server);
  const title = (await server.visitor().get('/api/v1/disclosures')).json.disclosures[0].title;
  await a.open();
  await a.next({ unit: 'changjiang' });
  await a.next({ subject: title });
  assert.equal(a.step(), 'kind');
  assert.match(a.page.text, /这些信息已经公开/);
  assert.match(a.page.text, /href="\/disclosures\/[^"]+" target="_blank"/);
  const api = (await server.visitor().get(`/api/v1/requests/similar?q=${encodeURIComponent(title)}&unit=changjiang`)).json;
  assert.ok(api.hits.length > 0 && api.hits.length <= 5);
  assert.deepEqual((await server.visitor().get('/api/v1/requests/similar?q=')).json.hits, []);
  await a.open();
  await a.send({ field: '02' }, 'find');
  assert.match(a.page.text, /负责“税收管理”的机关/);
  assert.match(a.page.text, /税务局/);
  await a.send({ find: '民政', field: '' }, 'find');
  assert.match(a.page.text, /value="mzj"/);
  assert.doesNotMatch(a.page.text.match(/<fieldset[\s\S]*<\/fieldset>/)[0], /value="czj"/);
  await a.send({ find: '没有的机关', field: '' }, 'find');
  assert.match(a.page.text, /没有名称含“没有的机关”的机关/);
});

test('programs apply in one call and follow with the code in a header', async () => {
  const v = server.visitor();
  const call = (json, headers = {}) => v.request('POST', '/api/v1/requests', { body: JSON.stringify(json), headers: { 'content-type': 'application/json', ...headers } });
  const fields = { unit: 'changjiang', subject: '接口申请的信息', applicant: 'person', ...PERSON, id_number: idCard(21) };
  for (const [bad, at] of [[{ id_number: '123' }, 'id_number'], [{ unit: 'nowhere' }, 'unit'], [{ subject: '' }, 'subject'], [{ purpose: '科研' }, 'purpose'], [{ description: 'a'.repeat(20001) }, 'description']]) {
    const r = await call({ ...fields, ...bad });
    assert.equal(r.status, 422, r.text);
    assert.ok(r.json.errors.some((e) => e.field === at), r.text);
  }
  const made = await call(fields);
  assert.equal(made.status, 201, made.text);
  const { number, code } = made.json;
  assert.equal(made.headers.location, `/requests/${number}`);
  assert.equal((await call(fields)).status, 409);
  const seen = await v.get(`/api/v1/requests/${number}`, { headers: { 'x-request-code': code.toLowerCase().replace('-', ' ') } });
  assert.equal(seen.status, 200, seen.text);
  assert.equal(seen.json.request.state, 'submitted');
  assert.equal(seen.json.request.unit.code, 'changjiang');
  for (const secret of [PERSON.name, PERSON.mobile, PERSON.mail, idCard(21), 'officer', 'masked']) assert.ok(!seen.text.includes(secret), secret);
  assert.equal((await v.get(`/api/v1/requests/${number}`)).status, 403);
  const done = await v.request('POST', `/api/v1/requests/${number}/steps/withdraw`, { body: '{"text":"不需要了"}', headers: { 'content-type': 'application/json', 'x-request-code': code } });
  assert.ok(done.status < 300, done.text);
  assert.equal(server.sql(`SELECT state FROM request WHERE number = '${number}'`).trim(), 'closed');
});

test('who has no code sees nothing; a cookie opens one case and no other', async () => {
  const a = await new Applicant(server).applied({ wanted: { subject: '甲某的事项' }, person: { ...PERSON, id_number: idCard(31) } });
  const b = await new Applicant(server).applied({ wanted: { subject: '乙某的事项' }, person: { ...PERSON, name: '乙某', id_number: idCard(32) } });
  const stranger = server.visitor();
  for (const [v, number] of [[stranger, a.number], [stranger, '2026-999999'], [b.v, a.number]]) {
    for (const rest of ['', '/withdraw', '/files/1', '/letters/1']) {
      const r = await v.get(`/requests/${number}${rest}`);
      assert.equal(r.status, 303, `${number}${rest}`);
      assert.equal(r.headers.location, `/requests/track?number=${number}`);
    }
    assert.equal((await v.post(`/requests/${number}/steps/withdraw`, {})).status, 303);
    assert.equal((await v.upload(`/requests/${number}/files`, {}, [{ field: 'files', name: 'x.txt', bytes: 'x' }])).status, 303);
  }
  assert.equal(server.sql(`SELECT state FROM request WHERE number = '${a.number}'`).trim(), 'submitted');
  const forged = server.visitor();
  const cookie = a.v.cookies.get('foi');
  for (const value of [cookie.replace(/^\d+/, (n) => Number(n) + 1), cookie.replace(/\.\d+\./, (n) => `.${Number(n.slice(1, -1)) + 1}.`), '1.9999999999999.', 'x', cookie.slice(0, -1)]) {
    forged.cookies.set('foi', value);
    assert.equal((await forged.get(`/requests/${a.number}`)).status, 303, value);
  }
  const staff = await server.signIn('changjiang-foi'); // signed in at work, a citizen here
  staff.cookies.set('foi', cookie);
  assert.equal((await staff.post(`/requests/${a.number}/steps/withdraw`, { text: '' })).status, 303);
  assert.equal(server.sql(`SELECT state FROM request WHERE number = '${a.number}'`).trim(), 'closed');
  assert.equal(server.sql(`SELECT count(*) FROM event WHERE room = 'request' AND verb = 'withdrawn' AND person_id > 0`).trim(), '0');
});

test('a supplement is asked, given with files, once; steps out of turn are refused', async () => {
  const a = await new Applicant(server).applied({ wanted: { subject: '不明确的事项' }, person: { ...PERSON, id_number: idCard(41) } });
  for (const verb of ['supplement', 'reasons', 'dispute', 'fetch', 'rate', 'suggest']) {
    const r = await a.do(verb, { text: '内容', n: 5 });
    assert.equal(r.status, 409, verb);
    assert.match(r.text, /内容|状态/);
  }
  assert.equal((await a.do('sign')).status, 404);
  assert.equal((await a.do('confirm')).status, 404);
  await office.taken(a.number);
  let page = await a.mine();
  assert.match(page.text, /2026年12月21日前/);
  assert.match(page.text, /期限是怎样计算的/);
  await office.step('foi', a.number, 'clarify', { text: '请写明年度和镇村范围' });
  page = await a.mine();
  assert.match(page.text, /请您补正/);
  assert.match(page.text, /请写明年度和镇村范围/);
  const empty = await a.do('supplement', { text: '' }, [{ field: 'files', name: '补正.txt', bytes: '补正的材料' }]);
  assert.equal(empty.status, 422);
  assert.match(errorAt(empty, 'text'), /请写明补正的内容/);
  const kept = formOf(empty.text, `/requests/${a.number}/steps/supplement`);
  assert.equal(kept.filter(([k]) => k === 'kept').length, 1, 'the file is kept');
  const given = await a.do('supplement', { kept: kept.find(([k]) => k === 'kept')[1], text: '2025年度，长江镇全部村居' });
  assert.equal(given.status, 303, given.text.slice(0, 500));
  page = await a.mine();
  assert.match(page.text, /收到补正，答复期限重新计算/);
  assert.match(page.text, /补正\.txt/);
  assert.equal((await a.do('supplement', { text: '再补' })).status, 409);
  const bad = await a.v.upload(`/requests/${a.number}/files`, {}, [{ field: 'files', name: '附件.pdf', bytes: ELF }]);
  assert.equal(bad.status, 422);
  assert.equal((await a.v.upload(`/requests/${a.number}/files`, {}, [{ field: 'files', name: '后补.txt', bytes: '后补' }])).status, 303);
  assert.match((await a.mine()).text, /后补\.txt/);
});

test('a reply is fetched by a step, not by looking; then rated once, suggested, with remedies', async () => {
  const a = await new Applicant(server).applied({ wanted: { subject: '可以公开的事项' }, person: { ...PERSON, id_number: idCard(51) } });
  await office.taken(a.number);
  await office.reply(a.number);
  let page = await a.mine();
  assert.match(page.text, /答复已经作出，请领取/);
  const letter = server.sql(`SELECT letter_id FROM request WHERE number = '${a.number}'`).trim();
  const early = await a.mine(`/letters/${letter}`);
  assert.equal(early.status, 409);
  assert.match(early.text, /领取答复/);
  assert.equal(server.sql(`SELECT state FROM request WHERE number = '${a.number}'`).trim(), 'replied');
  assert.equal((await a.do('fetch')).status, 303);
  page = await a.mine();
  assert.match(page.text, /已送达/);
  const pdf = await a.mine(`/letters/${letter}`);
  assert.equal(pdf.headers['content-type'], 'application/pdf');
  assert.equal(pdf.bytes.subarray(0, 5).toString(), '%PDF-');
  assert.equal((await a.mine('/letters/999999')).status, 404);
  assert.match(page.text, /行政复议/);
  assert.equal((await a.do('rate', { n: 9 })).status, 422);
  assert.equal((await a.do('rate', {})).status, 422);
  assert.equal((await a.do('rate', { n: 4, text: '办理很快' })).status, 303);
  assert.match((await a.mine()).text, /您的评价：满意/);
  assert.equal((await a.do('rate', { n: 1 })).status, 409);
  assert.equal((await a.do('suggest', { text: '大家都关心' })).status, 303);
  assert.equal((await a.do('withdraw')).status, 409);
  assert.equal((await a.mine('/withdraw')).status, 409);
});

test('reasons are given; a fee is disputed with its amount, basis and way of paying in sight', async () => {
  const a = await new Applicant(server).applied({ wanted: { subject: '第一件收费的事项' }, person: { ...PERSON, id_number: idCard(71) } });
  await office.taken(a.number);
  await office.step('foi', a.number, 'ask_reasons', { text: '本月已申请 12 件，请说明理由' });
  assert.match((await a.mine()).text, /请您说明理由[\s\S]*本月已申请 12 件/);
  assert.equal((await a.do('reasons', { text: ' ' })).status, 422);
  assert.equal((await a.do('reasons', { text: '研究需要' })).status, 303);
  await office.step('foi', a.number, 'charge', { basis: 'page', n: 100, text: '到长江镇财政所缴纳' });
  const page = (await a.mine()).text;
  assert.match(page, /700\.00 元/);
  assert.match(page, /按量计收，共 100 页/);
  assert.match(page, /到长江镇财政所缴纳/);
  assert.match(page, /逾期未缴纳的，视为放弃申请/);
  assert.equal((await a.do('dispute', { text: '' })).status, 422);
  assert.equal((await a.do('dispute', { text: '只要其中 20 页' })).status, 303);
  assert.match((await a.mine()).text, /已收到您的异议：只要其中 20 页/);
});

test('withdrawing is asked once more', async () => {
  const a = await new Applicant(server).applied({ wanted: { subject: '将要撤回的事项' }, person: { ...PERSON, id_number: idCard(61) } });
  assert.match((await a.mine('/withdraw')).text, /确认撤回/);
  assert.equal((await a.do('withdraw', { text: '已经从别处得到' })).status, 303);
  assert.match((await a.mine()).text, /已终止/);
});

test('nothing personal is public: pages, feeds, log, access log, public leaves', async () => {
  const secrets = [PERSON.name, PERSON.mobile, PERSON.mail, PERSON.address, idCard(), idCard(51), COMPANY.contact_name + '，', '13912345678', '可以公开的事项', '测试路'];
  const v = server.visitor();
  const size = (await v.get('/api/v1/ledger')).json;
  const texts = [];
  for (const path of ['/requests', '/', '/disclosures', '/search?q=' + encodeURIComponent('以公开的事项'), '/api/v1/search?q=' + encodeURIComponent('三丰'), '/columns/answers', '/ledger', '/sitemap.xml']) texts.push([path, (await v.get(path)).text]);
  for (let i = 0; i < 3; i++) texts.push([`tile ${i}`, (await v.get(`/ledger/tile/entries/00${i}`)).text]);
  texts.push(['log', server.log], ['events', server.sql("SELECT * FROM event WHERE room = 'request' OR subject_kind = 'request'")], ['ledger', JSON.stringify(size)]);
  texts.push(['table', server.sql('SELECT number, masked, person, person_key, name_key FROM request')], ['files', server.sql('SELECT * FROM sealed_file')]);
  for (const [path, text] of texts) for (const s of secrets.slice(0, path === 'table' || path === 'events' ? 6 : undefined)) assert.ok(!text.includes(s), `${s} in ${path}`);
  assert.equal(Number(server.sql("SELECT count(*) FROM event WHERE subject_kind = 'request' AND visibility = 1")), 0);
});
