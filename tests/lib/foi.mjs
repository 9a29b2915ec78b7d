// foi.mjs: applications as the posts of a unit work them, over HTTP.
import assert from 'node:assert/strict';
import { hidden } from './server.mjs';

// The check digit of a made-up identity number (GB 11643); serial: three digits.
export function idCard(serial, region = '320682', birth = '19800101') {
  const body = `${region}${birth}${String(serial).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...body].reduce((s, d, i) => s + Number(d) * weights[i], 0);
  return body + '10X98765432'[sum % 11];
}

export class FoiDesk {
  static async signIn(server, unit = 'changjiang') {
    const d = new FoiDesk();
    d.server = server;
    d.unit = unit;
    d.posts = { yishenqing: await server.signIn('yishenqing') };
    for (const who of ['foi', 'fazhi', 'fuze', 'baomi']) d.posts[who] = await server.signIn(`${unit}-${who}`);
    return d;
  }

  // Registers at the unified desk; gives {id, number, code}.
  async register(fields = {}, who = 'yishenqing', files = []) {
    const form = await this.posts[who].get('/desk/requests/new');
    assert.equal(form.status, 200, form.text.slice(0, 500));
    const unitId = form.text.match(new RegExp(`<option value="(\\d+)"[^>]*>${fields.unitName ?? '长江镇'}`))?.[1];
    const { unitName, ...rest } = fields;
    const all = {
      ...hidden(form.text, '/desk/requests'), channel: 'in_person', applicant: 'person', name: '测试申请人', id_type: 'id_card', id_number: idCard(101),
      address: '测试路1号', subject: '关于测试事项的会议纪要', description: '', unit_id: unitId ?? '', ...rest,
    };
    const r = await this.posts[who].upload('/desk/requests', all, files);
    if (r.status !== 200) return { refused: r };
    return { id: Number(r.text.match(/\/desk\/requests\/(\d+)/)[1]), number: r.text.match(/(\d{4}-\d{6})/)[1], code: r.text.match(/[0-9A-Z]{5}-[0-9A-Z]{5}/)[0] };
  }

  page(id, who = 'foi') {
    return this.posts[who].get(`/desk/requests/${id}`);
  }

  async model(id, who = 'foi') {
    const r = await this.posts[who].get(`/api/v1/desk/requests/${id}`);
    assert.equal(r.status, 200, r.text);
    return r.json;
  }

  // Takes a step through its form; without a form on the page the bare request is sent all the same.
  async step(who, id, verb, fields = {}) {
    const action = `/desk/requests/${id}/steps/${verb}`;
    const page = await this.page(id, who);
    let form;
    try {
      form = hidden(page.text, action);
    } catch {
      form = hidden((await this.posts[who].get('/desk/account')).text, '/sign-out');
    }
    return this.posts[who].post(action, { ...form, ...fields });
  }

  async must(who, id, verb, fields = {}) {
    const r = await this.step(who, id, verb, fields);
    assert.equal(r.status, 303, `${who} ${verb}: ${r.status} ${r.text.match(/error-summary[\s\S]{0,600}/)?.[0] ?? r.text.slice(0, 600)}`);
    return r;
  }

  async attach(id, role, name, bytes, who = 'foi') {
    const page = await this.page(id, who);
    return this.posts[who].upload(`/desk/requests/${id}/files`, { ...hidden(page.text, `/desk/requests/${id}/files`), role }, [{ field: 'files', name, bytes }]);
  }
}
