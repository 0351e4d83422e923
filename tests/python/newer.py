"""Runs of a version of Citadel that is yet to come: each starts a run as such a version would start a child."""

import asyncio
import os
import sys
import uuid

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

HEADER = {"version": 1, "engine": "99.0.0", "workflow": 0, "plan_hash": "none", "plan": "AAAA"}
ENVELOPES = {
    "newer-version": {"header": {**HEADER, "version": 2}},
    "newer-flag": {"header": {**HEADER, "flags": [7]}},
    "newer-header": {"header": {**HEADER, "novelty": True}},
    "newer-envelope": {"header": HEADER, "novelty": True},
}


@workflow.defn
class Parent:
    @workflow.run
    async def run(self, queue: str) -> None:
        for id, envelope in ENVELOPES.items():
            await workflow.start_child_workflow(
                "chain",
                args=[{}, envelope],
                id=id,
                task_queue=queue,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )


async def main(address, queue):
    client = await Client.connect(address)
    own = str(uuid.uuid4())
    async with Worker(client, task_queue=own, workflows=[Parent], workflow_runner=UnsandboxedWorkflowRunner()):
        await client.execute_workflow(Parent.run, queue, id=own, task_queue=own)


asyncio.run(main(sys.argv[1], sys.argv[2]))
# The SDK's own threads may outlive the interpreter, which dies of that.
sys.stdout.flush()
os._exit(0)
