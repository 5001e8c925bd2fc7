"""nginx in a folder of its own: the HTTP backend that operators have, and a TLS proxy to compare with."""

import socket
import subprocess
import tempfile
from pathlib import Path

from ports import free_port
from processes import cpu_seconds
from waiting import until

_frame = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
{modules}
events {{ worker_connections 1024; }}
{body}
"""

_http = """
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        location = /hello {{ return 200 "hello from nginx\\n"; }}
    }}
}}
"""


class Nginx:
    """Serves /hello and the files that are put into `folder`."""

    def __init__(self, body=_http, modules="", **values):
        self._temporary = tempfile.TemporaryDirectory(prefix="postern-nginx-")
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)  # its workers run as another user when we are root
        self.port = free_port()
        self.destination = f"tcp://127.0.0.1:{self.port}"
        body = body.format(folder=self.folder, port=self.port, **values)
        self._configuration = self.folder / "nginx.conf"
        self._configuration.write_text(_frame.format(folder=self.folder, modules=modules, body=body))

    def __enter__(self):
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", self.folder, "-e", self.folder / "start.log", "-c", self._configuration],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._is_up, "nginx to listen")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self._temporary.cleanup()

    def cpu_seconds(self):
        """Of the worker; the master does nothing."""
        pid = self.process.pid
        worker = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
        return cpu_seconds(worker)

    def _is_up(self):
        assert self.process.poll() is None, (self.folder / "start.log").read_text()
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except ConnectionRefusedError:
            return False
