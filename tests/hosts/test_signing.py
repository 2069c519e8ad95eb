"""Signatures, held to the vendors' own worked examples, or to what their own client makes."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.hosts.dns.signing import acs3, canonical_query, digest, sdk, tc3


def test_alibaba_clouds_worked_example() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": digest(b""),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    signed = acs3("YourAccessKeyId", "YourAccessKeySecret", headers, query)
    assert signed.endswith("=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_tencent_clouds_worked_example() -> None:
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    at = dt.datetime.fromtimestamp(1551113065, dt.UTC)
    signed = tc3("AKID", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", headers, body, service="cvm", at=at)
    assert signed.endswith("=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168")


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "signature"),
    [
        (
            "GET",
            "/v2/zones",
            {"type": "public", "name": "xn--fiqs8s.example.", "limit": "500", "offset": "0"},
            {},
            b"",
            "e3cb02a2972e30cab619be93b0b66ab9f94cd2d4f6bc9070426da9f127d10575",
        ),
        (
            "PUT",
            "/v2.1/zones/ff80/recordsets/2c9e",
            {},
            {"content-type": "application/json"},
            '{"name": "中文.example.", "records": ["\\"v=spf1 -all\\""]}'.encode(),
            "253497b657f8b1c0b643b977c85502b706d1685d3fc91729499c0678a955e656",
        ),
    ],
)
def test_huawei_clouds_own_client_signs_the_same(
    method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes, signature: str
) -> None:
    """Made with Signer of huaweicloudsdkcore 3.1.219 on 2026-12-01."""
    named = {"host": "dns.myhuaweicloud.com", "x-sdk-date": "20261201T060000Z", **headers}
    text = canonical_query(query)
    line = {"method": method, "path": path, "query": text}
    authorization = sdk("AK-of-the-tests", "secret-of-the-tests", named, body, **line)
    names = ";".join(sorted(named))
    assert authorization == (
        f"SDK-HMAC-SHA256 Access=AK-of-the-tests, SignedHeaders={names}, Signature={signature}"
    )
