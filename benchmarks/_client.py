"""A light HTTP client on asyncio streams: kept-alive connections, prepared requests, and nothing parsed but the length."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any


class Client:
    """One connection of one key holder."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.head = port, f"host: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[int, bytes, float]:
        """Status, body and seconds of a GET."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self.head}\r\n".encode())

    async def post(self, path: str, body: Any, key: str) -> tuple[int, bytes, float]:
        """Status, body and seconds of a POST with an Idempotency-Key."""
        data = json.dumps(body).encode()
        more = f"content-type: application/json\r\nidempotency-key: {key}\r\ncontent-length: {len(data)}\r\n"
        return await self._ask(f"POST {path} HTTP/1.1\r\n{self.head}{more}\r\n".encode() + data)

    def close(self) -> None:
        """Let the connection go."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, request: bytes) -> tuple[int, bytes, float]:
        began = time.perf_counter()
        try:
            if self._streams is None or self._streams[0].at_eof():
                self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
            reader, writer = self._streams
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            at = head.index(b"content-length:") + 15
            body = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            raise ConnectionError("the server has gone") from None
        return int(head[9:12]), body, time.perf_counter() - began
