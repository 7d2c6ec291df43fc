"""The OpenAPI document against the service: generated requests with real ids, as each role, meet no crash."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from town import MONDAY, Town, left

ROLES = ("rep:R01", "ops", "read")


@pytest.mark.parametrize("role", ROLES)
def test_generated_requests_meet_no_crash(town: Town, role: str, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("once is enough")
    schema = schemathesis.openapi.from_asgi("/openapi.json", town.app)
    key, names = town.key(role), left(town.day())
    job = town.request("ops", "POST", "/api/jobs", json={"kind": "compare"}).json()["id"]
    real: dict[str, list[str]] = {
        "rep": ["R01", "R01", "R02"],
        "date": [MONDAY, "today", "2026-10-06", "2026-10-04"],
        "id": [job, town.ids["rep:R01"][::-1]],
        "token": [town.day()["calendar"].split("/")[2].removesuffix(".ics")],
    }
    met: dict[str, set[int]] = {}
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        if operation.path.endswith("/events"):
            continue

        @settings(
            max_examples=8,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), data=st.data())
        def check(case: Any, data: st.DataObject) -> None:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = data.draw(st.sampled_from(real[name]))
            if isinstance(case.body, dict) and "account" in case.body:
                case.body["account"] = data.draw(st.sampled_from(names))
            if case.path.endswith("/changes") and data.draw(st.booleans()):  # half of them make sense
                case.body = {"kind": data.draw(st.sampled_from(("done", "cancelled", "late"))), "account": names[0], "minutes": 5}
            case.headers = {**(case.headers or {}), "authorization": f"Bearer {key}"}
            answer = case.call()
            met.setdefault(f"{case.method} {case.path}", set()).add(answer.status_code)
            case.validate_response(answer, checks=[not_a_server_error])
            if answer.status_code >= 400:
                assert set(answer.json()["error"]) >= {"code", "message", "hint"}

        check()
    assert len(met) == len(operations) - 1
    seen = {path for path, codes in met.items() if codes & {200, 201}}
    assert "GET /api/reps/{rep}/days/{date}" in seen
    if role == "rep:R01":
        assert any(200 in codes or 409 in codes for path, codes in met.items() if path.endswith("/changes"))
