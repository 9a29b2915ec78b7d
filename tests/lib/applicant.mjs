// applicant.mjs: an applicant's browser without script, numbers with right check digits, and the office that works the case.
import assert from 'node:assert/strict';

// 居民身份证: made up, of a place code that is in use, with its check digit (GB 11643).
export function idCard(serial = 1, birth = '19900307') {
  const head = `320682${birth}${String(serial).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...head].reduce((n, c, i) => n + Number(c) * weights[i], 0);
  return head + '10X98765432'[sum % 11];
}

// 统一社会信用代码 with its check character (GB 32100).
export function creditCode(serial = 1) {
  const signs = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  const head = `91320682MA1${String(serial).padStart(6, '0')}`;
  let sum = 0;
  let weight = 1;
  for (const c of head) { sum += signs.indexOf(c) * weight; weight = (weight * 3) % 31; }
  return head + signs[(31 - (sum % 31)) % 31];
}

const text = (s) => s.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
const attribute = (tag, name) => { const m = tag.match(new RegExp(`\\s${name}="([^"]*)"`)); return m ? text(m[1]) : undefined; };

// What a browser would send of the form: hidden and typed fields, chosen options, text areas; in order.
export function formOf(html, action = '/requests/new') {
  const forms = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map((m) => m[0]).filter((f) => f.match(/<form\b[^>]*>/)[0].includes(`action="${action}"`));
  assert.ok(forms.length, `no form with action ${action}`);
  const form = forms.at(-1);
  const fields = [];
  for (const m of form.matchAll(/<input\b[^>]*>|<textarea\b[^>]*>[\s\S]*?<\/textarea>|<select\b[^>]*>[\s\S]*?<\/select>/g)) {
    const tag = m[0].match(/^<[^>]*>/)[0];
    const name = attribute(tag, 'name');
    const type = attribute(tag, 'type');
    if (!name || type === 'file') continue;
    if ((type === 'radio' || type === 'checkbox') && !/\schecked/.test(tag)) continue;
    if (tag.startsWith('<textarea')) fields.push([name, text(m[0].slice(tag.length, -'</textarea>'.length)).replace(/^\n/, '')]);
    else if (tag.startsWith('<select')) {
      const chosen = m[0].match(/<option[^>]*\sselected[^>]*>/) ?? m[0].match(/<option[^>]*>/);
      fields.push([name, attribute(chosen[0], 'value') ?? '']);
    } else fields.push([name, attribute(tag, 'value') ?? '']);
  }
  return fields;
}

export const PERSON = { name: '张三丰', id_type: 'id_card', id_number: idCard(), mobile: '13912345678', mail: 'zhangsan@example.cn', address: '如城街道测试路1号', postcode: '226500', workplace: '某厂' };
export const COMPANY = { name: '如皋某某贸易有限公司', id_number: creditCode(), head: '李四', contact_name: '王五', mobile: '0513-87654321', mail: 'gs@example.cn' };

export class Applicant {
  constructor(server) {
    this.v = server.visitor();
  }

  async open(path = '/requests/new') {
    this.page = await this.v.get(path);
    assert.equal(this.page.status, 200, this.page.text.slice(0, 500));
    return this.page;
  }

  // The form as it stands on the page, with these answers, by this button.
  async send(answers, go, files = []) {
    const fields = formOf(this.page.text).filter(([k]) => !(k in answers));
    for (const [k, v] of Object.entries(answers)) for (const one of [v].flat()) fields.push([k, one]);
    fields.push(['go', go]);
    if (files.length) {
      this.page = await this.v.upload('/requests/new', Object.fromEntries(fields), files);
      return this.page;
    }
    const body = new URLSearchParams(fields).toString();
    this.page = await this.v.request('POST', '/requests/new', { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    return this.page;
  }

  next(answers = {}, files) { return this.send(answers, 'next', files); }

  step() { return formOf(this.page.text).find(([k]) => k === 'step')?.[1]; }

  value(name) { return formOf(this.page.text).find(([k]) => k === name)?.[1]; }

  // Through all steps to the page of answers.
  async fill({ unit = 'changjiang', wanted = { subject: '2025年农村公路养护资金分配方案' }, applicant = 'person', person = PERSON, way = {}, files = [] } = {}) {
    await this.open();
    for (const answers of [{ unit }, wanted, { applicant }, person, { carrier: 'electronic', delivery: 'download', ...way }]) {
      await this.next(answers);
      assert.equal(this.page.status, 200, `${this.step()}: ${this.page.text.match(/error-summary[\s\S]{0,600}/)?.[0]}`);
    }
    assert.equal(this.step(), 'files');
    await this.next({}, files);
    assert.equal(this.page.status, 200, this.page.text.match(/error-summary[\s\S]{0,600}/)?.[0]);
    assert.equal(this.step(), 'check');
    return this.page;
  }

  async submit() {
    await this.send({}, 'submit');
    assert.equal(this.page.status, 201, this.page.text.match(/error-summary[\s\S]{0,600}/)?.[0] ?? this.page.text.slice(0, 600));
    this.number = this.page.text.match(/id="number">([^<]+)</)[1];
    this.code = this.page.text.match(/id="code">([^<]+)</)[1];
    return this;
  }

  async applied(x) {
    await this.fill(x);
    return this.submit();
  }

  mine(rest = '') { return this.v.get(`/requests/${this.number}${rest}`); }

  do(verb, fields = {}, files) {
    const path = `/requests/${this.number}/steps/${verb}`;
    return files ? this.v.upload(path, fields, files) : this.v.post(path, fields);
  }
}

// The posts of one unit that work a case; what they may do is the desk's to test.
export class Office {
  static async signIn(server, unit = 'changjiang') {
    const o = new Office();
    o.server = server;
    o.posts = {};
    for (const who of ['foi', 'fazhi', 'baomi', 'fuze']) {
      const v = await server.signIn(`${unit}-${who}`);
      v.csrf = (await v.get('/desk/account')).text.match(/name="_csrf" value="([^"]+)"/)[1];
      o.posts[who] = v;
    }
    return o;
  }

  id(number) { return this.server.sql(`SELECT id FROM request WHERE number = '${number}'`).trim(); }

  async step(who, number, verb, fields = {}) {
    const v = this.posts[who];
    const r = await v.post(`/desk/requests/${this.id(number)}/steps/${verb}`, { _csrf: v.csrf, ...fields });
    assert.equal(r.status, 303, `${verb}: ${r.text.match(/error-summary[\s\S]{0,500}/)?.[0] ?? r.text.slice(0, 600)}`);
    return r;
  }

  async taken(number) {
    await this.step('foi', number, 'confirm');
    await this.step('foi', number, 'take');
  }

  async reply(number, fields = { outcome: 'R02', where: '在市档案馆查阅' }) {
    await this.step('foi', number, 'draft', fields);
    await this.step('foi', number, 'submit');
    await this.step('fazhi', number, 'pass');
    await this.step('baomi', number, 'pass');
    await this.step('fuze', number, 'sign');
  }
}
