#!/usr/bin/env python3
"""MatteWeb from a terminal: fetch frozen bundles, prove them, send footage.

One file, Python 3.9 or newer, nothing to install:

    python3 matteweb.py login https://matteweb.example.org
    python3 matteweb.py pull PROJECT/BUNDLE DIR
    python3 matteweb.py verify DIR
    python3 matteweb.py push FILE... --project PROJECT

Every command takes --json (one object on stdout, {"error": ...} when it failed; messages on
stderr). Exit codes: 0 done, 1 the bundle is not what was frozen, 2 wrong use, 3 the server or the
network failed, 4 not allowed.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, TypeVar

STEP = 1 << 18
TRIES = 6
TIMEOUT = 60
CONFIG = Path.home() / ".config" / "matteweb"
WRONG_BUNDLE, WRONG_USE, FAILED, FORBIDDEN, INTERRUPTED = 1, 2, 3, 4, 130
PASSING = {423, 425, 429, 500, 502, 503, 504}
STOPPED = threading.Event()

T = TypeVar("T")


class Problem(Exception):
    """What a person has to know, and the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class Refused(Problem):
    """The server answered with an error status."""

    def __init__(self, status: int, message: str, wait: float = 0) -> None:
        super().__init__(message, FORBIDDEN if status in (401, 403) else FAILED)
        self.status = status
        self.wait = wait


class Cut(Exception):
    """The connection ended early; what came before it is kept."""


NETWORK = (Cut, urllib.error.URLError, http.client.HTTPException, ConnectionError, socket.timeout)


def say(text: str) -> None:
    """Tell the person something, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address. Raises Problem when it is none."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Problem(f"{url} is no web address", WRONG_USE) from None
    return parts.scheme, (parts.hostname or "").lower(), port


class OwnHostOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects of reads; the token never goes to another host, scheme or port."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """Return the request to the new address. Raises Refused for one that must not follow."""
        if req.get_method() not in ("GET", "HEAD"):
            raise Refused(code, f"the server redirects to {newurl}; log in to that address instead")
        if urllib.parse.urlsplit(newurl).scheme not in ("http", "https"):
            raise Refused(code, f"the server redirects to {newurl}, which is no web address")
        same = origin(req.full_url) == origin(newurl)
        kept = {k: v for k, v in req.header_items() if same or k.lower() != "authorization"}
        return urllib.request.Request(newurl, headers=kept, method=req.get_method())  # noqa: S310


class Server:
    """One MatteWeb, and the token for it."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        if origin(url)[0] not in ("http", "https"):
            raise Problem(f"{url} is no web address", WRONG_USE)
        self._token = token
        self._opener = urllib.request.build_opener(OwnHostOnly)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the open response. ``path`` is relative to the server, or an absolute address.
        Raises Refused for an error status."""
        url = urllib.parse.urljoin(self.url + "/", path.lstrip("/") if "://" not in path else path)
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})  # noqa: S310
        if self._token and origin(url) == origin(self.url):
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            return self._opener.open(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            with error:
                raise refusal(error) from None


def refusal(error: urllib.error.HTTPError) -> Refused:
    """Return what the server said, in its own words where it has some."""
    try:
        said = json.loads(error.read(1 << 16))
        message = " ".join(filter(None, (said.get("message", ""), said.get("hint", ""))))
    except (ValueError, AttributeError, OSError, http.client.HTTPException):
        message = ""
    wait = error.headers.get("Retry-After", "")
    text = message or f"{error.code} {error.reason}"
    return Refused(error.code, f"the server says: {text}", float(wait) if wait.isdigit() else 0)


def patiently(action: Callable[[], T], moved: Callable[[], int] = lambda: 0) -> T:
    """Return what ``action`` returns, trying again after passing failures.

    ``moved`` tells how far the work is: as long as it gets further, patience begins anew.
    """
    tries, last = 0, moved()
    while True:
        try:
            return action()
        except NETWORK as error:
            reason = getattr(error, "reason", error)
            failure = Problem(f"no connection: {reason}")
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise failure from error
        except Refused as error:
            if error.status not in PASSING:
                raise
            failure = error
        now = moved()
        tries, last = (1, now) if now > last else (tries + 1, last)
        if tries >= TRIES:
            raise failure
        asked = failure.wait if isinstance(failure, Refused) else 0
        if STOPPED.wait(min(60, max(asked, 0.25 * 2**tries))):
            raise Problem("stopped", INTERRUPTED)


# Login


def read_config(name: str) -> dict[str, Any]:
    """Return a file of the configuration folder, {} without it."""
    try:
        found = json.loads((CONFIG / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_config(name: str, content: dict[str, Any]) -> None:
    """Write a file that only its owner can read, at once or not at all."""
    CONFIG.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = CONFIG / f".{name}.{os.getpid()}"
    partial.unlink() if partial.exists() else None
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    partial.replace(CONFIG / name)


def asked(question: str) -> str:
    """Return a line that the person types; the question goes to stderr. Raises EOFError."""
    sys.stderr.write(question)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line.strip():
        raise EOFError
    return line.strip()


def login(args: argparse.Namespace) -> dict[str, Any]:
    """Exchange username and password for a token and keep it."""
    url = args.url if "://" in args.url else f"https://{args.url}"
    server, (scheme, host, _) = Server(url), origin(url)
    if scheme != "https" and host not in ("localhost", "127.0.0.1", "::1"):
        say(f"warning: {url} is not encrypted; your password can be read on the way")
    user = args.user or asked("Username: ")
    password = sys.stdin.readline().rstrip("\n") if args.password_stdin else getpass.getpass()
    named = {"username": user, "password": password, "name": f"matteweb on {socket.gethostname()}"}
    body = json.dumps(named).encode()
    with server.call("POST", "api/login", body, {"Content-Type": "application/json"}) as answer:
        token = json.load(answer)["token"]
    servers = read_config("token.json").get("servers", {})
    servers[url.rstrip("/")] = {"token": token, "user": user}
    write_config("token.json", {"servers": servers, "last": url.rstrip("/")})
    say(f"logged in to {url} as {user}")
    return {"url": url, "user": user}


def server_of(args: argparse.Namespace) -> Server:
    """Return the server that was named, or logged in to last. Raises Problem without a token."""
    known = read_config("token.json")
    url = (args.url or known.get("last", "")).rstrip("/")
    if args.token_file:
        token = Path(args.token_file).read_text(encoding="utf-8").strip()
    else:
        token = known.get("servers", {}).get(url, {}).get("token", "")
    if not url or not token:
        raise Problem(f"not logged in{' to ' + url if url else ''}: run login first", FORBIDDEN)
    return Server(url, token)


# Files of a bundle


def bundle_facts(
    manifest: dict[str, Any], other_form: list[dict[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    """Return path -> {sha256, size} of every file but the manifest. ``other_form``: the files that
    stand in for the streams. Raises Problem for a path that leads out of the bundle."""
    streams = [stream for sample in manifest["samples"] for stream in sample["streams"]]
    files = streams if other_form is None else other_form
    found = {fact["path"]: fact for fact in [*manifest["documents"], *files]}
    for path in found:
        plain = re.fullmatch(r"[A-Za-z0-9._+/-]+", path) and not path.startswith("/")
        if not plain or {"", ".", ".."} & set(path.split("/")):
            raise Problem(f"the manifest names a path outside of the bundle: {path!r}")
    return found


def sha256_of(path: Path) -> str:
    """Return the digest of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for data in iter(lambda: file.read(STEP), b""):
            digest.update(data)
    return digest.hexdigest()


def size_of(path: Path) -> int:
    """Return the size of a file, 0 without it."""
    return path.stat().st_size if path.is_file() else 0


def is_whole(path: Path, fact: dict[str, Any]) -> bool:
    """Whether a file is there with the right bytes."""
    if not path.is_file() or path.stat().st_size != fact["size"]:
        return False
    return sha256_of(path) == str(fact["sha256"])


class Pull:
    """One bundle on its way into a folder. Many threads call ``file``."""

    def __init__(self, server: Server, bundle: str, folder: Path) -> None:
        self.server, self.folder = server, folder
        project, _, name = bundle.partition("/")
        quoted = [urllib.parse.quote(part, safe="") for part in (project, name)]
        self.base = f"api/projects/{quoted[0]}/bundles/{quoted[1]}"
        self._lock = threading.Lock()
        self.received = self.kept = 0

    def manifest(self) -> bytes:
        """Return the manifest's bytes."""

        def read() -> bytes:
            with self.server.call("GET", f"{self.base}/manifest") as answer:
                data: bytes = answer.read()
                return data

        return patiently(read)

    def file(self, path: str, fact: dict[str, Any]) -> None:
        """Bring one file: keep it when it is whole, resume it when it was cut."""
        target = self.folder / path
        if is_whole(target, fact):
            self._count(kept=1)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        for _ in range(2):
            patiently(lambda: self._receive(path, fact, part), lambda: size_of(part))
            if is_whole(part, fact):
                part.replace(target)
                return
            part.unlink()
        raise Problem(f"{path} arrives with other bytes than were frozen", WRONG_BUNDLE)

    def _receive(self, path: str, fact: dict[str, Any], part: Path) -> None:
        offset = size_of(part)
        if offset >= fact["size"] > 0:
            return
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers.update({"Range": f"bytes={offset}-", "If-Range": f'"{fact["sha256"]}"'})
        url = f"{self.base}/files/{urllib.parse.quote(path)}"
        with self.server.call("GET", url, headers=headers) as answer:
            span = answer.headers.get("Content-Range", "")
            resumed = answer.status == 206 and span.startswith(f"bytes {offset}-")
            with part.open("ab" if resumed else "wb") as out:
                for data in iter(lambda: answer.read1(STEP), b""):
                    if STOPPED.is_set():
                        raise Problem("stopped", INTERRUPTED)
                    out.write(data)
                    self._count(received=len(data))
                out.flush()
                os.fsync(out.fileno())
        if size_of(part) < fact["size"]:
            raise Cut("the answer ended early")

    def _count(self, received: int = 0, kept: int = 0) -> None:
        with self._lock:
            self.received += received
            self.kept += kept


def pull(args: argparse.Namespace) -> dict[str, Any]:
    """Fetch a frozen bundle; what is there already is kept."""
    if not re.fullmatch(r"[^/]+/[^/]+", args.bundle):
        raise Problem("name the bundle as PROJECT/BUNDLE", WRONG_USE)
    folder = Path(args.folder)
    work = Pull(server_of(args), args.bundle, folder)
    data = work.manifest()
    there = folder / "manifest.json"
    if there.is_file() and there.read_bytes() != data:
        raise Problem(f"{folder} holds another bundle; choose another folder", WRONG_USE)
    facts = bundle_facts(json.loads(data))
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / ".manifest.json.part"
    partial.write_bytes(data)
    partial.replace(there)
    say(f"{len(facts)} files, {sum(f['size'] for f in facts.values()) / 1e6:.1f} MB")
    fetch_all(work, facts, args.jobs)
    if args.root:
        mount(folder, facts, args.root)
    bundle = hashlib.sha256(data).hexdigest()
    say(f"{args.bundle} is complete in {folder}: {work.received / 1e6:.1f} MB received")
    return {
        "bundle": bundle,
        "folder": str(folder),
        "files": len(facts) + 1,
        "kept": work.kept,
        "received": work.received,
    }


def fetch_all(work: Pull, facts: dict[str, dict[str, Any]], jobs: int) -> None:
    """Bring every file with several connections; the first failure stops all."""
    shown = time.monotonic()
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        tasks = [pool.submit(work.file, path, fact) for path, fact in facts.items()]
        try:
            for done, task in enumerate(as_completed(tasks), 1):
                task.result()
                if time.monotonic() - shown > 2:
                    shown = time.monotonic()
                    say(f"{done} of {len(tasks)} files")
        except BaseException:
            STOPPED.set()
            for task in tasks:
                task.cancel()
            raise


def mount(folder: Path, facts: dict[str, Any], root: str) -> None:
    """Write the training lists with absolute paths, as the trainer needs them."""
    for path in filter(is_training_list, facts):
        rows = json.loads((folder / path).read_text(encoding="utf-8"))
        for row in rows:
            row["file_path"] = f"{root.rstrip('/')}/{row['file_path']}"
        partial = folder / f".{path}.part"
        partial.write_text(json.dumps(rows, indent=2) + "\n", encoding="ascii")
        partial.replace(folder / path)


def is_training_list(path: str) -> bool:
    """Whether a file is casper.json or the list of another split."""
    return re.fullmatch(r"casper(\.[^/]+)?\.json", path) is not None


# Verify


def verify(args: argparse.Namespace) -> dict[str, Any]:
    """Compare a folder with its manifest, byte by byte."""
    folder = Path(args.folder)
    try:
        bundle, manifest, facts = described(folder)
        wrong = list(differences(folder, manifest, facts))
    except (ValueError, KeyError, TypeError, FileNotFoundError):
        raise Problem(f"{folder} has no manifest of a bundle", WRONG_BUNDLE) from None
    for line in wrong:
        say(line)
    say(f"{bundle}: {'not what was frozen' if wrong else 'every file is what was frozen'}")
    if wrong:
        args.exit_code = WRONG_BUNDLE
    return {"ok": not wrong, "bundle": bundle, "files": len(facts) + 1, "problems": wrong}


def described(folder: Path) -> tuple[str, Any, dict[str, dict[str, Any]]]:
    """Return the bundle's id, its manifest, and the files that should be in ``folder``."""
    data = (folder / "manifest.json").read_bytes()
    bundle, manifest = hashlib.sha256(data).hexdigest(), json.loads(data)
    note = folder / "export.json"
    if not note.exists():
        return bundle, manifest, bundle_facts(manifest)
    told = json.loads(note.read_bytes())
    if told["bundle"] != bundle:
        raise Problem(f"{note} belongs to bundle {told['bundle']}", WRONG_BUNDLE)
    return bundle, manifest, bundle_facts(manifest, told["files"])


def differences(folder: Path, manifest: Any, facts: dict[str, Any]) -> Iterator[str]:
    """Yield a sentence for everything that is missing, in excess or changed."""
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for path in sorted(there - set(facts) - {"manifest.json", "export.json"}):
        yield f"{path} does not belong to the bundle"
    for path, fact in sorted(facts.items()):
        if path not in there:
            yield f"{path} is missing"
        elif is_whole(folder / path, fact):
            continue
        elif not is_training_list(path) or not lists_the_split(folder / path, manifest):
            yield f"{path} has other bytes than were frozen"


def lists_the_split(path: Path, manifest: Any) -> bool:
    """Whether a training list names its samples under some mount root."""
    split = path.name[len("casper") : -len(".json")].strip(".") or "train"
    keys = ("short_prompt", "prompt", "verbose_prompt", "summary")
    wanted: Counter[tuple[str, str]] = Counter()
    for sample in manifest["samples"]:
        if sample["split"] == split:
            said = (sample["captions"][key].strip().strip('"').strip() for key in keys)
            wanted[sample["folder"], next(filter(None, said), "")] += sample["repeats"]
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        parts = [(row["file_path"].split("/"), row["text"], row["type"]) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    found = Counter(("/".join(place[-2:]), text) for place, text, _ in parts)
    roots = {tuple(place[:-2]) for place, _, _ in parts}
    return found == wanted and len(roots) <= 1 and {k for _, _, k in parts} <= {"video_mask_tuple"}


# Push


class Push:
    """One file on its way to a project, by tus 1.0. Where it is going is remembered on disk, so
    that another run of the program continues."""

    def __init__(self, server: Server, project: str, path: Path, chunk: int) -> None:
        self.server, self.path, self.chunk = server, path, chunk
        self.size = path.stat().st_size
        self.collection = (
            f"{server.url}/api/projects/{urllib.parse.quote(project, safe='')}/uploads/"
        )
        known = [self.collection, str(path.resolve()), self.size, path.stat().st_mtime_ns]
        self.key = json.dumps(known)
        self.offset = 0

    def send(self, metadata: dict[str, str]) -> str:
        """Send what is missing and return the upload's address."""
        address = self._known() or patiently(lambda: self._begin(metadata))
        uploads = read_config("uploads.json")
        write_config("uploads.json", {**uploads, self.key: address})
        while self.offset < self.size:
            patiently(lambda: self._go_on(address), lambda: self.offset)
        done = read_config("uploads.json")
        done.pop(self.key, None)
        write_config("uploads.json", done)
        return address

    def _known(self) -> str:
        """Return where an earlier run was sending this very file, if that is still open."""
        address = str(read_config("uploads.json").get(self.key, ""))
        try:
            if address:
                patiently(lambda: self._look(address))
        except Refused as error:
            if error.status not in (404, 410):
                raise
            return ""
        return address

    def _call(self, method: str, url: str, body: bytes | None = None, **headers: str) -> Any:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.server.call(method, url, body, {"Tus-Resumable": "1.0.0", **named})

    def _begin(self, metadata: dict[str, str]) -> str:
        pairs = {"filename": self.path.name, **metadata}
        told = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())
        headers = {"Upload_Length": str(self.size), "Upload_Metadata": told}
        with self._call("POST", self.collection, b"", **headers) as answer:
            return str(urllib.parse.urljoin(self.collection, answer.headers["Location"]))

    def _look(self, address: str) -> None:
        with self._call("HEAD", address) as answer:
            self.offset = int(answer.headers["Upload-Offset"])

    def _go_on(self, address: str) -> None:
        """Send one chunk; after any failure ask first how much has arrived."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(min(self.chunk, self.size - self.offset))
        if not data:
            raise Problem(f"{self.path} became shorter while it was sent")
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        headers = {
            "Content_Type": "application/offset+octet-stream",
            "Upload_Offset": str(self.offset),
            "Upload_Checksum": f"sha256 {checksum}",
        }
        try:
            with self._call("PATCH", address, data, **headers) as answer:
                self.offset = int(answer.headers["Upload-Offset"])
        except Refused as error:
            if error.status not in (409, 460):
                raise
            self._look(address)
            raise Cut(str(error)) from error
        except NETWORK:
            self._look(address)
            raise


def push(args: argparse.Namespace) -> dict[str, Any]:
    """Send files to a project's library, resuming what an earlier run began."""
    server, sent = server_of(args), []
    metadata = dict(pair.partition("=")[::2] for pair in args.set)
    for name in args.files:
        path = Path(name)
        if not path.is_file():
            raise Problem(f"there is no file {name}", WRONG_USE)
        work = Push(server, args.project, path, max(1, args.chunk_mib) << 20)
        address = work.send(metadata)
        say(f"{name}: {work.size / 1e6:.1f} MB sent")
        sent.append({"file": name, "size": work.size, "upload": address.rpartition("/")[2]})
    return {"project": args.project, "sent": sent}


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="matteweb", description=(__doc__ or "").split("\n", 1)[0])
    commands = top.add_subparsers(dest="command", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], dict[str, Any]]) -> Any:
        made = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        made.add_argument("--json", action="store_true", help="one JSON object on stdout")
        made.set_defaults(run=run, exit_code=0)
        return made

    one = command("login", login)
    one.add_argument("url")
    one.add_argument("--user", default="")
    one.add_argument("--password-stdin", action="store_true", help="read it from a pipe")
    one = command("verify", verify)
    one.add_argument("folder", metavar="DIR")
    for name, run in (("pull", pull), ("push", push)):
        one = command(name, run)
        one.add_argument("--url", default="", help="a server other than the last one")
        one.add_argument("--token-file", default="", help="read the token from a file")
        if name == "pull":
            one.add_argument("bundle", metavar="PROJECT/BUNDLE")
            one.add_argument("folder", metavar="DIR")
            one.add_argument("--jobs", type=int, default=4, help="connections at once")
            one.add_argument("--root", default="", help="write training lists with paths under it")
        else:
            one.add_argument("files", metavar="FILE", nargs="+")
            one.add_argument("--project", required=True)
            one.add_argument("--chunk-mib", type=int, default=8)
            one.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    return top


def failed(wants_json: bool, message: str, code: int) -> int:
    """Say what went wrong, to the program too that waits for its object, and return ``code``."""
    say(f"error: {message}")
    if wants_json:
        sys.stdout.write(json.dumps({"error": {"message": message, "exit_code": code}}) + "\n")
    return code


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    words = sys.argv[1:] if argv is None else argv
    wants_json = "--json" in words
    try:
        args = parser().parse_args(words)
        answer = args.run(args)
    except SystemExit as left:
        return failed(wants_json, "wrong use, see --help", WRONG_USE) if left.code else 0
    except Problem as problem:
        return failed(wants_json, str(problem), problem.code)
    except OSError as error:
        return failed(wants_json, str(error), FAILED)
    except EOFError:
        return failed(wants_json, "nobody answers: give --user and --password-stdin", WRONG_USE)
    except KeyboardInterrupt:
        again = "stopped; run the same command again to continue"
        return failed(wants_json, again, INTERRUPTED)
    if args.json:
        sys.stdout.write(json.dumps(answer) + "\n")
    return int(args.exit_code)


if __name__ == "__main__":
    sys.exit(main())
