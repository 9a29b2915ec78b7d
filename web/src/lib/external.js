// external.js: a link that leaves for a site outside gov.cn asks first (rules.md §5.1 外链). The server leads such links to
// /leave, which asks without script; with script the same question is a dialog on the page.
function ask(link, to) {
  const site = document.querySelector('meta[name="SiteName"]')?.content || '本';
  const box = document.createElement('dialog');
  box.className = 'leave';
  box.setAttribute('aria-labelledby', 'leave-title');
  const title = document.createElement('h2');
  title.id = 'leave-title';
  title.textContent = `您访问的链接即将离开“${site}”网站，是否继续？`;
  const where = document.createElement('p');
  where.textContent = to.host;
  const go = document.createElement('a');
  go.className = 'btn btn-primary';
  go.href = to.href;
  go.rel = 'noopener noreferrer nofollow';
  go.textContent = '继续访问';
  const stay = document.createElement('button');
  stay.className = 'btn';
  stay.type = 'button';
  stay.textContent = '留在本站';
  const row = document.createElement('p');
  row.className = 'leave-buttons';
  row.append(stay, go);
  box.append(title, where, row);
  box.addEventListener('close', () => {
    box.remove();
    link.focus();
  });
  stay.addEventListener('click', () => box.close());
  document.body.append(box);
  box.showModal();
  stay.focus();
}

export function startExternal() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="/leave?to="]');
    if (!link || event.ctrlKey || event.metaKey || typeof HTMLDialogElement === 'undefined') return;
    if (document.documentElement.classList.contains('elder')) return; // no pop-ups in elder mode: the page asks
    try {
      const to = new URL(new URL(link.href).searchParams.get('to'));
      if (!/^https?:$/.test(to.protocol)) return;
      event.preventDefault();
      ask(link, to);
    } catch {
      /* the server's page says what is wrong with it */
    }
  });
}
