"""People at work on a server, in a process of their own: they note what they send, and what was acknowledged.

    python -m tests.support.crowd PORT PEOPLE.json NOTES.jsonl SEED

Each person asks, answers, comments, edits, votes, accepts and uploads until the server is gone, or until
standard input is closed. A line of the notes is `{"n": 7, "kind": "answer", ...}` for what is about to be sent, and
`{"n": 7, "done": {...}, "at": 1.5}` for what the server said it had done, and when. Only the standard library is used: it starts at once.
"""

from __future__ import annotations

import http.client
import json
import random
import struct
import sys
import threading
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any

PATIENCE = 90
REFUSED = (403, 404, 409, 422, 429)
"""Answers that say "no", and mean that nothing was changed: another person was faster, or today's votes are used up."""


def main() -> int:
    """Work until the server is gone."""
    port, people, notes, seed = sys.argv[1:]
    stopping = threading.Event()
    with Path(notes).open("a", encoding="utf-8") as file:
        crowd = Crowd(int(port), file, stopping)
        threads = [
            threading.Thread(target=crowd.work, args=(person, f"{seed}.{number}"), daemon=True)
            for number, person in enumerate(json.loads(Path(people).read_text()))
        ]
        for thread in threads:
            thread.start()
        sys.stdin.read()
        stopping.set()
        for thread in threads:
            thread.join()
    return 0


@dataclass
class Crowd:
    """What the people of one process share: the server, the notes, and the threads they know of."""

    port: int
    notes: IO[str]
    stopping: threading.Event
    questions: list[tuple[int, int]] = field(default_factory=list)
    """Each with its author."""
    answers: list[tuple[int, int, int]] = field(default_factory=list)
    """Each with its author and its question."""
    _numbers: count[int] = field(default_factory=count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, person: dict[str, Any], seed: str) -> None:
        """Do one thing after the other as this person, until the server is gone."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        chance = random.Random(seed)
        with suppress(OSError, http.client.HTTPException):
            while not self.stopping.is_set():
                Person(self, person, connection, chance).act()

    def sent(self, kind: str, **facts: Any) -> int:
        """Note what is about to be sent."""
        with self._lock:
            number = next(self._numbers)
            self._note({"n": number, "kind": kind, "sent_at": time.time(), **facts})
        return number

    def done(self, number: int, **facts: Any) -> None:
        """Note that the server acknowledged it."""
        with self._lock:
            self._note({"n": number, "done": facts, "at": time.time()})

    def refused(self, number: int, status: int) -> None:
        """Note that the server refused it: it must not have happened."""
        with self._lock:
            self._note({"n": number, "refused": status})

    def failed(self, number: int, what: str) -> None:
        """Note an answer that no server should give: it may have happened, or not."""
        with self._lock:
            self._note({"n": number, "failed": what})

    def _note(self, line: dict[str, Any]) -> None:
        self.notes.write(json.dumps(line) + "\n")
        self.notes.flush()


@dataclass
class Person:
    """One person with a connection."""

    crowd: Crowd
    who: dict[str, Any]
    connection: http.client.HTTPConnection
    chance: random.Random

    def act(self) -> None:
        """Do one thing."""
        if not self.crowd.questions:
            self.ask()
            return
        deeds = (self.ask, self.answer, self.comment, self.edit, self.vote, self.accept, self.upload)
        self.chance.choices(deeds, weights=(3, 5, 3, 3, 6, 3, 1))[0]()

    def ask(self) -> None:
        word = self._word()
        body = {
            "title": f"Zebra {word} prints stripes",
            "body": f"It happens every time I switch {word} on.",
            "tags": ["printing"],
        }
        made = self._send("ask", "POST", "/api/v1/questions", body, word=word)
        if made:
            self.crowd.questions.append((int(made["id"]), self.who["id"]))

    def answer(self) -> None:
        question, _asker = self.chance.choice(self.crowd.questions)
        word = self._word()
        body = {"body": f"Replace the {word} cartridge, then print a page."}
        path = f"/api/v1/questions/{question}/answers"
        made = self._send("answer", "POST", path, body, word=word, question=question)
        if made:
            self.crowd.answers.append((int(made["id"]), self.who["id"], question))

    def comment(self) -> None:
        path, post, _author = self._post()
        word = self._word()
        body = {"body": f"Which version of {word} is it?"}
        self._send("comment", "POST", f"{path}/comments", body, word=word, post=post)

    def edit(self) -> None:
        own = [post for post in self._posts() if post[2] == self.who["id"]]
        if not own:
            return
        path, post, _author = self.chance.choice(own)
        word = self._word()
        body = {"body": f"Tried again with {word}, and it is the same as before.", "summary": "Clearer"}
        self._send("edit", "PATCH", path, body, word=word, post=post)

    def vote(self) -> None:
        path, post, _author = self._post()
        value = self.chance.choice((1, 1, 1, -1, 0))
        self._send("vote", "PUT", f"{path}/vote", {"value": value}, post=post, value=value)

    def accept(self) -> None:
        asked = {question for question, author in self.crowd.questions if author == self.who["id"]}
        found = [answer for answer in self.crowd.answers if answer[2] in asked]
        if not found:
            return
        answer, _author, question = self.chance.choice(found)
        path = f"/api/v1/questions/{question}/accepted-answer"
        self._send("accept", "PUT", path, {"answer_id": answer}, question=question, answer=answer)

    def upload(self) -> None:
        image = _png(self.chance.getrandbits(24))
        boundary = "zebra"
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="stripes.png"\r\n'
                f"Content-Type: image/png\r\n\r\n"
            ).encode()
            + image
            + f"\r\n--{boundary}--\r\n".encode()
        )
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Cookie": f"pd_session={self.who['session']}",
            "X-CSRF-Token": self.who["csrf"],
            "X-Fragment": "1",
        }
        self._exchange(self.crowd.sent("upload", by=self.who["id"]), "POST", "/uploads", body, headers)

    def _post(self) -> tuple[str, int, int]:
        return self.chance.choice(self._posts())

    def _posts(self) -> list[tuple[str, int, int]]:
        asked = [(f"/api/v1/questions/{post}", post, author) for post, author in self.crowd.questions]
        answered = [(f"/api/v1/answers/{post}", post, author) for post, author, _ in self.crowd.answers]
        return asked[-20:] + answered[-20:]

    def _word(self) -> str:
        return f"quagga{self.chance.getrandbits(60):x}"

    def _send(
        self, kind: str, method: str, path: str, body: dict[str, Any], **facts: Any
    ) -> dict[str, Any] | None:
        headers = {
            "Authorization": f"Bearer {self.who['token']}",
            "Content-Type": "application/json",
            "If-Match": "*",
        }
        number = self.crowd.sent(kind, by=self.who["id"], **facts)
        return self._exchange(number, method, path, json.dumps(body).encode(), headers)

    def _exchange(
        self, number: int, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> dict[str, Any] | None:
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status in REFUSED:
            self.crowd.refused(number, answer.status)
            return None
        if answer.status not in (200, 201):
            self.crowd.failed(number, f"{method} {path}: {answer.status} {text[:300]!r}")
            return None
        made: dict[str, Any] = json.loads(text)
        self.crowd.done(number, **{name: made[name] for name in ("id", "url") if name in made})
        return made


def _png(color: int) -> bytes:
    """Return a picture of one pixel."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0" + color.to_bytes(3, "big"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", pixel), (b"IEND", b""))
    )


if __name__ == "__main__":
    sys.exit(main())
