"""Custom auth that takes one key and one bearer token."""

from typing import Any

from langgraph_sdk import Auth

auth = Auth()


@auth.authenticate
async def who(headers: dict[Any, Any]) -> dict[str, str]:
    given = {
        k.decode() if isinstance(k, bytes) else k: v.decode() if isinstance(v, bytes) else v for k, v in headers.items()
    }
    if given.get("x-api-key") != "secret-1" and given.get("authorization") != "Bearer t":
        raise Auth.exceptions.HTTPException(status_code=401, detail="Token missing")
    return {"identity": "me"}
