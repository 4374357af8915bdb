"""An S3 bucket, or a prefix of one, as a store."""

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, Final

from trace_assets.errors import ConfigError, NotFoundError
from trace_assets.printable import has_credentials
from trace_assets.store.objects import (
    BLOCK,
    StoredObject,
    checked_key,
    folder_prefix,
    key_problem,
)
from trace_assets.store.s3_errors import client_errors, s3_errors
from trace_assets.store.s3_streams import Download, Upload
from trace_assets.store.streams import all_or_nothing, copy_stream

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

    from trace_assets.store.folder import FolderStore

_LARGEST_SERVER_COPY: Final = 5 << 30
"""What S3 copies in one request."""


@dataclass(frozen=True)
class S3Store:
    """Objects of one bucket under a prefix ('' is the whole bucket)."""

    bucket: str
    prefix: str = ""
    endpoint_url: str | None = None
    """Another S3 server; None leaves it to boto3, which reads `AWS_ENDPOINT_URL_S3`."""

    profile: str | None = None
    """A profile of the AWS configuration; None leaves it to boto3."""

    def __getstate__(self) -> dict[str, object]:
        # A client holds sockets and locks: it stays here, the other process makes its own.
        return {name: value for name, value in self.__dict__.items() if name != "_client"}

    @cached_property
    def _client(self) -> "S3Client":
        # Importing boto3 takes 0.1 s, which users of a folder should not pay.
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 4},
            tcp_keepalive=True,
            # Uploads carry a Content-MD5 instead: rclone 1.75 refuses a wrong one, while it takes
            # a wrong CRC32 or SHA256 for good, and sends that of the whole object with a range.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with client_errors(self.uri()):
            session = boto3.session.Session(profile_name=self.profile)
            client = session.client("s3", endpoint_url=self.endpoint_url, config=config)
        if has_credentials(client.meta.endpoint_url):
            # The errors of botocore show the address, and Dagster stores them.
            raise ConfigError(
                f"{client.meta.endpoint_url}: the address of the S3 server contains credentials; "
                "leave them out and give them to boto3, by AWS_PROFILE or AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY"
            )
        return client

    def uri(self, key: str = "") -> str:
        """Return the s3:// address of a key."""
        return f"s3://{self.bucket}/{self._full(key)}"

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[StoredObject]:
        """Yield every object whose key starts with a prefix and sorts after a key, in key order.

        The empty objects that consoles make to show a folder are left out.
        """
        folder_prefix(prefix[: prefix.rfind("/") + 1])
        yield from self._pages(prefix, after, page_size=1000)

    def folders(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of the folders directly under a prefix, in key order."""
        parent = self._full(folder_prefix(prefix))
        with s3_errors(self.uri(prefix), "list"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=parent, Delimiter="/"
            )
            for page in pages:
                for entry in page.get("CommonPrefixes", []):
                    yield entry["Prefix"][len(parent) : -1]

    def stat(self, key: str) -> StoredObject | None:
        """Describe one object, or return None if it is not there.

        A key sorts before all that it is a prefix of, so a listing finds it first. HEAD would
        say 404 for a missing bucket too, and its times lack the fraction of a second.
        """
        first = next(self._pages(checked_key(key), "", page_size=1), None)
        return first if first and first.key == key else None

    def exists(self, key: str) -> bool:
        """Say whether there is an object under a key."""
        return self.stat(key) is not None

    def open(self, key: str) -> BinaryIO:
        """Open an object for reading; a dropped connection is taken up again where it broke.

        Raises:
            NotFoundError: there is no object under the key.
        """
        download = Download(self._client, self.bucket, self._full(checked_key(key)))
        return io.BufferedReader(download, BLOCK)

    def read(self, key: str) -> bytes:
        """Return the bytes of a small object."""
        with self.open(key) as stream:
            return stream.read()

    def write(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Stream an object out, up to 160 GB; it is there, whole, once the block ends well."""
        return all_or_nothing(Upload(self._client, self.bucket, self._full(checked_key(key))))

    def put(self, key: str, data: bytes) -> None:
        """Store a small object."""
        with self.write(key) as stream:
            stream.write(data)

    def copy_to(self, key: str, other: "FolderStore | S3Store", other_key: str) -> None:
        """Copy an object to a key of this or another store, on the server where it can."""
        if isinstance(other, S3Store) and self._shares_server_with(other):
            found = self.stat(key)
            if found is None:
                msg = f"{self.uri(key)}: there is no such object"
                raise NotFoundError(msg)
            if found.size <= _LARGEST_SERVER_COPY:
                return self._copy_on_server(key, other, other_key)
        with self.open(key) as source, other.write(other_key) as target:
            copy_stream(source, target)
        return None

    def delete(self, key: str) -> None:
        """Remove an object."""
        full = self._full(checked_key(key))
        with s3_errors(self.uri(key), "delete"):
            self._client.delete_object(Bucket=self.bucket, Key=full)

    def sweep(self, prefix: str, *, before: datetime) -> None:
        """Abort the unfinished uploads of writers that were killed before a moment."""
        full = self._full(folder_prefix(prefix))
        pages = self._client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, Prefix=full
        )
        with (
            s3_errors(self.uri(prefix), "abort the unfinished uploads"),
            # Somebody else ended it; and rclone says so too when there are none at all.
            suppress(self._client.exceptions.NoSuchUpload),
        ):
            for upload in (upload for page in pages for upload in page.get("Uploads", [])):
                if upload["Initiated"] < before:
                    self._client.abort_multipart_upload(
                        Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )

    def _full(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _pages(self, prefix: str, after: str, page_size: int) -> Iterator[StoredObject]:
        with s3_errors(self.uri(prefix), "list"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket,
                Prefix=self._full(prefix),
                StartAfter=self._full(after),
                PaginationConfig={"PageSize": page_size},
            )
            for page in pages:
                listed = map(self._stored, page.get("Contents", []))
                yield from (found for found in listed if found.size or found.key[-1:] != "/")

    def _stored(self, entry: "ObjectTypeDef") -> StoredObject:
        key = entry["Key"][len(self._full("")) :]
        modified_at = entry["LastModified"].astimezone(UTC)
        # The ETag, quoted by some servers only, is that of the old bytes when they come back.
        etag = entry["ETag"].strip('"')
        version = f"{etag}@{modified_at.timestamp():.3f}"
        return StoredObject(key, entry["Size"], modified_at, version, key_problem(key))

    def _shares_server_with(self, other: "S3Store") -> bool:
        return (self.endpoint_url, self.profile) == (other.endpoint_url, other.profile)

    def _copy_on_server(self, key: str, other: "S3Store", other_key: str) -> None:
        full = other._full(checked_key(other_key))
        with s3_errors(other.uri(other_key), f"copy {self.uri(key)}"):
            other._client.copy_object(
                Bucket=other.bucket,
                Key=full,
                CopySource={"Bucket": self.bucket, "Key": self._full(key)},
            )
