"""What `helm test` runs: a token of the issuer, and real calls with it. Exits 1 with what is wrong."""

from __future__ import annotations

import json
import os
import sys
import time

import grpc
import httpx
from dondoc.directory.v1.directory_service_pb2 import ListAgenciesRequest
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

WAIT_SECONDS = 30.0  # network policies take hold of a new pod a moment after it starts


def main() -> None:
    addresses = json.loads(os.environ["SERVICES"])
    for service, address in addresses.items():
        with grpc.insecure_channel(address) as channel:
            asked = HealthCheckRequest()
            answer = HealthStub(channel).Check(asked, timeout=WAIT_SECONDS, wait_for_ready=True)
            if answer.status != HealthCheckResponse.SERVING:
                sys.exit(f"{service} does not serve")
            say(f"{service}: serving")
    with grpc.insecure_channel(addresses["directives"]) as channel:
        directory = DirectoryServiceStub(channel)
        try:
            directory.ListAgencies(ListAgenciesRequest(), timeout=10)
            sys.exit("a call without a token was answered")
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNAUTHENTICATED:
                sys.exit(f"a call without a token ended with {error.code()}")
        say("without a token: refused")
        metadata = [("authorization", f"Bearer {token()}")]
        found = directory.ListAgencies(ListAgenciesRequest(), timeout=10, metadata=metadata)
        say(f"with a token: answered, {len(found.agencies)} agencies on the first page")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def token() -> str:
    """By client credentials, as the shared software system gets it."""
    secret = os.environ.get("CLIENT_SECRET")
    if not secret:
        sys.exit("there is no client secret: set test.clientSecret to a Secret that holds it")
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ["CLIENT_ID"],
        "client_secret": secret,
    }
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            answer = httpx.post(os.environ["TOKEN_URL"], data=form, timeout=10)
            break
        except httpx.TransportError as error:
            if time.monotonic() > end:
                sys.exit(f"the issuer cannot be reached: {type(error).__name__}")
            time.sleep(0.5)
    if answer.status_code != httpx.codes.OK:
        sys.exit(f"the issuer refused the client: {answer.status_code} {answer.text[:200]}")
    return str(answer.json()["access_token"])


main()
