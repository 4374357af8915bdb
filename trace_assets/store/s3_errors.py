"""What an error of S3 or of the way to it means for the reader of a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - its name in botocore
    HTTPClientError,
    NoCredentialsError,
    ProfileNotFound,
    SSLError,
)

from trace_assets.errors import NotFoundError, StoreError

_REFUSED: Final = "access is refused: check the credentials and the policy of the bucket"
_FULL: Final = "the server has no room left: free space, then run again"
_ADVICE: Final = {
    "NoSuchBucket": "create the bucket or correct the setting",
    "InvalidBucketName": "correct the setting",
    "AccessDenied": _REFUSED,
    "SignatureDoesNotMatch": _REFUSED,
    "InvalidAccessKeyId": _REFUSED,
    "ExpiredToken": "the credentials have expired: renew them",
    "InvalidToken": _REFUSED,
    "403": _REFUSED,
    "RequestTimeTooSkewed": "the clock of this machine is wrong: set it",
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION",
    "AuthorizationHeaderMalformed": "the bucket may be in another region: set AWS_REGION",
    "InvalidObjectState": "the object is archived: restore it first",
    "QuotaExceeded": _FULL,
    "XMinioStorageFull": _FULL,
    "InsufficientStorage": _FULL,
}
_PASSING: Final = frozenset(
    {
        "BadDigest",
        "ConditionalRequestConflict",
        "InternalError",
        "NoSuchUpload",
        "PreconditionFailed",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
    }
)
_LATER: Final = "it may work if tried again"


@contextmanager
def s3_errors(where: str, verb: str) -> Iterator[None]:
    """Tell an error of boto3 as a StoreError: where, what was tried, what to do."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error, where, verb) from error
    except BotoCoreError as error:
        raise _breakdown(error, where, verb) from error


@contextmanager
def client_errors(where: str) -> Iterator[None]:
    """Tell why a client cannot be made as a StoreError."""
    try:
        with s3_errors(where, "reach"):
            yield
    except ValueError as error:  # so botocore says that an endpoint is no URL
        msg = f"{where}: cannot reach: {error}; correct AWS_ENDPOINT_URL_S3 or the setting"
        raise StoreError(msg) from error


def _refusal(error: ClientError, where: str, verb: str) -> StoreError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in {"NoSuchKey", "404"}:
        return NotFoundError(f"{where}: there is no such object")
    retryable = code not in _ADVICE and (code in _PASSING or status == 429 or status >= 500)
    advice = _ADVICE.get(code, _LATER if retryable else "the server will not do this")
    said = error.response.get("Error", {}).get("Message") or "no message"
    return StoreError(
        f"{where}: cannot {verb}: {code} ({said}); {advice}",
        retryable=retryable,
    )


def _breakdown(error: BotoCoreError, where: str, verb: str) -> StoreError:
    match error:
        case NoCredentialsError():
            advice, retryable = "set AWS_PROFILE or another way of boto3's to find some", False
        case ProfileNotFound():
            advice, retryable = "correct AWS_PROFILE", False
        case SSLError():
            advice, retryable = "check the certificate of the endpoint, or AWS_CA_BUNDLE", False
        case ConnectionError() | HTTPClientError():
            advice, retryable = "the server cannot be reached now: try again later", True
        case _:
            advice, retryable = "correct the setting", False
    return StoreError(f"{where}: cannot {verb}: {error}; {advice}", retryable=retryable)
