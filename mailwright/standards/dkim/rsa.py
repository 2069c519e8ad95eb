"""RSA public keys as ``p=`` holds them (RFC 6376 §3.6.1, RFC 8017 §3.1 and A.1.1): octets in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass

from mailwright.standards import der
from mailwright.standards.der import BITS, SEQUENCE, DerError

#: Exponents past this are refused by what is written in Go (mox, go-msgauth, chasquid).
EXPONENT_MOST = 2**31 - 1

_RSA_ENCRYPTION = der.RSA + b"\x05\x00"  # the algorithm with its NULL parameters, RFC 3279 §2.3.1


@dataclass(frozen=True, slots=True)
class RsaKey:
    """The two numbers of a key, and whether they were wrapped as a SubjectPublicKeyInfo."""

    modulus: int
    exponent: int
    wrapped: bool

    @property
    def bits(self) -> int:
        """The length of the modulus."""
        return self.modulus.bit_length()


def read(octets: bytes) -> RsaKey:
    """A key from a SubjectPublicKeyInfo or a bare RSAPublicKey. Raises DerError with what is wrong."""
    body, end = der.element(octets, 0, SEQUENCE)
    _nothing_after(octets, end)
    if not der.is_spki(octets):
        return _numbers(body, wrapped=False)
    algorithm, after = der.element(body, 0, SEQUENCE)
    if not algorithm.startswith(der.RSA):
        raise DerError("its algorithm is not rsaEncryption", "其算法标识不是 rsaEncryption")
    if algorithm != _RSA_ENCRYPTION:
        raise DerError("its algorithm has other parameters than NULL", "其算法参数不是 NULL")
    bits, end = der.element(body, after, BITS)
    _nothing_after(body, end)
    if bits[:1] != b"\x00":
        raise DerError("its bit string has unused bits", "其位串含有未用位")
    inner, end = der.element(bits[1:], 0, SEQUENCE)
    _nothing_after(bits[1:], end)
    return _numbers(inner, wrapped=True)


def _numbers(body: bytes, *, wrapped: bool) -> RsaKey:
    n, after = der.integer(body, 0)
    e, end = der.integer(body, after)
    _nothing_after(body, end)
    if n <= 0 or n % 2 == 0:
        raise DerError("its modulus is not a product of odd primes", "其模数不是奇素数之积")
    if e < 3 or e % 2 == 0 or e >= n:
        raise DerError("its exponent is {exponent}", "其指数为 {exponent}", exponent=str(e)[:20])
    if e > EXPONENT_MOST:
        raise DerError(
            "its exponent is {exponent}, more than mox, go-msgauth and chasquid take",
            "其指数为 {exponent}，超出 mox、go-msgauth 与 chasquid 的上限",
            exponent=str(e)[:20],
        )
    return RsaKey(n, e, wrapped)


def _nothing_after(octets: bytes, end: int) -> None:
    if end != len(octets):
        raise DerError("{count} octets follow it", "其后多出 {count} 字节", count=len(octets) - end)
