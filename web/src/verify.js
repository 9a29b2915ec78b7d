// verify.js: checks a publication receipt (公开凭证) on the reader's own device, from the page's address or from a file kept earlier, and tells
// whether a file is one of its attachments. Only computed facts decide; the server is asked for proofs, never for a verdict.
//
// <section data-compare data-sha256="…"> holds a chosen file against one digest.
// <section data-verify data-receipt="/verify/ID/1/file"> with [data-verify-steps], [data-verify-result], [data-verify-file].
import { each, element, icon, readJson } from './lib/dom.js';
import { asReceipt, base64, checkReceipt, follow, hex, sha256File, toKeep } from './lib/proof.js';

const STORE = 'mingtang-ledger';
const RECEIPT_BYTES = 8 << 20; // no receipt is larger: anything else is only hashed
const ICONS = { green: 'check', red: 'alert', yellow: 'alert-circle', grey: 'minus-circle' };

const step = (tone, text, ...values) => ({ tone, text, values });

// ── what is remembered here ──

function readStore() {
  try {
    const o = JSON.parse(localStorage.getItem(STORE));
    return o && typeof o === 'object' ? o : {};
  } catch {
    return {};
  }
}

function keep(origin, entry) {
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...readStore(), [origin]: entry }));
  } catch { /* private browsing, or full: the next visit begins anew */ }
}

// ── what is asked of the server ──

async function get(address, accept) {
  try {
    return await fetch(address, { headers: { Accept: accept }, credentials: 'same-origin', cache: 'no-store' });
  } catch {
    return null;
  }
}

async function askConsistency(from, to) {
  const response = await get(`/api/v1/ledger/consistency?from=${from}&to=${to}`, 'application/json');
  const body = response?.ok ? await readJson(response) : null;
  return { status: response ? response.status : 0, hashes: body?.hashes };
}

// The keys this site publishes, null when they cannot be had.
async function siteKeys() {
  const response = await get('/ledger/key', 'text/plain');
  return response?.ok ? (await response.text()).split('\n').filter(Boolean) : null;
}

// ── facts into sentences ──

function instant(text) {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(text);
  return m ? `${m[1]}年${Number(m[2])}月${Number(m[3])}日 ${m[4]}:${m[5]}:${m[6]}` : '时间不明';
}

// Seconds since 1970 → Beijing time, as the leaves have it.
const moment = (seconds) => instant(new Date((seconds + 8 * 3600) * 1000).toISOString());

function contentStep({ content, described }) {
  if (content.state === 'altered') return step('red', '正文的 SHA-256 与凭证所记不符，正文已被改动', content.digest);
  if (content.state === 'unlisted') return step('red', '内容摘要与账本条目所记不符', content.digest);
  if (!described) return step('red', '凭证所列的标题或附件与正文所载不符', content.digest);
  if (content.state === 'hidden') return step('grey', '正文已不再展示，账本仍记有它的 SHA-256', content.digest);
  return step('green', '正文的 SHA-256 与凭证和账本条目所记一致', content.digest);
}

function leafStep({ names, leaf }, receipt) {
  const text = String(receipt.entry?.leaf ?? '');
  if (!names) return step('red', '账本条目写的不是这条公开信息', text);
  return step('green', `账本条目写明这条公开信息（${receipt.public_id}）于${instant(leaf.at)}公开`, text);
}

function treeStep({ tree, checkpoint }, receipt) {
  if (!checkpoint) return step('red', '凭证所附的检查点不能读取');
  const root = tree.root ? [base64(tree.root)] : [];
  if (!tree.good) return step('red', '由账本条目推算的根值与检查点所载不符，不能证明条目在账本中', ...root);
  return step('green', `由账本条目推算的根值与检查点所载一致：条目是第 ${receipt.entry.seq} 号，检查点收录 ${checkpoint.size} 条`, ...root);
}

function logStep({ log, checkpoint }) {
  if (!log.good) return step('red', '检查点没有账本的有效签名（Ed25519）', ...log.vkeys);
  return step('green', `检查点的签名有效（Ed25519），由账本“${checkpoint.origin}”签署`, ...log.vkeys);
}

function witnessSteps({ witnesses }) {
  if (witnesses.length === 0) return [step('grey', '尚无见证方联署')];
  return witnesses.map((w) => (w.good
    ? step('green', `见证方“${w.name}”于${moment(w.at)}联署，签名有效`, w.vkey)
    : step('red', `见证方“${w.name}”的联署签名无效`, w.vkey)));
}

// A file may have been made by anybody, keys and all: its key must be one seen here before or one that this site publishes.
async function strangerStep(facts, receipt, kept) {
  const { vkeys } = facts.log;
  if (vkeys.includes(kept?.key)) return null;
  const published = await siteKeys();
  if (!published) return step('yellow', '暂时取不到本站账本的公钥，还不能确认这份凭证由本站签发，请在联网后再核对');
  if (vkeys.some((k) => published.includes(k))) return null;
  let host = '';
  try { host = new URL(receipt.address).host; } catch { /* no address: taken as ours */ }
  if (!host || host === location.host) return step('red', '签署这份凭证的密钥不是本站账本的密钥，不能采信');
  return step('yellow', `这份凭证写明由其他网站（${host}）签发，本页不能确认签署密钥，请到该网站核对`);
}

const TREES = {
  first: ['green', '已在这台设备上记下账本的公钥和检查点，今后每次核对都会与它比较'],
  same: ['green', '账本与这台设备上次核对时相同'],
  grown: ['green', '账本在上次核对之后只有增加，以前的条目没有改动'],
  older: ['green', '这份凭证的检查点较早，是这台设备上次核对的账本的一部分'],
  forked: ['red', '账本与这台设备上次核对时的不一致，以前的条目可能被改动或删除'],
  shorter: ['red', '账本比这台设备上次核对时短，可能有条目被删除'],
  unknown: ['yellow', '暂时取不到一致性证明，还不能与上次核对时的账本比较，请稍后再核对'],
};

const CHANGED = '密钥已变更：签署凭证的密钥与这台设备上次核对时的不同。请在“存证账本”页查看密钥更换记录，或者向网站主办单位核实';

async function memorySteps({ checkpoint, log }, kept) {
  const { origin } = checkpoint;
  const answer = await follow(kept, checkpoint, log.vkeys, askConsistency);
  const [tone, text] = TREES[answer.tree];
  const root = base64(checkpoint.root);
  const before = answer.tree === 'first' || answer.tree === 'same' ? [] : [`${kept.size} ${kept.root}`];
  const steps = [step(tone, text, ...before, `${checkpoint.size} ${root}`)];
  keep(origin, toKeep(kept, checkpoint, log.vkeys, answer));
  // What is proven part of a tree seen before needs no trust in the key that signed it then.
  if (!answer.keyChanged || answer.tree === 'older') return steps;
  const changed = step('yellow', CHANGED, kept.key, ...log.vkeys);
  if (tone === 'green') changed.accept = () => keep(origin, { size: checkpoint.size, root, key: log.vkeys[0] });
  return [...steps, changed];
}

async function receiptSteps(facts, receipt, chosen) {
  const steps = [contentStep(facts), leafStep(facts, receipt), treeStep(facts, receipt), logStep(facts), ...witnessSteps(facts)];
  if (!facts.known) steps.unshift(step('yellow', '凭证的格式不是本页所知的版本，请到签发凭证的网站核对'));
  // Only what is proven is compared with, or becomes, what is remembered.
  if (!facts.tree.good || !facts.log.good) return steps;
  const store = readStore();
  const kept = Object.prototype.hasOwnProperty.call(store, facts.checkpoint.origin) ? store[facts.checkpoint.origin] : null;
  const stranger = chosen ? await strangerStep(facts, receipt, kept) : null;
  return stranger ? [...steps, stranger] : [...steps, ...await memorySteps(facts, kept)];
}

function verdict(steps, facts, receipt) {
  const red = steps.find((s) => s.tone === 'red');
  if (red) return step('red', `核对不通过：${red.text}`);
  const yellow = steps.find((s) => s.tone === 'yellow');
  if (yellow) return step('yellow', `凭证的各项计算无误，但有一项需要留意：${yellow.text}`);
  const what = facts.title ? `《${facts.title}》` : `公开信息 ${receipt.public_id} `;
  if (facts.content.state === 'hidden') {
    return step('green', `核对无误：${what}于${instant(facts.leaf.at)}公开，正文已不再展示，摘要仍记在账本第 ${receipt.entry.seq} 号`);
  }
  return step('green', `核对无误：${what}于${instant(facts.leaf.at)}公开，内容没有改动，记在账本第 ${receipt.entry.seq} 号`);
}

function attachmentVerdict(name, digest, { facts, verdict: overall }) {
  const found = facts.attachments.find((f) => f.sha256 === digest);
  if (!found) {
    const none = facts.attachments.length === 0 ? '（凭证没有列出附件）' : '';
    return step('red', `核对不通过：“${name}”不是凭证所列的附件，或内容已被改动${none}`, digest);
  }
  const same = found.name ? `与凭证所列附件“${found.name}”一致` : '与账本条目所记的一个附件一致';
  if (overall.tone === 'green') return step('green', `核对无误：“${name}”${same}`, digest);
  return step(overall.tone, `“${name}”${same}，但凭证本身：${overall.text}`, digest);
}

// ── the page ──

class Verifier {
  constructor(root) {
    this.list = root.querySelector('[data-verify-steps]');
    this.result = root.querySelector('[data-verify-result]');
    this.field = root.querySelector('[data-verify-file]');
    this.address = root.dataset.receipt;
    this.checked = null; // {receipt, facts, verdict} of the last receipt
    this.own = null; // public_id and edition of the page's
    this.turn = Promise.resolve();
  }

  start() {
    if (this.address) this.then(() => this.load());
    this.field?.addEventListener('change', () => {
      const [file] = this.field.files;
      if (file) this.then(() => this.take(file));
    });
  }

  // One after the other: a file chosen while the page's receipt is checked waits for it.
  then(work) {
    this.turn = this.turn.then(work).catch(() => this.say(step('red', '核对没有完成，请重新打开本页再试')));
  }

  say({ tone, text }) {
    if (!this.result) return;
    this.result.classList.remove('toned', ...Object.keys(ICONS).map((t) => `tone-${t}`));
    if (tone) this.result.classList.add('toned', `tone-${tone}`);
    this.result.textContent = text;
  }

  row({ tone, text, values, accept }) {
    const row = element('li', { class: `toned tone-${tone}` }, icon(ICONS[tone]), element('span', {}, text), ...values.map((v) => element('code', {}, v)));
    if (accept) {
      const button = element('button', { type: 'button', class: 'btn', onclick: () => { accept(); button.replaceWith('已改记新的密钥。'); } }, '已核实，改记新的密钥');
      row.append(button);
    }
    return row;
  }

  async load() {
    this.say(step('', '正在核对……'));
    const response = await get(this.address, 'application/json');
    const receipt = response?.ok ? asReceipt(await response.text()) : null;
    if (!receipt) {
      this.say(step('yellow', '暂时取不到凭证，请稍后重新打开本页，也可以选择以前保存的凭证文件核对'));
      return;
    }
    this.own = `${receipt.public_id}/${receipt.edition}`;
    await this.check(receipt, false);
  }

  async check(receipt, chosen) {
    const facts = await checkReceipt(receipt);
    const steps = await receiptSteps(facts, receipt, chosen);
    const answer = verdict(steps, facts, receipt);
    if (chosen && this.own && this.own !== `${receipt.public_id}/${receipt.edition}`) {
      steps.unshift(step('grey', `您选择的是另一份凭证：${facts.title ? `《${facts.title}》` : receipt.public_id}，第 ${receipt.edition} 版，不是本页这一份`));
    }
    this.checked = { receipt, facts, verdict: answer };
    if (this.list) this.list.textContent = '';
    this.list?.append(...steps.map((s) => this.row(s)));
    this.say(answer);
  }

  async take(file) {
    this.say(step('', '正在核对……'));
    const receipt = file.size <= RECEIPT_BYTES ? asReceipt(await file.text()) : null;
    if (receipt) await this.check(receipt, true);
    else await this.attachment(file);
    this.field.value = ''; // the same file may be chosen again after a change
  }

  async attachment(file) {
    const digest = hex(await sha256File(file));
    const answer = this.checked
      ? attachmentVerdict(file.name, digest, this.checked)
      : step('yellow', `“${file.name}”不是凭证文件，请先选择凭证文件，再选择附件`, digest);
    this.list?.querySelector('[data-attachment]')?.remove();
    const row = this.row(answer);
    row.dataset.attachment = '';
    this.list?.append(row);
    this.say(answer);
  }
}

// ── a file held against a digest that the page tells: <section data-compare data-sha256="…"> ──

function compare(root) {
  const field = root.querySelector('[data-compare-file]');
  const result = root.querySelector('[data-compare-result]');
  const say = (tone, text, digest) => {
    result.className = tone ? `toned tone-${tone}` : '';
    result.replaceChildren(...(tone ? [icon(ICONS[tone])] : []), element('span', {}, text), ...(digest ? [' ', element('code', {}, digest)] : []));
  };
  let turn = 0;
  field?.addEventListener('change', async () => {
    const [file] = field.files;
    if (!file) return;
    const mine = ++turn; // a file chosen later wins
    say('', '正在核对……');
    try {
      const digest = hex(await sha256File(file));
      if (mine !== turn) return;
      if (digest === root.dataset.sha256) say('green', `核对无误：“${file.name}”与制发时的文件一致`, digest);
      else say('red', `核对不通过：“${file.name}”与制发时的文件不一致，内容可能被改动，或者选错了文件`, digest);
    } catch {
      if (mine === turn) say('yellow', '文件没有读完，请重新选择');
    }
    field.value = ''; // the same file may be chosen again after a change
  });
}

each('[data-verify]', (root) => new Verifier(root).start());
each('[data-compare]', compare);
