"""The one door to bytes at rest: a local folder or an S3 bucket, behind the same few verbs.

| verb                           | what it promises                                                |
|--------------------------------|-----------------------------------------------------------------|
| `list(prefix, after=)`         | every object, in key order, a page at a time                    |
| `folders(prefix)`              | names of the folders directly under a prefix                    |
| `stat(key)`, `exists(key)`     | None and False mean "it is not there", never "could not look"   |
| `open(key)`, `read(key)`       | a seekable stream that survives dropped connections; all bytes  |
| `write(key)`, `put(key, data)` | all or nothing: an exception leaves what was there before       |
| `copy_to(key, store, key)`     | the same promise, on the server where it can                    |
| `delete(key)`                  | gone afterwards, also if it was never there                     |
| `sweep(prefix, before=)`       | clears what killed writers left half done                       |
| `uri(key)`                     | the name a person can paste                                     |

Every failure is a `StoreError` that says where, what and whether a retry can help; a missing
object is its subclass `NotFoundError`. Stores are plain values: equal, hashable, and picklable,
so that they can cross to worker processes.
"""

from pathlib import Path

from trace_assets.errors import ConfigError
from trace_assets.printable import has_credentials
from trace_assets.store.folder import FolderStore
from trace_assets.store.objects import StoredObject
from trace_assets.store.s3 import S3Store

__all__ = ["FolderStore", "S3Store", "Store", "StoredObject", "store_at"]

Store = FolderStore | S3Store


def store_at(uri: str) -> Store:
    """Open the store that a setting names: a path, `file:///path` or `s3://bucket/prefix`.

    Nothing is reached or created yet; the endpoint and credentials of S3 are found the standard
    way of boto3 (`AWS_ENDPOINT_URL_S3`, `AWS_PROFILE` ...) when a verb first needs them.

    >>> store_at("s3://logs/agents/").uri("a.json")
    's3://logs/agents/a.json'

    Raises:
        ConfigError: the text names neither a folder nor an S3 bucket, or has credentials in it.
    """
    if has_credentials(uri):
        msg = (
            f"{uri!r} contains credentials, which would be stored and logged; leave them out and "
            "give them to boto3, by AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
        raise ConfigError(msg)
    scheme, separator, rest = uri.partition("://")
    if not separator and uri.strip():
        return FolderStore(Path(uri).expanduser())
    if scheme == "file" and rest.startswith("/"):
        return FolderStore(Path(rest))
    bucket, _, prefix = rest.partition("/")
    if scheme == "s3" and bucket:
        return S3Store(bucket, prefix.strip("/"))
    msg = f"{uri!r} is no place for data; expected a path, file:///path or s3://bucket/prefix"
    raise ConfigError(msg)
