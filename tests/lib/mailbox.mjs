// mailbox.mjs: starts tests/lib/smtp.py and keeps what it was sent. Stops it by its process id.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export async function mailbox() {
  const child = spawn('/usr/bin/python3', ['tests/lib/smtp.py'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const mails = [];
  const waiting = [];
  const port = await new Promise((done, refuse) => {
    child.once('exit', (code) => refuse(new Error(`the mail server ended: ${code}`)));
    lines.on('line', (l) => {
      const value = JSON.parse(l);
      if (typeof value === 'number') return done(value);
      mails.push(value);
      for (const w of waiting.splice(0)) w();
    });
  });
  return {
    env: { MINGTANG_SMTP: `smtp://127.0.0.1:${port}`, MINGTANG_MAIL_FROM: 'gongkai@example.gov.cn' },
    mails,
    // The first mail to this address after those already read; fails after `seconds`.
    async next(to, seconds = 40) {
      const end = Date.now() + seconds * 1000;
      for (;;) {
        const at = mails.findIndex((m) => m.to.includes(to));
        if (at >= 0) return mails.splice(at, 1)[0];
        if (Date.now() > end) throw new Error(`no mail to ${to}`);
        await new Promise((done) => {
          const timer = setTimeout(done, 1000);
          waiting.push(() => (clearTimeout(timer), done()));
        });
      }
    },
    close: () => new Promise((done) => (child.removeAllListeners('exit'), child.once('exit', done), child.kill())),
  };
}
