"""A client that knows nothing of Citadel: it starts, asks and tells runs with Temporal's own SDK for Python."""

import asyncio
import json
import os
import sys

from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError


def told(value):
    return json.dumps(value, sort_keys=True)


async def main(address, queue):
    client = await Client.connect(address)

    async def start(workflow, id, value):
        return await client.start_workflow(workflow, value, id=id, task_queue=queue)

    run = await start("greet", "python-greet", {"name": "Python", "times": 2})
    print("started", told(await run.result()))

    run = await start("greet", "python-bad", {"name": 1})
    try:
        await run.result()
    except WorkflowFailureError as failure:
        cause = failure.cause
        assert isinstance(cause, ApplicationError), cause
        print(f"failed {cause.type}, {'non-retryable' if cause.non_retryable else 'retryable'}")

    run = await start("reminder", "python-update", {})
    status = await run.query("status")
    waits = ", ".join(f"{path} waits for {signal}" for path, signal in status["waiting"].items())
    print(f"status {status['status']}, {waits}")
    try:
        await run.execute_update("citadel_signal", {"name": "answered", "payload": {"text": 1}})
    except WorkflowUpdateFailedError as failure:
        print("update refused:", failure.cause.type)
    await run.execute_update("citadel_signal", {"name": "answered", "payload": {"text": "by update"}})
    print("told", told(await run.result()))

    run = await start("reminder", "python-signal", {})
    await run.signal("answered", {"text": "by signal"})
    print("told", told(await run.result()))

    run = await start("reminder", "python-cancel", {})
    await run.cancel()
    try:
        await run.result()
    except WorkflowFailureError as failure:
        assert isinstance(failure.cause, CancelledError), failure.cause
        print("cancelled")


asyncio.run(main(sys.argv[1], sys.argv[2]))
# The SDK's own threads may outlive the interpreter, which dies of that.
sys.stdout.flush()
os._exit(0)
