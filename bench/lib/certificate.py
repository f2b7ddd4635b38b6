"""A certificate for loopback, made for one run."""

import os
import subprocess

from lib.failure import Failure


def make_certificate(folder):
    """Writes a self-signed certificate with an ECDSA P-256 key; gives the paths of both PEM files."""
    os.makedirs(folder, exist_ok=True)
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    try:
        done = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", key, "-out", certificate],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    except FileNotFoundError as error:
        raise Failure("TLS needs openssl, which makes the certificate") from error
    if done.returncode != 0:
        raise Failure(f"openssl made no certificate:\n{done.stdout}")
    return certificate, key
