"""Signatures, held to the vendors' own worked examples."""

from __future__ import annotations

import datetime as dt

from mailwright.hosts.dns.signing import acs3, digest, tc3


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
