"""A real SMTP server on loopback for the tests: prints its port, then one JSON line for each message it takes.
Recipients that begin with "refused" are refused for good, "later" for now (once each)."""
import asyncio, json, sys
from email import message_from_bytes
from email.policy import default
from aiosmtpd.smtp import SMTP

class Handler:
    def __init__(self):
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('refused'):
            return '550 5.1.1 no such mailbox'
        if address.startswith('later') and address not in self.seen:
            self.seen.add(address)
            return '451 4.3.0 try again later'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        m = message_from_bytes(envelope.content, policy=default)
        print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'headers': {k: str(v) for k, v in m.items()},
                          'text': m.get_content(), 'longest': max(len(l) for l in envelope.content.split(b'\r\n'))}), flush=True)
        return '250 OK'

async def main():
    loop = asyncio.get_running_loop()
    handler = Handler()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, enable_SMTPUTF8=False), '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
