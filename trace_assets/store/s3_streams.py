"""Reading an S3 object across dropped connections, and writing one in parts."""

import base64
import hashlib
import io
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError

from trace_assets.errors import StoreError
from trace_assets.store.s3_errors import s3_errors

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART: Final = 16 << 20
"""Bytes of one part: held in memory, and sent again as a whole when a request fails."""

MOST_RESUMES: Final = 5


class Download(io.RawIOBase):
    """The bytes of one version of an object: seekable, and resumed where a connection broke."""

    def __init__(self, client: "S3Client", bucket: str, key: str) -> None:
        super().__init__()
        self._client = client
        self._bucket = bucket
        self._key = key
        self._uri = f"s3://{bucket}/{key}"
        self._at = 0
        self._resumes = 0
        with s3_errors(self._uri, "read"):
            response = client.get_object(Bucket=bucket, Key=key)
        self._size = response["ContentLength"]
        self._etag = response["ETag"]
        self._body: StreamingBody | None = response["Body"]

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes, at the price of a new request: for the directory at the end of a zip file."""
        return True

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset; nothing is asked of the server until the next read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset != self._at:
            self._hang_up()
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill some of the buffer; 0 means the end of the object, never a broken connection."""
        with memoryview(buffer) as view:
            return self._fill(view) if self._at < self._size and view.nbytes else 0

    def close(self) -> None:
        """Hang up."""
        self._hang_up()
        super().close()

    def _fill(self, view: memoryview) -> int:
        while not (got := self._receive(view)):
            self._resumes += 1
            if self._resumes > MOST_RESUMES:
                msg = (
                    f"{self._uri}: the connection broke {self._resumes} times, last at byte "
                    f"{self._at} of {self._size}; try again when the network is better"
                )
                raise StoreError(msg, retryable=True)
        self._at += got
        return got

    def _receive(self, view: memoryview) -> int:
        """Return how many bytes came, 0 when the connection broke."""
        body = self._body or self._call()
        try:
            # The stubs take the buffer for a file.
            got = body.readinto(view)  # pyright: ignore[reportArgumentType]
        except (BotoCoreError, OSError):  # urllib3 passes a socket's own error on
            got = 0
        if not got:
            self._hang_up()
        return got

    def _call(self) -> "StreamingBody":
        with s3_errors(self._uri, "read"):
            response = self._client.get_object(
                Bucket=self._bucket, Key=self._key, IfMatch=self._etag, Range=f"bytes={self._at}-"
            )
        self._body = response["Body"]
        if response["ETag"] != self._etag:  # a server may not know If-Match
            self._hang_up()
            msg = f"{self._uri}: was replaced while it was read; read it again from the start"
            raise StoreError(msg, retryable=True)
        return self._body

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body = None


class Upload:
    """An object on its way to a bucket: one request if it is small, else in parts."""

    def __init__(self, client: "S3Client", bucket: str, key: str) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._uri = f"s3://{bucket}/{key}"
        self._buffer = bytearray()
        self._upload_id: str | None = None
        self._parts: list[CompletedPartTypeDef] = []

    def accept(self, block: memoryview) -> int:
        """Take what still fits into the part, and send the part when it is full."""
        # Some servers want all parts but the last to be of one size.
        taken = block[: PART - len(self._buffer)]
        self._buffer += taken
        if len(self._buffer) == PART:
            self._send_part()
        return len(taken)

    def commit(self) -> None:
        """Let the server show the object, which it does at once."""
        if self._upload_id is None:
            body = bytes(self._buffer)
            with s3_errors(self._uri, "write"):
                self._client.put_object(
                    Bucket=self._bucket, Key=self._key, Body=body, ContentMD5=_md5(body)
                )
            return
        if self._buffer:
            self._send_part()
        with s3_errors(self._uri, "write"):
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={"Parts": self._parts},
            )

    def abandon(self) -> None:
        """Let the server forget the parts."""
        self._buffer.clear()
        if self._upload_id is None:
            return
        # Best effort: what stays is swept later.
        with suppress(StoreError), s3_errors(self._uri, "abort"):
            self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id
            )

    def _send_part(self) -> None:
        body = bytes(self._buffer)
        self._buffer.clear()
        number = len(self._parts) + 1
        with s3_errors(self._uri, "write"):
            if self._upload_id is None:
                started = self._client.create_multipart_upload(Bucket=self._bucket, Key=self._key)
                self._upload_id = started["UploadId"]
            part = self._client.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                PartNumber=number,
                Body=body,
                ContentMD5=_md5(body),
            )
        self._parts.append({"PartNumber": number, "ETag": part["ETag"]})


def _md5(body: bytes) -> str:
    # For transport only, and so allowed where security rules switch MD5 off.
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
