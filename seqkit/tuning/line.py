"""A worker's line to its chief: calls that are tried again until the chief is gone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from seqkit.errors import TrainingError, UsageError
from seqkit.tuning.address import parsed_address, written_address
from seqkit.tuning.jobs import Result, Speed
from seqkit.tuning.protocol import (
    CLIENT,
    KEY,
    SEARCH,
    key_in,
    packed,
    protocol,
    search_id,
)

CALL = 6.0
"""Seconds that one call may take; the chief holds it for 2 at most."""

BUSY = 120.0
"""Seconds that a chief may be too busy to answer while its machine still does."""

PAUSE = 0.2


class Line:
    """Calls to one chief, under one worker's name; may be used by several threads.

    Args:
        address: where the chief listens.
        name: this worker's; has no slash.
        gone_after: seconds without a connection after which the chief is gone.

    ``every`` is how often the chief wants to hear of this worker, in seconds. Once
    ``over`` is set, no call is tried again.
    """

    every: float
    over: bool = False

    def __init__(self, address: str, name: str, gone_after: float = 10.0) -> None:
        self._protocol = protocol()
        import grpc

        self.address, self.name, self.gone_after = address, name, gone_after
        channel = grpc.insecure_channel(
            written_address(*parsed_address(address)), options=CLIENT
        )
        self._channel, self._grpc = channel, grpc
        self._stub = self._protocol.grpc.OracleStub(channel)
        self._metadata: tuple[tuple[str, str], ...] = ()

    def close(self) -> None:
        """Hang up; calls that wait for an answer end."""
        self._channel.close()

    def about(self, patience: float) -> dict[str, Any]:
        """What the search is; waits ``patience`` seconds for a chief to be there.

        Raises:
            UsageError: nobody answers there.
        """
        request = self._protocol.service.GetSpaceRequest()
        try:
            response = self._call(self._stub.GetSpace, request, patience)
        except TrainingError:
            raise UsageError(
                f"No chief answers at {self.address} (waited {patience:g} s). Start it "
                "with: seqkit tune NAME --chief HOST:PORT, and give its address here."
            ) from None
        said = self._protocol.said(response.hyperparameters)
        about: dict[str, Any] = said["about"]
        self.every = said["every"]
        key = key_in(Path(about["out"]))
        self._metadata = ((SEARCH, search_id(about)), (KEY, key))
        return about

    def ask(self) -> tuple[str, str, Any]:
        """Ask for a job: a status, and where that is RUNNING a lease and the job."""
        request = self._protocol.service.CreateTrialRequest(tuner_id=self.name)
        trial = self._call(self._stub.CreateTrial, request).trial
        status = self._protocol.status(trial)
        job = self._protocol.said(trial.hyperparameters) if trial.trial_id else None
        return status, trial.trial_id, job

    def beat(self) -> str:
        """Say that this worker lives: RUNNING, or STOPPED once the search is over."""
        request = self._protocol.service.GetTrialRequest(trial_id=self.name)
        return self._protocol.status(self._call(self._stub.GetTrial, request).trial)

    def result(self, lease: str, result: Result | Speed) -> None:
        """Hand in what came of a job."""
        self._end(lease, "COMPLETED", result)

    def failed(self, lease: str, error: BaseException, trace: str = "") -> None:
        """Tell the chief the error that a job ended in."""
        self._end(lease, "FAILED", packed(error, trace))

    def leave(self, lease: str | None) -> None:
        """Hand back the job, if there is one, and say goodbye; a dead line is well."""
        try:
            self._end(lease or self.name, "INVALID", None, patience=1.0)
        except (TrainingError, UsageError):
            return

    def _end(
        self, id: str, status: str, plain: Any, patience: float | None = None
    ) -> None:
        trial = self._protocol.trial(id, status, plain)
        request = self._protocol.service.EndTrialRequest(trial=trial)
        self._call(self._stub.EndTrial, request, patience)

    def _call(self, method: Any, request: Any, patience: float | None = None) -> Any:
        """Call until there is an answer.

        Raises:
            TrainingError: the chief is gone.
            UsageError: it is another search's chief, or takes this for a stranger, or
                will not take what it is told.
        """
        patience = self.gone_after if patience is None else patience
        code = self._grpc.StatusCode
        began = time.monotonic()
        unreached: float | None = None
        while True:
            try:
                return method(request, timeout=CALL, metadata=self._metadata)
            except self._grpc.RpcError as error:
                now = time.monotonic()
                if error.code() in (
                    code.FAILED_PRECONDITION,
                    code.PERMISSION_DENIED,
                    code.INVALID_ARGUMENT,
                ):
                    raise UsageError(error.details()) from None
                if error.code() in (code.UNAVAILABLE, code.CANCELLED):
                    unreached = now if unreached is None else unreached
                elif error.code() is not code.DEADLINE_EXCEEDED:
                    raise
                # Without a connection for so long, or with one that gives no answer.
                gone = now - began > BUSY or (
                    unreached is not None and now - unreached > patience
                )
                if gone or self.over:
                    raise TrainingError(
                        f"The chief at {self.address} is gone: no connection for "
                        f"{patience:g} s. Its search is continued there with: seqkit "
                        "tune --resume SEARCH; then start this worker again."
                    ) from None
            time.sleep(PAUSE)
