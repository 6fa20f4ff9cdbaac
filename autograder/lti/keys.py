"""The key pair that identifies this course to the LMS; only the public key leaves the machine."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from jwt.algorithms import RSAAlgorithm

from autograder.errors import AutograderError

BITS = 2048


@dataclass(frozen=True, repr=False)
class Key:
    """A private key, and the id of its public key (RFC 7638)."""

    private: RSAPrivateKey
    kid: str

    def jwk(self) -> dict[str, str]:
        """Return the public key as a JSON web key."""
        public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": public["n"],
            "e": public["e"],
        }

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the JSON web key set that a platform fetches from an address."""
        return {"keys": [self.jwk()]}

    def pem(self) -> str:
        """Return the public key as PEM."""
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        public = self.private.public_key()
        return public.public_bytes(serialization.Encoding.PEM, kind).decode()


def make(path: Path) -> Key:
    """Make a key pair in a new file that only its owner may read.

    Raises
    ------
    AutograderError
        If the file exists already or cannot be written.
    """
    private = generate_private_key(public_exponent=65537, key_size=BITS)
    data = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # fails if there is a key, which a rename would replace
    except FileExistsError as error:
        raise AutograderError(
            f"There is a key {path} already. The LMS knows this course by it: to make a new one, "
            "move it to another folder first."
        ) from error
    except OSError as error:
        raise AutograderError(f"The key {path} cannot be written ({error.strerror}).") from error
    finally:
        temporary.unlink(missing_ok=True)
    return _key(private)


def read(path: Path) -> Key:
    """Read a private key.

    Raises
    ------
    AutograderError
        If it cannot be read, is not a key or too short, or other accounts may read it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(100_000)
    except FileNotFoundError as error:
        raise AutograderError(f"There is no key {path}. Make one: autograder lti keys") from error
    except OSError as error:
        raise AutograderError(f"The key {path} cannot be read ({error.strerror}).") from error
    if mode & 0o077:
        raise AutograderError(
            f"Others may read the key {path}, and anybody who has it can change grades in the LMS. "
            f"Run: chmod 600 {path} — and if others use this machine, make a new key."
        )
    try:
        private = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise AutograderError(
            f"{path} is not a private key in PEM without a password. Make one: autograder lti keys"
        ) from error
    if not isinstance(private, RSAPrivateKey) or private.key_size < BITS:
        raise AutograderError(f"{path} is not an RSA key of {BITS} bits or more, as LTI requires.")
    return _key(private)


def thumbprint(public: RSAPublicKey) -> str:
    """Return the id of a public key (RFC 7638)."""
    jwk = RSAAlgorithm.to_jwk(public, as_dict=True)
    needed = {"e": jwk["e"], "kty": "RSA", "n": jwk["n"]}
    text = json.dumps(needed, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _key(private: RSAPrivateKey) -> Key:
    return Key(private, thumbprint(private.public_key()))
