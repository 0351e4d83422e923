"""A real mail server for a test: it wants TLS and a login, and prints each mail that it took as a line of JSON."""

import asyncio
import email
import email.policy
import hashlib
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def told(value):
    print(json.dumps(value), flush=True)


def part(message):
    content = message.get_payload(decode=True)
    return {
        "type": message.get_content_type(),
        "name": message.get_filename(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "text": content.decode("utf-8", "replace"),
    }


class Handler:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        told(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "tls": server.transport.get_extra_info("ssl_object") is not None,
                "login": session.auth_data.login.decode(),
                "headers": {name.lower(): str(value) for name, value in message.items()},
                "parts": [part(piece) for piece in message.walk() if not piece.is_multipart()],
            }
        )
        return "250 taken"


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        right = data.login.decode() == user and data.password.decode() == password
        return AuthResult(success=right, handled=right, auth_data=data)

    return check


async def main(certificate, key, user, password, how):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    upgraded = how == "starttls"

    def serve():
        return SMTP(
            Handler(),
            hostname="localhost",
            enable_SMTPUTF8=True,
            tls_context=context if upgraded else None,
            require_starttls=upgraded,
            auth_required=True,
            auth_require_tls=upgraded,
            authenticator=authenticator(user, password),
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=None if upgraded else context)
    told(server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
