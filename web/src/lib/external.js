// external.js: a link that leaves for a site outside gov.cn asks first (rules.md §5.1 外链).
const official = (host) => host === 'gov.cn' || host.endsWith('.gov.cn');

export function startExternal() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link || !/^https?:$/.test(link.protocol) || link.host === location.host || official(link.hostname)) return;
    const site = document.querySelector('meta[name="SiteName"]')?.content || '本';
    if (!window.confirm(`您访问的链接即将离开“${site}”网站，是否继续？`)) event.preventDefault();
  });
}
