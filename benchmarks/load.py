"""A light client: keep-alive connections that each wait for an answer, in a process of its own.

python -m benchmarks.load PORT CONNECTIONS SECONDS
"""

import asyncio
import json
import statistics
import sys
import time

from benchmarks.texts import mixed_texts

TEXTS = 400
HEAD = "POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


def requests() -> list[bytes]:
    bodies = [json.dumps({"text": row.text}).encode() for row in mixed_texts(TEXTS, seed=7)]
    return [f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """Send a request; return the body of its answer, which has to be a 200."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    body = await reader.readexactly(length)
    if b" 200 " not in lines[0]:
        raise RuntimeError(f"{lines[0].decode()}: {body.decode()}")
    return body


async def connection(port: int, mine: list[bytes], until: float) -> list[float]:
    """Seconds that each answer took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken: list[float] = []
    while (started := time.perf_counter()) < until:
        await ask(reader, writer, mine[len(taken) % len(mine)])
        taken.append(time.perf_counter() - started)
    writer.close()
    return taken


async def load(port: int, connections: int, seconds: float) -> dict[str, float]:
    """Requests per second, and milliseconds at the median and the 95th percentile."""
    everything = requests()
    started = time.perf_counter()
    answers = await asyncio.gather(
        *(
            # Each starts at another text, so that they don't all send the same one.
            connection(port, everything[start:] + everything[:start], started + seconds)
            for start in range(0, TEXTS, TEXTS // connections)[:connections]
        )
    )
    elapsed = time.perf_counter() - started
    taken = sorted(one for mine in answers for one in mine)
    return {
        "rps": len(taken) / elapsed,
        "p50": statistics.median(taken) * 1000,
        "p95": taken[int(len(taken) * 0.95)] * 1000,
    }


if __name__ == "__main__":
    port, connections, seconds = map(int, sys.argv[1:])
    print(json.dumps(asyncio.run(load(port, connections, seconds))))
