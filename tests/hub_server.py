"""A server on this machine that answers the requests of `datasets` as the Hugging Face hub does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
README = b"---\nlicense: mit\n---\nTen reviews.\n"


class Hub(ThreadingHTTPServer):
    """Holds data sets as files. `gated` exists but is closed. Only half of each file in `broken` is sent."""

    daemon_threads = True

    def __init__(self, sets, gated=(), broken=()):
        super().__init__(("127.0.0.1", 0), Answer)
        self.sets = {name: {"README.md": README, **files} for name, files in sets.items()}
        self.gated, self.broken = gated, broken
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    """Answers a request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        api, parts = (True, parts[1:]) if parts[0] == "api" else (False, parts)
        name, rest = "/".join(parts[1:3]), parts[3:]
        if parts[0] != "datasets" or name not in {*self.server.sets, *self.server.gated}:
            self.refuse(404, "RepoNotFound", "Repository not found")
        elif name in self.server.gated and not (api and not rest):
            self.refuse(403, "GatedRepo", f"Access to dataset {name} is restricted.")
        elif api:
            self.tell(name, rest, body)
        elif rest[0] == "resolve":
            self.send_file(name, "/".join(rest[2:]))
        else:
            self.refuse(404, "EntryNotFound", "Entry not found")

    do_HEAD = do_POST = do_GET  # noqa: N815

    def tell(self, name, rest, body):
        files = self.server.sets.get(name, {})
        entries = [
            {"type": "file", "path": path, "size": len(content), "oid": sha1(content).hexdigest()}
            for path, content in files.items()
        ]
        if rest[:1] == ["tree"]:
            folder = "".join(f"{part}/" for part in rest[2:])
            inside = [path.removeprefix(folder) for path in files if path.startswith(folder)]
            folders = sorted({path.partition("/")[0] for path in inside if "/" in path})
            answer = [entry for entry in entries if entry["path"].removeprefix(folder) in inside]
            answer = [entry for entry in answer if "/" not in entry["path"].removeprefix(folder)]
            answer += [{"type": "directory", "path": folder + name, "size": 0, "oid": COMMIT} for name in folders]
            if folder and not answer:
                return self.refuse(404, "EntryNotFound", "Entry not found")
        elif rest[:1] == ["paths-info"]:
            wanted = json.loads(body)["paths"] if body.startswith(b"{") else unquote(body.decode())
            answer = [entry for entry in entries if entry["path"] in wanted]
        elif not rest or rest[0] == "revision":
            gated = "manual" if name in self.server.gated else False
            answer = {
                **{"id": name, "sha": COMMIT, "private": False, "gated": gated, "disabled": False, "downloads": 0},
                **{"likes": 0, "tags": [], "siblings": [{"rfilename": path} for path in files]},
            }
        else:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        return self.send(json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def send_file(self, name, path):
        content = self.server.sets[name].get(path)
        if content is None:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        begin = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0]
        headers = {"ETag": f'"{sha1(content).hexdigest()}"', "Accept-Ranges": "bytes"}
        if path in self.server.broken:
            return self.send(content[int(begin) :], headers, cut=True)
        return self.send(content, headers)

    def refuse(self, status, code, message):
        self.send(b"", {"X-Error-Code": code, "X-Error-Message": message}, status)

    def send(self, content, headers, status=200, cut=False):
        self.send_response(status)
        for header, value in {"X-Repo-Commit": COMMIT, **headers, "Content-Length": str(len(content))}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.close_connection = True

    def log_message(self, *_):
        pass


@contextmanager
def hub(*arguments, **keywords) -> Iterator[Hub]:
    """Serve data sets until the end of the block."""
    with Hub(*arguments, **keywords) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
