"""A mail server that says yes to everything (RFC 5321, as far as a client needs it)."""

import asyncio

PORT = 1025


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        verb = line.strip().upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
        await writer.drain()
        if verb == b"QUIT":
            break
    writer.close()


async def main() -> None:
    # Inside its pod: the address of the pod is the only one there is.
    async with await asyncio.start_server(converse, "0.0.0.0", PORT) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
